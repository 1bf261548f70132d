//! Delimiters, line ends, quotes, and the lines that are not rows.

use crate::common::{Estate, counts, the_message};

const CLIENTS: &str = "code_client;nom;ville\nC1;Dupont;Nice\nC2;Müller;Saint-Denis\n";

#[test]
fn each_delimiter_and_each_line_end_gives_the_same_rows() {
    for delimiter in [";", ",", "\t", "|"] {
        for line_end in ["\n", "\r\n", "\r"] {
            println!("{delimiter:?} {line_end:?}");
            let estate = Estate::empty();
            estate.export(
                "clients.csv",
                CLIENTS.replace(';', delimiter).replace('\n', line_end),
            );
            estate.sync();
            let rows = estate.sql("SELECT customer_key, last_name, city FROM customers ORDER BY 1");
            assert_eq!(
                rows,
                ["isavigne-C1|Dupont|Nice", "isavigne-C2|Müller|Saint-Denis"]
            );
        }
    }
}

#[test]
fn decimal_commas_are_not_delimiters() {
    let estate = Estate::empty();
    estate.export(
        "produits.csv",
        "code_produit;nom;prix\nP1;Riesling;12,50\nP2;Sylvaner, vieux;9,90\n",
    );
    estate.sync();
    assert_eq!(
        estate.sql("SELECT list_price_eur FROM product_catalog ORDER BY product_key"),
        ["12.5", "9.9"]
    );
}

#[test]
fn a_first_line_sep_sets_the_delimiter() {
    let estate = Estate::of("sep_line");
    estate.sync();
    assert_eq!(
        estate.sql("SELECT address FROM customers ORDER BY 1"),
        ["1, rue, des, Lilas", "2, rue, des, Roses"]
    );
}

#[test]
fn a_quoted_field_holds_line_ends_and_quotes_and_lines_are_still_counted_right() {
    let estate = Estate::of_bad("quoted_line_ends");
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (2, 1));
    assert_eq!(
        estate.sql("SELECT address FROM customers ORDER BY customer_key")[0],
        "1 rue de l'Église Bâtiment \"B\""
    );
    assert_eq!(
        estate.sql("SELECT position FROM rejects"),
        ["4"],
        "the short row is on the fourth line of the file"
    );
}

#[test]
fn the_cells_excel_protects_are_peeled() {
    let estate = Estate::of("excel_cells");
    estate.sync();
    let rows = estate.sql("SELECT customer_key, zip_code FROM customers ORDER BY 1");
    assert_eq!(rows, ["isavigne-00123|01000", "isavigne-00456|06000"]);
}

#[test]
fn empty_lines_and_a_last_line_of_totals_are_no_rows() {
    let estate = Estate::of("totals_line");
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.read, sales.inserted, sales.rejected), (2, 2, 0));
    assert_eq!(
        estate.sql("SELECT sum(price_total_eur) FROM sales_lines"),
        ["36"]
    );
}

#[test]
fn a_customer_named_total_is_no_line_of_totals() {
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        "nom;code_client;ville\nTotal Énergies;C1;Paris\nDupont;C2;Nice\n",
    );
    assert_eq!(counts(&estate.sync(), "CUSTOMERS").inserted, 2);
}

#[test]
fn empty_columns_at_the_end_are_no_fault() {
    let customers = counts(&Estate::of("empty_columns").sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (3, 0));
}

#[test]
fn a_row_with_fewer_or_more_filled_cells_than_the_header_is_rejected() {
    let estate = Estate::of_bad("row_lengths");
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (2, 2));
    assert_eq!(
        estate.sql("SELECT DISTINCT position FROM rejects ORDER BY 1"),
        ["3", "4"]
    );
}

#[test]
fn a_binary_file_is_an_error_and_no_crash() {
    let estate = Estate::of("plain");
    estate.export(
        "clients.csv",
        (0..=255).cycle().take(4096).collect::<Vec<u8>>(),
    );
    let answer = estate.sync_with(&[], 1);
    the_message(&answer, "errors", "clients.csv");
}

#[test]
fn an_unclosed_quote_rejects_each_swallowed_row_with_its_line() {
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        "code_client;nom;ville\nC1;Dupont;\"Colmar\nC2;Martin;Riquewihr\nC3;Durand;\"Eguisheim\"\nC4;Petit;Nice\n",
    );
    let answer = estate.sync();
    let customers = counts(&answer, "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (1, 3));
    the_message(
        &answer,
        "warnings",
        "guillemet ouvert ligne 2, fermé ligne 4",
    );
    assert_eq!(
        estate.sql("SELECT position, reason FROM rejects ORDER BY 1"),
        ["2", "3", "4"].map(|line| format!(
            "{line}|guillemet ouvert ligne 2, fermé ligne 4 (clients.csv, ligne {line})"
        ))
    );
    assert_eq!(
        estate.sql("SELECT customer_key FROM customers"),
        ["isavigne-C4"]
    );
}

#[test]
fn an_endless_row_is_reported_in_constant_memory() {
    let estate = Estate::empty();
    let mut text = b"code_client;nom\nC1;\"".to_vec();
    text.resize(12 * 1024 * 1024, b'x');
    estate.export("clients.csv", text);
    let answer = estate.sync_with(&[], 1);
    let error = answer["errors"].to_string();
    assert!(error.contains("la ligne 2 ne finit pas"), "{error}");
}

#[test]
fn a_total_is_distinguished_from_a_customer_of_that_name() {
    let estate = Estate::of_bad("plain");
    estate.export(
        "clients.csv",
        "code_client;nom;ville\nC1;Dupont;Nice\n;TOTAL ENERGIES;Paris\n",
    );
    estate.export(
        "stock.csv",
        "produit_key;entrepot;quantite\nP1;Principal;12\nTotal;;12\n",
    );
    let answer = estate.sync();
    assert_eq!(estate.rejects(), ["3|code_client|"]);
    assert_eq!(counts(&answer, "STOCK_LEVELS").read, 1);
    assert_eq!(
        estate.sql("SELECT sum(quantity_units) FROM stock_levels"),
        ["12"]
    );
}

#[test]
fn a_quote_left_open_at_the_end_loses_no_row_even_of_two_columns() {
    for (text, loaded) in [
        (
            "code_client;nom\nC1;a\nC2;\"b\nC3;c\nC4;d\n",
            &["isavigne-C1", "isavigne-C3", "isavigne-C4"][..],
        ),
        ("code_client;nom\nC1;a\nC2;\"b\n", &["isavigne-C1"]),
    ] {
        let estate = Estate::empty();
        estate.export("clients.csv", text);
        let answer = estate.sync();
        the_message(
            &answer,
            "warnings",
            "guillemet ouvert ligne 3, jamais fermé",
        );
        assert_eq!(estate.sql("SELECT position FROM rejects"), ["3"]);
        assert_eq!(
            estate.sql("SELECT customer_key FROM customers ORDER BY 1"),
            loaded
        );
    }
}
