//! docs/postgresql.md: the server that its commands ask, its parameters and its messages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;

use super::tables::tables;
use super::{ROOT, page};
#[cfg(unix)]
use crate::postgres::server::{Options, SUPERUSER, Server, is_missing, programs};

/// The server that the page calls `db.exemple.fr`.
#[cfg(unix)]
pub struct Database(Server);

/// The address of the page, and what stands for it in a test: one server without TLS.
const WRITTEN: [&str; 2] = ["db.exemple.fr", "sslmode=verify-full"];

#[cfg(unix)]
impl Database {
    pub const PAGE: &'static str = "postgresql.md";

    pub fn is_missing() -> bool {
        is_missing()
    }

    pub fn start() -> Self {
        Self(Server::start(&Options::default()))
    }

    fn place(&self) -> String {
        format!("127.0.0.1:{}", self.0.port())
    }

    pub fn as_run(&self, command: &str) -> String {
        let command = command.replace(WRITTEN[0], &self.place());
        command.replace(WRITTEN[1], "sslmode=disable")
    }

    pub fn as_written(&self, printed: &str) -> String {
        printed.replace(&self.place(), WRITTEN[0])
    }

    /// Makes the programs of the server those of its administrator.
    pub fn as_administrator(&self, shell: &mut Command) {
        let path = format!("{}:", programs().display());
        let mut of_shell = shell.get_envs();
        let (_, own) = of_shell.find(|(name, _)| *name == "PATH").unwrap();
        let path = path + own.unwrap().to_str().unwrap();
        let port = self.0.port().to_string();
        shell.env("PATH", path).env("PGHOST", self.0.socket());
        shell.env("PGPORT", port).env("PGUSER", SUPERUSER);
    }
}

/// No server is started elsewhere.
#[cfg(not(unix))]
pub struct Database;

#[cfg(not(unix))]
impl Database {
    pub const PAGE: &'static str = "postgresql.md";

    pub fn is_missing() -> bool {
        true
    }

    pub fn start() -> Self {
        Self
    }

    pub fn as_run(&self, command: &str) -> String {
        command.to_owned()
    }

    pub fn as_written(&self, printed: &str) -> String {
        printed.to_owned()
    }

    pub fn as_administrator(&self, _: &mut Command) {}
}

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join("src/store/postgres").join(file)).unwrap()
}

#[test]
fn the_page_names_every_parameter_with_its_variable() {
    let text = page("docs/postgresql.md");
    let quoted = |name: &str| match name {
        "" => String::new(),
        name => format!("`{name}`"),
    };
    let source = source("parameters.rs");
    let (known, refused) = source.split_once("const REFUSED").unwrap();
    let pair = Regex::new(r#"\(\s*"([a-z_]+)",\s*"([A-Z_]*)",?\s*\)"#).unwrap();
    let known: BTreeSet<_> = pair
        .captures_iter(known)
        .map(|found| (quoted(&found[1]), quoted(&found[2])))
        .collect();
    let tables = tables(&text);
    let table = tables
        .iter()
        .find(|table| table.first_column == "parameter");
    let rows = table.unwrap().rows.iter();
    let documented: BTreeSet<_> = rows.map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(documented, known);
    let refused: Vec<_> = pair.captures_iter(refused).collect();
    assert!(refused.len() > 5);
    for name in [
        "require_auth",
        "requirepeer",
        "sslcrl",
        "sslcertmode",
        "sslpassword",
    ] {
        assert!(refused.iter().any(|found| &found[1] == name) && text.contains(&quoted(name)));
    }
}

#[test]
fn the_page_quotes_messages_of_the_program() {
    let text = page("docs/postgresql.md");
    let files = ["answers.rs", "refusal.rs", "handshake.rs", "failure.rs"];
    let sources: Vec<String> = files.iter().map(|file| source(file)).collect();
    let sources = sources.concat();
    let tables = tables(&text);
    let table = tables.iter().find(|table| table.first_column == "message");
    let rows = &table.unwrap().rows;
    assert!(rows.len() > 15);
    for row in rows {
        let message = row[0].trim_matches('`');
        assert!(sources.contains(message), "{message}");
    }
}
