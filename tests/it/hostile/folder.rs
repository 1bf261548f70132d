//! What may stand in a folder of exports besides exports: pipes, devices, links, and too many files.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{is_long, make_fifo};
use crate::common::{Estate, Outcome, counts, messages, the_message};

/// The program, which must end: what would read a device for ever is killed, and the test fails.
fn crmreco(estate: &Estate, args: &[&str]) -> Outcome {
    let command = estate.command(args);
    let mut bounded = Command::new("timeout");
    let seconds = if is_long() { "3600" } else { "300" };
    bounded.args(["--signal=KILL", seconds]);
    bounded.arg(command.get_program()).args(command.get_args());
    bounded.env_clear();
    for (name, value) in command.get_envs() {
        bounded.env(name, value.unwrap());
    }
    Outcome::of(&mut bounded)
}

/// The sales are something else than a file; everything else is loaded, and the warning names them.
fn assert_passed_over(estate: &Estate) {
    for command in ["test", "sync"] {
        let outcome = crmreco(estate, &[command, "cave", "--json"]).exits(0);
        assert!(outcome.stdout.contains("ventes.csv"), "{outcome:#?}");
    }
    let answer = crmreco(estate, &["sync", "cave", "--full", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&answer, "CUSTOMERS").read, 3);
    assert_eq!(counts(&answer, "SALES_LINES").read, 0);
    the_message(&answer, "warnings", "ventes.csv");
}

fn without_sales() -> (Estate, std::path::PathBuf) {
    let estate = Estate::of("plain");
    let sales = estate.exports().join("ventes.csv");
    fs::remove_file(&sales).unwrap();
    (estate, sales)
}

#[test]
fn a_pipe_is_skipped() {
    let (estate, sales) = without_sales();
    make_fifo(&sales);
    assert_passed_over(&estate);
}

#[test]
fn a_socket_is_skipped() {
    let (estate, sales) = without_sales();
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    // A socket's own path must be short; a second name of it need not.
    fs::hard_link(&socket, &sales).unwrap();
    assert_passed_over(&estate);
}

#[test]
fn a_folder_is_skipped() {
    let (estate, sales) = without_sales();
    fs::create_dir(&sales).unwrap();
    fs::write(sales.join("ventes.csv"), "nothing here is read").unwrap();
    assert_passed_over(&estate);
}

#[test]
fn endless_devices_are_skipped() {
    for device in ["/dev/zero", "/dev/urandom", "/dev/tty", "/dev/null"] {
        let (estate, sales) = without_sales();
        symlink(device, &sales).unwrap();
        assert_passed_over(&estate);
    }
}

#[test]
fn a_link_out_of_the_folder_is_skipped() {
    let (estate, sales) = without_sales();
    let secret = estate.root().join("elsewhere.csv");
    fs::copy(
        crate::common::fixtures().join("isavigne/plain/ventes.csv"),
        &secret,
    )
    .unwrap();
    for target in [
        secret.as_path(),
        "../elsewhere.csv".as_ref(),
        "/etc/passwd".as_ref(),
    ] {
        symlink(target, &sales).unwrap();
        assert_passed_over(&estate);
        fs::remove_file(&sales).unwrap();
    }
}

#[test]
fn a_broken_link_is_skipped() {
    for target in ["ventes.csv", "nowhere.csv"] {
        let (estate, sales) = without_sales();
        symlink(target, &sales).unwrap();
        assert_passed_over(&estate);
    }
}

#[test]
fn a_link_within_the_folder_is_followed() {
    let estate = Estate::of("plain");
    let exports = estate.exports();
    fs::rename(exports.join("ventes.csv"), exports.join(".2025")).unwrap();
    symlink(".2025", exports.join("ventes.csv")).unwrap();
    symlink("clients.csv", exports.join("clients_again.csv")).unwrap();
    let answer = estate.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 5);
    assert_eq!(
        counts(&answer, "CUSTOMERS").read,
        3,
        "one content is read once"
    );
}

#[test]
fn the_folder_itself_may_be_a_link() {
    let estate = Estate::of("plain");
    let real = estate.root().join("share");
    fs::rename(estate.exports(), &real).unwrap();
    symlink(&real, estate.exports()).unwrap();
    assert_eq!(counts(&estate.sync(), "SALES_LINES").inserted, 5);
}

#[test]
fn a_missing_folder_is_reported() {
    let estate = Estate::of("plain");
    estate.sync();
    let before = estate.dump();
    fs::remove_dir_all(estate.exports()).unwrap();
    estate
        .crmreco(&["sync", "cave"])
        .exits(1)
        .says(&["introuvable", "monté"]);
    fs::write(estate.exports(), "").unwrap();
    estate
        .crmreco(&["sync", "cave"])
        .exits(1)
        .says(&["pas un dossier"]);
    assert_eq!(estate.dump(), before);
}

fn many() -> usize {
    if is_long() { 100_000 } else { 1_500 }
}

#[test]
fn a_hundred_thousand_exports_are_read_once_each() {
    let estate = Estate::empty();
    for number in 0..many() {
        let text = format!("code_client;nom\nC{number};Client {number}\n");
        estate.export(&format!("clients_{number}.csv"), text);
    }
    let answer = crmreco(&estate, &["sync", "cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, many() as u64);
    let again = crmreco(&estate, &["sync", "cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&again, "CUSTOMERS").read, 0);
}

/// The wrong folder is reported, but not with a hundred thousand warnings.
#[test]
fn a_hundred_thousand_other_files_are_a_few_warnings() {
    let estate = Estate::of("plain");
    for number in 0..many() {
        estate.export(&format!("photo_{number}.csv"), "");
    }
    estate.export("ventes.txt", "");
    let answer = crmreco(&estate, &["sync", "cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 5);
    let warnings = messages(&answer, "warnings");
    assert!(warnings.len() < 30, "{}", warnings.len());
    the_message(&answer, "warnings", "ventes.txt");
    let rest = the_message(&answer, "warnings", "autres fichiers");
    let named = warnings
        .iter()
        .filter(|warning| warning.contains("photo_"))
        .count();
    assert!(rest.contains(&(many() - named).to_string()), "{rest}");
    crmreco(&estate, &["test", "cave"])
        .exits(0)
        .says(&["autres fichiers"]);
}
