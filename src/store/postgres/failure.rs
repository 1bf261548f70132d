//! Failures of PostgreSQL as errors of the library, and what can be done about them without a person.

use std::fmt;
use std::io;

use postgres::error::SqlState;

use super::answers::{of_answer, words_of};
use crate::error::Error;

/// Whether the same transaction may succeed when it is tried again: another one was in its way.
pub(crate) fn is_retryable(error: &postgres::Error) -> bool {
    let codes = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

/// Whether the connection is of no use any more.
pub(crate) fn is_lost(error: &postgres::Error) -> bool {
    let codes = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::IDLE_SESSION_TIMEOUT,
    ];
    match error.code() {
        Some(code) => codes.contains(code) || code.code().starts_with("08"),
        None => error.is_closed() || io_error(error).is_some(),
    }
}

/// Why a transaction did not succeed.
pub(super) enum Failure {
    /// Another try may succeed.
    Passing(Error),
    Final(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Final(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        if is_retryable(&error) || is_lost(&error) {
            Self::Passing(error.into())
        } else {
            Self::Final(error.into())
        }
    }
}

/// What a transaction that writes came to.
pub(super) type Written<T> = std::result::Result<T, Failure>;

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        let converted = match error.as_db_error() {
            Some(answer) => of_answer(answer),
            None if is_lost(&error) => lost(),
            None => Self::store(format!(
                "PostgreSQL a répondu autre chose qu'attendu ({})",
                causes(&error)
            )),
        };
        converted.because(Cause(error))
    }
}

/// A failure in the words of the log: without values and keys, which may be a person's data.
#[derive(Debug)]
pub(super) struct Cause(pub(super) postgres::Error);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            Some(answer) => write!(
                f,
                "{} ({})",
                words_of(answer).unwrap_or_default(),
                answer.code().code()
            ),
            None => f.write_str(&causes(&self.0)),
        }
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn lost() -> Error {
    Error::store("La connexion à PostgreSQL a été coupée : rien n'est resté à moitié fait").hint(
        "Vérifiez le serveur, le réseau, et que le rôle n'a pas une limite de temps trop courte (idle_in_transaction_session_timeout), puis relancez la même commande",
    )
}

/// The I/O error below `error`, if there is one.
pub(super) fn io_error(error: &postgres::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

/// The words of `error` and of its causes.
pub(super) fn causes(error: &postgres::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
