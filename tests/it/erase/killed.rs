//! Killed at every call that changes a file: a customer is there as before, or erased.

use super::{MONTHS, assert_gone, erase, estate};
use crate::common::Estate;
use crate::strace::{self, CHANGES, Injection, Traced};

const ERASE: &[&str] = &["erase", "isavigne-C1", "--yes"];

/// Of the calls of a kind, a short run looks at one in this many.
const ONE_IN: usize = 7;

/// Customers, contacts, named lines, nameless lines and marks.
fn state(estate: &Estate) -> Vec<String> {
    estate.sql(
        "SELECT (SELECT count(*) FROM customers WHERE customer_key = 'isavigne-C1'),
                (SELECT count(*) FROM contact_history WHERE customer_key = 'isavigne-C1'),
                (SELECT count(*) FROM sales_lines WHERE customer_key = 'isavigne-C1'),
                (SELECT count(*) FROM sales_lines WHERE customer_key LIKE 'erased-%'),
                (SELECT count(*) > 0 FROM erasure_marks),
                (SELECT rows FROM row_counts WHERE table_name = 'customers')",
    )
}

#[test]
fn an_erasure_is_whole_or_not_begun_at_every_instant() {
    if strace::is_missing() {
        return;
    }
    let calls = strace::count(&estate().command(ERASE), &CHANGES);
    let step = if std::env::var_os("CRMRECO_TEST_KILLS").is_some() {
        1
    } else {
        ONE_IN
    };
    let (mut before, mut after) = (0, 0);
    for kind in CHANGES {
        let names = kind.split(',').map(|name| name.trim_start_matches('?'));
        let count = names
            .filter_map(|name| calls.get(name))
            .max()
            .copied()
            .unwrap_or(0);
        for nth in (1..=count).step_by(step) {
            let estate = estate();
            let months = estate.sql(MONTHS);
            let killed = Traced::run(
                &estate.command(ERASE),
                &Injection::at(kind, "signal=KILL", nth),
            );
            if !killed.was_hit {
                break;
            }
            match state(&estate).concat().as_str() {
                "1|1|2|0|0|3" => {
                    before += 1;
                    erase(&estate, "isavigne-C1");
                }
                "0|0|0|2|1|2" => after += 1,
                other => panic!("{kind} number {nth}: {other}"),
            }
            assert_eq!(estate.sql(MONTHS), months);
            estate.sync();
            assert_eq!(state(&estate), ["0|0|0|2|1|2"]);
            assert_gone(&estate);
        }
    }
    println!("{before} kills before, {after} after");
    assert!(before > 0 && after > 0, "{before}, {after}");
}

/// Whatever fails on the way is told, and the next command does the rest.
#[test]
fn a_disk_that_fills_up_is_told_and_leaves_nothing_half_done() {
    if strace::is_missing() {
        return;
    }
    let calls = strace::count(&estate().command(ERASE), &["pwrite64"]);
    let count = calls.get("pwrite64").copied().unwrap_or(0);
    let mut finished = 0;
    for nth in (1..=count).step_by(count / 12 + 1) {
        let estate = estate();
        let full = Injection::at("pwrite64", "error=ENOSPC", nth).and_after();
        let ended = Traced::run(&estate.command(ERASE), &full);
        let outcome = crate::common::Outcome::from(ended.output);
        let is_erased = state(&estate) == ["0|0|0|2|1|2"];
        // The last bytes of all are those of the log, which a later command copies.
        if outcome.code == Some(0) {
            assert!(is_erased);
        } else if is_erased {
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            outcome.says(&["le client est effacé", "prochaine synchronisation"]);
            finished += 1;
            estate.sync();
        } else {
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            assert_eq!(state(&estate), ["1|1|2|0|0|3"]);
            assert!(!outcome.text().contains("client est effacé"), "{outcome:?}");
            erase(&estate, "isavigne-C1");
        }
        assert_gone(&estate);
    }
    assert!(finished > 0);
}
