//! Errors of the command line: in French, and with suggestions for French words.

use std::fmt::Write as _;

use clap::Command;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorFormatter, ErrorKind};

/// French words that people try as commands, and the command they want.
const WORDS: &[(&str, &str)] = &[
    ("aide", "help"),
    ("ajout", "add"),
    ("ajouter", "add"),
    ("état", "status"),
    ("etat", "status"),
    ("historique", "logs"),
    ("journal", "logs"),
    ("liste", "list"),
    ("lister", "list"),
    ("montrer", "show"),
    ("nettoyer", "prune"),
    ("purger", "prune"),
    ("diagnostic", "doctor"),
    ("effacer", "erase"),
    ("exporter", "export"),
    ("requête", "query"),
    ("requete", "query"),
    ("changer", "set"),
    ("modifier", "set"),
    ("régler", "set"),
    ("deplacer", "move"),
    ("déplacer", "move"),
    ("renommer", "rename"),
    ("restaurer", "restore"),
    ("retirer", "remove"),
    ("sauvegarde", "backup"),
    ("sauvegarder", "backup"),
    ("servir", "serve"),
    ("statut", "status"),
    ("supprimer", "remove"),
    ("synchro", "sync"),
    ("synchroniser", "sync"),
    ("tester", "test"),
    ("voir", "show"),
];

/// What our own parsers of values say, in French.
const REASONS: &[(&str, &str)] = &[
    (
        "expected 2025-12-27T16:00:00 (local time) or an RFC 3339 instant",
        "écrivez 2025-12-27T16:00:00 (heure locale) ou un instant RFC 3339",
    ),
    (
        "expected an age such as 90m, 26h or 2d",
        "écrivez une durée comme 90m, 26h ou 2d",
    ),
    (
        "an age cannot be negative",
        "une durée ne peut pas être négative",
    ),
    (
        "expected a name alone, such as crm.domaine.example",
        "écrivez un nom seul, comme crm.domaine.example",
    ),
];

/// Adds the command that a French word stands for.
pub(super) fn with_suggestion(mut error: Error) -> Error {
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed)) => typed.to_lowercase(),
        _ => return error,
    };
    if let Some((_, command)) = WORDS.iter().find(|(word, _)| *word == typed) {
        error.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::Strings(vec![(*command).to_owned()]),
        );
    }
    error
}

/// A command line that the parser accepts and the command does not.
#[derive(Debug, thiserror::Error)]
#[error("{english}")]
pub(in crate::cli) struct WrongUsage {
    /// Name of the command.
    command: &'static str,
    kind: ErrorKind,
    english: String,
    french: String,
}

impl WrongUsage {
    /// What is wrong with the command line of `command`, in both languages.
    pub(in crate::cli) fn new(
        command: &'static str,
        kind: ErrorKind,
        english: impl Into<String>,
        french: impl Into<String>,
    ) -> Self {
        Self {
            command,
            kind,
            english: english.into(),
            french: french.into(),
        }
    }

    /// The error of the parser that says so in English. `program` is built.
    pub(super) fn in_english(&self, program: &mut Command) -> Error {
        match program.find_subcommand_mut(self.command) {
            Some(command) => command.error(self.kind, &self.english),
            None => program.error(self.kind, &self.english),
        }
    }

    /// The same in French.
    pub(super) fn in_french(&self, program: &mut Command) -> Error<FrenchErrors> {
        let mut error = Error::new(self.kind);
        error.insert(
            ContextKind::Custom,
            ContextValue::String(self.french.clone()),
        );
        if let Some(command) = program.find_subcommand_mut(self.command) {
            error.insert(
                ContextKind::Usage,
                ContextValue::StyledStr(command.render_usage()),
            );
            error = error.with_cmd(command);
        }
        error
    }
}

/// Words errors of the command line in French.
pub(super) struct FrenchErrors;

impl ErrorFormatter for FrenchErrors {
    fn format_error(error: &Error<Self>) -> StyledStr {
        let mut text = format!("erreur\u{a0}: {}\n", what(error));
        for (kind, noun) in [
            (ContextKind::SuggestedSubcommand, "la commande"),
            (ContextKind::SuggestedArg, "l'option"),
            (ContextKind::SuggestedValue, "la valeur"),
        ] {
            let near = texts(error, kind);
            if !near.is_empty() {
                let _ = write!(
                    text,
                    "\n  Vouliez-vous dire {noun} {}\u{a0}?\n",
                    quoted(&near, " ou ")
                );
            }
        }
        if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
            let usage = usage.to_string().replace("Usage:", "Usage\u{a0}:");
            let _ = write!(text, "\n{}\n", usage.trim_end());
        }
        text += "\nPour en savoir plus, ajoutez --help.\n";
        StyledStr::from(text)
    }
}

/// What is wrong, as a sentence without a full stop.
fn what(error: &Error<FrenchErrors>) -> String {
    if let [own] = texts(error, ContextKind::Custom).as_slice() {
        return (*own).to_owned();
    }
    let argument = quoted(&texts(error, ContextKind::InvalidArg), ", ");
    let value = quoted(&texts(error, ContextKind::InvalidValue), ", ");
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let command = quoted(&texts(error, ContextKind::InvalidSubcommand), ", ");
            format!("la commande {command} n'existe pas")
        }
        ErrorKind::MissingSubcommand => "il manque une commande".to_owned(),
        ErrorKind::UnknownArgument => format!("l'argument {argument} n'existe pas ici"),
        ErrorKind::MissingRequiredArgument => format!("il manque {argument}"),
        ErrorKind::ArgumentConflict => conflict(error, &argument),
        ErrorKind::InvalidValue if texts(error, ContextKind::InvalidValue).concat().is_empty() => {
            format!("il manque la valeur de {argument}{}", choices(error))
        }
        ErrorKind::InvalidValue => {
            format!(
                "la valeur {value} ne convient pas à {argument}{}",
                choices(error)
            )
        }
        ErrorKind::ValueValidation => {
            format!(
                "la valeur {value} ne convient pas à {argument}{}",
                reason(error)
            )
        }
        ErrorKind::TooManyValues => format!("la valeur {value} est de trop pour {argument}"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument} n'a pas le bon nombre de valeurs")
        }
        ErrorKind::NoEquals => format!("il manque le signe = après {argument}"),
        ErrorKind::InvalidUtf8 => "un argument n'est pas de l'UTF-8".to_owned(),
        _ => "la ligne de commande n'est pas comprise".to_owned(),
    }
}

fn conflict(error: &Error<FrenchErrors>, argument: &str) -> String {
    let others = texts(error, ContextKind::PriorArg);
    let others = quoted(&others, ", ");
    if others == argument {
        return format!("{argument} est donné deux fois");
    }
    if others.is_empty() {
        return format!("{argument} ne va pas avec d'autres arguments donnés");
    }
    format!("{argument} ne va pas avec {others}")
}

/// The accepted values, in brackets.
fn choices(error: &Error<FrenchErrors>) -> String {
    match texts(error, ContextKind::ValidValue).as_slice() {
        [] => String::new(),
        values => format!("\n  [valeurs\u{a0}: {}]", values.join(", ")),
    }
}

/// Why a value was refused.
fn reason(error: &Error<FrenchErrors>) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let source = source.unwrap_or_default();
    let known = REASONS.iter().find(|(english, _)| *english == source);
    match known {
        Some((_, french)) => format!("\u{a0}: {french}"),
        // Numbers and addresses: the standard library explains them in English.
        None => String::new(),
    }
}

fn texts(error: &Error<FrenchErrors>, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn quoted(texts: &[&str], separator: &str) -> String {
    let quoted: Vec<String> = texts
        .iter()
        .map(|text| format!("«\u{a0}{text}\u{a0}»"))
        .collect();
    quoted.join(separator)
}
