//! Rows that are gone from Odoo: deleted, but for a loss too large to be meant.

use serde_json::json;

use super::house::House;
use super::site::Site;
use super::stub::Stub;
use crate::common::counts;

#[test]
fn what_was_loaded_is_loaded_again_without_a_change() {
    for house in [House::of(60), House::of(60).by_rpc()] {
        let stub = Stub::at_home(house.clone());
        let site = Site::of(&stub);
        let answer = site.sync();
        assert_eq!(answer["warnings"], json!([]), "{answer:#}");
        let inserted = ["CUSTOMERS", "PRODUCTS", "SALES_LINES", "STOCK_LEVELS"];
        assert_eq!(
            inserted.map(|table| counts(&answer, table).inserted),
            [60, 1, 60, 1]
        );
        let before = site.rows();
        let answer = site.sync();
        assert_eq!(answer["warnings"], json!([]), "{answer:#}");
        assert_eq!(site.rows(), before);
    }
}
