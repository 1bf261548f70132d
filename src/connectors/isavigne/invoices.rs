//! Whether a connector has invoices: orders and delivery notes then are no sales.

use std::cell::Cell;

use super::columns::Field;
use super::documents::{DocumentType, Documents, document_type};
use super::files::ExportFile;
use super::reading;
use super::sheet::Line;
use super::{Isavigne, survey};
use crate::canonical::Table;
use crate::error::Result;

/// Whether some file of sales holds invoices, found out when the first order asks.
#[derive(Debug)]
pub(super) struct Invoices {
    config: Isavigne,
    /// Every file of sales there is.
    files: Vec<ExportFile>,
    found: Cell<Option<bool>>,
}

impl Invoices {
    /// `are_known`: a file that was read before held some.
    pub(super) fn among(config: &Isavigne, files: Vec<ExportFile>, are_known: bool) -> Self {
        Self {
            config: config.clone(),
            files,
            found: Cell::new(are_known.then_some(true)),
        }
    }

    /// Some were read just now.
    pub(super) fn are_here(&self) {
        self.found.set(Some(true));
    }

    /// Whether it is known that there are some.
    pub(super) fn are_known(&self) -> bool {
        self.found.get() == Some(true)
    }

    /// Whether there are some in any file.
    pub(super) fn exist(&self) -> bool {
        if let Some(found) = self.found.get() {
            return found;
        }
        let mut found = false;
        for file in &self.files {
            // A file that cannot be read says so when its turn comes.
            found = found || self.are_in(file).unwrap_or(false);
        }
        self.found.set(Some(found));
        found
    }

    /// By its column of types, else by its name.
    fn are_in(&self, file: &ExportFile) -> Result<bool> {
        let survey = survey::of(file, &self.config)?;
        let mut opened = reading::open(file, &survey, Table::SalesLines, &self.config)?;
        let Some(column) = opened.columns.of(Field::DocumentType) else {
            return Ok(file.documents == Documents::Sale);
        };
        let mut line = Line::default();
        let sale = Some(DocumentType::Of(Documents::Sale));
        while opened.sheet.read(&mut line)? {
            let word = line.cells.get(column).unwrap_or_default();
            if document_type(word) == sale {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
