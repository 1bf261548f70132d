//! A clock that was set back: what is newest does not depend on it.

use crate::common::{Estate, counts};

/// A synced estate all of whose instants lie in a future that the clock has left.
fn synced_in_the_future() -> Estate {
    let estate = Estate::of("plain");
    estate.sync();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    database
        .execute_batch(
            "UPDATE runs SET started_at = '2099-01-01T00:00:00Z', ended_at = '2099-01-01T00:00:05Z';
             UPDATE segmented SET day = '2099-01-01';
             UPDATE customers SET updated_at = '2099-01-01T00:00:00Z';
             UPDATE sales_lines SET updated_at = '2099-01-01T00:00:00Z';",
        )
        .unwrap();
    estate
}

#[test]
fn changes_are_read_and_reported_as_the_newest() {
    let estate = synced_in_the_future();
    let text = estate.export_text("clients.csv");
    estate.export("clients.csv", text.replace("Nice", "Cannes"));
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").updated, 1);
    assert_eq!(counts(&answer, "SALES_LINES").read, 0, "read before");

    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["logs"][0]["run_id"], 2, "{logs:#}");
    let show = estate.crmreco(&["show", "cave", "--json"]).exits(0).json();
    assert_eq!(show["status"]["last_sync"], logs["logs"][0]["timestamp"]);
    assert_eq!(show["status"]["status"], "healthy");
    estate.crmreco(&["status", "--max-age", "26h"]).exits(0);
}

#[test]
fn a_repeated_sync_changes_nothing_with_a_wrong_clock() {
    let estate = synced_in_the_future();
    for args in [&[][..], &["--full"]] {
        let answer = estate.sync_with(args, 0);
        for (table, counts) in answer["records"].as_object().unwrap() {
            for change in ["inserted", "updated", "deleted"] {
                assert_eq!(counts[change], 0, "{table} {change}");
            }
        }
    }
}

/// A success of a day that has not come yet proves nothing, least of all for the years until then.
#[test]
fn a_success_in_the_future_does_not_hide_a_late_connector() {
    let estate = synced_in_the_future();
    let alarm = estate.crmreco(&["status", "--max-age", "26h"]);
    alarm.exits(1).says(&["cave"]);
    estate.sync();
    estate.crmreco(&["status", "--max-age", "26h"]).exits(0);
}
