//! An address leads where it leads `psql`, or nowhere where it leads `psql` nowhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::server::{Options, Server, is_missing, psql_with};
use crate::store::postgres::{address::Address, connect::connect};

/// Who, where: what both are asked.
const QUESTION: &str = "SELECT current_user || '|' || current_database() || '|' || coalesce(host(inet_server_addr()), 'socket')";

/// Addresses, with words for what differs from run to run.
const TEXTS: [&str; 47] = [
    "postgresql://crmreco@127.0.0.1:PORT/postgres",
    "postgres://crmreco@localhost:PORT/postgres",
    "postgresql://crmreco@127.0.0.1:PORT",
    "postgresql://crmreco@127.0.0.1:PORT/cave%20du%20lac",
    "postgresql://crmreco@127.0.0.1:PORT/cave+du+lac",
    "postgresql://scram:p%40%3A%2F%25%3F%C3%A9@127.0.0.1:PORT/postgres",
    "postgresql://scram@127.0.0.1:PORT/postgres",
    "postgresql://scram@localhost:PORT/postgres",
    "postgresql://anne@localhost:PORT/postgres",
    "postgresql://anne@localhost:PORT/cave%20du%20lac",
    "postgresql://anne@127.0.0.1:PORT/postgres",
    "postgresql://anne:faux@localhost:PORT/postgres",
    "postgresql://anne@localhost:PORT/postgres?password=secret",
    "postgresql://anne@localhost:PORT/postgres?passfile=OTHER",
    "postgresql://anne@localhost:PORT/postgres?passfile=OPEN",
    "postgresql://crmreco@ENCODED:PORT/postgres",
    "postgresql:///postgres?host=FOLDER&port=PORT&user=crmreco",
    "postgresql://crmreco@127.0.0.1:1,127.0.0.1:PORT/postgres",
    "postgresql://crmreco@127.0.0.1,localhost:PORT/postgres?connect_timeout=3",
    "postgresql://anne@127.0.0.1:PORT,localhost:PORT/postgres",
    "postgresql://crmreco@/postgres?host=127.0.0.1,127.0.0.1&port=1,PORT",
    "postgresql://crmreco@/postgres?host=127.0.0.1,127.0.0.1&port=PORT",
    "postgresql://crmreco@/postgres?host=127.0.0.1,127.0.0.1&port=1,2,PORT",
    "postgresql://crmreco@ailleurs.invalid:PORT/postgres?hostaddr=127.0.0.1",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?target_session_attrs=read-only",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?target_session_attrs=primary",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?sslmode=require",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?ssl=true",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?sslmod=disable",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?connect_timeout=x",
    "postgresql://crmreco@127.0.0.1:PORT/postgres?application_name",
    "postgresql://crmreco@127.0.0.1:PORTx/postgres",
    "postgresql://crmreco@127.0.0.1:99999/postgres",
    "postgresql://crmreco@[::ffff:127.0.0.1]:PORT/postgres",
    "postgresql://crmreco@[127.0.0.1:PORT/postgres",
    "postgresql://crmreco%4@127.0.0.1:PORT/postgres",
    "postgresql://?service=cave",
    "postgresql://crmreco@?service=cave",
    "postgresql://?service=vide",
    "postgresql://?service=rien",
    "service=cave user=crmreco",
    "host=127.0.0.1 port=PORT user=crmreco dbname='cave du lac'",
    r"host=127.0.0.1 port=PORT user=crmreco dbname=cave\ du\ lac",
    "host = 127.0.0.1   port= PORT user =crmreco dbname=postgres",
    "host=127.0.0.1 port=PORT user=crmreco dbname='postgres",
    "host=127.0.0.1 port=PORT user=crmreco dbname",
    "postgresql://",
];

fn ours(text: &str, variables: &[(&str, &str)]) -> Option<String> {
    let lookup = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let address = Address::parse(text, &lookup, Path::new("/nonexistent")).ok()?;
    let mut client = connect(&address).ok()?;
    let row = client.query_typed_one(QUESTION, &[]).ok()?;
    row.try_get(0).ok()
}

#[test]
fn addresses_lead_where_they_lead_psql() {
    if is_missing() {
        return;
    }
    let access = ["scram", "anne"].map(|role| format!("host all {role} all scram-sha-256"));
    let server = Server::start(&Options {
        access: access.to_vec(),
        ..Options::default()
    });
    server.admin("CREATE ROLE scram LOGIN PASSWORD 'p@:/%?é'");
    server.admin("CREATE ROLE anne LOGIN PASSWORD 'secret'");
    server.admin("CREATE DATABASE \"cave du lac\"");
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    };
    let port = server.port();
    let other = write("other", "*:*:*:*:faux\n", 0o600);
    let open = write("open", "*:*:*:*:secret\n", 0o644);
    write(
        ".pgpass",
        &format!(
            "# ours\nlocalhost:{port}:postgres:anne:secret\n127.0.0.1:*:*:scram:p@\\:/%?é\n*:*:*:anne:\n"
        ),
        0o600,
    );
    write(
        ".pg_service.conf",
        &format!(
            "[cave]\nhost=127.0.0.1\nport={port}\nuser=anne\npassword=secret\n dbname=postgres\n\n[vide]\n"
        ),
        0o600,
    );
    let home = home.path().display().to_string();
    let (port, folder) = (port.to_string(), server.socket().display().to_string());
    let encoded = folder.replace('/', "%2F");
    let variables = [
        vec![],
        vec![
            ("PGHOST", "127.0.0.1"),
            ("PGPORT", &*port),
            ("PGUSER", "crmreco"),
            ("PGDATABASE", "postgres"),
        ],
        vec![("PGPASSWORD", "secret"), ("PGHOST", ""), ("PGPORT", &*port)],
        vec![("PGSERVICE", "cave"), ("PGUSER", "crmreco")],
        vec![("PGSSLMODE", "verify")],
    ];
    let mut led = 0;
    for text in TEXTS {
        let text = text
            .replace("PORT", &port)
            .replace("FOLDER", &folder)
            .replace("ENCODED", &encoded);
        let text = text.replace("OTHER", &other).replace("OPEN", &open);
        for variables in &variables {
            let variables = [&variables[..], &[("HOME", &*home)]].concat();
            let psql = psql_with(&text, QUESTION, &variables).ok();
            let psql = psql.and_then(|rows| rows.into_iter().next());
            led += usize::from(psql.is_some());
            assert_eq!(ours(&text, &variables), psql, "{text} {variables:?}");
        }
    }
    assert!(led > 60, "{led} led somewhere");
}
