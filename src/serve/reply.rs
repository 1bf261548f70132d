//! Answers as HTTP carries them, and which of their two forms a client reads.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// HTML, for people.
    Page,
    /// The documented JSON, for machines.
    Json,
}

impl Wants {
    /// What `headers` accept, `otherwise` when they do not say.
    pub(super) fn of(headers: &HeaderMap, otherwise: Self) -> Self {
        let accepts = |kind: &str| {
            let mut values = headers.get_all(ACCEPT).iter();
            values.any(|value| value.to_str().is_ok_and(|value| value.contains(kind)))
        };
        if accepts("text/html") {
            Self::Page
        } else if accepts("application/json") {
            Self::Json
        } else {
            otherwise
        }
    }
}

/// `answer` as a JSON document.
pub(super) fn json(status: StatusCode, answer: &impl Serialize) -> Response {
    // Our answers have text for keys and no floating number that JSON lacks: they can always be written.
    let text = serde_json::to_vec_pretty(answer).unwrap_or_default();
    with_type(status, "application/json", text)
}

/// `content` of a media type.
pub(super) fn with_type(
    status: StatusCode,
    media_type: &'static str,
    content: impl Into<Body>,
) -> Response {
    let mut response = Response::new(content.into());
    *response.status_mut() = status;
    let value = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, value);
    response
}

/// Sends the client to `path`, to be asked for with GET.
pub(super) fn see_other(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}
