//! What an export covers, by `SALES_FILES`, and lines that an export no longer holds.

use serde_json::Value;

use super::{assert_settled, changes, documents, estate, keys_warnings, sales, table, total};
use crate::common::{Estate, assert_says, messages, the_message};

fn lines_of(numbers: impl Iterator<Item = u32>) -> String {
    let all: Vec<String> = numbers
        .map(|number| format!("F{number:03};C1;P1;{:02}/10/2025;1;10,00", number % 28 + 1))
        .collect();
    sales(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

// ---- period

const PERIOD: [(&str, &str); 1] = [("SALES_FILES", "period")];

fn september_and_october() -> Estate {
    let estate = estate(&PERIOD);
    estate.export(
        "ventes_2025-09.csv",
        sales(&["S1;C1;P1;10/09/2025;1;10,00"]),
    );
    estate.export(
        "ventes_2025-10.csv",
        sales(&[
            "O1;C1;P1;01/10/2025;1;10,00",
            "O2;C1;P1;15/10/2025;1;10,00",
            "O3;C1;P1;31/10/2025;1;10,00",
        ]),
    );
    estate.sync();
    assert_eq!(documents(&estate), ["O1", "O2", "O3", "S1"]);
    estate
}

#[test]
fn lines_missing_from_a_period_are_deleted_and_others_kept() {
    let estate = september_and_october();
    estate.export(
        "ventes_2025-10.csv",
        sales(&["O1;C1;P1;01/10/2025;1;10,00", "O3;C1;P1;31/10/2025;1;10,00"]),
    );
    let answer = estate.sync();
    assert_eq!(documents(&estate), ["O1", "O3", "S1"]);
    assert_eq!(changes(&answer), [0, 0, 2, 1, 0]);
    assert_settled(&estate, &[]);
}

#[test]
fn a_period_is_the_span_of_its_lines() {
    let estate = september_and_october();
    // From the 1st to the 15th: the 31st lies outside.
    estate.export(
        "ventes_2025-10.csv",
        sales(&["O1;C1;P1;01/10/2025;1;10,00", "O4;C1;P1;15/10/2025;1;10,00"]),
    );
    estate.sync();
    assert_eq!(documents(&estate), ["O1", "O3", "O4", "S1"]);
}

#[test]
fn a_single_line_of_a_document_can_be_deleted() {
    let estate = estate(&PERIOD);
    let lines = [
        "O1;C1;P1;01/10/2025;1;10,00",
        "O1;C1;P2;01/10/2025;1;20,00",
        "O1;C1;P3;01/10/2025;1;30,00",
    ];
    estate.export("ventes.csv", sales(&lines));
    estate.sync();
    estate.export("ventes.csv", sales(&[lines[0], lines[2]]));
    estate.sync();
    assert_eq!(total(&estate), "2|40");
}

#[test]
fn a_period_with_rejects_removes_nothing() {
    let estate = september_and_october();
    estate.export(
        "ventes_2025-10.csv",
        sales(&[
            "O1;C1;P1;01/10/2025;1;10,00",
            "O3;C1;P1;31/10/2025;1;10,00",
            "O5;C1;P1;20/10/2025;douze;10,00",
        ]),
    );
    let answer = estate.sync();
    assert_eq!(documents(&estate), ["O1", "O2", "O3", "S1"]);
    let [_, _, _, deleted, rejected] = changes(&answer);
    assert_eq!([deleted, rejected], [0, 1], "{answer:#}");
}

#[test]
fn two_files_of_one_period_keep_each_others_lines() {
    let estate = estate(&PERIOD);
    for round in 1..=2 {
        let shop = format!("B1;C1;P1;01/10/2025;{round};10,00");
        let web = format!("W1;C2;P1;02/10/2025;{round};10,00");
        estate.export(
            "ventes_boutique.csv",
            sales(&[&shop, "B2;C1;P1;31/10/2025;1;10,00"]),
        );
        estate.export(
            "ventes_site.csv",
            sales(&[&web, "W2;C2;P1;30/10/2025;1;10,00"]),
        );
        estate.sync();
        assert_eq!(documents(&estate), ["B1", "B2", "W1", "W2"]);
    }
}

#[test]
fn a_period_that_would_shrink_the_table_too_much_fails_unless_allowed() {
    let estate = estate(&PERIOD);
    estate.export("ventes.csv", lines_of(0..60));
    estate.sync();
    // F000 is of the 1st, F027 of the 28th.
    estate.export(
        "ventes.csv",
        lines_of((0..60).filter(|n| [0, 27].contains(n) || *n >= 20)),
    );
    let answer = estate.sync_with(&[], 1);
    assert_says(
        &messages(&answer, "errors").concat(),
        &["19 lignes sur 60", "20 %", "autorisant cette suppression"],
    );
    assert_eq!(documents(&estate).len(), 60);
    let answer = estate.sync_with(&["--allow-shrink"], 0);
    assert_eq!(documents(&estate).len(), 41);
    assert_eq!(changes(&answer), [0, 0, 41, 19, 0]);
    assert_settled(&estate, &[]);
}

#[test]
fn a_period_may_delete_a_fifth() {
    let estate = estate(&PERIOD);
    estate.export("ventes.csv", lines_of(0..60));
    estate.sync();
    estate.export(
        "ventes.csv",
        lines_of((0..60).filter(|n| !(1..13).contains(n))),
    );
    estate.sync();
    assert_eq!(documents(&estate).len(), 48);
}

#[test]
fn a_sale_deleted_by_a_period_updates_customer_figures() {
    let estate = september_and_october();
    estate.export("clients.csv", "code_client;nom\r\nC1;Durand\r\n");
    estate.sync();
    let purchases = "SELECT purchase_count, total_spent_eur FROM customers";
    assert_eq!(estate.sql(purchases), ["4|40"]);
    estate.export(
        "ventes_2025-10.csv",
        sales(&["O1;C1;P1;01/10/2025;1;10,00", "O3;C1;P1;31/10/2025;1;10,00"]),
    );
    estate.sync();
    assert_eq!(estate.sql(purchases), ["3|30"]);
}

// ---- full, append

#[test]
fn only_the_newest_full_file_counts() {
    let estate = estate(&[("SALES_FILES", "full")]);
    estate.export(
        "ventes_2025-10-31.csv",
        sales(&["O1;C1;P1;01/10/2025;1;10,00", "O2;C1;P1;15/10/2025;1;10,00"]),
    );
    estate.export(
        "ventes_2025-09-30.csv",
        sales(&["S1;C1;P1;10/09/2025;1;10,00"]),
    );
    estate.sync();
    assert_eq!(documents(&estate), ["O1", "O2"]);
    assert_settled(&estate, &[]);
    estate.export(
        "ventes_2025-11-30.csv",
        sales(&["O2;C1;P1;15/10/2025;2;20,00", "N1;C1;P1;20/11/2025;1;10,00"]),
    );
    let answer = estate.sync();
    assert_eq!(documents(&estate), ["N1", "O2"]);
    assert_eq!(changes(&answer), [1, 1, 0, 1, 0]);
    assert_settled(&estate, &[]);
}

#[test]
fn a_full_file_that_shrinks_too_much_fails_unless_allowed() {
    let estate = estate(&[("SALES_FILES", "full")]);
    estate.export("ventes.csv", lines_of(0..60));
    estate.sync();
    estate.export("ventes.csv", lines_of(0..30));
    let answer = estate.sync_with(&[], 1);
    assert_says(
        &messages(&answer, "errors").concat(),
        &["autorisant cette suppression"],
    );
    assert_eq!(documents(&estate).len(), 60);
    estate.sync_with(&["--allow-shrink"], 0);
    assert_eq!(documents(&estate).len(), 30);
}

#[test]
fn a_full_file_with_a_reject_removes_nothing() {
    let estate = estate(&[("SALES_FILES", "full")]);
    estate.export(
        "ventes.csv",
        sales(&["O1;C1;P1;01/10/2025;1;10,00", "O2;C1;P1;15/10/2025;1;10,00"]),
    );
    estate.sync();
    estate.export(
        "ventes.csv",
        sales(&[
            "O1;C1;P1;01/10/2025;1;10,00",
            "O3;C1;P1;15/10/2025;douze;10,00",
        ]),
    );
    estate.sync();
    assert_eq!(documents(&estate), ["O1", "O2"]);
}

const UNNUMBERED: &str = "code_client;produit_key;date;quantite;montant_ttc";

#[test]
fn equal_lines_of_two_files_count_once_with_a_warning() {
    let lines = ["COMPTOIR;P1;01/10/2025;1;10,00"; 2];
    let estate = estate(&[]);
    estate.export("ventes_matin.csv", table(UNNUMBERED, &lines));
    estate.export(
        "ventes_soir.csv",
        table(
            UNNUMBERED,
            &[&lines[..], &["COMPTOIR;P2;01/10/2025;1;20,00"]].concat(),
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "3|40");
    assert_says(
        &the_message(&answer, "warnings", "SALES_FILES=append"),
        &["2 lignes sans numéro", "ventes_soir.csv"],
    );
}

/// The evening's file comes when the morning's has long been loaded.
#[test]
fn equal_lines_of_a_later_file_give_a_warning() {
    let estate = estate(&[]);
    estate.export(
        "ventes_matin.csv",
        table(UNNUMBERED, &["COMPTOIR;P1;01/10/2025;1;10,00"]),
    );
    estate.sync();
    estate.export(
        "ventes_soir.csv",
        table(
            UNNUMBERED,
            &[
                "COMPTOIR;P1;01/10/2025;1;10,00",
                "COMPTOIR;P2;01/10/2025;1;20,00",
            ],
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "2|30");
    assert_says(
        &the_message(&answer, "warnings", "SALES_FILES=append"),
        &["1 ligne sans numéro"],
    );
}

#[test]
fn equal_lines_of_two_files_are_two_sales_under_append() {
    let estate = estate(&[("SALES_FILES", "append")]);
    let lines = ["COMPTOIR;P1;01/10/2025;1;10,00"; 2];
    estate.export("ventes_matin.csv", table(UNNUMBERED, &lines));
    estate.sync();
    // The same bytes under another name: no copy.
    estate.export("ventes_soir.csv", table(UNNUMBERED, &lines));
    let answer = estate.sync();
    assert_eq!(total(&estate), "4|40");
    assert_eq!(changes(&answer), [2, 0, 0, 0, 0]);
    assert_settled(&estate, &[]);
    // The same file again with one line more adds that line alone.
    estate.export(
        "ventes_soir.csv",
        table(UNNUMBERED, &["COMPTOIR;P1;01/10/2025;1;10,00"; 3]),
    );
    estate.sync();
    assert_eq!(total(&estate), "5|50");
}

// ---- lines that an export no longer holds, under increment

fn is_told(answer: &Value, count: &str, example: &str) {
    let told = the_message(answer, "warnings", "SALES_FILES=period");
    assert_says(&told, &[count, example]);
}

#[test]
fn a_repeated_file_with_missing_lines_gives_a_warning() {
    let estate = estate(&[]);
    estate.export("ventes.csv", lines_of(0..10));
    estate.sync();
    estate.export(
        "ventes.csv",
        lines_of((0..10).filter(|n| ![3, 4, 5, 6].contains(n))),
    );
    let answer = estate.sync();
    is_told(&answer, "4 lignes en base", "F003, P1, 2025-10-04");
    // Three are shown.
    assert!(!messages(&answer, "warnings").concat().contains("F006"));
    assert_eq!(documents(&estate).len(), 10, "nothing goes by itself");
    assert_settled(&estate, &[]);
}

#[test]
fn a_document_with_a_missing_line_gives_a_warning() {
    let lines = [
        "O1;C1;P1;01/10/2025;1;10,00",
        "O1;C1;P2;01/10/2025;1;20,00",
        "O2;C1;P3;01/10/2025;1;30,00",
    ];
    let estate = estate(&[]);
    estate.export("ventes_2025-10-01.csv", sales(&lines));
    estate.sync();
    estate.export(
        "ventes_2025-10-02.csv",
        sales(&[
            lines[0],
            "O3;C1;P1;02/10/2025;1;10,00",
            "O4;C1;P1;02/10/2025;1;10,00",
        ]),
    );
    let answer = estate.sync();
    is_told(&answer, "1 ligne en base", "O1, P2, 2025-10-01");
    assert_eq!(total(&estate), "5|80");
}

/// The quarter repeats most of October, but not all.
#[test]
fn lines_missing_from_a_mostly_repeated_span_give_a_warning() {
    let estate = estate(&[]);
    estate.export("ventes_2025-10.csv", lines_of(0..20));
    estate.sync();
    estate.export(
        "ventes_trimestre.csv",
        lines_of((0..25).filter(|n| *n != 7)),
    );
    let answer = estate.sync();
    is_told(&answer, "1 ligne en base", "F007");
}

#[test]
fn a_daily_increment_gives_no_warning() {
    let estate = estate(&[]);
    for day in 1..=4u32 {
        let name = format!("ventes_2025-10-{day:02}.csv");
        estate.export(&name, lines_of(day * 10..day * 10 + 10));
        let answer = estate.sync();
        assert_eq!(keys_warnings(&answer), Vec::<String>::new(), "{answer:#}");
    }
    assert_eq!(documents(&estate).len(), 40);
}

/// A daily export that begins with the last two lines of the day before.
#[test]
fn a_slightly_overlapping_increment_gives_no_warning() {
    let estate = estate(&[]);
    estate.export("ventes_2025-10-01.csv", lines_of(0..10));
    estate.sync();
    estate.export("ventes_2025-10-02.csv", lines_of(8..20));
    assert_eq!(keys_warnings(&estate.sync()), Vec::<String>::new());
}

/// One file whose name stays and whose content is that of the day: nothing of it is known.
#[test]
fn a_daily_increment_under_one_name_is_warned_of_with_the_setting() {
    let estate = estate(&[]);
    estate.export("ventes.csv", lines_of(0..10));
    estate.sync();
    estate.export("ventes.csv", lines_of(10..20));
    is_told(&estate.sync(), "10 lignes en base", "F000");
    assert_eq!(documents(&estate).len(), 20);
}

#[test]
fn a_growing_file_gives_no_warning() {
    let estate = estate(&[]);
    for count in [5, 10, 15] {
        estate.export("ventes.csv", lines_of(0..count));
        assert_eq!(keys_warnings(&estate.sync()), Vec::<String>::new());
    }
}

/// A line that is there but rejected is not missing.
#[test]
fn a_rejected_line_is_not_reported_as_missing() {
    let estate = estate(&[]);
    let lines = [
        "1;C1;P1;01/10/2025;1;10,00",
        "2;C1;P1;02/10/2025;1;10,00",
        "3;C1;P1;03/10/2025;1;10,00",
    ];
    estate.export("ventes.csv", sales(&lines));
    estate.sync();
    estate.export(
        "ventes.csv",
        sales(&[lines[0], "2;C1;P1;02/10/2025;douze;10,00", lines[2]]),
    );
    let answer = estate.sync();
    assert_eq!(changes(&answer), [0, 0, 2, 0, 1]);
    assert_eq!(keys_warnings(&answer), Vec::<String>::new());
}

/// Two lines of one wine: the second does not take the place of the first when that cannot be read.
#[test]
fn a_rejected_line_keeps_its_rank() {
    let estate = estate(&[]);
    let (first, second) = ["1;C1;P1;01/10/2025;12;120,00", "1;C1;P1;01/10/2025;5;50,00"].into();
    estate.export(
        "ventes.csv",
        sales(&[first, second, "2;C1;P1;01/10/2025;1;10,00"]),
    );
    estate.sync();
    assert_eq!(total(&estate), "3|180");
    estate.export(
        "ventes.csv",
        sales(&[
            "1;C1;P1;01/10/2025;douze;120,00",
            second,
            "2;C1;P1;01/10/2025;1;10,00",
        ]),
    );
    let answer = estate.sync();
    assert_eq!(changes(&answer)[4], 1);
    assert_eq!(total(&estate), "3|180");
}

/// A file was read with one line of a document, another file completes it; then the first comes again.
#[test]
fn a_document_in_two_files_is_whole() {
    let estate = estate(&[]);
    estate.export("ventes_a.csv", sales(&["1;C1;P1;01/10/2025;1;10,00"]));
    estate.export("ventes_b.csv", sales(&["1;C1;P2;01/10/2025;1;20,00"]));
    estate.sync();
    assert_eq!(total(&estate), "2|30");
    estate.export("ventes_a.csv", sales(&["1;C1;P1;01/10/2025;2;20,00"]));
    estate.sync();
    assert_eq!(total(&estate), "2|40");
}
