//! The program against what real servers answered, phase after phase: the tables are what SQL says of the server's own
//! database, and a later sync touches what changed alone.

use serde_json::{Value, json};

use super::agrees::assert_agrees;
use super::estate::{COMPANY, SINCE, VERSIONS, assert_unchanged, reader_of, replayed, truth};
use super::fault::Fault;
use super::stub::Stub;
use super::when::When;
use crate::common::{Counts, Estate, TABLES, counts, messages, the_message};

/// Where each table's key stands.
const KEYS: [(&str, &str, &str); 5] = [
    ("CUSTOMERS", "customers", "customer_key"),
    ("PRODUCTS", "product_catalog", "product_key"),
    ("SALES_LINES", "sales_lines", "sale_line_key"),
    ("STOCK_LEVELS", "stock_levels", "stock_key"),
    ("CONTACT_HISTORY", "contact_history", "contact_key"),
];

/// The server and the estate after the phases before `phase`.
#[track_caller]
fn before(version: &str, phase: &str) -> (Stub, Estate) {
    let (stub, estate) = replayed(&format!("{version}/1-first"));
    estate.sync();
    for earlier in ["2-again", "3-changed"] {
        if earlier < phase {
            stub.phase(&format!("{version}/{earlier}"));
            estate.sync();
        }
    }
    stub.phase(&format!("{version}/{phase}"));
    stub.forget();
    (stub, estate)
}

#[test]
fn every_model_is_tested_with_its_rows() {
    for version in VERSIONS {
        let (_stub, estate) = replayed(&format!("{version}/1-first"));
        let answer = estate.crmreco(&["test", "cave", "--json"]).exits(0).json();
        let truth = truth(version, "1-first");
        let rows = |table: &str| truth[table]["rows"].as_u64().unwrap();
        let of = |origin: &str| truth["SALES_LINES"]["by_origin"][origin]["rows"].as_u64();
        let expected = json!([
            ["res.partner", rows("CUSTOMERS")],
            ["product.product", rows("PRODUCTS")],
            ["sale.order.line", of("order")],
            ["pos.order.line", of("shop")],
            ["account.move.line", of("invoice")],
            ["stock.quant", rows("STOCK_LEVELS")],
            ["mailing.trace", rows("CONTACT_HISTORY")],
        ]);
        let (server, checks) = answer["checks"].as_array().unwrap().split_first().unwrap();
        // 18.0 says the day of its packaging too.
        let name = server["name"].as_str().unwrap();
        assert!(name.starts_with(&format!("Odoo {version}")), "{name}");
        // Some credit notes take nothing back.
        let is_counted = |check: &&Value| check["name"] != "account.move.line (avoirs)";
        let found: Value = checks
            .iter()
            .filter(is_counted)
            .map(|check| json!([check["name"], check["rows"]]))
            .collect();
        assert_eq!(found, expected);
        assert!(checks.iter().all(|check| check["ok"] == true), "{answer:#}");
    }
}

#[test]
fn the_first_sync_agrees_with_sql() {
    for version in VERSIONS {
        let (_stub, estate) = replayed(&format!("{version}/1-first"));
        let answer = estate.sync();
        let truth = truth(version, "1-first");
        assert_agrees(&estate, &truth);
        for table in TABLES {
            let rows = truth[table]["rows"].as_u64().unwrap();
            let Counts { read, inserted, .. } = counts(&answer, table);
            assert_eq!((read, inserted), (rows, rows), "{version} {table}");
        }
        let said = the_message(&answer, "warnings", "(sale.order.line) : 6 lignes");
        assert!(said.contains("de service"), "{said}");
        the_message(&answer, "warnings", "liste de diffusion");
        the_message(&answer, "warnings", "odoo-pos");
        assert_eq!(messages(&answer, "warnings").len(), 3, "{answer:#}");
    }
}

#[test]
fn a_second_sync_finds_nothing_new() {
    for version in VERSIONS {
        let (stub, estate) = replayed(&format!("{version}/1-first"));
        estate.sync();
        let (rows, calls) = (estate.dump(), stub.requests().len());
        stub.phase(&format!("{version}/2-again"));
        stub.forget();
        let answer = estate.sync();
        assert_unchanged(&answer);
        assert_eq!(estate.dump(), rows, "{version}");
        // The newest wine, the newest line of an order and of the shop; the stock is read whole.
        let read = TABLES.map(|table| counts(&answer, table).read);
        assert_eq!(read, [0, 1, 2, 33, 0], "{version}");
        // A sweep for each model whose changes alone were read; stock has none.
        assert_eq!(stub.requests().len(), calls + 5, "{version}");
    }
}

#[test]
fn changes_arrive_and_no_other_row_is_touched() {
    for version in VERSIONS {
        let (_stub, estate) = before(version, "3-changed");
        let rows = || KEYS.map(|(_, table, key)| rows_of(&estate, table, key));
        let held = rows();
        let answer = estate.sync();
        let truth = truth(version, "3-changed");
        assert_agrees(&estate, &truth);
        for (((table, ..), held), now) in KEYS.into_iter().zip(held).zip(rows()) {
            let keys = |keep: &dyn Fn(&str) -> bool, rows: &Rows| {
                let keys = rows.iter().map(|(key, _)| key.as_str());
                json!(keys.filter(|key| keep(key)).collect::<Vec<_>>())
            };
            let hash = |rows: &Rows, key: &str| rows.iter().find(|row| row.0 == key).cloned();
            let touched = json!({
                "inserted": keys(&|key| hash(&held, key).is_none(), &now),
                "updated": keys(&|key| hash(&held, key).is_some_and(|old| Some(old) != hash(&now, key)), &now),
                "deleted": keys(&|key| hash(&now, key).is_none(), &held),
            });
            assert_eq!(touched, truth["touched"][table], "{version} {table}");
            for (what, keys) in touched.as_object().unwrap() {
                let counted = &answer["records"][table][what];
                assert_eq!(
                    counted,
                    keys.as_array().unwrap().len(),
                    "{version} {table} {what}"
                );
            }
        }
    }
}

/// The key of each row, and the fingerprint of what was read into it.
type Rows = Vec<(String, String)>;

/// In the order of the truth.
fn rows_of(estate: &Estate, table: &str, key: &str) -> Rows {
    let query = format!("SELECT {key}, row_hash FROM {table} ORDER BY length({key}), {key}");
    let rows = estate.sql(&query).into_iter().map(|row| {
        let (key, hash) = row.split_once('|').unwrap();
        (key.to_owned(), hash.to_owned())
    });
    rows.collect()
}

#[test]
fn each_change_is_in_its_row() {
    for version in VERSIONS {
        let (_stub, estate) = before(version, "3-changed");
        let old = |query: &str| estate.sql(query);
        let price = "SELECT list_price_eur FROM product_catalog WHERE name LIKE 'Gewurztraminer%'";
        let prices = old(price);
        let empty = "SELECT count(*) FROM stock_levels WHERE quantity_units = 0";
        let empties = old(empty);
        estate.sync();
        // A template was renamed, and one became 1.25 € dearer, in each of its formats.
        assert_eq!(
            estate.sql("SELECT count(*) FROM product_catalog WHERE name LIKE '%(renommé%'"),
            ["1"]
        );
        let dearer = prices
            .iter()
            .map(|price| (price.parse::<f64>().unwrap() + 1.25).to_string());
        assert_eq!(estate.sql(price), dearer.collect::<Vec<_>>(), "{version}");
        // One partner was archived and one blacklisted.
        assert_eq!(
            estate.sql(
                "SELECT count(*) FILTER (WHERE NOT active), sum(email_opt_out) FROM customers"
            ),
            ["2|1"],
            "{version}"
        );
        // Somebody bought for the first time.
        assert_eq!(
            estate.sql("SELECT purchase_count FROM customers WHERE last_name LIKE 'Curieux%' OR first_name LIKE 'Curieux%'
                        OR company_name LIKE 'Curieux%'"),
            ["1"],
            "{version}"
        );
        // The sales of who was merged away are now another's.
        assert_eq!(
            estate.sql("SELECT count(*) FROM sales_lines WHERE customer_key NOT IN (SELECT customer_key FROM customers)"),
            ["1"],
            "{version}: the shop's anonymous one alone"
        );
        // A quant was emptied, and stays.
        let one_more = (empties.concat().parse::<u64>().unwrap() + 1).to_string();
        assert_eq!(estate.sql(empty), [one_more], "{version}");
    }
}

#[test]
fn a_full_sync_after_the_changes_changes_nothing() {
    for version in VERSIONS {
        let (stub, estate) = before(version, "4-full");
        let rows = estate.dump();
        let answer = estate.sync_with(&["--full"], 0);
        assert_unchanged(&answer);
        assert_eq!(estate.dump(), rows, "{version}");
        assert_agrees(&estate, &truth(version, "3-changed"));
        for table in TABLES {
            let rows = &truth(version, "3-changed")[table]["rows"];
            assert_eq!(
                counts(&answer, table).read,
                rows.as_u64().unwrap(),
                "{version} {table}"
            );
        }
        assert!(
            stub.calls("sale.order.line", "search").is_empty(),
            "no sweep where all is read"
        );
    }
}

#[test]
fn a_dry_run_reports_changes_and_writes_nothing() {
    for version in VERSIONS {
        let (stub, estate) = before(version, "3-changed");
        let rows = estate.dump();
        let dry = estate.sync_with(&["--dry-run"], 0);
        assert_eq!(estate.dump(), rows, "{version}");
        let asked = stub.requests().len();
        stub.forget();
        let real = estate.sync();
        assert_eq!(dry["records"], real["records"], "{version}");
        assert_eq!(stub.requests().len(), asked, "{version}: cursors stay too");
    }
}

#[test]
fn a_single_table_requests_only_its_models() {
    let (stub, estate) = replayed("19.0/1-first");
    let answer = estate.sync_with(&["--source", "customers"], 0);
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 15);
    for asked in stub.requests() {
        let Some(call) = asked.call else { continue };
        let model = call.model.as_str();
        assert!(
            ["res.users", "res.partner", "res.country"].contains(&model),
            "{model}"
        );
    }
    // The rest comes with the next whole sync.
    stub.phase("19.0/2-again");
    estate.sync();
    assert_agrees(&estate, &truth("19.0", "1-first"));
}

#[test]
fn a_last_sync_replaces_the_cursor() {
    let (stub, estate) = before("19.0", "2-since");
    let answer = estate.sync_with(&["--source", "sales_lines", "--last-sync", SINCE], 0);
    assert_unchanged(&answer);
    let asked = stub.calls("sale.order.line", "search_read");
    let changed = asked.iter().find(|call| call.domain().len() > 6).unwrap();
    let term = json!(["write_date", ">=", "2026-11-19 18:00:00"]);
    assert!(changed.domain().contains(&term), "{:?}", changed.domain());
    // One line an hour was written: seven from 18:00 to midnight, and all four of the shop.
    assert_eq!(counts(&answer, "SALES_LINES").read, 11, "{answer:#}");
}

#[test]
fn a_company_is_set_in_every_call_and_domain() {
    let stub = Stub::replay("19.0/5-company");
    let estate = reader_of(&stub).setting("COMPANY_ID", &COMPANY.to_string());
    estate.sync_with(&["--source", "sales_lines"], 0);
    let truth = &truth("19.0", "5-company")["SALES_LINES"];
    let sums = "SELECT count(*), printf('%.2f', sum(price_total_eur)) FROM sales_lines";
    let expected = format!("{}|{}", truth["rows"], truth["euros"].as_str().unwrap());
    assert_eq!(estate.sql(sums), [expected]);
    for asked in stub.requests() {
        let Some(call) = asked.call.filter(|call| call.model != "res.users") else {
            continue;
        };
        assert_eq!(
            call.context()["allowed_company_ids"],
            json!([COMPANY]),
            "{call:?}"
        );
        let term = json!(["company_id", "in", [COMPANY, false]]);
        let is_line = ["sale.order.line", "pos.order.line"].contains(&call.model.as_str());
        let reads_lines = is_line && call.order() == Some("id");
        assert!(!reads_lines || call.domain().contains(&term), "{call:?}");
    }
}
#[test]
fn sales_read_before_their_products_are_right_once_those_are_there() {
    let (stub, estate) = replayed("19.0/1-first");
    estate.sync_with(&["--source", "sales_lines"], 0);
    stub.phase("19.0/2-again");
    estate.sync();
    assert_agrees(&estate, &truth("19.0", "1-first"));
}

#[test]
fn a_product_table_that_failed_once_leaves_no_wrong_bottles() {
    let (stub, estate) = replayed("19.0/1-first");
    stub.fault(
        When::call("product.product", "fields_get"),
        Fault::access_error("Non"),
    );
    estate.sync_with(&[], 1);
    stub.phase("19.0/2-again");
    estate.sync();
    assert_agrees(&estate, &truth("19.0", "1-first"));
}
