//! `add --type odoo`: where the key comes from, which addresses are taken, and what is said of those that are not.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::site::assert_discreet;
use super::stub::KEY;
use crate::common::{Estate, Outcome, assert_says};

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
fn add_at(estate: &Estate, url: &str, more: &[&str]) -> Outcome {
    let args = ["--url", url, "--db", "cave", "--user", "crm"];
    let outcome = add(estate, &[&args[..], more].concat(), Some(KEY));
    assert_discreet(&outcome.text());
    outcome
}

#[track_caller]
fn setting(estate: &Estate, key: &str) -> String {
    let prefix = format!("CRMRECO_CONNECTOR__CAVE__{key}=");
    let text = estate.env_text();
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(&prefix));
    let value = lines.next().unwrap_or_else(|| panic!("{key}: {text}"));
    value.trim_matches(['"', '\'']).to_owned()
}

/// Nothing was registered, and the refusal says these words.
#[track_caller]
fn refused(outcome: Outcome, estate: &Estate, words: &[&str]) {
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
fn a_person_is_told_what_to_run_next() {
    let outcome = add_at(&Estate::bare(), "https://cave.odoo.com", &[]).exits(0);
    outcome.says(&[
        "enregistré avec succès",
        "crmreco",
        "test cave",
        "sync cave",
    ]);
}

#[test]
fn the_key_may_end_with_a_line_end_as_files_do() {
    for input in [format!("{KEY}\n"), format!("  {KEY}\r\n\r\n")] {
        let estate = Estate::bare();
        let args = [
            "--url",
            "https://cave.odoo.com",
            "--db",
            "cave",
            "--user",
            "crm",
        ];
        add(&estate, &args, Some(&input)).exits(0);
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
fn a_key_typed_at_a_terminal_is_not_seen() {
    use crate::terminal::{at_terminal, rest, type_in};
    let estate = Estate::bare();
    let mut session = at_terminal(&estate, &["add", "cave", "--type", "odoo"]);
    let mut screen = String::new();
    for (question, answer) in [
        ("Adresse", "https://cave.odoo.com"),
        ("Base de donn", "cave"),
        ("Identifiant", "crm"),
        ("Cl.+ API", KEY),
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
fn the_key_alone_is_asked_for_when_the_rest_was_said() {
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
        let args = [
            "--url",
            "https://cave.odoo.com",
            "--db",
            "cave",
            "--user",
            "crm",
        ];
        let outcome = add(&estate, &args, Some(input));
        refused(
            outcome,
            &estate,
            &["entrée standard est vide", "--api-key-stdin <"],
        );
    }
}

#[test]
fn what_cannot_be_a_key_is_refused_without_being_repeated() {
    let estate = Estate::bare();
    let args = [
        "--url",
        "https://cave.odoo.com",
        "--db",
        "cave",
        "--user",
        "crm",
    ];
    for input in ["s3cr3t s3cr3t", "s3cr3t\ns3cr3t", "s3cr3t\u{7}", "s3cr3t-é"] {
        let outcome = add(&estate, &args, Some(input));
        assert!(!outcome.text().contains("s3cr3t"), "{outcome:?}");
        refused(outcome, &estate, &["clé", "API"]);
    }
}

#[test]
fn a_key_too_long_to_be_one_is_never_cut_to_fit() {
    let estate = Estate::bare();
    let args = [
        "--url",
        "https://cave.odoo.com",
        "--db",
        "cave",
        "--user",
        "crm",
    ];
    let outcome = add(&estate, &args, Some(&"s3cr3t".repeat(1_000)));
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
}

#[test]
fn a_key_does_not_travel_in_the_clear_unless_told_to() {
    let estate = Estate::bare();
    for url in [
        "http://odoo.cave.fr:8069",
        "http://192.168.1.20",
        "http://127.0.0.1.cave.fr",
        "http://[2001:db8::1]",
    ] {
        let outcome = add_at(&estate, url, &[]);
        refused(
            outcome,
            &estate,
            &[url, "en clair", "https://", "--allow-http", "ALLOW_HTTP"],
        );
    }
    add_at(&estate, "http://odoo.cave.fr:8069", &["--allow-http"]).exits(0);
    assert_eq!(setting(&estate, "ALLOW_HTTP"), "true");
}

#[test]
fn what_the_file_says_of_plain_http_counts_too() {
    for (allowed, code) in [("true", 1), ("oui", 1), ("false", 3), ("peut-être", 3)] {
        let estate = Estate::bare();
        let prefix = "CRMRECO_CONNECTOR__CAVE__";
        estate.env_lines(&format!(
            "{prefix}TYPE=odoo\n{prefix}URL=http://odoo.invalid\n{prefix}DB=cave\n{prefix}USER=crm\n{prefix}API_KEY={KEY}"
        ));
        let estate = estate.setting("ALLOW_HTTP", allowed);
        let outcome = estate.crmreco(&["test", "cave"]);
        assert_eq!(outcome.code, Some(code), "{allowed}: {outcome:?}");
        let word = if code == 1 { "injoignable" } else { "http" };
        assert_says(&outcome.text(), &[word]);
    }
}

#[test]
fn this_machine_may_be_spoken_to_in_the_clear() {
    for url in [
        "http://127.0.0.1:8069",
        "http://localhost:8069",
        "http://LOCALHOST",
        "http://[::1]:8069",
    ] {
        let estate = Estate::bare();
        add_at(&estate, url, &[]).exits(0);
        assert_eq!(setting(&estate, "URL"), url);
    }
}

#[test]
fn an_address_copied_from_a_browser_is_taken() {
    for url in [
        "https://cave.odoo.com/",
        "https://cave.odoo.com/web",
        "https://cave.odoo.com/web#action=12&model=res.partner",
        "https://cave.odoo.com/odoo/contacts/7",
        "https://cave.odoo.com/web/login?db=cave",
        "HTTPS://cave.odoo.com:8443/odoo",
    ] {
        add_at(&Estate::bare(), url, &[]).exits(0);
    }
}

#[test]
fn an_address_that_is_none_is_refused_with_an_example() {
    let estate = Estate::bare();
    for (url, why) in [
        ("cave.odoo.com", "adresse"),
        ("localhost:8069", "adresse"),
        ("//cave.odoo.com", "adresse"),
        ("la cave", "adresse"),
        ("ftp://cave.odoo.com", "https://"),
        ("https://cave.odoo.com/boutique", "une page"),
        ("https://cave.odoo.com/website", "une page"),
    ] {
        refused(
            add_at(&estate, url, &[]),
            &estate,
            &[url, why, "https://cave.odoo.com"],
        );
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_never_repeated() {
    for url in [
        "https://crm:s3cr3t@cave.odoo.com",
        "https://crm:s3@cr3t@cave.odoo.com",
        "http://crm:s3cr3t@127.0.0.1",
        "crm:s3cr3t@cave.odoo.com",
        "https://crm:s3cr3t @cave.odoo.com",
    ] {
        let estate = Estate::bare();
        let outcome = add_at(&estate, url, &[]);
        for part in ["s3cr3t", "cr3t"] {
            assert!(!outcome.text().contains(part), "{url}: {outcome:?}");
        }
        refused(outcome, &estate, &["URL"]);
        // Somebody may have written it there himself.
        estate.connector("cave", &estate.exports());
        let estate = estate.setting("TYPE", "odoo").setting("URL", url);
        for command in [
            &["show", "cave"][..],
            &["show", "cave", "--json"],
            &["test", "cave"],
            &["sync", "cave"],
        ] {
            let outcome = estate.crmreco(command);
            assert!(!outcome.text().contains("cr3t"), "{url}: {outcome:?}");
        }
    }
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
fn the_key_is_its_owners_alone_and_masked_wherever_settings_are_shown() {
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
