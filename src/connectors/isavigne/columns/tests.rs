//! Headers of real exports and their fields.

use super::*;
use crate::canonical::customer::COLUMN;

fn map(table: Table, header: &str) -> Result<Columns> {
    let cells: Vec<String> = header.split(';').map(str::to_owned).collect();
    Columns::map(table, &cells, &Overrides::default())
}

/// Checks that `header` is mapped to `fields`.
fn bears(table: Table, header: &str, fields: &[(Field, &str)]) {
    let columns = map(table, header).unwrap();
    for &(field, expected) in fields {
        let found = columns.of(field).map_or("-", |at| columns.header(at));
        assert_eq!(found, expected, "{field:?} in {header}");
    }
}

fn complaint(table: Table, header: &str) -> String {
    let error = map(table, header).unwrap_err();
    error.full_text()
}

#[test]
fn a_reference_is_the_article_or_the_document() {
    use Field::{OrderRef, ProductKey};
    let sales = |header, fields: &[(Field, &str)]| bears(Table::SalesLines, header, fields);
    sales(
        "Référence;Date;Code client;Qté",
        &[(ProductKey, "Référence"), (OrderRef, "-")],
    );
    sales(
        "Référence;Date;Code client;Article;Qté",
        &[(ProductKey, "Article"), (OrderRef, "Référence")],
    );
    sales(
        "Réf. facture;Réf. produit;Date;Code client;Qté",
        &[(ProductKey, "Réf. produit"), (OrderRef, "Réf. facture")],
    );
    sales(
        "N° facture;Référence;Date;Code client;Qté",
        &[(ProductKey, "Référence"), (OrderRef, "N° facture")],
    );
}

#[test]
fn what_nothing_decides_fails_with_its_setting() {
    let said = complaint(
        Table::SalesLines,
        "N° facture;Référence;Article;Date;Code client;Qté",
    );
    for part in [
        "« Référence »",
        "« Article »",
        "COLUMN__SALES_LINES__PRODUCT_KEY",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let said = complaint(Table::SalesLines, "Code;Client;Article;Date;Qté");
    assert!(said.contains("COLUMN__SALES_LINES__CUSTOMER_KEY"), "{said}");
}

#[test]
fn a_code_is_that_of_whom_or_what_has_no_column() {
    use Field::{CustomerKey, LastName, Name, ProductKey};
    let sales = |header, fields: &[(Field, &str)]| bears(Table::SalesLines, header, fields);
    sales(
        "Code;Date;Code article;Qté",
        &[(CustomerKey, "Code"), (ProductKey, "Code article")],
    );
    sales(
        "Code;Date;Client;Qté",
        &[(CustomerKey, "Client"), (ProductKey, "Code")],
    );
    bears(
        Table::Customers,
        "Code;Client;Ville",
        &[(CustomerKey, "Code"), (LastName, "Client")],
    );
    bears(
        Table::Customers,
        "Client;Nom;Ville",
        &[(CustomerKey, "Client"), (LastName, "Nom")],
    );
    bears(
        Table::Products,
        "Code;Article;Prix",
        &[(ProductKey, "Code"), (Name, "Article")],
    );
    bears(
        Table::Products,
        "Article;Désignation",
        &[(ProductKey, "Article"), (Name, "Désignation")],
    );
}

#[test]
fn a_quantity_of_bottles_says_its_unit() {
    for quantity in ["Qté (btl)", "Nb bouteilles", "Quantité livrée (btl)"] {
        let header = format!("Code client;Code article;Date;{quantity}");
        let columns = map(Table::SalesLines, &header).unwrap();
        assert_eq!(columns.of(Field::Quantity), Some(3), "{quantity}");
        assert!(columns.counts_bottles(), "{quantity}");
    }
    let columns = map(Table::SalesLines, "Code client;Code article;Date;Qté").unwrap();
    assert!(!columns.counts_bottles());
}

#[test]
fn prices_before_tax_are_none_with_tax() {
    use Field::{PriceUnit, PriceUnitExclTax, PriceUnitPlain, Total, TotalExclTax};
    bears(
        Table::SalesLines,
        "Code client;Code article;Date;Qté;PU (HT);Montant HT de la ligne;Prix unitaire;Montant TTC (€)",
        &[
            (PriceUnitExclTax, "PU (HT)"),
            (TotalExclTax, "Montant HT de la ligne"),
            (PriceUnitPlain, "Prix unitaire"),
            (Total, "Montant TTC (€)"),
            (PriceUnit, "-"),
        ],
    );
    let columns = map(Table::Products, "Code;Nom;Prix de vente (HT)").unwrap();
    assert_eq!(columns.unused, ["Prix de vente (HT)"]);
}

#[test]
fn a_total_of_a_web_order_is_none_of_its_lines() {
    let header = "Name;Customer ID;Created at;Lineitem sku;Lineitem quantity;Lineitem price;Total";
    bears(
        Table::SalesLines,
        header,
        &[(Field::TotalPlain, "-"), (Field::OrderRef, "Name")],
    );
}

#[test]
fn titles_of_politeness_are_no_unknown_columns() {
    let columns = map(Table::Customers, "code_client;Civilité;nom;producteur").unwrap();
    assert_eq!(columns.unused, ["producteur"]);
}

#[test]
fn a_message_lists_twenty_names_and_cuts_long_ones() {
    let many: Vec<String> = (0..400).map(|at| format!("x{at}")).collect();
    let said = listed(&many);
    assert!(said.ends_with("x19 et 380 autres"), "{said}");
    assert!(said.len() < 200, "{said}");
    let long = vec!["y".repeat(500)];
    assert!(listed(&long).chars().count() <= MOST_NAME_CHARS + 1);
}

#[test]
fn a_missing_column_is_named_with_its_setting_and_the_closest_header() {
    let said = complaint(Table::Customers, "code_client;nom|enseigne;ville");
    for part in [
        "last_name",
        "nom|enseigne",
        "COLUMN__CUSTOMERS__LAST_NAME",
        "raison_sociale",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn columns_that_no_header_feeds_are_absent() {
    let columns = map(Table::Customers, "code_client;nom;ville").unwrap();
    let fed: &[(Column, &[Field])] = &[
        (COLUMN.city, &[Field::City]),
        (
            COLUMN.email_opt_out,
            &[Field::EmailOptOut, Field::EmailOptIn],
        ),
    ];
    let absent = columns.absent(fed);
    assert_eq!(absent, ColumnSet::of(&[COLUMN.email_opt_out]));
}

#[test]
fn typed_columns_are_those_whose_cells_look_like_something() {
    let columns = map(Table::Customers, "code_client;nom;cp;mail;email;newsletter").unwrap();
    let mut typed: Vec<_> = columns.typed().collect();
    typed.sort_by_key(|&(at, _)| at);
    let expected = [
        (2, ColumnType::Zip),
        (3, ColumnType::Email),
        (4, ColumnType::Email),
        (5, ColumnType::Flag),
    ];
    assert_eq!(typed, expected);
}
