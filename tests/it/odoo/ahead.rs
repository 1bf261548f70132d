//! While one page is read, Odoo already works on the next; and never on two calls at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::call::is_after;
use super::fault::Fault;
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{counts, the_message};

const LINES: &str = "sale.order.line";
const ORDERS: &str = "sale.order";

/// The last number seen before each page of `model`, in the order in which they were asked for.
fn pages(stub: &Stub, model: &str) -> Vec<u64> {
    let calls = stub.calls(model, "search_read");
    let by_key = calls.iter().filter(|call| call.order() == Some("id"));
    let after =
        by_key.filter_map(|call| call.domain().iter().find(|term| is_after(term))?[2].as_u64());
    after.collect()
}

#[test]
fn the_next_page_is_requested_before_the_last_one_is_read() {
    let stub = Stub::at_home(House::of(2_500));
    // The first line is invalid and fails the table: a reader without prefetch would request no more.
    stub.rearrange(|house| house.orders[0]["company_id"] = json!([2, "Négoce"]));
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert!(the_message(&answer, "errors", "Ventes").contains("société n° 2"));
    assert_eq!(pages(&stub, LINES), [0, 1_000]);
    assert_eq!(pages(&stub, ORDERS), [0]);
}

#[test]
fn there_is_at_most_one_call_at_a_time() {
    for house in [House::of(2_500), House::of(2_500).by_rpc()] {
        let stub = Stub::at_home(house);
        let at_work = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        for model in [LINES, ORDERS] {
            let (at_work, most) = (Arc::clone(&at_work), Arc::clone(&most));
            let work = Fault::signal(move || {
                most.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // As long as an answer takes: two of them would meet.
                thread::sleep(Duration::from_millis(100));
                at_work.fetch_sub(1, Ordering::SeqCst);
            });
            stub.fault(When::call(model, "search_read").always(), work);
        }
        let answer = Site::of(&stub).sync();
        assert_eq!(counts(&answer, "SALES_LINES").inserted, 2_500);
        assert_eq!(pages(&stub, LINES), [0, 1_000, 2_000]);
        assert_eq!(pages(&stub, ORDERS), [0, 0, 0]);
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_failed_prefetched_page_is_requested_again() {
    let stub = Stub::at_home(House::of(2_500));
    let second = When::page_above(LINES, 1).nth(2);
    stub.fault(second, Fault::Html(502));
    let answer = Site::of(&stub).sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 2_500);
    assert_eq!(pages(&stub, LINES)[..3], [0, 1_000, 1_000]);
}

#[test]
fn no_page_is_asked_for_where_all_rows_are_there() {
    // As many orders as lines on a full page: each page of orders is full too, and there are no more of them.
    let stub = Stub::at_home(House::of(2_000));
    let answer = Site::of(&stub).sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 2_000);
    assert_eq!(pages(&stub, LINES), [0, 1_000, 2_000]);
    assert_eq!(pages(&stub, ORDERS), [0, 0]);
}
