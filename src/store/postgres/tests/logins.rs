//! Connections and logins at a real server.

use super::server::{OWNER, Options, SUPERUSER, Server, is_missing};
use super::{address, connect, parse, refusal, says};
use crate::error::ErrorKind;

/// A value that the server gives.
fn value(text: &str, question: &str) -> String {
    let mut client = connect(&address(text)).unwrap();
    client.query_typed_one(question, &[]).unwrap().get(0)
}

#[test]
fn a_port_and_a_socket_lead_to_the_server() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let database = server.fresh_name();
    for url in [
        server.url(OWNER, &database),
        server.socket_url(OWNER, &database),
    ] {
        assert_eq!(value(&url, "SELECT current_user::text"), OWNER);
        assert_eq!(value(&url, "SELECT current_database()::text"), database);
        let setting = "SELECT current_setting('application_name')";
        assert_eq!(value(&url, setting), "crmreco");
        assert_eq!(
            value(&url, "SELECT current_setting('client_encoding')"),
            "UTF8"
        );
    }
    // The folder of the socket as host of the URL, percent-encoded.
    let folder = server.socket().display().to_string().replace('/', "%2F");
    let url = format!("postgresql://{OWNER}@{folder}:{}/{database}", server.port());
    assert_eq!(
        value(&url, "SELECT coalesce(host(inet_client_addr()), 'socket')"),
        "socket"
    );
    let words = format!(
        "host=127.0.0.1 port={} user={OWNER} dbname={database}",
        server.port()
    );
    assert_eq!(
        value(&words, "SELECT host(inet_client_addr())"),
        "127.0.0.1"
    );
}

#[test]
fn parameters_reach_the_server() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let url = server.url(OWNER, &server.fresh_name());
    let named = format!("{url}?application_name=essai&options=-c%20statement_timeout%3D1234");
    assert_eq!(
        value(&named, "SELECT current_setting('application_name')"),
        "essai"
    );
    assert_eq!(
        value(&named, "SELECT current_setting('statement_timeout')"),
        "1234ms"
    );
    // Without a time limit.
    let current = "SELECT current_user::text";
    assert_eq!(value(&format!("{url}?connect_timeout=0"), current), OWNER);
    let port = server.port().to_string();
    let database = server.fresh_name();
    let variables = [
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", port.as_str()),
        ("PGUSER", OWNER),
        ("PGDATABASE", database.as_str()),
    ];
    let mut client = connect(&parse("postgresql://", &variables).unwrap()).unwrap();
    let row = client
        .query_typed_one("SELECT current_database()::text", &[])
        .unwrap();
    assert_eq!(row.get::<_, String>(0), database);
}

#[test]
fn a_password_is_checked_by_scram_and_md5() {
    if is_missing() {
        return;
    }
    let ways = [
        ("scram", "scram-sha-256"),
        ("md5", "md5"),
        ("password", "password"),
    ];
    let access = ways.map(|(role, way)| format!("host all {role} 127.0.0.1/32 {way}"));
    let server = Server::start(&Options {
        access: access.to_vec(),
        ..Options::default()
    });
    server.admin("CREATE ROLE scram LOGIN PASSWORD 'mot de passe@/:%'");
    server.admin("CREATE ROLE password LOGIN PASSWORD 'p'");
    server.admin("SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD 'p'");
    for (role, password) in [
        ("scram", "mot%20de%20passe%40%2F%3A%25"),
        ("md5", "p"),
        ("password", "p"),
    ] {
        let url = server.url(&format!("{role}:{password}"), "postgres");
        assert_eq!(value(&url, "SELECT current_user::text"), role);
        let wrong = refusal(&server.url(&format!("{role}:secretfaux"), "postgres"));
        says(
            &wrong,
            &[
                "refuse le mot de passe",
                role,
                "PGPASSWORD",
                "~/.pgpass",
                "CRMRECO_DATABASE",
            ],
        );
        assert_eq!(wrong.kind(), ErrorKind::Store);
        assert!(!format!("{wrong:?}{}", wrong.full_text()).contains("secretfaux"));
        let none = refusal(&server.url(role, "postgres"));
        says(&none, &["demande un mot de passe", "aucun n'est donné"]);
    }
}

#[test]
fn roles_and_databases_that_do_not_exist_are_named() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let role = refusal(&server.url("personne", "postgres"));
    says(
        &role,
        &[
            "postgresql://personne@127.0.0.1",
            "rôle",
            "n'existe pas",
            "« role \"personne\" does not exist »",
            "CREATE ROLE",
        ],
    );
    let database = refusal(&server.url(SUPERUSER, "nulle_part"));
    says(
        &database,
        &["base", "n'existe pas", "nulle_part", "CREATE DATABASE"],
    );
}
