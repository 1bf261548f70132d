//! What the secretary of an estate does on her first day, from an empty list to the rows that were rejected.

use super::person::Person;
use super::{estate, is_missing};
use crate::serve::served::Served;

const DIALOG: &str = "dialog[open]";

#[test]
fn a_connector_is_added_tested_synced_and_shown() {
    if is_missing() {
        return;
    }
    let estate = estate();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors"));
    she.reads(
        "main",
        &["Sources de données", "Aucun connecteur n'est enregistré"],
    );
    she.is_at_ease("1-list-empty");
    fills_the_form(&she, &estate.exports().display().to_string());
    is_told_that_it_is_registered(&she);
    tests(&she);
    syncs(&she);
    looks_into_the_run(&she);
    looks_at_the_list(&she);
    looks_at_what_was_rejected(&she);
}

fn fills_the_form(she: &Person, exports: &str) {
    she.clicks("+ Ajouter un connecteur");
    she.reads("h1", &["Ajouter un connecteur"]);
    let shown = "[...document.querySelectorAll('fieldset')].filter((one) => one.checkVisibility())\
                 .map((one) => one.dataset.kind).join()";
    assert_eq!(she.knows(shown), "");
    she.is_at_ease("2-form");
    she.marks_the_page();
    the_browser_refuses(she, "connector_name");
    she.fills("connector_name", "Cave du père");
    the_browser_refuses(she, "connector_name");
    she.fills("connector_name", "isavigne_prod");
    the_browser_refuses(she, "connector_type");
    she.chooses("connector_type", "odoo");
    assert_eq!(she.knows(shown), "odoo");
    she.is_at_ease("3-form-odoo");
    she.chooses("connector_type", "isavigne");
    assert_eq!(she.knows(shown), "isavigne");
    let sent = she.knows("[...new FormData(document.getElementById('ajout')).keys()].join()");
    let sent = sent.as_str().unwrap();
    assert_eq!(
        sent,
        "csrf_token,connector_name,connector_type,export_path,file_pattern,encoding,delimiter,header_line,decimal_mark,\
         date_form,sheet,sales_key,sales_files,fiscal_year_start,case_size,max_rejects,max_file_size"
    );
    the_browser_refuses(she, "isavigne-export_path");
    she.fills("isavigne-export_path", exports);
    she.is_at_ease("4-form-isavigne");
    she.clicks("Enregistrer");
}

/// The form does not leave, and the field to blame has the focus.
fn the_browser_refuses(she: &Person, field: &str) {
    she.clicks("Enregistrer");
    she.finds(&format!("document.activeElement.id === '{field}'"));
    she.is_on_the_page_she_marked();
    assert_eq!(
        she.knows("document.activeElement.validationMessage !== ''"),
        true
    );
}

fn is_told_that_it_is_registered(she: &Person) {
    she.reads("h1", &["isavigne_prod"]);
    she.reads(
        "[role=status]",
        &["Connecteur 'isavigne_prod' enregistré avec succès"],
    );
    she.finds("location.pathname + location.search === '/connectors/isavigne_prod'");
    she.reads("main", &["Jamais synchronisé"]);
    she.is_at_ease("5-details-new");
}

fn tests(she: &Person) {
    she.clicks("Test de isavigne_prod");
    she.reads(
        DIALOG,
        &[
            "✓ Connexion OK",
            "ventes_2025-12-27.csv",
            "5 000",
            "clients_2025-12-27.csv",
        ],
    );
    she.is_at_ease("6-dialog-test");
    she.clicks("Fermer");
    she.finds("!document.querySelector('dialog[open]')");
    she.finds("document.activeElement.formAction?.endsWith('/isavigne_prod/test')");
}

fn syncs(she: &Person) {
    she.marks_the_page();
    she.clicks("Sync de isavigne_prod");
    she.reads(
        DIALOG,
        &[
            "✓ Synchronisation réussie",
            "Clients",
            "500",
            "4 993",
            "7 lignes rejetées",
        ],
    );
    // The page behind is another by itself, and neither the dialog nor the page's own script went with it.
    she.finds("document.querySelectorAll('main .runs > details').length === 1");
    she.reads("main", &["✓ Sain"]);
    assert_eq!(she.knows("document.querySelector('dialog').open"), true);
    she.is_on_the_page_she_marked();
    she.is_at_ease("7-dialog-sync");
    she.clicks("Fermer");
    she.finds("document.activeElement.formAction?.endsWith('/isavigne_prod/sync')");
}

fn looks_into_the_run(she: &Person) {
    she.clicks_at("//summary[contains(@class, 'run')]");
    she.reads(
        "details[open] .unfolded",
        &["Clients", "500", "Ventes", "4 993"],
    );
    she.reads("details[open] .messages.warning", &["7 lignes rejetées"]);
    she.reads(
        "details[open]",
        &[
            "Fichier",
            "Ligne",
            "Colonne",
            "Valeur",
            "Raison",
            "ventes_2025-12-27.csv",
        ],
    );
    she.is_at_ease("8-details-unfolded");
    let moves = "document.getAnimations().some((one) => one.playState === 'running')";
    she.prefers(&[("prefers-reduced-motion", "reduce")]);
    she.clicks_at("//summary[contains(@class, 'run')]");
    she.clicks_at("//summary[contains(@class, 'run')]");
    assert_eq!(she.knows(moves), false);
    she.prefers(&[]);
}

fn looks_at_the_list(she: &Person) {
    she.clicks("← Retour");
    she.reads(".card", &["isavigne_prod", "✓ Sain", "iSaVigne"]);
    she.reads(
        ".totals",
        &[
            "Connecteurs 1",
            "Sains 1",
            "Synchronisations 1",
            "Lignes en base 5 853",
        ],
    );
    she.reads("table", &["isavigne_prod", "5 853"]);
    she.is_at_ease("9-list");
    // From a card, as from the page of its connector.
    she.clicks("Sync de isavigne_prod");
    she.reads(DIALOG, &["Rien de nouveau", "4 fichiers déjà lus"]);
    she.finds("document.querySelectorAll('main tbody tr').length === 2");
    she.clicks("Fermer");
    she.finds("document.activeElement.formAction?.endsWith('/isavigne_prod/sync')");
}

fn looks_at_what_was_rejected(she: &Person) {
    she.clicks("Détails de isavigne_prod");
    she.clicks_at("(//summary[contains(@class, 'run')])[2]");
    she.clicks("Voir les 7 lignes rejetées");
    she.reads(
        "main",
        &[
            "Synchronisation n° 1 : 7 lignes rejetées",
            "ventes_2025-12-27.csv",
        ],
    );
    assert_eq!(she.knows("document.querySelectorAll('tbody tr').length"), 7);
    she.is_at_ease("10-rejects");
}
