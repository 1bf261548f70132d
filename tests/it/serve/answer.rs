//! An answer, and what holds of every one: the browser is told to run our script alone, to show us in nobody's frame
//! and to keep nothing but assets; no page needs more than that, or anything of another host; no secret is told.

use std::fmt;
use std::io::Read;
use std::net::TcpStream;

use serde_json::Value;

use crate::common::assert_says;
use crate::odoo::stub::KEY;

/// What lets people in where the tests of [`super::tokens`] want one.
pub const TOKEN: &str = "kX3_vQ9-zL7wB1nM5pR8tYcF2hJ6dS4g";

pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn checked(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let answer = Self {
            status,
            headers,
            body,
        };
        answer.assert_discreet();
        answer.assert_protected();
        if answer.is_page() {
            assert_harmless(answer.text());
        } else if status >= 400 && !answer.body.is_empty() {
            // Who reads no pages is told in JSON, and in our words; of several connectors, in an array.
            let document = answer.document();
            let fails = |one: &Value| one["success"] == false;
            let has_failed = document.as_array().is_some_and(|all| all.iter().any(fails));
            assert!(has_failed || fails(&document), "{answer}");
        }
        answer
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        // Pages have no-break spaces beside quotes and colons; people see spaces.
        assert_says(&self.text().replace('\u{a0}', " "), words);
        self
    }

    /// Leads there.
    #[track_caller]
    pub fn leads_to(self, path: &str) -> Self {
        let answer = self.is(303);
        assert_eq!(answer.header("location"), Some(path), "{answer}");
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn is_page(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    #[track_caller]
    pub fn document(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/json"),
            "{self}"
        );
        serde_json::from_str(self.text()).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// A failure told to a machine in these words.
    #[track_caller]
    pub fn fails(self, status: u16, words: &[&str]) -> Self {
        let answer = self.is(status);
        let document = answer.document();
        assert_eq!(document["success"], false, "{answer}");
        assert_says(document["message"].as_str().unwrap(), words);
        answer
    }

    #[track_caller]
    fn assert_discreet(&self) {
        for (_, value) in &self.headers {
            assert_discreet(value);
        }
        assert_discreet(&String::from_utf8_lossy(&self.body));
    }

    #[track_caller]
    fn assert_protected(&self) {
        let policy = self.header("content-security-policy").unwrap_or_default();
        assert!(!policy.contains("unsafe"), "{policy}");
        let directives: Vec<_> = policy.split(';').map(str::trim).collect();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(directives.contains(&directive), "{directive}: {self}");
        }
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        let keeping = self.header("cache-control").unwrap_or_default();
        assert!(
            keeping == "no-store" || keeping.ends_with("immutable"),
            "{self}"
        );
        for (name, _) in &self.headers {
            assert!(!name.starts_with("access-control-"), "{self}");
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        writeln!(formatter, "{} {:#?}", self.status, self.headers)?;
        formatter.write_str(&String::from_utf8_lossy(&self.body))
    }
}

/// Neither the token nor an API key is in what anybody may read.
#[track_caller]
pub fn assert_discreet(text: &str) {
    for secret in [KEY, TOKEN] {
        assert!(!text.contains(secret), "a secret is told: {text}");
    }
}

/// Nothing in a page runs but our script, no style is written where the policy drops it, and whatever the page
/// refers to is ours.
#[track_caller]
fn assert_harmless(page: &str) {
    for begun in page.split("<script").skip(1) {
        assert!(begun.starts_with(" src=\"/assets/"), "<script{begun}");
    }
    for (name, value) in attributes(page).flatten() {
        assert!(!name.starts_with("on") && name != "style", "{name}={value}");
        if ["src", "href", "action", "formaction"].contains(&name.as_str()) {
            let is_ours = value.starts_with('/') && !value.starts_with("//");
            assert!(is_ours || value.starts_with('#'), "{name}={value}");
        }
    }
}

/// The attributes of each tag of a page, whose templates escape `<` and `>` and quote every value.
pub fn attributes(page: &str) -> impl Iterator<Item = Vec<(String, String)>> {
    page.split('<').skip(1).map(|begun| {
        let tag = begun.split('>').next().unwrap_or_default();
        let mut found = Vec::new();
        let mut rest = tag;
        while let Some((before, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            let name = before.rsplit(' ').next().unwrap_or_default();
            found.push((name.to_owned(), value.to_owned()));
            rest = after;
        }
        found
    })
}

/// The answers that come until the server closes the connection. Those to which no layer of ours added anything (the
/// request could not even be read) have no body, and are not checked.
#[track_caller]
pub fn until_closed(mut stream: TcpStream) -> Vec<Answer> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}, after {}", String::from_utf8_lossy(&bytes)),
        }
    }
    let mut answers = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let (answer, length) = first_of(rest);
        answers.push(answer);
        rest = &rest[length..];
    }
    answers
}

/// The first answer of `bytes`, and how long it is.
#[track_caller]
fn first_of(bytes: &[u8]) -> (Answer, usize) {
    let text = String::from_utf8_lossy(bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let head = &bytes[..end.unwrap_or_else(|| panic!("no head: {text}"))];
    let mut lines = std::str::from_utf8(head).unwrap().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let status = status.parse().unwrap();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(usize::MAX, |(_, value)| value.parse().unwrap());
    let rest = &bytes[head.len() + 4..];
    let body = rest[..length.min(rest.len())].to_vec();
    let whole = head.len() + 4 + body.len();
    if body.is_empty() && status >= 400 {
        return (
            Answer {
                status,
                headers,
                body,
            },
            whole,
        );
    }
    (Answer::checked(status, headers, body), whole)
}
