//! The page where people type the token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, extract::RawQuery};

use crate::serve::app::App;
use crate::serve::fields::Fields;
use crate::serve::pages;
use crate::serve::refusal::Refusal;
use crate::serve::reply::see_other;

pub(in crate::serve) const PATH: &str = "/login";

/// Where who logged in is sent, unless he wanted to see something else.
const FIRST_PAGE: &str = "/connectors";

/// The login page that leads to `uri`.
pub(super) fn path_for(uri: &Uri) -> String {
    let wanted = uri
        .path_and_query()
        .map_or(FIRST_PAGE, |wanted| wanted.as_str());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", wanted)
        .finish();
    format!("{PATH}?{query}")
}

pub(in crate::serve) async fn page(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::of_query(query.as_deref());
    pages::login(&app.access, next(&fields), None).into_response()
}

pub(in crate::serve) async fn enter(
    State(app): State<Arc<App>>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Refusal> {
    let next = next(&fields);
    let shown = fields.get("token").unwrap_or_default();
    let access = &app.access;
    // 128 random bits cannot be found by trying: tries need not be counted.
    if !access.token.as_ref().is_none_or(|token| token.is(shown)) {
        let page = pages::login(access, next, Some("Ce n'est pas le jeton"));
        return Ok(page.with_status(StatusCode::UNAUTHORIZED));
    }
    let mut response = see_other(next);
    set_cookie(&mut response, &access.sessions.begin()?);
    Ok(response)
}

pub(in crate::serve) async fn leave(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let mut response = see_other(PATH);
    set_cookie(&mut response, &app.access.sessions.end(&headers));
    response
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

/// Where to go next: a page of ours, wherever the request may want to lead.
fn next(fields: &Fields) -> &str {
    let wanted = fields.get("next").unwrap_or(FIRST_PAGE);
    let is_ours = wanted == FIRST_PAGE
        || wanted.starts_with("/connectors/")
        || wanted.starts_with("/connectors?");
    if is_ours && wanted.bytes().all(|byte| byte.is_ascii_graphic()) {
        wanted
    } else {
        FIRST_PAGE
    }
}
