//! Bodies of requests: small, in time, a form's or a JSON object.

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use tokio::time::timeout;

use crate::serve::fields::Fields;
use crate::serve::refusal::Refusal;

/// A form of ours has some ten fields of a line each.
const MOST_BYTES: usize = 64 * 1024;

/// From its first byte to its last.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fields a request carries, and the request without them.
pub(super) async fn read(request: Request) -> Result<(Request, Fields), Refusal> {
    let (parts, body) = request.into_parts();
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "La demande est trop longue, ou s'est arrêtée en chemin : rien n'a été fait",
        )
        .hint("64 Kio au plus")
    };
    // Who says so before sending it is told at once.
    if body.size_hint().lower() > MOST_BYTES as u64 {
        return Err(too_large());
    }
    let read = timeout(PATIENCE, to_bytes(body, MOST_BYTES)).await;
    let bytes = match read {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(too_large()),
        Err(_) => {
            return Err(Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                "La demande n'est pas arrivée à temps : rien n'a été fait",
            )
            .hint("Recommencez"));
        }
    };
    let media_type = parts.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    let media_type = media_type.map(|value| value.trim().to_ascii_lowercase());
    let fields = match media_type.as_deref() {
        _ if bytes.is_empty() => Fields::default(),
        Some("application/x-www-form-urlencoded") => Fields::of_form(&bytes),
        Some("application/json") => Fields::of_json(&bytes)?,
        _ => {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Le corps de la requête doit être un formulaire ou du JSON",
            )
            .hint("Content-Type: application/x-www-form-urlencoded ou application/json"));
        }
    };
    Ok((Request::from_parts(parts, Body::empty()), fields))
}
