//! Odoo's search domains: conditions that all hold, in its prefix notation (“Search domains” in the reference of its
//! ORM).

use serde_json::{Value, json};

/// Conditions that must all hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Domain(Vec<Value>);

impl Domain {
    /// No condition.
    pub(super) fn all() -> Self {
        Self::default()
    }

    /// And `field` `operator` `value`.
    #[must_use]
    pub(super) fn and(mut self, field: &str, operator: &str, value: impl Into<Value>) -> Self {
        self.0.push(json!([field, operator, value.into()]));
        self
    }

    /// And any of `conditions`; none at all never holds.
    #[must_use]
    pub(super) fn and_any(mut self, conditions: Vec<Value>) -> Self {
        if conditions.is_empty() {
            return self.and("id", "=", 0);
        }
        self.0.extend((1..conditions.len()).map(|_| json!("|")));
        self.0.extend(conditions);
        self
    }

    /// As Odoo reads it.
    pub(super) fn to_value(&self) -> Value {
        Value::Array(self.0.clone())
    }
}

/// One condition.
pub(super) fn condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!([field, operator, value.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_prefixed_once_less_than_there_are() {
        let conditions = ["a", "b", "c"]
            .map(|field| condition(field, "=", 1))
            .to_vec();
        let domain = Domain::all().and("id", ">", 7).and_any(conditions);
        let expected = json!([
            ["id", ">", 7],
            "|",
            "|",
            ["a", "=", 1],
            ["b", "=", 1],
            ["c", "=", 1]
        ]);
        assert_eq!(domain.to_value(), expected);
    }

    #[test]
    fn no_alternative_holds_for_nothing() {
        assert_eq!(
            Domain::all().and_any(Vec::new()).to_value(),
            json!([["id", "=", 0]])
        );
    }
}
