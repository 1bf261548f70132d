//! The `CRMRECO_` variables of the process.

use std::fmt;

/// Prefix of our variables.
const PREFIX: &str = "CRMRECO_";

/// Variables and their values at the start of the server. `Debug` hides the values: keys and the token may be among
/// them.
#[derive(Clone, Default)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// The value of variable `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All variables.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().cloned()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        let variables = variables.into_iter();
        Self(
            variables
                .filter(|(name, _)| name.starts_with(PREFIX))
                .collect(),
        )
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        formatter.debug_set().entries(names).finish()
    }
}
