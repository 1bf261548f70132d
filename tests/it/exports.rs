//! Small exports with the faults of real ones: each is read right, or refused with its cause. See `tests/cases/README.md`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use regex::{Regex, RegexBuilder};
use rusqlite::types::ValueRef;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::common::Estate;

/// Files this old are no longer being written.
const AGE: Duration = Duration::from_secs(60 * 60);

/// Runs only the cases whose name contains this.
const FILTER: &str = "EXPORTS_CASE";

/// A test for each kind of cases.
macro_rules! kinds {
    ($($test:ident = $kind:literal,)*) => {
        const KINDS: &[&str] = &[$($kind),*];
        $(
            #[test]
            fn $test() {
                check($kind);
            }
        )*
    };
}

kinds! {
    absent_columns = "absent-columns",
    dates_and_numbers = "dates-numbers",
    encodings = "encodings",
    file_names = "file-names",
    formats = "formats",
    guards = "guards",
    headers = "headers",
    loading_nothing = "loading-nothing",
    meaning = "meaning",
    messages = "messages",
    non_rows = "non-rows",
    order_of_files = "order-of-files",
    preamble = "preamble",
    quotes = "quotes",
    sales_identity = "sales-identity",
    shifted_cells = "shifted-cells",
    workbooks = "workbooks",
}

#[test]
fn every_folder_of_cases_has_a_test() {
    assert_eq!(folders_in(&cases()), KINDS);
}

/// Runs all cases of a kind and fails with those that are worse than expected.
#[track_caller]
fn check(kind: &str) {
    let folder = cases().join(kind);
    let filter = std::env::var(FILTER).unwrap_or_default();
    let names = folders_in(&folder);
    assert!(!names.is_empty(), "no case in {}", folder.display());
    let run = names.iter().filter(|name| name.contains(&filter));
    let failures: Vec<String> = run
        .filter_map(|name| Case::read(&folder.join(name)).failure())
        .map(|failure| format!("{kind}/{failure}"))
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The names of the folders in `folder`, sorted.
fn folders_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Contents of a `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    symptom: String,
    expected: Verdict,
    pattern: Option<String>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    right: Vec<Fact>,
    cause: Option<String>,
    #[serde(default)]
    never: Vec<Fact>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// All rows were read right.
    Right,
    /// An error or a rejected row names the cause.
    Refused,
    /// Some message names the cause.
    Told,
}

/// What a query answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    sql: String,
    value: Value,
}

struct Case {
    folder: PathBuf,
    description: Description,
}

impl Case {
    #[track_caller]
    fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("case.json")).unwrap();
        let description: Description = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let can_be = match description.expected {
            Verdict::Right => !description.right.is_empty(),
            Verdict::Refused | Verdict::Told => description.cause.is_some(),
        };
        assert!(can_be, "{}: nothing to check", folder.display());
        Self {
            folder: folder.to_owned(),
            description,
        }
    }

    /// What was seen, where that is worse than expected.
    fn failure(&self) -> Option<String> {
        let Description {
            symptom,
            expected,
            right,
            never,
            ..
        } = &self.description;
        let run = self.run();
        let wrong: Vec<_> = never
            .iter()
            .filter_map(|fact| run.holds(fact).ok())
            .collect();
        let missed: Vec<_> = right
            .iter()
            .filter_map(|fact| run.holds(fact).err())
            .collect();
        let is_right = !right.is_empty() && missed.is_empty() && run.codes.last() == Some(&0);
        let is_expected = match expected {
            Verdict::Right => is_right,
            Verdict::Refused => is_right || self.names_cause(run.refusals()),
            Verdict::Told => is_right || self.names_cause(run.refusals().chain(&run.warnings)),
        };
        (!is_expected || !wrong.is_empty()).then(|| {
            let name = self.folder.file_name().unwrap().to_string_lossy();
            let (codes, missed, wrong) = (&run.codes, missed.join("\n  "), wrong.join("\n  "));
            let messages: Vec<_> = run.refusals().chain(&run.warnings).map(String::as_str).collect();
            let messages = messages.join("\n  ");
            format!(
                "{name}: {symptom}\n expected: {expected:?}, exits: {codes:?}\n not right:\n  {missed}\n never:\n  {wrong}\n said:\n  {messages}"
            )
        })
    }

    fn names_cause<'m>(&self, mut messages: impl Iterator<Item = &'m String>) -> bool {
        let cause = self.description.cause.as_deref().map(any_case);
        cause.is_some_and(|cause| messages.any(|message| cause.is_match(message)))
    }

    /// Syncs step after step.
    fn run(&self) -> Run {
        let estate = Estate::empty();
        let pattern = self.description.pattern.as_deref().unwrap_or("*.csv");
        let mut estate = estate.setting("FILE_PATTERN", pattern);
        for (key, value) in &self.description.settings {
            estate = estate.setting(key, value);
        }
        let mut run = Run {
            estate,
            codes: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            rejects: Vec::new(),
        };
        let mut written = SystemTime::now() - AGE;
        let steps = folders_in(&self.folder);
        assert!(
            !steps.is_empty() && steps.len() < 10,
            "{}",
            self.folder.display()
        );
        for step in steps {
            for (name, content) in files_in(&self.folder.join(step)) {
                written += Duration::from_secs(1);
                run.estate.export(&name, content);
                let path = run.estate.exports().join(&name);
                let file = File::options().write(true).open(path).unwrap();
                file.set_modified(written).unwrap();
            }
            run.sync();
        }
        run
    }
}

/// The files of a step, sorted by name.
fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn any_case(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .build()
        .unwrap()
}

/// What the syncs of a case left.
struct Run {
    estate: Estate,
    codes: Vec<i32>,
    errors: Vec<String>,
    warnings: Vec<String>,
    /// Column and reason of the rejects in the database.
    rejects: Vec<String>,
}

impl Run {
    fn sync(&mut self) {
        let outcome = self.estate.crmreco(&["sync", "cave", "--json"]);
        let answer = outcome.json();
        self.codes.push(outcome.code.unwrap());
        self.errors
            .extend(crate::common::messages(&answer, "errors"));
        self.warnings
            .extend(crate::common::messages(&answer, "warnings"));
        self.rejects = self
            .estate
            .sql("SELECT coalesce(column_name, '') || ' ' || reason FROM rejects");
    }

    fn refusals(&self) -> impl Iterator<Item = &String> {
        self.errors.iter().chain(&self.rejects)
    }

    /// Whether the first row of the fact's query is its value; either way the fact, and what was found.
    fn holds(&self, fact: &Fact) -> Result<String, String> {
        let wanted = match &fact.value {
            Value::Array(cells) => cells.clone(),
            cell => vec![cell.clone()],
        };
        let found = self.first_row(&fact.sql);
        let shown = format!(
            "{} -> {}, the fact says {}",
            fact.sql,
            json!(found),
            fact.value
        );
        match found {
            Some(found)
                if found.len() == wanted.len() && found.iter().zip(&wanted).all(is_same) =>
            {
                Ok(shown)
            }
            _ => Err(shown),
        }
    }

    fn first_row(&self, sql: &str) -> Option<Vec<Value>> {
        let database = rusqlite::Connection::open(self.estate.database()).unwrap();
        let mut statement = database.prepare(sql).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let row = rows.next().unwrap()?;
        Some(
            (0..width)
                .map(|at| cell(row.get_ref(at).unwrap()))
                .collect(),
        )
    }
}

fn cell(value: ValueRef) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) | ValueRef::Blob(text) => json!(String::from_utf8_lossy(text)),
    }
}

/// Whether two cells are equal, numbers to a ten-thousandth.
fn is_same((found, wanted): (&Value, &Value)) -> bool {
    match (found.as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => (found - wanted).abs() < 1e-4,
        _ => found == wanted,
    }
}
