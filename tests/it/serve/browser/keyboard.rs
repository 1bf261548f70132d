//! The pages without a mouse.

use serde_json::json;

use super::keys::{DOWN, ENTER, ESCAPE, SHIFT, SPACE, TAB};
use super::person::Person;
use super::{estate, is_missing};
use crate::common::Estate;
use crate::serve::served::Served;

const DIALOG: &str = "dialog[open]";

/// What has the focus: its identifier, or what it says.
const FOCUSED: &str = "(() => { const one = document.activeElement;
    return one.id || one.getAttribute('aria-label') || one.innerText.replace(/\\s+/g, ' ').trim(); })()";

impl Person {
    #[track_caller]
    fn presses(&self, key: char) {
        self.browser.press(&[&[key]]);
    }

    /// Goes on with the tabulator; what has the focus then can be seen to have it.
    #[track_caller]
    fn tabs(&self, stops: &[&str]) {
        for stop in stops {
            self.presses(TAB);
            self.is_seen_at(stop);
        }
    }

    #[track_caller]
    fn is_seen_at(&self, stop: &str) {
        assert_eq!(self.knows(FOCUSED), *stop);
        let outline = "(() => { const style = getComputedStyle(document.activeElement);
             return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; })()";
        assert_eq!(self.knows(outline), true, "the focus of {stop} is not seen");
    }
}

fn synced_estate() -> Estate {
    let estate = estate();
    estate.connector("cave", &estate.exports());
    estate.crmreco(&["sync", "cave"]).exits(0);
    estate
}

#[test]
fn lists_and_dialogs_need_no_mouse() {
    if is_missing() {
        return;
    }
    let estate = synced_estate();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors"));
    she.tabs(&["Aller au contenu"]);
    she.presses(ENTER);
    assert_eq!(she.knows(FOCUSED), "contenu");
    she.tabs(&[
        "+ Ajouter un connecteur",
        "Test de cave",
        "Sync de cave",
        "Détails de cave",
    ]);
    she.browser.press(&[&[SHIFT, TAB]]);
    she.browser.press(&[&[SHIFT, TAB]]);
    she.presses(SPACE);
    she.reads(DIALOG, &["✓ Connexion OK"]);
    // Nothing behind a dialog can be reached.
    for _ in 0..4 {
        she.presses(TAB);
        let is_inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')";
        assert_eq!(she.knows(is_inside), true, "{}", she.knows(FOCUSED));
    }
    she.presses(ESCAPE);
    she.finds("!document.querySelector('dialog[open]')");
    she.is_seen_at("Test de cave");
    she.tabs(&["Sync de cave"]);
    she.presses(ENTER);
    she.reads(DIALOG, &["Rien de nouveau"]);
    she.presses(ESCAPE);
    // The page behind is another, and the focus is where it was.
    she.finds("document.querySelectorAll('main tbody tr').length === 2");
    she.is_seen_at("Sync de cave");
    she.tabs(&["Détails de cave"]);
    she.presses(ENTER);
    she.finds("location.pathname === '/connectors/cave'");
}

#[test]
fn details_and_rejects_need_no_mouse() {
    if is_missing() {
        return;
    }
    let estate = synced_estate();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors/cave"));
    she.tabs(&[
        "Aller au contenu",
        "crmreco",
        "Sources",
        "Rejets",
        "Ajouter",
        "Se déconnecter",
        "← Retour",
        "Test de cave",
        "Sync de cave",
        "Modifier",
        "Supprimer",
        "Synchroniser autrement",
        "Voir les chiffres",
        "Voir les chiffres",
    ]);
    she.presses(TAB);
    she.presses(ENTER);
    she.reads("details[open]", &["7 lignes rejetées"]);
    she.tabs(&[
        "Lignes par table",
        "Voir le reçu de la synchronisation n° 1",
        "Lignes rejetées",
        "Voir les 7 lignes rejetées",
    ]);
    let opened = she.knows("document.querySelector('details[open]').id");
    she.browser.run(
        "refresh().then(() => { window.isFresh = true })",
        &json!([]),
    );
    she.finds("window.isFresh");
    assert_eq!(
        she.knows("document.querySelector('details[open]').id"),
        opened
    );
    she.is_seen_at("Voir les 7 lignes rejetées");
    she.presses(ENTER);
    she.finds("location.search === '?run=1'");
}

#[test]
fn the_form_needs_no_mouse() {
    if is_missing() {
        return;
    }
    let estate = estate();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors/new"));
    she.tabs(&[
        "Aller au contenu",
        "crmreco",
        "Sources",
        "Rejets",
        "Ajouter",
        "Se déconnecter",
        "connector_name",
    ]);
    she.types("cave");
    she.tabs(&["connector_type"]);
    she.presses(DOWN);
    she.tabs(&["isavigne-export_path"]);
    she.types(&estate.exports().display().to_string());
    she.tabs(&[
        "isavigne-file_pattern",
        "isavigne-encoding",
        "Réglages avancés",
        "Enregistrer",
        "Tester avant d'enregistrer",
        "Annuler",
    ]);
    she.browser.press(&[&[SHIFT, TAB]]);
    she.browser.press(&[&[SHIFT, TAB]]);
    she.presses(ENTER);
    she.reads(
        "[role=status]",
        &["Connecteur 'cave' enregistré avec succès"],
    );
}
