//! Which files count as already read, and unknown files.

use super::{assert_settled, changes, documents, estate, keys_warnings, sales, total};
use crate::common::{Estate, assert_says, messages};

const A: &[&str] = &["1;C1;P1;05/01/2025;6;60,00"];
const B: &[&str] = &["1;C1;P1;05/01/2025;5;50,00"];

#[test]
fn a_file_with_restored_content_is_read_again() {
    let estate = Estate::empty();
    for (lines, wanted) in [(A, "1|60"), (B, "1|50"), (A, "1|60"), (B, "1|50")] {
        estate.export("ventes.csv", sales(lines));
        estate.sync();
        assert_eq!(total(&estate), wanted);
        assert_settled(&estate, &[]);
    }
}

#[test]
fn customers_and_stock_with_restored_content_are_read_again() {
    let estate = Estate::empty();
    for name in ["Durand", "Martin", "Durand"] {
        estate.export("clients.csv", format!("code_client;nom\r\nC1;{name}\r\n"));
        estate.sync();
        assert_eq!(estate.sql("SELECT last_name FROM customers"), [name]);
    }
    for quantity in ["5", "7", "5"] {
        estate.export(
            "stock.csv",
            format!("produit_key;quantite\r\nP1;{quantity}\r\n"),
        );
        estate.sync();
        assert_eq!(
            estate.sql("SELECT quantity_units FROM stock_levels"),
            [quantity]
        );
    }
}

#[test]
fn a_copy_under_another_name_is_not_read_while_the_original_is_there() {
    let estate = Estate::empty();
    estate.export("ventes.csv", sales(A));
    estate.sync();
    estate.export("ventes - copie.csv", sales(A));
    let answer = estate.sync();
    assert_eq!(changes(&answer), [0; 5], "{answer:#}");
    // The original changes: the copy holds what was, and must not bring it back.
    estate.export("ventes.csv", sales(B));
    estate.sync();
    estate.sync();
    assert_eq!(total(&estate), "1|50");
}

#[test]
fn a_renamed_file_doubles_nothing() {
    let estate = Estate::empty();
    let unnumbered = "code_client;produit_key;date;quantite;montant_ttc\r\nC1;P1;01/10/2025;1;10,00\r\nC1;P1;01/10/2025;1;10,00\r\n";
    estate.export("ventes.csv", unnumbered);
    estate.sync();
    std::fs::rename(
        estate.exports().join("ventes.csv"),
        estate.exports().join("ventes_archive.csv"),
    )
    .unwrap();
    estate.sync();
    assert_eq!(total(&estate), "2|20");
    assert_settled(&estate, &[]);
}

#[test]
fn a_changed_setting_reads_again_and_says_so() {
    let changes_of_rows = [
        ("DATE_FORM", "dmy"),
        ("DECIMAL_MARK", ","),
        ("DELIMITER", ";"),
        ("ENCODING", "utf-8"),
        ("HEADER_LINE", "1"),
        ("CASE_SIZE", "6"),
        ("SALES_FILES", "period"),
        ("COLUMN__SALES_LINES__NOTES", "date"),
    ];
    for change in changes_of_rows {
        let estate = Estate::empty();
        estate.export("ventes.csv", sales(A));
        estate.sync();
        let answer = super::sync_as(&estate, &[change], 0);
        let told = keys_warnings(&answer).concat();
        assert!(
            told.contains("Ventes : 1 fichier relu, car un réglage"),
            "{change:?}: {told}"
        );
        assert_eq!(
            crate::common::counts(&answer, "SALES_LINES").read,
            1,
            "{change:?}"
        );
        assert_eq!(total(&estate), "1|60");
        assert_settled(&estate, &[change]);
    }
}

#[test]
fn a_setting_of_sales_reads_no_customers_again() {
    let estate = Estate::empty();
    estate.export("clients.csv", "code_client;nom\r\nC1;Durand\r\n");
    estate.export("ventes.csv", sales(A));
    estate.sync();
    let answer = super::sync_as(&estate, &[("SALES_KEY", "document")], 0);
    assert_eq!(answer["records"]["CUSTOMERS"]["read"], 0);
}

#[test]
fn a_folder_without_a_known_file_fails() {
    let estate = Estate::empty();
    estate.export("export.csv", "a;b\r\n1;2\r\n");
    estate.export("divers.csv", "x;y\r\n1;2\r\n");
    for command in [["sync", "cave", "--json"], ["test", "cave", "--json"]] {
        let outcome = estate.crmreco(&command).exits(1);
        assert_says(
            &outcome.text(),
            &["export.csv", "divers.csv", "client", "vente", "stock"],
        );
    }
}

#[test]
fn an_unknown_file_gives_a_warning() {
    let estate = Estate::empty();
    estate.export("export.csv", "a;b\r\n1;2\r\n");
    estate.export("ventes.csv", sales(A));
    let answer = estate.sync();
    assert_says(&messages(&answer, "warnings").concat(), &["export.csv"]);
    assert_eq!(total(&estate), "1|60");
}

#[test]
fn exports_that_do_not_match_the_pattern_give_a_warning() {
    let estate = estate(&[("FILE_PATTERN", "ventes*.csv")]);
    estate.export("ventes.csv", sales(A));
    estate.export("clients.csv", "code_client;nom\r\nC1;Durand\r\n");
    let answer = estate.sync();
    assert_says(
        &messages(&answer, "warnings").concat(),
        &["clients.csv", "FILE_PATTERN"],
    );
    assert_eq!(documents(&estate), ["1"]);
}

/// Older content that comes late under an older name does not win over a newer file.
#[test]
fn the_oldest_is_read_first_by_the_day_in_its_name() {
    let estate = Estate::empty();
    estate.export("ventes_15-11-2025.csv", sales(B));
    estate.export("ventes_31-10-2025.csv", sales(A));
    estate.sync();
    assert_eq!(total(&estate), "1|50");
}
