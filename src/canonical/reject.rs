//! A row that could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use super::Table;

/// A row that could not be read, as it is stored in `rejects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The table the row would have gone to.
    pub table: Table,
    /// Name of the file or model.
    pub origin: String,
    /// Line number or record id.
    pub position: String,
    /// The column at fault, as the source calls it.
    pub column: Option<String>,
    /// The value of that column, as written.
    pub value: Option<String>,
    /// What is wrong, in French.
    pub reason: String,
    /// The whole row, where the source has it as cells.
    pub row: Option<Box<RejectedRow>>,
}

/// A rejected row as its source wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Identifies the same row in every export.
    pub id: RowId,
    /// The headers of its columns; empty where the row could not be cut into cells.
    pub headers: Vec<String>,
    /// Its cells, from left to right.
    pub cells: Vec<String>,
    /// Whether cells had to be cut.
    pub is_cut: bool,
}

/// Most bytes of the cells of a row that are kept.
const MOST_BYTES: usize = 64 * 1024;

impl RejectedRow {
    /// The row `id` with `cells` under `headers`, cut where they are too long to keep.
    pub fn of<'c>(id: RowId, headers: Vec<String>, cells: impl Iterator<Item = &'c str>) -> Self {
        let mut left = MOST_BYTES;
        let mut is_cut = false;
        let cells = cells.map(|cell| {
            let mut end = left.min(cell.len());
            while !cell.is_char_boundary(end) {
                end -= 1;
            }
            is_cut |= end < cell.len();
            left -= end;
            cell.get(..end).unwrap_or_default().to_owned()
        });
        Self {
            id,
            headers,
            cells: cells.collect(),
            is_cut,
        }
    }
}

/// Identifies a row by what it says: the same row of another export has the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowId(u128);

impl RowId {
    /// The row of `table` with `cells`, without blanks around them and without empty ones at its end.
    pub fn of_cells<'c>(table: Table, cells: impl Iterator<Item = &'c str>) -> Self {
        let mut hasher = Xxh3Default::new();
        hasher.update(table.sql_name().as_bytes());
        let mut blanks = 0_usize;
        for cell in cells {
            let cell = cell.trim();
            if cell.is_empty() {
                blanks += 1;
                continue;
            }
            for _ in 0..=std::mem::take(&mut blanks) {
                hasher.update(&[0]);
            }
            hasher.update(cell.as_bytes());
        }
        Self(hasher.digest128())
    }

    /// The row of `table` that `name` identifies: its key, or its place.
    pub fn of_name(table: Table, name: &str) -> Self {
        // No cell of a row holds a control character alone.
        Self::of_cells(table, ["\u{1}", name].into_iter())
    }

    /// The row whose [`Display`](fmt::Display) is `text`.
    pub fn parse(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().map(Self)
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Reject {
    /// See [`sentence`].
    pub fn sentence(&self) -> String {
        sentence(self.column.as_deref(), self.value.as_deref(), &self.reason)
    }
}

/// What is wrong, with the cell where one is at fault: `Qté « douze » n'est pas un nombre`. An empty cell is named by its
/// column alone.
pub fn sentence(column: Option<&str>, value: Option<&str>, reason: &str) -> String {
    let column = column.into_iter().map(|column| format!("{column} "));
    let value = value.into_iter().filter(|value| !value.trim().is_empty());
    let value = value.map(|value| format!("« {value} » "));
    let cell: String = column.chain(value).collect();
    format!("{cell}{reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_same_whatever_blanks_and_empty_cells_surround_it() {
        let id = |cells: &[&str]| RowId::of_cells(Table::SalesLines, cells.iter().copied());
        assert_eq!(
            id(&["V1", "", "douze"]),
            id(&[" V1 ", " ", "douze", "", ""])
        );
        assert_ne!(id(&["V1", "", "douze"]), id(&["V1", "douze"]));
        assert_ne!(id(&["ab"]), id(&["a", "b"]));
        let text = id(&["V1"]).to_string();
        assert_eq!((text.len(), RowId::parse(&text)), (32, Some(id(&["V1"]))));
    }

    #[test]
    fn a_row_of_long_cells_is_cut() {
        let long = "é".repeat(40_000);
        let id = RowId::of_name(Table::Customers, "C1");
        let row = RejectedRow::of(id, Vec::new(), [long.as_str(), "b"].into_iter());
        assert!(row.is_cut && row.cells.len() == 2);
        assert_eq!(row.cells.iter().map(String::len).sum::<usize>(), 64 * 1024);
    }

    #[test]
    fn a_sentence_names_the_cell_and_no_empty_value() {
        let sentence = |column: Option<&str>, value: Option<&str>| {
            let reject = Reject {
                table: Table::SalesLines,
                origin: "ventes.csv".to_owned(),
                position: "2".to_owned(),
                column: column.map(str::to_owned),
                value: value.map(str::to_owned),
                reason: "est faux".to_owned(),
                row: None,
            };
            reject.sentence()
        };
        assert_eq!(
            sentence(Some("Qté"), Some("douze")),
            "Qté « douze » est faux"
        );
        assert_eq!(sentence(Some("Qté"), Some(" ")), "Qté est faux");
        assert_eq!(sentence(Some("Qté"), None), "Qté est faux");
        assert_eq!(sentence(None, None), "est faux");
    }
}
