//! Help and usage errors are French where the locale is French, else English.

use std::process::{Command, Output};

use serde_json::Value;

fn crmreco(locale: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crmreco"))
        .args(arguments)
        .env_clear()
        .envs(locale.iter().copied())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_follows_the_locale() {
    let french = "Synchronise des connecteurs";
    let english = "Sync connectors";
    for (locale, expected) in [
        (vec![], english),
        (vec![("LANG", "fr_FR.UTF-8")], french),
        (vec![("LANG", "fr_BE")], french),
        (
            vec![("LANG", "en_GB.UTF-8"), ("LC_ALL", "fr_FR.UTF-8")],
            french,
        ),
        (vec![("LANG", "fr_FR.UTF-8"), ("LC_ALL", "C")], english),
        (
            vec![
                ("LANG", "fr_FR.UTF-8"),
                ("LC_ALL", "C.UTF-8"),
                ("LANGUAGE", "fr"),
            ],
            english,
        ),
        (vec![("LANG", "de_DE.UTF-8")], english),
        (vec![("LANG", "")], english),
    ] {
        for flag in ["--help", "-h"] {
            let help = crmreco(&locale, &["sync", flag]);
            assert_eq!(help.status.code(), Some(0));
            let help = text(&help.stdout);
            assert!(help.starts_with(expected), "{locale:?}: {help}");
        }
    }
}

#[test]
fn usage_errors_are_french_for_the_french() {
    for (arguments, expected) in [
        (
            &["sync", "--ful"][..],
            &["« --ful » n'existe pas ici", "l'option « --full » ?"][..],
        ),
        (
            &["sync"],
            &["il manque « <NOMS>... »", "Usage : crmreco sync"],
        ),
        (
            &["ajouter", "cave"],
            &["la commande « ajouter » n'existe pas", "« add » ?"],
        ),
        (&["aide"], &["« help » ?"]),
        (
            &["add", "cave", "--type", "odo"],
            &["« odo » ne convient pas", "[valeurs : isavigne, odoo]"],
        ),
        (
            &["sync", "cave", "--source"],
            &["il manque la valeur de « --source <TABLE> »"],
        ),
        (
            &["sync", "--all", "cave"],
            &["« --all » ne va pas avec « [NOMS]... »"],
        ),
        (
            &["status", "--max-age=hier"],
            &[
                "« hier » ne convient pas",
                "écrivez une durée comme 90m, 26h ou 2d",
            ],
        ),
        (
            &["status", "--max-age=-3h"],
            &["une durée ne peut pas être négative"],
        ),
        (
            &["sync", "cave", "--last-sync", "hier"],
            &["écrivez 2025-12-27T16:00:00"],
        ),
        (&["serve", "--host", "a:b"], &["écrivez un nom seul"]),
        (
            &["logs", "cave", "--limit", "dix"],
            &["« dix » ne convient pas à « --limit <N> »"],
        ),
        (
            &["set", "cave", "TYPE=odoo"],
            &["TYPE ne se change pas", "Usage : crmreco set"],
        ),
        (
            &["remove", "cave", "--yes", "--yes"],
            &["« --yes » est donné deux fois"],
        ),
    ] {
        let done = crmreco(&[("LANG", "fr_FR.UTF-8")], arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert!(done.stdout.is_empty());
        let said = text(&done.stderr).replace('\u{a0}', " ");
        for part in expected {
            assert!(said.contains(part), "{arguments:?}: {said}");
        }
        assert!(!said.contains("error"), "{said}");
    }
}

#[test]
fn a_usage_error_in_json_is_one_document_in_the_language_of_the_locale() {
    for (locale, expected) in [
        (&[("LANG", "fr_FR.UTF-8")][..], "n'existe pas ici"),
        (&[], "unexpected argument"),
    ] {
        let done = crmreco(locale, &["sync", "cave", "--ful", "--json"]);
        assert_eq!(done.status.code(), Some(2));
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(answer["success"], false);
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains('\u{1b}'), "{message}");
    }
}

#[test]
fn french_words_lead_to_the_command_in_english_too() {
    let done = crmreco(&[], &["ajouter", "cave"]);
    assert_eq!(done.status.code(), Some(2));
    let said = text(&done.stderr);
    assert!(
        said.contains("a similar subcommand exists: 'add'"),
        "{said}"
    );
}
