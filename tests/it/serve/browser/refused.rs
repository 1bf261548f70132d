//! What goes wrong, and what is said of it.

use std::fs;

use super::person::Person;
use super::{estate, is_missing};
use crate::common::Estate;
use crate::serve::served::Served;

/// Nothing that goes into a page by itself.
const KEY: &str = "cle-jamais-montree";

#[test]
fn a_missing_folder_is_reported_in_french() {
    if is_missing() {
        return;
    }
    let estate = Estate::empty();
    fs::remove_dir(estate.exports()).unwrap();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors"));
    she.clicks("Test de cave");
    she.reads("dialog[open]", &["✗", "introuvable"]);
    she.is_at_ease("11-dialog-test-failed");
    she.clicks("Fermer");
    she.clicks("Sync de cave");
    she.reads(
        "dialog[open]",
        &["✗ La synchronisation a échoué", "introuvable"],
    );
    she.reads(".card", &["✗ Erreur", "introuvable"]);
    she.is_at_ease("12-dialog-sync-failed");
    she.clicks("Fermer");
    she.is_at_ease("13-list-error");
    she.clicks("Détails de cave");
    she.clicks_at("//summary[contains(@class, 'run')]");
    she.reads("details[open] .messages.bad", &["introuvable"]);
    she.is_at_ease("14-details-error");
    she.comes_in(&served);
    she.opens(&served.url("/connectors/personne"));
    she.reads("main", &["Introuvable", "personne"]);
    she.is_at_ease("15-not-found");
}

#[test]
fn a_form_that_the_server_refuses_keeps_what_was_typed_but_for_the_key() {
    if is_missing() {
        return;
    }
    let estate = estate();
    estate.connector("cave", &estate.exports());
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors/new"));
    she.fills("connector_name", "cave");
    she.chooses("connector_type", "odoo");
    she.fills("odoo-url", "https://cave.odoo.com");
    she.fills("odoo-db", "cave");
    she.fills("odoo-user", "crm@cave.fr");
    she.fills("odoo-api_key", KEY);
    she.fills("odoo-company_id", "3");
    she.clicks("Enregistrer");
    she.reads("[role=alert]", &["Le nom « cave » est déjà pris"]);
    let at_fault = she.knows("document.querySelector('[aria-invalid]').id");
    assert_eq!(at_fault, "connector_name");
    let typed =
        "[...document.querySelectorAll('fieldset:enabled input')].map((one) => one.value).join()";
    assert_eq!(
        she.knows(typed),
        "https://cave.odoo.com,cave,crm@cave.fr,,3,150,auto"
    );
    let page = she.knows("document.documentElement.outerHTML");
    assert!(!page.as_str().unwrap().contains(KEY), "{page}");
    she.is_at_ease("16-form-refused");
    she.fills("connector_name", "odoo_prod");
    she.fills("odoo-api_key", KEY);
    she.clicks("Enregistrer");
    she.reads(
        "[role=status]",
        &["Connecteur 'odoo_prod' enregistré avec succès"],
    );
    assert!(estate.env_text().contains(KEY));
    she.clicks("Voir les réglages");
    she.reads("details[open]", &["URL Odoo", "https://cave.odoo.com"]);
    let page = she.knows("document.documentElement.outerHTML");
    assert!(!page.as_str().unwrap().contains(KEY), "{page}");
    she.is_at_ease("17-details-odoo");
}

#[test]
fn a_user_logs_in_and_out_with_a_token() {
    if is_missing() {
        return;
    }
    let token = "jeton-de-test-0123456789abcdef0123456789";
    let served = Served::with(&Estate::bare(), &[], &[("CRMRECO_SERVE_TOKEN", token)]);
    let she = Person::new();
    she.opens(&served.url("/connectors/new"));
    she.reads("h1", &["Connexion"]);
    she.is_at_ease("18-login");
    she.fills("token", "autre");
    she.clicks("Entrer");
    she.reads("[role=alert]", &["Ce n'est pas le jeton"]);
    she.is_at_ease("19-login-refused");
    she.fills("token", token);
    she.clicks("Entrer");
    she.reads("h1", &["Ajouter un connecteur"]);
    she.is_at_ease("20-inside");
    she.clicks("Se déconnecter");
    she.reads("h1", &["Connexion"]);
    she.opens(&served.url("/connectors"));
    she.reads("h1", &["Connexion"]);
}
