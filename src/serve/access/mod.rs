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

/// Randomness that the system cannot give.
fn no_randomness(error: getrandom::Error) -> Error {
    Error::store("Le système ne donne pas de hasard : personne ne pourrait entrer en sûreté")
        .because(error)
}
