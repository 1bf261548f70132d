//! Customers who were erased after a backup do not come back with it.

use super::{back_up, elsewhere, restore, restoring};
use crate::common::{Estate, assert_says};

const CLIENTS: &str = "code_client;nom;email;telephone\n\
    C1;Zyxwvut;jean.zyxwvut@example.fr;06 11 22 33 44\n\
    C2;Martin;martin@example.fr;06 11 22 33 45\n\
    C3;Müller;elodie@example.fr;06 11 22 33 46\n";
const SALES: &str = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n\
    1;FA1;C1;RIESLING-2020;27/12/2024;6;bouteille;12,00;72,00\n\
    2;FA2;C3;CREMANT-NM;03/01/2025;1;bouteille;16,50;16,50\n";
const CONTACTS: &str = "id_contact;code_client;date;canal;campagne;objet;statut\n\
    M1;C1;15/11/2024;email;Noël;Vos vins de fête;opened\n";

fn estate() -> Estate {
    let estate = Estate::of_bad("plain");
    estate.export("clients.csv", CLIENTS);
    estate.export("ventes.csv", SALES);
    estate.export("contacts.csv", CONTACTS);
    estate.sync();
    estate
}

fn erase(estate: &Estate, key: &str) {
    estate.crmreco(&["erase", key, "--yes"]).exits(0);
}

/// Customers, contacts, named lines and nameless lines of C1.
fn state(estate: &Estate) -> String {
    estate
        .sql(
            "SELECT (SELECT count(*) FROM customers WHERE customer_key = 'isavigne-C1'),
                (SELECT count(*) FROM contact_history WHERE customer_key = 'isavigne-C1'),
                (SELECT count(*) FROM sales_lines WHERE customer_key = 'isavigne-C1'),
                (SELECT count(*) FROM sales_lines WHERE customer_key LIKE 'erased-%'),
                (SELECT rows FROM row_counts WHERE table_name = 'customers')",
        )
        .concat()
}

fn bytes_hold(estate: &Estate, text: &str) -> bool {
    let names = super::names(&estate.home());
    let files = names.iter().filter(|name| name.starts_with("crmreco.db"));
    let mut found = files.map(|name| std::fs::read(estate.home().join(name)).unwrap());
    found.any(|bytes| {
        bytes
            .windows(text.len())
            .any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
    })
}

#[test]
fn who_was_erased_since_is_erased_again() {
    let estate = estate();
    let (_, file) = back_up(&estate);
    erase(&estate, "isavigne-C1");
    assert_eq!(state(&estate), "0|0|0|1|2");
    let alias = "SELECT customer_key FROM sales_lines WHERE customer_key LIKE 'erased-%'";
    let (lines, alias_before) = (estate.dump(), estate.sql(alias));

    let restored = restore(&estate, &file);
    assert_eq!(restored["erased_again"], 1, "{restored:#}");
    assert_eq!(state(&estate), "0|0|0|1|2");
    assert_eq!(estate.sql(alias), alias_before);
    assert!(!bytes_hold(&estate, "zyxwvut"));
    let keys = |dump: Vec<String>| dump.len();
    assert_eq!(keys(estate.dump()), keys(lines));
    // And stays out.
    estate.crmreco(&["sync", "cave", "--full"]).exits(0);
    assert_eq!(state(&estate), "0|0|0|1|2");
    // The next backup knows it: nothing is done twice.
    let (_, newer) = back_up(&estate);
    assert_eq!(restore(&estate, &newer)["erased_again"], 0);
    let told = restoring(&estate, &file, &[]).exits(0);
    told.says(&["1 client effacé depuis cette sauvegarde l'est de nouveau"]);
}

#[test]
fn one_of_several_erasures_may_be_in_the_backup() {
    let estate = estate();
    erase(&estate, "isavigne-C2");
    let (_, file) = back_up(&estate);
    erase(&estate, "isavigne-C1");
    assert_eq!(restore(&estate, &file)["erased_again"], 1);
    assert_eq!(state(&estate), "0|0|0|1|1");
    let marks = "SELECT count(DISTINCT alias), count(DISTINCT erasure_id), min(is_overwritten) FROM erasures";
    assert_eq!(estate.sql(marks), ["2|2|1"]);
}

#[test]
fn a_customer_under_an_older_name_of_the_connector_is_found() {
    let estate = estate();
    let (_, file) = back_up(&estate);
    estate.crmreco(&["rename", "cave", "chai"]).exits(0);
    erase(&estate, "isavigne-C1");
    assert_eq!(restore(&estate, &file)["erased_again"], 1);
    assert_eq!(state(&estate), "0|0|0|1|2");
}

#[test]
fn another_customer_with_the_same_address_stays_and_the_same_one_goes() {
    let estate = estate();
    let (_, file) = back_up(&estate);
    // C1 comes back as C7 at the source: C7 is the customer who is erased.
    estate.export("clients.csv", CLIENTS.replace("C1;", "C7;"));
    estate.crmreco(&["sync", "cave", "--full"]).exits(0);
    erase(&estate, "isavigne-C7");
    // C1 has the address of C7, but is in the database in spite of it.
    let had = state(&estate);
    assert!(had.starts_with('1'), "{had}");
    restore(&estate, &file);
    assert!(state(&estate).starts_with('1'));
}

#[test]
fn a_backup_of_another_database_cannot_take_over_erasures() {
    let (estate, other) = (estate(), estate());
    erase(&estate, "isavigne-C1");
    erase(&other, "isavigne-C2");
    let (_, theirs) = back_up(&other);
    let before = estate.dump();
    let refused = restoring(&estate, &theirs, &[]).exits(1);
    assert_says(
        &refused.text(),
        &[
            "vient d'une autre base",
            "rien n'a été changé",
            "autre dossier",
        ],
    );
    assert_eq!(estate.dump(), before);
    assert!(super::kept(&estate).is_empty());
    // In another home there is nothing to take over.
    let new = elsewhere(&estate);
    assert_eq!(restore(&new, &theirs)["erased_again"], 0);
    assert_eq!(new.dump(), other.dump());
}
