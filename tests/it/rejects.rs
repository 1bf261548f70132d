//! The inbox of rejected rows: kept whole, corrected, read again, and settled.

use serde_json::{Value, json};

use crate::common::{Estate, assert_says};

const HEADER: &str =
    "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n";

fn line(number: u32, customer: &str, quantity: &str, unit: &str, total: &str) -> String {
    format!("V{number};F{number};{customer};P1;27/12/2024;{quantity};{unit};;{total}\n")
}

/// Three good rows and three bad ones, each spoiled in another cell.
fn spoiled() -> String {
    [
        line(1, "C1", "6", "bouteille", "72,00"),
        line(2, "C1", "douze", "bouteille", "144,00"),
        line(3, "", "1", "bouteille", "12,00"),
        line(4, "C2", "douze", "bouteille", "144,00"),
        line(5, "C2", "2", "magnum", "48,00"),
        line(6, "C2", "1", "bouteille", "12,00"),
    ]
    .concat()
}

/// The same before it was spoiled.
fn clean() -> String {
    spoiled().replace("douze", "12").replace(";F3;;", ";F3;C9;")
}

fn estate_of(rows: &str) -> Estate {
    let estate = Estate::empty().setting("MAX_REJECTS", "100%");
    estate.export("ventes.csv", format!("{HEADER}{rows}"));
    estate.sync();
    estate
}

/// `crmreco rejects ARGS --json`; it must end with this code.
#[track_caller]
fn rejects(estate: &Estate, args: &[&str], code: i32) -> Value {
    let outcome = estate.crmreco(&[&["rejects"], args, &["--json"]].concat());
    outcome.exits(code).json()
}

/// The rows in `state`: `position|column|value|times`.
fn listed(estate: &Estate, state: &str) -> Vec<String> {
    let answer = rejects(estate, &["cave", "--state", state], 0);
    let rows = answer["rejects"].as_array().unwrap().iter().map(|row| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        format!(
            "{}|{}|{}|{}",
            text("position"),
            text("column"),
            text("value"),
            row["times"]
        )
    });
    rows.collect()
}

/// The number of the entry at this line.
fn id_of(estate: &Estate, position: &str) -> String {
    let answer = rejects(estate, &["cave", "--state", "all"], 0);
    let mut rows = answer["rejects"].as_array().unwrap().iter();
    let row = rows.find(|row| row["position"] == position).unwrap();
    row["reject_id"].as_str().unwrap().to_owned()
}

/// Everything about the sales but runs and instants.
fn sales(estate: &Estate) -> Vec<String> {
    estate.sql(
        "SELECT sale_line_key, customer_key, quantity_units, quantity_bottles_75cl_eq, price_total_eur, source_ref, row_hash
         FROM sales_lines ORDER BY 1",
    )
}

#[test]
fn a_rejected_row_is_kept_whole_and_listed_with_its_group() {
    let estate = estate_of(&spoiled());
    let answer = rejects(&estate, &["cave"], 0);
    assert_eq!(
        (&answer["total"], &answer["open"], &answer["limit"]),
        (&json!(3), &json!(3), &json!(50))
    );
    let group = &answer["groups"][0];
    assert_eq!(
        (
            &group["table"],
            &group["column"],
            &group["value"],
            &group["count"]
        ),
        (
            &json!("SALES_LINES"),
            &json!("quantite"),
            &json!("douze"),
            &json!(2)
        )
    );
    let row = &answer["rejects"][0];
    assert_eq!(
        (&row["origin"], &row["position"], &row["state"]),
        (&json!("ventes.csv"), &json!("3"), &json!("open"))
    );
    assert_eq!(
        row["cells"],
        json!({"num_ligne": "V2", "num_piece": "F2", "code_client": "C1", "produit_key": "P1", "date": "27/12/2024",
               "quantite": "douze", "unite": "bouteille", "prix_unitaire": "", "montant_ttc": "144,00"})
    );
    assert_eq!(
        (&row["replayable"], &row["times"]),
        (&json!(true), &json!(1))
    );
    let id = row["reject_id"].as_str().unwrap();
    assert!(row["row"].as_str().unwrap().starts_with(id));
    assert_eq!(
        rejects(&estate, &["show", "cave", &id[..6]], 0)["reject"],
        *row
    );
    let text = estate
        .crmreco(&["rejects", "show", "cave", id])
        .exits(0)
        .text();
    assert_says(
        &text,
        &[
            "ventes.csv, ligne 3",
            "douze",
            "montant_ttc",
            "rejects fix cave",
        ],
    );
    estate
        .crmreco(&["rejects", "--group"])
        .exits(0)
        .says(&["3 lignes rejetées", "douze"]);
}

#[test]
fn the_same_row_of_another_export_is_the_same_entry() {
    let estate = estate_of(&spoiled());
    estate.export(
        "ventes_2.csv",
        format!(
            "{HEADER}{}{}",
            line(7, "C1", "1", "bouteille", "12,00"),
            spoiled()
        ),
    );
    estate.sync();
    assert_eq!(
        listed(&estate, "all"),
        [
            "4|quantite|douze|2",
            "5|code_client||2",
            "6|quantite|douze|2"
        ]
    );
    estate.sync_with(&["--full"], 0);
    assert_eq!(listed(&estate, "open").len(), 3);
}

#[test]
fn rows_mended_by_corrections_leave_the_table_as_the_clean_export_does() {
    let estate = estate_of(&spoiled());
    let row = id_of(&estate, "4");
    let fixed = rejects(
        &estate,
        &[
            "fix",
            "cave",
            &row,
            "Code_Client=C9",
            "--note",
            "vu sur la facture",
        ],
        0,
    );
    assert_eq!(
        (&fixed["success"], &fixed["corrections"], &fixed["rows"]),
        (&json!(true), &json!([1]), &json!(1))
    );
    let value = [
        "fix",
        "cave",
        "--table",
        "sales_lines",
        "--field",
        "quantity_units",
        "--value",
        "douze",
        "--to",
        "12",
    ];
    assert_eq!(rejects(&estate, &value, 0)["rows"], json!(2));
    assert_eq!(listed(&estate, "fixed").len(), 3);
    let tried = rejects(&estate, &["replay", "cave", "--dry-run"], 0);
    assert_eq!(
        (
            &tried["dry_run"],
            &tried["records"]["SALES_LINES"]["inserted"]
        ),
        (&json!(true), &json!(3))
    );
    assert_eq!(sales(&estate).len(), 3, "a dry run wrote");
    let replayed = rejects(&estate, &["replay", "cave"], 0);
    assert_eq!(
        (
            &replayed["replayed"],
            &replayed["still_rejected"],
            &replayed["unread"],
            &replayed["records"]["SALES_LINES"]["inserted"]
        ),
        (&json!(3), &json!(0), &json!(0), &json!(3))
    );
    assert_eq!(sales(&estate), sales(&estate_of(&clean())));
    assert_eq!(listed(&estate, "closed").len(), 3);
    // Again: nothing waits. The spoiled file again, then the corrected one: nothing changes.
    assert_eq!(
        rejects(&estate, &["replay", "cave"], 0)["replayed"],
        json!(0)
    );
    let before = sales(&estate);
    estate.sync_with(&["--full"], 0);
    assert_eq!(sales(&estate), before);
    estate.export("ventes.csv", format!("{HEADER}{}", clean()));
    let answer = estate.sync();
    assert_eq!(
        answer["records"]["SALES_LINES"]["unchanged"],
        json!(6),
        "{answer:#}"
    );
    assert_eq!(sales(&estate), before);
}

#[test]
fn a_correction_applies_to_every_later_export_that_says_so() {
    let estate = estate_of(&spoiled());
    let row = id_of(&estate, "4");
    rejects(&estate, &["fix", "cave", &row, "code_client=C9"], 0);
    // Not replayed: the next sync reads it anyway.
    estate.export("ventes_2.csv", format!("{HEADER}{}", spoiled()));
    estate.sync();
    assert_eq!(listed(&estate, "open").len(), 2);
    assert_eq!(listed(&estate, "closed"), ["4|code_client||1"]);
    assert!(
        sales(&estate)
            .iter()
            .any(|sale| sale.contains("isavigne-C9"))
    );
}

#[test]
fn a_wrong_correction_is_rejected_again_and_can_be_taken_back() {
    let estate = estate_of(&spoiled());
    let row = id_of(&estate, "3");
    rejects(&estate, &["fix", "cave", &row, "quantite=treize"], 0);
    let replayed = rejects(&estate, &["replay", "cave"], 0);
    assert_eq!(
        (&replayed["replayed"], &replayed["still_rejected"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(listed(&estate, "open")[0], "3|quantite|treize|2");
    let shown = rejects(&estate, &["show", "cave", &row], 0);
    assert_eq!(
        shown["reject"]["corrections"][0]["new_value"],
        json!("treize")
    );
    assert_eq!(
        shown["reject"]["cells"]["quantite"],
        json!("douze"),
        "the source says so"
    );
    // The last correction wins; both are kept.
    rejects(&estate, &["fix", "cave", &row, "quantite=12"], 0);
    assert_eq!(
        rejects(&estate, &["replay", "cave"], 0)["replayed"],
        json!(1)
    );
    assert_eq!(sales(&estate).len(), 4);
    rejects(&estate, &["undo", "cave", "2"], 0);
    rejects(&estate, &["replay", "cave"], 0);
    assert_eq!(
        listed(&estate, "open")[0].split('|').nth(2),
        Some("treize"),
        "the first one is in force again"
    );
    estate
        .crmreco(&["rejects", "undo", "cave", "2"])
        .exits(3)
        .says(&["correction n° 2"]);
}

#[test]
fn suggestions_are_told_and_never_applied() {
    let estate = estate_of(&(spoiled() + &line(7, "C1", "6", "CRT6", "?")));
    let suggestions = |position: &str| {
        let row = id_of(&estate, position);
        rejects(&estate, &["show", "cave", &row], 0)["reject"]["suggestions"].clone()
    };
    assert_eq!(
        (suggestions("3"), suggestions("8")),
        (json!(["12"]), json!([]))
    );
    rejects(
        &estate,
        &["fix", "cave", &id_of(&estate, "8"), "montant_ttc=72,00"],
        0,
    );
    estate.export(
        "ventes_2.csv",
        format!(
            "{HEADER}{}{}",
            line(8, "C1", "6", "bouteille", "?"),
            line(1, "C1", "6", "bouteille", "72,00")
        ),
    );
    estate.sync();
    let row = id_of(&estate, "2");
    let shown = rejects(&estate, &["show", "cave", &row], 0);
    assert_eq!(
        (&shown["reject"]["value"], &shown["reject"]["suggestions"]),
        (&json!("?"), &json!(["72,00"]))
    );
    assert_eq!(listed(&estate, "open").len(), 4);
    estate
        .crmreco(&["rejects", "show", "cave", &row])
        .exits(0)
        .says(&["Peut-être : 72,00"]);
}

#[test]
fn lines_that_only_their_rank_tells_apart_get_the_keys_of_the_clean_export() {
    let header = "num_piece;code_client;produit_key;date;quantite;montant_ttc\n";
    let line = |document: &str, quantity: &str, total: &str| {
        format!("{document};C1;P1;27/12/2024;{quantity};{total}\n")
    };
    // The first of three lines of a document is spoiled: the others came a rank too low.
    let rows = |first: &str| {
        line("F1", first, "72,00")
            + &line("F1", "2", "24,00")
            + &line("F1", "3", "36,00")
            + &line("F2", "1", "12,00")
    };
    let estate_of = |rows: String| {
        let estate = Estate::empty().setting("MAX_REJECTS", "100%");
        estate.export("ventes.csv", format!("{header}{rows}"));
        estate.sync();
        estate
    };
    let estate = estate_of(rows("six"));
    assert_eq!(sales(&estate).len(), 3);
    rejects(
        &estate,
        &["fix", "cave", &id_of(&estate, "2"), "quantite=6"],
        0,
    );
    rejects(&estate, &["replay", "cave"], 0);
    assert_eq!(sales(&estate), sales(&estate_of(rows("6"))));
}

#[test]
fn what_was_ignored_stays_out_and_counts_no_longer_against_the_limit() {
    let estate = estate_of(&spoiled()).setting("MAX_REJECTS", "0");
    for position in ["3", "4", "5"] {
        let row = id_of(&estate, position);
        rejects(&estate, &["ignore", "cave", &row, "--reason", "essai"], 0);
    }
    let answer = estate.sync_with(&["--full"], 0);
    assert_eq!(answer["records"]["SALES_LINES"]["rejected"], json!(3));
    assert_eq!(
        (
            listed(&estate, "open").len(),
            listed(&estate, "ignored").len()
        ),
        (0, 3)
    );
    let shown = rejects(&estate, &["show", "cave", &id_of(&estate, "3")], 0);
    assert_eq!(shown["reject"]["note"], json!("essai"));
}

#[test]
fn a_table_that_failed_keeps_its_rows_and_the_next_sync_reads_them_corrected() {
    let estate = Estate::empty();
    let bad: String = (10..16)
        .map(|number| line(number, "C1", "douze", "bouteille", "144,00"))
        .collect();
    estate.export(
        "ventes.csv",
        format!("{HEADER}{}{bad}", line(1, "C1", "1", "bouteille", "12,00")),
    );
    estate.sync_with(&[], 1);
    assert_eq!(listed(&estate, "open").len(), 6);
    let value = [
        "fix",
        "cave",
        "--table",
        "sales_lines",
        "--field",
        "quantite",
        "--value",
        "douze",
        "--to",
        "12",
    ];
    assert_eq!(rejects(&estate, &value, 0)["rows"], json!(6));
    estate
        .crmreco(&["rejects", "replay", "cave"])
        .exits(3)
        .says(&["Synchronisez : les corrections s'appliqueront"]);
    estate.sync();
    assert_eq!(sales(&estate).len(), 7);
    assert_eq!(listed(&estate, "closed").len(), 6);
}

#[test]
fn a_row_that_its_source_mends_is_closed() {
    let estate = estate_of(&spoiled());
    estate.export("ventes.csv", format!("{HEADER}{}", clean()));
    estate.sync();
    let answer = rejects(&estate, &["cave", "--state", "closed"], 0);
    let notes = answer["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["note"].as_str());
    assert_eq!(notes.collect::<Vec<_>>(), [Some("source_mended"); 3]);
    assert_eq!(answer["open"], json!(0));
}

#[test]
fn a_file_that_is_gone_waits_for_its_return() {
    let estate = estate_of(&spoiled());
    rejects(
        &estate,
        &["fix", "cave", &id_of(&estate, "3"), "quantite=12"],
        0,
    );
    let kept = estate.export_text("ventes.csv");
    std::fs::remove_file(estate.exports().join("ventes.csv")).unwrap();
    estate.export(
        "ventes_2.csv",
        format!("{HEADER}{}", line(7, "C1", "1", "bouteille", "12,00")),
    );
    assert_eq!(rejects(&estate, &["replay", "cave"], 0)["unread"], json!(1));
    assert_eq!(listed(&estate, "fixed").len(), 1);
    estate.export("ventes.csv", kept);
    assert_eq!(
        rejects(&estate, &["replay", "cave"], 0)["replayed"],
        json!(1)
    );
}

#[test]
fn newer_files_are_read_after_the_corrected_one() {
    let estate = Estate::empty().setting("MAX_REJECTS", "100%");
    estate.export(
        "clients_2024-12-27.csv",
        "code_client;nom;code_postal;actif\nC1;Ancien;67000;oui\nC2;Martin;67000;peut-être\n",
    );
    estate.export(
        "clients_2024-12-28.csv",
        "code_client;nom;code_postal;actif\nC1;Nouveau;67000;oui\n",
    );
    estate.sync();
    let row = id_of(&estate, "3");
    rejects(&estate, &["fix", "cave", &row, "actif=oui"], 0);
    assert_eq!(
        rejects(&estate, &["replay", "cave"], 0)["replayed"],
        json!(1)
    );
    let names =
        estate.sql("SELECT coalesce(company_name, last_name) FROM customers ORDER BY customer_key");
    assert_eq!(
        names,
        ["Nouveau", "Martin"],
        "the older file has the last word"
    );
}

#[test]
fn an_erased_customer_is_in_no_row_and_no_correction() {
    let estate = Estate::empty().setting("MAX_REJECTS", "100%");
    estate.export("clients.csv", "code_client;nom;email;actif\nC1;Dupont;jean@example.fr;oui\nC2;Martin;;peut-être\nC1;Dupont;jean@example.fr;peut-être\nC3;Klein;;oui\n");
    estate.sync();
    assert_eq!(listed(&estate, "open").len(), 2);
    rejects(
        &estate,
        &["fix", "cave", &id_of(&estate, "4"), "email=jean@example.fr"],
        0,
    );
    estate.crmreco(&["erase", "isavigne-C1", "--yes"]).exits(0);
    assert_eq!(listed(&estate, "all"), ["3|actif|peut-être|1"]);
    assert_eq!(estate.sql("SELECT count(*) FROM corrections"), ["0"]);
    let bytes = std::fs::read(estate.database()).unwrap();
    assert!(!bytes.windows(15).any(|part| part == b"jean@example.fr"));
    estate.sync_with(&["--full"], 0);
    assert_eq!(listed(&estate, "all").len(), 1, "they came back");
}

#[test]
fn inbox_and_corrections_follow_a_rename_and_go_with_a_purge() {
    let estate = estate_of(&spoiled());
    rejects(
        &estate,
        &["fix", "cave", &id_of(&estate, "3"), "quantite=12"],
        0,
    );
    estate.crmreco(&["rename", "cave", "chai"]).exits(0);
    let answer = rejects(&estate, &["replay", "chai"], 0);
    assert_eq!(answer["replayed"], json!(1));
    estate
        .crmreco(&["remove", "chai", "--purge", "--yes"])
        .exits(0);
    for table in ["reject_rows", "corrections", "rereads"] {
        assert_eq!(
            estate.sql(&format!("SELECT count(*) FROM {table}")),
            ["0"],
            "{table}"
        );
    }
}

#[test]
fn closed_rows_are_pruned_and_open_ones_stay() {
    let estate = estate_of(&spoiled());
    rejects(
        &estate,
        &["fix", "cave", &id_of(&estate, "3"), "quantite=12"],
        0,
    );
    rejects(&estate, &["replay", "cave"], 0);
    estate.sql("UPDATE runs SET started_at = '2020-01-01T00:00:00Z'");
    estate.export("clients.csv", "code_client;nom\nC1;Lefèvre\n");
    estate.sync();
    estate.crmreco(&["prune"]).exits(0);
    assert_eq!(
        (
            listed(&estate, "closed").len(),
            listed(&estate, "open").len()
        ),
        (0, 2)
    );
}

#[test]
fn wrong_requests_are_refused_and_change_nothing() {
    let estate = estate_of(&spoiled());
    let row = id_of(&estate, "3");
    for (args, code, words) in [
        (&["rejects", "inconnu"][..], 3, "inconnu"),
        (
            &["rejects", "show", "cave", "ffffffffffff"],
            3,
            "pas de ligne rejetée",
        ),
        (
            &["rejects", "show", "cave", "'; DROP"],
            3,
            "pas de ligne rejetée",
        ),
        (&["rejects", "fix", "cave", &row], 2, "FIELD=VALUE"),
        (
            &["rejects", "fix", "cave", &row, "quantite"],
            2,
            "FIELD=VALUE",
        ),
        (
            &["rejects", "fix", "cave", &row, "couleur=rouge"],
            3,
            "Ses colonnes",
        ),
        (&["rejects", "fix", "cave", "--value", "a"], 2, "--to"),
        (&["rejects", "ignore", "cave", &row], 2, "--reason"),
        (&["rejects", "replay", "inconnu"], 3, "inconnu"),
        (&["rejects", "--state", "perdu"], 2, "perdu"),
        (
            &[
                "rejects",
                "fix",
                "cave",
                "--table",
                "customers",
                "--field",
                "nom",
                "--value",
                "a",
                "--to",
                "b",
            ],
            3,
            "aucune ligne rejetée",
        ),
    ] {
        estate.crmreco(args).exits(code).says(&[words]);
    }
    assert_eq!(estate.sql("SELECT count(*) FROM corrections"), ["0"]);
    assert_eq!(listed(&estate, "open").len(), 3);
}

#[test]
fn rows_without_cells_are_listed_and_not_corrected() {
    let estate = Estate::of_bad("quoted_line_ends");
    estate.sync();
    let answer = rejects(&estate, &["cave"], 0);
    let row = &answer["rejects"][0];
    if row["replayable"] == json!(false) {
        let id = row["reject_id"].as_str().unwrap();
        estate
            .crmreco(&["rejects", "fix", "cave", id, "nom=a"])
            .exits(3)
            .says(&["ne peut pas être corrigée ici"]);
    }
}

#[test]
fn two_hundred_rows_are_mended_in_a_spreadsheet() {
    let bad: Vec<String> = (10..210)
        .map(|number| line(number, "C1", "douze", "bouteille", "=144,00"))
        .collect();
    let estate = estate_of(&(line(1, "C1", "1", "bouteille", "12,00") + &bad.concat()));
    let sheet = estate.root().join("rejets.csv");
    let path = sheet.to_str().unwrap();
    let exported = rejects(&estate, &["export", "cave", "--csv", path], 0);
    assert_eq!(exported["rows"], json!(200));
    let text = std::fs::read_to_string(&sheet).unwrap();
    let mut lines = text.lines();
    let title = lines.next().unwrap();
    assert!(
        title.starts_with("\u{feff}N°;Table;Fichier;Place;Faute;num_ligne;correction num_ligne;"),
        "{title}"
    );
    assert!(text.contains("'=144,00"), "a formula would run");
    // Nothing filled in: nothing corrected.
    assert_eq!(
        rejects(&estate, &["import", "cave", path], 0)["rows"],
        json!(0)
    );
    // As Excel saves it on a French machine: another code page, and the corrections.
    let titles: Vec<&str> = title.split(';').collect();
    let (quantity, total) = (
        place(&titles, "correction quantite"),
        place(&titles, "correction montant_ttc"),
    );
    let filled = lines.map(|line| {
        let mut cells: Vec<&str> = line.split(';').collect();
        cells[quantity] = "12";
        cells[total] = "144,00";
        cells.join(";") + "\r\n"
    });
    let filled: Vec<String> = filled.collect();
    let text = format!(
        "{}\r\n{}",
        title.trim_start_matches('\u{feff}'),
        filled.concat()
    );
    std::fs::write(&sheet, encoding_rs::WINDOWS_1252.encode(&text).0).unwrap();
    let imported = rejects(&estate, &["import", "cave", path], 0);
    assert_eq!(
        (
            &imported["rows"],
            imported["corrections"].as_array().unwrap().len()
        ),
        (&json!(200), 400)
    );
    assert_eq!(
        rejects(&estate, &["replay", "cave"], 0)["replayed"],
        json!(200)
    );
    assert_eq!(sales(&estate).len(), 201);
}

fn place(titles: &[&str], wanted: &str) -> usize {
    titles.iter().position(|title| *title == wanted).unwrap()
}

#[test]
fn a_sheet_that_is_none_or_names_another_row_changes_nothing() {
    let estate = estate_of(&spoiled());
    let sheet = estate.root().join("rejets.csv");
    let path = sheet.to_str().unwrap();
    estate
        .crmreco(&["rejects", "import", "cave", path])
        .exits(3)
        .says(&["rejets.csv", "rien n'a été changé"]);
    let good = id_of(&estate, "3");
    for text in ["", "a;b\nc;d\n", "N°;quantite\n1;2\n", "PK\u{3}\u{4}"] {
        std::fs::write(&sheet, text).unwrap();
        estate
            .crmreco(&["rejects", "import", "cave", path])
            .exits(3)
            .says(&["n'a pas les colonnes"]);
    }
    for line in ["ffff;12", &format!("{good};12\nffff;13")] {
        std::fs::write(&sheet, format!("N°;correction quantite\n{line}\n")).unwrap();
        estate
            .crmreco(&["rejects", "import", "cave", path])
            .exits(3)
            .says(&["pas de ligne rejetée « ffff »"]);
    }
    std::fs::write(&sheet, format!("N°;correction couleur\n{good};rouge\n")).unwrap();
    estate
        .crmreco(&["rejects", "import", "cave", path])
        .exits(3)
        .says(&["Ses colonnes"]);
    assert_eq!(estate.sql("SELECT count(*) FROM corrections"), ["0"]);
    estate
        .crmreco(&[
            "rejects",
            "export",
            "cave",
            "--csv",
            estate.root().to_str().unwrap(),
        ])
        .exits(1);
}

mod pages {
    use super::*;
    use crate::serve::held::Held;
    use crate::serve::served::{PAGE, Served};

    #[test]
    fn a_value_is_corrected_wherever_it_occurs_and_read_again() {
        let estate = estate_of(&spoiled());
        let served = Served::of(&estate);
        let page = served.page("/rejects").is(200);
        page.says(&[
            "3 lignes à traiter",
            "2 ×",
            "douze",
            "Lire plutôt",
            "/rejects/cave/",
        ]);
        assert_eq!(
            served.json("/rejects?connector=cave").is(200).document()["open"],
            json!(3)
        );
        let form = [
            ("table", "sales_lines"),
            ("field", "quantite"),
            ("value", "douze"),
            ("to", "12"),
            ("replay", "1"),
        ];
        let token = served.forgery_token();
        let fields = [&form[..], &[("csrf_token", token)]].concat();
        served
            .ask("POST", "/rejects/cave/fix")
            .form(&fields)
            .send()
            .leads_to("/connectors/cave");
        wait_for(|| listed(&estate, "closed").len() == 2);
        assert_eq!(sales(&estate).len(), 5);
        served.page("/rejects?connector=cave").is(200).says(&[
            "Corrections en vigueur",
            "« douze » lu « 12 »",
            "Retirer",
        ]);
    }

    #[test]
    fn one_row_is_a_form_with_an_input_for_each_cell() {
        let estate = estate_of(&spoiled());
        let row = id_of(&estate, "4");
        let served = Served::of(&estate);
        let path = format!("/rejects/cave/{row}");
        served.page(&path).is(200).says(&[
            "code_client — à corriger",
            "aria-invalid=\"true\"",
            "value=\"27/12/2024\"",
            "Enregistrer et rejouer",
            "Laisser de côté",
        ]);
        assert_eq!(
            served.json(&path).is(200).document()["reject"]["position"],
            json!("4")
        );
        let token = served.forgery_token();
        let fix = |fields: &[(&str, &str)]| {
            let fields = [fields, &[("csrf_token", token)]].concat();
            served
                .ask("POST", &format!("{path}/fix"))
                .form(&fields)
                .send()
        };
        // What is as it was is no correction.
        fix(&[
            ("c0", "V3"),
            ("c1", "F3"),
            ("c2", "C9"),
            ("c6", "bouteille"),
        ])
        .leads_to("/rejects?connector=cave");
        assert_eq!(
            estate.sql("SELECT field || '=' || new_value || ' ' || author FROM corrections"),
            ["customer_key=C9 web"]
        );
        served
            .page(&path)
            .is(200)
            .says(&["Corrections en vigueur", "Corrigée, à rejouer"]);
        served
            .ask("POST", "/rejects/cave/undo")
            .form(&[("correction", "1"), ("csrf_token", token)])
            .send()
            .leads_to("/rejects?connector=cave");
        served
            .ask("POST", &format!("{path}/ignore"))
            .form(&[("reason", "essai"), ("csrf_token", token)])
            .send()
            .leads_to("/rejects?connector=cave");
        served
            .page(&path)
            .is(200)
            .says(&["Laissée de côté : essai"]);
        assert_eq!(listed(&estate, "open").len(), 2);
    }

    #[test]
    fn wrong_requests_are_refused() {
        let estate = estate_of(&spoiled());
        let served = Served::of(&estate);
        served.page("/rejects?state=perdu").is(400);
        served.page("/rejects?connector=personne").is(404);
        served.page("/rejects/cave/ffff").is(404);
        let token = served.forgery_token();
        let post = |path: &str, fields: &[(&str, &str)]| {
            let fields = [fields, &[("csrf_token", token)]].concat();
            served.ask("POST", path).form(&fields).send()
        };
        post("/rejects/cave/fix", &[("table", "sales_lines")]).is(400);
        post("/rejects/cave/undo", &[]).is(400);
        post("/rejects/cave/undo", &[("correction", "7")]).is(404);
        post(
            &format!("/rejects/cave/{}/ignore", id_of(&estate, "3")),
            &[],
        )
        .is(400);
        served
            .ask("POST", "/rejects/cave/undo")
            .form(&[("correction", "1")])
            .send()
            .is(403);
        assert_eq!(estate.sql("SELECT count(*) FROM corrections"), ["0"]);
    }

    #[test]
    fn nobody_corrects_a_row_while_a_sync_runs() {
        let held = Held::new();
        let served = Served::of(&held.estate);
        let form = [("csrf_token", served.forgery_token())];
        served
            .ask("POST", "/connectors/cave/sync")
            .form(&form)
            .header("Accept", PAGE)
            .send()
            .leads_to("/connectors/cave");
        held.is_under_way();
        for args in [
            &["rejects", "ignore", "cave", "ffff", "--reason", "essai"][..],
            &["rejects", "fix", "cave", "ffff", "a=b"],
            &["rejects", "undo", "cave", "1"],
        ] {
            held.estate.crmreco(args).exits(4);
        }
    }

    fn wait_for(is_so: impl Fn() -> bool) {
        let begun = std::time::Instant::now();
        while !is_so() {
            assert!(begun.elapsed().as_secs() < 30, "it never came");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}
