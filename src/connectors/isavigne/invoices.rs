//! Whether a connector has invoices: orders and delivery notes then are no sales.

use std::cell::Cell;
use std::fmt;

/// Whether some file of sales holds invoices, found out when the first order asks.
pub(super) struct Invoices {
    found: Cell<Option<bool>>,
    /// Looks for one in all files of sales.
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
    /// `are_known`: a file that was read before held some; else `look` is asked, once.
    pub(super) fn new(are_known: bool, look: impl Fn() -> bool + Send + 'static) -> Self {
        Self {
            found: Cell::new(are_known.then_some(true)),
            look: Box::new(look),
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
        let found = (self.look)();
        self.found.set(Some(found));
        found
    }
}
