//! Sessions: a random cookie, known to the server and one browser.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};

use super::no_randomness;
use crate::error::Result;

/// Prefix of the cookie's name. Browsers send cookies to every port of a host: the port at the end separates two
/// servers of one machine.
const COOKIE: &str = "crmreco_session_";

/// A working day.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// More than the users of an estate.
const MOST_SESSIONS: usize = 1000;

/// The open sessions with their expiry. They end with the server.
pub(super) struct Sessions {
    cookie: String,
    ends: Mutex<HashMap<String, Instant>>,
}

impl Sessions {
    /// An empty store for the server on `port`.
    pub(super) fn new(port: u16) -> Self {
        Self {
            cookie: format!("{COOKIE}{port}"),
            ends: Mutex::default(),
        }
    }

    /// Starts a session; returns the cookie to set.
    pub(super) fn begin(&self) -> Result<String> {
        let id = random()?;
        let now = Instant::now();
        self.with(|sessions| {
            sessions.retain(|_, end| *end > now);
            if sessions.len() >= MOST_SESSIONS {
                let oldest = sessions.iter().min_by_key(|(_, end)| **end);
                if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                    sessions.remove(&oldest);
                }
            }
            sessions.insert(id.clone(), now + LIFETIME);
        });
        Ok(self.cookie(&id, LIFETIME))
    }

    /// Whether `headers` contain the cookie of a session.
    pub(super) fn holds(&self, headers: &HeaderMap) -> bool {
        let now = Instant::now();
        self.shown(headers)
            .any(|id| self.with(|sessions| sessions.get(id).is_some_and(|end| *end > now)))
    }

    /// Ends the session in `headers`; returns the cookie that replaces it.
    pub(super) fn end(&self, headers: &HeaderMap) -> String {
        for id in self.shown(headers) {
            self.with(|sessions| sessions.remove(id));
        }
        self.cookie("", Duration::ZERO)
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Instant>) -> T) -> T {
        work(&mut self.ends.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn cookie(&self, id: &str, lifetime: Duration) -> String {
        let seconds = lifetime.as_secs();
        let name = &self.cookie;
        format!("{name}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict")
    }

    /// The values of our cookie.
    fn shown<'h>(&self, headers: &'h HeaderMap) -> impl Iterator<Item = &'h str> {
        let cookies = headers.get_all(header::COOKIE).iter();
        let pairs = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'));
        pairs.filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.cookie).then_some(value)
        })
    }
}

/// 256 random bits, in hexadecimal.
pub(in crate::serve) fn random() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(no_randomness)?;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
