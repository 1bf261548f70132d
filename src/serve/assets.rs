//! Stylesheet, script and images, all compiled into the program; nothing comes from another host.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use xxhash_rust::xxh3::xxh3_64;

use super::reply::with_type;

/// Path prefix of the assets.
const FOLDER: &str = "/assets/";

/// Inlined in each page, so that a page needs one round trip.
pub(super) const STYLE: &str = include_str!("assets/style.css");

/// The same for forms and for the page of a connector, which the list does without.
pub(super) const DETAILS_STYLE: &str = include_str!("assets/details.css");

/// Without comments and indentation, a quarter of it.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("assets/script.js")
        .lines()
        .map(str::trim_start);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
});

const ICON: &str = include_str!("assets/icon.svg");

/// URLs that contain a hash of the content, so that browsers may cache them for ever.
pub(super) static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| path("script.js", &SCRIPT));
pub(super) static ICON_PATH: LazyLock<String> = LazyLock::new(|| path("icon.svg", ICON));

fn path(name: &str, content: &str) -> String {
    format!("{FOLDER}{:016x}/{name}", xxh3_64(content.as_bytes()))
}

/// Whether `path` is the path of an asset.
pub(super) fn is_asset(path: &str) -> bool {
    path == *SCRIPT_PATH || path == *ICON_PATH
}

/// `GET /assets/<hash>/<name>`
pub(super) async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    let path = format!("{FOLDER}{hash}/{name}");
    if path == *SCRIPT_PATH {
        with_type(
            StatusCode::OK,
            "text/javascript; charset=utf-8",
            SCRIPT.as_str(),
        )
    } else if path == *ICON_PATH {
        with_type(StatusCode::OK, "image/svg+xml", ICON)
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}
