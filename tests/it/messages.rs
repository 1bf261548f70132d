//! What the library says names no command and no flag: the history keeps it, and pages show it.

use std::path::Path;

use regex::Regex;

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
        Regex::new(r"crmreco (list|add|show|test|sync|logs|status|metrics|remove)\b").unwrap();
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
