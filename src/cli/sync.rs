//! `crmreco sync`

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap_complete::ArgValueCompleter;
use jiff::Timestamp;

use super::exit::Exit;
use super::progress::Reporter;
use super::sync_report::Report;
use super::{Context, names, selected, signals};
use crate::canonical::Table;
use crate::error::Result;
use crate::json::SyncAnswer;
use crate::registry::Registry;
use crate::stop::Stop;
use crate::store::ShrinkLimit;
use crate::sync::{self, Options, Outcome};

/// Sync connectors: read what is new, normalise it, load it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco sync isavigne_prod
  crmreco sync isavigne_prod --dry-run
  crmreco sync isavigne_prod --source sales_lines --full
  crmreco sync --all --quiet                  # for cron: only failures speak
  crmreco sync --all --json | jq '.[] | {connector_name, success}'")]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Args {
    /// Connectors to sync
    #[arg(required_unless_present = "all", conflicts_with = "all", add = ArgValueCompleter::new(names::candidates))]
    names: Vec<String>,

    /// Sync every connector
    #[arg(long)]
    all: bool,

    /// Load this table alone
    #[arg(long, value_name = "TABLE", value_parser = clap::builder::PossibleValuesParser::new(Table::ALL.map(Table::option_name)))]
    source: Option<String>,

    /// Read what changed since then, in place of what was read before: 2025-12-27T16:00:00 (local time) or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    last_sync: Option<Timestamp>,

    /// Read everything again
    #[arg(long)]
    full: bool,

    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Let a snapshot delete more than a fifth of a table
    #[arg(long)]
    allow_shrink: bool,

    /// Connectors synced at the same time
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,

    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

fn parse_since(text: &str) -> std::result::Result<Timestamp, String> {
    sync::parse_since(text).ok_or_else(|| {
        "expected 2025-12-27T16:00:00 (local time) or an RFC 3339 instant".to_owned()
    })
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let registry = context.registry()?;
    let names = selected(&args.names, args.all, &registry)?;
    let stop = Stop::default();
    signals::ask(&stop)?;
    let reporter = Reporter::new(args.quiet, context.has_log);
    let results = sync_all(args, context, &registry, &names, &reporter, &stop);
    reporter.clear();
    let report = Report {
        context,
        registry: &registry,
        has_several: names.len() > 1,
        is_dry_run: args.dry_run,
        is_quiet: args.quiet,
    };
    let mut exit = Exit::DONE;
    let mut answers = Vec::with_capacity(names.len());
    for (name, result) in names.iter().zip(results) {
        let answer = answer(args, &registry, name, &result);
        exit = exit.max(exit_of(&result));
        if !context.ui.is_json() {
            report.print(&answer, &result);
        }
        answers.push(answer);
    }
    if !context.ui.is_json() {
        report.print_summary(&answers);
    }
    match answers.as_slice() {
        _ if !context.ui.is_json() => {}
        [answer] if !args.all => context.ui.document(answer),
        answers => context.ui.document(&answers),
    }
    Ok(exit)
}

/// Syncs every connector, `--jobs` at a time; results are in the order of the names.
fn sync_all(
    args: &Args,
    context: &Context<'_>,
    registry: &Registry,
    names: &[String],
    reporter: &Reporter,
    stop: &Stop,
) -> Vec<Result<Outcome>> {
    let options = args.options();
    let home = &context.home;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(names.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(at) else { break };
            let progress = reporter.one();
            let result = stop
                .check()
                .and_then(|()| sync::sync(home, registry, name, &options, &progress, stop));
            drop(progress);
            results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..args.jobs.get().min(names.len()) {
            // If the system has no more threads, fewer connectors are synced at once.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn exit_of(result: &Result<Outcome>) -> Exit {
    match result {
        Err(error) => Exit::of(error),
        Ok(outcome) => match outcome.stopped_by {
            Some(signal) => Exit::signalled(signal),
            None if outcome.log.is_success() => Exit::DONE,
            None => Exit::FAILED,
        },
    }
}

fn answer(args: &Args, registry: &Registry, name: &str, result: &Result<Outcome>) -> SyncAnswer {
    match result {
        Ok(outcome) => {
            let answer = SyncAnswer::from(&outcome.log);
            SyncAnswer {
                run_id: answer.run_id.filter(|_| !args.dry_run),
                dry_run: args.dry_run,
                ..answer
            }
        }
        Err(error) => {
            error.log(Some(name));
            let kind = registry
                .get(name)
                .ok()
                .map(|registration| registration.kind.as_str());
            SyncAnswer::not_begun(name, kind, args.dry_run, &error.full_text())
        }
    }
}

impl Args {
    fn options(&self) -> Options {
        Options {
            table: self.source.as_deref().and_then(Table::parse),
            since: self.last_sync,
            full: self.full,
            dry_run: self.dry_run,
            shrink_limit: if self.allow_shrink {
                ShrinkLimit::Lifted
            } else {
                ShrinkLimit::Enforced
            },
            accepts_rejects: false,
        }
    }
}
