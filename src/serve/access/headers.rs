//! What every answer tells the browser.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

/// Nothing but our own script and images; a page's own stylesheet is let in by [`policy_with_style`].
const POLICY: &str = "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Adds to `headers` what is not there yet. An asset's address changes with its content, so it may be kept for ever;
/// nothing else may be kept at all.
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

/// The policy of a page that carries its stylesheet within, marked by `nonce` (CSP Level 3).
pub(in crate::serve) fn policy_with_style(nonce: &str) -> String {
    format!("{POLICY}; style-src 'nonce-{nonce}'")
}
