//! Reads corrected rows again.

use clap_complete::ArgValueCompleter;

use super::mend::acting;
use crate::cli::exit::Exit;
use crate::cli::progress::Reporter;
use crate::cli::{Context, names, signals, tables};
use crate::french::{Tone, plural};
use crate::json::{ReplayAnswer, SyncAnswer};
use crate::stop::Stop;
use crate::sync::Replayed;

/// Read corrected rows again
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// Connector whose rows to read
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Report what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn replay(args: &Replay, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let reporter = Reporter::new(false, context.has_log);
    let progress = reporter.one();
    let replayed = acting(context, &args.name, |actor| {
        actor.replay(args.dry_run, &progress, &stop)
    })?;
    drop(progress);
    reporter.clear();
    let registry = context.registry()?;
    let kind = registry.get(&args.name)?.kind.clone();
    let exit = exit_of(&replayed);
    if context.ui.is_json() {
        context.ui.document(&replay_answer(args, &kind, &replayed));
    } else {
        print_replay(args, context, &replayed);
    }
    Ok(exit)
}

fn exit_of(replayed: &Replayed) -> Exit {
    match &replayed.outcome {
        Some(outcome) => match outcome.stopped_by {
            Some(signal) => Exit::signalled(signal),
            None if outcome.log.is_success() => Exit::DONE,
            None => Exit::FAILED,
        },
        None => Exit::DONE,
    }
}

fn replay_answer(args: &Replay, kind: &str, replayed: &Replayed) -> ReplayAnswer {
    let sync = match &replayed.outcome {
        Some(outcome) => SyncAnswer::from(&outcome.log),
        None => SyncAnswer {
            success: true,
            ..SyncAnswer::not_begun(&args.name, Some(kind), args.dry_run, "Rien à rejouer")
        },
    };
    let count = |count| (!args.dry_run).then_some(count);
    ReplayAnswer {
        sync: SyncAnswer {
            run_id: sync.run_id.filter(|_| !args.dry_run),
            dry_run: args.dry_run,
            ..sync
        },
        replayed: count(replayed.replayed),
        still_rejected: count(replayed.still_rejected),
        unread: count(replayed.unread),
    }
}

fn print_replay(args: &Replay, context: &Context<'_>, replayed: &Replayed) {
    let ui = context.ui;
    let Some(outcome) = &replayed.outcome else {
        ui.line("Rien à rejouer : aucune correction n'attend.");
        return;
    };
    let answer = SyncAnswer::from(&outcome.log);
    if answer.records.filled().next().is_some() {
        ui.line(tables::records(ui, &answer.records));
    }
    for error in &answer.errors {
        ui.line(format!("{} {error}", ui.paint(Tone::Bad, "✗")));
    }
    if args.dry_run {
        ui.line("Essai à blanc : rien n'a été changé.");
        return;
    }
    let read = plural(replayed.replayed, "ligne rejouée", "lignes rejouées");
    ui.line(ui.paint(Tone::Good, &format!("✓ {read}")));
    if replayed.still_rejected > 0 {
        let still = plural(replayed.still_rejected, "encore rejetée", "encore rejetées");
        let next = format!("rejects {}", args.name);
        ui.line(format!("! {still} : {}", context.command(&next)));
    }
    if replayed.unread > 0 {
        let unread = plural(replayed.unread, "ligne attend", "lignes attendent");
        ui.line(format!(
            "! {unread} que le fichier qui les contenait revienne dans le dossier des exports"
        ));
    }
}
