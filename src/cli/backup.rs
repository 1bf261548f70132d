//! `crmreco backup`

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

use super::exit::Exit;
use super::language::WrongUsage;
use super::{Context, signals};
use crate::backup::{self, Destination, Request, Taken};
use crate::french::{self, plural};
use crate::json::{BackupAnswer, VerifyAnswer, local};
use crate::stop::Stop;
use crate::stopwatch::Stopwatch;

/// Back up the database and its settings into one file, while syncs run
///
/// The file holds the database as it is at one instant, checked, the settings without their secrets, and a manifest with the
/// rows and a checksum of each table. It goes to the folder backups of the home, or to DIR, which must exist. The newest 30
/// backups of this home stay; those of other homes are never deleted.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  crmreco backup
  crmreco backup --to /mnt/nas/crmreco --keep 10
  crmreco backup --to - | ssh nas 'cat > crmreco.tar.zst'
  crmreco backup verify --latest"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Folder of the backup, or - for standard output
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,

    /// Number of backups that are kept
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    keep: u32,

    /// Keep API keys and tokens in the settings of the backup
    #[arg(long)]
    with_secrets: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(VerifyArgs),
}

/// Check that a backup is whole, without restoring it
///
/// Reads it to its end: its checksums, the database as SQLite checks it, the rows and the checksum of each table. Exit
/// status 1 when something is wrong.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco backup verify --latest
  crmreco backup verify /mnt/nas/crmreco/crmreco-2025-12-27T01-15-00Z.tar.zst")]
struct VerifyArgs {
    /// Backup to check
    #[arg(required_unless_present = "latest", conflicts_with = "latest")]
    file: Option<PathBuf>,

    /// Check the newest backup, in the folder of the last one
    #[arg(long)]
    latest: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    give_way();
    match &args.command {
        Some(Command::Verify(args)) => verify(args, context, &stop),
        None => take(args, context, &stop),
    }
}

/// A sync beside it is hardly slowed.
fn give_way() {
    #[cfg(unix)]
    {
        // Without it, a sync is slower: no reason to fail.
        let _ = rustix::process::nice(19);
    }
}

fn take(args: &Args, context: &Context<'_>, stop: &Stop) -> anyhow::Result<Exit> {
    let watch = Stopwatch::start();
    let mut stdout = io::stdout();
    let is_stream = args.to.as_deref() == Some(Path::new("-"));
    let to = if is_stream {
        require_pipe(context)?;
        Destination::Stream(&mut stdout)
    } else {
        let folder = args.to.clone();
        let folder = folder.unwrap_or_else(|| backup::default_folder(&context.home));
        Destination::Folder(folder, usize::try_from(args.keep).unwrap_or(usize::MAX))
    };
    let request = Request {
        home: &context.home,
        to,
        with_secrets: args.with_secrets,
    };
    let taken = backup::take(request, stop)?;
    let message = summary(&taken);
    if is_stream {
        context.ui.remark(format!("✓ {message}"));
    } else if context.ui.is_json() {
        context
            .ui
            .document(&BackupAnswer::of(message, &taken, watch.seconds()));
    } else {
        context.ui.line(format!("✓ {message}"));
        for line in remarks(&taken) {
            context.ui.line(format!("  {line}"));
        }
    }
    Ok(Exit::DONE)
}

/// An archive on standard output leaves no place for anything else.
fn require_pipe(context: &Context<'_>) -> anyhow::Result<()> {
    let wrong =
        |kind, english: &str, french: &str| WrongUsage::new("backup", kind, english, french);
    if context.ui.is_json() {
        return Err(wrong(
            ErrorKind::ArgumentConflict,
            "--json prints the result of a backup to a folder: give --to DIR",
            "--json écrit le résultat d'une sauvegarde dans un dossier : donnez --to DOSSIER",
        )
        .into());
    }
    if io::stdout().is_terminal() {
        return Err(wrong(
            ErrorKind::MissingRequiredArgument,
            "a backup is no text for a terminal: give --to DIR, or redirect it",
            "une sauvegarde ne s'affiche pas sur un terminal : donnez --to DOSSIER, ou redirigez-la",
        )
        .into());
    }
    Ok(())
}

fn summary(taken: &Taken) -> String {
    let rows = plural(taken.sums.rows(), "ligne", "lignes");
    let bytes = french::bytes(taken.bytes);
    match &taken.file {
        Some(file) => format!("Sauvegarde faite : {} ({bytes}, {rows})", file.display()),
        None => format!("Sauvegarde écrite sur la sortie standard ({bytes}, {rows})"),
    }
}

fn remarks(taken: &Taken) -> Vec<String> {
    let mut remarks = Vec::new();
    let masked = &taken.manifest.masked;
    if taken.manifest.has_secrets {
        remarks.push(
            "Elle contient clés et jetons en clair : rangez-la là où vous seul pouvez la lire"
                .to_owned(),
        );
    } else if !masked.is_empty() {
        let count = plural(masked.len() as u64, "réglage", "réglages");
        remarks.push(format!(
            "Sans la valeur de {count} : {} (--with-secrets les garde)",
            masked.join(", ")
        ));
    }
    if !taken.removed.is_empty() {
        let count = taken.removed.len() as u64;
        remarks.push(plural(
            count,
            "sauvegarde plus ancienne effacée",
            "sauvegardes plus anciennes effacées",
        ));
    }
    remarks
}

fn verify(args: &VerifyArgs, context: &Context<'_>, stop: &Stop) -> anyhow::Result<Exit> {
    let watch = Stopwatch::start();
    let file = match &args.file {
        Some(file) => file.clone(),
        None => backup::newest(&context.home)?,
    };
    let verified = backup::verify(&file, &context.home, stop)?;
    let shown = file.display().to_string();
    let message = format!(
        "Sauvegarde saine : {shown}, du {}, {}",
        french::instant(&local(verified.manifest.created_at)),
        plural(verified.sums.rows(), "ligne", "lignes")
    );
    if context.ui.is_json() {
        let answer = VerifyAnswer::of(message, shown, &verified, watch.seconds());
        context.ui.document(&answer);
    } else {
        context.ui.line(format!("✓ {message}"));
    }
    Ok(Exit::DONE)
}
