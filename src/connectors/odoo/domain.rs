//! Odoo's search domains: conditions that all hold, in its prefix notation (“Search domains” in the reference of its
//! ORM).

use serde_json::{Value, json};

/// Conditions that must all hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Domain(Vec<Condition>);

/// A condition, simple or made of others.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// Field, operator, value.
    Is(Value),
    /// All of these hold; none at all always holds.
    All(Vec<Self>),
    /// One of these holds; none at all never holds.
    Any(Vec<Self>),
}

impl Domain {
    /// No condition.
    pub(super) fn all() -> Self {
        Self::default()
    }

    /// And `field` `operator` `value`.
    #[must_use]
    pub(super) fn and(mut self, field: &str, operator: &str, value: impl Into<Value>) -> Self {
        self.0.push(condition(field, operator, value));
        self
    }

    /// And any of `conditions`; none at all never holds.
    #[must_use]
    pub(super) fn and_any(mut self, conditions: Vec<Condition>) -> Self {
        self.0.push(Condition::Any(conditions));
        self
    }

    /// As Odoo reads it.
    pub(super) fn to_value(&self) -> Value {
        let mut terms = Vec::new();
        for condition in &self.0 {
            condition.write(&mut terms);
        }
        Value::Array(terms)
    }
}

impl Condition {
    /// Writes the condition in prefix notation.
    fn write(&self, terms: &mut Vec<Value>) {
        let (operator, parts) = match self {
            Self::Is(term) => return terms.push(term.clone()),
            Self::All(parts) => ("&", parts),
            Self::Any(parts) if parts.is_empty() => return terms.push(json!(["id", "=", 0])),
            Self::Any(parts) => ("|", parts),
        };
        terms.extend((1..parts.len()).map(|_| json!(operator)));
        for part in parts {
            part.write(terms);
        }
    }
}

/// One condition.
pub(super) fn condition(field: &str, operator: &str, value: impl Into<Value>) -> Condition {
    Condition::Is(json!([field, operator, value.into()]))
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

    #[test]
    fn an_alternative_may_be_several_conditions() {
        let both = Condition::All(vec![condition("b", "=", 1), condition("c", "<", 0)]);
        let domain = Domain::all().and_any(vec![condition("a", "=", 1), both]);
        let expected = json!(["|", ["a", "=", 1], "&", ["b", "=", 1], ["c", "<", 0]]);
        assert_eq!(domain.to_value(), expected);
    }
}
