//! What a real server answers when it refuses, as a person reads it.

use std::thread;
use std::time::Duration;

use postgres::Client;

use super::server::{OWNER, Options, SUPERUSER, Server, is_missing};
use super::{address, connect, refusal, says};
use crate::error::{Error, ErrorKind};
use crate::store::postgres::failure::{is_lost, is_retryable};

/// The error of a statement.
#[track_caller]
fn error_of(client: &mut Client, sql: &str) -> postgres::Error {
    let done = client.batch_execute(sql);
    done.expect_err("the server took it")
}

/// The error of a statement is `words` in French; `(may be tried again, the connection is lost)`.
#[track_caller]
fn answers(error: postgres::Error, words: &[&str], fate: (bool, bool)) {
    let found = (is_retryable(&error), is_lost(&error));
    let error = Error::from(error);
    says(&error, words);
    assert_eq!(found, fate, "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Store);
}

const ENDS: (bool, bool) = (false, false);
const AGAIN: (bool, bool) = (true, false);
const LOST: (bool, bool) = (false, true);

#[test]
fn what_a_role_may_not_do_is_named() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let database = server.fresh_name();
    let mut owner = connect(&address(&server.url(OWNER, &database))).unwrap();
    let mut other = connect(&address(&server.url(SUPERUSER, &database))).unwrap();
    other
        .batch_execute("CREATE SCHEMA ferme; CREATE TABLE ferme.vins(code text)")
        .unwrap();
    other
        .batch_execute("CREATE TABLE public.vins(code text PRIMARY KEY CHECK (code <> 'Lefèvre'))")
        .unwrap();
    for (sql, words) in [
        (
            "SELECT * FROM public.vins",
            &[
                "Un droit manque",
                "permission denied for table vins",
                "GRANT",
            ][..],
        ),
        (
            "SELECT * FROM ferme.vins",
            &["Un droit manque", "schema ferme"],
        ),
        (
            "CREATE TABLE ferme.caves()",
            &["Un droit manque", "schema ferme"],
        ),
        (
            "CREATE SCHEMA x; SELECT * FROM x.vins",
            &["Une table manque", "x.vins", "CRMRECO_SCHEMA"],
        ),
        (
            "CREATE TABLE rien.caves()",
            &["Le schéma n'existe pas", "rien", "CRMRECO_SCHEMA"],
        ),
        (
            "SELECT nulle_part",
            &["PostgreSQL a refusé l'opération (42703)", "nulle_part"],
        ),
    ] {
        answers(error_of(&mut owner, sql), words, ENDS);
    }
    let read_only = "BEGIN READ ONLY; CREATE TABLE x(y int)";
    answers(
        error_of(&mut owner, read_only),
        &["lecture seule", "standby", "target_session_attrs"],
        ENDS,
    );
}

/// Values and keys are a person's data: neither the message nor the log shows them.
#[test]
fn an_answer_about_a_value_does_not_show_it() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let mut client = connect(&address(&server.fresh_database())).unwrap();
    client.batch_execute("CREATE TABLE clients(nom text CONSTRAINT nom_unique UNIQUE NOT NULL, age int CHECK (age > 0))").unwrap();
    client
        .batch_execute("INSERT INTO clients VALUES ('Lefèvre', 1)")
        .unwrap();
    for (sql, words, fate) in [
        (
            "INSERT INTO clients VALUES ('Lefèvre', 1)",
            "nom_unique",
            AGAIN,
        ),
        (
            "INSERT INTO clients VALUES ('Lefèvre2', -1)",
            "clients_age_check",
            ENDS,
        ),
        ("INSERT INTO clients VALUES (NULL, 1)", "nom", ENDS),
        ("SELECT 'Lefèvre'::int", "(22P02)", ENDS),
    ] {
        let error = error_of(&mut client, sql);
        assert_eq!((is_retryable(&error), is_lost(&error)), fate, "{sql}");
        let error = Error::from(error);
        says(&error, &[words]);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            !format!("{} {cause}", error.full_text()).contains("Lefèvre"),
            "{error:?}"
        );
    }
}

#[test]
fn what_other_programs_hold_may_be_tried_again() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let url = server.fresh_database();
    let [mut one, mut other] = [(); 2].map(|()| connect(&address(&url)).unwrap());
    one.batch_execute("CREATE TABLE vins(code text PRIMARY KEY, bouteilles int); INSERT INTO vins VALUES ('A', 1), ('B', 1)").unwrap();

    one.batch_execute("BEGIN; LOCK vins").unwrap();
    let error = error_of(&mut other, "SET lock_timeout = 100; SELECT * FROM vins");
    answers(error, &["tient cette table", "relancez"], ENDS);
    one.batch_execute("ROLLBACK").unwrap();

    let serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM vins";
    one.batch_execute(serializable).unwrap();
    other
        .batch_execute(&format!(
            "SET lock_timeout = 0; {serializable}; UPDATE vins SET bouteilles = 2; COMMIT"
        ))
        .unwrap();
    let error = error_of(&mut one, "UPDATE vins SET bouteilles = 3");
    answers(error, &["changeaient les mêmes lignes", "Relancez"], AGAIN);
    one.batch_execute("ROLLBACK").unwrap();

    let update = |code| format!("UPDATE vins SET bouteilles = 5 WHERE code = '{code}'");
    one.batch_execute(&format!("BEGIN; {}", update("A")))
        .unwrap();
    other
        .batch_execute(&format!("BEGIN; {}", update("B")))
        .unwrap();
    let waiting = thread::spawn(move || one.batch_execute(&update("B")).err());
    let second = other.batch_execute(&update("A")).err();
    drop(other);
    let error = waiting.join().unwrap().or(second).unwrap();
    answers(error, &["changeaient les mêmes lignes"], AGAIN);
}

#[test]
fn time_limits_of_the_server_are_named() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let url = server.fresh_database();
    let open = |setting: &str| {
        let mut client = connect(&address(&url)).unwrap();
        client.batch_execute(&format!("SET {setting}")).unwrap();
        client
    };
    let error = error_of(&mut open("statement_timeout = 50"), "SELECT pg_sleep(9)");
    answers(error, &["requête trop longue", "statement_timeout"], ENDS);
    let mut client = open("idle_in_transaction_session_timeout = 50");
    client.batch_execute("BEGIN").unwrap();
    thread::sleep(Duration::from_millis(400));
    let error = error_of(&mut client, "SELECT 1");
    answers(
        error,
        &["sans activité", "idle_in_transaction_session_timeout"],
        LOST,
    );
}

#[test]
fn a_server_that_ends_a_session_or_itself() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options {
        settings: vec![
            "max_connections = 5".to_owned(),
            "superuser_reserved_connections = 1".to_owned(),
        ],
        ..Options::default()
    });
    let url = server.fresh_database();
    let mut client = connect(&address(&url)).unwrap();
    server.admin(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{OWNER}'"
    ));
    let error = error_of(&mut client, "SELECT 1");
    answers(
        error,
        &[
            "a été arrêté, ou a fermé cette connexion",
            "rien n'est resté à moitié fait",
            "Relancez",
        ],
        LOST,
    );
    let error = error_of(&mut client, "SELECT 1");
    answers(
        error,
        &["La connexion à PostgreSQL a été coupée", "relancez"],
        LOST,
    );
    drop(client);

    let mut held = Vec::new();
    let full = loop {
        match connect(&address(&url)) {
            Ok(client) => held.push(client),
            Err(error) => break error,
        }
    };
    says(
        &full,
        &["trop de connexions", "max_connections", "pgbouncer"],
    );
    assert_eq!(full.kind(), ErrorKind::Store);
    assert!((1..=4).contains(&held.len()), "{}", held.len());

    server.stop(true);
    let error = error_of(held.last_mut().unwrap(), "SELECT 1");
    assert!(is_lost(&error), "{error:?}");
    says(&refusal(&url), &["connexion refusée"]);
    server.start_again();
    connect(&address(&url)).unwrap();
}

/// A server in French: nothing is read out of its words.
#[test]
fn the_words_of_the_server_may_be_of_any_language() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options {
        language: Some("fr"),
        ..Options::default()
    });
    let database = server.fresh_name();
    server.admin("CREATE ROLE ferme NOLOGIN; CREATE ROLE passant LOGIN");
    server.admin(&format!(
        "REVOKE CONNECT ON DATABASE {database} FROM public"
    ));
    let mut client = connect(&address(&server.url(OWNER, &database))).unwrap();
    let error = error_of(&mut client, "SELECT * FROM pg_authid");
    answers(
        error,
        &["Un droit manque", "droit refusé pour la table pg_authid"],
        ENDS,
    );
    let closed = refusal(&server.url("ferme", &database));
    says(
        &closed,
        &[
            "n'a pas le droit de se connecter",
            "n'est pas autorisé",
            "CREATE ROLE",
        ],
    );
    let passing = refusal(&server.url("passant", &database));
    says(&passing, &["Un droit manque", &database, "GRANT"]);
    says(
        &refusal(&server.url(OWNER, "rien")),
        &["Cette base", "n'existe pas", "CREATE DATABASE"],
    );
}
