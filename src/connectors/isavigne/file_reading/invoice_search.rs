//! Looks for invoices in a file of sales.

use super::opened::open;
use crate::canonical::Table;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::documents::{DocumentType, Documents, document_type};
use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::sheet::Line;
use crate::connectors::isavigne::{Isavigne, survey};
use crate::error::Result;

/// Whether `file` contains invoices: by its column of types; without a known type there, by its name.
pub(super) fn are_in(file: &ExportFile, config: &Isavigne) -> Result<bool> {
    let survey = survey::of(file, config)?;
    let mut opened = open(file, &survey, Table::SalesLines, config)?;
    let Some(column) = opened.columns.of(Field::DocumentType) else {
        return Ok(file.documents == Documents::Sale);
    };
    let mut line = Line::default();
    let mut has_types = false;
    while opened.sheet.read(&mut line)? {
        let word = line.cells.get(column).unwrap_or_default();
        match document_type(word) {
            Some(DocumentType::Of(Documents::Sale)) => return Ok(true),
            other => has_types |= other.is_some(),
        }
    }
    Ok(!has_types && file.documents == Documents::Sale)
}
