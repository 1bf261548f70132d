//! What the buttons can ask of a sync: its options, all connectors at once, and its end.

use std::thread;

use serde_json::{Value, json};

use super::held::Held;
use super::served::{JSON, PAGE, Served};
use crate::common::{Estate, counts};

/// Stock of so many products.
fn stock(rows: u32) -> String {
    let rows = (1..=rows).map(|row| format!("P{row};{row}\n"));
    format!("produit_key;quantite\n{}", rows.collect::<String>())
}

/// An estate whose stock has shrunk below the limit since the last sync.
fn shrunk() -> Estate {
    let estate = Estate::empty();
    estate.export("produits.csv", "produit_key;nom\nP1;Vin\n");
    estate.export("stock.csv", stock(60));
    estate.sync();
    estate.export("stock.csv", stock(10));
    estate
}

fn stock_rows(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT count(*) FROM stock_levels")
}

#[test]
fn a_sync_takes_the_options_of_the_command() {
    let estate = Estate::of("plain");
    estate.sync();
    let served = Served::of(&estate);
    let sync = |options: &Value| {
        let answer = served.post("/connectors/cave/sync").json(options).send();
        answer.is(200).document()
    };
    let again = sync(&json!({}));
    assert_eq!(counts(&again, "CUSTOMERS").read, 0, "{again:#}");
    let full = sync(&json!({"full": true, "source": "customers"}));
    assert!(counts(&full, "CUSTOMERS").read > 0, "{full:#}");
    let runs = estate.sql("SELECT count(*) FROM runs");
    let dry = sync(&json!({"full": true, "dry_run": true}));
    assert_eq!(
        (&dry["dry_run"], &dry["run_id"]),
        (&json!(true), &Value::Null)
    );
    assert!(counts(&dry, "CUSTOMERS").read > 0, "{dry:#}");
    assert_eq!(estate.sql("SELECT count(*) FROM runs"), runs);
    let wrong = served.post("/connectors/cave/sync");
    let wrong = wrong.json(&json!({"full": "peut-être"}));
    wrong.header("Accept", JSON).send().fails(400, &["full"]);
}

#[test]
fn a_dry_run_shows_its_result_to_a_browser_without_script() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let token = served.forgery_token();
    let form = [
        ("csrf_token", token),
        ("dry_run", "1"),
        ("last_sync", "2025-12-27T16:00"),
    ];
    let page = served.ask("POST", "/connectors/cave/sync").form(&form);
    let page = page.header("Accept", PAGE).send().is(200);
    page.says(&["✓ Essai à blanc réussi", "rien n'a été écrit", "Clients"]);
    let metrics = served.json("/connectors/api/metrics").document();
    assert_eq!(metrics["total_records_synced"], 0);
}

#[test]
fn the_advice_to_allow_a_deletion_has_its_button() {
    let estate = shrunk();
    let served = Served::of(&estate);
    let press = |fields: &[(&str, &str)]| {
        let fields = [fields, &[("csrf_token", served.forgery_token())]].concat();
        let sync = served.ask("POST", "/connectors/cave/sync").form(&fields);
        sync.header("Accept", PAGE)
            .header("Prefer", "wait=60")
            .send()
    };
    let button = "Relancer en autorisant cette suppression";
    press(&[("source", "stock_levels")]).is(502).says(&[
        "relancez en autorisant cette suppression",
        button,
        "name=\"allow_shrink\" value=\"1\"",
        "name=\"source\" value=\"stock_levels\"",
    ]);
    assert_eq!(stock_rows(&estate), ["60"]);
    // The page of the connector keeps the offer as long as its newest sync is that one.
    served.page("/connectors/cave").is(200).says(&[button]);
    press(&[("allow_shrink", "1"), ("source", "stock_levels")]).is(200);
    assert_eq!(stock_rows(&estate), ["10"]);
    let page = served.page("/connectors/cave").is(200);
    assert!(!page.text().contains(button), "{page}");
}

#[test]
fn all_connectors_are_synced_by_one_button() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let page = served.page("/connectors").is(200);
    assert!(!page.text().contains("Tout synchroniser"), "{page}");
    estate.connector("chai", &estate.root().join("absent"));
    served.page("/connectors").says(&["Tout synchroniser"]);
    let answer = served.post("/connectors/api/sync-all").json(&json!({}));
    let answer = answer.header("Accept", JSON).send().is(502).document();
    let names: Vec<_> = answer.as_array().unwrap().iter().collect();
    assert_eq!(names[0]["connector_name"], "cave");
    assert_eq!(names[0]["success"], true);
    assert_eq!(names[1]["connector_name"], "chai");
    assert_eq!(names[1]["success"], false);
    let token = served.forgery_token();
    let pressed = served.ask("POST", "/connectors/api/sync-all");
    let pressed = pressed
        .form(&[("csrf_token", token)])
        .header("Accept", PAGE);
    pressed.send().leads_to("/connectors");
}

#[test]
fn a_sync_of_this_server_stops_when_asked() {
    let held = Held::new();
    let served = Served::of(&held.estate);
    served.forgery_token();
    thread::scope(|scope| {
        let sync = scope.spawn(|| served.post("/connectors/cave/sync").json(&json!({})).send());
        held.is_under_way();
        let page = served.page("/connectors/cave").is(200);
        page.says(&["formaction=\"/connectors/cave/stop\"", "Arrêter"]);
        let stopped = served.post("/connectors/cave/stop").send().is(202);
        assert_eq!(stopped.document()["connector_name"], "cave");
        held.let_go();
        let answer = sync.join().unwrap().is(503).document();
        assert_eq!(answer["status"], "interrupted", "{answer:#}");
    });
    assert_eq!(held.estate.sql("SELECT status FROM runs"), ["interrupted"]);
    // The next one is another.
    served
        .post("/connectors/cave/sync")
        .json(&json!({}))
        .send()
        .is(200);
}

#[test]
fn a_queued_sync_stops_before_it_begins() {
    let held = Held::new();
    let served = Served::of(&held.estate);
    let token = served.forgery_token();
    let press = |path: &str| {
        let ask = served.ask("POST", path).form(&[("csrf_token", token)]);
        ask.header("Accept", PAGE).send().is(303);
    };
    press("/connectors/cave/sync");
    for name in ["chai", "cuvier", "depot", "pressoir"] {
        held.and(name);
        press(&format!("/connectors/{name}/sync"));
    }
    held.are_under_way(4);
    press("/connectors/pressoir/stop");
    let state = served.json("/connectors/pressoir").document();
    assert_eq!(state["status"]["status"], "idle", "{state:#}");
    held.let_go();
}

#[test]
fn a_sync_of_another_process_cannot_be_stopped_here() {
    let held = Held::new();
    let served = Served::of(&held.estate);
    served.forgery_token();
    let idle = served.post("/connectors/cave/stop").header("Accept", JSON);
    idle.send().fails(409, &["rien à arrêter"]);
    let idle = served.post("/connectors/cave/stop").header("Accept", PAGE);
    idle.send().leads_to("/connectors/cave");
    served.post("/connectors/personne/stop").send().is(404);
    thread::scope(|scope| {
        let cron = scope.spawn(|| held.estate.crmreco(&["sync", "cave"]));
        held.is_under_way();
        let page = served.page("/connectors/cave").is(200);
        let page = page.says(&["Lancée par un autre programme"]);
        assert!(!page.text().contains("/stop"), "{page}");
        let stop = served.post("/connectors/cave/stop").header("Accept", JSON);
        stop.send().fails(409, &["un autre programme", "Ctrl-C"]);
        held.let_go();
        cron.join().unwrap().exits(0);
    });
}

#[test]
fn rejects_are_downloaded_as_a_file_for_spreadsheets() {
    let estate = Estate::empty();
    let bad = (0..1500).map(|row| format!("V{row};2025-01-02;C1;P1;=1+{row};10\n"));
    let bad: String = bad.collect();
    let head = "numero;date;code_client;code_produit;quantite;montant_ttc\n";
    estate.export(
        "ventes.csv",
        format!("{head}V;2025-01-02;C1;P1;1;10\n{bad}"),
    );
    let estate = estate.setting("MAX_REJECTS", "2000");
    estate.crmreco(&["sync", "cave"]);
    let served = Served::of(&estate);
    let page = served.page("/connectors/cave/rejects").is(200);
    page.says(&["/connectors/cave/rejects.csv?run=1", "Télécharger en CSV"]);
    let file = served.page("/connectors/cave/rejects.csv?run=1").is(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"rejets-cave-1.csv\"")
    );
    let text = file.text();
    assert!(text.starts_with("\u{feff}Table;Fichier;Ligne;Colonne;Valeur;Raison\r\n"));
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), 1500, "{}", lines[0]);
    assert!(lines[0].starts_with("Ventes;ventes.csv;3;"), "{}", lines[0]);
    assert!(lines[1499].contains(";'=1+1499;"), "{}", lines[1499]);
    let unknown = served.page("/connectors/cave/rejects.csv?run=9");
    unknown.is(404).says(&["numéro 9"]);
    served.page("/connectors/personne/rejects.csv").is(404);
}
