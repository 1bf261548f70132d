//! The fields of the form of a connector.

use maud::{Markup, html};

use super::icons::Icon;
use super::setting_field::{Entered, FormError, State, setting, star};
use crate::connectors::{ConnectorKind, KINDS, KindIcon, SettingSpec};
use crate::serve::fields::Fields;

/// The names that [`crate::registry::check_name`] accepts.
const NAME_PATTERN: &str = "[a-z][a-z0-9]*(_[a-z0-9]+)*";
const NAME_LENGTH: u8 = 64;

pub(super) fn name_field(typed: &Fields, error: Option<&FormError>) -> Markup {
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

pub(super) fn kind_field(chosen: Option<&ConnectorKind>, error: Option<&FormError>) -> Markup {
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

/// The fields of one type of connector; those of other types are neither shown nor sent. What few need is folded away.
pub(super) fn fieldset(kind: &ConnectorKind, is_chosen: bool, entered: Entered<'_>) -> Markup {
    let fields = |is_advanced: bool| {
        let specs = kind.settings.iter();
        let specs = specs.filter(move |spec| spec.is_advanced == is_advanced);
        specs.filter_map(|spec| Some((spec, spec.field.as_ref()?)))
    };
    let is_open = fields(true).any(|(spec, _)| is_noticed(spec, entered));
    html! {
        fieldset data-kind=(kind.name) hidden[!is_chosen] disabled[!is_chosen] {
            legend { (icon_of(kind.icon).draw()) "Configuration " (kind.label) }
            @for (spec, field) in fields(false) { (setting(kind, spec, field, entered)) }
            @if fields(true).next().is_some() {
                details.advanced id={ (kind.name) "-avance" } open[is_open] {
                    summary { "Réglages avancés" }
                    @for (spec, field) in fields(true) { (setting(kind, spec, field, entered)) }
                }
            }
            (guide(kind))
        }
    }
}

/// Whether a setting has another value than its default, or an invalid one.
fn is_noticed(spec: &SettingSpec, entered: Entered<'_>) -> bool {
    let name = spec.field_name();
    let value = entered.typed.get(&name);
    let is_set = value.is_some() && value != spec.default;
    is_set || State::of(&name, entered.error).invalid().is_some()
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

fn icon_of(icon: KindIcon) -> Icon {
    match icon {
        KindIcon::File => Icon::File,
        KindIcon::Puzzle => Icon::Puzzle,
        KindIcon::Wrench => Icon::Wrench,
    }
}
