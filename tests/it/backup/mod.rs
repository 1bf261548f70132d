//! `backup`, `backup verify` and `restore`: what is put back is what was there, and nothing else is touched.

mod archives;
mod erased;
#[cfg(target_os = "linux")]
mod failing;
#[cfg(target_os = "linux")]
mod killed;
mod meanwhile;
mod refused;
mod secrets;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{Estate, Outcome, SQL_TABLES, TABLES, copy_folder};
use crate::ordered::Shape;

/// An estate after its first sync.
fn synced() -> Estate {
    let estate = Estate::of_bad("plain");
    estate.sync();
    estate
}

/// Makes a backup in the default folder; the answer, and where it is.
#[track_caller]
fn back_up(estate: &Estate) -> (Value, PathBuf) {
    back_up_with(estate, &[])
}

#[track_caller]
fn back_up_with(estate: &Estate, args: &[&str]) -> (Value, PathBuf) {
    let answer = estate.crmreco(&[&["backup", "--json"], args].concat());
    let answer = answer.exits(0).json();
    assert_eq!(answer["success"], true, "{answer:#}");
    let file = PathBuf::from(answer["file"].as_str().unwrap());
    assert_eq!(
        answer["bytes"],
        fs::metadata(&file).unwrap().len(),
        "{answer:#}"
    );
    (answer, file)
}

#[track_caller]
fn restore(estate: &Estate, file: &Path) -> Value {
    let answer = restoring(estate, file, &["--json"]).exits(0).json();
    assert_eq!(answer["success"], true, "{answer:#}");
    answer
}

fn restoring(estate: &Estate, file: &Path, args: &[&str]) -> Outcome {
    let file = file.to_str().unwrap();
    estate.crmreco(&[&["restore", file, "--yes"], args].concat())
}

/// A home with nothing in it, over the same exports.
fn elsewhere(estate: &Estate) -> Estate {
    let other = Estate::bare();
    copy_folder(&estate.exports(), &other.exports());
    other
}

/// Names in `folder`, without those that begin with `prefix`.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// What must not be left behind: a copy in the home, or half a backup.
#[track_caller]
fn assert_no_leftovers(estate: &Estate) {
    let left = names(&estate.home());
    let is_work = |name: &String| {
        ["crmreco.backup-", "crmreco.backup.tmp", ".env.crmreco-"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    assert!(!left.iter().any(is_work), "{left:?}");
    let backups = estate.home().join("backups");
    if backups.exists() {
        let left = names(&backups);
        assert!(
            left.iter().all(|name| name.ends_with(".tar.zst")),
            "{left:?}"
        );
    }
}

/// The databases kept by restores.
fn kept(estate: &Estate) -> Vec<String> {
    let names = names(&estate.home()).into_iter();
    names
        .filter(|name| name.starts_with("crmreco.db.before-"))
        .collect()
}

#[test]
fn a_backup_restored_elsewhere_is_the_same_to_the_last_value() {
    let estate = synced();
    let (answer, file) = back_up(&estate);
    for (name, table) in TABLES.iter().zip(SQL_TABLES) {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(answer["rows"][name].to_string(), estate.sql(&count)[0]);
    }
    let shape = Shape::of(&estate.crmreco(&["backup", "--json"]).stdout);
    shape.starts_with(&[
        "success",
        "message",
        "file",
        "bytes",
        "rows",
        "sums",
        "duration_seconds",
    ]);
    assert_no_leftovers(&estate);

    let other = elsewhere(&estate);
    let restored = restore(&other, &file);
    assert_eq!(restored["rows"], answer["rows"]);
    assert_eq!(restored["sums"], answer["sums"]);
    assert_eq!(restored["before"], Value::Null);
    assert_eq!(restored["settings_restored"], true);
    assert_eq!(other.dump(), estate.dump());
    let history = "SELECT * FROM runs";
    assert_eq!(other.sql(history), estate.sql(history));
    assert_no_leftovers(&other);
    assert_eq!(back_up(&other).0["sums"], answer["sums"]);
    // It is a home like any other: the files were read, and nothing is read twice.
    let again = other.sync();
    assert_eq!(again["records_processed"]["CUSTOMERS"], 0, "{again:#}");
}

#[test]
fn a_restored_state_replaces_the_newer_one_which_is_kept() {
    let estate = synced();
    let before = estate.dump();
    let (answer, file) = back_up(&estate);
    estate.export("clients.csv", "code_client;nom\nC9;Nouveau\n");
    estate.sync();
    let after = estate.dump();
    assert_ne!(after, before);
    let settings = estate.env_text();

    let restored = restore(&estate, &file);
    assert_eq!(restored["sums"], answer["sums"]);
    assert_eq!(restored["settings_restored"], false);
    assert_eq!(estate.dump(), before);
    assert_eq!(estate.env_text(), settings);
    let kept = kept(&estate);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let path = estate.home().join(&kept[0]);
    assert_eq!(restored["before"], path.to_str().unwrap());
    assert_no_leftovers(&estate);

    // What was kept is a whole database.
    fs::rename(path, estate.database()).unwrap();
    assert_eq!(estate.dump(), after);
    estate.sync();
}

#[test]
fn a_backup_that_was_tampered_with_or_not_is_told_by_verify() {
    let estate = synced();
    let (answer, file) = back_up(&estate);
    for args in [&["--latest"][..], &[file.to_str().unwrap()]] {
        let verified = estate.crmreco(&[&["backup", "verify", "--json"], args].concat());
        let verified = verified.exits(0).json();
        assert_eq!(verified["sums"], answer["sums"]);
        assert_eq!(verified["file"], answer["file"]);
        assert_eq!(verified["created_at"], answer["created_at"]);
    }
    estate
        .crmreco(&["backup", "verify", "--latest"])
        .exits(0)
        .says(&["✓ Sauvegarde saine", "lignes"]);
    assert_no_leftovers(&estate);
}

#[test]
fn the_newest_are_kept_and_those_of_other_homes_stay() {
    let (estate, other) = (synced(), synced());
    let folder = estate.root().join("nas");
    fs::create_dir(&folder).unwrap();
    let to = folder.to_str().unwrap();
    let theirs = back_up_with(&other, &["--to", to]).1;
    fs::write(folder.join("crmreco-notes.tar.zst"), "Notes").unwrap();
    fs::write(folder.join("photo.jpg"), "").unwrap();
    let mine: Vec<PathBuf> = (0..4)
        .map(|_| back_up_with(&estate, &["--to", to, "--keep", "9"]).1)
        .collect();
    let (answer, newest) = back_up_with(&estate, &["--to", to, "--keep", "2"]);
    let removed: Vec<&str> = mine[..3]
        .iter()
        .map(|path| path.to_str().unwrap())
        .collect();
    assert_eq!(answer["removed"], json!(removed));
    let mut left: Vec<PathBuf> = names(&folder)
        .iter()
        .map(|name| folder.join(name))
        .collect();
    left.retain(|path| path.extension().is_some_and(|end| end == "zst"));
    let mut expected = vec![
        theirs,
        folder.join("crmreco-notes.tar.zst"),
        mine[3].clone(),
        newest.clone(),
    ];
    expected.sort();
    assert_eq!(left, expected);
    assert!(folder.join("photo.jpg").exists());
    // The newest is found in the folder of the last backup.
    let verified = estate.crmreco(&["backup", "verify", "--latest", "--json"]);
    assert_eq!(verified.exits(0).json()["file"], newest.to_str().unwrap());
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let other = elsewhere(&estate);
    fs::remove_dir(other.home()).unwrap();
    let file = file.to_str().unwrap();
    for (estate, word) in [(&estate, "remplacerait"), (&other, "deviendrait")] {
        let before = estate
            .home()
            .exists()
            .then(|| (names(&estate.home()), estate.dump()));
        let outcome = estate.crmreco(&["restore", file, "--dry-run"]).exits(0);
        outcome.says(&["✓ Sauvegarde saine", word]);
        let answer = estate.crmreco(&["restore", file, "--dry-run", "--json"]);
        assert_eq!(answer.exits(0).json()["dry_run"], true);
        let after = estate
            .home()
            .exists()
            .then(|| (names(&estate.home()), estate.dump()));
        assert_eq!(before, after);
    }
}

#[test]
fn standard_output_takes_a_backup_too() {
    let estate = synced();
    let made = estate.command(&["backup", "--to", "-"]).output().unwrap();
    assert_eq!(made.status.code(), Some(0));
    let told = String::from_utf8(made.stderr).unwrap();
    assert!(told.contains("✓ Sauvegarde écrite"), "{told}");
    let file = estate.root().join("piped.tar.zst");
    fs::write(&file, made.stdout).unwrap();
    let other = elsewhere(&estate);
    restore(&other, &file);
    assert_eq!(other.dump(), estate.dump());
}

#[cfg(unix)]
#[test]
fn all_that_is_made_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let estate = synced();
    let (_, file) = back_up(&estate);
    let other = elsewhere(&estate);
    restore(&other, &file);
    restore(&other, &file);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    assert_eq!(mode(&file), 0o600);
    for name in names(&other.home()) {
        let path = other.home().join(name);
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

#[test]
fn doctor_says_how_old_the_last_backup_is() {
    let estate = synced();
    let check = |estate: &Estate| {
        let answer = estate.crmreco(&["doctor", "--quick", "--json"]).json();
        let checks = answer["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["name"] == "backup");
        let found = found.unwrap_or_else(|| panic!("{answer:#}"));
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        (text("state"), text("detail"), text("command"))
    };
    let (state, detail, command) = check(&estate);
    assert_eq!(state, "warn");
    assert!(detail.contains("aucune"), "{detail}");
    assert!(command.ends_with(" backup"), "{command}");

    let (_, file) = back_up(&estate);
    assert_eq!(check(&estate).0, "ok");

    let stamp = estate.home().join("crmreco.backup.json");
    let text = fs::read_to_string(&stamp).unwrap();
    let mut old: Value = serde_json::from_str(&text).unwrap();
    old["at"] = json!("2020-01-01T00:00:00Z");
    fs::write(&stamp, old.to_string()).unwrap();
    let (state, detail, _) = check(&estate);
    assert_eq!(state, "warn");
    assert!(detail.contains("01/01/2020"), "{detail}");

    fs::write(&stamp, text).unwrap();
    fs::remove_file(file).unwrap();
    let (state, detail, _) = check(&estate);
    assert_eq!(state, "warn");
    assert!(detail.contains("n'est plus là"), "{detail}");
}
