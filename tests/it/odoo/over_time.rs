//! Money that changes its worth: a company that does not keep its books in euros.

use serde_json::json;

use super::fault::Fault;
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, the_message};

/// A company in Swiss francs, with these rates of the euro: euros for one franc, from that day on.
fn swiss(rates: &[(&'static str, f64)]) -> House {
    let mut house = House::of(4);
    house.currency = "CHF";
    house.euro_rates = rates.to_vec();
    for (order, day) in
        house
            .orders
            .iter_mut()
            .zip(["2026-01-10", "2026-03-01", "2026-03-02", "2026-05-01"])
    {
        order["date_order"] = json!(format!("{day} 10:00:00"));
    }
    house
}

fn amounts(site: &Site) -> Vec<String> {
    let columns = "price_unit_eur, price_total_eur, price_total_excl_tax_eur";
    site.estate.sql(&format!(
        "SELECT {columns} FROM sales_lines ORDER BY sale_line_key"
    ))
}

#[test]
fn each_amount_is_converted_at_the_rate_of_its_day() {
    for rpc in [false, true] {
        // Rates come in no order of days.
        let mut house = swiss(&[
            ("2026-03-02", 0.96),
            ("2026-01-01", 0.9),
            ("2026-04-30", 1.05),
        ]);
        house.rpc = rpc;
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        assert_eq!(
            amounts(&site),
            ["9|54|45", "9|54|45", "9.6|57.6|48", "10.5|63|52.5"]
        );
        let product = site
            .estate
            .sql("SELECT list_price_eur, cost_price_eur FROM product_catalog");
        assert_eq!(product, ["10.5|4.2"], "at the latest rate");
        let spent = site
            .estate
            .sql("SELECT sum(total_spent_eur) FROM customers");
        assert_eq!(spent, ["228.6"]);
    }
}

#[test]
fn an_order_in_euros_of_a_company_in_francs_keeps_its_euros() {
    let mut house = swiss(&[("2026-01-01", 0.9)]);
    // One franc of the books is 0.9 € of the order: 60 € are 66.67 francs, and 60 € again.
    house.orders[0]["currency_rate"] = json!(0.9);
    let stub = Stub::at_home(house);
    let site = Site::of(&stub);
    site.sync();
    assert_eq!(amounts(&site)[0], "10|60|50");
}

#[test]
fn a_missing_euro_rate_fails_amounts_in_francs() {
    for rpc in [false, true] {
        let mut house = swiss(&[]);
        house.rpc = rpc;
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        let answer = site.sync_with(&[], 1);
        for (label, day) in [("Ventes", "10/01/2026"), ("Produits", "/20")] {
            let words = [
                "comptes en CHF",
                "taux de l'euro",
                day,
                "Saisissez ce taux",
                "COMPANY_ID",
            ];
            assert_says(&the_message(&answer, "errors", label), &words);
        }
        let inserted = ["CUSTOMERS", "PRODUCTS", "SALES_LINES", "STOCK_LEVELS"];
        assert_eq!(
            inserted.map(|table| counts(&answer, table).inserted),
            [4, 0, 0, 1]
        );
    }
}

#[test]
fn a_later_rate_does_not_apply_to_an_earlier_order() {
    let stub = Stub::at_home(swiss(&[("2026-02-01", 0.9)]));
    let answer = Site::of(&stub).sync_with(&[], 1);
    let error = the_message(&answer, "errors", "Ventes");
    assert_says(&error, &["comptes en CHF", "10/01/2026"]);
    assert_eq!(counts(&answer, "PRODUCTS").inserted, 1);
}

#[test]
fn a_new_rate_applies_without_changed_orders() {
    let stub = Stub::at_home(swiss(&[("2026-01-01", 0.9)]));
    let site = Site::of(&stub);
    site.sync();
    assert_eq!(amounts(&site)[3], "9|54|45");
    stub.rearrange(|house| house.euro_rates.push(("2026-04-30", 1.05)));
    let answer = site.sync();
    assert_eq!(counts(&answer, "SALES_LINES").updated, 1);
    assert_eq!(amounts(&site)[3], "10.5|63|52.5");
}

#[test]
fn a_company_that_cannot_be_seen_is_named() {
    let stub = Stub::at_home(House::of(3));
    stub.rearrange(|house| house.orders[0]["company_id"] = json!([2, "Négoce"]));
    let answer = Site::of(&stub).sync_with(&[], 1);
    let words = ["société n° 2", "pas visible", "COMPANY_ID"];
    assert_says(&the_message(&answer, "errors", "Ventes"), &words);
}

#[test]
fn denied_rates_fail_the_tables_that_need_them() {
    let stub = Stub::at_home(swiss(&[("2026-01-01", 0.9)]));
    let denied = Fault::access_error("Non.\n\n\t- Facturation/Facturation\n");
    stub.fault(
        When::call("res.currency.rate", "search_read").always(),
        denied,
    );
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &["Facturation/Facturation"],
    );
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 4);
}
