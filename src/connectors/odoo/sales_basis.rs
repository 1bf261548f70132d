//! What counts as a sale, as it was when the existing sales were read: when it changes, all of them are replaced.

use super::settings::SalesBasis;
use crate::canonical::{Cursor, Cursors};

/// Identifies the basis among the cursors.
const MARK: &str = "SALES_BASIS";

/// A basis that changed.
#[derive(Debug, Clone)]
pub(super) struct BasisChange {
    now: SalesBasis,
    /// Cursors of what was read before.
    outdated: Vec<String>,
}

impl BasisChange {
    /// The change from what `cursors` say to `now`; nothing where there is none, or nothing was read.
    pub(super) fn find(now: SalesBasis, cursors: &Cursors) -> Option<Self> {
        // Orders alone were read before there was a choice.
        let before = cursors.label(MARK).unwrap_or(SalesBasis::Orders.code());
        if before == now.code() {
            return None;
        }
        let outdated = cursors.iter().map(|(mark, ..)| mark.to_owned());
        Some(Self {
            now,
            outdated: outdated.filter(|mark| mark != MARK).collect(),
        })
    }

    /// The cursor that says what is read now.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor {
            mark: MARK.to_owned(),
            label: self.now.code().to_owned(),
        }
    }

    /// Cursors of what was read before and is not read now.
    pub(super) fn outdated(&self, is_read: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
        let outdated = self.outdated.iter().map(String::as_str);
        outdated.filter(move |mark| !is_read(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors(marks: &[(&str, &str)]) -> Cursors {
        let marks = marks.iter();
        let read = marks.map(|(mark, label)| ((*mark).to_owned(), ((*label).to_owned(), 1)));
        read.collect()
    }

    #[test]
    fn sales_read_before_there_was_a_choice_are_orders() {
        let old = cursors(&[("sale.order.line", "- #9f 3")]);
        assert!(BasisChange::find(SalesBasis::Orders, &old).is_none());
        let change = BasisChange::find(SalesBasis::Invoices, &old).unwrap();
        assert_eq!(change.cursor().label, "invoices");
        let outdated: Vec<_> = change.outdated(|mark| mark == "pos.order.line").collect();
        assert_eq!(outdated, ["sale.order.line"]);
        let same = cursors(&[("SALES_BASIS", "invoices")]);
        assert!(BasisChange::find(SalesBasis::Invoices, &same).is_none());
        assert!(BasisChange::find(SalesBasis::Orders, &same).is_some());
    }
}
