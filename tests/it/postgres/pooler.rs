//! Behind pgbouncer in transaction mode: each transaction may have another session of the server.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::server::{
    OWNER, Server, as_server, free_port, give_to_server, is_missing, psql, try_psql,
};
use crate::common::{Estate, Outcome, is_installed};

/// pgbouncer in front of the shared server, with two sessions for all.
struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// In front of these databases, `*` for all. `None` where it is not installed.
    fn start(server: &Server, databases: &str) -> Option<Self> {
        let is_needed = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
        if !is_installed("pgbouncer") {
            assert!(!is_needed, "pgbouncer is not installed");
            println!("passed over: pgbouncer is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let settings = format!(
            "[databases]\n{databases} = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}/users\npool_mode = transaction\n\
             default_pool_size = 2\n",
            server.port(),
            folder.path().display()
        );
        fs::write(folder.path().join("users"), format!("\"{OWNER}\" \"\"\n")).unwrap();
        fs::write(folder.path().join("pgbouncer.ini"), settings).unwrap();
        for path in [
            folder.path(),
            &folder.path().join("users"),
            &folder.path().join("pgbouncer.ini"),
        ] {
            give_to_server(path);
        }
        let mut command = as_server("pgbouncer");
        command
            .arg(folder.path().join("pgbouncer.ini"))
            .stdin(Stdio::null());
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = Self {
            child,
            port,
            _folder: folder,
        };
        let started = Instant::now();
        while try_psql(&pooler.url("postgres"), "SELECT 1").is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "pgbouncer does not answer"
            );
            thread::sleep(Duration::from_millis(50));
        }
        Some(pooler)
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql://{OWNER}@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(estate: &Estate, url: &str, name: &str, args: &[&str]) -> Command {
    let mut command = estate.command(args);
    command
        .env("CRMRECO_DATABASE", url)
        .env("CRMRECO_ESTATE", name);
    command
}

#[test]
fn many_processes_share_two_sessions() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let Some(pooler) = Pooler::start(server, "*") else {
        return;
    };
    let database = server.fresh_name();
    let url = pooler.url(&database);
    let first = Estate::of("plain");
    Outcome::of(&mut command(&first, &url, "first", &["sync", "cave"])).exits(0);
    thread::scope(|scope| {
        for number in 0..6 {
            let url = &url;
            scope.spawn(move || {
                let (estate, name) = (Estate::of("plain"), format!("estate{number}"));
                let run =
                    |args: &[&str]| Outcome::of(&mut command(&estate, url, &name, args)).exits(0);
                let answer = run(&["sync", "cave", "--json"]).json();
                assert_eq!(answer["success"], true, "{answer:#}");
                for _ in 0..3 {
                    let listed = run(&["list", "--json"]).json();
                    assert_eq!(
                        listed["connectors"]["cave"]["status"], "healthy",
                        "{listed:#}"
                    );
                    run(&["logs", "cave"]);
                    run(&["export", "customers"]);
                }
                let again = run(&["sync", "cave", "--full", "--json"]).json();
                assert_eq!(again["records"]["CUSTOMERS"]["unchanged"], 3, "{again:#}");
            });
        }
    });
    let rows = psql(
        &url,
        "SELECT count(*), count(DISTINCT estate) FROM crmreco.customers",
    );
    assert_eq!(rows, ["21|7"]);
    // No statement was left in a session of the pool.
    for _ in 0..4 {
        let left = psql(&url, "SELECT name, statement FROM pg_prepared_statements");
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn what_pgbouncer_refuses_is_said_to_be_of_pgbouncer() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let Some(pooler) = Pooler::start(server, "postgres") else {
        return;
    };
    let estate = Estate::of("plain");
    let refused = |url: &str, words: &[&str]| {
        let outcome = Outcome::of(&mut command(&estate, url, "default", &["list"]));
        outcome.exits(1).says(words);
    };
    let other = pooler.url("postgres").replace(OWNER, "personne");
    refused(&other, &["pgbouncer refuse ce rôle", "auth_file"]);
    let options = format!(
        "{}?options=-c%20statement_timeout%3D1",
        pooler.url("postgres")
    );
    refused(
        &options,
        &[
            "pgbouncer ne connaît pas un réglage",
            "ignore_startup_parameters",
        ],
    );
    let nowhere = pooler.url("nulle_part");
    refused(
        &nowhere,
        &["derrière pgbouncer", "nulle_part", "CRMRECO_DATABASE"],
    );
    let tls = format!("{}?sslmode=require", pooler.url("postgres"));
    refused(&tls, &["ne chiffre pas ses connexions"]);
}
