//! Security and cache headers of every response.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

/// Allows our own script and images only; [`policy_with_style`] adds a page's own stylesheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Adds missing headers. An asset's URL changes with its content and may be cached for ever; all else must not be
/// cached.
pub(super) fn protect(headers: &mut HeaderMap, is_asset: bool) {
    let keeping = if is_asset {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, keeping),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers
            .entry(name)
            .or_insert_with(|| HeaderValue::from_static(value));
    }
}

/// The policy of a page with an inline stylesheet, marked by `nonce` (CSP Level 3).
pub(in crate::serve) fn policy_with_style(nonce: &str) -> String {
    format!("{POLICY}; style-src 'nonce-{nonce}'")
}
