//! Bodies of requests: small, in time, a form's or a JSON object; and none is left lying in a connection that goes
//! on.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use crate::serve::fields::Fields;
use crate::serve::refusal::Refusal;

/// A form of ours has some ten fields of a line each.
const MOST_BYTES: usize = 64 * 1024;

/// From its first byte to its last.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is taken of a body that nobody wants, and how long it may be in coming.
const MOST_DISCARDED_BYTES: usize = 1024 * 1024;
const DISCARD_PATIENCE: Duration = Duration::from_secs(1);

/// The fields that `body` carries, as `headers` announce it.
pub(super) async fn read(headers: &HeaderMap, body: &mut Body) -> Result<Fields, Refusal> {
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "La demande est trop longue, ou s'est arrêtée en chemin : rien n'a été fait",
        )
        .hint("64 Kio au plus")
    };
    // Who says so before sending it is told before any of it is held.
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

/// Takes what is still to come of `body`, so that its sender hears the answer and can ask again over the same
/// connection. False when that would be too much, or takes too long: the connection must end then (RFC 9112, 9.6).
pub(super) async fn discard(headers: &HeaderMap, body: &mut Body) -> bool {
    if body.is_end_stream() {
        return true;
    }
    // Whoever waits for our word before he sends it need not be made to.
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

/// In lower case, without its parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next()?;
    Some(media_type.trim().to_ascii_lowercase())
}
