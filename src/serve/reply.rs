//! HTTP responses, and the choice between HTML and JSON.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

/// The format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// HTML, for people.
    Page,
    /// The documented JSON, for machines.
    Json,
}

impl Wants {
    /// The format that `headers` accept; `otherwise` by default.
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

/// `answer` as a JSON response.
pub(super) fn json(status: StatusCode, answer: &impl Serialize) -> Response {
    // Our structs have text keys and no non-finite number: serialization cannot fail.
    let text = crate::json::document(answer).unwrap_or_default();
    with_type(status, "application/json", text)
}

/// A response with `content` of a media type.
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

/// Redirects the client to `path` with GET (303).
pub(super) fn see_other(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}
