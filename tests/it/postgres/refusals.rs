//! A server that cannot be used, as people and programs meet it: what is wrong, where, what to do, the exit status.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::server::{OWNER, Options, Server, Tls, free_port, is_missing, psql};
use crate::common::{Estate, Outcome, assert_says};

const SECRET: &str = "s3cr3t-0f-the-r0le";

/// `crmreco` on the database at `address`.
#[track_caller]
fn crmreco(estate: &Estate, address: &str, args: &[&str]) -> Outcome {
    let mut command = estate.command(args);
    let outcome = Outcome::of(command.env("CRMRECO_DATABASE", address));
    assert!(!outcome.text().contains(SECRET), "{outcome:?}");
    outcome
}

/// Every command that asks the database.
const COMMANDS: [&[&str]; 8] = [
    &["list"],
    &["show", "cave"],
    &["sync", "cave"],
    &["logs", "cave"],
    &["status"],
    &["metrics"],
    &["export", "customers"],
    &["query", "SELECT 1"],
];

#[test]
fn every_command_says_what_is_wrong_with_the_server() {
    let estate = Estate::of("plain");
    let port = free_port();
    let address = format!("postgresql://anne:{SECRET}@127.0.0.1:{port}/crm");
    let shown = format!("postgresql://anne@127.0.0.1:{port}/crm");
    for command in COMMANDS {
        let outcome = crmreco(&estate, &address, command).exits(1);
        assert_says(
            &outcome.stderr,
            &[&shown, "connexion refusée", "listen_addresses"],
        );
        let args = [command, &["--json"]].concat();
        if command[0] == "query" || command[0] == "export" {
            continue;
        }
        let answer = crmreco(&estate, &address, &args).exits(1).json();
        assert_eq!(answer["success"], false, "{answer:#}");
        assert_says(&answer.to_string(), &[&shown, "connexion refusée"]);
    }
    let answer = crmreco(&estate, &address, &["doctor", "--json"])
        .exits(1)
        .json();
    let mut checks = answer["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["name"] == "database").unwrap();
    assert_eq!(check["state"], "fail");
    assert_eq!(check["command"], format!("psql {shown} -c '\\conninfo'"));
    assert!(!estate.database().exists());
}

#[test]
fn an_address_that_does_not_hold_is_a_setting_to_correct() {
    let estate = Estate::of("plain");
    for (address, words) in [
        (
            format!("postgresql://anne:{SECRET}@@db/crm"),
            &["CRMRECO_DATABASE", "%40"][..],
        ),
        (
            format!("postgresql://anne:{SECRET}@db/crm?sslmod=x"),
            &["CRMRECO_DATABASE", "« sslmod » n'existe pas"],
        ),
        (
            format!("mysql://anne:{SECRET}@db/crm"),
            &["CRMRECO_DATABASE", "seul PostgreSQL"],
        ),
    ] {
        for command in COMMANDS {
            crmreco(&estate, &address, command).exits(3).says(words);
        }
        let answer = crmreco(&estate, &address, &["doctor", "--json"])
            .exits(1)
            .json();
        assert_says(&answer.to_string(), words);
    }
    let mut command = estate.command(&["list"]);
    command
        .env("CRMRECO_DATABASE", "postgresql://anne@db/crm")
        .env("PGSSLMODE", "oui");
    Outcome::of(&mut command)
        .exits(3)
        .says(&["PGSSLMODE « oui » est inconnu", "verify-full"]);
}

/// The address and the password stand where people put them: `.env`, a password file, a service file, variables.
#[test]
fn a_password_is_found_where_psql_finds_it_and_shown_nowhere() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options {
        access: vec!["host all anne 127.0.0.1/32 scram-sha-256".to_owned()],
        ..Options::default()
    });
    server.admin(&format!("CREATE ROLE anne LOGIN PASSWORD '{SECRET}'"));
    server.admin("CREATE DATABASE crm OWNER anne");
    let port = server.port();
    let plain = format!("postgresql://anne@127.0.0.1:{port}/crm");
    let with_password = format!("postgresql://anne:{SECRET}@127.0.0.1:{port}/crm");
    let estate = Estate::of("plain");
    crmreco(&estate, &plain, &["list"])
        .exits(1)
        .says(&["demande un mot de passe", "~/.pgpass"]);
    crmreco(&estate, &with_password, &["sync", "cave"])
        .exits(0)
        .says(&[&plain]);

    let file = estate.root().join(".pgpass");
    fs::write(&file, format!("127.0.0.1:{port}:*:anne:{SECRET}\n")).unwrap();
    crmreco(&estate, &plain, &["list"])
        .exits(1)
        .says(&[".pgpass est ignoré", "chmod 600"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    crmreco(&estate, &plain, &["show", "cave"])
        .exits(0)
        .says(&["Sain"]);
    fs::remove_file(&file).unwrap();

    let mut command = estate.command(&["list"]);
    command
        .env("CRMRECO_DATABASE", &plain)
        .env("PGPASSWORD", SECRET);
    Outcome::of(&mut command).exits(0).says(&["Sain"]);

    let services =
        format!("[cave]\nhost=127.0.0.1\nport={port}\nuser=anne\npassword={SECRET}\ndbname=crm\n");
    fs::write(estate.root().join(".pg_service.conf"), services).unwrap();
    crmreco(&estate, "postgresql://?service=cave", &["list"])
        .exits(0)
        .says(&["Sain"]);

    // In `.env`; every command, in detail.
    estate.env_lines(&format!("CRMRECO_DATABASE=\"{with_password}\""));
    for command in COMMANDS.iter().chain(&[
        &["doctor"][..],
        &["test", "cave"],
        &["show", "cave", "--json"],
    ]) {
        let outcome = estate.crmreco(&[&["-vv"], *command].concat()).exits(0);
        assert!(!outcome.text().contains(SECRET), "{outcome:?}");
    }
    let rows = psql(&with_password, "SELECT count(*) FROM crmreco.customers");
    assert_ne!(rows, ["0"]);
    for entry in fs::read_dir(estate.home()).unwrap().map(Result::unwrap) {
        if entry.file_name() == ".env" || entry.path().is_dir() {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
        assert!(!text.contains(SECRET), "{:?}", entry.file_name());
    }
}

#[test]
fn rights_that_are_missing_are_named() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let (database, reader) = (
        server.fresh_name(),
        format!("reader_{}", std::process::id()),
    );
    server.admin(&format!("CREATE ROLE {reader} LOGIN"));
    let estate = Estate::of("plain");
    let as_reader = server.url(&reader, &database);
    crmreco(&estate, &as_reader, &["sync", "cave"])
        .exits(1)
        .says(&["Un droit manque", &database, "GRANT"]);
    crmreco(&estate, &as_reader, &["list"]).exits(0);
    let owner = server.url(OWNER, &database);
    crmreco(&estate, &owner, &["sync", "cave"]).exits(0);
    crmreco(&estate, &as_reader, &["list"])
        .exits(1)
        .says(&["Un droit manque", "crmreco", "GRANT"]);
    psql(
        &owner,
        &format!(
            "GRANT USAGE ON SCHEMA crmreco TO {reader}; GRANT SELECT ON ALL TABLES IN SCHEMA crmreco TO {reader}"
        ),
    );
    crmreco(&estate, &as_reader, &["list"])
        .exits(0)
        .says(&["Sain"]);
    crmreco(&estate, &as_reader, &["sync", "cave"])
        .exits(1)
        .says(&["Un droit manque", "GRANT"]);
}

/// A server with a certificate of the estate's own authority.
#[test]
fn a_certificate_is_checked_as_the_mode_says() {
    if is_missing() {
        return;
    }
    let estate = Estate::of("plain");
    let folder = estate.root().to_owned();
    let openssl = |line: &str| {
        let mut command = std::process::Command::new("openssl");
        let output = command
            .current_dir(&folder)
            .args(line.split(' '))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out home/cert.pem -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost",
    );
    let server = Server::start(&Options {
        tls: Some(Tls {
            certificate: estate.home().join("cert.pem"),
            key: folder.join("key.pem"),
            clients: None,
        }),
        ..Options::default()
    });
    let place = format!("{}/{}", server.port(), server.fresh_name());
    let full = "sslmode=verify-full";
    let localhost = format!("postgresql://{OWNER}@localhost:{place}?{full}");
    crmreco(&estate, &localhost, &["list"])
        .exits(1)
        .says(&["certificat du serveur", "sslrootcert"]);
    // Relative to the home, as all paths of its settings.
    let known = format!("{localhost}&sslrootcert=cert.pem");
    crmreco(&estate, &known, &["sync", "cave"]).exits(0);
    let other = format!("postgresql://{OWNER}@127.0.0.1:{place}?{full}&sslrootcert=cert.pem");
    crmreco(&estate, &other, &["list"])
        .exits(1)
        .says(&["au nom d'un autre"]);
    crmreco(
        &estate,
        &other.replace("verify-full", "verify-ca"),
        &["list"],
    )
    .exits(0);
}
