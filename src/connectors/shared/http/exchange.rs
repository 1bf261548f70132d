//! One request and its reply.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use jiff::Timestamp;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};

use super::causes::failure_of;
use super::failure::HttpFailure;

/// A page of a thousand rows is a megabyte or two; beyond this, something else is being sent.
const MOST_BYTES: u64 = 64 << 20;

/// A page of a thousand rows has some 50,000 values. Read, a value takes 32 bytes and more, whatever it took on the way:
/// 64 MiB of `[0,0…` would be a gigabyte.
const MOST_VALUES: usize = 1_000_000;

/// What to ask. Not `Debug`: it carries the secret.
pub(in crate::connectors) struct Request {
    pub(in crate::connectors) url: String,
    /// `None`: a GET.
    pub(in crate::connectors) body: Option<Vec<u8>>,
    pub(in crate::connectors) headers: Vec<(&'static str, String)>,
}

/// What was answered, whatever its status.
#[derive(Debug)]
pub(in crate::connectors) struct Reply {
    pub(in crate::connectors) status: u16,
    pub(in crate::connectors) is_html: bool,
    pub(in crate::connectors) body: Vec<u8>,
    /// When the server says it was.
    pub(super) date: Option<Timestamp>,
}

/// Sends `request` and puts the reply, or why there is none, into `answer`.
pub(super) fn answer_to(
    agent: &Agent,
    request: Request,
    answer: &SyncSender<Result<Reply, HttpFailure>>,
) {
    let reply = exchange(agent, request).map_err(failure_of).and_then(judge);
    // Nobody may be waiting any more.
    let _ = answer.send(reply);
}

fn exchange(agent: &Agent, request: Request) -> Result<Response<Vec<u8>>, ureq::Error> {
    let response = match request.body {
        Some(body) => with_headers(agent.post(&request.url), request.headers).send(body)?,
        None => with_headers(agent.get(&request.url), request.headers).call()?,
    };
    let (parts, mut body) = response.into_parts();
    let bytes = body.with_config().limit(MOST_BYTES).read_to_vec()?;
    Ok(Response::from_parts(parts, bytes))
}

fn with_headers<B>(
    request: ureq::RequestBuilder<B>,
    headers: Vec<(&'static str, String)>,
) -> ureq::RequestBuilder<B> {
    headers.into_iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

fn judge(response: Response<Vec<u8>>) -> Result<Reply, HttpFailure> {
    let (parts, body) = response.into_parts();
    let header = |name: &str| header(&parts.headers, name);
    match parts.status.as_u16() {
        300..=399 => Err(HttpFailure::Redirected(
            header("location").unwrap_or_default().to_owned(),
        )),
        429 => Err(HttpFailure::Throttled(
            header("retry-after").and_then(pause),
        )),
        status @ (502..=504) => Err(HttpFailure::Unavailable(
            status,
            header("retry-after").and_then(pause),
        )),
        _ if has_too_many_values(&body) => Err(HttpFailure::TooLarge),
        status => Ok(Reply {
            status,
            is_html: header("content-type").is_some_and(|kind| kind.starts_with("text/html")),
            date: header("date").and_then(instant),
            body,
        }),
    }
}

/// Whether `json` holds more than [`MOST_VALUES`]. Signs within texts count too: texts are few among so many.
fn has_too_many_values(json: &[u8]) -> bool {
    json.len() > MOST_VALUES
        && memchr::memchr3_iter(b',', b'[', b'{', json)
            .nth(MOST_VALUES)
            .is_some()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After`: seconds, or the date to wait for (RFC 9110, 10.2.3).
fn pause(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let left = instant(text)?.duration_since(Timestamp::now());
    Some(Duration::try_from(left).unwrap_or_default())
}

/// An HTTP date (RFC 9110, 5.6.7).
fn instant(text: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(pause("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(pause("soon"), None);
        let later = Timestamp::now() + Duration::from_secs(60);
        let date = jiff::fmt::rfc2822::to_string(&later.to_zoned(jiff::tz::TimeZone::UTC));
        let left = date.ok().and_then(|date| pause(&date));
        assert!(left.is_some_and(|left| (50..=60).contains(&left.as_secs())));
    }
}
