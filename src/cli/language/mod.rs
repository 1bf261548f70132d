//! The language of help, usage errors and completions: French where the locale is French, else English. English comes
//! from the definitions of the commands, French from [`texts`].

mod help;
mod manual;
mod texts;
mod usage;

use std::ffi::OsString;

use clap::error::{Error, ErrorFormatter};
use clap::{Command, CommandFactory, FromArgMatches};

pub(super) use self::manual::write_manual;
use self::usage::FrenchErrors;
pub(super) use self::usage::WrongUsage;
use super::{Cli, ui::Ui};
use crate::json::FailureAnswer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    French,
}

impl Language {
    /// The language of the user's locale. `LC_ALL=C` is English whatever `LANGUAGE` holds, as in other programs.
    fn of_user() -> Self {
        let is_neutral = std::env::var("LC_ALL")
            .is_ok_and(|locale| locale == "C" || locale.starts_with("C.") || locale == "POSIX");
        Self::of_locale(sys_locale::get_locale().filter(|_| !is_neutral).as_deref())
    }

    /// The language of a locale such as `fr-FR`.
    fn of_locale(locale: Option<&str>) -> Self {
        let language = locale.and_then(|locale| locale.split('-').next());
        if language.is_some_and(|language| language.eq_ignore_ascii_case("fr")) {
            Self::French
        } else {
            Self::English
        }
    }

    fn command(self) -> Command {
        match self {
            Self::English => Cli::command(),
            Self::French => help::in_french(Cli::command()),
        }
    }
}

/// The command line, in the user's language.
pub fn command() -> Command {
    Language::of_user().command()
}

/// Parses the arguments of the process. A wrong command line and a call for help are printed in the user's language;
/// the exit status is the error.
pub fn parse() -> Result<Cli, u8> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    let language = Language::of_user();
    let mut command = language.command();
    let matches = command.try_get_matches_from_mut(arguments);
    let parsed = matches.and_then(|mut matches| {
        Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    });
    parsed.map_err(|error| {
        let error = usage::with_suggestion(error);
        match language {
            Language::English => refuse(&error, wants_json),
            Language::French => refuse(&error.apply::<FrenchErrors>(), wants_json),
        }
    })
}

/// Prints that a command does not accept its command line, in the user's language, and returns the exit status.
pub(super) fn refuse_usage(wrong: &WrongUsage, wants_json: bool) -> u8 {
    let language = Language::of_user();
    let mut command = language.command();
    command.build();
    match language {
        Language::English => refuse(&wrong.in_english(&mut command), wants_json),
        Language::French => refuse(&wrong.in_french(&mut command), wants_json),
    }
}

/// Prints a command line error, or the requested help, and returns the exit status. `wants_json`: an error is printed
/// as JSON.
fn refuse<F: ErrorFormatter>(error: &Error<F>, wants_json: bool) -> u8 {
    if wants_json && error.use_stderr() {
        let ui = Ui::new(true);
        ui.document(&FailureAnswer {
            success: false,
            message: error.to_string(),
            connector_name: None,
        });
        ui.finish();
    } else {
        // A failure to print cannot be reported either.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_part_of_the_locale() {
        for (locale, language) in [
            (Some("fr-FR"), Language::French),
            (Some("fr"), Language::French),
            (Some("fr-CA"), Language::French),
            (Some("FR-fr"), Language::French),
            (Some("frr-DE"), Language::English),
            (Some("en-GB"), Language::English),
            (Some("C"), Language::English),
            (None, Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale:?}");
        }
    }
}
