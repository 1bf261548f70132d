//! Finds the header of a file: the first line with all required columns of its table, and the delimiter.

mod unheaded;

use super::header_names::header_names;
use super::rows::Rows;
use super::{odd_quotes, shape, typed};
use crate::canonical::{Table, text};
use crate::connectors::isavigne::columns::{self, Columns};
use crate::connectors::isavigne::sheet::{DELIMITERS, Layout, Line, Shape};
use crate::connectors::isavigne::{Isavigne, cells};
use crate::error::{Error, Result};

/// Lines searched for the header, without blank ones.
pub(super) const MOST_LINES: usize = 20;

/// Most cells of a header without a known column, which the settings may name.
const MOST_UNKNOWN: usize = 1000;

/// Rows checked below the header.
const ROWS: usize = 200;

/// A header mapped to columns.
pub(super) struct Header {
    pub(super) layout: Layout,
    pub(super) columns: Columns,
    /// A remark about skipped lines above it.
    pub(super) remark: Option<String>,
}

/// The rows to search and the rules of the search.
pub(super) struct Sought<'a> {
    pub(super) rows: &'a Rows,
    pub(super) table: Table,
    pub(super) config: &'a Isavigne,
}

/// A line with all required columns.
struct Found {
    delimiter: u8,
    line: Line,
    columns: Columns,
    /// Filled lines above it.
    above: Vec<Line>,
    /// The first rows below it.
    below: Vec<Line>,
}

/// Finds the header of `rows` for `table`.
pub(super) fn find(rows: &Rows, table: Table, config: &Isavigne) -> Result<Header> {
    let sought = Sought {
        rows,
        table,
        config,
    };
    let Some(found) = sought.best() else {
        return Err(unheaded::why(&sought));
    };
    if !rows.is_workbook() {
        found.refuse_swallowed_rows()?;
        found.refuse_other_delimiter(rows)?;
        odd_quotes::refuse(&found.line, &found.below)?;
    }
    found.refuse_rows_above()?;
    let shape = shape::of(&found.line, &found.columns, &found.below);
    let layout = Layout {
        delimiter: found.delimiter,
        header_line: found.line.number,
        shape,
    };
    Ok(Header {
        layout,
        remark: found.remark(),
        columns: found.columns,
    })
}

impl Sought<'_> {
    /// The header with the delimiter that fits it and the rows below best.
    fn best(&self) -> Option<Found> {
        let mut all = Vec::new();
        for delimiter in self.delimiters() {
            let Some(found) = self.first(delimiter) else {
                continue;
            };
            // No other delimiter splits that line.
            if found.holds_no_other_delimiter() {
                return Some(found);
            }
            all.push(found);
        }
        all.into_iter().rev().max_by_key(Found::rank)
    }

    /// The possible delimiters, the likeliest first.
    pub(super) fn delimiters(&self) -> Vec<u8> {
        match self.imposed_delimiter() {
            Some(delimiter) => vec![delimiter],
            None if self.rows.is_workbook() => vec![b'\t'],
            None => DELIMITERS.to_vec(),
        }
    }

    /// The delimiter from the setting or the file's first line.
    pub(super) fn imposed_delimiter(&self) -> Option<u8> {
        if self.rows.is_workbook() {
            return None;
        }
        self.config.delimiter.or_else(|| self.rows.preamble())
    }

    /// The lines that may be the header.
    pub(super) fn lines(&self, delimiter: u8) -> Vec<Line> {
        if let Some(number) = self.config.header_line {
            let mut lines = self.rows.sample(delimiter, number, 1, None);
            lines.retain(|line| line.number == number);
            return lines;
        }
        let from = if self.rows.preamble().is_some() { 2 } else { 1 };
        let mut lines = self.rows.sample(delimiter, from, MOST_LINES, None);
        // An unclosed quote in a title must not swallow the header.
        while let Some(at) = lines
            .iter()
            .position(|line| line.broken_quote.is_some() && line.more_lines > 0)
        {
            let Some(broken) = lines.get_mut(at) else {
                break;
            };
            broken.more_lines = 0;
            let next = broken.number + 1;
            lines.truncate(at + 1);
            lines.extend(
                self.rows
                    .sample(delimiter, next, MOST_LINES - lines.len(), None),
            );
        }
        lines
    }

    /// Number of cells of `line` that name a column.
    pub(super) fn known(&self, line: &Line) -> usize {
        let keys = line
            .cells
            .iter()
            .map(|cell| text::header_key(cells::peel(cell)));
        keys.filter(|key| columns::is_known(self.table, key))
            .count()
    }

    /// Maps `line` as a header.
    pub(super) fn map(&self, line: &Line) -> Result<Columns> {
        Columns::map(self.table, &header_names(line), &self.config.overrides)
    }

    /// Whether `line` is worth the search for similar names, which is slow in a wide line.
    fn may_be_header(&self, line: &Line) -> bool {
        line.cells.len() <= MOST_UNKNOWN || self.known(line) > 0
    }

    fn first(&self, delimiter: u8) -> Option<Found> {
        let mut above = self.lines(delimiter);
        let (at, columns) = above.iter().enumerate().find_map(|(at, line)| {
            let is_header =
                line.broken_quote.is_none() && line.cells.len() > 1 && self.may_be_header(line);
            let columns = is_header.then(|| self.map(line).ok()).flatten()?;
            Some((at, columns))
        })?;
        let line = above.drain(at..).next()?;
        if self.config.header_line.is_some() {
            let first = if self.rows.preamble().is_some() { 2 } else { 1 };
            above = self.rows.sample(delimiter, first, MOST_LINES, None);
            above.retain(|other| other.number < line.number);
        }
        let next = line.number + line.more_lines + 1;
        let shape = Shape {
            is_padded: shape::is_padded(&line),
            ..Shape::of_width(columns.width())
        };
        Some(Found {
            delimiter,
            below: self.rows.sample(delimiter, next, ROWS, Some(shape)),
            line,
            columns,
            above,
        })
    }
}

impl Found {
    fn holds_no_other_delimiter(&self) -> bool {
        let is_other = |byte: u8| byte != self.delimiter && DELIMITERS.contains(&byte);
        self.above.is_empty()
            && !self
                .line
                .cells
                .iter()
                .any(|cell| cell.bytes().any(is_other))
    }

    /// The higher, the more certain is the delimiter.
    fn rank(&self) -> (bool, usize, usize) {
        let agree = self.agreeing_rows();
        let is_agreed = agree * 2 >= self.below.len();
        (is_agreed, self.columns.understood(), agree)
    }

    /// Number of rows with a cell for each column.
    fn agreeing_rows(&self) -> usize {
        let width = self.columns.width();
        let below = self.below.iter();
        below.filter(|line| line.cells.len() >= width).count()
    }

    /// Fails for an unclosed quote in the header: it contains whole rows, up to the next quote.
    fn refuse_swallowed_rows(&self) -> Result<()> {
        if self.line.more_lines == 0 {
            return Ok(());
        }
        let holds_row = |cell: &str| {
            let mut lines = cell.lines().skip(1);
            lines.any(|line| line.bytes().any(|byte| byte == self.delimiter))
        };
        if !self.line.cells.iter().any(holds_row) {
            return Ok(());
        }
        Err(Error::data(format!(
            "guillemet ouvert dans l'en-tête, ligne {}, fermé ligne {} : les lignes entre les deux seraient perdues",
            self.line.number,
            self.line.number + self.line.more_lines
        ))
        .hint("Ôtez ce guillemet, ou fermez-le dans l'en-tête"))
    }

    /// Fails for `code_client,nom,ville` above `C1;Durand;Nice`: the rows cannot be split.
    fn refuse_other_delimiter(&self, rows: &Rows) -> Result<()> {
        let below = self.below.iter().filter(|line| line.broken_quote.is_none());
        let count = below.clone().count();
        let alone = below.filter(|line| line.cells.len() == 1);
        if count == 0 || alone.count() * 2 <= count {
            return Ok(());
        }
        let next = self.line.number + self.line.more_lines + 1;
        let other = DELIMITERS.into_iter().find(|&delimiter| {
            let lines = rows.sample(delimiter, next, ROWS, None);
            let split = lines.iter().filter(|line| line.cells.len() > 1);
            delimiter != self.delimiter && split.count() * 2 > count
        });
        let Some(other) = other else { return Ok(()) };
        Err(Error::data(format!(
            "le séparateur de l'en-tête (ligne {}) est {}, celui des lignes suivantes est {}",
            self.line.number,
            delimiter_name(self.delimiter),
            delimiter_name(other),
        ))
        .hint("Refaites l'export avec un seul séparateur ; le réglage DELIMITER impose le même à toutes les lignes"))
    }

    /// Fails for rows above the header, which would be lost.
    fn refuse_rows_above(&self) -> Result<()> {
        let typed = typed::columns(&self.columns);
        let Some(row) = self.above.iter().find(|line| self.is_row(line, &typed)) else {
            return Ok(());
        };
        Err(Error::data(format!(
            "la ligne {} ressemble à une ligne de données, mais l'en-tête est plus bas, ligne {}",
            row.number, self.line.number
        ))
        .hint(
            "Remettez l'en-tête au-dessus des données, ou indiquez sa ligne : réglage HEADER_LINE",
        ))
    }

    /// Whether `line` has all required cells, and cells of the right types.
    fn is_row(&self, line: &Line, typed: &[typed::Column]) -> bool {
        let filled = |column: usize| {
            let cell = line.cells.get(column).map(cells::peel);
            cell.filter(|cell| !cell.is_empty())
        };
        let is_whole = self
            .columns
            .required()
            .all(|column| filled(column).is_some());
        let seen: Vec<bool> = typed
            .iter()
            .filter_map(|column| Some(column.fits(filled(column.at)?)))
            .collect();
        is_whole && !seen.is_empty() && seen.iter().all(|fits| *fits)
    }

    fn remark(&self) -> Option<String> {
        let what = match self.above.len() {
            0 => return None,
            1 => "1 ligne au-dessus de l'en-tête sautée".to_owned(),
            count => format!("{count} lignes au-dessus de l'en-tête sautées"),
        };
        Some(format!("{what} (ligne {} : en-tête)", self.line.number))
    }
}

/// French name of a delimiter.
pub(super) fn delimiter_name(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "la tabulation".to_owned(),
        other => format!("« {} »", char::from(other)),
    }
}
