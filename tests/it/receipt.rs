//! `crmreco receipt`: nothing is lost between a file and the table, and where something is, it says so.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Estate, assert_says};
use crate::serve::served::Served;

const HEADER: &str =
    "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n";

fn line(number: u32, quantity: &str, total: &str) -> String {
    format!("V{number};F{number};C1;P1;27/12/2024;{quantity};bouteille;;{total}\n")
}

/// The receipt of the newest run that read something.
#[track_caller]
fn receipt(estate: &Estate, code: i32) -> Value {
    let outcome = estate.crmreco(&["receipt", "cave", "--json"]);
    outcome.exits(code).json()
}

#[track_caller]
fn the_unit(answer: &Value) -> &Value {
    let units = answer["units"].as_array().unwrap();
    assert_eq!(units.len(), 1, "{answer:#}");
    &units[0]
}

#[test]
fn each_line_of_a_file_is_counted_once_and_both_sums_are_told() {
    let estate = Estate::empty().setting("MAX_REJECTS", "100%");
    let rows = line(1, "6", "72,00") + &line(2, "douze", "24,00") + "\n" + &line(3, "1", "12,50");
    estate.export(
        "ventes.csv",
        format!("Export du 27/12/2024\n{HEADER}{rows};;;;;;;;\nTotal général;;;;;;;;108,50\n"),
    );
    estate.sync();
    let answer = receipt(&estate, 0);
    let unit = the_unit(&answer);
    assert_eq!(
        (
            &answer["connector_name"],
            &answer["run_id"],
            &answer["balanced"]
        ),
        (&json!("cave"), &json!(1), &json!(true))
    );
    let counts = [
        "lines",
        "header_lines",
        "empty_lines",
        "totals_lines",
        "left_aside",
        "accepted",
        "rejected",
        "replaced",
    ];
    let counts = counts.map(|key| unit[key].as_u64().unwrap());
    assert_eq!(counts, [8, 2, 2, 1, 0, 2, 1, 0], "{unit:#}");
    assert_eq!(
        unit["sums"],
        json!({"price_total_eur": "84.5", "quantity_bottles_75cl_eq": "7", "quantity_units": "7"})
    );
    assert_eq!(unit["stored_sums"], unit["sums"]);
    assert_eq!(unit["source_sums"], json!({"price_total_eur": "108.5"}));
    assert_eq!(unit["compared_sums"], unit["source_sums"]);
    assert_eq!(unit["gaps"], json!([]));
    let text = estate.crmreco(&["receipt", "cave"]).exits(0).text();
    assert_says(
        &text,
        &[
            "✓ Reçu complet : 8 lignes, 2 enregistrées, 1 rejetée, 84,50 €",
            "ventes.csv",
        ],
    );
}

#[test]
fn a_closing_total_that_is_the_sum_of_the_rows_is_told_for_both_sides() {
    let estate = Estate::empty();
    let rows = line(1, "6", "72,00") + &line(2, "2", "24,00");
    estate.export("ventes.csv", format!("{HEADER}{rows}Total;;;;;8;;;96,00\n"));
    estate.sync();
    assert_eq!(
        the_unit(&receipt(&estate, 0))["source_sums"],
        json!({"price_total_eur": "96", "quantity_units": "8"})
    );
    let text = estate.crmreco(&["receipt", "cave"]).text();
    assert_says(
        &text,
        &["2 enregistrées, 0 rejetée, 96,00 € des deux côtés"],
    );
}

#[test]
fn a_line_that_a_file_lost_is_missing_from_its_closing_total() {
    let estate = Estate::empty();
    let rows = line(1, "6", "72,00") + &line(2, "2", "24,00");
    estate.export("ventes.csv", format!("{HEADER}{rows}Total;;;;;;;;108,50\n"));
    estate.sync();
    let answer = receipt(&estate, 1);
    assert_eq!(answer["balanced"], json!(false));
    let gap = &the_unit(&answer)["gaps"][0];
    assert_eq!(gap["kind"], json!("total"));
    assert_eq!(
        gap["message"],
        json!(
            "ventes.csv : il manque 12,50 €, le total du fichier dit 108,50 €, ses lignes font 96,00 €"
        )
    );
}

#[test]
fn subtotals_are_no_closing_total() {
    let estate = Estate::empty();
    let rows = line(1, "6", "72,00")
        + "Sous-total;;;;;;;;72,00\n"
        + &line(2, "2", "24,00")
        + "Sous-total;;;;;;;;24,00\n";
    estate.export("ventes.csv", format!("{HEADER}{rows}"));
    estate.sync();
    let answer = receipt(&estate, 0);
    let unit = the_unit(&answer);
    assert_eq!(
        (&unit["source_sums"], &unit["totals_lines"]),
        (&Value::Null, &json!(2)),
        "{unit:#}"
    );
}

#[test]
fn rows_that_replace_each_other_are_stored_once_and_counted_as_replaced() {
    let estate = Estate::empty();
    let rows = line(1, "6", "72,00")
        + &line(2, "2", "24,00")
        + &line(1, "5", "60,00")
        + &line(2, "2", "24,00");
    estate.export("ventes.csv", format!("{HEADER}{rows}"));
    estate.sync();
    let answer = receipt(&estate, 0);
    let unit = the_unit(&answer);
    assert_eq!(
        (&unit["accepted"], &unit["replaced"], &unit["written"]),
        (&json!(4), &json!(2), &json!(2))
    );
    assert_eq!(unit["sums"]["price_total_eur"], json!("180"));
    assert_eq!(unit["stored_sums"]["price_total_eur"], json!("84"));
    // A newer file takes a line over: the older file's receipt knows.
    let estate = Estate::empty();
    estate.export(
        "ventes_2024-12-27.csv",
        format!("{HEADER}{}", line(1, "6", "72,00") + &line(2, "2", "24,00")),
    );
    estate.export(
        "ventes_2024-12-28.csv",
        format!("{HEADER}{}", line(2, "3", "36,00")),
    );
    estate.sync();
    let answer = receipt(&estate, 0);
    let written: Vec<_> = answer["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| {
            (
                unit["written"].as_u64(),
                unit["stored_sums"]["price_total_eur"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        written,
        [(Some(1), Some("72")), (Some(1), Some("36"))],
        "{answer:#}"
    );
}

#[test]
fn rows_that_vanished_from_the_table_are_found() {
    let estate = Estate::of("plain");
    estate.sync();
    receipt(&estate, 0);
    estate.sql("DELETE FROM sales_lines WHERE source_ref = 'ventes.csv:3'");
    let answer = receipt(&estate, 1);
    let units = answer["units"].as_array().unwrap();
    let sales = units
        .iter()
        .find(|unit| unit["table"] == "SALES_LINES")
        .unwrap();
    assert_eq!(sales["gaps"][0]["kind"], json!("stored"));
    assert_eq!(
        sales["gaps"][0]["message"],
        json!("ventes.csv : 5 lignes enregistrées, 4 dans la table (33,00 € d'écart)")
    );
}

#[test]
fn a_run_that_changes_nothing_writes_nothing_and_a_later_run_closes_the_comparison() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.sync();
    assert_eq!(
        receipt(&estate, 0)["run_id"],
        json!(1),
        "nothing was read the second time"
    );
    estate.sync_with(&["--full"], 0);
    let answer = receipt(&estate, 0);
    assert_eq!(answer["run_id"], json!(3));
    for unit in answer["units"].as_array().unwrap() {
        assert_eq!(unit["written"], json!(0), "{unit:#}");
    }
    let first = estate
        .crmreco(&["receipt", "cave", "--run", "1", "--json"])
        .exits(0)
        .json();
    assert!(
        first["units"]
            .as_array()
            .unwrap()
            .iter()
            .all(|unit| unit["stored_sums"].is_null()),
        "{first:#}"
    );
}

#[test]
fn a_dry_run_and_a_failed_table_leave_no_receipt() {
    let estate = Estate::empty();
    let bad: String = (1..=6)
        .map(|number| line(number, "douze", "1,00"))
        .collect();
    estate.export(
        "ventes.csv",
        format!("{HEADER}{}{bad}", line(10, "1", "12,00")),
    );
    estate.export("clients.csv", "code_client;nom\nC1;Lefèvre\n");
    estate.sync_with(&["--dry-run"], 1);
    let answer = receipt(&estate, 0);
    assert_eq!(
        (&answer["run_id"], &answer["units"]),
        (&Value::Null, &json!([]))
    );
    estate
        .crmreco(&["receipt", "cave"])
        .exits(0)
        .says(&["Aucun reçu", "sync cave"]);
    estate.sync_with(&[], 1);
    let answer = receipt(&estate, 1);
    assert_eq!(the_unit(&answer)["table"], json!("CUSTOMERS"));
    assert_says(
        answer["errors"][0].as_str().unwrap(),
        &["Ventes", "rejetées"],
    );
    estate
        .crmreco(&["receipt", "cave"])
        .exits(1)
        .says(&["✗ Reçu incomplet, 1 écart"]);
}

#[test]
fn unknown_connectors_and_runs_are_named() {
    let estate = Estate::of("plain");
    estate
        .crmreco(&["receipt", "inconnu"])
        .exits(3)
        .says(&["inconnu"]);
    estate.sync();
    estate
        .crmreco(&["receipt", "cave", "--run", "99"])
        .exits(3)
        .says(&["numéro 99"]);
}

#[test]
fn receipts_follow_a_rename_and_go_with_a_purge_and_with_their_run() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.crmreco(&["rename", "cave", "chai"]).exits(0);
    estate
        .crmreco(&["receipt", "chai"])
        .exits(0)
        .says(&["✓ Reçu complet"]);
    estate.sql("UPDATE runs SET started_at = '2020-01-01T00:00:00Z'");
    estate.crmreco(&["sync", "chai", "--full"]).exits(0);
    estate.crmreco(&["prune"]).exits(0);
    assert_eq!(estate.sql("SELECT DISTINCT run_id FROM units"), ["2"]);
    estate
        .crmreco(&["remove", "chai", "--purge", "--yes"])
        .exits(0);
    assert_eq!(estate.sql("SELECT count(*) FROM units"), ["0"]);
}

/// The ledger of opt-outs: `customer|channel|state|run`, in order.
fn consents(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT customer_key, channel, state, run_id FROM consents ORDER BY run_id, 1, 2")
}

#[test]
fn an_opt_out_that_moves_is_kept_with_its_run() {
    let estate = Estate::empty();
    let customers = |first: &str, second: &str| {
        estate.export(
            "clients.csv",
            format!("code_client;nom;refus_email\nC1;Lefèvre;{first}\nC2;Martin;{second}\n"),
        );
        estate.sync();
        // Two moves within a second are one instant.
        estate.sql(
            "UPDATE consents SET at = replace(at, 'Z', 'Z-' || run_id) WHERE at NOT LIKE '%-%-%-%'",
        );
    };
    customers("oui", "non");
    assert_eq!(consents(&estate), [""; 0], "nobody knows since when");
    customers("oui", "oui");
    customers("non", "oui");
    assert_eq!(
        consents(&estate),
        ["isavigne-C2|email|refused|2", "isavigne-C1|email|allowed|3"]
    );
    estate.sync_with(&["--full"], 0);
    assert_eq!(consents(&estate).len(), 2, "nothing moved");
    estate.crmreco(&["erase", "isavigne-C2", "--yes"]).exits(0);
    assert_eq!(consents(&estate), ["isavigne-C1|email|allowed|3"]);
    assert!(
        !fs::read(estate.database())
            .unwrap()
            .windows(11)
            .any(|part| part == b"isavigne-C2")
    );
}

#[test]
fn two_rows_of_a_customer_in_one_file_move_an_opt_out_once_or_not_at_all() {
    let estate = Estate::empty();
    let customers = |flags: &[&str]| {
        let rows: Vec<String> = flags
            .iter()
            .map(|flag| format!("C1;Lefèvre;{flag}\n"))
            .collect();
        let rows = rows.concat();
        estate.export(
            "clients.csv",
            format!("code_client;nom;refus_email\n{rows}"),
        );
        estate.sync();
    };
    customers(&["non"]);
    customers(&["oui", "non"]);
    assert_eq!(consents(&estate), [""; 0]);
    customers(&["non", "oui"]);
    assert_eq!(consents(&estate), ["isavigne-C1|email|refused|3"]);
}

#[test]
fn the_page_shows_each_file_and_what_is_missing() {
    let estate = Estate::empty();
    let rows = line(1, "6", "72,00") + &line(2, "2", "24,00");
    estate.export("ventes.csv", format!("{HEADER}{rows}Total;;;;;;;;108,50\n"));
    estate.export("clients.csv", "code_client;nom\nC1;Lefèvre\n");
    let served = Served::of(&estate);
    served
        .page("/connectors/cave/receipt")
        .is(200)
        .says(&["Aucun reçu"]);
    estate.sync();
    served
        .page("/connectors/cave")
        .is(200)
        .says(&["Reçu incomplet, 1 écart", "/connectors/cave/receipt?run=1"]);
    let page = served.page("/connectors/cave/receipt").is(200);
    page.says(&[
        "il manque 12,50",
        "clients.csv",
        "✓ complet",
        "ventes.csv",
        "✗ incomplet",
        "96,00 €",
    ]);
    let page = served
        .page("/connectors/cave/receipt?run=1&offset=1")
        .is(200);
    assert!(
        !page
            .text()
            .contains("<th scope=\"row\" data-title=\"Fichier\">clients.csv"),
        "{page}"
    );
    page.says(&["ventes.csv"]);
    served.page("/connectors/cave/receipt?run=7").is(404);
    served.page("/connectors/personne/receipt").is(404);
}
