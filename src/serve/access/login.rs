//! Login: by the URL that the terminal shows, or by the code or token typed on the login page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, extract::RawQuery};
use tracing::warn;

use super::{Access, Way};
use crate::serve::app::App;
use crate::serve::fields::Fields;
use crate::serve::pages;
use crate::serve::refusal::Refusal;
use crate::serve::reply::see_other;

pub(in crate::serve) const PATH: &str = "/login";

/// Query parameter with the ticket.
const TICKET: &str = "ticket";

/// Destination after login, unless another page was requested.
const FIRST_PAGE: &str = "/connectors";

/// Path of the login page that leads to `uri`.
pub(super) fn path_for(uri: &Uri) -> String {
    let wanted = uri
        .path_and_query()
        .map_or(FIRST_PAGE, |wanted| wanted.as_str());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", wanted)
        .finish();
    format!("{PATH}?{query}")
}

/// Path that logs in with `ticket`.
pub(super) fn path_of(ticket: &str) -> String {
    format!("{PATH}?{TICKET}={ticket}")
}

pub(in crate::serve) async fn page(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let fields = Fields::of_query(query.as_deref());
    let access = &app.access;
    // A HEAD request checks the URL without logging in.
    let (Some(ticket), Method::GET) = (fields.get(TICKET), method) else {
        return Ok(pages::login(access, next(&fields), None).into_response());
    };
    let Way::Code(code) = &access.entry else {
        return Ok(see_other(PATH));
    };
    if code.take_ticket(ticket) {
        let mut response = pages::entered().into_response();
        set_cookie(&mut response, &access.sessions.begin()?);
        return Ok(response);
    }
    // The URL again in the browser that used it: reloaded, or from its history.
    if access.sessions.holds(&headers) {
        return Ok(pages::entered().into_response());
    }
    warn!("an address that lets in once was shown again, or was never ours");
    let page = pages::login(
        access,
        FIRST_PAGE,
        Some("Cette adresse a déjà servi, ou n'est plus la bonne : entrez le code"),
    );
    Ok(page.with_status(StatusCode::UNAUTHORIZED))
}

pub(in crate::serve) async fn enter(
    State(app): State<Arc<App>>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Refusal> {
    let next = next(&fields);
    let access = &app.access;
    if let Err(why) = check(access, &fields) {
        warn!("a wrong code or token was typed");
        let page = pages::login(access, next, Some(&why.message));
        let mut response = page.with_status(why.status);
        if let Some(pause) = why.pause {
            let seconds = HeaderValue::from(pause.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        return Ok(response);
    }
    let mut response = see_other(next);
    set_cookie(&mut response, &access.sessions.begin()?);
    Ok(response)
}

/// A failed login.
struct Wrong {
    status: StatusCode,
    message: String,
    /// Time until the next try.
    pause: Option<Duration>,
}

/// Checks the typed secret. A token is compared despite earlier failures: 128 bits cannot be guessed, and others must
/// not lock its owner out. A code is not compared after too many failures.
fn check(access: &Access, fields: &Fields) -> Result<(), Wrong> {
    let pause = access.tries.pause();
    let shown = |name| fields.get(name).unwrap_or_default();
    let (is_right, what) = match &access.entry {
        Way::Open => (true, ""),
        Way::Token(token) => (token.is(shown("token")), "Ce n'est pas le jeton"),
        Way::Code(code) => (
            pause.is_none() && code.is(shown("code")),
            "Ce n'est pas le code",
        ),
    };
    if is_right {
        return Ok(());
    }
    if pause.is_some() {
        return Err(Wrong {
            status: StatusCode::TOO_MANY_REQUESTS,
            message: "Trop d'essais : attendez une minute, puis recommencez".to_owned(),
            pause,
        });
    }
    access.tries.count();
    Err(Wrong {
        status: StatusCode::UNAUTHORIZED,
        message: what.to_owned(),
        pause: None,
    })
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

/// The destination after login: always a page of ours.
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
