//! The address, and connections to a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect should stop right there"
)]

mod addresses;
mod answers;
mod certificates;
mod elsewhere;
mod encryption;
mod logins;
mod psql;
#[path = "../../../../tests/it/postgres/server.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the tests of the program share this file"
)]
mod server;

use std::path::Path;

use super::address::Address;
use super::connect::connect;
use crate::error::{Error, Result};

/// The address that `text` gives where nothing else is said: no variable, no file of the account.
fn address(text: &str) -> Address {
    parse(text, &[]).unwrap()
}

/// The address that `text` gives with these variables.
fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Address> {
    let lookup = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        let value = found.map(|(_, value)| (*value).to_owned());
        value.or_else(|| (name == "HOME").then(|| "/nonexistent".to_owned()))
    };
    Address::parse(text, &lookup, Path::new("/nonexistent"))
}

/// The error of a connection to `text`.
#[track_caller]
fn refusal(text: &str) -> Error {
    match connect(&address(text)) {
        Ok(_) => panic!("connected to {text}"),
        Err(error) => error,
    }
}

/// Each of the words is in the message or its advice.
#[track_caller]
fn says(error: &Error, words: &[&str]) {
    let text = error.full_text();
    for word in words {
        assert!(text.contains(word), "« {word} » is not in: {text}");
    }
}
