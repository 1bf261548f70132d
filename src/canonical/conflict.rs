//! A row that comes under a key that is taken by something else.

use super::Table;
use super::rows::{ColumnSet, Row};
use crate::error::Result;

/// A row that was not written: the row held under its key is about something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The table both are of.
    pub table: Table,
    /// The key they share.
    pub key: String,
    /// Where the row comes from: `file:line`.
    pub source_ref: String,
    /// The columns in which they must not differ, and do.
    pub differing: ColumnSet,
    /// What the row held says, by column.
    pub held: Vec<String>,
    /// What the row that came says, by column.
    pub offered: Vec<String>,
}

impl Conflict {
    /// What the row held says in the column called `name`.
    pub fn held(&self, name: &str) -> &str {
        self.table
            .place(name)
            .map_or("", |at| text_at(&self.held, at))
    }

    /// What the row that came says in the column called `name`.
    pub fn offered(&self, name: &str) -> &str {
        self.table
            .place(name)
            .map_or("", |at| text_at(&self.offered, at))
    }

    /// Whether they differ in the column called `name`.
    pub fn differs_in(&self, name: &str) -> bool {
        self.table
            .place(name)
            .is_some_and(|at| self.differing.contains(at))
    }
}

fn text_at(values: &[String], at: usize) -> &str {
    values.get(at).map_or("", String::as_str)
}

/// What becomes of a row held under a key of another form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rekeyed {
    /// It would have one of these keys, the first one likeliest.
    Keys(Vec<String>),
    /// Its columns do not tell.
    Unknown,
    /// It should never have been a row of the table.
    NoRow,
}

/// What the keys of a table mean, as the connector that makes them knows.
pub trait KeyRule: std::fmt::Debug + Send {
    /// Why the row of `conflict` is rejected: the column at fault as people know it, what stood there, and the reason.
    fn explain(&self, conflict: &Conflict) -> (Option<String>, Option<String>, String);

    /// The part of `key` that the lines of one document share; `None` for a line without a document.
    fn document<'k>(&self, key: &'k str) -> Option<&'k str>;

    /// What `key` begins with, and the rank it ends with, where a rank tells its row from others.
    fn rank<'k>(&self, key: &'k str) -> Option<(&'k str, u32)>;

    /// The key that a row held under a key of another form would have now.
    fn rekey(&mut self, held: &Row<'_>) -> Result<Rekeyed>;

    /// Whether `key` says nothing but what the row holds, so that an equal row may be another thing.
    fn is_by_content(&self, key: &str) -> bool;
}
