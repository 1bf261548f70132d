//! A home on a disk that is full or cannot be written: a small one, mounted where nobody else sees it. And on one that
//! is slow.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::common::{Estate, Outcome, assert_says, copy_folder};
use crate::strace;

/// A shell that alone sees a small disk in the place of an estate's home; the disk is gone with it.
struct SmallDisk<'a> {
    estate: &'a Estate,
    shell: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl<'a> SmallDisk<'a> {
    /// A disk of `size` bytes with what the home holds; `None` where nobody may mount any.
    fn in_place_of_home(estate: &'a Estate, size: usize) -> Option<Self> {
        let mut shell = Command::new("unshare");
        shell.args(["--map-root-user", "--mount", "sh"]);
        let piped = shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = piped.stderr(Stdio::null()).spawn().ok()?;
        let commands = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take()?);
        let mut disk = Self {
            estate,
            shell,
            commands,
            answers,
        };
        let home = estate.home();
        let mounts = format!("mount -t tmpfs -o size={size} tmpfs '{}'", home.display());
        if !disk.does(&mounts) {
            println!("passed over: no disk can be mounted here");
            return None;
        }
        // The shell copies, not this process: whatever another test starts meanwhile would hold files open for writing,
        // and such a disk cannot become read-only.
        let source = estate.copy();
        let copies = format!(
            "cp -R -p '{}/.' '{}'",
            source.home().display(),
            home.display()
        );
        assert!(disk.does(&copies), "{copies}");
        Some(disk)
    }

    fn does(&mut self, command: &str) -> bool {
        let asked = self.commands.as_mut().unwrap();
        // A shell that could not have its own disks has gone already.
        let _ = writeln!(asked, "if {command} >&2; then echo yes; else echo no; fi");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim() == "yes"
    }

    fn remount(&mut self, options: &str) {
        let home = self.estate.home();
        assert!(self.does(&format!("mount -o remount,{options} '{}'", home.display())));
    }

    /// The home on the disk, from outside.
    fn home(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.shell.id()));
        root.join(self.estate.home().strip_prefix("/").unwrap())
    }

    /// The program where the disk is seen.
    fn crmreco(&self, args: &[&str]) -> Outcome {
        let command = self.estate.command(args);
        let mut inside = Command::new("nsenter");
        let process = self.shell.id().to_string();
        inside.args([
            "--preserve-credentials",
            "--user",
            "--mount",
            "--target",
            &process,
            "--",
        ]);
        inside.arg(command.get_program()).args(command.get_args());
        inside.env_clear().stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            inside.env(name, value.unwrap());
        }
        Outcome::of(&mut inside)
    }

    /// The same estate with what the disk holds.
    fn copied(&self) -> Estate {
        let copy = self.estate.copy();
        copy_folder(&self.home(), &copy.home());
        copy
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.shell.wait();
    }
}

fn estate() -> Estate {
    let estate = Estate::bare();
    estate.connector("cave", "../exports".as_ref());
    let plain = crate::common::fixtures().join("isavigne/plain");
    copy_folder(&plain, &estate.exports());
    estate
}

#[test]
fn a_full_disk_is_reported_and_space_repairs_it() {
    let estate = estate();
    let truth = estate.copy();
    truth.sync();
    let Some(mut disk) = SmallDisk::in_place_of_home(&estate, 32 * 1024) else {
        return;
    };
    let (mut refusals, mut named, mut before) = (0, 0, [0; 4]);
    for step in 3.. {
        // From 40 KiB on, half as much again each time.
        let size = 12 * 1024 * 3_usize.pow(step) / 2_usize.pow(step);
        disk.remount(&format!("size={size}"));
        let outcome = disk.crmreco(&["sync", "cave"]);
        println!("{size} bytes: {}", outcome.text());
        assert!(size < 16 * 1024 * 1024, "{outcome:#?}");
        let copy = disk.copied();
        copy.crmreco(&["list"]).exits(0);
        let tables = [
            "customers",
            "product_catalog",
            "sales_lines",
            "stock_levels",
        ];
        let counts = tables.map(|table| rows(&copy, table));
        if outcome.code == Some(0) {
            assert_eq!(counts, [3, 2, 5, 2]);
            break;
        }
        refusals += 1;
        println!("{counts:?}");
        let told = outcome.exits(1).text();
        assert_says(&told, &["disque", "place"]);
        // What is there in spite of it is named, and no promise is made that nothing is.
        if counts != before {
            assert_says(&told, &["déjà enregistré, et gardé :", "lignes)"]);
            assert!(!told.contains("rien n'a été changé"), "{told}");
            named += 1;
        }
        before = counts;
        for (count, all) in counts.into_iter().zip([3, 2, 5, 2]) {
            assert!(count == 0 || count == all, "{counts:?}");
        }
        assert_eq!(copy.sql("PRAGMA integrity_check"), ["ok"]);
        // With room, what is missing is loaded.
        copy.sync();
        assert_eq!(rows(&copy, "sales_lines"), 5);
    }
    println!("{refusals} sizes were too small, of which {named} for tables after the first");
    assert!(named > 0);
    assert!(refusals > 3, "{refusals}");
}

/// Rows of a table of a database that may hold none yet.
fn rows(estate: &Estate, table: &str) -> usize {
    let has_table = format!("SELECT 1 FROM sqlite_schema WHERE name = '{table}'");
    if !estate.database().exists() || estate.sql(&has_table).is_empty() {
        return 0;
    }
    estate.sql(&format!("SELECT 1 FROM {table}")).len()
}

#[test]
fn a_read_only_home_is_reported_and_unchanged() {
    let estate = estate();
    estate.sync();
    let Some(mut disk) = SmallDisk::in_place_of_home(&estate, 8 * 1024 * 1024) else {
        return;
    };
    disk.remount("ro");
    let before = fs::read(disk.home().join("crmreco.db")).unwrap();
    for command in [
        &["sync", "cave"][..],
        &["remove", "cave", "--yes"],
        &["remove", "cave", "--yes", "--purge"],
        &["add", "chai", "--type", "isavigne", "--path", "/tmp"],
    ] {
        let outcome = disk.crmreco(command).exits(1);
        assert_says(&outcome.text(), &["lecture seule", "→"]);
    }
    for command in [
        &["list", "--json"][..],
        &["logs", "cave", "--json"],
        &["show", "cave", "--json"],
        &["status", "--json"],
        &["metrics", "--json"],
        &["test", "cave", "--json"],
    ] {
        let shown = disk.crmreco(command).exits(0).json();
        assert_eq!(
            untimed(shown),
            untimed(estate.crmreco(command).exits(0).json())
        );
    }
    assert!(fs::read(disk.home().join("crmreco.db")).unwrap() == before);
}

/// `answer` without the instant at which it was given.
fn untimed(mut answer: Value) -> Value {
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("timestamp");
        for part in ["status", "metrics"] {
            if let Some(part) = answer.get_mut(part).and_then(Value::as_object_mut) {
                part.remove("timestamp");
            }
        }
    }
    answer
}

/// A log that a killed sync has left is a part of the database, though nothing can be made of it there.
#[test]
fn a_log_left_on_a_disk_that_cannot_be_written_is_read_too() {
    let estate = estate();
    estate.sync();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    database
        .execute("UPDATE runs SET duration_seconds = 12345", [])
        .unwrap();
    let left = estate.copy();
    assert!(
        fs::metadata(left.home().join("crmreco.db-wal"))
            .unwrap()
            .len()
            > 0
    );
    drop(database);
    fs::remove_file(left.home().join("crmreco.db-shm")).unwrap();
    let Some(mut disk) = SmallDisk::in_place_of_home(&left, 8 * 1024 * 1024) else {
        return;
    };
    disk.remount("ro");
    let logs = disk.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["logs"][0]["duration_seconds"], 12345.0);
}

/// Standard output may be the full disk: the work is done, and the exit code reports the failed write.
#[test]
fn a_failed_write_of_the_output_is_reported_in_french() {
    let estate = estate();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let output = command
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_says(&told, &["sortie", "disque plein"]);
    assert_eq!(rows(&estate, "sales_lines"), 5);
}

/// A commit waits for the disk: for what is left to write, not for all of a load.
#[test]
fn a_large_log_reaches_the_disk_before_the_commit() {
    if strace::is_missing() {
        return;
    }
    let estate = Estate::empty();
    let sales = |quantity: usize| {
        let mut text = "num_ligne;code_client;produit_key;date;quantite;commentaire\n".to_owned();
        let notes = "livrer ".repeat(200);
        for row in 0..30_000 {
            writeln!(text, "V{row:08};C1;P1;27/12/2024;{quantity};{notes}").unwrap();
        }
        text
    };
    estate.export("ventes.csv", sales(1));
    estate.sync();
    estate.export("ventes.csv", sales(2));
    // SQLite flushes with `fsync`.
    let calls = strace::count(&estate.command(&["sync", "cave"]), &["fdatasync"]);
    assert!(
        calls.get("fdatasync").is_some_and(|&count| count > 0),
        "{calls:?}"
    );
    assert_eq!(
        estate.sql("SELECT DISTINCT quantity_units FROM sales_lines"),
        ["2"]
    );
}
