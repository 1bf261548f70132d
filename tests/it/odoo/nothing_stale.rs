//! What changes in Odoo changes here, whatever was asked for, refused or misdated in between.

use serde_json::{Value, json};

use super::house::{House, product};
use super::site::Site;
use super::stub::Stub;
use crate::common::{counts, messages};

const LINES: &str = "sale.order.line";

/// Three lines, the last written on 4 January 2019.
#[track_caller]
fn synced(house: House) -> (Stub, Site) {
    let stub = Stub::at_home(house);
    let site = Site::of(&stub).setting("MAX_REJECTS", "100%");
    site.sync();
    (stub, site)
}

/// Writes the total of a line.
fn write(stub: &Stub, line: usize, total: impl Into<Value>, at: &str) {
    let total = total.into();
    stub.rearrange(|house| {
        let row = &mut house.lines[line - 1];
        (row["price_total"], row["write_date"]) = (total, json!(at));
    });
}

#[track_caller]
fn totals(site: &Site) -> Vec<String> {
    site.estate
        .sql("SELECT price_total_eur FROM sales_lines ORDER BY sale_line_key")
}

/// Since when the newest sync asked for changed lines; None where it asked for all.
fn asked_since(stub: &Stub) -> Option<String> {
    let calls = stub.calls(LINES, "search_read");
    let page = calls.iter().find(|call| call.order() == Some("id"));
    let mut terms = page.unwrap().domain().iter();
    let since = terms.find(|term| term[0] == "write_date" && term[1] == ">=")?;
    Some(since[2].as_str().unwrap().to_owned())
}

#[test]
fn changes_before_a_later_last_sync_are_read_by_the_next_one() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        let (stub, site) = synced(house);
        write(&stub, 1, 61.0, "2020-05-01 10:00:00");
        write(&stub, 2, 62.0, "2021-06-01 10:00:00");
        site.sync_with(&["--last-sync", "2021-01-01T00:00:00Z"], 0);
        assert_eq!(totals(&site), ["60", "62", "60"], "as it was asked");
        stub.forget();
        let answer = site.sync();
        assert_eq!(totals(&site), ["61", "62", "60"]);
        assert_eq!(counts(&answer, "SALES_LINES").updated, 1);
        assert_eq!(asked_since(&stub).as_deref(), Some("2019-01-04 09:50:00"));
        stub.forget();
        site.sync();
        assert_eq!(asked_since(&stub).as_deref(), Some("2021-06-01 09:50:00"));
    }
}

#[test]
fn an_earlier_last_sync_skips_nothing_and_the_next_one_continues() {
    let (stub, site) = synced(House::of(3));
    write(&stub, 1, 61.0, "2020-05-01 10:00:00");
    site.sync_with(&["--last-sync", "2019-01-01T00:00:00Z"], 0);
    assert_eq!(totals(&site), ["61", "60", "60"]);
    stub.forget();
    site.sync();
    assert_eq!(asked_since(&stub).as_deref(), Some("2020-05-01 09:50:00"));
}

#[test]
fn a_table_never_read_is_read_completely_despite_last_sync() {
    let stub = Stub::at_home(House::of(3));
    let site = Site::of(&stub);
    let answer = site.sync_with(&["--last-sync", "2026-01-01T00:00:00Z"], 0);
    assert_eq!(totals(&site), ["60", "60", "60"]);
    let found = counts(&answer, "SALES_LINES");
    assert_eq!((found.inserted, found.unchanged), (3, 0));
    assert_eq!(asked_since(&stub), None);
    // A sweep would call every row missing.
    assert!(stub.calls("sale.order.line", "search").is_empty());
}

#[test]
fn last_sync_does_not_skip_rows_affected_by_a_renamed_unit() {
    // Before the cursor, but after the first lines; after the cursor.
    for since in ["2019-01-03T12:00:00Z", "2021-01-01T00:00:00Z"] {
        let (stub, site) = synced(House::of(3));
        let bottles = || {
            site.estate
                .sql("SELECT quantity_bottles_75cl_eq FROM sales_lines ORDER BY sale_line_key")
        };
        stub.rearrange(|house| {
            let unit =
                json!({"id": 1, "name": "Carton de 6", "factor": 1.0, "relative_uom_id": false});
            house.more.insert("uom.uom", vec![unit]);
        });
        site.sync_with(&["--last-sync", since], 0);
        assert_eq!(bottles()[..2], ["6", "6"], "as it was asked");
        site.sync();
        assert_eq!(bottles(), ["36", "36", "36"]);
    }
}

#[test]
fn last_sync_does_not_skip_rows_affected_by_a_changed_tax() {
    let taxed = |house: &mut House, percent: f64| {
        let tax = json!({"id": 1, "amount": percent, "amount_type": "percent", "price_include": false,
            "active": true});
        house.more.insert("account.tax", vec![tax]);
    };
    let mut house = House::of(3);
    taxed(&mut house, 20.0);
    house.more_fields.push(("product.product", "taxes_id"));
    house.products.push(product(2));
    for row in &mut house.products {
        row["taxes_id"] = json!([1]);
    }
    let (stub, site) = synced(house);
    let prices = || {
        site.estate
            .sql("SELECT list_price_eur FROM product_catalog")
    };
    assert_eq!(prices(), ["12", "12"]);
    stub.rearrange(|house| taxed(house, 10.0));
    site.sync_with(&["--last-sync", "2021-01-01T00:00:00Z"], 0);
    assert_eq!(prices(), ["12", "12"], "as it was asked");
    site.sync();
    assert_eq!(prices(), ["11", "11"]);
}

#[test]
fn a_temporarily_unreadable_row_is_requested_until_it_is_readable() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        let (stub, site) = synced(house);
        write(&stub, 2, "soixante-six", "2020-05-01 10:00:00");
        write(&stub, 3, 63.0, "2020-06-01 10:00:00");
        for night in 1..=3 {
            let answer = site.sync();
            assert_eq!(counts(&answer, "SALES_LINES").rejected, 1, "night {night}");
            assert_eq!(totals(&site), ["60", "60", "63"]);
            let rejects = site.estate.rejects();
            assert_eq!(rejects, vec!["2|price_total|soixante-six"; night]);
        }
        let inbox = "SELECT state, coalesce(note, ''), times, key, position FROM reject_rows";
        assert_eq!(site.estate.sql(inbox), ["open||3|odoo-2|2"]);
        let listed = site.estate.crmreco(&["rejects", "--json"]).exits(0).json();
        let row = &listed["rejects"][0];
        assert_eq!(
            (&row["replayable"], &row["cells"]),
            (&json!(false), &json!(null))
        );
        let name = row["connector_name"].as_str().unwrap();
        let fix = [
            "rejects",
            "fix",
            name,
            row["reject_id"].as_str().unwrap(),
            "price_total=66",
        ];
        site.estate
            .crmreco(&fix)
            .exits(3)
            .says(&["Corrigez-la à la source"]);
        // What mended it moved no date.
        write(&stub, 2, 66.0, "2020-05-01 10:00:00");
        let answer = site.sync();
        let found = counts(&answer, "SALES_LINES");
        assert_eq!((found.updated, found.rejected), (1, 0), "{answer:#}");
        assert_eq!(totals(&site), ["60", "66", "63"]);
        assert_eq!(site.estate.sql(inbox), ["closed|source_mended|3|odoo-2|2"]);
        stub.forget();
        site.sync();
        assert_eq!(asked_since(&stub).as_deref(), Some("2020-06-01 09:50:00"));
    }
}

#[test]
fn a_row_unreadable_in_a_full_sync_is_requested_until_it_is_readable() {
    let (stub, site) = synced(House::of(3));
    // No date moves: a figure that Odoo computes, or a hand in its database.
    write(&stub, 1, "soixante-six", "2019-01-02 10:00:00");
    let answer = site.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").rejected, 1);
    let answer = site.sync();
    assert_eq!(counts(&answer, "SALES_LINES").rejected, 1);
    write(&stub, 1, 66.0, "2019-01-02 10:00:00");
    site.sync();
    assert_eq!(totals(&site), ["66", "60", "60"]);
}

fn house_clock(stub: &Stub, now: &str) {
    stub.tells_the_time(now.parse().unwrap());
}

#[test]
fn a_row_with_a_future_date_hides_no_other() {
    for mut house in [House::of(3), House::of(3).by_rpc()] {
        house.lines[0]["write_date"] = json!("2035-01-01 10:00:00");
        let stub = Stub::at_home(house);
        // The newest of the others was written a moment ago.
        house_clock(&stub, "2019-01-04T10:00:01Z");
        let site = Site::of(&stub);
        site.sync();
        stub.forget();
        write(&stub, 2, 62.0, "2024-06-01 11:00:00");
        house_clock(&stub, "2024-06-01T11:00:01Z");
        let answer = site.sync();
        assert_eq!(totals(&site), ["60", "62", "60"]);
        assert_eq!(counts(&answer, "SALES_LINES").updated, 1);
        assert_eq!(asked_since(&stub).as_deref(), Some("2019-01-04 09:50:00"));
        stub.forget();
        site.sync();
        assert_eq!(asked_since(&stub).as_deref(), Some("2024-06-01 10:50:00"));
    }
}

#[test]
fn a_withdrawn_opt_out_is_removed() {
    for mut house in [House::of(3), House::of(3).by_rpc()] {
        house.more_fields.push(("res.partner", "is_blacklisted"));
        for (row, out) in house.partners.iter_mut().zip([true, true, false]) {
            row["is_blacklisted"] = json!(out);
        }
        let (stub, site) = synced(house);
        let out = || {
            site.estate
                .sql("SELECT email_opt_out FROM customers ORDER BY customer_key")
        };
        assert_eq!(out(), ["1", "1", "0"]);
        // No date moves.
        stub.rearrange(|house| house.partners[1]["is_blacklisted"] = json!(false));
        let answer = site.sync();
        assert_eq!(out(), ["1", "0", "0"]);
        assert_eq!(counts(&answer, "CUSTOMERS").updated, 1);
        assert_eq!(messages(&answer, "warnings"), Vec::<String>::new());
        for call in stub.calls("res.partner", "search_read") {
            assert!(!call.fields().contains(&"is_blacklisted"), "{call:?}");
        }
    }
}
