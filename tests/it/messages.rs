//! Messages: those of the library name no command and no flag, because the history keeps them and pages show them; the
//! terminal names both.

use std::path::Path;

use regex::Regex;

use crate::common::{Estate, Outcome};

/// The string literals of the sources below `folder`, each with its file.
fn literals(folder: &Path) -> Vec<(String, String)> {
    let literal = Regex::new(r#""((?:[^"\\]|\\.)*)""#).unwrap();
    let comment = Regex::new(r"(?m)^\s*//.*$").unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(literals(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            let code = comment.replace_all(code, "");
            let name = path.display().to_string();
            let texts = literal.captures_iter(&code);
            found.extend(texts.map(|text| (name.clone(), text[1].to_owned())));
        }
    }
    found
}

#[test]
fn no_message_of_the_library_names_a_command_or_flag() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // The login page asks for what stands in the terminal of `crmreco serve`.
    let command =
        Regex::new(r"crmreco (list|add|set|rename|show|test|sync|logs|status|metrics|remove|doctor|export|query)\b").unwrap();
    let flag = Regex::new(r"(^|[\s«(])--[a-z]").unwrap();
    let texts = literals(&root);
    assert!(texts.len() > 1_000, "the sources were not found");
    let of_terminal = texts.iter().filter(|(file, text)| {
        let is_of_terminal = file.contains("/cli/");
        !is_of_terminal && (command.is_match(text) || flag.is_match(text))
    });
    let of_terminal: Vec<_> = of_terminal.collect();
    assert!(of_terminal.is_empty(), "{of_terminal:#?}");
}

/// `crmreco` in a home that only `--home` names.
fn elsewhere(estate: &Estate, args: &[&str]) -> Outcome {
    let mut command = estate.command(&[&["--home", "home"], args].concat());
    Outcome::of(command.env_remove("CRMRECO_HOME"))
}

#[test]
fn advice_names_the_home_of_its_command() {
    let estate = Estate::bare();
    for args in [&["show", "cave"][..], &["sync", "--all"]] {
        elsewhere(&estate, args)
            .exits(3)
            .says(&["crmreco --home home add NOM"]);
    }
}

#[test]
fn a_command_of_advice_can_be_pasted() {
    let estate = Estate::bare();
    let mut command = estate.command(&["--home", "l'état de la cave", "list"]);
    Outcome::of(command.env_remove("CRMRECO_HOME"))
        .exits(0)
        .says(&[r"crmreco --home 'l'\''état de la cave' add"]);
}

#[test]
fn a_terminal_reads_each_advice_of_a_failed_sync_once() {
    let estate = Estate::empty();
    let stock = |rows: u32| {
        let rows = (1..=rows).map(|row| format!("P{row};{row}\n"));
        format!("produit_key;quantite\n{}", rows.collect::<String>())
    };
    estate.export("produits.csv", "produit_key;nom\nP1;Vin\n");
    estate.export("stock.csv", stock(60));
    estate.sync();
    estate.export("clients.csv", "code_client;nom\n;A\n;B\n");
    estate.export("stock.csv", stock(10));
    let outcome = elsewhere(&estate, &["sync", "cave"]).exits(1);
    let text = outcome.text();
    for once in [
        "crmreco --home home logs cave --rejects",
        "corrigez-les à la source",
        "si c'est voulu, relancez avec --allow-shrink",
    ] {
        let count = text.to_lowercase().matches(once).count();
        assert_eq!(count, 1, "{once}: {text}");
    }
    assert!(!text.contains("autorisant cette suppression"), "{text}");
    assert!(!text.contains("Rien de nouveau"), "{text}");
    assert!(text.contains("1 fichier déjà lu"), "{text}");
}
