//! A real Odoo, where there is one:
//!
//! ```sh
//! CRMRECO_TEST_ODOO_URL=https://essai.exemple.fr CRMRECO_TEST_ODOO_DB=essai \
//! CRMRECO_TEST_ODOO_USER=crm@exemple.fr CRMRECO_TEST_ODOO_KEY=… \
//! cargo test --test it -- --ignored --nocapture odoo::live
//! ```
//!
//! Nothing is written to it. Nobody else should write to it meanwhile: the second sync must find nothing new.

use std::env;

use super::estate::{Account, assert_unchanged};
use crate::common::{Estate, TABLES, check_counts, counts, messages};

/// The value of `CRMRECO_TEST_ODOO_…`.
#[track_caller]
pub fn variable(name: &str) -> String {
    let name = format!("CRMRECO_TEST_ODOO_{name}");
    env::var(&name).unwrap_or_else(|_| panic!("{name} says which Odoo to test with"))
}

#[track_caller]
fn estate() -> Estate {
    let account = Account {
        url: &variable("URL"),
        database: &variable("DB"),
        login: &variable("USER"),
        key: &variable("KEY"),
    };
    account.estate()
}

#[test]
#[ignore = "wants an Odoo: CRMRECO_TEST_ODOO_URL and its friends"]
fn a_live_server_is_tested_model_by_model() {
    let outcome = estate().crmreco(&["test", "cave", "--json"]).exits(0);
    let answer = outcome.json();
    assert_eq!(answer["success"], true, "{answer:#}");
    for check in answer["checks"].as_array().unwrap() {
        println!("{} {} {}", check["name"], check["detail"], check["rows"]);
    }
    assert!(!outcome.text().contains(&variable("KEY")));
}

#[test]
#[ignore = "wants an Odoo: CRMRECO_TEST_ODOO_URL and its friends"]
fn a_live_server_is_read_completely_then_has_nothing_new() {
    let estate = estate();
    let first = estate.sync();
    for table in TABLES {
        println!("{table} {:?}", counts(&first, table));
    }
    println!(
        "{} s, {:?}",
        first["duration_seconds"],
        messages(&first, "warnings")
    );
    assert!(counts(&first, "CUSTOMERS").inserted > 0, "{first:#}");
    let rows = estate.dump();
    for args in [&[][..], &["--full"]] {
        let again = estate.sync_with(args, 0);
        check_counts(&again);
        assert_unchanged(&again);
        println!("{args:?} {} s", again["duration_seconds"]);
        assert_eq!(estate.dump(), rows, "{args:?}");
    }
}
