//! A command that only reads creates no home, and says so where it was asked to watch one; what `test` cannot read,
//! `sync` does not call a success.

use std::fs;

use crate::common::{Estate, Outcome, assert_says};

/// Commands that only read, with their exit status where no connector is registered.
pub const READERS: [(&[&str], i32); 10] = [
    (&["list"], 0),
    (&["status"], 0),
    (&["metrics"], 0),
    (&["status", "--max-age", "26h"], 3),
    (&["show", "cave"], 3),
    (&["logs", "cave"], 3),
    (&["logs", "cave", "--rejects"], 3),
    (&["test", "cave"], 3),
    (&["test", "--all"], 3),
    (&["prune", "--dry-run"], 0),
];

/// Commands that would write, but have nothing to write about.
const WRITERS: [(&[&str], i32); 5] = [
    (&["sync", "cave"], 3),
    (&["sync", "--all"], 3),
    (&["sync", "--all", "--dry-run"], 3),
    (&["remove", "cave", "--yes"], 3),
    (&["prune"], 0),
];

#[test]
fn a_home_that_does_not_exist_is_not_created() {
    let estate = Estate::bare();
    fs::remove_dir(estate.home()).unwrap();
    for (args, code) in READERS.into_iter().chain(WRITERS) {
        estate.crmreco(args).exits(code);
        let answer = estate.crmreco(&[args, &["--json"]].concat()).exits(code);
        assert_eq!(answer.json()["success"] == false, code != 0, "{args:?}");
        assert!(!estate.home().exists(), "{args:?}");
    }
}

#[test]
fn an_empty_home_stays_empty() {
    let estate = Estate::bare();
    for (args, code) in READERS.into_iter().chain(WRITERS) {
        estate.crmreco(args).exits(code);
        assert_eq!(fs::read_dir(estate.home()).unwrap().count(), 0, "{args:?}");
    }
}

#[test]
fn a_connector_of_the_environment_is_tested_without_a_home() {
    let estate = Estate::bare();
    fs::remove_dir(estate.home()).unwrap();
    estate.export("clients.csv", "code_client;nom\nC1;Dupont\n");
    for args in [
        &["test", "cave"][..],
        &["list"],
        &["show", "cave"],
        &["sync", "cave", "--dry-run"],
    ] {
        let mut command = estate.command(args);
        command
            .env("CRMRECO_CONNECTOR__CAVE__TYPE", "isavigne")
            .env("CRMRECO_CONNECTOR__CAVE__EXPORT_PATH", estate.exports());
        Outcome::of(&mut command).exits(0);
        assert!(!estate.home().exists(), "{args:?}");
    }
}

#[test]
fn a_watch_on_no_connector_is_a_configuration_error() {
    let watch = ["status", "--max-age", "26h"];
    let estate = Estate::bare();
    estate.crmreco(&watch).exits(3).says(&[
        "Aucun connecteur n'est enregistré",
        "→ Enregistrez-en un : ",
    ]);
    fs::remove_dir(estate.home()).unwrap();
    let home = estate.home().display().to_string();
    estate.crmreco(&watch).exits(3).says(&[
        &home,
        "n'existe pas : aucun connecteur n'y est enregistré",
        "→ Choisissez un autre dossier avec --home",
    ]);
    let answer = estate.crmreco(&[&watch[..], &["--json"]].concat()).exits(3);
    let answer = answer.json();
    assert_eq!(answer["success"], false);
    assert_says(answer["message"].as_str().unwrap(), &[&home]);
}

/// A folder, by its files.
type Folder = &'static [(&'static str, &'static [u8])];

#[test]
fn what_test_cannot_read_is_no_success_of_sync() {
    const CUSTOMERS: &[u8] = b"code_client;nom\nC1;Dupont\n";
    let folders: [(Folder, &str); 8] = [
        (&[], "aucun fichier *.csv"),
        (&[("divers.csv", b"a;b\n1;2\n")], "divers.csv"),
        (&[("clients.txt", CUSTOMERS)], "clients.txt"),
        (&[("clients.csv", b"")], "le fichier est vide"),
        (&[("clients.csv", b"\n\n")], "clients.csv"),
        (&[("clients.csv", b"rien\nde connu\n")], "clients.csv"),
        (&[("clients.csv", b"\0\x01\x02\xff\xfe")], "clients.csv"),
        (
            &[("clients.csv", CUSTOMERS), ("ventes.csv", b"x;y\n1;2\n")],
            "ventes.csv",
        ),
    ];
    for (files, word) in folders {
        let estate = Estate::empty();
        for (name, content) in files {
            estate.export(name, content);
        }
        for args in [["test", "cave"], ["sync", "cave"], ["sync", "cave"]] {
            estate.crmreco(&args).exits(1).says(&["✗", word]);
            let json = estate.crmreco(&[&args[..], &["--json"]].concat()).exits(1);
            assert_eq!(json.json()["success"], false, "{args:?} {word}");
        }
        let dry = ["sync", "cave", "--dry-run"];
        estate.crmreco(&dry).exits(1).says(&[word]);
    }
}

#[test]
fn a_header_alone_is_never_a_plain_success() {
    let estate = Estate::empty();
    let remark = "il n'y a que l'en-tête, aucune ligne";
    estate.export("clients.csv", "code_client;nom\n");
    for command in ["test", "sync"] {
        estate.crmreco(&[command, "cave"]).exits(0).says(&[remark]);
    }
}
