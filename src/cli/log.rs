//! The log of the library's events, on standard error. Off by default: users read results, and the history keeps the
//! rest.

use std::fmt;
use std::io;

use clap::ArgAction;
use jiff::Zoned;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

use super::GLOBAL;
use crate::error::{Error, Result};

/// Variable with the level (`debug`), or levels by module (`warn,crmreco::store=debug`).
const LEVELS: &str = "CRMRECO_LOG";

/// Variable with the format of the log.
const FORM: &str = "CRMRECO_LOG_FORMAT";

/// Target of our own events; events of dependencies are not logged.
const OURS: &str = env!("CARGO_CRATE_NAME");

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(
        short,
        long,
        global = true,
        action = ArgAction::Count,
        help_heading = GLOBAL,
        help = "Log what is done on standard error, and show how long it took; -vv: in detail [env: CRMRECO_LOG]"
    )]
    pub(super) verbose: u8,

    #[arg(
        long,
        global = true,
        value_name = "FORM",
        help_heading = GLOBAL,
        help = "Form of the log [env: CRMRECO_LOG_FORMAT] [default: text]"
    )]
    log_format: Option<Form>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// One line an event, for people
    Text,
    /// One JSON document an event, on one line
    Json,
}

impl Args {
    /// Starts the log, once per process, if it was requested; returns whether it was. `variable` reads environment
    /// variables. The command line wins over them.
    pub(super) fn start(&self, variable: impl Fn(&str) -> Option<String>) -> Result<bool> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let form = match (self.log_format, set(FORM)) {
            (Some(form), _) => form,
            (None, Some(text)) => form(&text)?,
            (None, None) => Form::Text,
        };
        let levels = match (self.verbose, set(LEVELS)) {
            (0, Some(text)) => levels(&text)?,
            (0, None) => return Ok(false),
            (verbose, _) => Targets::new().with_target(OURS, level(verbose)),
        };
        if levels.iter().all(|(_, level)| level == LevelFilter::OFF) {
            return Ok(false);
        }
        listen(form, levels);
        Ok(true)
    }
}

/// The level for `-v`, `-vv`, and more.
fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

fn form(text: &str) -> Result<Form> {
    clap::ValueEnum::from_str(text.trim(), true).map_err(|_| {
        Error::config(format!("{FORM} « {text} » n'est pas une forme de journal"))
            .hint("text ou json")
    })
}

fn levels(text: &str) -> Result<Targets> {
    let mut levels = Targets::new();
    for word in text.split(',') {
        let (part, level) = word.split_once('=').unwrap_or((OURS, word));
        let (part, level) = (part.trim(), level.trim());
        let is_ours = part == OURS || part.starts_with(concat!(env!("CARGO_CRATE_NAME"), "::"));
        // `tracing` accepts numbers and empty texts as levels; here they are mistakes.
        let named = level.starts_with(|first: char| first.is_ascii_alphabetic());
        match level.parse::<LevelFilter>() {
            Ok(level) if is_ours && named => levels = levels.with_target(part, level),
            _ => return Err(not_understood(text)),
        }
    }
    Ok(levels)
}

fn not_understood(text: &str) -> Error {
    Error::config(format!("{LEVELS} « {text} » n'est pas compris")).hint(
        "Un niveau (off, error, warn, info, debug, trace), ou des niveaux par partie du programme : warn,crmreco::store=debug",
    )
}

/// Installs the subscriber for the process. An existing one stays.
fn listen(form: Form, levels: Targets) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_timer(LocalTime)
        // A closed standard error must not fail the command.
        .log_internal_errors(false);
    let lines = match form {
        Form::Text => lines.with_ansi(false).boxed(),
        Form::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    let subscriber = Registry::default().with(lines.with_filter(levels));
    // Fails only in a test that runs two commands in one process.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// RFC 3339 in local time with offset, to the millisecond.
struct LocalTime;

impl FormatTime for LocalTime {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        write!(out, "{}", Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.3f%:z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_off_is_none() {
        let args = Args {
            verbose: 0,
            log_format: None,
        };
        for (name, value, expected) in [
            (LEVELS, "off", Some(false)),
            (LEVELS, "off,crmreco::store=off", Some(false)),
            (LEVELS, " ", Some(false)),
            (LEVELS, "on", None),
            (FORM, "json", Some(false)),
            (FORM, "xml", None),
        ] {
            let started = args.start(|asked| (asked == name).then(|| value.to_owned()));
            assert_eq!(started.ok(), expected, "{name}={value}");
        }
    }

    #[test]
    fn levels_are_words_for_all_or_by_part() {
        for good in [
            "info",
            "DEBUG",
            "off",
            " warn , crmreco::store=debug",
            "crmreco=trace",
        ] {
            assert!(levels(good).is_ok(), "{good}");
        }
        for bad in [
            "blah",
            "4",
            "info,",
            "ureq=debug",
            "crmrecoo=debug",
            "crmreco::store",
            "crmreco::store=",
            "info;debug",
        ] {
            assert!(levels(bad).is_err(), "{bad}");
        }
    }
}
