//! The form that registers a connector, with the fields of each type of connector.

use maud::{Markup, html};

use super::icons::Icon;
use super::layout::{Page, forgery_field};
use crate::connectors::{ConnectorKind, FormField, Input, KINDS, KindIcon, SettingSpec};
use crate::french::with_no_break_spaces;
use crate::serve::access::Access;
use crate::serve::fields::Fields;

/// The names that [`crate::registry::check_name`] accepts.
const NAME_PATTERN: &str = "[a-z][a-z0-9]*(_[a-z0-9]+)*";
const NAME_LENGTH: u8 = 64;

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

/// The form, filled with the input in `typed`, without secrets.
pub(in crate::serve) fn form(access: &Access, typed: &Fields, error: Option<&FormError>) -> Page {
    let chosen = typed.get("connector_type").unwrap_or_default();
    let chosen = ConnectorKind::named(chosen).ok();
    let main = html! {
        h1 { (Icon::Books.draw()) "Ajouter un connecteur" }
        p.subtitle { "Enregistrez une nouvelle source de données" }
        form.panel #ajout method="post" action="/connectors" {
            (forgery_field(access))
            // The Enter key presses the first button of a form.
            button.first type="submit" tabindex="-1" aria-hidden="true" {}
            @if let Some(error) = error {
                div.alert.bad role="alert" #erreur {
                    p { (with_no_break_spaces(&error.message)) }
                    @if let Some(advice) = &error.advice { p.advice { "→ " (with_no_break_spaces(advice)) } }
                }
            }
            p.help { "Les champs marqués d'une étoile (*) sont obligatoires." }
            (name_field(typed, error))
            (kind_field(chosen, error))
            @for kind in KINDS {
                (fieldset(kind, chosen.is_some_and(|chosen| chosen.name == kind.name), typed, error))
            }
            div.buttons {
                button.primary type="submit" { "Enregistrer" }
                a.button href="/connectors" { "Annuler" }
            }
        }
    };
    Page::at("/connectors/new", "Ajouter un connecteur", access, &main)
}

fn name_field(typed: &Fields, error: Option<&FormError>) -> Markup {
    let state = State::of("connector_name", error);
    html! {
        div.field {
            label for="connector_name" { "Nom du connecteur" (star()) }
            input #connector_name name="connector_name" required maxlength=(NAME_LENGTH)
                pattern={ r"\s*" (NAME_PATTERN) r"\s*" } placeholder="isavigne_prod" autocapitalize="none"
                autocomplete="off" spellcheck="false" value=[typed.get("connector_name")]
                title="Lettres minuscules sans accent, chiffres et soulignés simples, en commençant par une lettre"
                aria-describedby={ "connector_name-aide" (state.described_by()) } aria-invalid=[state.invalid()];
            p.help #connector_name-aide {
                "Identifiant unique : lettres minuscules sans accent, chiffres, soulignés ; par exemple isavigne_prod"
            }
        }
    }
}

fn kind_field(chosen: Option<&ConnectorKind>, error: Option<&FormError>) -> Markup {
    let state = State::of("connector_type", error);
    html! {
        div.field {
            label for="connector_type" { "Type de connecteur" (star()) }
            select #connector_type name="connector_type" required aria-invalid=[state.invalid()]
                aria-describedby=[state.invalid().map(|_| "erreur")] {
                option value="" selected[chosen.is_none()] { "-- Sélectionnez --" }
                @for kind in KINDS {
                    option value=(kind.name) selected[chosen.is_some_and(|chosen| chosen.name == kind.name)] {
                        (kind.label)
                    }
                }
            }
            noscript {
                button type="submit" formaction="/connectors/new" formnovalidate {
                    "Afficher ses réglages"
                }
            }
        }
    }
}

/// The fields of one type of connector; those of other types are neither shown nor sent.
fn fieldset(
    kind: &ConnectorKind,
    is_chosen: bool,
    typed: &Fields,
    error: Option<&FormError>,
) -> Markup {
    html! {
        fieldset data-kind=(kind.name) hidden[!is_chosen] disabled[!is_chosen] {
            legend { (icon_of(kind.icon).draw()) "Configuration " (kind.label) }
            @for spec in kind.settings {
                @if let Some(field) = &spec.field { (setting(kind, spec, field, typed, error)) }
            }
            (guide(kind))
        }
    }
}

fn guide(kind: &ConnectorKind) -> Markup {
    let guide = &kind.guide;
    html! {
        div.guide {
            h2 { (icon_of(guide.icon).draw()) (guide.title) }
            @if guide.is_ordered {
                ol { @for point in guide.points { li { (point) } } }
            } @else {
                ul { @for point in guide.points { li { (point) } } }
            }
        }
    }
}

fn setting(
    kind: &ConnectorKind,
    spec: &SettingSpec,
    field: &FormField,
    typed: &Fields,
    error: Option<&FormError>,
) -> Markup {
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
                @if spec.is_required { (star()) } @else if spec.default.is_none() { " (facultatif)" }
            }
            @if let Input::Choice(choices) = field.input {
                select id=(id) name=(name) aria-describedby=(described_by) {
                    @for (code, label) in choices {
                        option value=(code) selected[value == Some(*code)] { (label) }
                    }
                }
            } @else {
                input id=(id) name=(name) type=(input_type(spec, field)) required[spec.is_required]
                    pattern=[pattern(spec, field)] inputmode=[is_number.then_some("numeric")]
                    placeholder=[(!field.example.is_empty()).then_some(field.example)] value=[value]
                    title=[title(field)] autocapitalize="none" spellcheck="false"
                    autocomplete=(if spec.is_secret { "new-password" } else { "off" })
                    aria-describedby=(described_by) aria-invalid=[state.invalid()];
            }
            p.help id={ (id) "-aide" } { (field.help) }
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
fn pattern(spec: &SettingSpec, field: &FormField) -> Option<String> {
    let inner = match field.input {
        Input::Text(Some(pattern)) | Input::Address(pattern) => pattern,
        Input::Folder => FOLDER_PATTERN,
        Input::Text(None) if spec.is_required => r".*\S.*",
        Input::Number => NUMBER_PATTERN,
        Input::Text(None) | Input::Choice(_) => return None,
    };
    let often = if spec.is_required { "" } else { "?" };
    Some(format!(r"\s*({inner}){often}\s*"))
}

/// The browser's message about a value that does not match.
fn title(field: &FormField) -> Option<String> {
    let has_pattern = !matches!(field.input, Input::Text(None));
    let example = (has_pattern && !field.example.is_empty()).then_some(field.example)?;
    Some(format!("{} ; par exemple {example}", field.help))
}

fn icon_of(icon: KindIcon) -> Icon {
    match icon {
        KindIcon::File => Icon::File,
        KindIcon::Puzzle => Icon::Puzzle,
        KindIcon::Wrench => Icon::Wrench,
    }
}

fn star() -> Markup {
    html! { span.star aria-hidden="true" { " *" } }
}

/// Whether a field is the invalid one.
struct State(bool);

impl State {
    fn of(name: &str, error: Option<&FormError>) -> Self {
        Self(error.is_some_and(|error| error.field.as_deref() == Some(name)))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.0.then_some("true")
    }

    fn described_by(&self) -> &'static str {
        if self.0 { " erreur" } else { "" }
    }
}
