//! An estate whose connector `cave` reads an Odoo. Whatever is run there, the key and the server's tracebacks are looked
//! for in all that it prints.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::exchange::{Exchange, TRACEBACK};
use super::stub::{KEY, Stub};
use crate::common::{Estate, Outcome, assert_says, check_counts, messages};

pub struct Site {
    pub estate: Estate,
}

impl Site {
    /// `cave` reads the server at this address. Registered by hand: only the tests of `add` depend on `add`.
    pub fn at(url: &str, database: &str) -> Self {
        let estate = Estate::bare();
        let prefix = "CRMRECO_CONNECTOR__CAVE__";
        estate.env_lines(&format!(
            "{prefix}TYPE=odoo\n{prefix}URL=\"{url}\"\n{prefix}DB={database}\n{prefix}USER=crm\n{prefix}API_KEY={KEY}"
        ));
        Self { estate }
    }

    /// `cave` reads the server that a stub plays.
    #[track_caller]
    pub fn of(stub: &Stub) -> Self {
        Self::at(&stub.url(), &stub.database())
    }

    /// One more setting of `cave`.
    pub fn setting(self, key: &str, value: &str) -> Self {
        Self {
            estate: self.estate.setting(key, value),
        }
    }

    /// Runs the program; what it prints holds no secret.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Outcome {
        let outcome = self.estate.crmreco(args);
        assert_discreet(&outcome.text());
        outcome
    }

    /// Syncs `cave` with more arguments; it must end with this code.
    #[track_caller]
    pub fn sync_with(&self, args: &[&str], code: i32) -> Value {
        let answer = self
            .run(&[&["sync", "cave", "--json"], args].concat())
            .exits(code)
            .json();
        assert_eq!(answer["success"], code == 0, "{answer:#}");
        check_counts(&answer);
        answer
    }

    #[track_caller]
    pub fn sync(&self) -> Value {
        self.sync_with(&[], 0)
    }

    /// `test` and `sync` fail and say these words; the sync is kept as a failure, and no row is touched.
    #[track_caller]
    pub fn fails(&self, words: &[&str]) {
        let before = self.rows();
        self.run(&["test", "cave"]).exits(1).says(words);
        let answer = self.run(&["test", "cave", "--json"]).exits(1).json();
        assert_eq!(answer["success"], false, "{answer:#}");
        assert_says(answer["message"].as_str().unwrap(), words);
        self.sync_fails(words);
        assert_eq!(self.rows(), before);
    }

    /// `sync` fails with one sentence that says these words, and its history tells the same.
    #[track_caller]
    pub fn sync_fails(&self, words: &[&str]) {
        let answer = self.sync_with(&[], 1);
        let errors = messages(&answer, "errors");
        assert_eq!(errors.len(), 1, "{answer:#}");
        assert_says(&errors[0], words);
        let kept = self.run(&["logs", "cave", "--json"]).exits(0).json();
        let newest = &kept["logs"][0];
        assert_eq!(messages(newest, "errors"), errors);
        assert_eq!(newest["status"], "error", "{newest:#}");
        let shown = self.run(&["show", "cave", "--json"]).exits(0).json();
        assert_eq!(shown["status"]["status"], "error", "{shown:#}");
    }

    /// Every row, where there is a database.
    pub fn rows(&self) -> Vec<String> {
        if self.estate.database().exists() {
            self.estate.dump()
        } else {
            Vec::new()
        }
    }

    /// No file under the home but the settings holds a secret.
    #[track_caller]
    pub fn keeps_no_secret(&self) {
        let mut seen = 0;
        look_for_secrets(&self.estate.home(), &mut seen);
        assert!(seen > 0, "nothing was looked at");
    }
}

#[track_caller]
pub fn assert_discreet(text: &str) {
    for secret in [KEY, TRACEBACK] {
        assert!(!text.contains(secret), "« {secret} » is in: {text}");
    }
}

#[track_caller]
fn look_for_secrets(folder: &Path, seen: &mut usize) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            look_for_secrets(&entry.path(), seen);
        } else if entry.file_name() != ".env" {
            *seen += 1;
            let bytes = fs::read(entry.path()).unwrap();
            for secret in [KEY, TRACEBACK].map(str::as_bytes) {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "{}", entry.path().display());
            }
        }
    }
}

/// What an Odoo 19 is asked before anything else: its version, and who the key belongs to.
pub fn doorstep_19() -> Vec<Exchange> {
    let context = json!({"lang": "fr_FR", "tz": "Europe/Paris", "uid": 2});
    let asked = json!({
        "domain": [["id", "=", 2]], "fields": ["login", "company_id"], "limit": 1,
        "context": {"active_test": false, "lang": "fr_FR"},
    });
    let user = json!([{"id": 2, "login": "crm", "company_id": [1, "Domaine"]}]);
    let greeting = ("res.users", "context_get");
    vec![
        Exchange::page("/web/version", json!({"version": "19.0"})),
        Exchange::json2("cave", greeting, json!({"context": {}}), context),
        Exchange::json2("cave", ("res.users", "search_read"), asked, user),
    ]
}

/// The same of an Odoo 18, which has no page for its version. After a login, more is asked than is here.
pub fn doorstep_18() -> Vec<Exchange> {
    let login = json!(["cave", "crm", super::exchange::PLACEHOLDER, {}]);
    let mut no_page = Exchange::page("/web/version", json!("404 Not Found"));
    no_page.response.status = 404;
    "text/html".clone_into(&mut no_page.response.content_type);
    let version = json!({"server_version": "18.0", "protocol_version": 1});
    vec![
        no_page,
        Exchange::rpc("common", "version", json!([]), version),
        Exchange::rpc("common", "authenticate", login, json!(2)),
    ]
}
