//! A schema of one's own on a PostgreSQL server, and its rows as a SQLite file: the tests ask either store the same.
//!
//! With `CRMRECO_TEST_DATABASE` (`postgresql://user@host/db`, or `own` for a server that the tests start), every estate has
//! its database there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls, SimpleQueryMessage};
use rusqlite::Connection;
use rusqlite::types::Value;

#[cfg(unix)]
use crate::postgres::server::Server;

#[derive(Clone)]
pub struct Schema {
    address: String,
    name: String,
}

impl Schema {
    /// A new one where the tests are to use a server.
    pub fn of_tests() -> Option<Self> {
        let address = std::env::var("CRMRECO_TEST_DATABASE").ok()?;
        #[cfg(unix)]
        if address == "own" {
            static OWN: OnceLock<String> = OnceLock::new();
            let own = OWN.get_or_init(|| Server::shared().fresh_database());
            return Some(Self::on(own));
        }
        Some(Self::on(&address))
    }

    pub fn on(address: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            address: address.to_owned(),
            name: format!("t{}_{number}", std::process::id()),
        }
    }

    /// A schema with the same rows.
    pub fn copy(&self) -> Self {
        let copy = Self::on(&self.address);
        let (from, to) = (&self.name, &copy.name);
        let mut client = self.client();
        client
            .batch_execute(&format!("CREATE SCHEMA {to}"))
            .unwrap();
        for table in tables(&kinds(&mut client, from)) {
            let sql = format!(
                "CREATE TABLE {to}.{table} (LIKE {from}.{table} INCLUDING ALL);
                 INSERT INTO {to}.{table} SELECT * FROM {from}.{table}"
            );
            client.batch_execute(&sql).unwrap();
        }
        copy
    }

    /// Runs SQL, in which `@` stands for the schema; the rows, a row as its cells between `|`.
    #[track_caller]
    pub fn sql(&self, sql: &str) -> Vec<String> {
        let sql = sql.replace('@', &format!("{}.", self.name));
        let mut rows = Vec::new();
        for message in self.client().simple_query(&sql).unwrap() {
            if let SimpleQueryMessage::Row(row) = message {
                let cells = (0..row.len()).map(|at| row.get(at).unwrap_or("NULL"));
                rows.push(cells.collect::<Vec<_>>().join("|"));
            }
        }
        rows
    }

    /// The address of its database.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether it has its tables.
    pub fn exists(&self) -> bool {
        kinds(&mut self.client(), &self.name).contains_key("leases")
    }

    /// What tells the program to use it.
    pub fn variables(&self) -> [(&'static str, &str); 2] {
        [
            ("CRMRECO_DATABASE", &self.address),
            ("CRMRECO_SCHEMA", &self.name),
        ]
    }

    fn client(&self) -> Client {
        Client::connect(&self.address, NoTls).unwrap()
    }

    /// Its rows in a new file in `folder`, under the schema of the file of a home.
    pub fn as_file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("as_file.db");
        let _ = fs::remove_file(&path);
        let mut client = self.client();
        let kinds = kinds(&mut client, &self.name);
        if !kinds.contains_key("runs") {
            return path;
        }
        fs::copy(template(), &path).unwrap();
        let file = Connection::open(&path).unwrap();
        file.execute_batch("BEGIN").unwrap();
        for table in tables(&kinds) {
            let columns = columns(&file, &table);
            if !columns.is_empty() {
                self.copy_rows(&mut client, &file, (&table, &kinds[&table]), &columns);
            }
        }
        file.execute_batch("COMMIT").unwrap();
        path
    }

    fn copy_rows(
        &self,
        client: &mut Client,
        file: &Connection,
        (table, kinds): (&str, &BTreeMap<String, String>),
        columns: &[(String, String)],
    ) {
        let there: Vec<String> = columns
            .iter()
            .map(|(column, _)| match kinds[column].as_str() {
                "timestamp with time zone" => format!(
                    "to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                ),
                "bytea" => format!("encode({column}, 'hex')"),
                "jsonb" => format!("'json:' || {column}::text"),
                _ => column.clone(),
            })
            .collect();
        let here: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
        let places: Vec<String> = (1..=here.len()).map(|place| format!("?{place}")).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            here.join(", "),
            places.join(", ")
        );
        let mut insert = file.prepare(&sql).unwrap();
        let sql = format!("SELECT {} FROM {}.{table}", there.join(", "), self.name);
        for message in client.simple_query(&sql).unwrap() {
            let SimpleQueryMessage::Row(row) = message else {
                continue;
            };
            let values = columns.iter().enumerate();
            let values = values.map(|(at, (_, kind))| value(row.get(at), kind));
            insert.execute(rusqlite::params_from_iter(values)).unwrap();
        }
    }
}

/// A cell of the server's text, as a file keeps it.
fn value(text: Option<&str>, kind: &str) -> Value {
    match (text, kind) {
        (None, _) => Value::Null,
        (Some(text), "INTEGER") => Value::Integer(text.parse().unwrap()),
        (Some(text), "REAL") => Value::Real(text.parse().unwrap()),
        (Some(text), "BLOB") => {
            let bytes = text.as_bytes().chunks(2);
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            Value::Blob(bytes.map(|pair| byte(pair).unwrap()).collect())
        }
        (Some(text), _) => Value::Text(match text.strip_prefix("json:") {
            None => text.to_owned(),
            Some(json) => {
                let json: serde_json::Value = serde_json::from_str(json).unwrap();
                json.to_string()
            }
        }),
    }
}

/// Types of the columns of all tables of a schema, by name.
type Kinds = BTreeMap<String, BTreeMap<String, String>>;

fn kinds(client: &mut Client, schema: &str) -> Kinds {
    let sql = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0";
    let mut kinds = Kinds::new();
    for row in client.query(sql, &[&schema]).unwrap() {
        let of_table = kinds.entry(row.get(0)).or_default();
        of_table.insert(row.get(1), row.get(2));
    }
    kinds
}

/// The names of `kinds`, runs and erasures first: others refer to them.
fn tables(kinds: &Kinds) -> Vec<String> {
    let mut names: Vec<String> = kinds.keys().cloned().collect();
    names.sort_by_key(|name| (name != "runs", name != "erasures", name.clone()));
    names
}

/// Names and types of the columns of a table of `file`.
fn columns(file: &Connection, table: &str) -> Vec<(String, String)> {
    let sql = "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid";
    let mut select = file.prepare(sql).unwrap();
    let columns = select.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)));
    columns.unwrap().map(Result::unwrap).collect()
}

/// A file with the newest schema and no rows.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let line =
            "CRMRECO_CONNECTOR__X__TYPE=isavigne\nCRMRECO_CONNECTOR__X__EXPORT_PATH=/nowhere\n";
        fs::write(home.path().join(".env"), line).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_crmreco"));
        command.env_clear().env("CRMRECO_HOME", home.path());
        let _ = command.args(["sync", "x"]).output().unwrap();
        let path = home.path().join("crmreco.db");
        let file = Connection::open(&path).unwrap();
        file.execute_batch(
            "DELETE FROM runs; DELETE FROM sqlite_sequence; PRAGMA journal_mode = DELETE",
        )
        .unwrap();
        drop(file);
        (home, path)
    });
    path
}
