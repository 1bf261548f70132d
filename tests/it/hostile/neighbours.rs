//! Other accounts of the machine, in a home where they may write: what they put there is not used.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::make_fifo;
use crate::common::{Estate, Outcome};

/// Two accounts; they need no name.
const ALICE: u32 = 41_001;
const MALLORY: u32 = 41_002;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A home of Alice in a folder where everybody may write, with what Mallory puts there, and the program for Alice.
struct Shared {
    folder: TempDir,
    program: PathBuf,
}

impl Shared {
    /// `None` where this account cannot act for others.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        if chown(&home, Some(ALICE), Some(ALICE)).is_err() {
            println!("passed over: this account cannot act for others");
            return None;
        }
        let program = folder.path().join("crmreco");
        fs::copy(env!("CARGO_BIN_EXE_crmreco"), &program).unwrap();
        let exports = folder.path().join("exports");
        fs::create_dir(&exports).unwrap();
        fs::write(exports.join("clients.csv"), "code_client;nom\nC1;Durand\n").unwrap();
        for path in [&program, &exports] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Some(Self { folder, program })
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn plant(&self, name: &str, content: &str, owner: u32) {
        let path = self.home().join(name);
        fs::write(&path, content).unwrap();
        chown(&path, Some(owner), Some(owner)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    }

    fn settings(&self) -> String {
        let exports = self.folder.path().join("exports");
        format!(
            "CRMRECO_CONNECTOR__CAVE__TYPE=isavigne\nCRMRECO_CONNECTOR__CAVE__EXPORT_PATH={}\n",
            exports.display()
        )
    }

    fn run(&self, args: &[&str]) -> Outcome {
        let mut command = Command::new(&self.program);
        command.env_clear().env("TZ", "Europe/Paris");
        command.env("CRMRECO_HOME", self.home()).args(args);
        command.uid(ALICE).gid(ALICE);
        loop {
            match command.output() {
                // A process that another test forked holds the copy open for writing until it runs its own program.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    thread::sleep(Duration::from_millis(50));
                }
                output => return Outcome::from(output.unwrap()),
            }
        }
    }
}

#[test]
fn settings_of_another_account_are_not_read() {
    let Some(shared) = Shared::new() else { return };
    shared.plant(".env", &shared.settings(), MALLORY);
    for args in [
        &["list"][..],
        &["sync", "cave"],
        &["add", "chai", "--type", "isavigne", "--path", "/"],
    ] {
        shared
            .run(args)
            .exits(1)
            .says(&[".env", "appartient à un autre compte"]);
    }
    shared.plant(".env", &shared.settings(), ALICE);
    shared.run(&["sync", "cave"]).exits(0);
    assert_eq!(mode(&shared.home().join(".env")), 0o600);
}

#[test]
fn a_database_of_another_account_is_not_filled() {
    let Some(shared) = Shared::new() else { return };
    shared.plant(".env", &shared.settings(), ALICE);
    shared.plant("crmreco.db", "", MALLORY);
    for args in [
        &["sync", "cave"][..],
        &["list"],
        &["sync", "cave", "--dry-run"],
    ] {
        shared
            .run(args)
            .exits(3)
            .says(&["crmreco.db", "appartient à un autre compte"]);
    }
    assert_eq!(fs::read(shared.home().join("crmreco.db")).unwrap(), b"");
}

/// Its owner can rename what is in it.
#[test]
fn a_folder_of_another_account_is_told_each_time() {
    let Some(shared) = Shared::new() else { return };
    fs::set_permissions(shared.home(), fs::Permissions::from_mode(0o777)).unwrap();
    shared.plant(".env", &shared.settings(), ALICE);
    chown(shared.home(), Some(MALLORY), None).unwrap();
    for _ in 0..2 {
        shared
            .run(&["list"])
            .exits(0)
            .says(&["appartient à un autre compte", "remplacer vos fichiers"]);
    }
    chown(shared.home(), Some(0), None).unwrap();
    assert!(!shared.run(&["list"]).exits(0).text().contains("appartient"));
}

/// Nobody writes to it, nobody reads from it.
#[test]
fn a_pipe_in_place_of_a_file_is_not_waited_for() {
    for name in [".env", "locks/cave.lock", "crmreco.db-before", "crmreco.db"] {
        let estate = Estate::of("plain");
        fs::create_dir(estate.home().join("locks")).unwrap();
        let path = estate.home().join(name);
        let _ = fs::remove_file(&path);
        make_fifo(&path);
        let begun = Instant::now();
        let outcome = estate.crmreco(&["sync", "cave"]);
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
        if name == "crmreco.db-before" {
            // Without a copy, the first sync takes another way.
            outcome.exits(0);
        } else {
            let is_named = outcome.text().contains("ordinaire") || name == "crmreco.db";
            assert!(is_named, "{outcome:?}");
            outcome.exits(1);
        }
    }
}

/// A database elsewhere, on a larger disk, is as private as one in the home.
#[test]
fn a_database_behind_a_link_is_its_owner_s_alone() {
    let estate = Estate::of("plain");
    let elsewhere = estate.root().join("large.db");
    symlink("../large.db", estate.database()).unwrap();
    estate.sync();
    assert_eq!(mode(&elsewhere), 0o600);
    assert!(estate.database().is_symlink());
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}
