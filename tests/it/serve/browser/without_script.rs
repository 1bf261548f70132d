//! The pages for a browser that runs no script.

use super::chromium::Chromium;
use super::person::Person;
use super::{estate, is_missing};
use crate::serve::served::Served;

#[test]
fn everything_works_without_a_script() {
    if is_missing() {
        return;
    }
    let estate = estate();
    let served = Served::of(&estate);
    let she = Person::at(Chromium::without_script());
    she.comes_in(&served);
    she.opens(&served.url("/connectors/new"));
    // The page's own script did not run, whatever a driver may still ask of it.
    assert_eq!(she.knows("typeof refresh"), "undefined");
    she.fills("connector_name", "cave");
    she.chooses("connector_type", "isavigne");
    she.clicks("Afficher ses réglages");
    she.finds("document.getElementById('isavigne-export_path')?.checkVisibility()");
    assert_eq!(
        she.knows("document.getElementById('connector_name').value"),
        "cave"
    );
    she.is_at_ease("23-form-without-script");
    she.fills(
        "isavigne-export_path",
        &estate.exports().display().to_string(),
    );
    she.clicks("Enregistrer");
    she.reads(
        "[role=status]",
        &["Connecteur 'cave' enregistré avec succès"],
    );
    she.clicks("Test de cave");
    she.reads("main", &["✓ Connexion OK", "ventes_2025-12-27.csv"]);
    she.is_at_ease("24-test-without-script");
    she.clicks("← Retour à cave");
    she.clicks("Sync de cave");
    // By itself, as soon as it is over.
    she.reads("main", &["✓ Sain"]);
    she.clicks_at("//summary[contains(@class, 'run')]");
    she.reads("details[open]", &["4 993", "7 lignes rejetées"]);
}
