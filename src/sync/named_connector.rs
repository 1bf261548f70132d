//! A connector with what the history and the messages call it.

use std::fmt;

use crate::connectors::{Connector, Words};

/// A connector to sync, registered or not.
#[derive(Clone, Copy)]
pub struct NamedConnector<'a> {
    /// Its name, in the column `source` of the tables; as [`check_name`](crate::registry::check_name) wants it.
    pub name: &'a str,
    /// Its type, as the history shows it.
    pub kind: &'a str,
    /// What messages call its parts.
    pub words: Words,
    /// What is read.
    pub connector: &'a dyn Connector,
}

/// Its name and type: a connector may hold a key.
impl fmt::Debug for NamedConnector<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("NamedConnector");
        shown.field("name", &self.name).field("kind", &self.kind);
        shown.finish_non_exhaustive()
    }
}
