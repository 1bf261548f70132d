//! What a browser that runs no script gets: every button leads to a page.

use std::thread;

use serde_json::json;

use super::held::Held;
use super::served::{PAGE, Served};
use crate::common::Estate;

/// What the browser sends when a button is pressed: the form `actions` alone.
fn pressed<'s>(served: &'s Served, path: &str) -> super::served::Ask<'s> {
    let token = served.forgery_token();
    served
        .ask("POST", path)
        .header("Accept", PAGE)
        .form(&[("csrf_token", token)])
}

#[test]
fn a_test_returns_a_page_with_its_result() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.root().join("nowhere"));
    let served = Served::of(&estate);
    let page = pressed(&served, "/connectors/cave/test").send().is(200);
    page.says(&[
        "Test de cave",
        "✓ Connexion OK",
        "clients.csv",
        "✓ oui",
        "href=\"/connectors/cave\"",
    ]);
    let page = pressed(&served, "/connectors/chai/test").send().is(502);
    page.says(&["Test de chai", "✗", "nowhere"]);
}

#[test]
fn a_sync_redirects_to_the_page_of_its_connector() {
    let estate = Estate::of_bad("row_lengths");
    let served = Served::of(&estate);
    pressed(&served, "/connectors/cave/sync")
        .send()
        .leads_to("/connectors/cave");
    // It may still be at work: the page that is led to says so, or shows what became of it.
    let page = served.page("/connectors/cave").is(200);
    page.says(&["Historique"]);
}

#[test]
fn a_long_sync_redirects_there_too() {
    let held = Held::new();
    let served = Served::of(&held.estate);
    pressed(&served, "/connectors/cave/sync")
        .send()
        .leads_to("/connectors/cave");
    held.is_under_way();
    served
        .page("/connectors/cave")
        .is(200)
        .says(&["En cours", "http-equiv=\"refresh\""]);
}

#[test]
fn a_client_that_waits_gets_the_page_of_the_result() {
    let held = Held::new();
    let served = Served::of(&held.estate);
    served.forgery_token();
    let page = thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let sync = pressed(&served, "/connectors/cave/sync").header("Prefer", "wait=600");
            sync.send()
        });
        held.is_under_way();
        held.let_go();
        waiting.join().unwrap()
    });
    page.is(200).says(&[
        "Synchronisation de cave",
        "✓ Synchronisation réussie",
        "Clients",
        "id=\"resultat\"",
    ]);
}

#[test]
fn the_result_of_a_sync_counts_known_files_and_links_to_rejects() {
    let estate = Estate::of_bad("row_lengths");
    let served = Served::of(&estate);
    let sync = || {
        pressed(&served, "/connectors/cave/sync")
            .header("Prefer", "wait=60")
            .send()
    };
    sync().is(200).says(&[
        "✓ Synchronisation réussie",
        "/connectors/cave/receipt?run=1",
        "/connectors/cave/rejects?run=1",
    ]);
    served
        .page("/connectors/cave/rejects?run=1")
        .is(200)
        .says(&["Lignes rejetées", "Raison"]);
    sync().is(200).says(&["Rien de nouveau", "déjà lu"]);
    estate.export("clients.csv", "");
    sync()
        .is(502)
        .says(&["✗ La synchronisation a échoué", "clients.csv"]);
}

#[test]
fn a_failed_sync_does_not_claim_that_nothing_is_new() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.export("stock.csv", "");
    let served = Served::of(&estate);
    let failed = pressed(&served, "/connectors/cave/sync")
        .header("Prefer", "wait=60")
        .send()
        .is(502)
        .says(&["stock.csv", "4 fichiers déjà lus"]);
    assert!(!failed.text().contains("Rien de nouveau"), "{failed}");
}

#[test]
fn the_pages_of_the_history_are_linked() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for _ in 0..22 {
        served
            .post("/connectors/cave/sync")
            .json(&json!({}))
            .send()
            .is(200);
    }
    let first = served
        .page("/connectors/cave")
        .is(200)
        .says(&["1 à 10 sur 22", "/connectors/cave?offset=10"]);
    assert!(!first.text().contains("rel=\"prev\""), "{first}");
    let last = served
        .page("/connectors/cave?offset=20")
        .is(200)
        .says(&["21 à 22 sur 22", "?offset=10"]);
    assert!(!last.text().contains("rel=\"next\""), "{last}");
    served
        .page("/connectors/cave?offset=22")
        .is(200)
        .says(&["Rien de plus ancien"]);
    served
        .page("/connectors/cave?offset=18446744073709551615")
        .is(200);
}
