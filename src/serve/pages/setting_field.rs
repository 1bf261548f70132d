//! The field of one setting in the form of a connector.

use maud::{Markup, html};

use crate::connectors::{ConnectorKind, FormField, Input, SettingSpec};
use crate::serve::fields::Fields;

/// From 1 up to what 64 bits hold.
const NUMBER_PATTERN: &str = r"\+?0*[1-9][0-9]{0,18}";

/// Absolute paths of the system the server runs on; on Windows, of a drive or of a share.
const FOLDER_PATTERN: &str = if cfg!(windows) {
    r"[A-Za-z]:[\\\/].*|\\\\.+"
} else {
    r"\/.*"
};

/// Why the input was refused.
#[derive(Debug)]
pub(in crate::serve) struct FormError {
    /// The invalid field, if it is one field.
    pub(in crate::serve) field: Option<String>,
    pub(in crate::serve) message: String,
    pub(in crate::serve) advice: Option<String>,
}

/// Where the fields take their values from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entered<'a> {
    pub(super) typed: &'a Fields,
    pub(super) error: Option<&'a FormError>,
    /// Whether the connector has a secret already, which an empty field keeps.
    pub(super) keeps_secrets: bool,
}

/// The field of `spec`.
pub(super) fn setting(
    kind: &ConnectorKind,
    spec: &SettingSpec,
    field: &FormField,
    entered: Entered<'_>,
) -> Markup {
    let Entered { typed, error, .. } = entered;
    let is_kept = spec.is_secret && entered.keeps_secrets;
    let is_required = spec.is_required && !is_kept;
    let name = spec.field_name();
    let id = format!("{}-{name}", kind.name);
    let state = State::of(&name, error);
    // Secrets, and passwords in URLs, are never sent back.
    let typed = typed.get(&name).filter(|_| !spec.is_secret);
    let typed = typed.map(|value| kind.shown(spec.key, value));
    let value = typed.as_deref().or(spec.default);
    let described_by = format!("{id}-aide{}", state.described_by());
    let is_number = matches!(field.input, Input::Number);
    html! {
        div.field {
            label for=(id) {
                (field.label)
                @if is_required { (star()) } @else if spec.default.is_none() && !is_kept { " (facultatif)" }
            }
            @if let Input::Choice(choices) = field.input {
                select id=(id) name=(name) aria-describedby=(described_by) {
                    @for (code, label) in choices {
                        option value=(code) selected[value == Some(*code)] { (label) }
                    }
                }
            } @else {
                input id=(id) name=(name) type=(input_type(spec, field)) required[is_required]
                    pattern=[pattern(is_required, field)] inputmode=[is_number.then_some("numeric")]
                    placeholder=[(!field.example.is_empty()).then_some(field.example)] value=[value]
                    title=[title(field)] autocapitalize="none" spellcheck="false"
                    autocomplete=(if spec.is_secret { "new-password" } else { "off" })
                    aria-describedby=(described_by) aria-invalid=[state.invalid()];
            }
            p.help id={ (id) "-aide" } {
                @if is_kept { "Laissez vide pour garder celle d'aujourd'hui" } @else { (field.help) }
            }
        }
    }
}

fn input_type(spec: &SettingSpec, field: &FormField) -> &'static str {
    match field.input {
        _ if spec.is_secret => "password",
        Input::Address(_) => "url",
        // Not `number`: it drops an invalid number, and the mouse wheel changes it.
        Input::Text(_) | Input::Folder | Input::Number | Input::Choice(_) => "text",
    }
}

/// The `pattern` of an input, which accepts what the settings' checks accept: blanks around a value are ignored, and
/// blanks alone are refused.
fn pattern(is_required: bool, field: &FormField) -> Option<String> {
    let inner = match field.input {
        Input::Text(Some(pattern)) | Input::Address(pattern) => pattern,
        Input::Folder => FOLDER_PATTERN,
        Input::Text(None) if is_required => r".*\S.*",
        Input::Number => NUMBER_PATTERN,
        Input::Text(None) | Input::Choice(_) => return None,
    };
    let often = if is_required { "" } else { "?" };
    Some(format!(r"\s*({inner}){often}\s*"))
}

/// The browser's message about a value that does not match.
fn title(field: &FormField) -> Option<String> {
    let has_pattern = !matches!(field.input, Input::Text(None));
    let example = (has_pattern && !field.example.is_empty()).then_some(field.example)?;
    Some(format!("{} ; par exemple {example}", field.help))
}

/// The mark of a required field.
pub(super) fn star() -> Markup {
    html! { span.star aria-hidden="true" { " *" } }
}

/// Whether a field is the invalid one.
pub(super) struct State(bool);

impl State {
    pub(super) fn of(name: &str, error: Option<&FormError>) -> Self {
        Self(error.is_some_and(|error| error.field.as_deref() == Some(name)))
    }

    pub(super) fn invalid(&self) -> Option<&'static str> {
        self.0.then_some("true")
    }

    pub(super) fn described_by(&self) -> &'static str {
        if self.0 { " erreur" } else { "" }
    }
}
