//! Columns named in the settings.

use super::Field;
use crate::canonical::Table;

/// Headers from the settings, with their tables and fields.
#[derive(Debug, Clone, Default)]
pub(in crate::connectors::isavigne) struct Overrides(Vec<(Table, Field, String)>);

impl Overrides {
    /// Adds `header` (a `text::header_key`) for `field` of `table`.
    pub(in crate::connectors::isavigne) fn add(
        &mut self,
        table: Table,
        field: Field,
        header: String,
    ) {
        self.0.push((table, field, header));
    }

    /// The headers for `table`: the index of each field, and its header.
    pub(in crate::connectors::isavigne) fn of_table(&self, table: Table) -> Vec<(usize, &str)> {
        let own = self.0.iter().filter(|(of, _, _)| *of == table);
        own.map(|(_, field, header)| (*field as usize, header.as_str()))
            .collect()
    }

    /// The header (a [`text::header_key`]) for `field` of `table`, if the settings name one.
    pub(in crate::connectors::isavigne) fn header(
        &self,
        table: Table,
        field: Field,
    ) -> Option<&str> {
        let found = self.0.iter().find(|(t, f, _)| (*t, *f) == (table, field));
        found.map(|(_, _, header)| header.as_str())
    }
}
