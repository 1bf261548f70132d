//! Settings in messages. The history and the library name them by key, people know them by their labels in the form.

use crate::connectors::{FormField, Input, KINDS};
use crate::french;

/// A message as pages say it: settings by their labels, and spaces that do not break.
pub(super) fn said(text: &str) -> String {
    french::with_no_break_spaces(&with_labels(text))
}

/// What stands before the key of a setting in a message.
const BEFORE: &str = "réglage ";

/// `text` with `réglage SALES_KEY` as `réglage « Numéros des ventes »`, and a value given with it by its label.
fn with_labels(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEFORE) {
        said.push_str(before);
        said.push_str(BEFORE);
        let is_of_key = |one: char| one.is_ascii_uppercase() || one == '_';
        let end = after.find(|one| !is_of_key(one)).unwrap_or(after.len());
        let (key, after_key) = after.split_at(end);
        rest = match field(key) {
            None => after,
            Some(field) => {
                said.push_str("« ");
                said.push_str(field.label);
                said.push_str(" »");
                with_value(&mut said, field, after_key)
            }
        };
    }
    said.push_str(rest);
    said
}

/// Adds the label of a value such as `=period`; returns the text after it.
fn with_value<'t>(said: &mut String, field: &FormField, text: &'t str) -> &'t str {
    let Some(value) = text.strip_prefix('=') else {
        return text;
    };
    said.push_str(" sur « ");
    let end = value.find([',', ' ', ')', ';']).unwrap_or(value.len());
    // A full stop ends the sentence, not the value.
    let (value, rest) = value.split_at(
        value
            .get(..end)
            .unwrap_or_default()
            .trim_end_matches('.')
            .len(),
    );
    let label = match field.input {
        Input::Choice(choices) => choices.iter().find(|(code, _)| *code == value),
        _ => None,
    };
    said.push_str(label.map_or(value, |(_, label)| label));
    said.push_str(" »");
    rest
}

/// The field of the setting called `key`, of whichever type of connector.
fn field(key: &str) -> Option<&'static FormField> {
    let mut specs = KINDS.iter().flat_map(|kind| kind.settings);
    specs.find(|spec| spec.key == key)?.field.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_called_by_their_labels() {
        for (text, said) in [
            (
                "numéro réutilisé ? réglage SALES_KEY",
                "numéro réutilisé ? réglage « Numéros des ventes »",
            ),
            (
                "le réglage DB ; et le réglage SHEET.",
                "le réglage « Base de données » ; et le réglage « Feuille des classeurs ».",
            ),
            (
                "réglage SALES_FILES=period, ou full",
                "réglage « Contenu des exports de ventes » sur « Toutes les ventes de sa première à sa dernière date », ou full",
            ),
            (
                "réglage ENCODING=klingon.",
                "réglage « Encodage » sur « klingon ».",
            ),
            ("(réglage HEADER_LINE)", "(réglage « Ligne des en-têtes »)"),
            (
                "le réglage INCONNU, ce réglage",
                "le réglage INCONNU, ce réglage",
            ),
            (
                "ALLOW_HTTP : réglage ALLOW_HTTP",
                "ALLOW_HTTP : réglage ALLOW_HTTP",
            ),
        ] {
            assert_eq!(with_labels(text), said);
        }
    }
}
