//! Who may come in, and what of them: every request passes here before any route sees it.
//!
//! - the `Host` header must be ours: another site's name that resolves to this machine is refused (DNS rebinding);
//! - who asks has logged in ([`login`], [`sessions`]), by the address or the [`code`] that the terminal shows, or by
//!   the [`token`] that the environment sets, which scripts send as a bearer's;
//! - whatever changes anything comes from a page of ours: its `Origin` is the host it asks, and it shows the
//!   token against forgery that our pages carry. A bearer needs none: browsers never send his header by themselves;
//! - bodies are small and come in time ([`body`]);
//! - every answer tells the browser to run nothing but our script, and to show it in nobody's frame ([`headers`]).

mod body;
mod code;
mod headers;
mod hosts;
pub(super) mod login;
mod sessions;
mod token;
mod tries;

pub(super) use headers::policy_with_style;
pub(super) use sessions::random;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::debug;

use self::code::Code;
use self::hosts::Hosts;
use self::sessions::Sessions;
use self::token::Token;
use self::tries::Tries;
use super::app::App;
use super::fields::Fields;
use super::refusal::Refusal;
use super::reply::{Wants, see_other};
use super::{Settings, assets};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::stopwatch::Stopwatch;

/// The field of a form that shows a page of ours was sent, and the header of a script's request.
pub(super) const FORGERY_FIELD: &str = "csrf_token";
const FORGERY_HEADER: &str = "x-csrf-token";

/// How people come in.
pub(super) struct Entry(Way);

enum Way {
    /// Everybody who reaches the port is in: `--no-login`.
    Open,
    /// By what the terminal shows.
    Code(Code),
    /// By what was set beforehand, for scripts too.
    Token(Token),
}

impl Entry {
    /// How people come in under `settings`. A [`Kind::Config`](crate::error::Kind::Config) error where that would be
    /// unsafe: for other machines a token is a must, for this one it is the default to log in.
    pub(super) fn find(home: &Home, settings: &Settings) -> Result<Self> {
        let token = Token::find(home, &settings.environment)?;
        let is_for_others = !settings.address.ip().is_loopback() || !settings.hosts.is_empty();
        match token {
            Some(_) if settings.is_open => Err(token::contradicted()),
            Some(token) => Ok(Self(Way::Token(token))),
            None if is_for_others => Err(token::missing(settings.address)),
            None if settings.is_open => Ok(Self(Way::Open)),
            None => Ok(Self(Way::Code(Code::draw()?))),
        }
    }
}

/// What it takes to come in. Shown to nobody: all of it is secret.
pub(super) struct Access {
    hosts: Hosts,
    entry: Way,
    tries: Tries,
    sessions: Sessions,
    /// What our pages carry, the login page among them: it shows that one of them was read. That it was read by who is
    /// inside, his cookie shows, which no other site can send.
    forgery_token: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Access").finish_non_exhaustive()
    }
}

impl Access {
    /// For the server that listens on `address`, under these further `hosts`.
    pub(super) fn new(entry: Entry, address: SocketAddr, hosts: &[String]) -> Result<Self> {
        Ok(Self {
            hosts: Hosts::new(address, hosts),
            entry: entry.0,
            tries: Tries::default(),
            sessions: Sessions::new(address.port()),
            forgery_token: sessions::random()?,
        })
    }

    /// What a form of ours must carry.
    pub(super) fn forgery_token(&self) -> &str {
        &self.forgery_token
    }

    /// Whether people log in, and can log out.
    pub(super) fn has_login(&self) -> bool {
        !matches!(self.entry, Way::Open)
    }

    /// Whether what people type is the code of the terminal, and no token.
    pub(super) fn asks_for_code(&self) -> bool {
        matches!(self.entry, Way::Code(_))
    }

    /// The code of the terminal, and the path that lets in once, until it has.
    pub(super) fn shown_in_terminal(&self) -> Option<(String, Option<String>)> {
        let Way::Code(code) = &self.entry else {
            return None;
        };
        let path = code.ticket().map(|ticket| login::path_of(&ticket));
        Some((code.shown(), path))
    }

    fn comes_as(&self, headers: &HeaderMap) -> Visitor {
        if !self.has_login() {
            return Visitor::Somebody;
        }
        if let (Way::Token(token), Some(shown)) = (&self.entry, bearer(headers)) {
            return if token.is(shown) {
                Visitor::Bearer
            } else {
                Visitor::Nobody
            };
        }
        if self.sessions.holds(headers) {
            Visitor::Somebody
        } else {
            Visitor::Nobody
        }
    }

    /// What to answer who may not come in.
    fn unknown_visitor(&self) -> Refusal {
        let (message, hint) = if self.asks_for_code() {
            (
                "Il faut entrer d'abord, avec le code qui est affiché dans le terminal de « crmreco serve »",
                "Dans un navigateur : /login ; pour un script, relancez le serveur avec un jeton (CRMRECO_SERVE_TOKEN)",
            )
        } else {
            (
                "Il faut montrer le jeton pour entrer",
                "Dans un navigateur : /login ; dans un script : Authorization: Bearer JETON",
            )
        };
        Refusal::new(StatusCode::UNAUTHORIZED, message).hint(hint)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visitor {
    /// Has not shown the token.
    Nobody,
    /// May come in.
    Somebody,
    /// A script with the token in its request.
    Bearer,
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The layer around all routes: lets in or refuses, writes refusals out, adds the headers of every answer.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
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

/// Addresses that only machines ask answer in JSON unless asked otherwise.
fn wanted_by_default(path: &str) -> Wants {
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_for_machines =
        path.starts_with("/connectors/api/") || ["logs", "test", "sync", "healthz"].contains(&last);
    if is_for_machines {
        Wants::Json
    } else {
        Wants::Page
    }
}

/// A refusal that a route left in its response, or a failure of the router's, bare or in words not ours, in the form
/// its reader wants.
fn written_out(mut response: Response, wants: Wants) -> Response {
    let status = response.status();
    let left = response.extensions_mut().remove::<Refusal>();
    match left {
        Some(refusal) => refusal.write(wants),
        None if status.is_client_error() && !is_ours(&response) => {
            let mut told = Refusal::of_bare(status).write(wants);
            if let Some(allowed) = response.headers_mut().remove(header::ALLOW) {
                told.headers_mut().insert(header::ALLOW, allowed);
            }
            told
        }
        None => response,
    }
}

/// Whether `response` is a page or a document, as all that is told here.
fn is_ours(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html") || kind == "application/json")
}

enum Admitted {
    /// With what the request's body carries.
    In(Fields),
    /// A person who has to log in first, to see this.
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

/// Randomness that the system cannot give.
fn no_randomness(error: getrandom::Error) -> Error {
    Error::store("Le système ne donne pas de hasard : personne ne pourrait entrer en sûreté")
        .because(error)
}
