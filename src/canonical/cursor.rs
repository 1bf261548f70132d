//! How far a source has been read.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A part of a source that has been read and need not be read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Identifies the part: the hash of a file's content, or the name of a model.
    pub mark: String,
    /// Name of the part for people, or the position up to which it was read.
    pub label: String,
}

/// What has been read for one table of one source: mark → (label, run that read it).
#[derive(Debug, Clone, Default)]
pub struct Cursors(HashMap<String, (String, i64)>);

impl FromIterator<(String, (String, i64))> for Cursors {
    fn from_iter<I: IntoIterator<Item = (String, (String, i64))>>(read: I) -> Self {
        Self(read.into_iter().collect())
    }
}

impl Cursors {
    /// Whether the part with this mark has been read.
    pub fn contains(&self, mark: &str) -> bool {
        self.0.contains_key(mark)
    }

    /// The label of the part with this mark; `None` when it has not been read.
    pub fn label(&self, mark: &str) -> Option<&str> {
        self.0.get(mark).map(|(label, _)| label.as_str())
    }

    /// All marks, each with its label and the run that read it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        let all = self.0.iter();
        all.map(|(mark, (label, run_id))| (mark.as_str(), label.as_str(), *run_id))
    }

    /// Whether nothing has been read yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mark of the newest run.
    pub fn newest(&self) -> Option<&str> {
        let newest = self.0.iter().max_by_key(|(_, (_, run_id))| run_id);
        newest.map(|(mark, _)| mark.as_str())
    }
}
