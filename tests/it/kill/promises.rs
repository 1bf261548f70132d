//! What holds after a run was stopped, whatever the instant.

use std::fs::{self, File};

use super::scenario::Scenario;
use crate::common::Estate;

/// After a kill: the run is closed as interrupted, unless it was over, and all of [`assert_repaired`].
#[track_caller]
pub fn assert_kept(scenario: &Scenario, estate: &Estate, runs_before: usize) {
    // Whatever command looks next closes what a dead process left open.
    estate.crmreco(&["status"]).exits(0);
    for run in runs(estate).iter().skip(runs_before) {
        let (connector, status) = run.split_once('|').unwrap();
        let was_over = status != "interrupted";
        assert!(
            !was_over || scenario.is_done_for(connector, estate),
            "{run}"
        );
    }
    scenario.assert_between_loads(estate);
    assert_repaired(scenario, estate);
}

/// Nothing is torn, the lock is free, and the next sync does the rest.
#[track_caller]
pub fn assert_repaired(scenario: &Scenario, estate: &Estate) {
    estate.crmreco(&["status"]).exits(0);
    assert_whole(estate);
    assert_locks_are_free(estate);
    scenario.assert_tables_whole(estate);
    scenario.assert_repaired(estate);
    assert_whole(estate);
}

/// The database is sound, no run is open, and no row cites a run that is not in the history.
#[track_caller]
pub fn assert_whole(estate: &Estate) {
    if !estate.database().exists() {
        return;
    }
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
    assert!(estate.sql("PRAGMA foreign_key_check").is_empty());
    assert_no_run_is_open(estate);
    for table in crate::common::SQL_TABLES {
        let orphans =
            format!("SELECT * FROM {table} WHERE run_id NOT IN (SELECT run_id FROM runs)");
        assert!(estate.sql(&orphans).is_empty(), "{table}");
    }
}

#[track_caller]
pub fn assert_no_run_is_open(estate: &Estate) {
    let runs = runs(estate);
    assert!(
        !runs.iter().any(|run| run.ends_with("|running")),
        "{runs:?}"
    );
}

/// The runs, the oldest first: `connector|status`.
pub fn runs(estate: &Estate) -> Vec<String> {
    let has_history = estate.database().exists()
        && !estate
            .sql("SELECT 1 FROM sqlite_schema WHERE name = 'runs'")
            .is_empty();
    if !has_history {
        return Vec::new();
    }
    estate.sql("SELECT source, status FROM runs ORDER BY run_id")
}

#[track_caller]
fn assert_locks_are_free(estate: &Estate) {
    let Ok(locks) = fs::read_dir(estate.home().join("locks")) else {
        return;
    };
    for lock in locks {
        let path = lock.unwrap().path();
        let file = File::open(&path).unwrap();
        assert!(file.try_lock().is_ok(), "{} is held", path.display());
    }
}
