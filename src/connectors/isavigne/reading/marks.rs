//! What `1.234` means in a column: the rest of the column shows it.
//!
//! Most files never ask. The first cell that does costs one more pass over the file, for all columns at once.

use std::cell::OnceCell;
use std::path::Path;

use crate::connectors::isavigne::cells::{self, DecimalMark, MarkEvidence};
use crate::connectors::isavigne::sheet::{CellKind, Line, Sheet};
use crate::connectors::isavigne::survey::Survey;
use crate::error::Result;

/// The decimal marks of one file's columns, found when first asked for.
pub(in super::super) struct Marks<'a> {
    path: &'a Path,
    survey: &'a Survey,
    found: OnceCell<Vec<MarkEvidence>>,
}

impl<'a> Marks<'a> {
    pub(super) fn of_file(path: &'a Path, survey: &'a Survey) -> Self {
        Self {
            path,
            survey,
            found: OnceCell::new(),
        }
    }

    /// The decimal mark of `column`, when the column shows one.
    pub(super) fn of(&self, column: usize) -> Result<Option<DecimalMark>> {
        let found = if let Some(found) = self.found.get() {
            found
        } else {
            let found = self.scan()?;
            self.found.get_or_init(|| found)
        };
        Ok(found.get(column).and_then(MarkEvidence::decimal_mark))
    }

    fn scan(&self) -> Result<Vec<MarkEvidence>> {
        let mut sheet = Sheet::reopen(self.path, self.survey)?;
        let mut line = Line::default();
        let mut evidence = Vec::new();
        // The header is no evidence.
        sheet.read(&mut line)?;
        while sheet.bytes_read() <= self.survey.size && sheet.read(&mut line)? {
            evidence.resize_with(evidence.len().max(line.cells.len()), MarkEvidence::default);
            for (column, (cell, seen)) in line.cells.iter().zip(&mut evidence).enumerate() {
                // What a program wrote shows nothing of how people write.
                if line.kind(column) == CellKind::Text {
                    seen.observe(cells::peel(cell));
                }
            }
        }
        Ok(evidence)
    }
}
