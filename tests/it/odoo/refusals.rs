//! What a user may not see, and what a server does not have: one table fails, in Odoo's own words and with what to do,
//! the others are loaded.

use serde_json::Value;

use super::books;
use super::call::Call;
use super::fault::Fault;
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, messages, the_message};

/// As Odoo words it, in French.
const DENIED: &str = "Vous n'êtes pas autorisé à accéder aux enregistrements « Ligne de commande » (sale.order.line).\n\n\
    Cette opération est autorisée pour les groupes suivants :\n\
    \t- Ventes/Administrateur\n\t- Ventes/Utilisateur : mes documents seulement\n\n\
    Contactez votre administrateur pour demander l'accès si nécessaire.";

const TABLES: [(&str, &str, &str); 4] = [
    ("res.partner", "CUSTOMERS", "Clients"),
    ("product.product", "PRODUCTS", "Produits"),
    ("sale.order.line", "SALES_LINES", "Ventes"),
    ("stock.quant", "STOCK_LEVELS", "Stock"),
];

/// A server of this version, as `cave`.
fn server(version: &str) -> (Stub, Site) {
    let house = House::of(3);
    let stub = Stub::at_home(if version == "19.0" {
        house
    } else {
        house.by_rpc()
    });
    let site = Site::of(&stub);
    (stub, site)
}

/// All tables but this one were loaded.
#[track_caller]
fn others_are_loaded(answer: &Value, failed: &str) {
    for (_, table, _) in TABLES {
        let inserted = counts(answer, table).inserted;
        assert_eq!(inserted == 0, table == failed, "{table}: {answer:#}");
    }
}

#[test]
fn a_model_that_is_denied_fails_its_table_alone_and_names_the_groups() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        for (model, table, label) in TABLES {
            for method in ["fields_get", "search_read"] {
                let stub = Stub::at_home(house.clone());
                stub.fault(
                    When::call(model, method).always(),
                    Fault::access_error(DENIED),
                );
                let site = Site::of(&stub);
                let answer = site.sync_with(&[], 1);
                let error = the_message(&answer, "errors", label);
                let words = [
                    "Vous n'êtes pas autorisé",
                    "« Ventes/Administrateur », « Ventes/Utilisateur : tous les documents »",
                    "« crm »",
                ];
                assert_says(&error, &words);
                assert!(!error.contains("Contactez votre"), "{error}");
                others_are_loaded(&answer, table);
                let asked = stub.calls(model, method);
                let newest = |call: &&Call| call.order() == Some("write_date desc");
                let for_newest = asked.iter().filter(newest).count();
                assert_eq!(asked.len() - for_newest, 1, "never asked twice");
            }
        }
    }
}

#[test]
fn a_denied_dependency_fails_its_table() {
    for (model, table, label) in [
        ("sale.order", "SALES_LINES", "Ventes"),
        ("product.category", "PRODUCTS", "Produits"),
    ] {
        let stub = Stub::at_home(House::of(3));
        stub.fault(
            When::call(model, "search_read").always(),
            Fault::access_error(DENIED),
        );
        let answer = Site::of(&stub).sync_with(&[], 1);
        assert_says(
            &the_message(&answer, "errors", label),
            &["Ventes/Administrateur"],
        );
        others_are_loaded(&answer, table);
    }
}

#[test]
fn a_denial_without_a_group_gives_advice() {
    let stub = Stub::at_home(House::of(3));
    let words = "Accès à des sociétés non autorisées ou invalides.";
    stub.fault(
        When::call("sale.order.line", "search_read").always(),
        Fault::access_error(words),
    );
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &[words, "COMPANY_ID", "« crm »"],
    );
}

#[test]
fn test_names_the_groups_model_by_model() {
    for version in ["19.0", "18.0"] {
        let (stub, site) = server(version);
        let when = When::call("sale.order.line", "search_read");
        stub.fault(when.always(), Fault::access_error(DENIED));
        site.run(&["test", "cave"])
            .exits(1)
            .says(&["Ventes/Administrateur"]);
        let answer = site.run(&["test", "cave", "--json"]).exits(1).json();
        assert_says(
            answer["message"].as_str().unwrap(),
            &["sale.order.line", "Ventes/Administrateur"],
        );
        for check in answer["checks"].as_array().unwrap() {
            let denied = check["name"] == "sale.order.line";
            assert_eq!(check["ok"], !denied, "{check:#}");
        }
    }
}

/// The answer of `fields_get` without this field.
fn without(field: &'static str) -> Fault {
    Fault::replace(move |mut fields| {
        fields.as_object_mut().unwrap().remove(field).unwrap();
        fields
    })
}

#[test]
fn a_field_that_a_row_needs_is_named_with_its_column() {
    for version in ["19.0", "18.0"] {
        let (stub, site) = server(version);
        let fields = When::call("sale.order.line", "fields_get");
        stub.fault(fields.always(), without("price_total"));
        let words = [
            "price_total",
            "price_total_eur",
            "sale.order.line",
            version,
            "« crm »",
        ];
        site.run(&["test", "cave"]).exits(1).says(&words);
        let answer = site.sync_with(&[], 1);
        assert_says(&the_message(&answer, "errors", "Ventes"), &words);
        others_are_loaded(&answer, "SALES_LINES");
    }
}

#[test]
fn a_field_that_the_order_needs_is_named_too() {
    let (stub, site) = server("19.0");
    stub.rearrange(books::open);
    stub.fault(
        When::call("account.move", "fields_get").always(),
        without("move_type"),
    );
    let answer = site.sync_with(&[], 1);
    let words = ["move_type", "quantity_units", "account.move"];
    assert_says(&the_message(&answer, "errors", "Ventes"), &words);
    others_are_loaded(&answer, "SALES_LINES");
}

#[test]
fn a_server_without_optional_fields_is_read_without_a_warning() {
    let stub = Stub::at_home(House::of(3));
    let site = Site::of(&stub);
    let answer = site.sync();
    assert_eq!(messages(&answer, "warnings"), Vec::<String>::new());
    let columns = "phone, mobile, address, email_opt_out";
    let known = site
        .estate
        .sql(&format!("SELECT {columns} FROM customers LIMIT 1"));
    assert_eq!(known, ["NULL|NULL|NULL|0"]);
    let line = "price_unit_eur, price_total_eur, cost_total_eur, channel";
    let known = site
        .estate
        .sql(&format!("SELECT {line} FROM sales_lines LIMIT 1"));
    assert_eq!(known, ["10|60|NULL|NULL"]);
}

#[test]
fn an_application_that_is_not_installed_is_no_error() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        let stub = Stub::at_home(house.clone());
        let site = Site::of(&stub);
        let answer = site.sync();
        assert_eq!(
            answer["records"]
                .get("CONTACT_HISTORY")
                .map(|counts| counts["read"].clone()),
            Some(0.into())
        );
        assert_eq!(messages(&answer, "warnings"), Vec::<String>::new());
    }
}

#[test]
fn a_requested_table_must_have_its_application() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        let stub = Stub::at_home(house.clone());
        let site = Site::of(&stub);
        let answer = site.sync_with(&["--source", "contact_history"], 1);
        let words = ["Contacts", "Marketing par e-mail", "Installez"];
        assert_says(&the_message(&answer, "errors", "Contacts"), &words);
        // The shop is not installed either, the orders are.
        let answer = site.sync_with(&["--source", "sales_lines"], 0);
        assert_eq!(counts(&answer, "SALES_LINES").inserted, 3);
    }
}

#[test]
fn an_error_of_one_model_does_not_affect_the_others() {
    for house in [House::of(3), House::of(3).by_rpc()] {
        for (model, table, label) in TABLES {
            let stub = Stub::at_home(house.clone());
            let fault = Fault::value_error("a module of the estate's own broke it");
            stub.fault(When::call(model, "fields_get").always(), fault);
            let answer = Site::of(&stub).sync_with(&[], 1);
            assert_says(
                &the_message(&answer, "errors", label),
                &["Odoo refuse", "broke it"],
            );
            others_are_loaded(&answer, table);
        }
    }
}
