//! A wine estate in a temporary folder: a home for `crmreco`, a folder of exports, and the program run in a scrubbed
//! environment. Every run is checked for what holds always: no panic and, under `--json`, exactly one document.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::types::ValueRef;
use serde_json::Value;
use tempfile::TempDir;

use crate::schema::Schema;

pub const TABLES: [&str; 5] = [
    "CUSTOMERS",
    "PRODUCTS",
    "SALES_LINES",
    "STOCK_LEVELS",
    "CONTACT_HISTORY",
];
pub const LABELS: [&str; 5] = ["Clients", "Produits", "Ventes", "Stock", "Contacts"];
pub const SQL_TABLES: [&str; 5] = [
    "customers",
    "product_catalog",
    "sales_lines",
    "stock_levels",
    "contact_history",
];

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Whether `tool` can be run here.
pub fn is_installed(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

pub struct Estate {
    root: TempDir,
    /// Where its database is, if not in the home.
    server: Option<Schema>,
}

impl Estate {
    /// A home with nothing in it, and an empty folder of exports.
    pub fn bare() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("home")).unwrap();
        set_mode(&root.path().join("home"), 0o700);
        fs::create_dir(root.path().join("exports")).unwrap();
        let server = Schema::of_tests();
        Self { root, server }
    }

    /// The same with its database in a new schema at this address of a server.
    pub fn on(address: &str) -> Self {
        let server = Some(Schema::on(address));
        Self {
            server,
            ..Self::bare()
        }
    }

    /// Another machine: a home of its own with the same connector, exports and database.
    pub fn beside(&self) -> Self {
        let other = Self {
            server: self.server.clone(),
            ..Self::bare()
        };
        other.env_lines(&self.env_text());
        other
    }

    /// The connector `cave` over an empty folder of exports.
    pub fn empty() -> Self {
        let estate = Self::bare();
        estate.connector("cave", &estate.exports());
        estate
    }

    /// The connector `cave` over a copy of a folder of `tests/fixtures/isavigne`.
    pub fn of(trap: &str) -> Self {
        let estate = Self::empty();
        copy_folder(&fixtures().join("isavigne").join(trap), &estate.exports());
        estate
    }

    /// The same, where as many rejected rows are accepted as a small fixture needs.
    pub fn of_bad(trap: &str) -> Self {
        Self::of(trap).setting("MAX_REJECTS", "100%")
    }

    /// The same estate somewhere else. Its connectors must name their folders relative to the home.
    pub fn copy(&self) -> Self {
        let root = tempfile::tempdir().unwrap();
        copy_folder(self.root(), root.path());
        let server = self.server.as_ref().map(Schema::copy);
        Self { root, server }
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    pub fn exports(&self) -> PathBuf {
        self.root().join("exports")
    }

    pub fn env_path(&self) -> PathBuf {
        self.home().join(".env")
    }

    pub fn env_text(&self) -> String {
        fs::read_to_string(self.env_path()).unwrap_or_default()
    }

    /// The schema of the server with the database.
    pub fn schema(&self) -> &Schema {
        self.server.as_ref().expect("a database on a server")
    }

    /// The SQLite file of the database; a copy of it, where it is on a server.
    pub fn database(&self) -> PathBuf {
        match &self.server {
            None => self.home().join("crmreco.db"),
            Some(server) => server.as_file(self.root()),
        }
    }

    /// Adds lines to `.env`, as a person would with an editor.
    pub fn env_lines(&self, lines: &str) {
        fs::write(self.env_path(), self.env_text() + lines + "\n").unwrap();
        set_mode(&self.env_path(), 0o600);
    }

    /// Registers an iSaVigne connector by hand, so that only the tests of `add` depend on `add`.
    pub fn connector(&self, name: &str, exports: &Path) {
        let prefix = format!("CRMRECO_CONNECTOR__{}", name.to_uppercase());
        self.env_lines(&format!(
            "{prefix}__TYPE=isavigne\n{prefix}__EXPORT_PATH=\"{}\"",
            exports.display()
        ));
    }

    /// One more setting of the connector `cave`.
    pub fn setting(self, key: &str, value: &str) -> Self {
        self.env_lines(&format!("CRMRECO_CONNECTOR__CAVE__{key}=\"{value}\""));
        self
    }

    /// Writes or replaces a file of the exports.
    pub fn export(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.exports().join(name), content).unwrap();
    }

    pub fn export_text(&self, name: &str) -> String {
        fs::read_to_string(self.exports().join(name)).unwrap()
    }

    /// The program in an environment that says nothing but where its home is.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crmreco"));
        command
            .env_clear()
            .args(args)
            .current_dir(self.root())
            .stdin(Stdio::null());
        for kept in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        let home = self.home();
        command
            .env("HOME", self.root())
            .env("CRMRECO_HOME", home)
            .env("TZ", "Europe/Paris")
            .env("NO_COLOR", "1");
        if let Some(server) = &self.server {
            command.envs(server.variables());
        }
        command
    }

    #[track_caller]
    pub fn crmreco(&self, args: &[&str]) -> Outcome {
        let outcome = Outcome::of(&mut self.command(args));
        if args.first() == Some(&"sync") && matches!(outcome.code, Some(0 | 1)) {
            self.check_receipts();
        }
        outcome
    }

    /// Of every unit of the newest run, each line was counted once, and what it wrote is in the table. Reckoned from the
    /// database alone; one that is not there, or is damaged, has no receipt.
    #[track_caller]
    fn check_receipts(&self) {
        // One that only reads would leave the files of the log behind.
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        let Ok(database) = rusqlite::Connection::open_with_flags(self.database(), flags) else {
            return;
        };
        let listed = |query: &str| -> Vec<String> {
            let Ok(mut statement) = database.prepare(query) else {
                return Vec::new();
            };
            let found = statement.query_map([], |row| row.get(0));
            found.map_or_else(|_| Vec::new(), |found| found.flatten().collect())
        };
        let newest = "SELECT table_name || ' ' || label || ' ' || lines || ' lines, ' || (header_lines + empty_lines
                + totals_lines + left_aside + accepted + rejected) || ' counted' FROM units
            WHERE run_id = (SELECT max(run_id) FROM units)";
        let uncounted = listed(&format!(
            "{newest} AND lines <> header_lines + empty_lines + totals_lines + left_aside + accepted + rejected"
        ));
        assert!(uncounted.is_empty(), "{uncounted:?}");
        for (table, name) in SQL_TABLES.into_iter().zip(TABLES) {
            // Customers whose figures a run computes anew bear its number too.
            let differs = if name == "CUSTOMERS" { ">" } else { "<>" };
            let elsewhere = listed(&format!(
                "SELECT u.label || ': ' || u.written || ' written' FROM units AS u
                 WHERE u.run_id = (SELECT max(run_id) FROM runs) AND u.table_name = '{name}' AND u.written IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM erasures)
                   AND 1 = (SELECT count(*) FROM units AS o WHERE o.run_id = u.run_id AND o.table_name = u.table_name
                            AND o.label = u.label)
                   AND u.written {differs} (SELECT count(*) FROM {table} AS t WHERE t.source = u.source AND t.run_id = u.run_id
                            AND substr(t.source_ref, 1, length(u.label) + 1) = u.label || ':')"
            ));
            assert!(elsewhere.is_empty(), "{table}: {elsewhere:?}");
        }
    }

    /// Syncs `cave`; the sync must succeed.
    #[track_caller]
    pub fn sync(&self) -> Value {
        self.sync_with(&[], 0)
    }

    /// Syncs `cave` with more arguments; it must end with this code.
    #[track_caller]
    pub fn sync_with(&self, args: &[&str], code: i32) -> Value {
        let answer = self
            .crmreco(&[&["sync", "cave", "--json"], args].concat())
            .exits(code)
            .json();
        assert_eq!(answer["success"], code == 0, "{answer:#}");
        check_counts(&answer);
        answer
    }

    /// The rows of a query, a row as the text of its cells between `|`; no row where there is no database yet.
    #[track_caller]
    pub fn sql(&self, query: &str) -> Vec<String> {
        let database = rusqlite::Connection::open(self.database()).unwrap();
        let mut statement = database.prepare(query).unwrap();
        let columns = statement.column_count();
        let cells = |row: &rusqlite::Row| {
            Ok((0..columns)
                .map(|i| cell(row.get_ref(i).unwrap()))
                .collect::<Vec<_>>()
                .join("|"))
        };
        statement
            .query_map([], cells)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    /// Every cell of the five tables and of the rejects, to compare the database with itself.
    pub fn dump(&self) -> Vec<String> {
        let all = SQL_TABLES.iter().chain(&["rejects"]);
        all.flat_map(|table| self.sql(&format!("SELECT '{table}', * FROM {table} ORDER BY 2, 3")))
            .collect()
    }

    /// The rejected rows of the newest run: `position|column_name|value`, in the order of the file.
    pub fn rejects(&self) -> Vec<String> {
        self.sql("SELECT position, column_name, coalesce(value, '') FROM rejects ORDER BY CAST(position AS INTEGER), column_name")
    }
}

fn cell(value: ValueRef) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}

/// As `add` makes them: what others may read is told.
pub fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What a run of the program left.
#[derive(Debug)]
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Outcome {
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The one document of stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Everything a person sees.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        assert_says(&self.text(), words);
        self
    }
}

impl From<Output> for Outcome {
    #[track_caller]
    fn from(output: Output) -> Self {
        let outcome = Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        };
        assert!(
            outcome.code != Some(101) && !outcome.stderr.contains("panicked"),
            "{outcome:#?}"
        );
        outcome
    }
}

/// Each of the words is in the text, whatever the case.
#[track_caller]
pub fn assert_says(text: &str, words: &[&str]) {
    let lower = text.to_lowercase();
    for word in words {
        assert!(
            lower.contains(&word.to_lowercase()),
            "« {word} » is not in: {text}"
        );
    }
}

/// The messages of `errors` or `warnings`.
#[track_caller]
pub fn messages(answer: &Value, key: &str) -> Vec<String> {
    let list = answer[key]
        .as_array()
        .unwrap_or_else(|| panic!("no list {key} in {answer:#}"));
    list.iter()
        .map(|message| message.as_str().unwrap().to_owned())
        .collect()
}

/// The only message of `errors` or `warnings` with this word.
#[track_caller]
pub fn the_message(answer: &Value, key: &str, word: &str) -> String {
    let found: Vec<_> = messages(answer, key)
        .into_iter()
        .filter(|message| message.contains(word))
        .collect();
    assert_eq!(
        found.len(),
        1,
        "one of {key} should say « {word} »: {answer:#}"
    );
    found.concat()
}

/// The counts of a table in a sync's answer.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub struct Counts {
    pub read: u64,
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub deleted: u64,
    pub rejected: u64,
}

/// All zero for a table that the answer does not name: nothing was there to read.
#[track_caller]
pub fn counts(answer: &Value, table: &str) -> Counts {
    let Some(record) = answer["records"].get(table) else {
        return Counts::default();
    };
    let get = |key: &str| {
        record[key]
            .as_u64()
            .unwrap_or_else(|| panic!("no {key} for {table} in {answer:#}"))
    };
    Counts {
        read: get("read"),
        inserted: get("inserted"),
        updated: get("updated"),
        unchanged: get("unchanged"),
        deleted: get("deleted"),
        rejected: get("rejected"),
    }
}

/// What the contract says of the counts of any sync.
#[track_caller]
pub fn check_counts(answer: &Value) {
    for table in TABLES {
        let counts = counts(answer, table);
        let accepted = counts.inserted + counts.updated + counts.unchanged;
        assert_eq!(
            counts.read,
            accepted + counts.rejected,
            "{table}: {answer:#}"
        );
        assert_eq!(
            answer["records_processed"][table].as_u64().unwrap_or(0),
            accepted,
            "{table}: {answer:#}"
        );
    }
}
