//! A stored line that comes again as something else: rejected under `auto`, and what `SALES_KEY` makes of it.

use super::{assert_settled, changes, estate, sales, table, total};
use crate::common::{Estate, assert_says, messages, the_message};

/// Number 1 of one customer, then of another, or on another day, beside a line that is certain.
fn twice(settings: &[(&str, &str)], first: &str, second: &str) -> (Estate, serde_json::Value) {
    let estate = estate(settings);
    estate.export(
        "ventes_a.csv",
        sales(&[first, "900;C9;P9;05/01/2025;1;5,00"]),
    );
    estate.sync();
    estate.export(
        "ventes_b.csv",
        sales(&[second, "901;C9;P9;05/01/2025;1;5,00"]),
    );
    let answer = estate.sync();
    (estate, answer)
}

const FIRST: &str = "1;C1;P1;05/01/2025;6;60,00";
const OTHER_CUSTOMER: &str = "1;C2;P1;05/01/2025;3;30,00";
const OTHER_DAY: &str = "1;C1;P1;07/06/2025;3;30,00";

fn reasons(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT position, reason FROM rejects")
}

#[test]
fn another_customer_or_day_is_rejected_and_the_existing_line_kept() {
    let cases = [
        (
            OTHER_CUSTOMER,
            "le document 1 de 2025 est déjà en base pour un autre client (C1, le 05/01/2025)",
        ),
        (
            OTHER_DAY,
            "le document 1 de 2025 est déjà en base à une autre date (C1, le 05/01/2025)",
        ),
    ];
    for (second, reason) in cases {
        let (estate, answer) = twice(&[], FIRST, second);
        assert_eq!(total(&estate), "3|70", "{second}");
        assert_eq!(changes(&answer), [1, 0, 0, 0, 1]);
        assert_eq!(
            reasons(&estate),
            [format!(
                "2|{reason} : document corrigé, ou numéro réutilisé ? réglage SALES_KEY (ventes_b.csv, ligne 2)"
            )]
        );
        assert_says(
            &messages(&answer, "warnings").concat(),
            &["ventes_b.csv", "SALES_KEY"],
        );
        assert_settled(&estate, &[]);
    }
}

#[test]
fn a_number_of_next_year_is_another_document() {
    let (estate, answer) = twice(&[], FIRST, "1;C2;P1;05/01/2026;3;30,00");
    assert_eq!(total(&estate), "4|100");
    assert_eq!(changes(&answer), [2, 0, 0, 0, 0]);
}

#[test]
fn the_fiscal_year_decides_which_numbers_are_the_same() {
    // July and August of one calendar year: two years of an estate whose numbers begin again in August.
    let (estate, _) = twice(
        &[("FISCAL_YEAR_START", "08-01")],
        "1;C1;P1;31/07/2025;6;60,00",
        "1;C2;P1;01/08/2025;3;30,00",
    );
    assert_eq!(total(&estate), "4|100");
    assert_settled(&estate, &[]);
    // December and January: one year.
    let (estate, answer) = twice(
        &[("FISCAL_YEAR_START", "08-01")],
        "1;C1;P1;31/12/2024;6;60,00",
        "1;C2;P1;05/01/2025;3;30,00",
    );
    assert_eq!(total(&estate), "3|70");
    assert_eq!(changes(&answer)[4], 1);
    assert_says(&reasons(&estate).concat(), &["le document 1 de 2024"]);
}

#[test]
fn the_later_line_replaces_where_numbers_are_unique() {
    for second in [OTHER_CUSTOMER, OTHER_DAY] {
        let (estate, answer) = twice(&[("SALES_KEY", "document")], FIRST, second);
        assert_eq!(total(&estate), "3|40", "{second}");
        assert_eq!(changes(&answer), [1, 1, 0, 0, 0]);
        assert_settled(&estate, &[("SALES_KEY", "document")]);
    }
}

#[test]
fn both_lines_stay_where_numbers_are_reused() {
    for (key, second) in [
        ("document+customer", OTHER_CUSTOMER),
        ("document+date", OTHER_DAY),
    ] {
        let (estate, answer) = twice(&[("SALES_KEY", key)], FIRST, second);
        assert_eq!(total(&estate), "4|100", "{key}");
        assert_eq!(changes(&answer), [2, 0, 0, 0, 0]);
        assert_settled(&estate, &[("SALES_KEY", key)]);
    }
}

/// What the wider key does not tell apart is still rejected.
#[test]
fn wider_keys_still_reject_equal_keys() {
    for (key, second) in [
        ("document+customer", OTHER_DAY),
        ("document+date", OTHER_CUSTOMER),
    ] {
        let (estate, answer) = twice(&[("SALES_KEY", key)], FIRST, second);
        assert_eq!(total(&estate), "3|70", "{key}");
        assert_eq!(changes(&answer)[4], 1, "{key}");
    }
}

#[test]
fn a_numbered_line_may_change_its_wine_and_day_but_not_its_customer() {
    let header = "num_piece;num_ligne;code_client;produit_key;date;quantite;montant_ttc";
    let estate = estate(&[]);
    estate.export(
        "ventes_a.csv",
        table(
            header,
            &[
                "1;1;C1;P1;05/01/2025;6;60,00",
                "1;2;C1;P1;05/01/2025;1;10,00",
            ],
        ),
    );
    estate.sync();
    estate.export(
        "ventes_a.csv",
        table(
            header,
            &[
                "1;1;C1;P2;06/01/2025;5;50,00",
                "1;2;C2;P1;05/01/2025;1;99,00",
            ],
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "2|60");
    assert_eq!(changes(&answer), [0, 1, 0, 0, 1]);
}

#[test]
fn line_numbers_that_are_unique_for_ever_are_the_key_alone() {
    let header = "num_piece;num_ligne;code_client;produit_key;date;quantite;montant_ttc";
    let estate = estate(&[("SALES_KEY", "line")]);
    estate.export(
        "ventes_a.csv",
        table(
            header,
            &[
                "1;71;C1;P1;05/01/2025;6;60,00",
                "1;72;C1;P1;05/01/2025;1;10,00",
            ],
        ),
    );
    estate.sync();
    estate.export(
        "ventes_b.csv",
        table(header, &["2;71;C2;P3;06/02/2026;5;50,00"]),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "2|60");
    assert_eq!(changes(&answer), [0, 1, 0, 0, 0]);
    assert_settled(&estate, &[]);
}

#[test]
fn a_bare_number_with_another_wine_is_rejected() {
    let header = "num_ligne;code_client;produit_key;date;quantite;montant_ttc";
    let estate = estate(&[]);
    estate.export(
        "ventes_a.csv",
        table(
            header,
            &["1;C1;P1;05/01/2025;6;60,00", "2;C1;P1;05/01/2025;6;60,00"],
        ),
    );
    estate.sync();
    estate.export(
        "ventes_b.csv",
        table(
            header,
            &["1;C1;P2;05/02/2025;6;60,00", "2;C1;P1;05/01/2025;5;50,00"],
        ),
    );
    let answer = estate.sync();
    assert_eq!(changes(&answer), [0, 1, 0, 0, 1]);
    assert_says(
        &reasons(&estate).concat(),
        &["numéro de ligne 1", "autre article", "SALES_KEY"],
    );
}

#[test]
fn two_customers_under_one_number_give_a_warning() {
    let lines = [FIRST, OTHER_CUSTOMER, "2;C1;P1;05/01/2025;1;10,00"];
    let wide = estate(&[("SALES_KEY", "document+customer")]);
    wide.export("ventes.csv", sales(&lines));
    assert!(
        !messages(&wide.sync(), "warnings")
            .concat()
            .contains("SALES_KEY")
    );
    assert_eq!(total(&wide), "3|100");

    let auto = estate(&[]);
    auto.export("ventes.csv", sales(&lines));
    let answer = auto.sync();
    assert_says(
        &messages(&answer, "warnings").concat(),
        &["document+customer"],
    );
}

/// Both lines of number 1 are of one file; neither may take the other's place in silence.
#[test]
fn two_customers_under_one_number_lose_no_line_silently() {
    let estate = estate(&[]);
    // The same wine: under `auto` both lines would have the same key but for their rank.
    estate.export("ventes.csv", sales(&[FIRST, OTHER_CUSTOMER]));
    let answer = estate.sync();
    let rejected = changes(&answer)[4];
    let stored: u64 = estate
        .sql("SELECT count(*) FROM sales_lines")
        .concat()
        .parse()
        .unwrap();
    assert_eq!(stored + rejected, 2, "{answer:#}");
    assert_says(&messages(&answer, "warnings").concat(), &["SALES_KEY"]);
}

#[test]
fn a_merged_customer_is_one_message_that_offers_the_setting() {
    let of = |customer: &str| -> Vec<String> {
        let documents = 1..=10;
        documents
            .map(|number| format!("F{number};{customer};P1;{number:02}/10/2025;6;60,00"))
            .collect()
    };
    let export = |estate: &Estate, customer: &str| {
        let lines = of(customer);
        estate.export(
            "ventes.csv",
            sales(&lines.iter().map(String::as_str).collect::<Vec<_>>()),
        );
    };
    let auto = estate(&[("MAX_REJECTS", "100%")]);
    // A line that is accepted lets the table load.
    auto.export("ventes_autres.csv", sales(&["G1;C5;P1;01/09/2025;1;10,00"]));
    export(&auto, "C1");
    auto.sync();
    export(&auto, "C7");
    auto.export("ventes_autres.csv", sales(&["G1;C5;P1;01/09/2025;2;20,00"]));
    let answer = auto.sync();
    assert_eq!(total(&auto), "11|620");
    assert_eq!(changes(&answer)[4], 10);
    let merged = the_message(&answer, "warnings", "SALES_KEY=document");
    assert_says(&merged, &["10 lignes", "C1", "C7", "10"]);

    // The setting makes them follow.
    let answer = super::sync_as(&auto, &[("SALES_KEY", "document")], 0);
    assert_eq!(total(&auto), "11|620", "{answer:#}");
    assert_eq!(
        auto.sql("SELECT count(*) FROM sales_lines WHERE customer_key = 'isavigne-C7'"),
        ["10"]
    );
    assert_settled(&auto, &[("SALES_KEY", "document")]);
}

/// Beyond the limit of rejects the table fails; the message still offers the setting.
#[test]
fn a_merged_customer_beyond_the_limit_offers_the_setting_too() {
    let estate = estate(&[]);
    let lines = |customer: &str| -> String {
        let all: Vec<String> = (1..=9)
            .map(|n| format!("F{n};{customer};P1;0{n}/10/2025;6;60,00"))
            .collect();
        sales(&all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    estate.export("ventes.csv", lines("C1"));
    estate.sync();
    estate.export("ventes.csv", lines("C7"));
    let answer = estate.sync_with(&[], 1);
    assert_eq!(total(&estate), "9|540");
    let all = [messages(&answer, "errors"), messages(&answer, "warnings")]
        .concat()
        .concat();
    assert_says(&all, &["SALES_KEY=document"]);
}

/// A line that is rejected for its customer is in the export all the same.
#[test]
fn a_merged_customer_is_not_reported_as_missing_lines() {
    let estate = estate(&[("MAX_REJECTS", "100%")]);
    let lines = |customer: &str| {
        sales(&[
            &format!("1;{customer};P1;01/10/2025;6;60,00"),
            &format!("2;{customer};P1;02/10/2025;6;60,00"),
            "3;C5;P1;03/10/2025;6;60,00",
        ])
    };
    estate.export("ventes.csv", lines("C1"));
    estate.sync();
    estate.export("ventes.csv", lines("C7"));
    let answer = estate.sync();
    assert_eq!(changes(&answer)[4], 2);
    assert!(
        !messages(&answer, "warnings")
            .concat()
            .contains("SALES_FILES"),
        "{answer:#}"
    );
}

/// One customer, one number, one wine, two days of one file: two deliveries of an order, kept apart by their rank.
#[test]
fn one_document_on_two_days_of_a_file_keeps_both_lines() {
    let estate = estate(&[]);
    estate.export(
        "ventes.csv",
        sales(&["1;C1;P1;30/10/2025;6;60,00", "1;C1;P1;02/11/2025;1;10,00"]),
    );
    estate.sync();
    assert_eq!(total(&estate), "2|70");
    assert_settled(&estate, &[]);
}

/// Codes may hold what separates the parts of a key.
#[test]
fn codes_with_separators_are_other_codes() {
    let estate = estate(&[]);
    estate.export(
        "ventes.csv",
        sales(&[
            "1|P1;C1;P2;05/01/2025;1;10,00",
            "1;C1;P1|P2;05/01/2025;1;10,00",
            "1\\p;C1;P1;05/01/2025;1;10,00",
        ]),
    );
    estate.sync();
    assert_eq!(total(&estate), "3|30");
    for settings in [&[("SALES_KEY", "document+date")][..], &[]] {
        std::fs::remove_file(estate.exports().join("ventes.csv")).ok();
        estate.export(
            &format!("ventes_{}.csv", settings.len()),
            sales(&["9;C1;P1;05/02/2025;1;1,00"]),
        );
        super::sync_as(&estate, settings, 0);
        assert_eq!(total(&estate), "4|31", "{settings:?}");
    }
}

/// The second delivery of an order stands before the first in a later export: it is rejected, and the first counts once.
#[test]
fn a_line_after_a_rejected_one_counts_once() {
    let seconds = ["1;C1;P1;02/11/2025;1;10,00", "1;C2;P1;30/10/2025;1;10,00"];
    let mut totals = Vec::new();
    for second in seconds {
        let first = "1;C1;P1;30/10/2025;6;60,00";
        let estate = estate(&[]);
        estate.export("ventes_a.csv", sales(&[first, "9;C9;P9;30/10/2025;1;1,00"]));
        estate.sync();
        estate.export(
            "ventes_b.csv",
            sales(&[second, first, "8;C9;P9;30/10/2025;1;1,00"]),
        );
        estate.sync();
        let first = "SELECT count(*) FROM sales_lines WHERE date_sale = '2025-10-30' AND price_total_eur = 60";
        totals.extend(estate.sql(first));
    }
    assert_eq!(totals, ["1", "1"]);
}

/// What one file makes doubtful says nothing of the next: two equal lines of it are two.
#[test]
fn a_reject_of_one_file_does_not_affect_the_next() {
    let estate = estate(&[("MAX_REJECTS", "100%")]);
    let line = "1;C1;P1;30/10/2025;6;60,00";
    estate.export("ventes_a.csv", sales(&[line]));
    estate.sync();
    estate.export("ventes_b.csv", sales(&["1;C1;P1;02/11/2025;1;10,00"]));
    estate.export("ventes_c.csv", sales(&[line, line]));
    assert_eq!(changes(&estate.sync()), [1, 0, 1, 0, 1]);
    assert_eq!(total(&estate), "2|120");
}
