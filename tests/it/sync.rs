//! `sync` of one connector: what it answers, what it commits, what it refuses.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Counts, Estate, LABELS, Outcome, TABLES, assert_says, counts, messages};
use crate::list_and_show::LOG;
use crate::ordered::Shape;

const RECORD: [&str; 6] = [
    "read",
    "inserted",
    "updated",
    "unchanged",
    "deleted",
    "rejected",
];

#[test]
fn sync_has_its_documented_keys_in_order() {
    let estate = Estate::of("plain");
    let shape = Shape::of(&estate.crmreco(&["sync", "cave", "--json"]).exits(0).stdout);
    shape.starts_with(&LOG);
    for table in TABLES {
        shape.at("records").at(table).starts_with(&RECORD);
    }
    assert_eq!(shape.at("records_processed").keys(), TABLES);
}

#[test]
fn sync_reports_what_it_did() {
    let answer = Estate::of("plain").sync();
    assert_eq!(answer["connector_type"], "isavigne");
    assert_eq!(answer["connector_name"], "cave");
    assert_eq!(answer["errors"], json!([]));
    assert!(answer["duration_seconds"].as_f64().unwrap() >= 0.0);
    assert!(!answer["run_id"].is_null());
    assert_eq!(
        TABLES.map(|table| counts(&answer, table).inserted),
        [3, 2, 5, 2, 1]
    );
}

#[test]
fn sync_prints_the_counts_by_table() {
    let outcome = Estate::of("plain").crmreco(&["sync", "cave"]).exits(0);
    assert_says(&outcome.text(), &LABELS);
}

#[test]
fn the_second_sync_changes_nothing_even_in_full() {
    let estate = Estate::of("plain");
    estate.sync();
    let before = estate.dump();
    for args in [&[][..], &["--full"]] {
        let answer = estate.sync_with(args, 0);
        for table in TABLES {
            let Counts {
                inserted,
                updated,
                deleted,
                ..
            } = counts(&answer, table);
            assert_eq!((inserted, updated, deleted), (0, 0, 0), "{table} {args:?}");
        }
        assert_eq!(estate.dump(), before, "{args:?}");
    }
}

#[test]
fn source_limits_the_sync_to_one_table() {
    let sources = [
        "customers",
        "products",
        "sales_lines",
        "stock_levels",
        "contact_history",
    ];
    for (position, source) in sources.into_iter().enumerate() {
        let answer = Estate::of("plain").sync_with(&["--source", source], 0);
        let mut expected = [0; 5];
        expected[position] = [3, 2, 5, 2, 1][position];
        assert_eq!(
            TABLES.map(|table| counts(&answer, table).read),
            expected,
            "{source}"
        );
    }
}

#[test]
fn tables_left_out_by_source_are_read_by_the_next_sync() {
    let estate = Estate::of("plain");
    estate.sync_with(&["--source", "customers"], 0);
    let answer = estate.sync();
    assert_eq!(
        TABLES.map(|table| counts(&answer, table).inserted),
        [0, 2, 5, 2, 1]
    );
}

#[test]
fn a_dry_run_says_what_a_sync_would_do_and_writes_nothing() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.export(
        "clients.csv",
        estate.export_text("clients.csv").replace("Nice", "Cannes") + "C4;Martin;Luc;Metz\n",
    );
    let before = (fs::read(estate.database()).unwrap(), estate.dump());

    let outcome = estate
        .crmreco(&["sync", "cave", "--dry-run", "--json"])
        .exits(0);
    Shape::of(&outcome.stdout).starts_with(&LOG);
    let answer = outcome.json();
    assert_eq!(
        (&answer["dry_run"], &answer["run_id"]),
        (&json!(true), &Value::Null)
    );
    let customers = counts(&answer, "CUSTOMERS");
    assert_eq!(
        (customers.inserted, customers.updated, customers.unchanged),
        (1, 1, 2)
    );

    assert!(
        fs::read(estate.database()).unwrap() == before.0,
        "the database changed"
    );
    assert_eq!(estate.dump(), before.1);
    assert_eq!(
        estate.crmreco(&["logs", "cave", "--json"]).json()["total"],
        1
    );
    let real = estate.sync();
    assert_eq!(counts(&real, "CUSTOMERS"), customers);
}

#[test]
fn a_dry_run_before_the_first_sync_writes_nothing() {
    let estate = Estate::of("plain");
    let answer = estate
        .crmreco(&["sync", "cave", "--dry-run", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 3);
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(
        (
            &list["connectors"]["cave"]["status"],
            &list["status"]["total_syncs"]
        ),
        (&json!("idle"), &json!(0))
    );
}

#[test]
fn a_dry_run_fails_as_the_sync_would() {
    let answer = Estate::of("missing_column").sync_with(&["--dry-run"], 1);
    assert_says(&messages(&answer, "errors").concat(), &["clients.csv"]);
}

#[test]
fn last_sync_accepts_local_time_or_rfc_3339() {
    let estate = Estate::of("plain");
    estate.sync();
    let before = estate.dump();
    for instant in [
        "2025-12-27T16:00:00",
        "2025-12-27T15:00:00Z",
        "2025-12-27T16:00:00+01:00",
    ] {
        estate.sync_with(&["--last-sync", instant], 0);
        assert_eq!(estate.dump(), before, "{instant}");
    }
    for nothing in ["hier", "27/12/2025", "2025-02-31T00:00:00"] {
        estate
            .crmreco(&["sync", "cave", "--last-sync", nothing])
            .exits(2);
    }
}

#[test]
fn more_than_one_percent_and_than_three_rejected_commits_nothing_of_that_table() {
    let estate = Estate::of("many_rejects");
    estate.export("produits.csv", "produit_key;nom\nP1;Riesling\n");
    let answer = estate.sync_with(&[], 1);
    assert_eq!(answer["success"], false);
    assert_says(
        &messages(&answer, "errors").concat(),
        &[
            "Clients",
            "4 lignes rejetées sur 6",
            "1 % et trois lignes",
            "clients.csv, ligne 3",
        ],
    );
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["0"]);
    assert_eq!(
        estate.sql("SELECT count(*) FROM product_catalog"),
        ["1"],
        "the other tables are committed"
    );
}

#[test]
fn a_setting_says_how_many_rejects_are_too_many() {
    // Two rows of four are rejected.
    for (limit, code) in [
        ("2", 0),
        ("1", 1),
        ("50%", 0),
        ("49%", 1),
        ("0", 1),
        ("100%", 0),
    ] {
        println!("{limit}");
        Estate::of("row_lengths")
            .setting("MAX_REJECTS", limit)
            .sync_with(&[], code);
    }
    let outcome = Estate::of("row_lengths")
        .setting("MAX_REJECTS", "beaucoup")
        .crmreco(&["sync", "cave"])
        .exits(3);
    assert_says(&outcome.text(), &["MAX_REJECTS"]);
}

#[test]
fn one_percent_rejected_is_not_more_than_one_percent() {
    let estate = Estate::empty();
    let rows = |count: usize| {
        let bad = "code_client;nom\nC0\nC1\nC2\nC3\n".to_owned();
        (4..count).fold(bad, |text, row| text + &format!("C{row};Dupont\n"))
    };
    estate.export("clients.csv", rows(400));
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.read, customers.rejected), (400, 4));
    let estate = Estate::empty();
    estate.export("clients.csv", rows(399));
    let answer = estate.sync_with(&[], 1);
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 0);
}

#[test]
fn three_rejected_are_not_too_many_where_others_are_accepted() {
    let rejected = "C1\nC2\nC3\n";
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        format!("code_client;nom\n{rejected}C4;Dupont\n"),
    );
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (1, 3));
    // Whatever is allowed: nothing but rejects is no success.
    for limit in ["auto", "100%", "3"] {
        let estate = Estate::empty().setting("MAX_REJECTS", limit);
        estate.export("clients.csv", format!("code_client;nom\n{rejected}"));
        let answer = estate.sync_with(&[], 1);
        let errors = messages(&answer, "errors").concat();
        assert_says(
            &errors,
            &["Clients", "aucune ligne", "clients.csv, ligne 2"],
        );
    }
}

#[test]
fn a_table_that_failed_is_repaired_by_the_next_sync() {
    let estate = Estate::of("many_rejects");
    estate.sync_with(&[], 1);
    estate.export("clients.csv", "code_client;nom;ville\nC1;Dupont;Nice\n");
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 1);
}

#[test]
fn a_file_that_failed_is_tried_again_when_the_setting_is_repaired() {
    let estate = Estate::of("many_rejects");
    estate.sync_with(&[], 1);
    let estate = estate.setting("MAX_REJECTS", "67%");
    assert_eq!(counts(&estate.sync(), "CUSTOMERS").inserted, 2);
}

#[test]
fn a_missing_folder_fails_the_run_and_is_named() {
    let estate = Estate::bare();
    estate.connector("cave", &estate.root().join("nowhere"));
    let answer = estate.sync_with(&[], 1);
    assert_says(&messages(&answer, "errors").concat(), &["nowhere"]);
}

#[test]
fn rows_carry_the_run_that_last_changed_them() {
    let estate = Estate::of("plain");
    let text = |answer: &Value| {
        answer["run_id"]
            .as_str()
            .map_or_else(|| answer["run_id"].to_string(), str::to_owned)
    };
    let first = text(&estate.sync());
    estate.export(
        "clients.csv",
        estate.export_text("clients.csv").replace("Nice", "Cannes"),
    );
    let second = text(&estate.sync());
    let runs = estate.sql("SELECT run_id FROM customers ORDER BY customer_key");
    assert_eq!(runs, [first.clone(), first, second]);
}

#[test]
fn a_pipe_gets_no_escape_codes() {
    let estate = Estate::of("plain");
    for args in [
        &["sync", "cave"][..],
        &["sync", "cave", "--json"],
        &["list"],
        &["show", "cave"],
        &["status"],
        &["metrics"],
    ] {
        let outcome = Outcome::of(estate.command(args).env_remove("NO_COLOR")).exits(0);
        assert!(!outcome.stdout.is_empty());
        assert!(!outcome.text().contains('\u{1b}'), "{outcome:?}");
    }
}
