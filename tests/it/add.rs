//! `add`: what it writes, what it refuses, and that it keeps other lines unchanged.

use std::fs;

use crate::common::{Estate, Outcome, assert_says};
use crate::ordered::Shape;

fn add(estate: &Estate, name: &str, more: &[&str]) -> Outcome {
    let path = estate.exports().display().to_string();
    estate.crmreco(&[&["add", name, "--type", "isavigne", "--path", &path], more].concat())
}

#[test]
fn add_answers_as_documented() {
    let estate = Estate::bare();
    let outcome = add(&estate, "cave", &["--json"]).exits(0);
    Shape::of(&outcome.stdout).starts_with(&["success", "message", "connector_name"]);
    let answer = outcome.json();
    assert_eq!(answer["success"], true);
    assert_eq!(
        answer["message"],
        "Connecteur 'cave' enregistré avec succès"
    );
    assert_eq!(answer["connector_name"], "cave");
}

#[test]
fn add_prints_the_next_command() {
    let outcome = add(&Estate::bare(), "cave", &[]).exits(0);
    assert_says(
        &outcome.text(),
        &[
            "Connecteur 'cave' enregistré avec succès",
            "crmreco",
            "cave",
        ],
    );
    assert!(
        outcome.text().contains("crmreco test cave")
            || outcome.text().contains("crmreco sync cave"),
        "{outcome:?}"
    );
}

#[test]
fn add_makes_the_home_it_needs() {
    let estate = Estate::bare();
    let home = estate.root().join("new/home");
    let mut command = estate.command(&[
        "--home",
        home.to_str().unwrap(),
        "add",
        "cave",
        "--type",
        "isavigne",
        "--path",
        "/tmp",
    ]);
    Outcome::of(&mut command).exits(0);
    assert!(
        fs::read_to_string(home.join(".env"))
            .unwrap()
            .contains("CRMRECO_CONNECTOR__CAVE__TYPE=isavigne")
    );
}

#[test]
fn an_added_connector_can_be_synced() {
    let estate = Estate::bare();
    estate.export("clients.csv", "code_client;nom\nC1;Dupont\n");
    add(
        &estate,
        "cave",
        &["--pattern", "cli*.csv", "--encoding", "utf-8"],
    )
    .exits(0);
    estate.sync();
    assert_eq!(
        estate.sql("SELECT source, customer_key FROM customers"),
        ["cave|isavigne-C1"]
    );
    let config = estate.crmreco(&["show", "cave", "--json"]).exits(0).json()["config"].to_string();
    assert_says(
        &config,
        &["cli*.csv", "utf-8", &estate.exports().display().to_string()],
    );
}

#[test]
fn all_documented_settings_are_accepted() {
    let estate = Estate::bare();
    add(
        &estate,
        "isavigne_prod",
        &["--pattern", "*.txt", "--encoding", "windows-1252"],
    )
    .exits(0);
    let prefix = "CRMRECO_CONNECTOR__ISAVIGNE_PROD__";
    for line in [
        "TYPE=isavigne",
        "FILE_PATTERN=*.txt",
        "ENCODING=windows-1252",
    ] {
        let quoted = line.replace('=', "=\"") + "\"";
        let text = estate.env_text();
        assert!(
            text.lines()
                .any(|l| l == format!("{prefix}{line}") || l == format!("{prefix}{quoted}")),
            "{line}: {text}"
        );
    }
    assert_says(&estate.env_text(), &[&format!("{prefix}EXPORT_PATH=")]);
}

#[test]
fn a_path_with_blanks_quotes_and_signs_is_read_back_unchanged() {
    let estate = Estate::bare();
    let folder = estate.root().join("Exports d'été #1 $HOME \"cave\"");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("clients.csv"), "code_client;nom\nC1;Dupont\n").unwrap();
    estate
        .crmreco(&[
            "add",
            "cave",
            "--type",
            "isavigne",
            "--path",
            folder.to_str().unwrap(),
        ])
        .exits(0);
    estate.sync();
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["1"]);
}

#[test]
fn other_lines_of_the_file_stay_byte_for_byte() {
    let estate = Estate::bare();
    let before = "# à nous\r\nOTHER = 'x'  \r\n\r\nKEY=\"several\nlines\"\nLAST=1";
    fs::write(estate.env_path(), before).unwrap();
    add(&estate, "cave", &[]).exits(0);
    let after = estate.env_text();
    let added = after
        .strip_prefix(before)
        .unwrap_or_else(|| panic!("{after}"));
    assert_says(added, &["CRMRECO_CONNECTOR__CAVE__TYPE=isavigne"]);
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let estate = Estate::bare();
    add(&estate, "cave", &[]).exits(0);
    assert_eq!(
        fs::metadata(estate.env_path())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
}

#[test]
fn without_a_terminal_missing_settings_are_named() {
    let estate = Estate::bare();
    let outcome = estate.crmreco(&["add", "cave"]).exits(3).says(&["--type"]);
    assert!(outcome.stdout.is_empty(), "{outcome:?}");
    estate
        .crmreco(&["add", "cave", "--type", "isavigne"])
        .exits(3)
        .says(&["--path"]);
    let answer = estate
        .crmreco(&["add", "cave", "--type", "isavigne", "--json"])
        .exits(3)
        .json();
    assert_eq!(
        (&answer["success"], &answer["connector_name"]),
        (&false.into(), &"cave".into())
    );
    // JSON names the key, a terminal the flag too.
    assert_says(answer["message"].as_str().unwrap(), &["EXPORT_PATH"]);
    assert!(!estate.env_path().exists());
}

#[test]
fn a_name_can_be_registered_only_once() {
    let estate = Estate::bare();
    add(&estate, "cave", &[]).exits(0);
    let before = estate.env_text();
    add(&estate, "cave", &["--encoding", "utf-8"])
        .exits(3)
        .says(&["cave"]);
    assert_eq!(estate.env_text(), before);
}

#[test]
fn a_name_is_lower_case_letters_digits_and_single_underscores() {
    let estate = Estate::bare();
    let too_long = "a".repeat(65);
    for name in [
        "Cave", "1cave", "_cave", "cave__2", "cave-2", "cave 2", "château", "", &too_long,
    ] {
        let code = add(&estate, name, &[]).code.unwrap();
        // Such a name is an invalid setting or an invalid command line.
        assert!([2, 3].contains(&code), "{name}: {code}");
    }
    assert!(!estate.env_path().exists());
    let longest = "a".repeat(64);
    for name in ["cave", "c", "cave_2", "isavigne_prod", &longest] {
        add(&estate, name, &[]).exits(0);
    }
}

#[test]
fn wrong_settings_are_refused_and_nothing_is_written() {
    let estate = Estate::bare();
    add(&estate, "cave", &["--encoding", "ebcdic"]).says(&["ebcdic", "windows-1252"]);
    let unknown = estate
        .crmreco(&["add", "cave", "--type", "sage", "--path", "/tmp"])
        .says(&["sage", "isavigne"]);
    assert!([Some(2), Some(3)].contains(&unknown.code), "{unknown:?}");
    assert!(!estate.env_path().exists());
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_replaced_stays_whole() {
    let estate = Estate::bare();
    let unreadable = b"KEY=\xe9\nCRMRECO_CONNECTOR__CHAI__API_KEY=s3cret\n";
    fs::write(estate.env_path(), unreadable).unwrap();
    let outcome = add(&estate, "cave", &[]).exits(3).says(&["ligne 1"]);
    assert!(!outcome.text().contains("s3cret"), "{outcome:?}");
    assert_eq!(fs::read(estate.env_path()).unwrap(), unreadable);
}

#[test]
fn lines_of_others_that_cannot_be_read_are_kept() {
    let estate = Estate::bare();
    let lines = "KEY=\"never closed\nexport\nCRMRECO_CONNECTOR__CHAI__TYPE=isavigne\n";
    fs::write(estate.env_path(), lines).unwrap();
    add(&estate, "cave", &[]).exits(0);
    assert!(
        estate.env_text().starts_with(lines),
        "{}",
        estate.env_text()
    );
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    let names: Vec<&String> = list["connectors"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["cave", "chai"]);
}
