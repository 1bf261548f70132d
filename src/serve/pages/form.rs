//! The form that registers or changes a connector, with the fields of each type of connector.

use maud::{Markup, html};

use super::icons::Icon;
use super::layout::{Page, forgery_field};
use super::setting_field::{Entered, FormError, State, setting, star};
use super::{labels, result};
use crate::connectors::{ConnectorKind, KINDS, KindIcon, SettingSpec};
use crate::json::TestAnswer;
use crate::serve::access::Access;
use crate::serve::fields::Fields;

/// The names that [`crate::registry::check_name`] accepts.
const NAME_PATTERN: &str = "[a-z][a-z0-9]*(_[a-z0-9]+)*";
const NAME_LENGTH: u8 = 64;

/// The form of a connector, and what is shown with it.
#[derive(Debug)]
pub(in crate::serve) struct Form<'a> {
    typed: &'a Fields,
    /// The connector that is changed; a new one without.
    changed: Option<Changed<'a>>,
    error: Option<&'a FormError>,
    /// The result of a test of what was typed.
    test: Option<&'a TestAnswer>,
}

/// A registered connector, whose name and type stay.
#[derive(Debug)]
struct Changed<'a> {
    name: &'a str,
    kind: &'static ConnectorKind,
    remarks: &'a [String],
}

impl<'a> Form<'a> {
    /// The form of a new connector, filled with the input in `typed`.
    pub(in crate::serve) fn new(typed: &'a Fields) -> Self {
        Self {
            typed,
            changed: None,
            error: None,
            test: None,
        }
    }

    /// The form of connector `name`, filled with `typed`.
    pub(in crate::serve) fn of_change(
        typed: &'a Fields,
        name: &'a str,
        kind: &'static ConnectorKind,
        remarks: &'a [String],
    ) -> Self {
        let changed = Changed {
            name,
            kind,
            remarks,
        };
        Self {
            changed: Some(changed),
            ..Self::new(typed)
        }
    }

    pub(in crate::serve) fn with_error(self, error: &'a FormError) -> Self {
        Self {
            error: Some(error),
            ..self
        }
    }

    pub(in crate::serve) fn with_test(self, test: &'a TestAnswer) -> Self {
        Self {
            test: Some(test),
            ..self
        }
    }

    /// The type whose fields are shown.
    fn kind(&self) -> Option<&'static ConnectorKind> {
        let chosen = self.typed.get("connector_type").unwrap_or_default();
        let chosen = || ConnectorKind::named(chosen).ok();
        let changed = self.changed.as_ref().map(|changed| changed.kind);
        changed.or_else(chosen)
    }

    fn entered(&self) -> Entered<'a> {
        Entered {
            typed: self.typed,
            error: self.error,
            keeps_secrets: self.changed.is_some(),
        }
    }

    /// The address that the form is sent to.
    fn path(&self) -> String {
        match &self.changed {
            Some(changed) => format!("/connectors/{}/edit", changed.name),
            None => "/connectors".to_owned(),
        }
    }

    /// The address that tests what the form says.
    fn test_path(&self) -> String {
        match &self.changed {
            Some(changed) => format!("/connectors/{}/edit/test", changed.name),
            None => "/connectors/new/test".to_owned(),
        }
    }
}

/// The page of `form`, without secrets.
pub(in crate::serve) fn form(access: &Access, form: &Form<'_>) -> Page {
    let changed = form.changed.as_ref();
    let title = match changed {
        Some(changed) => format!("Modifier {}", changed.name),
        None => "Ajouter un connecteur".to_owned(),
    };
    let back = changed.map_or("/connectors".to_owned(), |changed| {
        format!("/connectors/{}", changed.name)
    });
    let main = html! {
        h1 { (Icon::Books.draw()) (title) }
        @match changed {
            Some(changed) => p.subtitle { "Type : " (changed.kind.label) }
            None => p.subtitle { "Enregistrez une nouvelle source de données" }
        }
        form.panel.actions #ajout method="post" action=(form.path()) {
            (forgery_field(access))
            // The Enter key presses the first button of a form.
            button.first type="submit" tabindex="-1" aria-hidden="true" {}
            (said(form))
            p.help { "Les champs marqués d'une étoile (*) sont obligatoires." }
            @match changed {
                Some(changed) => (fieldset(changed.kind, true, form.entered()))
                None => (fields_of_new(form))
            }
            div.buttons {
                button.primary type="submit" { "Enregistrer" }
                button type="submit" formaction=(form.test_path()) { "Tester avant d'enregistrer" }
                a.button href=(back) { "Annuler" }
            }
        }
    };
    let here = if changed.is_some() {
        ""
    } else {
        "/connectors/new"
    };
    Page::at(here, &title, access, &main)
}

/// Remarks, why the input was refused, and the result of a test. The script shows this part in its dialog.
fn said(form: &Form<'_>) -> Markup {
    let remarks = form
        .changed
        .as_ref()
        .map_or(&[][..], |changed| changed.remarks);
    html! {
        @for remark in remarks { p.advice { "! " (labels::said(remark)) } }
        @if form.error.is_some() || form.test.is_some() {
            div #resultat {
                h2 #resultat-titre { @if form.error.is_some() { "À corriger" } @else { "Résultat du test" } }
                @if let Some(error) = form.error {
                    div.alert.bad role="alert" #erreur {
                        p { (labels::said(&error.message)) }
                        @if let Some(advice) = &error.advice { p.advice { "→ " (labels::said(advice)) } }
                    }
                }
                @if let Some((test, kind)) = form.test.zip(form.kind()) {
                    (result::test_result(test, kind.name))
                    p.help {
                        "Rien n'est enregistré encore."
                        @if kind.settings.iter().any(|spec| spec.is_secret) && !form.entered().keeps_secrets {
                            " Une clé n'est jamais renvoyée : retapez-la avant d'enregistrer si son champ est vide."
                        }
                    }
                }
            }
        }
    }
}

fn fields_of_new(form: &Form<'_>) -> Markup {
    let chosen = form.kind();
    html! {
        (name_field(form.typed, form.error))
        (kind_field(chosen, form.error))
        @for kind in KINDS {
            (fieldset(kind, chosen.is_some_and(|chosen| chosen.name == kind.name), form.entered()))
        }
    }
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

/// The fields of one type of connector; those of other types are neither shown nor sent. What few need is folded away.
fn fieldset(kind: &ConnectorKind, is_chosen: bool, entered: Entered<'_>) -> Markup {
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
