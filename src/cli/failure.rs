//! What a command fails with, at the edge of the program: an error of the library or of the system, with the context that
//! a command adds.

use std::io;

use crate::error::{Error, io_reason};

/// `error` as one of the library, its contexts before its message. An error of the library keeps its kind and its advice;
/// any other is one of the store: the command ran and failed.
pub(super) fn into_error(error: anyhow::Error) -> Error {
    let contexts = error.chain().take_while(|cause| !cause.is::<Error>());
    let contexts: Vec<String> = contexts.map(text_of).collect();
    match error.downcast::<Error>() {
        Ok(error) => contexts.iter().rev().fold(error, Error::at),
        Err(error) => {
            Error::store(contexts.join(" : ")).because(io::Error::other(format!("{error:#}")))
        }
    }
}

/// What `cause` says in French.
fn text_of(cause: &(dyn std::error::Error + 'static)) -> String {
    cause
        .downcast_ref::<io::Error>()
        .map_or_else(|| cause.to_string(), io_reason)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, Result};

    use super::*;
    use crate::error::{Advice, ErrorKind};

    #[test]
    fn context_stands_before_an_error_of_the_library_which_keeps_kind_and_advice() {
        let error = Error::config("URL n'est pas une adresse").advise(Advice::SetToken);
        let error: Result<()> = Err(error).context("dedans").context("dehors");
        let error = into_error(error.unwrap_err());
        assert_eq!(
            error.to_string(),
            "dehors : dedans : URL n'est pas une adresse"
        );
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.advice(), [Advice::SetToken]);
    }

    #[test]
    fn an_error_of_the_system_is_told_in_french_with_its_context() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        let error: Result<()> = Err(error).context("man ne peut pas être écrit");
        let error = into_error(error.unwrap_err());
        assert_eq!(
            error.to_string(),
            "man ne peut pas être écrit : accès refusé"
        );
        assert_eq!(error.kind(), ErrorKind::Store);
    }
}
