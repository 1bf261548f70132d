//! Request bodies: limited in size and time, a form or a JSON object. A body is read to its end before its connection
//! is used again.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use crate::serve::fields::Fields;
use crate::serve::refusal::Refusal;

/// Our forms have some ten short fields.
const MOST_BYTES: usize = 64 * 1024;

/// Time limit from the first byte to the last.
const PATIENCE: Duration = Duration::from_secs(10);

/// Size and time limits for an unused body that is read and dropped.
const MOST_DISCARDED_BYTES: usize = 1024 * 1024;
const DISCARD_PATIENCE: Duration = Duration::from_secs(1);

/// The fields in `body`; `headers` give its media type.
pub(super) async fn read(headers: &HeaderMap, body: &mut Body) -> Result<Fields, Refusal> {
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "La demande est trop longue, ou s'est arrêtée en chemin : rien n'a été fait",
        )
        .hint("64 Kio au plus")
    };
    // An announced size is checked before anything is read.
    if is_announced_over(MOST_BYTES, body) {
        return Err(too_large());
    }
    let read = timeout(PATIENCE, Limited::new(body, MOST_BYTES).collect()).await;
    let bytes = match read {
        Ok(Ok(read)) => read.to_bytes(),
        Ok(Err(_)) => return Err(too_large()),
        Err(_) => {
            return Err(Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                "La demande n'est pas arrivée à temps : rien n'a été fait",
            )
            .hint("Recommencez"));
        }
    };
    match media_type(headers).as_deref() {
        _ if bytes.is_empty() => Ok(Fields::default()),
        Some("application/x-www-form-urlencoded") => Ok(Fields::of_form(&bytes)),
        Some("application/json") => Fields::of_json(&bytes),
        _ => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Le corps de la requête doit être un formulaire ou du JSON",
        )
        .hint("Content-Type: application/x-www-form-urlencoded ou application/json")),
    }
}

/// Reads and drops the rest of `body`, so that the client receives the response and can reuse the connection. False
/// when that would take too much data or time: the connection must be closed then (RFC 9112, 9.6).
pub(super) async fn discard(headers: &HeaderMap, body: &mut Body) -> bool {
    if body.is_end_stream() {
        return true;
    }
    // A client that waits for `100 Continue` need not send the body.
    if headers.contains_key(header::EXPECT) || is_announced_over(MOST_DISCARDED_BYTES, body) {
        return false;
    }
    let mut rest = Limited::new(body, MOST_DISCARDED_BYTES);
    let taken = timeout(DISCARD_PATIENCE, async {
        while let Some(frame) = rest.frame().await {
            frame?;
        }
        Ok::<_, axum::BoxError>(())
    });
    matches!(taken.await, Ok(Ok(())))
}

fn is_announced_over(most: usize, body: &Body) -> bool {
    body.size_hint().lower() > most as u64
}

/// The media type in lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next()?;
    Some(media_type.trim().to_ascii_lowercase())
}
