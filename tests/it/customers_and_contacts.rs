//! What is made of a customer's particulars, and of the messages an estate sent.

use crate::common::{Estate, counts, messages, the_message};

const HEADER: &str = "code_client;nom;prenom;email;telephone;code_postal;ville;pays\n";

/// One column of the customers `C1`, `C2`… that have these lines.
fn column(column: &str, lines: &[&str]) -> Vec<String> {
    let estate = Estate::empty();
    let numbered = lines
        .iter()
        .zip(1..)
        .map(|(line, number)| format!("C{number};{line}\n"));
    estate.export(
        "clients.csv",
        HEADER.to_owned() + &numbered.collect::<String>(),
    );
    estate.sync();
    estate.sql(&format!(
        "SELECT {column} FROM customers ORDER BY customer_key"
    ))
}

#[test]
fn a_country_is_two_letters_and_defaults_to_france() {
    let lines = [
        "Dupont;Jean;;;;;France",
        "Dupont;Jean;;;;;FRANCE",
        "Dupont;Jean;;;;;",
        "Müller;Zoé;;;;;Belgique",
        "Weiß;Eva;;;;;DE",
    ];
    assert_eq!(column("country", &lines), ["FR", "FR", "FR", "BE", "DE"]);
}

#[test]
fn a_postal_code_stays_text() {
    let zips = column(
        "zip_code",
        &[
            "Dupont;Jean;;;01000;Bourg;",
            "Dupont;Jean;;;97400;Saint-Denis;",
        ],
    );
    assert_eq!(zips, ["01000", "97400"]);
}

#[test]
fn a_telephone_is_read_as_french_then_in_the_country_of_the_customer() {
    let lines = [
        "Dupont;Jean;;03 88 12 34 56;;;",
        "Dupont;Jean;;+33 (0)6.12.34.56.78;;;",
        "Weiß;Eva;;+49 30 123456;;;DE",
    ];
    assert_eq!(
        column("phone", &lines),
        ["+33388123456", "+33612345678", "+4930123456"]
    );
}

#[test]
fn a_telephone_that_cannot_be_read_stays_as_written_with_a_warning() {
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        format!("{HEADER}C1;Dupont;Jean;;voir le bureau;;;\n"),
    );
    let answer = estate.sync();
    the_message(&answer, "warnings", "voir le bureau");
    assert_eq!(
        estate.sql("SELECT phone FROM customers"),
        ["voir le bureau"]
    );
}

#[test]
fn text_is_composed_trimmed_and_its_blanks_are_folded() {
    let cities = column(
        "city",
        &[
            "Dupont;Jean;;;;  Saint \u{a0} E\u{301}milion  ;",
            "Dupont;Jean;;;;Nice\t;",
        ],
    );
    assert_eq!(cities, ["Saint Émilion", "Nice"]);
}

#[test]
fn an_address_is_lower_case_and_a_customer_without_one_is_kept() {
    let emails = column(
        "email",
        &["Dupont;Jean;Jean.DUPONT@Exemple.FR;;;;", "Dupont;Luc;;;;;"],
    );
    assert_eq!(emails, ["jean.dupont@exemple.fr", "NULL"]);
}

#[test]
fn a_customer_without_a_code_is_rejected() {
    let estate = Estate::empty().setting("MAX_REJECTS", "50%");
    estate.export(
        "clients.csv",
        format!("{HEADER};Dupont;Jean;;;;;\nC2;Martin;Luc;;;;;\n"),
    );
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (1, 1));
    assert_eq!(estate.rejects(), ["2|code_client|"]);
}

#[test]
fn a_message_that_was_sent_is_a_contact() {
    let estate = Estate::of("plain");
    let answer = estate.sync();
    let query = "SELECT contact_key, customer_key, substr(date_contact, 1, 10), channel, campaign, subject, status FROM contact_history";
    assert_eq!(
        estate.sql(query),
        ["isavigne-M1|isavigne-C1|2024-11-15|email|Noël|Vos vins de fête|opened"]
    );
    assert!(
        !messages(&answer, "warnings")
            .concat()
            .contains("contacts.csv"),
        "{answer:#}"
    );
}
