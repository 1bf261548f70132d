//! docs/settings.md names every setting of the one list, with its flag and default, and every variable.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crmreco::connectors::{Input, KINDS};
use regex::Regex;

use super::blocks::env_lines;
use super::tables::tables;
use super::{documentation, page, sources};
use crate::common::Estate;

/// Flag and default of a setting, as the page writes them.
type Spec = (String, String);

fn quoted(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("`{text}`")
    }
}

#[test]
fn the_settings_page_names_every_setting_with_flag_and_default() {
    let text = page("docs/settings.md");
    let rows = tables(&text)
        .into_iter()
        .filter(|table| table.first_column == "setting")
        .flat_map(|table| table.rows);
    let mut documented: BTreeMap<String, Spec> = rows
        .map(|row| {
            let key = row[0].trim_matches('`').to_owned();
            (key, (row[1].clone(), row[2].clone()))
        })
        .collect();
    let columns = documented.remove("COLUMN__<TABLE>__<FIELD>");
    let kind = documented.remove("TYPE");
    assert!(columns.is_some() && kind.is_some());
    let known: BTreeMap<String, Spec> = KINDS
        .iter()
        .flat_map(|kind| kind.settings)
        .map(|spec| {
            let flag = spec
                .flag
                .as_ref()
                .map_or(String::new(), |flag| format!("`--{}`", flag.name));
            let default = if spec.is_required {
                "required".to_owned()
            } else {
                quoted(spec.default.unwrap_or_default())
            };
            (spec.key.to_owned(), (flag, default))
        })
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn the_settings_page_names_every_choice() {
    let text = page("docs/settings.md");
    for spec in KINDS.iter().flat_map(|kind| kind.settings) {
        let begin = format!("| `{}` |", spec.key);
        let row = text.lines().find(|line| line.starts_with(&begin)).unwrap();
        let Some(Input::Choice(choices)) = spec.field.as_ref().map(|field| &field.input) else {
            continue;
        };
        for (value, _) in *choices {
            // A bar would end the cell.
            let written = quoted(value).replace("`|`", "<code>&#124;</code>");
            assert!(row.contains(&written), "{}: {value}", spec.key);
        }
    }
}

#[test]
fn every_documented_field_can_be_given_a_header() {
    let text = page("docs/settings.md");
    let all = tables(&text);
    let fields = all.iter().find(|table| table.first_column == "`<TABLE>`");
    let field = Regex::new("`([a-z0-9_]+)`").unwrap();
    // Between brackets.
    let remark = Regex::new(r"\([^)]*\)").unwrap();
    let mut estate = Estate::of("plain");
    let mut count = 0;
    for row in &fields.unwrap().rows {
        let table = row[0].trim_matches('`');
        for name in field.captures_iter(&remark.replace_all(&row[1], "")) {
            let name = name[1].to_uppercase();
            estate = estate.setting(&format!("COLUMN__{table}__{name}"), "jamais vu");
            count += 1;
        }
    }
    assert!(count > 60, "{count} fields");
    // Status 3 would say that one of them is not known.
    let outcome = estate.crmreco(&["test", "cave", "--json"]);
    assert_ne!(outcome.code, Some(3), "{outcome:#?}");
}

#[test]
fn settings_in_all_pages_exist() {
    let known: BTreeSet<&str> = KINDS
        .iter()
        .flat_map(|kind| kind.settings)
        .map(|spec| spec.key)
        .chain(["TYPE"])
        .collect();
    let written = Regex::new("CRMRECO_CONNECTOR__([A-Z0-9_]+)").unwrap();
    for path in documentation() {
        let text = fs::read_to_string(&path).unwrap();
        for found in written.captures_iter(&text) {
            let (_, setting) = found[1].split_once("__").unwrap();
            assert!(
                known.contains(setting) || setting.starts_with("COLUMN__"),
                "{}: {}",
                path.display(),
                &found[0]
            );
        }
    }
}

#[test]
fn the_lines_shown_for_env_can_be_read() {
    let mut count = 0;
    for path in documentation() {
        let text = fs::read_to_string(&path).unwrap();
        let estate = Estate::bare();
        for line in env_lines(&text) {
            estate.env_lines(line);
            count += 1;
        }
        estate.crmreco(&["list"]).exits(0);
    }
    assert!(count >= 3, "{count} lines");
}

#[test]
fn the_settings_page_names_every_variable_of_the_program() {
    let text = page("docs/settings.md");
    let variable = Regex::new("\"(CRMRECO_[A-Z_]*[A-Z])\"").unwrap();
    let mut count = 0;
    for source in sources() {
        for found in variable.captures_iter(&source) {
            assert!(text.contains(&format!("`{}`", &found[1])), "{}", &found[1]);
            count += 1;
        }
    }
    assert!(count >= 4, "{count} variables");
}
