//! `crmreco erase`: one customer leaves every table, reject and message, and no sync brings them back.

#[cfg(target_os = "linux")]
mod killed;
mod odoo;
mod traces;

use std::fs;

use serde_json::{Value, json};

use crate::common::{Estate, counts, messages};

const CLIENTS: &str = "code_client;nom;prenom;email;telephone;mobile;adresse;cp;ville\n\
    C1;Zyxwvut;Jean;Jean.Zyxwvut@example.fr;03 88 12 34 56;06 11 22 33 44;1 rue Basse;68340;Riquewihr\n\
    C2;Zyxwvut;Anne;anne@example.fr;03 88 12 34 56;;1 rue Basse;68340;Riquewihr\n\
    C3;Müller;Élodie;elodie@example.fr;03 88 99 99 99;;2 rue Haute;67000;Strasbourg\n";

const SALES: &str = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc;remarque\n\
    1;FA1;C1;RIESLING-2020;27/12/2024;6;bouteille;12,00;72,00;Livrer chez Jean Zyxwvut\n\
    2;FA1;C1;CREMANT-NM;27/12/2024;2;bouteille;16,50;33,00;\n\
    3;FA2;C3;CREMANT-NM;03/01/2025;1;bouteille;16,50;16,50;Cadeau\n";

const CONTACTS: &str = "id_contact;code_client;date;canal;campagne;objet;statut\n\
    M1;C1;15/11/2024;email;Noël;Vos vins de fête;opened\n\
    M2;C3;15/11/2024;email;Noël;Vos vins de fête;opened\n";

/// What tells the erased customer. The telephone is that of the household, and stays with the other one.
const THEIRS: [&str; 5] = [
    "zyxwvut@example",
    "Jean",
    "0611223344",
    "+33611223344",
    "isavigne-C1",
];

/// What the database says of each month.
const MONTHS: &str =
    "SELECT substr(date_sale, 1, 7), count(*), sum(price_total_eur), sum(quantity_bottles_75cl_eq),
    count(DISTINCT customer_key) FROM sales_lines GROUP BY 1 ORDER BY 1";

/// An estate with three customers, after its first sync.
fn estate() -> Estate {
    let estate = Estate::of_bad("plain");
    estate.export("clients.csv", CLIENTS);
    estate.export("ventes.csv", SALES);
    estate.export("contacts.csv", CONTACTS);
    estate.sync();
    estate
}

#[track_caller]
fn erase(estate: &Estate, customer: &str) -> Value {
    let erased = estate.crmreco(&["erase", customer, "--yes", "--json"]);
    let erased = erased.exits(0).json();
    assert_eq!(erased["success"], true, "{erased:#}");
    erased
}

/// All text of the database and of the files beside it.
fn bytes(estate: &Estate) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(estate.home()).unwrap().flatten() {
        if entry.path().is_file() && entry.file_name() != ".env" {
            bytes.extend(fs::read(entry.path()).unwrap());
        }
    }
    bytes
}

fn holds(estate: &Estate, text: &str) -> bool {
    let bytes = bytes(estate).to_ascii_lowercase();
    let text = text.to_ascii_lowercase();
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[track_caller]
fn assert_gone(estate: &Estate) {
    for text in THEIRS {
        assert!(!holds(estate, text), "« {text} » is in the files");
    }
}

#[track_caller]
fn assert_nothing_changes(estate: &Estate, answer: &Value, before: &[String]) {
    for table in crate::common::TABLES {
        let counts = counts(answer, table);
        let changes = [counts.inserted, counts.updated, counts.deleted];
        assert_eq!(changes, [0; 3], "{table}: {answer:#}");
    }
    assert_eq!(estate.dump(), before);
    assert_gone(estate);
}

#[test]
fn a_customer_leaves_every_table_and_their_lines_stay_without_a_name() {
    let estate = estate();
    let months = estate.sql(MONTHS);
    let metrics = estate.crmreco(&["metrics", "--json"]).exits(0).json();
    let erased = erase(&estate, "isavigne-C1");
    let expected = json!({"customers": 1, "sales_lines": 2, "contact_history": 1, "rejects": 0, "messages": 0});
    assert_eq!(erased["erased"], expected);
    assert_eq!(erased["connector_name"], "cave");

    let customers = estate.sql("SELECT customer_key FROM customers ORDER BY 1");
    assert_eq!(customers, ["isavigne-C2", "isavigne-C3"]);
    let contacts = estate.sql("SELECT customer_key FROM contact_history");
    assert_eq!(contacts, ["isavigne-C3"]);
    let lines = estate.sql("SELECT customer_key, notes FROM sales_lines ORDER BY sale_line_key");
    let (alias, _) = lines[0].split_once('|').unwrap();
    assert!(
        alias.len() == 23 && alias.starts_with("erased-"),
        "{lines:?}"
    );
    assert_eq!(lines[0], format!("{alias}|NULL"));
    assert_eq!(lines[1], lines[0], "lines of one person stay together");
    assert_eq!(lines[2], "isavigne-C3|Cadeau");
    assert_eq!(estate.sql(MONTHS), months);
    let after = estate.crmreco(&["metrics", "--json"]).exits(0).json();
    let rows = |metrics: &Value, table: &str| metrics["records_by_table"][table].as_u64().unwrap();
    for (table, fewer) in [("CUSTOMERS", 1), ("SALES_LINES", 0), ("CONTACT_HISTORY", 1)] {
        assert_eq!(
            rows(&after, table) + fewer,
            rows(&metrics, table),
            "{table}"
        );
    }
    assert_gone(&estate);
}

#[test]
fn no_sync_brings_an_erased_customer_back() {
    let estate = estate();
    erase(&estate, "jean.zyxwvut@example.fr");
    let before = estate.dump();
    let answer = estate.sync();
    assert_nothing_changes(&estate, &answer, &before);
    let answer = estate.sync_with(&["--full"], 0);
    assert_nothing_changes(&estate, &answer, &before);
    assert_eq!(
        answer["records"]["CUSTOMERS"]["left_aside"], 1,
        "{answer:#}"
    );
    assert_eq!(answer["records"]["CONTACT_HISTORY"]["left_aside"], 1);
    let told = messages(&answer, "warnings");
    assert_eq!(told, ["1 client effacé à sa demande reste en dehors"]);
    assert_eq!(counts(&answer, "SALES_LINES").unchanged, 3);

    // The same rows in files with other names, and the address in another spelling.
    for name in ["clients", "ventes", "contacts"] {
        let text = estate.export_text(&format!("{name}.csv"));
        fs::remove_file(estate.exports().join(format!("{name}.csv"))).unwrap();
        let text = text
            .replace("Jean.Zyxwvut@", "JEAN.ZYXWVUT@")
            .replace("C1;", "c1;");
        estate.export(&format!("{name}_2025.csv"), text);
    }
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").updated, 0, "{answer:#}");
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 0, "{answer:#}");
    assert_gone(&estate);
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["2"]);
}

#[test]
fn a_new_line_of_an_erased_customer_is_loaded_without_a_name() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let more = "4;FA3;C1;CREMANT-NM;05/01/2025;3;bouteille;16,50;49,50;Pour Jean\n";
    estate.export("ventes.csv", format!("{SALES}{more}"));
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 1, "{answer:#}");
    assert_eq!(messages(&answer, "warnings"), Vec::<String>::new());
    let lines = estate.sql("SELECT customer_key, count(*), sum(price_total_eur) FROM sales_lines GROUP BY 1 ORDER BY 1");
    assert!(
        lines[0].starts_with("erased-") && lines[0].ends_with("|3|154.5"),
        "{lines:?}"
    );
    assert_gone(&estate);
    let before = estate.dump();
    let answer = estate.sync_with(&["--full"], 0);
    assert_nothing_changes(&estate, &answer, &before);
}

/// A cancelled sale takes its line away, whoever bought.
#[test]
fn a_line_cancelled_later_goes() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let mut lines = SALES
        .lines()
        .map(|line| format!("{line};\n"))
        .collect::<Vec<_>>();
    lines[0] = lines[0].replace(";\n", ";statut\n");
    lines[2] = lines[2].replace(";\n", ";annulé\n");
    estate.export("ventes.csv", lines.concat());
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").deleted, 1, "{answer:#}");
    assert_eq!(
        estate.sql("SELECT count(*) FROM sales_lines WHERE customer_key LIKE 'erased-%'"),
        ["1"]
    );
}

/// Whoever comes under a new code with the same address is the same person; their lines lose their name too.
#[test]
fn the_same_address_under_a_new_code_is_kept_out() {
    let estate = estate();
    let sold = "5;FA4;C9;CREMANT-NM;06/01/2025;1;bouteille;16,50;16,50;\n";
    estate.export("ventes.csv", format!("{SALES}{sold}"));
    estate.sync();
    erase(&estate, "isavigne-C1");
    let again = CLIENTS
        .replace("C1;", "C9;")
        .replace("Jean.Zyx", "jean.zyx");
    estate.export("clients.csv", &again);
    let answer = estate.sync();
    assert_eq!(
        answer["records"]["CUSTOMERS"]["left_aside"], 1,
        "{answer:#}"
    );
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["2"]);
    let nameless = "SELECT count(DISTINCT customer_key), count(*) FROM sales_lines WHERE customer_key LIKE 'erased-%'";
    assert_eq!(estate.sql(nameless), ["1|3"]);
    let before = estate.dump();
    let answer = estate.sync_with(&["--full"], 0);
    assert_nothing_changes(&estate, &answer, &before);
}

/// The line that tells who it is may come after another of the same code.
#[test]
fn a_new_code_that_comes_twice_is_kept_out_twice() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let first = "C9;Autre;Jean;;;;;;\n";
    let second = "C9;Autre;Jean;jean.zyxwvut@example.fr;;;;;\n";
    let third = "C9;Autre;Jean;;;;;;Colmar\n";
    estate.export("clients.csv", format!("{CLIENTS}{first}{second}{third}"));
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 0, "{answer:#}");
    assert_eq!(
        answer["records"]["CUSTOMERS"]["left_aside"], 4,
        "{answer:#}"
    );
    assert_gone(&estate);
}

/// A file that is begun again, because a later line puts the order of its dates in doubt, is counted as it is read the second
/// time.
#[test]
fn a_file_that_is_begun_again_keeps_them_out_of_its_counts_too() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let later = "M3;C1;27/11/2025;email;Noël;Vos vins de fête;opened\n\
        M4;C3;27/11/2025;email;Noël;Vos vins de fête;opened\n\
        M5;C3;11/28/2025;email;Noël;Vos vins de fête;opened\n";
    let heading = CONTACTS.lines().next().unwrap_or_default();
    estate.export("contacts_2025.csv", format!("{heading}\n{later}"));
    let answer = estate.sync();
    let contacts = &answer["records"]["CONTACT_HISTORY"];
    assert_eq!(contacts["left_aside"], 1, "{answer:#}");
    assert_gone(&estate);
}

/// Two who share a telephone are two: who was not erased stays, and may share the address later.
#[test]
fn others_of_the_household_stay() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let answer = estate.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "CUSTOMERS").unchanged, 2, "{answer:#}");
    estate.export(
        "clients.csv",
        CLIENTS.replace("anne@example.fr", "jean.zyxwvut@example.fr"),
    );
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").updated, 1, "{answer:#}");
    assert_eq!(counts(&answer, "CUSTOMERS").unchanged, 1, "{answer:#}");
}

/// What keeps them out could be used to test a guess.
#[test]
fn a_query_does_not_show_the_key_of_the_hashes() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    for sql in [
        "SELECT * FROM erasure_secret",
        "SELECT secret FROM main.ERASURE_SECRET",
        "SELECT x.s FROM (SELECT secret AS s FROM erasure_secret) AS x",
    ] {
        let shown = estate.crmreco(&["query", sql, "--json"]).exits(0).json();
        let row = shown[0].as_object().unwrap();
        assert_eq!(row.values().next_back(), Some(&Value::Null), "{sql}");
    }
}

/// Codes in both cases are two customers, where both were there.
#[test]
fn a_customer_whose_code_differs_by_its_case_stays() {
    let estate = estate();
    let other = "c1;Autre;Paul;paul@example.fr;;;;;\n";
    let sold = "4;FA3;c1;CREMANT-NM;05/01/2025;3;bouteille;16,50;49,50;\n";
    estate.export("clients.csv", format!("{CLIENTS}{other}"));
    estate.export("ventes.csv", format!("{SALES}{sold}"));
    estate.sync();
    erase(&estate, "isavigne-C1");
    let before = estate.dump();
    let answer = estate.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").unchanged, 4, "{answer:#}");
    assert_eq!(counts(&answer, "CUSTOMERS").unchanged, 3, "{answer:#}");
    assert_eq!(answer["records"]["CUSTOMERS"]["left_aside"], 1);
    assert_eq!(estate.dump(), before);
    let theirs = "SELECT customer_key, purchase_count FROM customers WHERE last_name = 'Autre'";
    assert_eq!(estate.sql(theirs), ["isavigne-c1|1"]);
}

/// A code that the source gives to somebody else stays that of the erased customer: nothing tells them apart.
#[test]
fn a_reused_code_is_kept_out_and_told() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let other = "C1;Autre;Paul;paul@example.fr;03 88 77 77 77;;;;\n";
    estate.export("clients.csv", format!("{CLIENTS}{other}"));
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 0, "{answer:#}");
    assert_eq!(
        answer["records"]["CUSTOMERS"]["left_aside"], 2,
        "{answer:#}"
    );
    let told = messages(&answer, "warnings");
    assert_eq!(told, ["1 client effacé à sa demande reste en dehors"]);
}

#[test]
fn several_are_listed_and_nothing_is_done() {
    let estate = estate();
    let before = estate.dump();
    for (asked, words) in [
        (
            "03.88.12.34.56",
            &[
                "2 clients",
                "isavigne-C1 (cave)",
                "isavigne-C2 (cave)",
                "--connector cave",
            ][..],
        ),
        (
            "nobody@example.fr",
            &["aucun client", "rien n'a été changé"],
        ),
        ("", &["aucun client"]),
        ("zyxwvut", &["aucun client"]),
    ] {
        let refused = estate
            .crmreco(&["erase", asked, "--yes"])
            .exits(3)
            .says(words);
        assert!(
            asked.is_empty() || !refused.text().contains(asked),
            "{refused:?}"
        );
        let refused = estate
            .crmreco(&["erase", asked, "--yes", "--json"])
            .exits(3)
            .json();
        assert_eq!(refused["success"], false, "{refused:#}");
    }
    estate
        .crmreco(&["erase", "isavigne-C1", "--connector", "chai", "--yes"])
        .exits(3)
        .says(&["chai"]);
    estate
        .crmreco(&["erase", "isavigne-C1"])
        .exits(3)
        .says(&["--yes"]);
    assert_eq!(estate.dump(), before);
    erase(&estate, "isavigne-C1");
    for asked in ["isavigne-C1", "jean.zyxwvut@example.fr", "06 11 22 33 44"] {
        estate
            .crmreco(&["erase", asked, "--yes"])
            .exits(3)
            .says(&["aucun client"]);
    }
    let alias = estate.sql("SELECT alias FROM erasures").concat();
    estate.crmreco(&["erase", &alias, "--yes"]).exits(3);
}

/// What a hostile export says cannot become a command by being copied.
#[test]
fn a_key_in_an_advice_is_one_word() {
    let estate = estate();
    let hostile = "C4 $(id)'x;Un;Deux;d@example.fr;;;;;\nC5;Un;Deux;d@example.fr;;;;;\n";
    estate.export("clients.csv", format!("{CLIENTS}{hostile}"));
    estate.sync();
    let refused = estate.crmreco(&["erase", "d@example.fr", "--yes"]).exits(3);
    refused.says(&[r"erase 'isavigne-C4 $(id)'\''x' --connector cave"]);
}

/// What stands in place of a number tells nobody.
#[test]
fn a_customer_without_a_number_is_not_taken_for_another() {
    let estate = estate();
    let text = CLIENTS.replace("06 11 22 33 44", "néant");
    estate.export("clients.csv", &text);
    estate.sync();
    erase(&estate, "isavigne-C1");
    let other = "C4;Autre;Paul;paul@example.fr;;néant;;;\n";
    estate.export("clients.csv", format!("{text}{other}"));
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 1, "{answer:#}");
}

/// The line is there, with an error: nothing says that it is missing.
#[test]
fn a_rejected_line_of_theirs_is_not_missed() {
    let estate = Estate::of_bad("plain").setting("SALES_KEY", "document+customer");
    estate.export("clients.csv", CLIENTS);
    estate.export("ventes.csv", SALES);
    estate.sync();
    erase(&estate, "isavigne-C1");
    estate.export(
        "ventes.csv",
        SALES.replace(";2;bouteille", ";deux;bouteille"),
    );
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").rejected, 1, "{answer:#}");
    let told = messages(&answer, "warnings");
    assert!(
        !told.iter().any(|one| one.contains("n'est plus")),
        "{told:?}"
    );
}

#[test]
fn the_same_key_of_two_connectors_is_one_customer_each() {
    let estate = estate();
    estate.connector("chai", &estate.exports());
    estate.env_lines("CRMRECO_CONNECTOR__CHAI__MAX_REJECTS=100%");
    estate.crmreco(&["sync", "chai"]).exits(0);
    estate
        .crmreco(&["erase", "isavigne-C1", "--yes"])
        .exits(3)
        .says(&["isavigne-C1 (chai)"]);
    let args = [
        "erase",
        "isavigne-C1",
        "--connector",
        "chai",
        "--yes",
        "--json",
    ];
    let erased = estate.crmreco(&args).exits(0).json();
    // The household's telephone, and the person in the other connector.
    let elsewhere: Vec<_> = erased["elsewhere"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["customer_key"])
        .collect();
    assert_eq!(elsewhere, ["isavigne-C1", "isavigne-C2"], "{erased:#}");
    let left = estate.sql("SELECT source FROM customers WHERE customer_key = 'isavigne-C1'");
    assert_eq!(left, ["cave"]);
    estate.crmreco(&["sync", "--all", "--full"]).exits(0);
    assert_eq!(
        estate.sql("SELECT source FROM customers WHERE customer_key = 'isavigne-C1'"),
        ["cave"]
    );
}

/// The exports are registered anew, under another name: keys are those of another connector, people are the same.
#[test]
fn another_connector_does_not_bring_them_back() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    estate.connector("chai", &estate.exports());
    estate.env_lines("CRMRECO_CONNECTOR__CHAI__MAX_REJECTS=100%");
    let synced = estate.crmreco(&["sync", "chai", "--json"]).exits(0).json();
    assert_eq!(
        synced["records"]["CUSTOMERS"]["left_aside"], 1,
        "{synced:#}"
    );
    assert_gone(&estate);
    let aliases = "SELECT count(DISTINCT customer_key), count(*) FROM sales_lines WHERE customer_key LIKE 'erased-%'";
    assert_eq!(estate.sql(aliases), ["1|4"]);
    // Nor does removing it with all that is known of it, and registering it again.
    estate
        .crmreco(&["remove", "chai", "--purge", "--yes"])
        .exits(0);
    estate.connector("chai", &estate.exports());
    estate.env_lines("CRMRECO_CONNECTOR__CHAI__MAX_REJECTS=100%");
    estate.crmreco(&["sync", "chai"]).exits(0);
    assert_gone(&estate);
}

#[test]
fn a_home_without_a_database_is_left_alone() {
    let estate = Estate::empty();
    estate.crmreco(&["erase", "isavigne-C1", "--yes"]).exits(3);
    assert!(!estate.database().exists());
}

/// Keys may hold the customer's code, and the settings of keys may change later.
#[test]
fn keys_with_the_code_of_the_customer_lose_it() {
    for (setting, number) in [("document+customer", "num_piece"), ("auto", "autre")] {
        let estate = Estate::of_bad("plain").setting("SALES_KEY", setting);
        for (name, text) in [("clients.csv", CLIENTS), ("contacts.csv", CONTACTS)] {
            estate.export(name, text.replace("C1;", "CODE1;"));
        }
        let sales = SALES
            .replace("C1;", "CODE1;")
            .replace("num_piece", number)
            .replace("num_ligne", "rang");
        estate.export("ventes.csv", sales);
        estate.sync();
        let months = estate.sql(MONTHS);
        erase(&estate, "isavigne-CODE1");
        assert!(!holds(&estate, "CODE1"), "{setting}");
        let before = estate.dump();
        let answer = estate.sync_with(&["--full"], 0);
        assert_nothing_changes(&estate, &answer, &before);
        assert_eq!(counts(&answer, "SALES_LINES").unchanged, 3, "{answer:#}");
        assert!(!holds(&estate, "CODE1"), "{setting}");

        estate.env_lines("CRMRECO_CONNECTOR__CAVE__SALES_KEY=\"document+date\"");
        let answer = estate.sync();
        assert_eq!(counts(&answer, "SALES_LINES").read, 3, "{answer:#}");
        assert_eq!(estate.sql(MONTHS), months, "{answer:#}");
        assert!(!holds(&estate, "CODE1"), "{setting}");
    }
}

#[test]
fn an_erased_customer_stays_out_of_a_renamed_connector() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    let months = estate.sql(MONTHS);
    estate.crmreco(&["rename", "cave", "chai"]).exits(0);
    estate.crmreco(&["sync", "chai", "--full"]).exits(0);
    assert_gone(&estate);
    assert_eq!(estate.sql(MONTHS), months);
}

#[test]
fn an_erasure_is_no_leftover_of_a_purged_connector() {
    let estate = estate();
    estate.connector("chai", &estate.exports());
    erase(&estate, "isavigne-C1");
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes"])
        .exits(0);
    estate.crmreco(&["rename", "chai", "cave"]).exits(0);
    estate.crmreco(&["sync", "cave"]).exits(0);
    assert_gone(&estate);
}
