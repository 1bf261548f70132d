//! A change of `SALES_KEY`, `SALES_FILES` or `FISCAL_YEAR_START` replaces the rows and doubles none.

use std::fs;

use super::{assert_settled, changes, estate, keys_warnings, months, sales, sync_as, table, total};
use crate::common::{Estate, assert_says, the_message};

/// Documents, numbered lines, bare numbers and lines without any, in four files.
fn mixed() -> Estate {
    let estate = Estate::empty();
    estate.export(
        "ventes_2025-01.csv",
        sales(&[
            "1;C1;P1;05/01/2025;6;60,00",
            "1;C1;P1;05/01/2025;1;0,00",
            "1;C1;P2;05/01/2025;1;20,00",
        ]),
    );
    estate.export(
        "ventes_2025-02.csv",
        table(
            "num_piece;num_ligne;code_client;produit_key;date;quantite;montant_ttc",
            &[
                "2;1;C2;P1;06/02/2025;3;30,00",
                "2;2;C2;P2;06/02/2025;1;20,00",
            ],
        ),
    );
    estate.export(
        "ventes_2025-03.csv",
        table(
            "num_ligne;code_client;produit_key;date;quantite;montant_ttc",
            &["71;C1;P1;07/03/2025;2;20,00"],
        ),
    );
    estate.export(
        "ventes_2025-04.csv",
        table(
            "code_client;produit_key;date;quantite;montant_ttc",
            &["C1;P1;08/04/2025;1;10,00", "C1;P1;08/04/2025;1;10,00"],
        ),
    );
    estate
}

/// Invoices and credit notes that share numbers, with and without line numbers.
fn typed() -> Estate {
    let estate = Estate::empty();
    estate.export(
        "ventes_2025-01.csv",
        table(
            "type_document;num_piece;code_client;produit_key;date;quantite;montant_ttc",
            &[
                "Facture;12;C1;P1;05/01/2025;6;60,00",
                "Facture;12;C1;P1;05/01/2025;1;0,00",
                "Avoir;12;C2;P1;06/01/2025;-1;-10,00",
            ],
        ),
    );
    estate.export(
        "ventes_2025-02.csv",
        table(
            "type_document;num_piece;num_ligne;code_client;produit_key;date;quantite;montant_ttc",
            &[
                "Facture;20;71;C1;P1;05/02/2025;6;60,00",
                "Avoir;20;72;C1;P1;06/02/2025;-1;-10,00",
            ],
        ),
    );
    estate
}

const MIXED: [&str; 4] = [
    "2025-01|3|80",
    "2025-02|2|50",
    "2025-03|1|20",
    "2025-04|2|20",
];

/// Each change, and the way back.
const CHANGES: [(&str, &str); 6] = [
    ("SALES_KEY", "document"),
    ("SALES_KEY", "document+customer"),
    ("SALES_KEY", "document+date"),
    ("SALES_KEY", "line"),
    ("FISCAL_YEAR_START", "08-01"),
    ("SALES_FILES", "append"),
];

#[test]
fn another_key_and_back_replaces_the_rows() {
    for change in CHANGES {
        let estate = mixed();
        estate.sync();
        assert_eq!(months(&estate), MIXED);
        for settings in [&[change][..], &[]] {
            let answer = sync_as(&estate, settings, 0);
            assert_eq!(months(&estate), MIXED, "{settings:?}: {answer:#}");
            let [inserted, _, _, deleted, rejected] = changes(&answer);
            assert_eq!(
                [inserted, deleted, rejected],
                [0; 3],
                "{settings:?}: {answer:#}"
            );
            assert_says(&keys_warnings(&answer).concat(), &["clés", "8 avant"]);
            assert_settled(&estate, settings);
        }
    }
}

#[test]
fn a_new_key_form_applies_to_rows_of_deleted_files() {
    for change in CHANGES {
        for gone in [
            "ventes_2025-01.csv",
            "ventes_2025-02.csv",
            "ventes_2025-03.csv",
            "ventes_2025-04.csv",
        ] {
            let estate = mixed();
            estate.sync();
            let content = estate.export_text(gone);
            fs::remove_file(estate.exports().join(gone)).unwrap();
            sync_as(&estate, &[change], 0);
            assert_eq!(months(&estate), MIXED, "{change:?}, {gone}");
            assert_settled(&estate, &[change]);
            estate.export(gone, content);
            sync_as(&estate, &[change], 0);
            assert_eq!(months(&estate), MIXED, "{change:?}, {gone} is back");
            assert_settled(&estate, &[change]);
            sync_as(&estate, &[], 0);
            assert_eq!(months(&estate), MIXED, "{change:?} and back, {gone}");
            assert_settled(&estate, &[]);
        }
    }
}

/// As many customers as documents share a number: under `auto` the second is rejected, under the wider key both stay,
/// and back again the stored one is not lost in silence.
#[test]
fn a_narrower_key_rejects_what_the_wider_one_kept() {
    let estate = estate(&[("MAX_REJECTS", "100%")]);
    estate.export(
        "ventes_2025-01.csv",
        sales(&["1;C1;P1;05/01/2025;6;60,00", "2;C1;P1;05/01/2025;1;10,00"]),
    );
    estate.export("ventes_2025-02.csv", sales(&["1;C2;P1;06/02/2025;3;30,00"]));
    let wider = [("SALES_KEY", "document+customer")];
    sync_as(&estate, &wider, 0);
    assert_eq!(total(&estate), "3|100");
    let answer = sync_as(&estate, &[], 0);
    assert_eq!(total(&estate), "2|70");
    assert_eq!(changes(&answer)[4], 1, "{answer:#}");
    assert_says(
        &the_message(&answer, "warnings", "sommes par mois"),
        &["2025-02", "30,00 € avant, 0,00 € après"],
    );
    sync_as(&estate, &wider, 0);
    assert_eq!(total(&estate), "3|100");
}

#[test]
fn the_setting_of_the_file_counts_like_that_of_the_environment() {
    let estate = mixed();
    estate.sync();
    let estate = estate.setting("SALES_KEY", "document+date");
    let answer = estate.sync();
    assert_says(
        &keys_warnings(&answer).concat(),
        &["clés", "fichiers relus"],
    );
    assert_eq!(months(&estate), MIXED);
    assert_settled(&estate, &[]);
}

#[test]
fn a_setting_that_changes_no_row_reads_nothing_again() {
    let estate = mixed();
    estate.sync();
    for quiet in [
        ("MAX_REJECTS", "5%"),
        ("FILE_PATTERN", "ventes*.csv"),
        ("SALES_KEY", "auto"),
    ] {
        assert_settled(&estate, &[quiet]);
    }
    assert_eq!(months(&estate), MIXED);
}

#[test]
fn unknown_values_are_refused() {
    let estate = mixed();
    for (key, value) in [
        ("SALES_KEY", "client"),
        ("SALES_FILES", "all"),
        ("FISCAL_YEAR_START", "13-01"),
    ] {
        let mut command = estate.command(&["sync", "cave", "--json"]);
        command.env(format!("CRMRECO_CONNECTOR__CAVE__{key}"), value);
        let outcome = crate::common::Outcome::of(&mut command);
        assert_ne!(outcome.code, Some(0), "{outcome:#?}");
        assert_says(&outcome.text(), &[key, value]);
    }
}

/// As above, but the file is there at the change and gone on the way back.
#[test]
fn the_old_key_form_applies_to_rows_of_deleted_files() {
    let gone = [
        "ventes_2025-01.csv",
        "ventes_2025-02.csv",
        "ventes_2025-03.csv",
        "ventes_2025-04.csv",
    ];
    let mut failures = Vec::new();
    for change in CHANGES {
        for gone in gone {
            let estate = mixed();
            sync_as(&estate, &[change], 0);
            let content = estate.export_text(gone);
            fs::remove_file(estate.exports().join(gone)).unwrap();
            sync_as(&estate, &[], 0);
            let without = months(&estate);
            estate.export(gone, content);
            sync_as(&estate, &[], 0);
            let with = months(&estate);
            if without != MIXED || with != MIXED {
                failures.push(format!(
                    "{change:?}, {gone}: {without:?}, when it is back: {with:?}"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The counts that `list` shows are those of the table.
#[test]
fn the_number_of_rows_is_right_after_a_change_of_keys() {
    for gone in [None, Some("ventes_2025-01.csv"), Some("ventes_2025-04.csv")] {
        let estate = mixed();
        estate.sync();
        if let Some(gone) = gone {
            fs::remove_file(estate.exports().join(gone)).unwrap();
        }
        sync_as(&estate, &[("SALES_KEY", "document+date")], 0);
        let list = estate.crmreco(&["list", "--json"]).exits(0).json();
        assert_eq!(
            list["metrics"]["records_by_table"]["SALES_LINES"], 8,
            "{gone:?}"
        );
    }
}

#[test]
fn customer_figures_are_right_after_a_change_of_keys() {
    let estate = mixed();
    estate.export(
        "clients.csv",
        "code_client;nom\r\nC1;Durand\r\nC2;Petit\r\n",
    );
    estate.sync();
    let figures = "SELECT customer_key, purchase_count, total_spent_eur, first_purchase_date, last_purchase_date FROM customers ORDER BY 1";
    let before = estate.sql(figures);
    assert_eq!(before[1], "isavigne-C2|1|50|2025-02-06|2025-02-06");
    fs::remove_file(estate.exports().join("ventes_2025-02.csv")).unwrap();
    sync_as(&estate, &[("SALES_KEY", "document+customer")], 0);
    assert_eq!(estate.sql(figures), before);
}

/// The newest file is all there is, whatever was stored by older rules.
#[test]
fn a_change_to_full_leaves_the_newest_file_alone() {
    let estate = mixed();
    estate.sync();
    sync_as(
        &estate,
        &[("SALES_FILES", "full"), ("SALES_KEY", "document+date")],
        0,
    );
    sync_as(
        &estate,
        &[("SALES_FILES", "full"), ("SALES_KEY", "document+date")],
        0,
    );
    assert_eq!(months(&estate), ["2025-04|2|20"]);
}

/// Keys made from stored columns are those that the file itself gives, on the way there and back.
#[test]
fn keys_made_from_stored_columns_are_those_of_the_files() {
    let keys = |estate: &Estate| estate.sql("SELECT sale_line_key FROM sales_lines ORDER BY 1");
    let fresh = |make: fn() -> Estate, settings: &[(&str, &str)]| {
        let estate = make();
        sync_as(&estate, settings, 0);
        keys(&estate)
    };
    let mut failures = Vec::new();
    for (make, change) in [mixed, typed]
        .into_iter()
        .flat_map(|make| CHANGES.map(|change| (make, change)))
    {
        for (from, to) in [(&[][..], &[change][..]), (&[change], &[])] {
            let estate = make();
            sync_as(&estate, from, 0);
            for entry in fs::read_dir(estate.exports()).unwrap().map(Result::unwrap) {
                fs::remove_file(entry.path()).unwrap();
            }
            estate.export("ventes_2025-05.csv", sales(&["9;C9;P9;05/05/2025;1;9,00"]));
            sync_as(&estate, to, 0);
            let stored = keys(&estate);
            for missing in fresh(make, to).iter().filter(|key| !stored.contains(key)) {
                failures.push(format!("{from:?} to {to:?}: no {missing}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Two lines under one number become one key: what no file can give back is kept.
#[test]
fn lines_of_deleted_files_are_never_dropped() {
    let header = "num_piece;num_ligne;code_client;produit_key;date;quantite;montant_ttc";
    let estate = Estate::empty();
    estate.export(
        "ventes_2025-01.csv",
        table(header, &["1;1;C1;P1;05/01/2025;6;60,00"]),
    );
    estate.export(
        "ventes_2025-02.csv",
        table(header, &["1;1;C2;P1;06/02/2025;3;30,00"]),
    );
    sync_as(&estate, &[("SALES_KEY", "document+customer")], 0);
    assert_eq!(total(&estate), "2|90");
    for gone in ["ventes_2025-01.csv", "ventes_2025-02.csv"] {
        fs::remove_file(estate.exports().join(gone)).unwrap();
    }
    estate.export("ventes_2025-03.csv", sales(&["9;C9;P9;05/03/2025;1;1,00"]));
    sync_as(&estate, &[], 0);
    assert_eq!(total(&estate), "3|91");
}

/// Each day's export takes the name of the one before.
#[test]
fn lines_of_what_a_file_held_before_stay() {
    let estate = Estate::empty();
    for day in 1..=3 {
        estate.export(
            "ventes.csv",
            sales(&[&format!("{day};C1;P1;0{day}/10/2025;1;10,00")]),
        );
        estate.sync();
    }
    assert_eq!(total(&estate), "3|30");
    sync_as(&estate, &[("SALES_KEY", "document")], 0);
    assert_eq!(total(&estate), "3|30");
}

/// A sale of another connector with the same quantity and customer code does not count as this one's line.
#[test]
fn sales_of_another_connector_delete_no_line() {
    let unnumbered =
        |line: &str| table("code_client;produit_key;date;quantite;montant_ttc", &[line]);
    let estate = estate(&[]);
    let others = estate.root().join("autres");
    fs::create_dir(&others).unwrap();
    let gone = unnumbered("C1;P1;01/10/2025;6;60,00");
    fs::write(others.join("ventes.csv"), &gone).unwrap();
    let others = others.to_str().unwrap();
    estate
        .crmreco(&["add", "autre", "--type", "isavigne", "--path", others])
        .exits(0);
    estate.export("ventes.csv", gone);
    estate.crmreco(&["sync", "--all"]).exits(0);
    estate.export("ventes.csv", unnumbered("C1;P1;02/10/2025;1;10,00"));
    estate.sync();
    sync_as(&estate, &[("SALES_KEY", "document")], 0);
    let of_cave = "SELECT sum(price_total_eur) FROM sales_lines WHERE source = 'cave'";
    assert_eq!(estate.sql(of_cave), ["70"]);
}
