//! docs/json.md names every key: those of the structs in the source, in their order, and those of real output.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tables::tables;
use super::{page, sources};
use crate::common::{Estate, TABLES};

/// A struct that is written as JSON.
#[derive(Debug)]
struct Document {
    name: String,
    keys: Vec<String>,
    /// Whether some of its keys come from a struct within (`serde(flatten)`): then `keys` are not all.
    is_flattened: bool,
}

/// The structs that are written as JSON and never read back: those are stored, not printed.
fn documents() -> Vec<Document> {
    let mut found = Vec::new();
    for source in sources() {
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            let is_written = line.starts_with("#[derive(") && line.contains("Serialize");
            if !is_written || line.contains("Deserialize") {
                continue;
            }
            let mut lines = lines.by_ref().skip_while(|line| line.starts_with('#'));
            let begin = lines.next().unwrap_or_default();
            let name = begin.strip_prefix("pub struct ");
            if let Some(name) = name.and_then(|name| name.strip_suffix(" {")) {
                let fields: Vec<&str> = lines.take_while(|line| *line != "}").collect();
                found.push(document(name, &fields));
            }
        }
    }
    found
}

fn document(name: &str, fields: &[&str]) -> Document {
    let mut document = Document {
        name: name.to_owned(),
        keys: Vec::new(),
        is_flattened: false,
    };
    let mut is_within = false;
    for field in fields.iter().map(|field| field.trim()) {
        if field.contains("serde(flatten)") {
            is_within = true;
            document.is_flattened = true;
        }
        let Some((key, _)) = field
            .strip_prefix("pub ")
            .and_then(|rest| rest.split_once(": "))
        else {
            continue;
        };
        if !std::mem::take(&mut is_within) {
            document.keys.push(key.trim_start_matches("r#").to_owned());
        }
    }
    document
}

/// The keys of each table of the reference.
fn reference() -> Vec<Vec<String>> {
    tables(&page("docs/json.md"))
        .into_iter()
        .filter(|table| table.first_column == "key")
        .map(|table| table.names().into_iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_reference_names_the_keys_of_every_struct_in_order() {
    let reference = reference();
    let documents = documents();
    assert!(documents.len() >= 15, "{documents:#?}");
    for document in documents {
        let is_documented = reference.iter().any(|keys| {
            if document.is_flattened {
                document.keys.iter().all(|key| keys.contains(key))
            } else {
                *keys == document.keys
            }
        });
        let Document { name, keys, .. } = &document;
        assert!(is_documented, "docs/json.md: no table for {name}: {keys:?}");
    }
}

/// Adds the keys of `value` that are no names: of connectors, tables, statuses, settings.
fn add_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| add_keys(item, keys)),
        Value::Object(entries) => {
            for (key, value) in entries {
                if !["config", "connectors_by_status"].contains(&key.as_str()) {
                    add_keys(value, keys);
                }
                if !TABLES.contains(&key.as_str()) && key != "cave" {
                    keys.insert(key.clone());
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_reference_names_the_keys_of_real_output_and_no_others() {
    let estate = Estate::of_bad("not_numbers");
    let mut printed = BTreeSet::new();
    for command in [
        &["sync", "cave"][..],
        &["sync", "cave", "--dry-run", "--full"],
        &["sync", "inconnu"],
        &["test", "cave"],
        &["list"],
        &["show", "cave"],
        &["show", "inconnu"],
        &["logs", "cave"],
        &["logs", "cave", "--rejects"],
        &["status", "--max-age", "1s"],
        &["metrics"],
        &["remove", "cave", "--yes"],
    ] {
        let outcome = estate.crmreco(&[command, &["--json"]].concat());
        add_keys(&outcome.json(), &mut printed);
    }
    let documented: BTreeSet<String> = reference().into_iter().flatten().collect();
    let missing: Vec<_> = printed.difference(&documented).collect();
    assert!(missing.is_empty(), "docs/json.md lacks {missing:?}");
    let in_structs = documents().into_iter().flat_map(|document| document.keys);
    let known: BTreeSet<String> = printed.into_iter().chain(in_structs).collect();
    let stale: Vec<_> = documented.difference(&known).collect();
    assert!(stale.is_empty(), "docs/json.md has too many: {stale:?}");
}
