//! The program on a real PostgreSQL server.

mod equal;
mod estates;
mod killed;
mod machines;
mod midway;
mod moved;
mod pooler;
mod refusals;
pub mod server;
mod takeover;

use server::{OWNER, Options, SUPERUSER, Server, psql};

#[test]
fn a_server_has_new_databases_that_a_plain_role_owns() {
    if server::is_missing() {
        return;
    }
    let server = Server::shared();
    let (one, other) = (server.fresh_database(), server.fresh_database());
    assert_ne!(one, other);
    assert!(one.contains(&format!(":{}/", server.port())), "{one}");
    psql(
        &one,
        "CREATE TABLE wines(code text); INSERT INTO wines VALUES ('ROUGE')",
    );
    assert_eq!(
        psql(&one, "SELECT code, current_user FROM wines"),
        [format!("ROUGE|{OWNER}")]
    );
    assert!(psql(&other, "SELECT * FROM pg_tables WHERE tablename = 'wines'").is_empty());
    let rights = server.admin(&format!(
        "SELECT rolsuper FROM pg_roles WHERE rolname = '{OWNER}'"
    ));
    assert_eq!(rights, ["f"]);
}

#[test]
fn a_server_stops_and_starts_again_with_its_rows() {
    if server::is_missing() {
        return;
    }
    let server = Server::start(&Options::default());
    let url = server.socket_url(SUPERUSER, "postgres");
    psql(&url, "CREATE TABLE wines(code text); CHECKPOINT");
    for is_immediate in [false, true] {
        server.stop(is_immediate);
        assert_eq!(server.pid(), None);
        server.start_again();
        assert!(psql(&url, "SELECT * FROM wines").is_empty());
    }
}
