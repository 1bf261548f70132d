//! The login code in the terminal, and the URL that logs in once: authentication where no token is set.
//!
//! Every account of this machine can reach a loopback port. The code, which only the terminal of `crmreco serve`
//! shows, keeps the others out.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::no_randomness;
use super::token::are_equal;
use crate::error::Result;

/// Crockford's base 32: no letter looks like a digit.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 40 bits. At ten tries per minute for two years, the chance of a hit is one in 100,000.
const CODE_SIGNS: usize = 8;

/// 130 bits; never typed.
const TICKET_SIGNS: usize = 26;

/// The secrets that log in.
pub(super) struct Code {
    /// Typed on the login page; reusable.
    code: SecretString,
    /// Part of the URL that `serve` prints; valid once.
    ticket: Mutex<Option<SecretString>>,
}

impl Code {
    /// Draws a new code and a new ticket.
    pub(super) fn draw() -> Result<Self> {
        Ok(Self {
            code: draw(CODE_SIGNS)?,
            ticket: Mutex::new(Some(draw(TICKET_SIGNS)?)),
        })
    }

    /// Whether `typed` is the code, ignoring case, spaces and dashes.
    pub(super) fn is(&self, typed: &str) -> bool {
        are_equal(self.code.expose_secret(), &plain(typed))
    }

    /// Whether `shown` is the ticket; a valid ticket is consumed.
    pub(super) fn take_ticket(&self, shown: &str) -> bool {
        let mut ticket = self.ticket.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = ticket
            .as_ref()
            .is_some_and(|ticket| are_equal(ticket.expose_secret(), shown));
        if is_it {
            *ticket = None;
        }
        is_it
    }

    /// The code as shown in the terminal, in groups of four.
    pub(super) fn shown(&self) -> String {
        let (first, second) = self.code.expose_secret().split_at(CODE_SIGNS / 2);
        format!("{first}-{second}")
    }

    /// The ticket, if it has not been used.
    pub(super) fn ticket(&self) -> Option<String> {
        let ticket = self.ticket.lock().unwrap_or_else(PoisonError::into_inner);
        ticket
            .as_ref()
            .map(|ticket| ticket.expose_secret().to_owned())
    }
}

/// The code in its drawn form: similar letters and digits are unified.
fn plain(typed: &str) -> String {
    let signs = typed.chars().filter(|sign| !sign.is_whitespace());
    let signs = signs.filter(|sign| !"-‐‑–—".contains(*sign));
    signs
        .map(|sign| match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// Draws `signs` random characters.
fn draw(signs: usize) -> Result<SecretString> {
    let mut bytes = vec![0_u8; signs];
    getrandom::fill(&mut bytes).map_err(no_randomness)?;
    // 256 is a multiple of 32: all characters are equally likely.
    let text: String = bytes
        .iter()
        .filter_map(|byte| SIGNS.get(usize::from(byte % 32)))
        .map(|sign| char::from(*sign))
        .collect();
    Ok(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_as_people_type() {
        let code = Code {
            code: SecretString::from("01AZ7KQ9"),
            ticket: Mutex::new(None),
        };
        assert_eq!(code.shown(), "01AZ-7KQ9");
        for typed in ["01AZ-7KQ9", "01az7kq9", " 0Iaz 7kq9 ", "OLAZ–7KQ9"] {
            assert!(code.is(typed), "{typed}");
        }
        for typed in ["", "01AZ-7KQ", "01AZ-7KQ9X", "01AZ-7KQ8"] {
            assert!(!code.is(typed), "{typed}");
        }
    }

    #[test]
    fn a_ticket_is_good_once_and_an_empty_one_never() {
        let code = Code::draw().unwrap();
        assert!(!code.take_ticket(""));
        let ticket = code.ticket().unwrap();
        assert!(!code.take_ticket(&ticket[1..]));
        assert!(code.take_ticket(&ticket));
        assert!(!code.take_ticket(&ticket) && !code.take_ticket(""));
        assert_eq!(code.ticket(), None);
    }

    #[test]
    fn every_code_is_another() {
        let codes: std::collections::BTreeSet<String> =
            (0..200).map(|_| Code::draw().unwrap().shown()).collect();
        assert_eq!(codes.len(), 200);
        assert!(codes.iter().all(|code| code.len() == CODE_SIGNS + 1));
    }
}
