//! What cannot succeed is not tried over and over.

use super::fault::Fault;
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, messages};

const LINES: &str = "sale.order.line";

#[test]
fn large_pages_are_rarely_retried_after_an_error() {
    let stub = Stub::at_home(House::of(1_300));
    stub.fault(When::page_above(LINES, 100).always(), Fault::memory_error());
    let answer = Site::of(&stub).sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 1_300);
    let calls = stub.calls(LINES, "search_read");
    let pages = calls.iter().filter(|call| call.order() == Some("id"));
    let (large, small): (Vec<_>, Vec<_>) = pages.partition(|call| call.limit() > Some(100));
    assert!(small.len() >= 20, "{}", small.len());
    // Four to find the size, then one in five.
    assert!(large.len() <= 4 + small.len() / 5, "{}", large.len());
}

#[test]
fn a_key_revoked_during_a_sync_is_refused_once() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        let refusal = if house.rpc {
            Fault::rpc_error("odoo.exceptions.AccessDenied", "Access Denied")
        } else {
            Fault::unauthorized()
        };
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        let before = site.rows();
        stub.forget();
        // In the middle of a table, when others wait to be read.
        stub.fault(When::call("product.category", "search_read"), refusal);
        let answer = site.sync_with(&[], 1);
        let asked = stub.requests();
        let refused = asked.iter().position(|asked| {
            let call = asked.call.as_ref();
            call.is_some_and(|call| call.is("product.category", "search_read"))
        });
        assert_eq!(refused, Some(asked.len() - 1), "asked again: {asked:#?}");
        let errors = messages(&answer, "errors");
        assert_says(&errors[0], &["clé API"]);
        assert_eq!(site.rows(), before);
    }
}
