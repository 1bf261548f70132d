//! `add --type odoo`: what is written, where the key comes from, and what is refused.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::site::assert_discreet;
use super::stub::KEY;
use crate::common::{Estate, Outcome};

/// Everything but the key.
const REST: [&str; 6] = [
    "--url",
    "https://cave.odoo.com",
    "--db",
    "cave",
    "--user",
    "crm",
];

const VARIABLE: &str = "CRMRECO_CONNECTOR__CAVE__API_KEY";

/// `add cave --type odoo` with these arguments and, where there is one, this text on standard input.
#[track_caller]
fn add(estate: &Estate, args: &[&str], input: Option<&str>) -> Outcome {
    let mut command = estate.command(&[&["add", "cave", "--type", "odoo"], args].concat());
    let Some(input) = input else {
        return Outcome::of(&mut command);
    };
    command
        .arg("--api-key-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments leaves without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Outcome::from(child.wait_with_output().unwrap())
}

/// The same with everything but the address.
#[track_caller]
pub fn add_at(estate: &Estate, url: &str, more: &[&str]) -> Outcome {
    let args = ["--url", url, "--db", "cave", "--user", "crm"];
    let outcome = add(estate, &[&args[..], more].concat(), Some(KEY));
    assert_discreet(&outcome.text());
    outcome
}

#[track_caller]
pub fn setting(estate: &Estate, key: &str) -> String {
    let prefix = format!("CRMRECO_CONNECTOR__CAVE__{key}=");
    let text = estate.env_text();
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(&prefix));
    let value = lines.next().unwrap_or_else(|| panic!("{key}: {text}"));
    value.trim_matches(['"', '\'']).to_owned()
}

/// Nothing was registered, and the refusal says these words.
#[track_caller]
pub fn refused(outcome: Outcome, estate: &Estate, words: &[&str]) {
    outcome.exits(3).says(words);
    assert!(!estate.env_path().exists(), "{}", estate.env_text());
}

#[test]
fn every_setting_is_written_and_the_key_is_not_shown() {
    let estate = Estate::bare();
    let more = ["--company-id", "3", "--json"];
    let outcome = add_at(&estate, "https://cave.odoo.com", &more).exits(0);
    let message = "Connecteur 'cave' enregistré avec succès";
    assert_eq!(outcome.json()["message"], message);
    for (key, value) in [
        ("TYPE", "odoo"),
        ("URL", "https://cave.odoo.com"),
        ("DB", "cave"),
        ("USER", "crm"),
        ("API_KEY", KEY),
        ("COMPANY_ID", "3"),
    ] {
        assert_eq!(setting(&estate, key), value, "{key}");
    }
}

#[test]
fn the_next_command_is_printed() {
    let outcome = add_at(&Estate::bare(), "https://cave.odoo.com", &[]).exits(0);
    outcome.says(&[
        "enregistré avec succès",
        "crmreco",
        "test cave",
        "sync cave",
    ]);
}

#[test]
fn the_key_may_end_with_a_line_end() {
    for input in [format!("{KEY}\n"), format!("  {KEY}\r\n\r\n")] {
        let estate = Estate::bare();
        add(&estate, &REST, Some(&input)).exits(0);
        assert_eq!(setting(&estate, "API_KEY"), KEY, "{input:?}");
    }
}

#[test]
fn the_key_may_come_from_the_environment() {
    let estate = Estate::bare();
    let args = [
        "add",
        "cave",
        "--type",
        "odoo",
        "--url",
        "https://cave.odoo.com",
        "--db",
        "cave",
        "--user",
        "crm",
    ];
    let mut command = estate.command(&args);
    let outcome = Outcome::of(command.env(VARIABLE, KEY)).exits(0);
    assert_discreet(&outcome.text());
    assert_eq!(setting(&estate, "API_KEY"), KEY);
}

#[cfg(unix)]
#[test]
fn a_key_typed_at_a_terminal_is_hidden() {
    use crate::terminal::{at_terminal, rest, type_in};
    let estate = Estate::bare();
    let mut session = at_terminal(&estate, &["add", "cave", "--type", "odoo"]);
    let mut screen = String::new();
    for (question, answer) in [
        ("Adresse", "https://cave.odoo.com"),
        ("Base de donn", "cave"),
        ("Identifiant", "crm"),
        ("Cl.+ API", KEY),
        ("Tester avant", "n"),
    ] {
        let (before, found) = session.exp_regex(question).unwrap();
        screen += &before;
        screen += &found;
        type_in(&mut session, answer);
    }
    let (text, code) = rest(session);
    screen += &text;
    assert_eq!(code, 0, "{screen}");
    // What is typed is seen where it may be.
    assert!(screen.contains("https://cave.odoo.com"), "{screen}");
    assert_discreet(&screen);
    assert_eq!(setting(&estate, "API_KEY"), KEY);
}

#[cfg(unix)]
#[test]
fn only_the_key_is_asked_for_when_the_rest_is_given() {
    use crate::terminal::{at_terminal, rest, type_in};
    let estate = Estate::bare();
    let args = [
        "add",
        "cave",
        "--type",
        "odoo",
        "--url",
        "https://cave.odoo.com",
        "--db",
        "cave",
        "--user",
        "crm",
        "--api-key-stdin",
    ];
    let mut session = at_terminal(&estate, &args);
    let (before, _) = session.exp_regex("Cl.+ API").unwrap();
    assert!(!before.contains("Adresse"), "{before}");
    type_in(&mut session, KEY);
    let (text, code) = rest(session);
    assert_eq!(code, 0, "{text}");
    assert_discreet(&text);
}

#[test]
fn settings_that_are_missing_are_named_with_their_flags() {
    let estate = Estate::bare();
    let all = ["--url", "--db", "--user", "--api-key-stdin"];
    refused(add(&estate, &[], None), &estate, &all);
    let outcome = add(
        &estate,
        &["--url", "https://cave.odoo.com", "--user", "crm"],
        Some(KEY),
    );
    assert!(!outcome.text().contains("--user"), "{outcome:?}");
    refused(outcome, &estate, &["--db (DB)", "un réglage"]);
}

#[test]
fn an_empty_standard_input_is_no_key() {
    let estate = Estate::bare();
    for input in ["", " \r\n"] {
        let outcome = add(&estate, &REST, Some(input));
        refused(
            outcome,
            &estate,
            &["entrée standard est vide", "--api-key-stdin <"],
        );
    }
}

#[test]
fn an_invalid_key_is_refused_without_being_printed() {
    let estate = Estate::bare();
    for input in ["s3cr3t s3cr3t", "s3cr3t\ns3cr3t", "s3cr3t\u{7}", "s3cr3t-é"] {
        let outcome = add(&estate, &REST, Some(input));
        assert!(!outcome.text().contains("s3cr3t"), "{outcome:?}");
        refused(outcome, &estate, &["clé", "API"]);
    }
}

#[test]
fn a_key_that_is_too_long_is_refused_and_not_cut() {
    let estate = Estate::bare();
    let outcome = add(&estate, &REST, Some(&"s3cr3t".repeat(1_000)));
    refused(outcome, &estate, &["clé API", "trop long"]);
}

#[test]
fn settings_of_another_type_are_refused() {
    let estate = Estate::bare();
    let folder = estate.exports().display().to_string();
    let outcome = add_at(&estate, "https://cave.odoo.com", &["--path", &folder]);
    refused(outcome, &estate, &["--path", "odoo"]);
    let args = [
        "add",
        "cave",
        "--type",
        "isavigne",
        "--path",
        &folder,
        "--url",
        "https://cave.odoo.com",
    ];
    refused(estate.crmreco(&args), &estate, &["--url", "isavigne"]);
    let args = [&args[..6], &["--api-key-stdin"]].concat();
    refused(
        estate.crmreco(&args),
        &estate,
        &["--api-key-stdin", "isavigne"],
    );
}

#[test]
fn a_company_is_a_number_from_one_on() {
    let estate = Estate::bare();
    let at = "https://cave.odoo.com";
    add_at(&estate, at, &["--company-id", "abc"]).exits(2);
    refused(
        add_at(&estate, at, &["--company-id", "0"]),
        &estate,
        &["COMPANY_ID", "société"],
    );
    add_at(&estate, at, &[]).exits(0);
    for wrong in ["abc", "0", "-1", "1.5"] {
        estate.env_lines(&format!("CRMRECO_CONNECTOR__CAVE__COMPANY_ID={wrong}"));
        estate
            .crmreco(&["test", "cave"])
            .exits(3)
            .says(&["COMPANY_ID", wrong]);
    }
}

#[test]
fn the_key_is_private_and_masked_in_all_output() {
    let estate = Estate::bare();
    add_at(&estate, "https://cave.odoo.com", &[]).exits(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(estate.env_path())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let shown = estate
        .crmreco(&["show", "cave"])
        .exits(0)
        .says(&["API_KEY", "••••"]);
    assert_discreet(&shown.text());
    let shown = estate.crmreco(&["show", "cave", "--json"]).exits(0);
    assert_eq!(shown.json()["config"]["API_KEY"], "••••");
    assert_discreet(&shown.text());
    for command in [&["list"][..], &["list", "--json"]] {
        assert_discreet(&estate.crmreco(command).exits(0).says(&["cave"]).text());
    }
}
