//! What is read, and what may be told of it.

use crmreco::error::Error;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Files of iSaVigne, line after line.
    Files,
    /// Models of Odoo, which holds this secret.
    Server { secret: &'static str },
}

impl Source {
    /// Begins every key of its own.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Files => "isavigne-",
            Self::Server { .. } => "odoo-",
        }
    }

    /// What is told to people says something, and no secret.
    pub(super) fn assert_may_be_told(self, words: &str) {
        assert!(!words.trim().is_empty(), "words that say nothing");
        if let Self::Server { secret } = self {
            assert!(!words.contains(secret), "the key is told: {words}");
        }
    }

    /// An error says what to do.
    pub(super) fn assert_is_clear(self, error: &Error) {
        self.assert_may_be_told(&error.full_text());
        self.assert_may_be_told(&format!("{error:?}"));
        let advice: String = error.advice().iter().map(ToString::to_string).collect();
        assert!(!advice.trim().is_empty(), "no hint: {error}");
    }
}
