//! A secret is in `.env` and nowhere else: no output, no error, no history, no database.

use std::fs;

use crate::common::{Estate, assert_says};

const SECRET: &str = "s3cr3t-k3y-0f-the-3state";

/// An iSaVigne connector with a key, and an Odoo connector without a server.
fn estate() -> Estate {
    let estate = Estate::of("plain").setting("API_KEY", SECRET);
    let odoo = "CRMRECO_CONNECTOR__ODOO__";
    estate.env_lines(&format!(
        "{odoo}TYPE=odoo\n{odoo}URL=http://127.0.0.1:9\n{odoo}DB=prod\n{odoo}USER=bot\n{odoo}API_KEY={SECRET}"
    ));
    estate
}

#[test]
fn no_command_prints_a_secret() {
    let estate = estate();
    estate.crmreco(&["show", "cave"]).exits(0);
    for command in ["list", "status", "metrics"] {
        for args in [&[command][..], &[command, "--json"]] {
            let outcome = estate.crmreco(args);
            assert!(!outcome.text().contains(SECRET), "{outcome:?}");
        }
    }
    for command in ["test", "sync", "show", "logs"] {
        for name in ["cave", "odoo"] {
            for args in [&[command, name][..], &[command, name, "--json"]] {
                let outcome = estate.crmreco(args);
                assert!(!outcome.text().contains(SECRET), "{outcome:?}");
            }
        }
    }
}

#[test]
fn show_prints_a_mask_for_a_secret() {
    let estate = estate();
    let config = estate.crmreco(&["show", "cave", "--json"]).exits(0).json()["config"].clone();
    assert_says(&config.to_string(), &["••••", "exports"]);
    estate.crmreco(&["show", "cave"]).exits(0).says(&["••••"]);
}

#[test]
fn only_the_settings_file_contains_a_secret() {
    let estate = estate();
    estate.sync();
    estate.crmreco(&["sync", "odoo"]);
    let mut seen = 0;
    for entry in fs::read_dir(estate.home()).unwrap().map(Result::unwrap) {
        if entry.file_name() == ".env" || entry.path().is_dir() {
            continue;
        }
        seen += 1;
        let bytes = fs::read(entry.path()).unwrap();
        let found = bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes());
        assert!(!found, "{:?}", entry.file_name());
    }
    assert!(seen > 0);
}

#[test]
fn a_secret_in_a_broken_setting_is_not_shown_either() {
    let estate = Estate::of("plain");
    estate.env_lines(&format!("CRMRECO_CONNECTOR__CAVE__API_KEY=\"{SECRET}"));
    for (command, code) in [("show", 0), ("test", 3), ("sync", 3)] {
        let outcome = estate.crmreco(&[command, "cave", "--json"]).exits(code);
        assert!(!outcome.text().contains(SECRET), "{outcome:?}");
        assert_says(&outcome.text(), &["ligne 3", "API_KEY"]);
    }
}
