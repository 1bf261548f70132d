//! Columns that the estate has named.

use super::Field;
use crate::canonical::Table;

/// Columns named by the estate: which field of which table bears which header.
#[derive(Debug, Clone, Default)]
pub(in crate::connectors::isavigne) struct Overrides(Vec<(Table, Field, String)>);

impl Overrides {
    /// Names one more: `header`, as `text::header_key` spells it, bears `field` of `table`.
    pub(in crate::connectors::isavigne) fn add(
        &mut self,
        table: Table,
        field: Field,
        header: String,
    ) {
        self.0.push((table, field, header));
    }

    /// Those of `table`: a field's place among fields, and its header.
    pub(in crate::connectors::isavigne) fn of_table(&self, table: Table) -> Vec<(usize, &str)> {
        let own = self.0.iter().filter(|(of, _, _)| *of == table);
        own.map(|(_, field, header)| (*field as usize, header.as_str()))
            .collect()
    }

    /// The header (as [`text::header_key`]) that bears `field` of `table`, when the estate says.
    pub(in crate::connectors::isavigne) fn header(
        &self,
        table: Table,
        field: Field,
    ) -> Option<&str> {
        let found = self.0.iter().find(|(t, f, _)| (*t, *f) == (table, field));
        found.map(|(_, _, header)| header.as_str())
    }
}
