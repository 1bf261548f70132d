//! How many bottles a line makes: by units that divide badly, and none for what is no wine.

use serde_json::{Value, json};

use super::house::{House, line};
use super::shop::{self, COMBO, DISCOUNT, TIP};
use super::site::Site;
use super::stub::Stub;
use crate::common::{assert_says, counts, the_message};

/// A line for each quantity, in a unit that is so much of the reference.
fn sold_in(reference: &str, (unit, factor): (&str, f64), quantities: &[f64]) -> House {
    let mut house = House::of(quantities.len() as u64);
    let units = json!([
        {"id": 1, "name": reference, "factor": 1.0, "relative_uom_id": false},
        {"id": 2, "name": unit, "factor": factor, "relative_uom_id": [1, reference]},
    ]);
    let units = units.as_array().unwrap().clone();
    house.more.insert("uom.uom", units);
    for (row, quantity) in house.lines.iter_mut().zip(quantities) {
        row["product_uom_qty"] = json!(quantity);
        row["product_uom_id"] = json!([2, unit]);
    }
    house
}

#[track_caller]
fn bottles(house: House) -> Vec<String> {
    let stub = Stub::at_home(house);
    let site = Site::of(&stub);
    site.sync();
    site.estate
        .sql("SELECT quantity_bottles_75cl_eq FROM sales_lines ORDER BY sale_line_key")
}

#[test]
fn half_bottles_of_a_hectolitre_are_half_bottles() {
    let unit = ("Demi-bouteille", 0.003_75);
    let house = sold_in("Hectolitre", unit, &[2.0, 12.0, 600.0]);
    assert_eq!(bottles(house), ["1", "6", "300"]);
}

#[test]
fn sixths_of_a_carton_are_bottles() {
    let unit = ("Bouteille", 1.0 / 6.0);
    let house = sold_in("Carton de 6", unit, &[6.0, 12.0, 600.0]);
    assert_eq!(bottles(house), ["6", "12", "600"]);
}

#[test]
fn a_unit_with_a_rounded_ratio_is_exact() {
    let unit = ("Bouteille", 1.0 / 6.0);
    let house = sold_in("Carton de 6", unit, &[1.0, 5.0, 601.0]);
    assert_eq!(bottles(house), ["1", "5", "601"]);
    let unit = ("Demi-bouteille", 0.003_75);
    let house = sold_in("Hectolitre", unit, &[1.0, 3.0, 7.0]);
    assert_eq!(bottles(house), ["0.5", "1.5", "3.5"]);
}

#[test]
fn tips_and_discounts_of_a_shop_are_euros_without_bottles() {
    for mut house in [House::of(1), House::of(1).by_rpc()] {
        shop::open(&mut house, 1);
        let lines = house.rows("pos.order.line");
        lines.push(shop::line(2, TIP, 1.0, 5.0));
        lines.push(shop::line(3, DISCOUNT, 1.0, -6.0));
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        let sold = site.estate.sql(
            "SELECT sale_line_key, price_total_eur, quantity_bottles_75cl_eq FROM sales_lines ORDER BY 1",
        );
        let expected = [
            "odoo-1|60|6",
            "odoo-pos-1|60|6",
            "odoo-pos-2|5|0",
            "odoo-pos-3|-6|0",
        ];
        assert_eq!(sold, expected);
        let spent = "SELECT total_spent_eur FROM customers";
        assert_eq!(site.estate.sql(spent), ["119"]);
    }
}

#[test]
fn a_combo_is_counted_by_its_wines() {
    for mut house in [House::of(2), House::of(2).by_rpc()] {
        shop::open(&mut house, 1);
        house
            .rows("pos.order.line")
            .push(shop::line(2, COMBO, 1.0, 0.0));
        let mut combo = line(2);
        combo["product_id"] = json!([COMBO, "Coffret au choix"]);
        house.lines[1] = combo;
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        let answer = site.sync();
        assert_eq!(counts(&answer, "SALES_LINES").inserted, 2);
        let keys = site
            .estate
            .sql("SELECT sale_line_key FROM sales_lines ORDER BY 1");
        assert_eq!(keys, ["odoo-1", "odoo-pos-1"]);
        for model in ["sale.order.line", "pos.order.line"] {
            let not_combo = json!(["product_id.type", "not in", ["service", "combo"]]);
            let pages = stub.calls(model, "search_read").into_iter();
            let pages: Vec<_> = pages.filter(|call| call.order() == Some("id")).collect();
            assert!(!pages.is_empty());
            for page in pages {
                assert!(page.domain().contains(&not_combo), "{page:?}");
            }
            let counted = [
                stub.calls(model, "formatted_read_group"),
                stub.calls(model, "read_group"),
            ]
            .concat();
            let counted: Vec<_> = counted
                .iter()
                .filter(|call| !call.domain().contains(&not_combo))
                .collect();
            let combo: Value = json!(["product_id.type", "=", "combo"]);
            assert!(counted[0].domain().contains(&combo), "{counted:?}");
            let left_out = the_message(&answer, "warnings", model);
            assert_says(&left_out, &["1 ligne", "combo", "laissée de côté"]);
        }
    }
}
