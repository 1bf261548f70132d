//! Only its owner can read a home folder, whatever the umask; other accounts cannot block its owner.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{Estate, Outcome, assert_says, set_mode};
use crate::serve::served::Served;
use serde_json::json;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The mode of all that is in a home, by its path in it.
fn modes(home: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::from([(".".to_owned(), mode(home))]);
    let mut folders = vec![home.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(home).unwrap().display().to_string();
            found.insert(name, mode(&path));
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn assert_closed(home: &Path) {
    for (name, mode) in modes(home) {
        let wanted = if home.join(&name).is_dir() {
            0o700
        } else {
            0o600
        };
        assert_eq!(mode, wanted, "{name}: {mode:o}");
    }
}

/// The program under a umask.
fn under(umask: &str, estate: &Estate, args: &[&str]) -> Outcome {
    let program = env!("CARGO_BIN_EXE_crmreco");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask $0; exec \"$@\"", umask, program])
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", estate.root())
        .env("CRMRECO_HOME", estate.home())
        .env("NO_COLOR", "1");
    Outcome::of(&mut shell)
}

#[test]
fn created_files_are_private_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let estate = Estate::of("plain");
        fs::remove_dir_all(estate.home()).unwrap();
        let exports = estate.exports();
        let add = [
            "add",
            "cave",
            "--type",
            "isavigne",
            "--path",
            exports.to_str().unwrap(),
        ];
        under(umask, &estate, &add).exits(0);
        // A reader keeps the write-ahead log there once the sync is over.
        under(umask, &estate, &["sync", "cave"]).exits(0);
        let reader = rusqlite::Connection::open(estate.database()).unwrap();
        let rows: i64 = reader
            .query_row("SELECT count(*) FROM customers", [], |row| row.get(0))
            .unwrap();
        assert!(rows > 0);
        let mended = under(umask, &estate, &["sync", "cave", "--full"]).exits(0);
        let found = modes(&estate.home());
        for name in [
            ".",
            ".env",
            "crmreco.db",
            "crmreco.db-wal",
            "crmreco.db-shm",
            "locks",
            "locks/cave.lock",
        ] {
            assert!(found.contains_key(name), "{name}: {found:?}");
        }
        assert_closed(&estate.home());
        assert!(!mended.text().contains("resserrés"), "{mended:?}");
    }
}

#[test]
fn the_copy_of_a_first_sync_is_private() {
    let estate = Estate::of("plain");
    let home = estate.home();
    let copy = home.join("crmreco.db-before");
    let mut seen = false;
    // It is there for some milliseconds only.
    for _ in 0..20 {
        let _ = fs::remove_file(estate.database());
        let mut sync = estate
            .command(&["sync", "cave", "--quiet"])
            .spawn()
            .unwrap();
        while sync.try_wait().unwrap().is_none() {
            for name in ["crmreco.db", "crmreco.db-journal", "crmreco.db-before"] {
                if let Ok(found) = fs::metadata(home.join(name)) {
                    assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
                }
            }
            seen |= copy.exists();
        }
        if seen {
            break;
        }
    }
    assert!(seen, "the copy was never seen");
}

#[test]
fn wide_modes_are_narrowed_and_reported_once() {
    let estate = Estate::of("plain");
    estate.sync();
    let home = estate.home();
    for name in [".env", "crmreco.db", "locks/cave.lock"] {
        set_mode(&home.join(name), 0o644);
    }
    set_mode(&home.join("locks"), 0o755);
    set_mode(&home, 0o755);
    let first = estate.crmreco(&["list", "--json"]).exits(0);
    assert_says(&first.stderr, &["droits sont resserrés", "et 4 autres"]);
    assert_closed(&home);
    let second = estate.crmreco(&["list", "--json"]).exits(0);
    assert_eq!(second.stderr, "");
}

#[test]
fn an_existing_home_becomes_private() {
    let estate = Estate::of("plain");
    fs::remove_file(estate.env_path()).unwrap();
    set_mode(&estate.home(), 0o777);
    let exports = estate.exports();
    let add = [
        "add",
        "cave",
        "--type",
        "isavigne",
        "--path",
        exports.to_str().unwrap(),
    ];
    estate.crmreco(&add).exits(0);
    assert_closed(&estate.home());
}

/// As a neighbour who can open the folder does it, and never lets go.
#[test]
fn a_lock_on_the_home_folder_blocks_neither_add_nor_the_pages() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let held = File::open(estate.home()).unwrap();
    held.lock().unwrap();
    let exports = estate.exports();
    let add = [
        "add",
        "chai",
        "--type",
        "isavigne",
        "--path",
        exports.to_str().unwrap(),
    ];
    let begun = Instant::now();
    let refused = estate
        .crmreco(&add)
        .exits(1)
        .says(&["tenu par un autre programme", "rien n'a été changé"]);
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    if cfg!(target_os = "linux") {
        let id = std::process::id().to_string();
        assert_says(&refused.text(), &["processus", &id]);
    }
    estate
        .crmreco(&["remove", "cave", "--yes"])
        .exits(1)
        .says(&["tenu par un autre programme"]);
    let chai = json!({
        "connector_name": "chai",
        "connector_type": "isavigne",
        "export_path": exports,
    });
    let begun = Instant::now();
    let refused = served.post("/connectors").json(&chai).send();
    refused.fails(500, &["tenu par un autre programme"]);
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    served.json("/connectors").is(200);
    drop(held);
    estate.crmreco(&add).exits(0);
}
