//! What is wrong with a row, and the reject that it becomes.

use crate::canonical::{Reject, Table, reject, text};

/// Longest value kept of a rejected field.
const MOST_VALUE_CHARS: usize = 200;

/// What is wrong with a row.
#[derive(Debug, Clone)]
pub(in crate::connectors) struct Fault {
    field: Option<String>,
    value: Option<String>,
    reason: String,
}

impl Fault {
    /// A fault of the whole row.
    pub(in crate::connectors) fn of_row(reason: impl Into<String>) -> Self {
        Self {
            field: None,
            value: None,
            reason: reason.into(),
        }
    }

    /// A fault of `field`. `value`: as written, where it holds one.
    pub(in crate::connectors) fn of_field(
        field: &str,
        value: Option<&str>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            field: Some(field.to_owned()),
            value: value.map(|value| text::excerpt(value, MOST_VALUE_CHARS)),
            reason: reason.into(),
        }
    }

    /// The same, without the value.
    pub(in crate::connectors) fn without_value(self) -> Self {
        Self {
            value: None,
            ..self
        }
    }

    /// In one sentence: `date_order « hier » n'est pas une date`.
    pub(in crate::connectors) fn sentence(&self) -> String {
        reject::sentence(self.field.as_deref(), self.value.as_deref(), &self.reason)
    }

    /// The reject of the row at `position` of `origin`, a model or a file.
    pub(in crate::connectors) fn reject(self, table: Table, origin: &str, position: u64) -> Reject {
        Reject {
            table,
            origin: origin.to_owned(),
            position: position.to_string(),
            column: self.field,
            value: self.value,
            reason: self.reason,
            row: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_sentence_and_a_reject_that_names_its_place() {
        let fault = Fault::of_field("date_order", Some("hier"), "n'est pas une date");
        assert_eq!(fault.sentence(), "date_order « hier » n'est pas une date");
        let reject = fault.reject(Table::SalesLines, "orders", 7);
        assert_eq!(
            (reject.origin.as_str(), reject.position.as_str()),
            ("orders", "7")
        );
        assert_eq!(reject.column.as_deref(), Some("date_order"));
        assert_eq!(reject.value.as_deref(), Some("hier"));
        assert_eq!(Fault::of_row("est vide").sentence(), "est vide");
    }
}
