//! Records what a real Odoo answers to the program, one phase at a time.
//!
//! ```sh
//! export CRMRECO_TEST_ODOO_URL=… CRMRECO_TEST_ODOO_DB=… CRMRECO_TEST_ODOO_USER=… CRMRECO_TEST_ODOO_KEY=…
//! export CRMRECO_TEST_ODOO_RECORD=19.0 CRMRECO_TEST_ODOO_ROWS=/tmp/recorded.db
//! CRMRECO_TEST_ODOO_PHASE=1-first cargo test --test it -- --ignored odoo::record
//! ```
//!
//! The rows stay, so that a later phase reads what changed since the one before it: whatever is to change on the
//! server is changed between two phases.

use std::fs;

use serde_json::Value;

use super::estate::{Account, COMPANY, SINCE};
use super::exchange::file_of;
use super::live::variable;
use super::recorder::Recorder;
use crate::common::{Estate, counts, messages};

/// What is run in each phase.
const PHASES: [(&str, &[&[&str]]); 7] = [
    ("1-first", &[&["test", "cave"], &["sync", "cave"]]),
    ("2-again", &[&["sync", "cave"]]),
    (
        "2-since",
        &[&[
            "sync",
            "cave",
            "--source",
            "sales_lines",
            "--last-sync",
            SINCE,
        ]],
    ),
    ("3-changed", &[&["sync", "cave"]]),
    ("4-full", &[&["sync", "cave", "--full"]]),
    ("5-company", &[&["sync", "cave", "--source", "sales_lines"]]),
    ("6-invoices", &[&["sync", "cave"]]),
];

/// Phases that begin without rows.
const BEGIN: [&str; 3] = ["1-first", "5-company", "6-invoices"];

#[test]
#[ignore = "records an Odoo anew: see the head of this file"]
fn record() {
    let (version, phase) = (variable("RECORD"), variable("PHASE"));
    let (_, commands) = PHASES.iter().find(|(name, _)| *name == phase).unwrap();
    let file = file_of(&format!("{version}/{phase}"));
    let recorder = Recorder::start(&variable("URL"), &file);
    let estate = Estate::bare();
    let rows = variable("ROWS");
    if !BEGIN.contains(&phase.as_str()) {
        fs::copy(&rows, estate.database()).unwrap();
    }
    let account = Account {
        url: &recorder.url(),
        database: &variable("DB"),
        login: &variable("USER"),
        key: &variable("KEY"),
    };
    account.register(&estate);
    if phase == "5-company" {
        estate.env_lines(&format!("CRMRECO_CONNECTOR__CAVE__COMPANY_ID={COMPANY}"));
    }
    if phase == "6-invoices" {
        estate.env_lines("CRMRECO_CONNECTOR__CAVE__SALES_BASIS=invoices");
    }
    for args in *commands {
        let answer = estate
            .crmreco(&[*args, &["--json"]].concat())
            .exits(0)
            .json();
        tell(&answer);
    }
    fs::copy(estate.database(), rows).unwrap();
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains(&variable("KEY")), "the key was recorded");
}

fn tell(answer: &Value) {
    let Some(records) = answer["records"].as_object() else {
        return println!("{answer:#}");
    };
    for table in records.keys() {
        println!("{table} {:?}", counts(answer, table));
    }
    println!("{:#?}", messages(answer, "warnings"));
}
