//! Orders, quotes and cancelled lines: what is no sale is left aside, counted, and goes where it was stored.

use serde_json::Value;

use super::{assert_settled, changes, documents, estate, sales, table, total};
use crate::common::{Estate, assert_says, messages, the_message};

const TYPED: &str = "type_document;num_piece;code_client;produit_key;date;quantite;montant_ttc";
const WITH_STATUS: &str = "num_piece;code_client;produit_key;date;quantite;montant_ttc;statut";

fn left_aside(answer: &Value) -> u64 {
    answer["records"]["SALES_LINES"]["left_aside"]
        .as_u64()
        .unwrap()
}

fn customers(estate: &Estate) {
    estate.export("clients.csv", "code_client;nom\r\nC1;Durand\r\n");
}

#[test]
fn existing_orders_are_deleted_when_invoices_come() {
    let estate = estate(&[]);
    customers(&estate);
    estate.export(
        "commandes_2025-10.csv",
        sales(&["K1;C1;P1;01/10/2025;6;60,00", "K2;C1;P1;02/10/2025;1;10,00"]),
    );
    let answer = estate.sync();
    assert_eq!(documents(&estate), ["K1", "K2"]);
    assert_eq!(left_aside(&answer), 0);
    estate.export(
        "factures_2025-11.csv",
        sales(&["F1;C1;P1;03/11/2025;6;60,00"]),
    );
    let answer = estate.sync();
    assert_eq!(documents(&estate), ["F1"]);
    assert_eq!(changes(&answer), [1, 0, 0, 2, 0]);
    assert_says(
        &the_message(&answer, "warnings", "retirées"),
        &["2 lignes de commandes", "factures"],
    );
    assert_eq!(
        estate.sql("SELECT purchase_count, total_spent_eur FROM customers"),
        ["1|60"]
    );
    assert_settled(&estate, &[]);
}

#[test]
fn orders_after_invoices_are_skipped() {
    let estate = estate(&[]);
    estate.export(
        "factures_2025-11.csv",
        sales(&["F1;C1;P1;03/11/2025;6;60,00"]),
    );
    estate.sync();
    estate.export(
        "commandes_2025-12.csv",
        sales(&["K1;C1;P1;01/12/2025;6;60,00", "K2;C1;P1;02/12/2025;1;10,00"]),
    );
    let answer = estate.sync();
    assert_eq!(documents(&estate), ["F1"]);
    assert_eq!(left_aside(&answer), 2);
    assert_eq!(changes(&answer), [0; 5]);
    assert_says(
        &messages(&answer, "warnings").concat(),
        &["commandes_2025-12.csv", "commande"],
    );
    assert_settled(&estate, &[]);
}

#[test]
fn orders_are_skipped_beside_sales_without_types() {
    // The column of types is empty, or is about customers.
    for word in ["", "Particulier"] {
        let estate = estate(&[]);
        estate.export("commandes.csv", sales(&["K1;C1;P1;01/10/2025;6;60,00"]));
        let sale = format!("{word};F1;C1;P1;03/11/2025;6;60,00");
        estate.export(
            "ventes.csv",
            table(TYPED, &[&sale]).replace("type_document", "type"),
        );
        estate.sync();
        assert_eq!(total(&estate), "1|60", "{word:?}");
        // The orders' file comes later.
        estate.export("commandes.csv", sales(&["K2;C1;P1;01/12/2025;6;60,00"]));
        estate.sync();
        assert_eq!(total(&estate), "1|60", "{word:?}");
    }
}

/// The invoices' file is gone, what it held is not.
#[test]
fn orders_are_skipped_when_invoices_are_only_in_the_database() {
    let estate = estate(&[]);
    estate.export(
        "factures_2025-11.csv",
        sales(&["F1;C1;P1;03/11/2025;6;60,00"]),
    );
    estate.sync();
    std::fs::remove_file(estate.exports().join("factures_2025-11.csv")).unwrap();
    estate.export(
        "commandes_2025-12.csv",
        sales(&["K1;C1;P1;01/12/2025;6;60,00"]),
    );
    estate.sync();
    assert_eq!(documents(&estate), ["F1"]);
}

#[test]
fn skipped_lines_are_counted_by_kind() {
    let estate = estate(&[]);
    estate.export(
        "ventes.csv",
        table(
            TYPED,
            &[
                "Facture;1;C1;P1;01/10/2025;6;60,00",
                "Devis;2;C1;P1;01/10/2025;6;60,00",
                "Devis;3;C1;P1;01/10/2025;6;60,00",
                "Commande;4;C1;P1;01/10/2025;6;60,00",
                "Avoir;5;C1;P1;02/10/2025;1;10,00",
            ],
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "2|50");
    assert_eq!(left_aside(&answer), 3);
    assert_eq!(changes(&answer), [2, 0, 0, 0, 0]);
    let told = messages(&answer, "warnings").concat();
    assert_says(&told, &["2 lignes de devis", "1 ligne de commande"]);
    let seen = estate.sql("SELECT left_aside FROM run_tables WHERE table_name = 'SALES_LINES'");
    assert_eq!(seen, ["3"]);
}

#[test]
fn a_cancelled_existing_line_is_deleted() {
    let estate = estate(&[]);
    customers(&estate);
    let line = "1;C1;P1;01/10/2025;6;60,00;";
    estate.export(
        "ventes.csv",
        table(
            WITH_STATUS,
            &[&format!("{line}payée"), "2;C1;P1;02/10/2025;1;10,00;payée"],
        ),
    );
    estate.sync();
    assert_eq!(total(&estate), "2|70");
    estate.export(
        "ventes.csv",
        table(
            WITH_STATUS,
            &[
                &format!("{line}annulée"),
                "2;C1;P1;02/10/2025;1;10,00;payée",
            ],
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "1|10");
    assert_eq!(left_aside(&answer), 1);
    assert_eq!(changes(&answer), [0, 0, 1, 1, 0]);
    assert_eq!(
        estate.sql("SELECT purchase_count, total_spent_eur FROM customers"),
        ["1|10"]
    );
    assert_settled(&estate, &[]);
}

/// Two lines of one wine; the first is cancelled, the second stays.
#[test]
fn one_cancelled_line_of_two_equal_ones_is_deleted() {
    let estate = estate(&[]);
    let lines = |first: &str| {
        table(
            WITH_STATUS,
            &[
                &format!("1;C1;P1;01/10/2025;6;60,00;{first}"),
                "1;C1;P1;01/10/2025;1;10,00;payée",
            ],
        )
    };
    estate.export("ventes.csv", lines("payée"));
    estate.sync();
    estate.export("ventes.csv", lines("annulée"));
    estate.sync();
    assert_eq!(total(&estate), "1|10");
}

/// A cancelled line says nothing about the line of another customer under the same number.
#[test]
fn a_cancelled_line_of_another_customer_deletes_no_sale() {
    let estate = estate(&[]);
    estate.export(
        "ventes_a.csv",
        table(WITH_STATUS, &["1;C1;P1;01/10/2025;6;60,00;payée"]),
    );
    estate.sync();
    estate.export(
        "ventes_b.csv",
        table(
            WITH_STATUS,
            &[
                "1;C2;P1;05/10/2025;3;30,00;annulée",
                "2;C2;P1;05/10/2025;3;30,00;payée",
            ],
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "2|90", "{answer:#}");
}

#[test]
fn a_file_of_credit_notes_is_no_file_of_invoices() {
    let estate = estate(&[]);
    estate.export(
        "commandes_2025-10.csv",
        sales(&["K1;C1;P1;01/10/2025;6;60,00"]),
    );
    estate.export(
        "avoirs_2025-10.csv",
        sales(&["A1;C1;P1;05/10/2025;1;10,00"]),
    );
    estate.sync();
    assert_eq!(total(&estate), "2|50");
}

/// An invoice without any number is cancelled.
#[test]
fn a_cancelled_existing_line_without_number_is_deleted_or_reported() {
    let header = "code_client;produit_key;date;quantite;montant_ttc;statut";
    let estate = estate(&[]);
    estate.export(
        "ventes.csv",
        table(
            header,
            &[
                "C1;P1;01/10/2025;6;60,00;payée",
                "C1;P1;02/10/2025;1;10,00;payée",
            ],
        ),
    );
    estate.sync();
    estate.export(
        "ventes.csv",
        table(
            header,
            &[
                "C1;P1;01/10/2025;6;60,00;annulée",
                "C1;P1;02/10/2025;1;10,00;payée",
            ],
        ),
    );
    let answer = estate.sync();
    let told = messages(&answer, "warnings").concat();
    assert!(
        total(&estate) == "1|10" || told.contains("gardée"),
        "{answer:#}"
    );
}

#[test]
fn a_quote_with_the_number_of_an_invoice_deletes_no_sale() {
    let estate = estate(&[]);
    estate.export(
        "ventes_a.csv",
        table(TYPED, &["Facture;1;C1;P1;01/10/2025;6;60,00"]),
    );
    estate.sync();
    estate.export(
        "ventes_b.csv",
        table(
            TYPED,
            &[
                "Devis;1;C1;P1;01/10/2025;6;60,00",
                "Commande;1;C1;P1;01/10/2025;6;60,00",
                "Facture;2;C1;P1;01/10/2025;1;10,00",
            ],
        ),
    );
    estate.sync();
    assert_eq!(total(&estate), "2|70");
}

/// Cancelled in the file that brings it: it never was.
#[test]
fn a_line_cancelled_later_in_the_file_does_not_count() {
    let header = "num_piece;num_ligne;code_client;produit_key;date;quantite;montant_ttc;statut";
    let estate = estate(&[]);
    customers(&estate);
    estate.export(
        "ventes.csv",
        table(
            header,
            &[
                "1;1;C1;P1;01/10/2025;6;60,00;payée",
                "1;1;C1;P1;01/10/2025;6;60,00;annulée",
                "2;1;C1;P1;02/10/2025;1;10,00;payée",
            ],
        ),
    );
    let answer = estate.sync();
    assert_eq!(total(&estate), "1|10");
    assert_eq!(
        estate.sql("SELECT purchase_count, total_spent_eur FROM customers"),
        ["1|10"]
    );
    let [inserted, _, _, deleted, _] = changes(&answer);
    assert_eq!(inserted - deleted, 1, "{answer:#}");
}
