//! What the secretary does once her connector runs: she tests before she saves, changes a setting, looks at the
//! figures, and removes the connector.

use super::person::Person;
use super::{estate, is_missing};
use crate::serve::served::Served;

const DIALOG: &str = "dialog[open]";

#[test]
fn a_connector_is_tested_changed_looked_at_and_removed() {
    if is_missing() {
        return;
    }
    let estate = estate();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors/new"));
    she.fills("connector_name", "cave");
    she.chooses("connector_type", "isavigne");
    she.fills("isavigne-export_path", "/nowhere");
    tests_what_she_typed(&she);
    she.fills(
        "isavigne-export_path",
        &estate.exports().display().to_string(),
    );
    she.clicks("Tester avant d'enregistrer");
    she.reads(
        DIALOG,
        &[
            "✓ Connexion OK",
            "ventes_2025-12-27.csv",
            "Rien n'est enregistré",
        ],
    );
    she.is_at_ease("31-dialog-form-test");
    she.clicks("Fermer");
    she.clicks("Enregistrer");
    she.reads("[role=status]", &["enregistré avec succès"]);
    changes_a_setting(&she);
    assert!(estate.env_text().contains("MAX_REJECTS=5%"));
    she.clicks("Sync de cave");
    she.reads(DIALOG, &["✓ Synchronisation réussie"]);
    she.clicks("Fermer");
    looks_at_the_figures(&she);
    removes_it(&she);
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["0"]);
}

fn tests_what_she_typed(she: &Person) {
    she.marks_the_page();
    she.clicks("Tester avant d'enregistrer");
    she.reads(DIALOG, &["✗", "/nowhere", "introuvable"]);
    she.is_at_ease("30-dialog-form-test-failed");
    she.clicks("Fermer");
    she.is_on_the_page_she_marked();
    let typed = "document.getElementById('isavigne-export_path').value";
    assert_eq!(she.knows(typed), "/nowhere");
}

fn changes_a_setting(she: &Person) {
    she.clicks("Modifier");
    she.reads("h1", &["Modifier cave"]);
    let shown = "document.getElementById('isavigne-max_rejects').checkVisibility()";
    assert_eq!(she.knows(shown), false);
    she.clicks("Réglages avancés");
    she.finds(shown);
    she.fills("isavigne-max_rejects", "beaucoup");
    she.finds("document.getElementById('isavigne-max_rejects').value === 'beaucoup'");
    // Folded away again, what is wrong is shown all the same.
    she.clicks("Réglages avancés");
    she.finds(&format!("!{shown}"));
    she.clicks("Enregistrer");
    she.finds("document.activeElement.id === 'isavigne-max_rejects'");
    she.is_at_ease("32-form-change");
    she.fills("isavigne-max_rejects", "5%");
    she.clicks("Enregistrer");
    she.reads("[role=status]", &["✓ Connecteur 'cave' modifié"]);
    she.finds("location.pathname + location.search === '/connectors/cave'");
}

fn looks_at_the_figures(she: &Person) {
    she.reads(
        "main",
        &[
            "Lignes en base",
            "Clients 500",
            "Ventes par mois",
            "janvier 2024",
        ],
    );
    she.clicks_at("//section[@aria-labelledby = 'ventes']//summary");
    she.reads("#ventes-chiffres", &["décembre 2025", "€"]);
    she.clicks("Synchroniser autrement");
    she.is_at_ease("33-details-figures");
    she.clicks_at("//label[. = 'Essai à blanc']");
    she.clicks_at("//details[@id = 'options']//button");
    she.reads(DIALOG, &["✓ Essai à blanc réussi", "rien n'a été écrit"]);
    she.clicks("Fermer");
}

fn removes_it(she: &Person) {
    she.clicks("Supprimer");
    she.reads("h1", &["Supprimer cave ?"]);
    she.is_at_ease("34-remove");
    she.clicks("Supprimer, garder les lignes");
    she.reads("main", &["✓ 'cave' retiré", "cave : 5 853 lignes"]);
    she.is_at_ease("35-list-leftovers");
    she.clicks_at("//ul[@class = 'leftovers']//a");
    she.reads("h1", &["Effacer les lignes de cave ?"]);
    she.clicks("Effacer");
    she.reads("main", &["Lignes en base 0"]);
}
