//! Decides whether a file was already read: by its name, its content, and how it was read.
//!
//! The mark of a cursor is the name of a file; its label is the state in which the file was read: version of the
//! rules, settings that determine keys, all settings that change rows, content, whether it contained invoices and
//! documents numbered by journal, and the time of its last change. Before version 2 the mark was the content, and the
//! label the name.

use std::collections::HashMap;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::Isavigne;
use super::files::ExportFile;
use super::settings::SalesFiles;
use super::survey::Survey;
use crate::canonical::{Cursor, Table};
use crate::connectors::Known;

/// Version of the rules: incremented when a file yields other rows.
const RULES: &str = "4";

/// Prefix of the mark of a waiting file.
const WAITING: &str = "waiting:";

/// Marks the state of a file that contained invoices.
const INVOICES: char = 'i';

/// Marks the state of a file with documents numbered by journal, and of one without.
const SERIES: char = 'j';
const NO_SERIES: char = 'n';

/// The content of a file, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    rules: String,
    keys: String,
    settings: String,
    content: String,
    pub(super) has_invoices: bool,
    /// Whether its documents are numbered by journal; `None` without documents.
    pub(super) has_series: Option<bool>,
    /// Time of its last change, in nanoseconds since 1970: a renamed file keeps it, a rewritten one does not.
    modified: i128,
}

impl State {
    pub(super) fn of(config: &Isavigne, table: Table, file: &ExportFile, survey: &Survey) -> Self {
        Self {
            rules: RULES.to_owned(),
            keys: keys(config, table),
            settings: settings(config, table),
            content: content(file, survey),
            has_invoices: false,
            has_series: None,
            modified: file.order.1.as_nanosecond(),
        }
    }

    /// The cursor of the file called `name`, read in this state.
    pub(super) fn cursor(&self, name: &str) -> Cursor {
        let Self {
            rules,
            keys,
            settings,
            content,
            has_invoices,
            has_series,
            modified,
        } = self;
        let series = has_series.map(|has_series| if has_series { SERIES } else { NO_SERIES });
        let invoices = has_invoices.then_some(INVOICES);
        let flags: String = invoices.into_iter().chain(series).collect();
        Cursor {
            mark: name.to_owned(),
            label: format!("{rules}:{keys}:{settings}:{content}:{flags}:{modified}"),
        }
    }

    fn parse(label: &str) -> Option<Self> {
        let mut parts = label.split(':').map(str::to_owned);
        let (rules, keys, settings) = (parts.next()?, parts.next()?, parts.next()?);
        let (content, flags) = (parts.next()?, parts.next()?);
        let has_no_series = flags.contains(NO_SERIES).then_some(false);
        let state = Self {
            rules,
            keys,
            settings,
            content,
            has_invoices: flags.contains(INVOICES),
            has_series: flags.contains(SERIES).then_some(true).or(has_no_series),
            modified: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(state)
    }

    fn is_read_like(&self, other: &Self) -> bool {
        self.rules == other.rules && self.settings == other.settings
    }
}

/// Identifier of the content of `file`: of a workbook, with its sheet.
pub(super) fn content(file: &ExportFile, survey: &Survey) -> String {
    match &file.sheet {
        None => survey.hash.clone(),
        Some(sheet) => format!(
            "{:032x}",
            xxh3_128(format!("{}#{sheet}", survey.hash).as_bytes())
        ),
    }
}

/// The settings that determine the keys of `table`.
fn keys(config: &Isavigne, table: Table) -> String {
    if table != Table::SalesLines {
        return String::new();
    }
    let is_append = config.sales_files == SalesFiles::Append;
    hash(&(config.sales_key, config.fiscal_year_start, is_append))
}

/// The settings that change rows of `table`.
fn settings(config: &Isavigne, table: Table) -> String {
    let of_text = (
        config.encoding,
        config.delimiter,
        config.header_line,
        config.decimal_mark,
        config.date_form,
    );
    let of_sales = (table == Table::SalesLines).then_some((
        config.sales_key,
        config.sales_files,
        config.fiscal_year_start,
    ));
    let overrides = config.overrides.of_table(table);
    hash(&(
        of_text,
        config.case_size,
        &config.sheet,
        of_sales,
        overrides,
    ))
}

fn hash(settings: &impl std::fmt::Debug) -> String {
    format!("{:016x}", xxh3_64(format!("{settings:?}").as_bytes()))
}

/// Whether a file replaces the earlier ones: always for stock, for sales by the setting.
pub(super) fn is_snapshot(config: &Isavigne, table: Table) -> bool {
    match table {
        Table::StockLevels => true,
        Table::SalesLines => config.sales_files == SalesFiles::Full,
        Table::Customers | Table::Products | Table::ContactHistory => false,
    }
}

/// What was read of a table.
pub(super) struct Read {
    /// State and run by file name.
    states: HashMap<String, (State, i64)>,
    /// Contents read by rules before version 2.
    old: Vec<String>,
    keys: String,
    /// Whether only the newest file counts.
    is_snapshot: bool,
    /// Whether no file repeats another, even with equal contents.
    is_append: bool,
    /// Files read by this run or a later one are read again.
    reread_from: i64,
}

impl Read {
    pub(super) fn of(config: &Isavigne, table: Table, known: &Known) -> Self {
        let mut states = HashMap::new();
        let mut old = Vec::new();
        for (mark, label, run_id) in known.cursors.iter() {
            match State::parse(label) {
                _ if mark.starts_with(WAITING) => {}
                Some(state) => {
                    states.insert(mark.to_owned(), (state, run_id));
                }
                None => old.push(mark.to_owned()),
            }
        }
        Self {
            states,
            old,
            keys: keys(config, table),
            is_snapshot: is_snapshot(config, table),
            is_append: config.sales_files == SalesFiles::Append,
            reread_from: i64::MAX,
        }
    }

    /// Has files read again whose corrections changed, with those read later. `is_here`: whether a file is in the folder.
    pub(super) fn rereading(self, known: &Known, is_here: impl Fn(&str) -> bool) -> Self {
        let rereads = known.rereads.iter();
        let mut runs = rereads.filter(|(name, _)| name.is_empty() || is_here(name));
        let first = runs.by_ref().map(|(_, run)| *run).min();
        Self {
            reread_from: first.unwrap_or(i64::MAX),
            ..self
        }
    }

    /// Whether the file called `name` was read in `state`, or is a copy of one that was and still exists, or a
    /// renamed one. `contents`: current content hashes by name.
    pub(super) fn has(
        &self,
        name: &str,
        state: &State,
        contents: &HashMap<String, String>,
    ) -> bool {
        let is_same = |(read, run_id): &(State, i64)| {
            read.content == state.content && read.is_read_like(state) && *run_id < self.reread_from
        };
        if self.is_snapshot {
            let newest = self.states.values().map(|(_, run_id)| *run_id).max();
            let newest = self
                .states
                .values()
                .filter(|(_, run_id)| Some(*run_id) == newest);
            return newest.into_iter().any(is_same);
        }
        if self.states.get(name).is_some_and(is_same) {
            return true;
        }
        let mut others = self.states.iter().filter(|(other, _)| *other != name);
        others.any(|(other, known)| {
            let (read, _) = known;
            is_same(known)
                && match contents.get(other) {
                    // Where no file repeats another, there are no copies.
                    Some(content) => *content == read.content && !self.is_append,
                    None => read.modified == state.modified,
                }
        })
    }

    /// Whether that content was read before, with other rules or settings.
    pub(super) fn had(&self, state: &State) -> bool {
        let mut states = self.states.values();
        let was_read_otherwise =
            states.any(|(read, _)| read.content == state.content && !read.is_read_like(state));
        was_read_otherwise || self.old.contains(&state.content)
    }

    /// Whether rows were read with keys of another form.
    pub(super) fn has_other_keys(&self) -> bool {
        let mut states = self.states.values();
        !self.old.is_empty() || states.any(|(state, _)| state.keys != self.keys)
    }

    /// Marks that are obsolete: of an older version, and, where `keys` take another form, those of files read with
    /// the old one.
    pub(super) fn outdated(&self, replaces_keys: bool) -> Vec<&str> {
        let mut marks: Vec<&str> = self.old.iter().map(String::as_str).collect();
        let others = self
            .states
            .iter()
            .filter(|(_, (state, _))| state.keys != self.keys);
        if replaces_keys {
            marks.extend(others.map(|(mark, _)| mark.as_str()));
        }
        marks
    }

    /// Whether some file contained invoices.
    pub(super) fn has_invoices(&self) -> bool {
        self.states.values().any(|(state, _)| state.has_invoices)
    }

    /// Whether some file numbered its documents by journal, and whether some file did not.
    pub(super) fn series(&self) -> (bool, bool) {
        let has = |wanted| {
            let mut states = self.states.values();
            states.any(|(state, _)| state.has_series == Some(wanted))
        };
        (has(true), has(false))
    }
}

/// Marks of missing files (not in `names`) that waited, or were read before the retention period. Those with invoices
/// stay: because of them, orders do not count.
pub(super) fn gone_while_waiting<'k>(
    known: &'k Known,
    names: &'k [String],
) -> impl Iterator<Item = &'k str> {
    let gone = known.cursors.iter().filter(|(mark, label, run_id)| {
        let waited = mark.strip_prefix(WAITING);
        let is_forgettable = waited.is_some()
            || (*run_id < known.first_kept
                && State::parse(label).is_some_and(|state| !state.has_invoices));
        let name = waited.unwrap_or(mark);
        is_forgettable && !names.iter().any(|one| one == name)
    });
    gone.map(|(mark, _, _)| mark)
}

/// A waiting incomplete file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    /// When it began to wait, in seconds since 1970.
    pub(super) since: i64,
    /// Time of the last change of its content.
    pub(super) still_since: i64,
    pub(super) content: String,
}

impl Waiting {
    /// The mark of the file called `name`.
    pub(super) fn mark(name: &str) -> String {
        format!("{WAITING}{name}")
    }

    pub(super) fn cursor(&self, name: &str) -> Cursor {
        Cursor {
            mark: Self::mark(name),
            label: format!("{}:{}:{}", self.since, self.still_since, self.content),
        }
    }

    /// The stored state of the file called `name`.
    pub(super) fn of(known: &Known, name: &str) -> Option<Self> {
        let mut parts = known.cursors.label(&Self::mark(name))?.splitn(3, ':');
        Some(Self {
            since: parts.next()?.parse().ok()?,
            still_since: parts.next()?.parse().ok()?,
            content: parts.next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_out_as_it_went_in() {
        for (has_invoices, has_series) in [(false, None), (true, Some(true)), (true, Some(false))] {
            let state = State {
                rules: "2".into(),
                keys: String::new(),
                settings: "0f".into(),
                content: "ab".into(),
                has_invoices,
                has_series,
                modified: 12,
            };
            assert_eq!(State::parse(&state.cursor("ventes.csv").label), Some(state));
        }
        assert_eq!(State::parse("ventes.csv"), None);
        assert_eq!(State::parse("a:b:c:d:e:1:f"), None);
    }
}
