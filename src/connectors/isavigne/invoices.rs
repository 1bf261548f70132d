//! Whether a connector has invoices: if so, orders and delivery notes are not sales.

use std::cell::Cell;
use std::fmt;

/// Whether some file of sales contains invoices, determined on first use.
pub(super) struct Invoices {
    found: Cell<Option<bool>>,
    /// Searches all files of sales for an invoice.
    look: Box<dyn Fn() -> bool + Send>,
}

impl fmt::Debug for Invoices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoices")
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}

impl Invoices {
    /// `are_known`: a file read before contained invoices; otherwise `look` is called once.
    pub(super) fn new(are_known: bool, look: impl Fn() -> bool + Send + 'static) -> Self {
        Self {
            found: Cell::new(are_known.then_some(true)),
            look: Box::new(look),
        }
    }

    /// Records that invoices were read.
    pub(super) fn are_here(&self) {
        self.found.set(Some(true));
    }

    /// Whether invoices are known to exist.
    pub(super) fn are_known(&self) -> bool {
        self.found.get() == Some(true)
    }

    /// Whether any file contains invoices.
    pub(super) fn exist(&self) -> bool {
        if let Some(found) = self.found.get() {
            return found;
        }
        let found = (self.look)();
        self.found.set(Some(found));
        found
    }
}
