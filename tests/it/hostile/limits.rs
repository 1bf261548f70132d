//! A machine that grants little, or whose clock is out of all calendars: the program says so, and breaks nothing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::common::{Estate, Outcome, assert_says, is_installed};

/// The program under a limit of the shell's.
fn under(limit: &str, estate: &Estate, args: &[&str]) -> Outcome {
    let command = estate.command(args);
    let mut shell = Command::new("sh");
    let script = format!("ulimit {limit}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script]).arg(command.get_program());
    shell.args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap());
    }
    Outcome::of(&mut shell)
}

#[test]
fn a_file_size_limit_is_reported_and_rolled_back() {
    let estate = Estate::of("plain");
    let mut refusals = 0;
    // Blocks of 512 bytes.
    for blocks in [0, 1, 20, 60, 100, 140, 180, 220, 260, 300, 400, 800] {
        let outcome = under(&format!("-f {blocks}"), &estate, &["sync", "cave"]);
        println!("{blocks}: {}", outcome.text());
        if outcome.code == Some(0) {
            break;
        }
        refusals += 1;
        let told = outcome.exits(1).text();
        assert_says(&told, &["→"]);
        if estate.database().exists() {
            assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
        }
    }
    assert!(refusals > 2, "{refusals}");
    estate.sync();
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}

#[test]
fn too_little_memory_is_reported_before_any_work() {
    let estate = Estate::of("plain");
    for args in [
        &["list"][..],
        &["sync", "cave"],
        &["serve", "--addr", "127.0.0.1:0"],
    ] {
        let refused = under("-v 60000", &estate, args).exits(1);
        refused.says(&["58 Mio de mémoire", "ulimit -v"]);
    }
    assert!(!estate.database().exists());
    let answer = under("-v 60000", &estate, &["list", "--json"])
        .exits(1)
        .json();
    assert_eq!(answer["success"], false);
    under("-v 100000", &estate, &["sync", "cave"]).exits(0);
}

/// A library that answers in the place of the system's clock.
fn clock(estate: &Estate) -> Option<PathBuf> {
    let (source, library) = (
        estate.root().join("clock.c"),
        estate.root().join("clock.so"),
    );
    fs::write(
        &source,
        "#define _GNU_SOURCE\n#include <stdlib.h>\n#include <sys/syscall.h>\n#include <time.h>\n#include <unistd.h>\n\
         int clock_gettime(clockid_t id, struct timespec *now) {\n\
         int done = syscall(SYS_clock_gettime, id, now);\n\
         if (id == CLOCK_REALTIME) now->tv_sec = atoll(getenv(\"TEST_NOW\"));\n\
         return done;\n}\n",
    )
    .unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status();
    built.unwrap().success().then_some(library)
}

#[test]
fn an_impossible_clock_is_reported() {
    if !is_installed("cc") {
        println!("SKIPPED: cc is not installed");
        return;
    }
    let estate = Estate::of("plain");
    let library = clock(&estate).unwrap();
    let at = |now: i64, args: &[&str]| {
        let mut command = estate.command(args);
        command
            .env("LD_PRELOAD", &library)
            .env("TEST_NOW", now.to_string());
        Outcome::of(&mut command)
    };
    // The last second of 9998, then 9999, 10000, the end of time, and before 1970.
    at(253_370_764_799, &["sync", "cave"]).exits(0);
    for now in [
        253_370_764_800,
        253_402_300_800,
        i64::MAX,
        -1,
        -377_705_116_801,
    ] {
        for args in [
            &["list"][..],
            &["sync", "cave", "--full"],
            &["status", "--max-age", "26h"],
        ] {
            at(now, args).exits(3).says(&["horloge"]);
            let json = at(now, &[args, &["--json", "-v"]].concat()).exits(3).json();
            assert_eq!(json["success"], false);
        }
    }
    estate.crmreco(&["list"]).exits(0);
}
