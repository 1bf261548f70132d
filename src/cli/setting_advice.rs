//! The command that changes a setting, for messages that name one.
//!
//! Messages of the library name settings by key, because the history and the pages show them too. A terminal adds the
//! command to type.

use super::ui::Ui;
use super::{command_line, environment, shell_word};
use crate::connectors::{ConnectorKind, FlagValue, SettingSpec};
use crate::error::{Advice, Error};
use crate::home::Home;
use crate::registry::{Registration, Registry};

/// What stands for the value that the message does not give.
const ANY: &str = "…";

/// Settings that a text names in order to have them changed; one with more lists what there is.
const MOST_NAMED: usize = 4;

/// The commands that change the settings that `texts` name, one a setting, for connector `registration`.
pub(super) fn commands<'t>(
    home: &Home,
    registration: &Registration,
    texts: impl IntoIterator<Item = &'t str>,
) -> Vec<String> {
    let Ok(kind) = ConnectorKind::named(&registration.kind) else {
        return Vec::new();
    };
    let mut changes: Vec<(&str, Change<'_>)> = Vec::new();
    let named = texts
        .into_iter()
        .map(|text| named(kind, registration, text));
    for named in named.filter(|named| named.len() <= MOST_NAMED) {
        for (key, change) in named {
            match changes.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) if *known == Change::To(ANY) => *known = change,
                Some(_) => {}
                None => changes.push((key, change)),
            }
        }
    }
    let commands = changes.into_iter().map(|(key, change)| {
        let change = match change {
            Change::To(value) => shell_word(&format!("{key}={value}")).into_owned(),
            Change::FromStandardInput(flag) => format!("--{flag} < cle.txt"),
        };
        command_line(Some(home), &format!("set {} {change}", registration.name))
    });
    commands.collect()
}

/// Prints the commands after the error of a command about connector `name`.
pub(super) fn after_error(ui: &Ui, home: &Home, name: &str, error: &Error) {
    let Ok(registry) = Registry::read(home, environment()) else {
        return;
    };
    let Ok(registration) = registry.get(name) else {
        return;
    };
    let mut texts = vec![error.to_string()];
    texts.extend(error.advice().iter().map(Advice::to_string));
    for command in commands(home, registration, texts.iter().map(String::as_str)) {
        ui.remark(format!("  → Pour changer ce réglage : {command}"));
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Change<'t> {
    To(&'t str),
    /// A secret, by this flag.
    FromStandardInput(&'static str),
}

/// The settings of `kind` that `text` names, each with the value that it gives or suggests.
fn named<'t>(
    kind: &'t ConnectorKind,
    registration: &Registration,
    text: &'t str,
) -> Vec<(&'t str, Change<'t>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(is_of_key) {
        let (_, from) = rest.split_at(begin);
        let end = from.find(|sign| !is_of_key(sign)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        rest = after;
        let spec = kind.settings.iter().find(|spec| spec.key == word);
        let mut open = kind.open_prefixes.iter();
        if spec.is_none() && !open.any(|prefix| word.starts_with(prefix)) {
            continue;
        }
        let change = match spec.and_then(secret_flag) {
            Some(flag) => Change::FromStandardInput(flag),
            None => Change::To(
                value_after(after)
                    .filter(|value| today(registration, spec, word) != Some(*value))
                    .unwrap_or(ANY),
            ),
        };
        found.push((word, change));
    }
    found
}

/// The value of setting `key` of a connector, or its default.
fn today<'r>(
    registration: &'r Registration,
    spec: Option<&SettingSpec>,
    key: &str,
) -> Option<&'r str> {
    let written = registration.settings.get(key).map(String::as_str);
    written.or_else(|| spec.and_then(|spec| spec.default))
}

fn is_of_key(sign: char) -> bool {
    sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_'
}

fn secret_flag(spec: &SettingSpec) -> Option<&'static str> {
    let flag = spec.flag.as_ref().filter(|_| spec.is_secret)?;
    (flag.value == FlagValue::StandardInput).then_some(flag.name)
}

/// The value of `=value` or `="a value"` at the start of `text`.
fn value_after(text: &str) -> Option<&str> {
    let value = text.strip_prefix('=')?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value
            .split(|sign: char| sign.is_whitespace() || ";,)".contains(sign))
            .next()?,
    };
    (!value.is_empty()).then_some(value.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::Settings;

    fn set(kind: &str, texts: &[&str]) -> Vec<String> {
        let mut settings = Settings::default();
        settings.insert("FILE_PATTERN".to_owned(), "*.csv".to_owned());
        let registration = Registration {
            name: "cave".to_owned(),
            kind: kind.to_owned(),
            settings,
        };
        let home = Home::at("/h");
        let commands = commands(&home, &registration, texts.iter().copied());
        let after = |command: String| command.split_once("set ").unwrap().1.to_owned();
        commands.into_iter().map(after).collect()
    }

    #[test]
    fn each_setting_is_named_once_with_the_value_that_the_message_suggests() {
        for (text, expected) in [
            (
                "Vérifiez le réglage ENCODING (ou SHEET).",
                &["cave ENCODING=…", "cave SHEET=…"][..],
            ),
            (
                "laissé de côté par FILE_PATTERN=*.csv : a.xlsx ; FILE_PATTERN=* les lirait",
                &["cave 'FILE_PATTERN=*'"],
            ),
            (
                "Par exemple COLUMN__CUSTOMERS__CUSTOMER_KEY=\"Code d'or\"",
                &["cave 'COLUMN__CUSTOMERS__CUSTOMER_KEY=Code d'\\''or'"],
            ),
            ("ENCODINGS, XENCODING et URL ne sont pas des réglages", &[]),
            ("DELIMITER, puis DELIMITER=tab.", &["cave DELIMITER=tab"]),
            (
                "Réglages : ENCODING, DELIMITER, SHEET, CASE_SIZE, MAX_REJECTS",
                &[],
            ),
        ] {
            assert_eq!(set("isavigne", &[text]), expected, "{text}");
        }
        assert_eq!(
            set(
                "odoo",
                &[
                    "URL « x » n'est pas une adresse",
                    "API_KEY est refusée",
                    "URL"
                ]
            ),
            ["cave URL=…", "cave --api-key-stdin < cle.txt"]
        );
        assert!(set("autre", &["ENCODING"]).is_empty());
    }
}
