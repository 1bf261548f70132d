//! The layer around all routes: checks access, renders refusals and adds the headers of every response.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::debug;

use super::{FORGERY_FIELD, FORGERY_HEADER, Visitor, Way, body, headers, hosts, login, token};
use crate::serve::app::App;
use crate::serve::assets;
use crate::serve::fields::Fields;
use crate::serve::refusal::Refusal;
use crate::serve::reply::{Wants, see_other};
use crate::stopwatch::Stopwatch;

/// The layer around all routes: checks access, renders refusals and adds the headers of every response.
pub(in crate::serve) async fn guard(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let watch = Stopwatch::start();
    let (head, mut body) = request.into_parts();
    let method = head.method.clone();
    let path = head.uri.path().to_owned();
    let wants = Wants::of(&head.headers, wanted_by_default(&path));
    let admitted = admit(&app, &head, &mut body).await;
    let is_read_whole = body::discard(&head.headers, &mut body).await;
    let response = match admitted {
        Ok(Admitted::In(fields)) => {
            let mut request = Request::from_parts(head, Body::empty());
            request.extensions_mut().insert(fields);
            next.run(request).await
        }
        Ok(Admitted::ToLogin) => see_other(&login::path_for(&head.uri)),
        Err(refusal) => refusal.write(wants),
    };
    let mut response = written_out(response, wants);
    if !is_read_whole {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    let status = response.status();
    let is_asset = status.is_success() && assets::is_asset(&path);
    headers::protect(response.headers_mut(), is_asset);
    let status = status.as_u16();
    debug!(%method, path, status, seconds = watch.seconds(), "answered");
    response
}

/// The default format of a path: JSON for endpoints, HTML for pages.
fn wanted_by_default(path: &str) -> Wants {
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_for_machines = path.starts_with("/connectors/api/")
        || ["logs", "test", "sync", "stop", "healthz"].contains(&last);
    if is_for_machines {
        Wants::Json
    } else {
        Wants::Page
    }
}

/// Renders a refusal that a route left in its response, or a failure of the router, in the client's format.
fn written_out(mut response: Response, wants: Wants) -> Response {
    let status = response.status();
    let left = response.extensions_mut().remove::<Refusal>();
    match left {
        Some(refusal) => refusal.write(wants),
        // The router adds `Allow` after this layer.
        None if status.is_client_error() && !is_ours(&response) => {
            Refusal::of_bare(status).write(wants)
        }
        None => response,
    }
}

/// Whether `response` is a page or JSON document of ours.
fn is_ours(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html") || kind == "application/json")
}

enum Admitted {
    /// Access granted, with the fields of the request's body.
    In(Fields),
    /// The visitor must log in first, to see this path.
    ToLogin,
}

async fn admit(app: &App, head: &Parts, body: &mut Body) -> std::result::Result<Admitted, Refusal> {
    let access = &app.access;
    let headers = &head.headers;
    access.hosts.check_host(&head.uri, headers)?;
    let visitor = access.comes_as(headers);
    let path = head.uri.path();
    let is_open = path == login::PATH || path == "/healthz" || assets::is_asset(path);
    if visitor == Visitor::Nobody && !is_open {
        let reads = Wants::of(headers, Wants::Json);
        if head.method == Method::GET && reads == Wants::Page {
            return Ok(Admitted::ToLogin);
        }
        return Err(access.unknown_visitor());
    }
    if matches!(head.method, Method::GET | Method::HEAD) {
        return Ok(Admitted::In(Fields::default()));
    }
    hosts::check_origin(headers)?;
    let fields = body::read(headers, body).await?;
    if visitor != Visitor::Bearer {
        let shown = headers.get(FORGERY_HEADER);
        let shown = shown.and_then(|value| value.to_str().ok());
        let shown = shown.or_else(|| fields.get(FORGERY_FIELD));
        if !shown.is_some_and(|shown| token::are_equal(shown, &access.forgery_token)) {
            return Err(Refusal::forbidden(
                "Cette demande ne vient pas d'une page de ce serveur, ou la page a vieilli : rien n'a été fait",
            )
            .hint(if matches!(access.entry, Way::Token(_)) {
                "Rechargez la page, puis recommencez ; un script montre le jeton : Authorization: Bearer JETON"
            } else {
                "Rechargez la page, puis recommencez ; pour un script, relancez le serveur avec un jeton (CRMRECO_SERVE_TOKEN)"
            }));
        }
    }
    Ok(Admitted::In(fields))
}
