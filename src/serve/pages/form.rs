//! The form that registers or changes a connector, with the fields of each type of connector.

use maud::{Markup, html};

use super::fieldset::{fieldset, kind_field, name_field};
use super::icons::Icon;
use super::layout::{Page, forgery_field};
use super::setting_field::{Entered, FormError};
use super::{labels, result};
use crate::connectors::{ConnectorKind, KINDS};
use crate::json::TestAnswer;
use crate::serve::access::Access;
use crate::serve::fields::Fields;

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
        @for remark in remarks { p.messages.warning { "! " (labels::said(remark)) } }
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
