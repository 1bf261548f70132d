//! Errors of the server (stand-in).
use postgres::error::SqlState;

use crate::error::Error;

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        let text = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |e| e.to_string());
        Self::store(format!("Le serveur PostgreSQL a refusé : {text}")).because(error)
    }
}

pub(super) fn is_retryable(error: &postgres::Error) -> bool {
    let again = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
    ];
    error.is_closed() || error.code().is_some_and(|code| again.contains(code))
}
