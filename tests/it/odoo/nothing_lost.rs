//! Existing rows stay while Odoo returns incomplete data, or data of another company.

use serde_json::json;

use super::fault::Fault;
use super::house::{House, quant};
use super::shop;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{TABLES, assert_says, counts, messages, the_message};

#[test]
fn an_unreadable_lot_keeps_the_existing_stock() {
    // The lot that can be read comes first, then last.
    for spoiled in [1, 0] {
        let mut house = House::of(3);
        house.quants.push(quant(2));
        house.quants.push(quant(3));
        house.quants[2]["location_id"] = json!([9, "WH/Chai"]);
        let stub = Stub::at_home(house);
        let site = Site::of(&stub).setting("MAX_REJECTS", "100%");
        site.sync();
        let stock = || {
            site.estate
                .sql("SELECT warehouse, quantity_units FROM stock_levels ORDER BY stock_key")
        };
        assert_eq!(stock(), ["WH/Stock|240", "WH/Chai|120"]);
        stub.rearrange(|house| {
            house.quants[spoiled]["quantity"] = json!("cent");
            house.quants[1 - spoiled]["quantity"] = json!(90.0);
            house.quants[2]["quantity"] = json!(60.0);
        });
        for _ in 0..2 {
            let answer = site.sync();
            let found = counts(&answer, "STOCK_LEVELS");
            assert_eq!((found.rejected, found.deleted), (1, 0), "{answer:#}");
            assert_eq!(stock(), ["WH/Stock|240", "WH/Chai|60"]);
            let warnings = messages(&answer, "warnings").concat();
            assert!(!warnings.contains("répète"), "{warnings}");
        }
        stub.rearrange(|house| house.quants[spoiled]["quantity"] = json!(10.0));
        site.sync();
        assert_eq!(stock(), ["WH/Stock|100", "WH/Chai|60"]);
    }
}

#[test]
fn lines_of_an_uninstalled_shop_are_deleted_only_when_allowed() {
    for mut house in [House::of(3), House::of(3).by_rpc()] {
        shop::open(&mut house, 2);
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        let lines = || {
            site.estate
                .sql("SELECT sale_line_key FROM sales_lines ORDER BY 1")
        };
        let orders = ["odoo-1", "odoo-2", "odoo-3"];
        assert_eq!(
            lines(),
            [&orders[..], &["odoo-pos-1", "odoo-pos-2"]].concat()
        );
        stub.rearrange(|house| house.gone.extend(shop::MODELS));
        for args in [&[][..], &["--full"]] {
            let answer = site.sync_with(args, 1);
            let error = the_message(&answer, "errors", "Ventes");
            assert_says(
                &error,
                &["pos.order.line", "2", "autorisant cette suppression"],
            );
            assert_eq!(lines().len(), 5);
        }
        let answer = site.sync_with(&["--allow-shrink"], 0);
        assert_eq!(counts(&answer, "SALES_LINES").deleted, 2);
        assert_eq!(lines(), orders);
        let answer = site.sync();
        assert_eq!(messages(&answer, "warnings"), Vec::<String>::new());
        assert_eq!(lines(), orders);
    }
}

#[test]
fn an_empty_company_empties_no_table() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        let stub = Stub::at_home(house);
        let site = Site::of(&stub).setting("COMPANY_ID", "1");
        site.sync();
        let before = site.rows();
        let text = site.estate.env_text();
        let elsewhere = text.replace("COMPANY_ID=\"1\"", "COMPANY_ID=\"2\"");
        std::fs::write(site.estate.env_path(), elsewhere).unwrap();
        for _ in 0..2 {
            let answer = site.sync_with(&[], 1);
            for label in ["Clients", "Produits", "Ventes", "Stock"] {
                let error = the_message(&answer, "errors", &format!("{label} :"));
                assert_says(
                    &error,
                    &["aucune ligne", "COMPANY_ID", "autorisant cette suppression"],
                );
            }
            assert_eq!(TABLES.map(|table| counts(&answer, table).deleted), [0; 5]);
            assert_eq!(site.rows(), before);
        }
    }
}

#[test]
fn a_missing_application_is_recognised_in_any_language() {
    // As a 16.0 says it to a user who reads French.
    let stub = Stub::at_home(House::of(3).by_rpc());
    for model in ["pos.order.line", "mailing.trace"] {
        let words = format!("L'objet {model} n'existe pas !");
        stub.fault(
            When::call(model, "fields_get").always(),
            Fault::rpc_error("odoo.exceptions.UserError", &words),
        );
    }
    let site = Site::of(&stub);
    let tested = site.run(&["test", "cave"]).exits(0);
    tested.says(&["application Point de Vente non installée"]);
    let answer = site.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 3);
}

#[test]
fn a_missing_record_is_not_a_missing_application() {
    let stub = Stub::at_home(House::of(3));
    let site = Site::of(&stub);
    site.sync();
    let before = site.rows();
    let words = "L'enregistrement n'existe pas ou a été supprimé";
    stub.fault(
        When::call("stock.quant", "fields_get").always(),
        Fault::rpc_error("odoo.exceptions.MissingError", words),
    );
    let tested = site.run(&["test", "cave"]).exits(1).text();
    assert_says(&tested, &["MissingError", words]);
    assert!(!tested.contains("Inventaire non install"), "{tested}");
    let answer = site.sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Stock"),
        &["MissingError", words],
    );
    let answer = site.sync_with(&["--source", "stock_levels"], 1);
    let errors = messages(&answer, "errors").concat();
    assert!(!errors.contains("n'a pas l'application"), "{errors}");
    assert_eq!(site.rows(), before);
}
