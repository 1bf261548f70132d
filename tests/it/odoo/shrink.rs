//! Rows that are gone from Odoo: they go here too, with the totals that leaned on them, but for a loss too large to be
//! meant.

use serde_json::json;

use super::fault::Fault;
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, messages, the_message};

const LINES: &str = "sale.order.line";

/// A house that was synced once.
#[track_caller]
fn synced(house: House) -> (Stub, Site) {
    let stub = Stub::at_home(house);
    let site = Site::of(&stub);
    site.sync();
    (stub, site)
}

/// Cancels the orders of these lines: to the domain, the lines are gone.
fn cancel(stub: &Stub, cancelled: std::ops::RangeInclusive<u64>) {
    stub.rearrange(|house| {
        let is_gone = |row: &serde_json::Value| cancelled.contains(&row["id"].as_u64().unwrap());
        house.lines.retain(|row| !is_gone(row));
        house.orders.retain(|row| !is_gone(row));
    });
}

#[test]
fn nothing_changes_where_nothing_changed() {
    for house in [House::of(60), House::of(60).by_rpc()] {
        let (stub, site) = synced(house);
        let before = site.estate.dump();
        stub.forget();
        let answer = site.sync();
        assert_eq!(messages(&answer, "warnings"), Vec::<String>::new());
        assert_eq!(site.estate.dump(), before);
        assert_eq!(stub.calls(LINES, "search").len(), 1, "swept");
    }
}

#[test]
fn cancelled_orders_take_their_lines_and_the_totals_of_their_customers() {
    for house in [House::of(60), House::of(60).by_rpc()] {
        let (stub, site) = synced(house);
        let totals = |id: u64| {
            site.estate.sql(&format!(
                "SELECT total_spent_eur, purchase_count FROM customers WHERE customer_key = 'odoo-{id}'"
            ))
        };
        assert_eq!(
            (totals(3), totals(4)),
            (vec!["60|1".to_owned()], vec!["60|1".to_owned()])
        );
        cancel(&stub, 1..=3);
        let answer = site.sync();
        assert_eq!(counts(&answer, "SALES_LINES").deleted, 3);
        assert_eq!(site.estate.sql("SELECT count(*) FROM sales_lines"), ["57"]);
        assert_eq!(totals(3), ["0|0"], "nobody keeps what was cancelled");
        assert_eq!(totals(4), ["60|1"]);
    }
}

#[test]
fn a_deletion_of_a_third_is_refused_with_advice() {
    let (stub, site) = synced(House::of(60));
    let before = site.estate.dump();
    cancel(&stub, 1..=20);
    for _ in 0..2 {
        let answer = site.sync_with(&[], 1);
        let error = the_message(&answer, "errors", "Ventes");
        assert_says(&error, &["40", "60", "autorisant cette suppression"]);
        assert_eq!(counts(&answer, "SALES_LINES").deleted, 0);
        assert_eq!(site.estate.dump(), before);
    }
    let answer = site.sync_with(&["--allow-shrink"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").deleted, 20);
    assert_eq!(site.estate.sql("SELECT count(*) FROM sales_lines"), ["40"]);
}

#[test]
fn a_full_sync_has_the_same_shrink_limit() {
    let (stub, site) = synced(House::of(60));
    cancel(&stub, 1..=20);
    let answer = site.sync_with(&["--full"], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &["autorisant cette suppression"],
    );
    assert_eq!(site.estate.sql("SELECT count(*) FROM sales_lines"), ["60"]);
}

#[test]
fn an_empty_deletion_sweep_deletes_nothing() {
    let (stub, site) = synced(House::of(60));
    let before = site.estate.dump();
    stub.fault(When::call(LINES, "search"), Fault::replace(|_| json!([])));
    let answer = site.sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &["autorisant cette suppression"],
    );
    assert_eq!(site.estate.dump(), before);
}

#[test]
fn emptying_a_small_table_must_be_allowed() {
    let (stub, site) = synced(House::of(3));
    cancel(&stub, 1..=3);
    let before = site.estate.dump();
    let answer = site.sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &[
            "aucune ligne",
            "sale.order.line",
            "autorisant cette suppression",
        ],
    );
    assert_eq!(site.estate.dump(), before);
    let answer = site.sync_with(&["--allow-shrink"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").deleted, 3);
    assert_says(
        &the_message(&answer, "warnings", "Ventes"),
        &["aucune ligne", "« crm »"],
    );
    site.sync();
}

#[test]
fn a_failed_deletion_sweep_deletes_nothing() {
    let (stub, site) = synced(House::of(60));
    let before = site.estate.dump();
    cancel(&stub, 1..=2);
    stub.fault(
        When::call(LINES, "search").always(),
        Fault::value_error("deadlock"),
    );
    let answer = site.sync_with(&[], 1);
    assert_says(&the_message(&answer, "errors", "Ventes"), &["deadlock"]);
    assert_eq!(site.estate.dump(), before);
}

#[test]
fn deleted_stock_has_the_shrink_limit_too() {
    let mut house = House::of(3);
    house.quants = (1..=60)
        .map(|id| {
            let mut row = super::house::quant(id);
            row["location_id"] = json!([id, format!("WH/{id}")]);
            row
        })
        .collect();
    let (stub, site) = synced(house);
    stub.rearrange(|house| house.quants.truncate(40));
    let answer = site.sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Stock"),
        &["autorisant cette suppression"],
    );
    let answer = site.sync_with(&["--allow-shrink"], 0);
    assert_eq!(counts(&answer, "STOCK_LEVELS").deleted, 20);
}

#[test]
fn a_row_restored_without_a_change_is_read() {
    let (stub, site) = synced(House::of(60));
    let house = House::of(60);
    cancel(&stub, 1..=3);
    site.sync();
    // A right that hid them was given back: their write_date is as old as ever.
    stub.rearrange(|now| (now.lines, now.orders) = (house.lines, house.orders));
    let answer = site.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 3);
    assert_eq!(site.estate.sql("SELECT count(*) FROM sales_lines"), ["60"]);
}
