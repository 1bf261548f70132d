//! How headers are recognised, and what is said of those that are not.

use crate::common::{Estate, assert_says, counts, messages, the_message};

#[test]
fn headers_are_compared_without_case_accents_and_punctuation() {
    let estate = Estate::of("header_spelling");
    estate.sync();
    let row = estate.sql("SELECT customer_key, last_name, first_name, email, phone, zip_code, country FROM customers");
    assert_eq!(
        row,
        ["isavigne-C1|Dupont|Jean|jean@exemple.fr|+33388123456|01000|FR"]
    );
}

#[test]
fn a_missing_required_column_fails_the_file_and_says_how_to_repair_it() {
    let estate = Estate::of("missing_column");
    let answer = estate.sync_with(&[], 1);
    let message = the_message(&answer, "errors", "clients.csv");
    // The field, headers that would do, headers that are there; the closest of them is « Code cliant ».
    assert_says(
        &message,
        &["customer_key", "code_client", "num_client", "Ville", "Nom"],
    );
    assert!(
        message.matches("cliant").count() >= 2,
        "listed, and told as the closest: {message}"
    );
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 0);
    assert_eq!(
        counts(&answer, "PRODUCTS").inserted,
        1,
        "the other files are loaded"
    );
}

#[test]
fn each_table_has_its_required_columns() {
    let cases = [
        (
            "clients.csv",
            "code_client;ville\nC1;Nice\n",
            "raison_sociale",
        ),
        ("produits.csv", "couleur;nom\nrouge;Pinot\n", "product_key"),
        ("produits.csv", "code_produit;couleur\nP1;rouge\n", "name"),
        (
            "ventes.csv",
            "produit_key;date;quantite\nP1;27/12/2024;1\n",
            "customer_key",
        ),
        (
            "ventes.csv",
            "code_client;date;quantite\nC1;27/12/2024;1\n",
            "product_key",
        ),
        (
            "ventes.csv",
            "code_client;produit_key;quantite\nC1;P1;1\n",
            "date_sale",
        ),
        (
            "ventes.csv",
            "code_client;produit_key;date\nC1;P1;27/12/2024\n",
            "quantity_units",
        ),
        (
            "stock.csv",
            "entrepot;quantite\nPrincipal;1\n",
            "product_key",
        ),
        (
            "stock.csv",
            "produit_key;entrepot\nP1;Principal\n",
            "quantity_units",
        ),
    ];
    for (file, text, field) in cases {
        println!("{file} without {field}");
        let estate = Estate::empty();
        estate.export(file, text);
        assert_says(
            &the_message(&estate.sync_with(&[], 1), "errors", file),
            &[field],
        );
    }
}

#[test]
fn an_unknown_column_is_listed_once() {
    let estate = Estate::of("unknown_column");
    let answer = estate.sync();
    the_message(&answer, "warnings", "couleur_preferee");
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 3);
}

#[test]
fn an_ignored_column_is_no_warning() {
    let answer = Estate::of("plain").sync();
    for header in ["code_client", "montant_ttc", "entrepot", "couleur"] {
        assert!(
            !messages(&answer, "warnings").concat().contains(header),
            "{answer:#}"
        );
    }
}

#[test]
fn a_setting_names_the_column_of_a_field() {
    let estate =
        Estate::of("column_setting").setting("COLUMN__CUSTOMERS__CUSTOMER_KEY", "Code tiers");
    estate.sync();
    assert_eq!(
        estate.sql("SELECT customer_key FROM customers ORDER BY 1"),
        ["isavigne-T1", "isavigne-T2"]
    );
}

#[test]
fn a_setting_that_names_an_absent_column_fails_the_file() {
    let estate =
        Estate::of("column_setting").setting("COLUMN__CUSTOMERS__CUSTOMER_KEY", "Matricule");
    let answer = estate.sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "clients.csv"),
        &["Matricule", "Code tiers"],
    );
}

#[test]
fn one_column_of_names_is_split_where_it_is_a_person() {
    let estate = Estate::of("names");
    estate.sync();
    let query = "SELECT first_name, lower(last_name), company_name FROM customers WHERE company_name IS NULL ORDER BY customer_key";
    assert_eq!(estate.sql(query), ["Jean|dupont|NULL", "Jean|dupont|NULL"]);
    let query = "SELECT company_name FROM customers WHERE last_name IS NULL AND first_name IS NULL ORDER BY customer_key";
    assert_eq!(
        estate.sql(query),
        [
            "SARL Cave du Port",
            "EARL des Trois Épis",
            "Restaurant du Lac",
            "Mairie de Ribeauvillé"
        ]
    );
}
