//! Who has typed the token: a random cookie, known here and in one browser.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};

use super::no_randomness;
use crate::error::Result;

const COOKIE: &str = "crmreco_session";

/// A working day.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// More people than an estate has.
const MOST_SESSIONS: usize = 1000;

/// The sessions under way, each with its end. Forgotten when the server stops.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Instant>>);

impl Sessions {
    /// Begins one; the cookie to set.
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
        Ok(cookie(&id, LIFETIME))
    }

    /// Whether `headers` carry the cookie of one.
    pub(super) fn holds(&self, headers: &HeaderMap) -> bool {
        let now = Instant::now();
        shown(headers)
            .any(|id| self.with(|sessions| sessions.get(id).is_some_and(|end| *end > now)))
    }

    /// Ends the one whose cookie `headers` carry; the cookie that takes its place.
    pub(super) fn end(&self, headers: &HeaderMap) -> String {
        for id in shown(headers) {
            self.with(|sessions| sessions.remove(id));
        }
        cookie("", Duration::ZERO)
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Instant>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn cookie(id: &str, lifetime: Duration) -> String {
    let seconds = lifetime.as_secs();
    format!("{COOKIE}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict")
}

/// The values under our cookie's name.
fn shown(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    pairs.filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// 256 bits that nobody can guess, in hexadecimal.
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
