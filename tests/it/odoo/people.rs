//! Firms, persons, and their addresses: who a row is called after.

use serde_json::{Value, json};

use super::house::{House, partner};
use super::site::Site;
use super::stub::Stub;

const FIRM: &str = "Caves Roux SARL";

/// `parent`: the number and name of a firm or a person; `firm`: what Odoo calls the firm it belongs to.
fn row(id: u64, name: Value, parent: Value, firm: Value) -> Value {
    let mut row = partner(id);
    row["name"] = name;
    row["parent_id"] = parent;
    row["commercial_company_name"] = firm;
    row
}

#[test]
fn each_address_is_named_after_its_partner() {
    let of_firm = || json!([1, FIRM]);
    let of_person = || json!([4, "Jeanne Petit"]);
    for mut house in [House::of(0), House::of(0).by_rpc()] {
        house
            .more_fields
            .push(("res.partner", "commercial_company_name"));
        let mut firm = row(1, json!(FIRM), json!(false), json!(FIRM));
        firm["is_company"] = json!(true);
        house.partners = vec![
            firm,
            row(2, json!("Paul Roux"), of_firm(), json!(FIRM)),
            row(3, json!(false), of_firm(), json!(FIRM)),
            row(4, json!("Jeanne Petit"), json!(false), json!(false)),
            row(5, json!(false), of_person(), json!(false)),
            row(6, json!("Marie Petit"), of_person(), json!(false)),
        ];
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        let names = site
            .estate
            .sql("SELECT first_name, last_name, company_name FROM customers ORDER BY customer_key");
        let expected = [
            format!("NULL|NULL|{FIRM}"),
            format!("Paul|Roux|{FIRM}"),
            format!("NULL|NULL|{FIRM}"),
            "Jeanne|Petit|NULL".to_owned(),
            "Jeanne|Petit|NULL".to_owned(),
            "Marie|Petit|NULL".to_owned(),
        ];
        assert_eq!(names, expected);
    }
}
