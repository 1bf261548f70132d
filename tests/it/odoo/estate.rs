//! An estate whose connector `cave` is an Odoo.

use std::fs;

use serde_json::Value;

use super::stub::{KEY, Stub};
use crate::common::{Counts, Estate, TABLES, check_counts, counts, fixtures};

/// Versions that were recorded.
pub const VERSIONS: [&str; 4] = ["16.0", "17.0", "18.0", "19.0"];

/// What `--last-sync` says in the phase `2-since`, some hours before the last line was written.
pub const SINCE: &str = "2026-11-19T18:10:00Z";

/// The company of the phase `5-company`.
pub const COMPANY: u64 = 1;

/// Who reads, on every recorded server.
pub const LOGIN: &str = "crm@exemple.fr";

/// The user of an Odoo.
pub struct Account<'a> {
    pub url: &'a str,
    pub database: &'a str,
    pub login: &'a str,
    pub key: &'a str,
}

impl Account<'_> {
    /// An estate without rows.
    pub fn estate(&self) -> Estate {
        let estate = Estate::bare();
        self.register(&estate);
        estate
    }

    /// Writes the connector by hand, so that only the tests of `add` depend on `add`.
    pub fn register(&self, estate: &Estate) {
        fs::write(estate.env_path(), "").unwrap();
        let settings = [
            ("TYPE", "odoo"),
            ("URL", self.url),
            ("DB", self.database),
            ("USER", self.login),
            ("API_KEY", self.key),
        ];
        for (key, value) in settings {
            estate.env_lines(&format!("CRMRECO_CONNECTOR__CAVE__{key}=\"{value}\""));
        }
    }
}

/// A server that replays a phase, and an estate that reads it.
#[track_caller]
pub fn replayed(phase: &str) -> (Stub, Estate) {
    let stub = Stub::replay(phase);
    let estate = reader_of(&stub);
    (stub, estate)
}

#[track_caller]
pub fn reader_of(stub: &Stub) -> Estate {
    let estate = Estate::bare();
    register(stub, &estate);
    estate
}

/// Makes `estate` a reader of `stub`.
pub fn register(stub: &Stub, estate: &Estate) {
    let account = Account {
        url: &stub.url(),
        database: &stub.database(),
        login: LOGIN,
        key: KEY,
    };
    account.register(estate);
}

/// What SQL said of the server's own database in a phase: `19.0`, `1-first`.
#[track_caller]
pub fn truth(version: &str, phase: &str) -> Value {
    let file = fixtures().join("odoo").join(version).join("truth.json");
    let truth: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let phase = &truth[phase];
    assert!(phase.is_object(), "no truth of {version}/{phase}");
    phase.clone()
}

/// No row was inserted, updated or deleted.
#[track_caller]
pub fn assert_unchanged(answer: &Value) {
    check_counts(answer);
    for table in TABLES {
        let Counts {
            inserted,
            updated,
            deleted,
            ..
        } = counts(answer, table);
        assert_eq!(
            (inserted, updated, deleted),
            (0, 0, 0),
            "{table}: {answer:#}"
        );
    }
}
