//! `crmreco restore`

use std::path::PathBuf;

use super::exit::Exit;
use super::{Context, prompt, shell_path, signals};
use crate::backup::{self, Manifest, Restoration, Restored, SettingsFate, Sums, Verified, verify};
use crate::error::{Error, Result};
use crate::french::{self, listed, plural};
use crate::json::{RestoreAnswer, local};
use crate::stop::Stop;
use crate::stopwatch::Stopwatch;

/// Put a backup back in the place of the database
///
/// The backup is verified first, migrated where an older version made it, and put in place in one step. The database that
/// was there stays beside it as crmreco.db.before-INSTANT. Settings of the home stay; a home without any is given those of
/// the backup. Customers who were erased since the backup are erased again. Refused while a connector is synced.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco restore backups/crmreco-2025-12-27T01-15-00Z.tar.zst --dry-run
  crmreco restore backups/crmreco-2025-12-27T01-15-00Z.tar.zst        # asks first
  crmreco --home /srv/crmreco restore /mnt/nas/crmreco-2025-12-27T01-15-00Z.tar.zst --yes")]
pub(super) struct Args {
    /// Backup to restore
    file: PathBuf,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    /// Verify the backup, say what would be replaced, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let watch = Stopwatch::start();
    backup::require_file(&context.home)?;
    if args.dry_run {
        return rehearse(args, context, (&watch, &stop));
    }
    let registry = context.registry()?;
    let restoration = Restoration::prepare(&args.file, &context.home, &registry, &stop)?;
    if restoration.replaces() && !args.yes && !confirmed(restoration.verified(), context)? {
        context.ui.line("Rien n'a été changé.");
        return Ok(Exit::DONE);
    }
    let bytes = restoration.verified().bytes;
    let restored = restoration.restore(&stop)?;
    let (manifest, sums) = (&restored.manifest, &restored.sums);
    let message = format!("Base restaurée : {}", described(manifest, sums));
    let remarks = remarks(&restored, context);
    if context.ui.is_json() {
        for remark in &remarks {
            context.caution(remark);
        }
        let backup = (args.file.display().to_string(), bytes, manifest, sums);
        let answer = RestoreAnswer::of(message, backup, Some(&restored), watch.seconds());
        context.ui.document(&answer);
        return Ok(Exit::DONE);
    }
    context.ui.line(format!("✓ {message}"));
    for remark in remarks {
        context.ui.line(format!("  {remark}"));
    }
    Ok(Exit::DONE)
}

fn rehearse(
    args: &Args,
    context: &Context<'_>,
    (watch, stop): (&Stopwatch, &Stop),
) -> anyhow::Result<Exit> {
    let verified = verify(&args.file, &context.home, stop)?;
    let (manifest, sums) = (&verified.manifest, &verified.sums);
    let database = context.home.database();
    let what = if database.exists() {
        format!("remplacerait {}", database.display())
    } else {
        format!("deviendrait {}", database.display())
    };
    let message = format!(
        "Sauvegarde saine : {}. Elle {what}",
        described(manifest, sums)
    );
    if context.ui.is_json() {
        let file = args.file.display().to_string();
        let backup = (file, verified.bytes, manifest, sums);
        let answer = RestoreAnswer::of(message, backup, None, watch.seconds());
        context.ui.document(&answer);
    } else {
        context.ui.line(format!("✓ {message}"));
    }
    Ok(Exit::DONE)
}

/// `l'état du 27/12/2025 02:15, 5 853 lignes`.
fn described(manifest: &Manifest, sums: &Sums) -> String {
    format!(
        "l'état du {}, {}",
        french::instant(&local(manifest.created_at)),
        plural(sums.rows(), "ligne", "lignes")
    )
}

fn confirmed(verified: &Verified, context: &Context<'_>) -> Result<bool> {
    if !context.ui.can_ask() {
        return Err(Error::config(
            "La sauvegarde est saine, mais rien n'a été restauré : personne n'a confirmé",
        )
        .hint("Ajoutez --yes"));
    }
    let what = described(&verified.manifest, &verified.sums);
    prompt::confirm(&format!("Remplacer la base par {what} ?"))
}

fn remarks(restored: &Restored, context: &Context<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(before) = &restored.before {
        remarks.push(format!(
            "La base d'avant est gardée : {}. Elle ne sert plus à crmreco ; effacez-la quand tout va bien : rm {}",
            before.display(),
            shell_path(before)
        ));
    }
    if restored.erased_again > 0 {
        remarks.push(plural(
            restored.erased_again,
            "client effacé depuis cette sauvegarde l'est de nouveau",
            "clients effacés depuis cette sauvegarde le sont de nouveau",
        ));
    }
    if restored.was_damaged {
        remarks.push(
            "La base d'avant ne s'ouvrait plus : effacez de nouveau les clients qui l'avaient demandé depuis cette sauvegarde"
                .to_owned(),
        );
    }
    match &restored.settings {
        SettingsFate::Kept => {}
        SettingsFate::None => remarks.push("La sauvegarde n'a pas de réglages".to_owned()),
        SettingsFate::Failed(why) => {
            remarks.push(format!("Les réglages n'ont pas pu être écrits : {why}"));
        }
        SettingsFate::Restored(masked) if masked.is_empty() => {
            remarks.push("Les réglages sont ceux de la sauvegarde".to_owned());
        }
        SettingsFate::Restored(masked) => {
            remarks.push(format!(
                "Les réglages sont ceux de la sauvegarde, sans la valeur de {} : redonnez-les",
                listed(masked)
            ));
            let keys = masked.iter().filter_map(|name| key_of(name));
            let commands = keys.map(|name| format!("set {name} --api-key-stdin < cle.txt"));
            remarks.extend(commands.map(|command| context.command(&command)));
        }
    }
    remarks
}

/// The connector whose API key `variable` is.
fn key_of(variable: &str) -> Option<String> {
    let name = variable.strip_prefix("CRMRECO_CONNECTOR__")?;
    Some(name.strip_suffix("__API_KEY")?.to_lowercase())
}
