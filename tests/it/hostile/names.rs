//! Names that are no text, and names that look like options.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;

use crate::common::{Estate, Outcome, counts};

/// `caves_é`, as a disk of the nineties spelled it: no UTF-8.
fn latin() -> OsString {
    OsString::from_vec(b"caves_\xe9".to_vec())
}

fn arguments(words: &[&OsStr]) -> Vec<OsString> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn a_folder_with_a_non_utf_8_name_cannot_be_registered() {
    let estate = Estate::bare();
    let folder = estate.root().join(latin());
    fs::create_dir(&folder).unwrap();
    let words = ["add", "cave", "--type", "isavigne", "--path"].map(OsStr::new);
    let args = arguments(&[&words[..], &[folder.as_os_str()]].concat());
    Outcome::of(&mut estate.command(&args))
        .exits(3)
        .says(&["UTF-8", "lien"]);
    assert!(!estate.env_path().exists());

    // The way out that the message shows.
    fs::copy(
        crate::common::fixtures().join("isavigne/plain/clients.csv"),
        folder.join("clients.csv"),
    )
    .unwrap();
    let link = estate.root().join("link");
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    estate.connector("cave", &link);
    assert_eq!(counts(&estate.sync(), "CUSTOMERS").inserted, 3);
}

#[test]
fn a_home_with_a_non_utf_8_name_works() {
    let estate = Estate::of("plain");
    let home = estate.root().join(latin());
    fs::rename(estate.home(), &home).unwrap();
    for (command, in_environment) in [("sync", true), ("show", false), ("logs", true)] {
        let mut args = arguments(&[command, "cave", "--json"].map(OsStr::new));
        if !in_environment {
            args.splice(0..0, arguments(&["--home".as_ref(), home.as_os_str()]));
        }
        let mut command = estate.command(&args);
        command.env("CRMRECO_HOME", &home);
        Outcome::of(&mut command).exits(0).json();
    }
    let mut for_people = estate.command(&["sync", "cave"]);
    Outcome::of(for_people.env("CRMRECO_HOME", &home)).exits(0);
    assert!(home.join("crmreco.db").exists());
    let mut add = estate.command(&["add", "chai", "--type", "isavigne", "--path", "/tmp"]);
    Outcome::of(add.env("CRMRECO_HOME", &home)).exits(0);
}

#[test]
fn a_program_with_a_non_utf_8_path_runs() {
    let estate = Estate::of("plain");
    let program = estate.root().join(latin());
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_crmreco"), &program).unwrap();
    let like = estate.command::<&str>(&[]);
    for args in [&["list"][..], &["sync", "cave"]] {
        let mut command = Command::new(&program);
        command.args(args).env_clear();
        for (name, value) in like.get_envs() {
            command.env(name, value.unwrap());
        }
        Outcome::of(&mut command).exits(0);
    }
}

#[test]
fn a_file_with_a_non_utf_8_name_is_read() {
    let estate = Estate::of("plain");
    let exports = estate.exports();
    let name = OsStr::from_bytes(b"clients_\xe9t\xe9.csv");
    fs::rename(exports.join("clients.csv"), exports.join(name)).unwrap();
    fs::write(exports.join(OsStr::from_bytes(b"divers_\xe9.csv")), "").unwrap();
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 3);
    crate::common::the_message(&answer, "warnings", "divers_");
    estate
        .crmreco(&["test", "cave"])
        .exits(0)
        .says(&["clients_"]);
}

#[test]
fn a_non_utf_8_variable_is_ignored() {
    let estate = Estate::of("plain");
    let rubbish = OsString::from_vec(b"\xff\xfe".to_vec());
    let mut listed = estate.command(&["list"]);
    Outcome::of(listed.env("RUBBISH", &rubbish).env(&rubbish, "x"))
        .exits(0)
        .says(&["cave"]);
    // A shell that asks what could be typed next gets its answer all the same.
    let mut asked = estate.command(&["--", "crmreco", "sync", "ca"]);
    asked.env("COMPLETE", "fish").env("RUBBISH", &rubbish);
    Outcome::of(&mut asked).exits(0).says(&["cave"]);
}

#[test]
fn a_name_like_an_option_is_refused() {
    let estate = Estate::of("plain");
    let before = estate.env_text();
    for name in ["--all", "-x", "--", "-", "--help-me", "-1"] {
        let folder = ["--type", "isavigne", "--path", "/tmp"];
        let loose = estate.crmreco(&[&["add", name][..], &folder].concat());
        assert!(matches!(loose.code, Some(2 | 3)), "{name}: {loose:#?}");
        // After `--` everything is a name, and this one is refused as such.
        let strict = estate.crmreco(&[&["add"], &folder[..], &["--", name]].concat());
        strict.exits(3).says(&[name, "nom de connecteur"]);
        for command in ["sync", "test", "show", "logs"] {
            estate
                .crmreco(&[command, "--", name])
                .exits(3)
                .says(&[name]);
        }
        estate
            .crmreco(&["remove", "--yes", "--", name])
            .exits(3)
            .says(&[name]);
    }
    assert_eq!(estate.env_text(), before);
    // Nor can an editor make it one.
    estate.env_lines("CRMRECO_CONNECTOR____ALL__TYPE=isavigne");
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["connectors"].as_object().unwrap().len(), 1, "{list:#}");
}
