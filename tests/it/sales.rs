//! Keys that stay for ever, amounts that are completed, and what a customer's row says of the sales.

use crate::common::{Estate, assert_says, counts, messages, the_message};

fn keys(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT sale_line_key FROM sales_lines ORDER BY 1")
}

#[test]
fn a_line_number_counts_within_its_document_and_its_year() {
    let estate = Estate::of("plain");
    estate.sync();
    assert_eq!(
        keys(&estate),
        [
            "isavigne-vente|FA1|2024|V00000001",
            "isavigne-vente|FA1|2024|V00000002",
            "isavigne-vente|FA2|2025|V00000003",
            "isavigne-vente|FA3|2025|V00000004",
            "isavigne-vente|FA3|2025|V00000005",
        ]
    );
    let refs = estate.sql("SELECT order_ref FROM sales_lines ORDER BY sale_line_key");
    assert_eq!(refs, ["FA1", "FA1", "FA2", "FA3", "FA3"]);
}

#[test]
fn a_line_number_of_digits_does_so_too() {
    let estate = Estate::of("line_numbers");
    estate.sync();
    assert_eq!(
        keys(&estate),
        [
            "isavigne-vente|FA1|2024|1",
            "isavigne-vente|FA1|2024|2",
            "isavigne-vente|FA2|2024|1"
        ]
    );
}

#[test]
fn without_line_numbers_the_product_and_its_rank_in_the_document_are_the_key() {
    let estate = Estate::of("no_line_number");
    estate.sync();
    assert_eq!(
        keys(&estate),
        [
            "isavigne-vente|FA1|2024|P1|1",
            "isavigne-vente|FA1|2024|P1|2",
            "isavigne-vente|FA2|2024|P1|1"
        ]
    );
}

#[test]
fn without_documents_a_hash_of_the_line_and_its_rank_among_equals_is_the_key() {
    let estate = Estate::of("no_document");
    estate.sync();
    let keys = keys(&estate);
    assert_eq!(keys.len(), 3);
    let parts: Vec<_> = keys
        .iter()
        .map(|key| {
            key.strip_prefix("isavigne-vente|=")
                .unwrap()
                .split_once('|')
                .unwrap()
        })
        .collect();
    assert!(
        parts
            .iter()
            .all(|(hash, _)| hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit())),
        "{keys:?}"
    );
    let mut ranks: Vec<_> = parts.iter().map(|(_, rank)| *rank).collect();
    ranks.sort_unstable();
    assert_eq!(ranks, ["1", "1", "2"], "two lines are equal");
}

#[test]
fn keys_stay_when_the_file_grows() {
    let later = [
        (
            "line_numbers",
            "1;FA3;C1;P1;27/12/2024;1;bouteille;12,00;12,00\n",
        ),
        ("no_line_number", "FA3;C1;P1;27/12/2024;1;12,00\n"),
        ("no_document", "C9;P1;27/12/2024;1;12,00\n"),
    ];
    for (trap, line) in later {
        let estate = Estate::of(trap);
        estate.sync();
        let before = keys(&estate);
        estate.export("ventes.csv", estate.export_text("ventes.csv") + line);
        let sales = counts(&estate.sync(), "SALES_LINES");
        assert_eq!(
            (
                sales.inserted,
                sales.updated,
                sales.unchanged,
                sales.deleted
            ),
            (1, 0, 3, 0),
            "{trap}"
        );
        let after = keys(&estate);
        assert!(
            before.iter().all(|key| after.contains(key)),
            "{trap}: {before:?} {after:?}"
        );
    }
}

#[test]
fn the_type_of_a_document_is_part_of_its_reference_and_of_its_key() {
    let estate = Estate::of("document_type");
    estate.sync();
    let rows = estate.sql("SELECT sale_line_key, order_ref FROM sales_lines ORDER BY order_ref");
    assert_eq!(
        rows,
        [
            "isavigne-avoir|1001|2024|P1|1|AV-1001",
            "isavigne-vente|1001|2024|P1|1|FA-1001"
        ]
    );
}

#[test]
fn a_missing_total_or_unit_price_is_computed() {
    let estate = Estate::of("completed_amounts");
    let answer = estate.sync();
    let amounts = estate
        .sql("SELECT price_unit_eur, price_total_eur FROM sales_lines ORDER BY sale_line_key");
    assert_eq!(amounts, ["12.5|37.5", "12.5|50", "10|20.02"]);
    // Two cents apart, as in the third line, is rounding.
    assert!(
        !messages(&answer, "warnings")
            .concat()
            .contains("ventes.csv"),
        "{answer:#}"
    );
}

#[test]
fn amounts_more_than_two_cents_apart_are_kept_with_a_warning() {
    let estate = Estate::of("amounts_apart");
    let answer = estate.sync();
    the_message(&answer, "warnings", "ventes.csv");
    let totals = estate.sql("SELECT price_total_eur FROM sales_lines ORDER BY sale_line_key");
    assert_eq!(totals, ["20.03", "20"]);
}

#[test]
fn the_last_of_duplicate_keys_wins_and_they_are_counted() {
    let estate = Estate::of("duplicate_keys");
    let answer = estate.sync();
    assert_eq!(
        estate.sql("SELECT customer_key, city FROM customers ORDER BY 1"),
        ["isavigne-C1|Metz", "isavigne-C2|Lyon"]
    );
    the_message(&answer, "warnings", "clients.csv");
}

#[test]
fn sales_to_unknown_customers_are_kept_with_one_warning_per_kind() {
    let estate = Estate::of("unknown_references");
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 4);
    assert_says(&the_message(&answer, "warnings", "C404"), &["3"]);
    assert_says(&the_message(&answer, "warnings", "P404"), &["1"]);
}

#[test]
fn references_carry_the_prefix_of_the_connector_but_products_are_bare() {
    let estate = Estate::of("plain");
    estate.sync();
    let row = estate.sql("SELECT source, customer_key, product_key, source_ref FROM sales_lines ORDER BY sale_line_key LIMIT 1");
    assert_eq!(row, ["cave|isavigne-C1|RIESLING-2020|ventes.csv:2"]);
    assert_eq!(
        estate.sql("SELECT product_key FROM product_catalog ORDER BY 1"),
        ["CREMANT-NM", "RIESLING-2020"]
    );
}

#[test]
fn customer_figures_follow_from_the_sales() {
    let estate = Estate::of("plain");
    estate.sync();
    let query = "SELECT customer_key, first_purchase_date, last_purchase_date, total_spent_eur, purchase_count, preferred_category
                 FROM customers WHERE customer_key <> 'isavigne-C3' ORDER BY 1";
    assert_eq!(
        estate.sql(query),
        [
            "isavigne-C1|2024-12-27|2025-02-10|129|2|blanc",
            "isavigne-C2|2025-01-05|2025-01-05|24|1|blanc"
        ]
    );
    assert_eq!(
        estate.sql("SELECT segment FROM customers WHERE customer_key = 'isavigne-C3'"),
        ["prospect"]
    );
    let average =
        estate.sql("SELECT avg_order_value_eur FROM customers WHERE customer_key = 'isavigne-C1'");
    assert_eq!(average, ["64.5"]);
}

#[test]
fn a_late_sale_changes_its_customer_and_no_other() {
    let estate = Estate::of("plain");
    estate.sync();
    let others =
        "SELECT * FROM customers WHERE customer_key <> 'isavigne-C2' ORDER BY customer_key";
    let before = estate.sql(others);
    let line = "V00000006;FA9;C2;RIESLING-2020;11/02/2025;1;bouteille;12,00;12,00\n";
    estate.export(
        "ventes_suite.csv",
        estate
            .export_text("ventes.csv")
            .lines()
            .next()
            .unwrap()
            .to_owned()
            + "\n"
            + line,
    );
    estate.sync();
    let row = estate.sql(
        "SELECT total_spent_eur, purchase_count FROM customers WHERE customer_key = 'isavigne-C2'",
    );
    assert_eq!(row, ["36|2"]);
    assert_eq!(estate.sql(others), before);
}

#[test]
fn wines_carry_their_category_price_segment_and_vintage() {
    let estate = Estate::of("plain");
    estate.sync();
    let query = "SELECT name, category, price_segment, list_price_eur, vintage FROM product_catalog ORDER BY product_key";
    assert_eq!(
        estate.sql(query),
        [
            "Crémant Brut|mousseux|standard|16.5|NULL",
            "Riesling 2020|blanc|entry|12|2020"
        ]
    );
}

#[test]
fn a_line_rejected_for_its_shape_keeps_its_rank() {
    const HEADER: &str = "num_piece;code_client;produit_key;date;quantite\n";
    let estate = Estate::of_bad("plain");
    let whole =
        format!("{HEADER}F1;C1;A;27/12/2024;1\nF1;C1;B;27/12/2024;2\nF1;C1;C;27/12/2024;3\n");
    estate.export("ventes.csv", &whole);
    estate.sync();
    let before = estate.sql("SELECT sale_line_key, product_key FROM sales_lines");
    let spoiled = whole.replace("B;27/12/2024;2", "B;27/12/2024;2;en trop");
    estate.export("ventes.csv", spoiled);
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.unchanged, sales.rejected), (2, 1));
    assert_eq!(
        estate.sql("SELECT sale_line_key, product_key FROM sales_lines"),
        before,
        "the rejected line's old row stays too"
    );
}
