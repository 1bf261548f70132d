//! Authentication, CSRF and host checks: every request passes here before any route.
//!
//! - The `Host` header must be ours: another site's name that resolves to this machine is refused (DNS rebinding).
//! - The client has logged in ([`login`], [`sessions`]), by the URL or the [`code`] in the terminal, or by the
//!   [`token`] in the environment, which scripts send as a bearer token.
//! - Every change comes from a page of ours: its `Origin` equals the requested host, and it carries the CSRF token of
//!   our pages. A bearer needs no CSRF token: browsers never send that header by themselves.
//! - Request bodies are limited in size and time ([`body`]).
//! - Every response allows our script only, and forbids frames ([`headers`]).

mod body;
mod code;
mod guard;
mod headers;
mod hosts;
pub(super) mod login;
mod sessions;
mod token;
mod tries;

pub(super) use guard::guard;
pub(super) use headers::policy_with_style;
pub(super) use sessions::random;

use std::fmt;
use std::net::SocketAddr;

use axum::http::{HeaderMap, StatusCode, header};

use self::code::Code;
use self::hosts::Hosts;
use self::sessions::Sessions;
use self::token::Token;
use self::tries::Tries;
use super::Settings;
use super::refusal::Refusal;
use crate::error::{Error, Result};
use crate::home::Home;

/// Form field and request header with the CSRF token.
pub(super) const FORGERY_FIELD: &str = "csrf_token";
const FORGERY_HEADER: &str = "x-csrf-token";

/// How users log in.
pub(super) struct Entry(Way);

enum Way {
    /// No login, with `--no-login`.
    Open,
    /// By the code or URL in the terminal.
    Code(Code),
    /// By a token set beforehand, for scripts too.
    Token(Token),
}

impl Entry {
    /// The way to log in under `settings`. Fails with [`ErrorKind::Config`](crate::error::ErrorKind::Config) where that would
    /// be unsafe: for other machines a token is required; for this one, login is the default.
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

/// State of the access checks. Not `Debug`: it contains secrets.
pub(super) struct Access {
    hosts: Hosts,
    entry: Way,
    tries: Tries,
    sessions: Sessions,
    /// CSRF token of our pages, including the login page: it proves that the sender read one of them. The session
    /// cookie, which no other site can send, proves the login.
    forgery_token: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Access").finish_non_exhaustive()
    }
}

impl Access {
    /// Access checks of the server that listens on `address`, also under the names in `hosts`.
    pub(super) fn new(entry: Entry, address: SocketAddr, hosts: &[String]) -> Result<Self> {
        Ok(Self {
            hosts: Hosts::new(address, hosts),
            entry: entry.0,
            tries: Tries::default(),
            sessions: Sessions::new(address.port()),
            forgery_token: sessions::random()?,
        })
    }

    /// The CSRF token of our forms.
    pub(super) fn forgery_token(&self) -> &str {
        &self.forgery_token
    }

    /// Whether users log in, and can log out.
    pub(super) fn has_login(&self) -> bool {
        !matches!(self.entry, Way::Open)
    }

    /// Whether users log in with the code in the terminal rather than a token.
    pub(super) fn asks_for_code(&self) -> bool {
        matches!(self.entry, Way::Code(_))
    }

    /// The code in the terminal, and the path that logs in once, if it has not been used.
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

    /// The refusal of a client that has not logged in.
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

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visitor {
    /// Not logged in.
    Nobody,
    /// Logged in.
    Somebody,
    /// A script with a bearer token.
    Bearer,
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The error when the system has no randomness.
fn no_randomness(error: getrandom::Error) -> Error {
    Error::store("Le système ne donne pas de hasard : personne ne pourrait entrer en sûreté")
        .because(error)
}
