//! Who takes over a lease ends the session of its former holder, and no other.

use postgres::{Client, NoTls};

use super::server::{Server, is_missing, psql};
use crate::common::{Estate, Outcome};

/// A session of this name, in a transaction that writes.
fn session(url: &str, name: &str) -> Client {
    let mut client = Client::connect(&format!("{url}?application_name={name}"), NoTls).unwrap();
    client
        .batch_execute("BEGIN; UPDATE crmreco.customers SET last_name = 'Martin'")
        .unwrap();
    client
}

#[test]
fn only_the_session_of_a_vanished_holder_is_ended() {
    if is_missing() {
        return;
    }
    let url = Server::shared().fresh_database();
    let estate = Estate::of("plain");
    let sync = |args: &[&str]| {
        let mut command = estate.command(&[&["sync", "cave"], args].concat());
        Outcome::of(command.env("CRMRECO_DATABASE", &url)).exits(0)
    };
    sync(&[]);
    // Behind a pooler, the process that served the last holder serves somebody else by now.
    let mut other = Client::connect(&format!("{url}?application_name=crmreco"), NoTls).unwrap();
    sync(&["--full"]);
    other.batch_execute("SELECT 1").unwrap();

    // One that holds the rows, and does not go on.
    let mut stuck = session(&url, "crmreco%20gone");
    psql(
        &url,
        "UPDATE crmreco.leases SET holder = 'gone', expires_at = now() - interval '1 minute'",
    );
    let clients = estate.export_text("clients.csv").replace("Paris", "Lyon");
    estate.export("clients.csv", clients);
    sync(&["--full"]);
    assert!(stuck.batch_execute("COMMIT").is_err());
    let rows = psql(
        &url,
        "SELECT count(*) FROM crmreco.customers WHERE last_name = 'Martin'",
    );
    assert_ne!(rows, ["3"]);
}
