//! What the system refuses, at every call in turn: a disk that is full or fails, a share that vanishes, a file that
//! reads shorter than it was. The run says so in French and exits 1, and nothing is torn or lost.

use std::path::PathBuf;

use super::instants;
use super::promises::assert_repaired;
use super::scenario::{self, Scenario};
use crate::common::{Estate, Outcome, assert_says};
use crate::strace::{self, Injection, Traced};

/// Of the instants there are, a short run looks at one in this many.
const ONE_IN: usize = 25;

/// How a fault goes on.
#[derive(Clone, Copy, PartialEq)]
enum Lasts {
    Once,
    FromThenOn,
}
use Lasts::{FromThenOn, Once};

/// The files of the home, under the names by which the program asks for them.
fn of_home(estate: &Estate) -> Vec<PathBuf> {
    let names = [
        "crmreco.db",
        "crmreco.db-wal",
        "crmreco.db-shm",
        "crmreco.db-journal",
        "crmreco.db-before",
        "crmreco.db-before-journal",
        "locks/cave.lock",
        "locks",
    ];
    let home = estate.home();
    names.map(|name| home.join(name)).into()
}

/// The exports, likewise: by the setting, and by where that leads.
fn of_exports(estate: &Estate) -> Vec<PathBuf> {
    let names = [
        "",
        "clients.csv",
        "produits.csv",
        "ventes.csv",
        "stock.csv",
        "contacts.csv",
    ];
    let folders = [estate.home().join("../exports"), estate.exports()];
    let join = |folder: &PathBuf| {
        names.map(|name| match name {
            "" => folder.clone(),
            name => folder.join(name),
        })
    };
    folders.iter().flat_map(join).collect()
}

fn failed(
    scenario: &Scenario,
    paths: fn(&Estate) -> Vec<PathBuf>,
    (calls, error, lasts): (&str, &str, Lasts),
) {
    let mut hits = 0;
    // Short runs look at the first calls, which open and lock, and at a few of those that follow.
    for nth in instants(2 * ONE_IN, ONE_IN, calls.len() + error.len()) {
        let estate = scenario.estate();
        println!("{}: {error} at {calls} number {nth}", scenario.name);
        let mut injection = Injection::at(calls, error, nth).on(&paths(&estate));
        if lasts == FromThenOn {
            injection = injection.and_after();
        }
        let traced = Traced::run(&estate.command(scenario.args), &injection);
        if !traced.was_hit {
            assert_eq!(traced.output.status.code(), Some(scenario.code));
            break;
        }
        hits += 1;
        assert_told(scenario, &estate, &traced);
        assert_repaired(scenario, &estate);
    }
    println!("{}: {error} at {hits} instants of {calls}", scenario.name);
}

/// It was overcome, or it was told in French with what to do.
fn assert_told(scenario: &Scenario, estate: &Estate, traced: &Traced) {
    let outcome = Outcome::from(traced.output.clone());
    assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:#?}");
    if outcome.code == Some(1) {
        assert_says(&outcome.stderr, &["✗"]);
        assert!(!outcome.text().contains("os error"), "{outcome:#?}");
        let advises = outcome.stderr.contains("→") || outcome.stderr.matches(". ").count() > 0;
        assert!(advises, "{outcome:#?}");
    } else {
        let waits = outcome.text().contains("prochaine synchronisation");
        assert!(waits || scenario.is_done(estate), "{outcome:#?}");
    }
}

const OF_HOME: [(&str, &str, Lasts); 11] = [
    ("pwrite64", "error=ENOSPC", FromThenOn),
    ("pwrite64", "error=ENOSPC", Once),
    ("pwrite64", "error=EIO", Once),
    ("fsync", "error=EIO", Once),
    ("fdatasync", "error=EIO", Once),
    ("ftruncate", "error=ENOSPC", Once),
    ("?unlink,?unlinkat", "error=EACCES", Once),
    ("openat", "error=EACCES", Once),
    ("openat", "error=EROFS", FromThenOn),
    ("pread64", "error=EIO", Once),
    ("?flock", "error=ENOLCK", Once),
];

const OF_EXPORTS: [(&str, &str, Lasts); 8] = [
    ("openat", "error=ENOENT", Once),
    ("openat", "error=ENOENT", FromThenOn),
    ("openat", "error=EMFILE", Once),
    ("read", "error=EIO", Once),
    ("read", "error=ESTALE", FromThenOn),
    ("read", "retval=0", Once),
    ("lseek", "error=EIO", Once),
    ("getdents64", "error=EIO", Once),
];

#[test]
fn io_errors_of_the_home_leave_nothing_half_done() {
    if strace::is_missing() {
        return;
    }
    for scenario in [scenario::first(), scenario::changed()] {
        for fault in OF_HOME {
            failed(&scenario, of_home, fault);
        }
    }
}

#[test]
fn io_errors_of_exports_lose_nothing() {
    if strace::is_missing() {
        return;
    }
    for scenario in [scenario::first(), scenario::changed()] {
        for fault in OF_EXPORTS {
            failed(&scenario, of_exports, fault);
        }
    }
}
