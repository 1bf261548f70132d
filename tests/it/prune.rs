//! History is kept for so many days, and what says how things stand for ever.

use std::fs;

use crate::common::{Estate, counts};

/// Moves the instants of the runs numbered so back by as many days.
fn age(estate: &Estate, runs: &str, days: u32) {
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    let moved = |column: &str| {
        format!("{column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-{days} days')")
    };
    let sql = format!(
        "UPDATE runs SET {}, {} WHERE run_id IN ({runs})",
        moved("started_at"),
        moved("ended_at")
    );
    database.execute(&sql, []).unwrap();
}

/// `cave` synced four times, with a rejected row at the first; and `chai`, which failed once.
fn estate() -> Estate {
    let estate = Estate::of_bad("plain");
    let text = estate.export_text("ventes.csv");
    estate.export("ventes.csv", text.replace("27/12/2024", "31/02/2024"));
    estate.sync();
    estate.export("ventes.csv", text);
    for _ in 0..3 {
        estate.sync();
    }
    estate.connector("chai", &estate.root().join("nowhere"));
    estate.crmreco(&["sync", "chai"]).exits(1);
    estate
}

fn runs(estate: &Estate) -> String {
    estate
        .sql("SELECT run_id FROM runs ORDER BY run_id")
        .join(" ")
}

#[test]
fn old_runs_are_deleted_with_their_messages_and_rejects() {
    let estate = estate();
    age(&estate, "1, 2, 3, 5", 401);
    let rows = estate.sql("SELECT count(*) FROM sales_lines");
    let rejects = estate.sql("SELECT count(*) FROM rejects");
    assert_ne!(rejects, ["0"]);

    let would = estate
        .crmreco(&["prune", "--dry-run", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&would["runs"], &would["dry_run"]),
        (&3.into(), &true.into()),
        "{would:#}"
    );
    assert_eq!(runs(&estate), "1 2 3 4 5");
    assert_eq!(estate.sql("SELECT count(*) FROM rejects"), rejects);

    let pruned = estate.crmreco(&["prune", "--json"]).exits(0).json();
    for key in [
        "runs",
        "messages",
        "rejects",
        "keep_days",
        "before",
        "cursors",
    ] {
        assert_eq!(pruned[key], would[key], "{key}");
    }
    // The newest run of `chai` is as old, and says how it stands.
    assert_eq!(runs(&estate), "4 5");
    for table in ["run_tables", "run_messages", "run_phases", "rejects"] {
        let left = estate.sql(&format!("SELECT count(*) FROM {table} WHERE run_id < 4"));
        assert_eq!(left, ["0"], "{table}");
    }
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), rows);
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["connectors"]["chai"]["status"], "error");
    assert!(
        list["connectors"]["chai"]["last_error"].is_string(),
        "{list:#}"
    );

    let again = estate.crmreco(&["prune"]).exits(0);
    again.says(&["Rien à effacer", "400 jours"]);
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").read, 0, "read before");
}

#[test]
fn deleted_data_leaves_no_trace_in_the_file() {
    let estate = Estate::of_bad("plain");
    let text = estate.export_text("ventes.csv");
    estate.export("ventes.csv", text.replace("27/12/2024", "Mme-Zyxwvut"));
    estate.sync();
    estate.export("ventes.csv", text);
    estate.sync();
    let holds_it = || {
        let bytes = fs::read(estate.database()).unwrap();
        bytes.windows(11).any(|window| window == b"Mme-Zyxwvut")
    };
    assert!(holds_it());
    age(&estate, "1", 500);
    estate.crmreco(&["prune"]).exits(0);
    assert!(!holds_it());
}

#[test]
fn days_are_those_of_the_setting_where_the_environment_wins() {
    let estate = estate();
    age(&estate, "1, 2, 3", 31);
    let would = |estate: &Estate, days: Option<&str>| {
        let mut command = estate.command(&["prune", "--dry-run", "--json"]);
        command.envs(days.map(|days| ("CRMRECO_KEEP_DAYS", days)));
        crate::common::Outcome::of(&mut command).exits(0).json()["runs"].clone()
    };
    assert_eq!(would(&estate, None), 0);
    assert_eq!(would(&estate, Some("30")), 3);
    estate.env_lines("CRMRECO_KEEP_DAYS=30");
    assert_eq!(would(&estate, None), 3);
    assert_eq!(would(&estate, Some("32")), 0);
    estate.env_lines("CRMRECO_KEEP_DAYS=\"un an\"");
    for command in [&["prune"][..], &["sync", "cave"]] {
        estate
            .crmreco(command)
            .exits(3)
            .says(&["CRMRECO_KEEP_DAYS", "un an", "400"]);
    }
    // Who only looks is not kept from it.
    estate.crmreco(&["list"]).exits(0);
}

#[test]
fn the_first_success_of_a_day_prunes_and_no_other() {
    let estate = estate();
    age(&estate, "1, 2", 500);
    // One has succeeded today already.
    estate.sync();
    assert_eq!(runs(&estate), "1 2 3 4 5 6");
    age(&estate, "3, 4, 6", 1);
    estate.crmreco(&["sync", "chai"]).exits(1);
    estate.crmreco(&["sync", "cave", "--dry-run"]).exits(0);
    assert_eq!(
        runs(&estate),
        "1 2 3 4 5 6 7",
        "a failure and a dry run delete nothing"
    );
    estate.sync();
    assert_eq!(runs(&estate), "3 4 5 6 7 8");
}

#[test]
fn cursors_of_missing_files_are_deleted_and_others_kept() {
    let estate = Estate::of("plain");
    estate.export("clients_2020.csv", "code_client;nom\nC9;Vieux\n");
    estate.sync();
    let known = || estate.sql("SELECT mark FROM cursors WHERE table_name = 'customers' ORDER BY 1");
    assert_eq!(known(), ["clients.csv", "clients_2020.csv"]);
    fs::remove_file(estate.exports().join("clients_2020.csv")).unwrap();
    age(&estate, "1", 401);
    let text = estate.export_text("clients.csv");
    estate.export("clients_2026.csv", text.replace("Nice", "Cannes"));
    estate.sync();
    assert_eq!(known(), ["clients.csv", "clients_2026.csv"]);
    // What it held stays.
    assert_eq!(
        estate.sql(
            "SELECT coalesce(last_name, company_name) FROM customers WHERE customer_key = 'isavigne-C9'"
        ),
        ["Vieux"]
    );
    let again = estate.sync();
    assert_eq!(counts(&again, "CUSTOMERS").read, 0);
}

#[test]
fn locks_and_cursors_of_a_removed_connector_are_deleted() {
    let estate = estate();
    let lock = |name: &str| estate.home().join(format!("locks/{name}.lock"));
    assert!(lock("cave").exists() && lock("chai").exists());
    estate.crmreco(&["remove", "chai", "--yes"]).exits(0);
    assert!(!lock("chai").exists());
    // As an older version left it.
    fs::write(lock("chai"), "").unwrap();
    fs::write(lock("held"), "").unwrap();
    let held = fs::File::open(lock("held")).unwrap();
    held.lock().unwrap();
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    age(&estate, "1, 2, 3, 4, 5", 401);
    let pruned = estate.crmreco(&["prune", "--json"]).exits(0).json();
    assert_eq!(pruned["cursors"], 5, "{pruned:#}");
    assert!(!lock("chai").exists() && lock("held").exists());
    assert_eq!(estate.sql("SELECT count(*) FROM cursors"), ["0"]);
    assert_ne!(estate.sql("SELECT count(*) FROM sales_lines"), ["0"]);
}

#[test]
fn prune_without_a_database_creates_nothing() {
    let estate = Estate::empty();
    estate
        .crmreco(&["prune"])
        .exits(0)
        .says(&["Rien à effacer"]);
    assert!(!estate.database().exists());
    assert!(!estate.home().join("locks").exists());
}
