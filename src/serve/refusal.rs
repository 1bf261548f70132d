//! Failures as responses: an HTTP status with the library's message, as a page or as JSON.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::reply::{Wants, json};
use super::{advice, pages};
use crate::error::{Advice, Error, ErrorKind};
use crate::json::FailureAnswer;
use crate::message::cut_message;

/// A refused request. It is passed in the extensions of a response to the last layer, which knows the client's format
/// and renders it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    advice: Vec<Advice>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            advice: Vec::new(),
        }
    }

    /// Sets what to do next.
    pub(super) fn hint(mut self, advice: impl Into<String>) -> Self {
        self.advice = vec![Advice::Text(advice.into())];
        self
    }

    /// The request is invalid.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The request is not allowed.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// No connector has that name.
    pub(super) fn unknown(error: &Error) -> Self {
        let refusal = Self::of(StatusCode::NOT_FOUND, error);
        if refusal.advice.is_empty() {
            return refusal.hint("Voyez la liste des connecteurs : /connectors");
        }
        refusal
    }

    /// The error of what was asked about one connector.
    pub(super) fn about_one(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::unknown(error),
            _ => error.into(),
        }
    }

    /// Connectors or database cannot be read, whatever the request.
    pub(super) fn unusable(error: &Error) -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, error)
    }

    fn of(status: StatusCode, error: &Error) -> Self {
        Self {
            status,
            message: cut_message(&error.to_string()).into_owned(),
            advice: error.advice().to_vec(),
        }
    }

    /// The refusal for a response without a body from a layer below.
    pub(super) fn of_bare(status: StatusCode) -> Self {
        let message = match status {
            StatusCode::NOT_FOUND => "Cette page n'existe pas",
            StatusCode::METHOD_NOT_ALLOWED => "Cette adresse ne se demande pas ainsi",
            _ => "La requête n'a pas pu être traitée",
        };
        Self::new(status, message).hint("Retournez à la liste des connecteurs : /connectors")
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// What to do next, as shown on a page.
    pub(super) fn advice(&self) -> Option<String> {
        advice::on_page(&self.advice)
    }

    /// Message and advice on one line.
    pub(super) fn full_text(&self) -> String {
        let steps: Vec<String> = self.advice.iter().map(ToString::to_string).collect();
        if steps.is_empty() {
            return self.message.clone();
        }
        format!(
            "{}. {}.",
            self.message.trim_end_matches('.'),
            steps.join(". ")
        )
    }

    /// The response, in the client's format.
    pub(super) fn write(&self, wants: Wants) -> Response {
        match wants {
            Wants::Page => pages::refusal(self).with_status(self.status),
            Wants::Json => json(
                self.status,
                &FailureAnswer {
                    success: false,
                    message: self.full_text(),
                    connector_name: None,
                },
            ),
        }
    }
}

/// The HTTP status of each kind of error, like the exit status of the command line.
pub(super) fn status_of(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Config => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Busy => StatusCode::CONFLICT,
        ErrorKind::Source | ErrorKind::Data => StatusCode::BAD_GATEWAY,
        ErrorKind::Store => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorKind::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        Self::of(status_of(error), error)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
