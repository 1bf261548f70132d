//! `crmreco prune`

use jiff::Timestamp;

use super::exit::Exit;
use super::{Context, signals};
use crate::french::plural;
use crate::json::{PruneAnswer, local};
use crate::stop::Stop;
use crate::store::Pruned;
use crate::sync;

/// Delete history that is older than `CRMRECO_KEEP_DAYS`
///
/// Runs, their messages and rejected rows are deleted after 400 days, or after the days that `CRMRECO_KEEP_DAYS` gives in
/// the environment or in the .env file of the home folder. The newest run of each connector and its newest success stay.
/// The first successful sync of a day does the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco prune --dry-run                     # what would be deleted
  crmreco prune
  CRMRECO_KEEP_DAYS=90 crmreco prune")]
pub(super) struct Args {
    /// Count what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let registry = context.registry()?;
    let retention = registry.retention()?;
    let before = retention.before(Timestamp::now());
    let pruned = sync::prune(&context.home, &registry, args.dry_run, &stop)?;
    let message = summary(pruned, retention.days, args.dry_run);
    if context.ui.is_json() {
        context.ui.document(&PruneAnswer {
            success: true,
            message,
            dry_run: args.dry_run,
            keep_days: retention.days,
            before: local(before),
            runs: pruned.runs,
            messages: pruned.messages,
            rejects: pruned.rejects,
            cursors: pruned.cursors,
            closed: pruned.closed,
        });
    } else {
        context.ui.line(message);
    }
    Ok(Exit::DONE)
}

fn summary(pruned: Pruned, days: u32, dry_run: bool) -> String {
    let days = plural(days.into(), "jour", "jours");
    if pruned == Pruned::default() {
        return format!("Rien à effacer : tout a moins de {days}");
    }
    let parts = [
        (pruned.runs, "synchronisation", "synchronisations"),
        (pruned.messages, "message", "messages"),
        (pruned.rejects, "ligne rejetée", "lignes rejetées"),
        (
            pruned.closed,
            "ligne close de la boîte des rejets",
            "lignes closes de la boîte des rejets",
        ),
        (
            pruned.cursors,
            "fichier lu d'un connecteur retiré",
            "fichiers lus de connecteurs retirés",
        ),
    ];
    let parts = parts.iter().filter(|(count, _, _)| *count > 0);
    let parts: Vec<_> = parts
        .map(|(count, one, several)| plural(*count, one, several))
        .collect();
    let what = parts.join(", ");
    if dry_run {
        format!("Serait effacé, de plus de {days} : {what}")
    } else {
        format!("✓ Effacé, de plus de {days} : {what}")
    }
}
