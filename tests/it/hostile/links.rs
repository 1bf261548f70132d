//! An account that can write to the export folder replaces files by links at any time: no file outside the folder is
//! read or quoted.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::held::Held;
use super::is_long;
use crate::common::{Estate, counts, the_message};
use crate::strace;

const HEADER: &str =
    "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n";

/// Contents of confidential files.
const SECRET: &str = "Zq7SECRET";

/// Targets of links: a file that is not an export, and one of another account.
fn secrets(estate: &Estate) -> [std::path::PathBuf; 2] {
    let [text, table] = ["shadow", "others.csv"].map(|name| estate.root().join(name));
    fs::write(&text, format!("{SECRET}:$6$salt:19000;0;99999\n")).unwrap();
    let row = format!("V1;{SECRET};C1;P1;27/12/2024;2;bouteille;12,50;25,00\n");
    fs::write(&table, format!("{HEADER}{row}")).unwrap();
    [text, table]
}

#[track_caller]
fn assert_untold(estate: &Estate, told: &str) {
    assert!(!told.contains(SECRET), "{told}");
    let history = estate.crmreco(&["logs", "cave", "--json", "--limit", "500"]);
    assert!(!history.stdout.contains(SECRET), "{history:#?}");
    let dump = estate.dump().join("\n");
    assert!(!dump.contains(SECRET), "{dump}");
}

/// Puts the link `to` in the place of `file`, in one step.
fn swap(file: &Path, to: &Path) {
    let beside = file.with_extension("swap");
    symlink(to, &beside).unwrap();
    fs::rename(&beside, file).unwrap();
}

#[test]
fn a_link_created_after_the_listing_is_not_followed() {
    if strace::is_missing() {
        return;
    }
    let places = [
        ("?statx,?newfstatat,?readlink", 1),
        ("?statx,?newfstatat,?readlink", 2),
        ("read", 1),
        ("read", 2),
        ("read", 3),
    ];
    for secret in 0..2 {
        let mut held = 0;
        for (calls, nth) in places {
            let estate = Estate::of("plain");
            let to = &secrets(&estate)[secret];
            let sales = estate.exports().join("ventes.csv");
            let Some(sync) = Held::at(&estate, &sales, calls, nth) else {
                continue;
            };
            held += 1;
            swap(&sales, to);
            let outcome = sync.goes_on();
            assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:#?}");
            assert_untold(&estate, &outcome.text());
        }
        assert!(held >= 3, "held at {held} places");
    }
}

/// No instant is chosen: a link comes and goes as fast as it can.
#[test]
fn a_link_that_comes_and_goes_is_never_followed() {
    let estate = Estate::of("plain");
    let [text, table] = secrets(&estate);
    let sales = estate.exports().join("ventes.csv");
    let whole = fs::read(&sales).unwrap();
    let is_over = AtomicBool::new(false);
    let times = if is_long() { 2000 } else { 40 };
    thread::scope(|scope| {
        scope.spawn(|| {
            let honest = estate.root().join("honest");
            while !is_over.load(Ordering::Relaxed) {
                for to in [&text, &table] {
                    swap(&sales, to);
                    fs::write(&honest, &whole).unwrap();
                    fs::rename(&honest, &sales).unwrap();
                }
            }
        });
        let over = Over(&is_over);
        for _ in 0..times {
            let outcome = estate.crmreco(&["sync", "cave", "--full", "--json"]);
            assert!(!outcome.text().contains(SECRET), "{outcome:#?}");
            let outcome = estate.crmreco(&["test", "cave", "--json"]);
            assert!(!outcome.text().contains(SECRET), "{outcome:#?}");
        }
        drop(over);
    });
    assert_untold(&estate, "");
}

/// Ends the swapping, whatever a test comes to.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_link_to_a_folder_outside_leads_nowhere() {
    let estate = Estate::of("plain");
    let [_, table] = secrets(&estate);
    let sales = estate.exports().join("ventes.csv");
    fs::remove_file(&sales).unwrap();
    symlink(estate.root(), estate.exports().join("sub")).unwrap();
    symlink(Path::new("sub").join(table.file_name().unwrap()), &sales).unwrap();
    let answer = estate.sync();
    the_message(
        &answer,
        "warnings",
        "ventes.csv : fichier ignoré, c'est un lien qui mène hors",
    );
    assert_untold(&estate, &answer.to_string());
}

#[test]
fn links_within_the_folder_are_followed_however_they_are_written() {
    let estate = Estate::of("plain");
    let exports = estate.exports();
    fs::create_dir(exports.join("archive")).unwrap();
    fs::rename(exports.join("ventes.csv"), exports.join("archive/2025.csv")).unwrap();
    for to in [
        Path::new("archive/2025.csv"),
        Path::new("archive/../archive/2025.csv"),
        &exports.join("archive/2025.csv"),
    ] {
        symlink(to, exports.join("ventes.csv")).unwrap();
        let answer = estate.sync_with(&["--full"], 0);
        assert_eq!(counts(&answer, "SALES_LINES").read, 5, "{answer:#}");
        fs::remove_file(exports.join("ventes.csv")).unwrap();
    }
}

#[test]
fn a_hard_link_to_a_file_of_another_account_is_refused() {
    let estate = Estate::of("plain");
    let [_, table] = secrets(&estate);
    if chown(&table, Some(12_345), None).is_err() {
        println!("passed over: only root gives files away");
        return;
    }
    let sales = estate.exports().join("ventes.csv");
    fs::remove_file(&sales).unwrap();
    fs::hard_link(&table, &sales).unwrap();
    let answer = estate.sync();
    let warning = the_message(&answer, "warnings", "ventes.csv");
    assert!(warning.contains("quelqu'un d'autre"), "{warning}");
    assert_untold(&estate, &answer.to_string());
    // A hard link that is the only name left of another account's file was created by that account.
    fs::remove_file(&table).unwrap();
    assert_eq!(counts(&estate.sync(), "SALES_LINES").inserted, 1);
}

#[test]
fn hard_links_are_accepted_where_only_the_owner_can_create_them() {
    let estate = Estate::of("plain");
    let sales = estate.exports().join("ventes.csv");
    fs::hard_link(&sales, estate.root().join("backup.csv")).unwrap();
    assert_eq!(counts(&estate.sync(), "SALES_LINES").inserted, 5);
    fs::set_permissions(estate.exports(), fs::Permissions::from_mode(0o777)).unwrap();
    let answer = estate.sync_with(&["--full"], 0);
    the_message(&answer, "warnings", "ventes.csv");
    assert_eq!(counts(&answer, "SALES_LINES").read, 0, "{answer:#}");
}

/// A file put into the folder by mistake, or on purpose, is not quoted in any message.
#[test]
fn a_line_without_a_known_header_is_never_quoted() {
    for line in [
        "Zq7SECRET",
        "Zq7SECRET;Zq7SECRETx;9",
        "Zq7SECRET;Zq7SECRETx;y",
        "\"Zq7SECRET;y\"",
        "Zq7SECRET~y~z",
        "a;b;c\nZq7SECRET;1;2",
        "sep=,\nZq7SECRET;y",
        "Zq7SECRET@cave.fr\t06 12 34 56 78",
    ] {
        let estate = Estate::of("plain");
        estate.export("ventes.csv", format!("{line}\n{line}\n"));
        estate.export("clients.csv", format!("{line}\n{line}\n"));
        estate.export("autres.csv", format!("{line}\n{line}\n"));
        let tested = estate.crmreco(&["test", "cave"]);
        let synced = estate.crmreco(&["sync", "cave"]);
        assert_untold(&estate, &(tested.text() + &synced.text()));
    }
    let estate = Estate::of("plain").setting("HEADER_LINE", "2");
    estate.export("ventes.csv", "a;b\nZq7SECRET;y\n");
    assert_untold(&estate, &estate.crmreco(&["sync", "cave"]).text());
}

#[test]
fn a_header_is_quoted_up_to_forty_characters() {
    let estate = Estate::of("plain");
    let long = "x".repeat(30) + "y" + &"x".repeat(1000);
    estate.export("ventes.csv", format!("code_client;{long}\nC1;2\n"));
    let told = estate.crmreco(&["sync", "cave"]).text();
    assert!(told.contains(&"x".repeat(30)), "{told}");
    assert!(!told.contains(&"x".repeat(31)), "{told}");
}
