//! The same syncs into a file and into a server leave the same: rows, figures, hashes, counts, rejects, history, cursors.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::server::{Server, is_missing};
use crate::common::{Estate, copy_folder, fixtures};
use crate::odoo::estate::{VERSIONS, register};
use crate::odoo::stub::Stub;

/// All tables, without numbers of runs, instants and durations, which are never the same.
const TABLES: [(&str, &str); 14] = [
    ("customers", "run_id, updated_at"),
    ("product_catalog", "run_id, updated_at"),
    ("sales_lines", "run_id, updated_at"),
    ("stock_levels", "run_id, updated_at"),
    ("contact_history", "run_id, updated_at"),
    ("runs", "run_id, started_at, ended_at, duration_seconds"),
    ("run_tables", "run_id"),
    ("run_messages", "run_id"),
    ("rejects", "reject_id, run_id"),
    ("cursors", "run_id"),
    ("row_counts", ""),
    ("segmented", ""),
    ("erasures", "alias, erased_at"),
    ("run_phases", "run_id, seconds"),
];

/// The alias of an erased customer, which is random.
fn alias() -> regex::Regex {
    regex::Regex::new("erased-[0-9a-f]+").unwrap()
}

fn rows(estate: &Estate) -> Vec<String> {
    let alias = alias();
    let tables = TABLES.iter().flat_map(|(table, without)| {
        let columns = estate.sql(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let without: Vec<&str> = without.split(", ").collect();
        let kept: Vec<String> = columns
            .into_iter()
            .filter(|column| !without.contains(&column.as_str()))
            .collect();
        let mut rows = estate.sql(&format!(
            "SELECT '{table}', {} FROM {table}",
            kept.join(", ")
        ));
        // The hashes of rows with an alias are random too.
        for row in rows.iter_mut().filter(|row| row.contains("erased-")) {
            *row = alias.replace_all(row, "erased").into_owned();
            row.truncate(row.rfind('|').unwrap_or_default());
        }
        rows.sort();
        rows
    });
    tables.collect()
}

/// The answer without what differs between any two runs.
fn told(mut answer: Value) -> Value {
    for key in ["duration_seconds", "timestamp", "run_id", "phases"] {
        answer[key] = Value::Null;
    }
    answer
}

/// A file and a server, with the same connector.
struct Both([Estate; 2]);

impl Both {
    fn new() -> Self {
        let url = Server::shared().fresh_database();
        let both = [Estate::bare(), Estate::on(&url)];
        for estate in &both {
            estate.connector("cave", &estate.exports());
        }
        Self(both)
    }

    fn export(&self, name: &str, content: impl AsRef<[u8]>) {
        for estate in &self.0 {
            estate.export(name, content.as_ref());
        }
        self.date_exports();
    }

    /// Cursors keep when a file was written.
    fn date_exports(&self) {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_766_800_000);
        for estate in &self.0 {
            for entry in fs::read_dir(estate.exports()).unwrap() {
                let file = fs::File::options().append(true).open(entry.unwrap().path());
                file.unwrap().set_modified(then).unwrap();
            }
        }
    }

    fn copy(&self, folder: &std::path::Path) {
        for estate in &self.0 {
            copy_folder(folder, &estate.exports());
        }
        self.date_exports();
    }

    /// Runs the same on both; what is told and what is stored is the same.
    #[track_caller]
    fn run(&self, args: &[&str]) {
        let [here, there] = &self.0;
        let outcomes = [here.crmreco(args), there.crmreco(args)];
        assert_eq!(outcomes[0].code, outcomes[1].code, "{outcomes:#?}");
        if args.contains(&"--json") {
            let [one, other] = outcomes.map(|outcome| told(outcome.json()));
            let text = |answer: &Value, estate: &Estate| {
                let root = estate.root().display().to_string();
                let text = answer.to_string().replace(&root, "");
                alias().replace_all(&text, "erased").into_owned()
            };
            assert_eq!(text(&one, here), text(&other, there));
        }
        let (one, other) = (rows(here), rows(there));
        let differing = one.iter().zip(&other).find(|(one, other)| one != other);
        assert_eq!(differing, None, "{args:?}");
        assert_eq!(one.len(), other.len(), "{args:?}");
    }
}

#[test]
fn three_dialects_leave_the_same() {
    if is_missing() {
        return;
    }
    for dialect in ["documented", "french", "excel"] {
        let both = Both::new();
        both.copy(&fixtures().join("truth").join(dialect));
        both.run(&["sync", "cave", "--json"]);
        both.run(&["sync", "cave", "--json"]);
        both.run(&["sync", "cave", "--full", "--json"]);
    }
}

#[test]
fn increments_corrections_snapshots_and_failures_leave_the_same() {
    if is_missing() {
        return;
    }
    let both = Both::new();
    both.copy(&fixtures().join("isavigne/plain"));
    both.run(&["sync", "cave", "--json"]);
    let heading = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n";
    let sale = "1;FA900;C1;RIESLING-2020;27/12/2025;6;bouteille;12,00;72,00\n";
    both.export("ventes_2.csv", format!("{heading}{sale}"));
    both.run(&["sync", "cave", "--json"]);
    both.export(
        "ventes_3.csv",
        format!("{heading}{}", sale.replace("72,00", "70,00")),
    );
    both.run(&["sync", "cave", "--json"]);
    // A customer in place of another, a date that is none, a stock that shrinks too much.
    both.export(
        "ventes_4.csv",
        format!("{heading}{}", sale.replace("C1", "C2")),
    );
    both.run(&["sync", "cave", "--json"]);
    both.export(
        "ventes_5.csv",
        format!("{heading}{}", sale.replace("27/12/2025", "hier")),
    );
    both.run(&["sync", "cave", "--json"]);
    both.export(
        "stock.csv",
        "code_produit;entrepot;quantite\nRIESLING-2020;Chai;5\n",
    );
    both.run(&["sync", "cave", "--json"]);
    both.run(&["sync", "cave", "--allow-shrink", "--json"]);
    both.run(&["sync", "cave", "--full", "--dry-run", "--json"]);
    both.run(&["erase", "isavigne-C1", "--yes"]);
    both.run(&["sync", "cave", "--full", "--json"]);
    both.run(&["rename", "cave", "chai"]);
    both.run(&["sync", "chai", "--json"]);
    both.run(&["prune", "--json"]);
    both.run(&["remove", "chai", "--purge", "--yes"]);
}

#[test]
fn odoo_leaves_the_same() {
    if is_missing() {
        return;
    }
    let url = Server::shared().fresh_database();
    for version in VERSIONS {
        let left = [Estate::bare(), Estate::on(&url)].map(|estate| {
            let stub = Stub::replay(&format!("{version}/1-first"));
            register(&stub, &estate);
            let first = estate.sync()["records"].to_string();
            stub.phase(&format!("{version}/3-changed"));
            let then = estate.sync()["records"].to_string();
            (first, then, rows(&estate))
        });
        let [one, other] = left;
        assert_eq!((one.0, one.1), (other.0, other.1), "{version}");
        let differing = one.2.iter().zip(&other.2).find(|(one, other)| one != other);
        assert_eq!(differing, None, "{version}");
        assert_eq!(one.2.len(), other.2.len(), "{version}");
    }
}

#[test]
fn exports_and_answers_are_the_same() {
    if is_missing() {
        return;
    }
    let both = Both::new();
    both.copy(&fixtures().join("truth/french"));
    both.run(&["sync", "cave", "--json"]);
    let [here, there] = &both.0;
    let updated = regex::Regex::new(r"20\d\d-\d\d-\d\dT[0-9:]+Z").unwrap();
    for args in [
        &["metrics", "--json"][..],
        &["export", "customers", "--format", "jsonl"],
        &["export", "sales_lines", "--format", "csv"],
        &["export", "products", "--format", "csv"],
        &["logs", "cave", "--rejects", "--json"],
        &[
            "query",
            "SELECT count(*) AS n, sum(price_total_eur) AS euros FROM sales_lines",
        ],
    ] {
        let [one, other] = [here, there].map(|estate| estate.crmreco(args).exits(0).stdout);
        let [one, other] = [one, other].map(|text| updated.replace_all(&text, "").into_owned());
        assert_eq!(one, other, "{args:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.xlsx");
    let args = [
        "export",
        "sales_lines",
        "--format",
        "xlsx",
        "-o",
        file.to_str().unwrap(),
    ];
    there.crmreco(&args).exits(0);
    assert!(fs::metadata(&file).unwrap().len() > 1_000);
}
