//! A slow server does not block other connectors.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::estate::replayed;
use super::fault::Fault;
use super::when::When;
use crate::common::counts;

/// Long before a load that is waited for would give up.
const AT_ONCE: Duration = Duration::from_secs(5);

#[test]
fn another_connector_syncs_while_odoo_is_slow() {
    let (stub, estate) = replayed("19.0/1-first");
    estate.connector("files", &estate.exports());
    estate.export("clients.csv", "Code client;Nom\nC1;Dupont\n");
    // The second question is the first page: rows are on their way when the server falls silent.
    stub.fault(When::call("sale.order", "search_read").nth(2), Fault::Hang);
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let mut waiting = command.stdout(Stdio::null()).spawn().unwrap();
    while stub.calls("sale.order", "search_read").len() < 2 {
        thread::sleep(Duration::from_millis(20));
    }
    let begun = Instant::now();
    let answer = estate.crmreco(&["sync", "files", "--json"]).exits(0).json();
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 1);
    assert_eq!(
        waiting.try_wait().unwrap(),
        None,
        "Odoo is still waited for"
    );
    waiting.kill().unwrap();
    waiting.wait().unwrap();
}
