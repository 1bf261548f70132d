//! The same estate exported in three dialects, with the truth about it computed apart: what is loaded is that, to the
//! cent, and the lines that are not loaded are those that were spoiled.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::common::{Estate, check_counts, copy_folder, counts, fixtures};

const DIALECTS: [&str; 3] = ["documented", "french", "excel"];

fn synced(dialect: &str) -> (Estate, Value) {
    let estate = Estate::empty();
    copy_folder(&fixtures().join("truth").join(dialect), &estate.exports());
    let answer = estate.sync();
    (estate, answer)
}

fn truth(dialect: &str) -> Value {
    let path = fixtures()
        .join("truth")
        .join(format!("{dialect}.truth.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_row_is_loaded_or_rejected() {
    for dialect in DIALECTS {
        let (_estate, answer) = synced(dialect);
        let truth = truth(dialect);
        let accepted = |table| {
            let counts = counts(&answer, table);
            (counts.read, counts.inserted, counts.rejected)
        };
        let all = |key: &str| truth[key].as_u64().map(|rows| (rows, rows, 0)).unwrap();
        assert_eq!(accepted("CUSTOMERS"), all("customers"), "{dialect}");
        assert_eq!(accepted("PRODUCTS"), all("products"), "{dialect}");
        assert_eq!(accepted("STOCK_LEVELS"), all("stock"), "{dialect}");
        let sales = (
            truth["sales_rows"].as_u64().unwrap(),
            truth["sales_accepted"].as_u64().unwrap(),
            6,
        );
        assert_eq!(accepted("SALES_LINES"), sales, "{dialect}");
    }
}

#[test]
fn amounts_are_right_to_the_cent_and_bottles_to_the_half() {
    for dialect in DIALECTS {
        let (estate, _) = synced(dialect);
        let truth = truth(dialect);
        let sums = estate.sql("SELECT printf('%.2f|%.1f', sum(price_total_eur), sum(quantity_bottles_75cl_eq)) FROM sales_lines");
        let expected = format!(
            "{}|{}",
            truth["total_eur"].as_str().unwrap(),
            truth["bottles_75cl"].as_str().unwrap()
        );
        assert_eq!(sums, [expected], "{dialect}");
    }
}

#[test]
fn every_month_is_right_to_the_cent() {
    for dialect in DIALECTS {
        let (estate, _) = synced(dialect);
        let months = estate.sql("SELECT substr(date_sale, 1, 7), printf('%.2f', sum(price_total_eur)) FROM sales_lines GROUP BY 1 ORDER BY 1");
        let truth: BTreeMap<String, String> =
            serde_json::from_value(truth(dialect)["months"].clone()).unwrap();
        let expected: Vec<_> = truth
            .iter()
            .map(|(month, sum)| format!("{month}|{sum}"))
            .collect();
        assert_eq!(months, expected, "{dialect}");
    }
}

#[test]
fn exactly_the_damaged_lines_are_rejected() {
    for dialect in DIALECTS {
        let (estate, _) = synced(dialect);
        let truth = truth(dialect);
        let mut spoiled: Vec<_> = truth["rejected_lines"]
            .as_object()
            .unwrap()
            .values()
            .map(|line| line["line"].as_u64().unwrap())
            .collect();
        spoiled.sort_unstable();
        let rejected = estate.sql("SELECT DISTINCT CAST(position AS INTEGER) FROM rejects WHERE table_name = 'SALES_LINES' ORDER BY 1");
        assert_eq!(
            rejected,
            spoiled.iter().map(u64::to_string).collect::<Vec<_>>(),
            "{dialect}"
        );
    }
}

#[test]
fn the_dialect_changes_nothing_of_what_is_loaded() {
    let queries = [
        "SELECT customer_key, first_name, last_name, company_name, email, phone, mobile, zip_code, city, country,
                total_spent_eur, purchase_count, segment FROM customers ORDER BY 1",
        "SELECT product_key, name, category, price_segment, list_price_eur, cost_price_eur, grape_varieties, vintage, region
         FROM product_catalog ORDER BY 1",
        "SELECT sale_line_key, customer_key, product_key, order_ref, date_sale, quantity_units, unit, quantity_bottles_75cl_eq,
                price_unit_eur, price_total_eur, channel FROM sales_lines ORDER BY 1",
        "SELECT stock_key, product_key, warehouse, quantity_units, reserved_qty, available_qty, last_count_date
         FROM stock_levels ORDER BY 1",
    ];
    let estates = DIALECTS.map(|dialect| synced(dialect).0);
    for query in queries {
        let [documented, french, excel] = estates.each_ref().map(|estate| estate.sql(query));
        assert!(!documented.is_empty());
        assert_eq!(documented, french);
        assert_eq!(documented, excel);
    }
}

#[test]
fn a_customers_total_is_the_sum_of_the_sales() {
    let (estate, _) = synced("french");
    let apart = "SELECT c.customer_key, c.total_spent_eur, sum(s.price_total_eur) AS spent FROM customers c
                 LEFT JOIN sales_lines s ON s.source = c.source AND s.customer_key = c.customer_key
                 GROUP BY c.customer_key HAVING abs(coalesce(c.total_spent_eur, 0) - coalesce(spent, 0)) > 0.0001";
    assert_eq!(estate.sql(apart), Vec::<String>::new());
}

#[test]
fn the_same_sync_twice_changes_nothing() {
    let (estate, _) = synced("excel");
    let before = estate.dump();
    for args in [&[][..], &["--full"]] {
        let answer = estate.sync_with(args, 0);
        check_counts(&answer);
        for table in crate::common::TABLES {
            let counts = counts(&answer, table);
            assert_eq!(
                (counts.inserted, counts.updated, counts.deleted),
                (0, 0, 0),
                "{table} {args:?}"
            );
        }
        let five_tables = |dump: &[String]| {
            dump.iter()
                .filter(|row| !row.starts_with("rejects"))
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            five_tables(&estate.dump()),
            five_tables(&before),
            "{args:?}"
        );
    }
}
