//! Databases of version 3, whose keys of sales had another form. They were frozen with the exports beside them.

use std::fs;

use super::{assert_settled, changes, months, sales, total};
use crate::common::{Estate, assert_says, copy_folder, fixtures, messages, the_message};

/// A database of version 3 over its exports.
fn frozen(name: &str) -> Estate {
    let folder = fixtures().join("sales_v3").join(name);
    let estate = Estate::empty();
    copy_folder(&folder.join("exports"), &estate.exports());
    let sql = fs::read_to_string(folder.join("database.sql")).unwrap();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    database.execute_batch(&sql).unwrap();
    estate
}

/// Takes the exports of sales away, but for those whose names contain `kept`; returns their names and contents.
fn take_away(estate: &Estate, is_taken: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(estate.exports()).unwrap().map(Result::unwrap);
    let files = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        (name.contains("ventes") || name.contains("factures")) && is_taken(name)
    });
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let content = fs::read(&path).unwrap();
            fs::remove_file(path).unwrap();
            (name, content)
        })
        .collect()
}

/// An export that the database does not know.
fn add_may(estate: &Estate) {
    estate.export(
        "ventes_2025-05.csv",
        sales(&["N-1;C1;P1;05/05/2025;1;7,00"]),
    );
}

const STEADY: [&str; 6] = [
    "2025-06|5|50",
    "2025-07|3|60",
    "2025-08|3|90",
    "2025-09|3|100",
    "2025-10|5|110",
    "2025-11|4|291",
];

/// The same with the line of [`add_may`].
const STEADY_AND_NEW: [&str; 7] = [
    "2025-05|1|7",
    "2025-06|5|50",
    "2025-07|3|60",
    "2025-08|3|90",
    "2025-09|3|100",
    "2025-10|5|110",
    "2025-11|4|291",
];

#[test]
fn lines_of_existing_files_get_their_new_keys() {
    let estate = frozen("steady");
    let answer = estate.sync();
    assert_eq!(months(&estate), STEADY);
    assert_eq!(changes(&answer), [0, 23, 0, 0, 0]);
    assert_says(&the_message(&answer, "warnings", "clés"), &["23 avant"]);
    assert_says(
        &messages(&answer, "warnings").concat(),
        &["6 fichiers relus"],
    );
    assert!(
        !messages(&answer, "warnings")
            .concat()
            .contains("sommes par mois"),
        "{answer:#}"
    );
    assert_eq!(old_keys(&estate), 0);
    assert_settled(&estate, &[]);
}

#[test]
fn lines_of_deleted_files_get_their_new_keys() {
    let estate = frozen("steady");
    take_away(&estate, |_| true);
    add_may(&estate);
    let answer = estate.sync();
    assert_eq!(months(&estate), STEADY_AND_NEW);
    assert_says(
        &the_message(&answer, "warnings", "clés"),
        &["23 avant", "23 gardées"],
    );
    assert_eq!(old_keys(&estate), 0);
    assert_settled(&estate, &[]);
}

#[test]
fn lines_stay_while_there_is_no_file_of_sales() {
    let estate = frozen("steady");
    let files = take_away(&estate, |_| true);
    estate.sync();
    assert_eq!(months(&estate), STEADY);
    for (name, content) in files {
        estate.export(&name, content);
    }
    estate.sync();
    assert_eq!(months(&estate), STEADY);
    assert_eq!(old_keys(&estate), 0);
    assert_settled(&estate, &[]);
}

/// Each file alone is gone while keys change, and comes back later: the keys made from stored columns are those that
/// the file gives.
#[test]
fn a_restored_file_doubles_nothing() {
    for gone in [
        "factures_2025-10",
        "site_2025-11",
        "boutique_2025-09",
        "lignes_2025-08",
        "comptoir_2025-07",
        "caisse_2025-06",
    ] {
        let estate = frozen("steady");
        let files = take_away(&estate, |name| name.contains(gone));
        assert_eq!(files.len(), 1);
        estate.sync();
        assert_eq!(months(&estate), STEADY, "{gone}");
        assert_settled(&estate, &[]);
        for (name, content) in files {
            estate.export(&name, content);
        }
        let answer = estate.sync();
        assert_eq!(months(&estate), STEADY, "{gone}: {answer:#}");
        assert_eq!(changes(&answer)[0], 0, "{gone}: {answer:#}");
        assert_settled(&estate, &[]);
    }
}

/// Version 3 gave number 1 of 2025 the key of number 1 of 2024.
#[test]
fn overwritten_lines_are_restored_and_the_sums_reported() {
    let estate = frozen("restart");
    assert_eq!(total(&estate), "4|190");
    let answer = estate.sync();
    assert_eq!(total(&estate), "6|260");
    let grown = the_message(&answer, "warnings", "sommes par mois");
    assert_says(
        &grown,
        &[
            "2024-01 : 0,00 € avant, 60,00 € après",
            "2024-02 : 0,00 € avant, 30,00 € après",
        ],
    );
    // Its credit note was read as a sale.
    assert_says(&grown, &["2025-03 : 10,00 € avant, -10,00 € après"]);
    assert_settled(&estate, &[]);
}

#[test]
fn overwritten_lines_of_deleted_files_stay_lost() {
    let estate = frozen("restart");
    take_away(&estate, |name| {
        name.contains("2024") || name.contains("retours")
    });
    let answer = estate.sync();
    assert_eq!(total(&estate), "4|190");
    assert!(
        !messages(&answer, "warnings")
            .concat()
            .contains("sommes par mois"),
        "{answer:#}"
    );
    assert_eq!(old_keys(&estate), 0);
    assert_settled(&estate, &[]);
}

#[test]
fn a_dry_run_over_an_old_database_changes_nothing() {
    let estate = frozen("steady");
    estate.crmreco(&["list"]).exits(0);
    let before = estate.dump();
    estate.sync_with(&["--dry-run"], 0);
    assert_eq!(estate.dump(), before);
    estate.sync();
    assert_eq!(months(&estate), STEADY);
}

/// A file that fails takes nothing with it: its lines stay until it can be read.
#[test]
fn a_file_that_fails_while_keys_change_keeps_its_lines() {
    let estate = frozen("steady");
    let boutique = estate.export_text("ventes_boutique_2025-09.csv");
    estate.export("ventes_boutique_2025-09.csv", "n'importe quoi\r\n");
    estate.sync_with(&[], 1);
    let kept = months(&estate);
    assert!(kept.contains(&"2025-09|3|100".to_owned()), "{kept:?}");
    estate.export("ventes_boutique_2025-09.csv", boutique);
    estate.sync();
    assert_eq!(months(&estate), STEADY);
    assert_settled(&estate, &[]);
}

/// Version 3 counted orders like invoices.
#[test]
fn existing_orders_are_deleted_where_there_are_invoices() {
    let estate = frozen("steady");
    insert(
        &estate,
        "isavigne-Commande-90-r1",
        "Commande-90",
        "ventes_2025-10.csv:2",
    );
    estate.sync();
    assert_eq!(months(&estate), STEADY);
    assert_settled(&estate, &[]);
}

fn old_keys(estate: &Estate) -> usize {
    estate
        .sql("SELECT sale_line_key FROM sales_lines WHERE instr(sale_line_key, '|') = 0")
        .len()
}

#[test]
fn customer_figures_are_right_after_the_change() {
    for is_gone in [false, true] {
        let estate = frozen("steady");
        if is_gone {
            take_away(&estate, |_| true);
            estate.export(
                "ventes_2025-05.csv",
                sales(&["N-1;C9;P1;05/05/2025;1;7,00"]),
            );
        }
        estate.sync();
        let figures = estate.sql("SELECT customer_key, total_spent_eur FROM customers ORDER BY 1");
        let sums = estate.sql(
            "SELECT customer_key, round(sum(price_total_eur), 2) FROM sales_lines
             WHERE customer_key <> 'isavigne-C9' GROUP BY 1 ORDER BY 1",
        );
        assert_eq!(figures, sums);
        let list = estate.crmreco(&["list", "--json"]).exits(0).json();
        let rows: u64 = estate
            .sql("SELECT count(*) FROM sales_lines")
            .concat()
            .parse()
            .unwrap();
        assert_eq!(list["metrics"]["records_by_table"]["SALES_LINES"], rows);
    }
}

/// The name of the file says what its lines are; version 3 did not heed it.
#[test]
fn orders_of_a_deleted_file_are_deleted_where_there_are_invoices() {
    let estate = frozen("steady");
    insert(&estate, "isavigne-K90-r1", "K90", "commandes_2025-10.csv:2");
    estate.sync();
    assert_eq!(months(&estate), STEADY);
}

/// Credit notes of a file that is gone, read as sales by version 3; the file comes back.
#[test]
fn credit_notes_by_file_name_count_once_when_the_file_is_restored() {
    let estate = frozen("steady");
    insert(&estate, "isavigne-R1-r1", "R1", "avoirs_2025-10.csv:2");
    estate.sync();
    estate.export(
        "avoirs_2025-10.csv",
        sales(&["R1;C2;P1;20/10/2025;3;30,00"]),
    );
    estate.sync();
    let lines = estate.sql("SELECT price_total_eur FROM sales_lines WHERE order_ref = 'R1'");
    assert_eq!(lines, ["-30"]);
}

/// A quote never was a sale.
#[test]
fn quotes_of_a_deleted_file_are_reported() {
    let estate = frozen("steady");
    insert(
        &estate,
        "isavigne-Devis-90-r1",
        "Devis-90",
        "devis_2025-10.csv:2",
    );
    let answer = estate.sync();
    let told = messages(&answer, "warnings").concat();
    assert!(
        months(&estate) == STEADY || told.contains("devis"),
        "{answer:#}"
    );
}

/// Each day's export took the name of the one before: only the last is there, but nothing of the others may go.
#[test]
fn lines_of_what_a_file_held_before_stay() {
    let estate = frozen("daily");
    assert_eq!(months(&estate), ["2025-10|9|90"]);
    estate.sync();
    assert_eq!(months(&estate), ["2025-10|9|90"]);
    assert_eq!(old_keys(&estate), 0);
    assert_settled(&estate, &[]);
}

/// One more line of version 3, like that of the invoice 13.
fn insert(estate: &Estate, key: &str, order: &str, source_ref: &str) {
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    let columns = "customer_key, product_key, ?2, date_sale, quantity_units, unit, quantity_bottles_75cl_eq, \
        price_unit_eur, price_total_eur, price_total_excl_tax_eur, cost_total_eur, margin_percent, channel, notes, ?3, \
        run_id, updated_at, row_hash";
    let sql = format!(
        "INSERT INTO sales_lines SELECT source, ?1, {columns} FROM sales_lines WHERE sale_line_key = 'isavigne-Facture-13-r1'"
    );
    assert_eq!(database.execute(&sql, [key, order, source_ref]).unwrap(), 1);
}
