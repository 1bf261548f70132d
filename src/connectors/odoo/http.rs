//! One HTTP exchange: bounded in time and size, never followed elsewhere, given up when somebody asks to stop.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use rustls::crypto::ring;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::addresses::{Forbidden, Guarded};
use super::echo::Echoes;
use super::failure::Failure;
use super::settings::Server;
use crate::stop::Stop;

/// A server that cannot even be reached is not waited for longer than this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a pending exchange looks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(50);

/// A page of a thousand rows is a megabyte or two; beyond this, something else is being sent.
const MOST_BYTES: u64 = 64 << 20;

/// A page of a thousand rows has some 50,000 values. Read, a value takes 32 bytes and more, whatever it took on the way:
/// 64 MiB of `[0,0…` would be a gigabyte.
const MOST_VALUES: usize = 1_000_000;

const USER_AGENT: &str = concat!("crmreco/", env!("CARGO_PKG_VERSION"));

/// What to ask. Not `Debug`: it carries the key.
pub(super) struct Request {
    pub(super) url: String,
    /// `None`: a GET.
    pub(super) body: Option<Vec<u8>>,
    pub(super) headers: Vec<(&'static str, String)>,
}

/// What was answered, whatever its status.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) is_html: bool,
    pub(super) body: Vec<u8>,
    /// When the server says it was.
    date: Option<Timestamp>,
}

/// An exchange under way.
#[derive(Debug)]
pub(super) struct Pending(Receiver<Result<Reply, Failure>>);

/// A client with pooled connections.
#[derive(Debug, Clone)]
pub(super) struct Http {
    agent: Agent,
    /// The server's clock at its last answer, in seconds since 1970; 0: it never told.
    server_clock: Arc<AtomicI64>,
    echoes: Echoes,
    stop: Stop,
}

impl Http {
    /// A client of `server`, whose exchanges take its timeout at most, from the connection to the last byte.
    pub(super) fn new(server: &Server, stop: Stop) -> Self {
        let timeout = server.timeout;
        let tls = TlsConfig::builder()
            // An estate's own certificate authority counts, where its machines know it.
            .root_certs(RootCerts::PlatformVerifier)
            // A provider that ureq chose would come with a copy of the world's authorities, which nothing reads.
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // The key must not follow a redirect to wherever it leads.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(USER_AGENT)
            .tls_config(tls);
        if server.is_loopback() {
            // A proxy that the environment names would be handed the key in the clear.
            config = config.proxy(None);
        }
        Self {
            agent: Agent::with_parts(
                config.build(),
                DefaultConnector::default(),
                Guarded::default(),
            ),
            server_clock: Arc::default(),
            echoes: Echoes::of(&server.key),
            stop,
        }
    }

    /// Sends `request`. The exchange has a thread of its own, abandoned (until its timeout) when a signal asks to stop.
    pub(super) fn begin(&self, request: Request) -> Result<Pending, Failure> {
        self.stop.check()?;
        let (answer, answered) = sync_channel(1);
        let agent = self.agent.clone();
        let exchange = move || answer_to(&agent, request, &answer);
        let thread = thread::Builder::new().name("odoo".to_owned());
        thread.spawn(exchange).map_err(|error| {
            Failure::Unreachable(format!("pas de fil d'exécution libre, {error}"))
        })?;
        Ok(Pending(answered))
    }

    /// Waits for the whole answer. Redirects, and statuses that say to come back later, are failures; every other
    /// status is for the protocol to judge.
    pub(super) fn finish(&self, pending: &Pending) -> Result<Reply, Failure> {
        loop {
            self.stop.check()?;
            match pending.0.recv_timeout(GLANCE) {
                Ok(reply) => {
                    let reply = reply.map(|reply| self.without_key(reply));
                    let reply = reply.map_err(|failure| {
                        failure.cleaned(|words| self.echoes.out_of(words).into_owned())
                    });
                    return reply.inspect(|reply| self.set_clock(reply));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::Cut),
            }
        }
    }

    /// Sends `request` and waits for the whole answer.
    pub(super) fn send(&self, request: Request) -> Result<Reply, Failure> {
        self.finish(&self.begin(request)?)
    }

    fn without_key(&self, mut reply: Reply) -> Reply {
        let clean = std::str::from_utf8(&reply.body)
            .ok()
            .map(|text| self.echoes.out_of_json(text));
        if let Some(Cow::Owned(clean)) = clean {
            reply.body = clean.into_bytes();
        }
        reply
    }

    fn set_clock(&self, reply: &Reply) {
        if let Some(date) = reply.date {
            self.server_clock.store(date.as_second(), Ordering::Relaxed);
        }
    }

    /// What the server's clock said at its last answer, if it told.
    pub(super) fn server_clock(&self) -> Option<Timestamp> {
        match self.server_clock.load(Ordering::Relaxed) {
            0 => None,
            seconds => Timestamp::from_second(seconds).ok(),
        }
    }

    /// Waits, unless somebody asks to stop first.
    pub(super) fn wait(&self, pause: Duration) {
        let mut left = pause;
        while !left.is_zero() && self.stop.check().is_ok() {
            let slice = left.min(GLANCE);
            thread::sleep(slice);
            left -= slice;
        }
    }
}

fn answer_to(agent: &Agent, request: Request, answer: &SyncSender<Result<Reply, Failure>>) {
    let reply = exchange(agent, request).map_err(failure).and_then(judge);
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

fn judge(response: Response<Vec<u8>>) -> Result<Reply, Failure> {
    let (parts, body) = response.into_parts();
    let header = |name: &str| header(&parts.headers, name);
    match parts.status.as_u16() {
        300..=399 => Err(Failure::Redirected(
            header("location").unwrap_or_default().to_owned(),
        )),
        429 => Err(Failure::Throttled(header("retry-after").and_then(pause))),
        status @ (502..=504) => Err(Failure::Unavailable(
            status,
            header("retry-after").and_then(pause),
        )),
        _ if has_too_many_values(&body) => Err(Failure::TooLarge),
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

fn failure(error: ureq::Error) -> Failure {
    use ureq::Timeout;
    match error {
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            Failure::Unreachable("aucune réponse".to_owned())
        }
        ureq::Error::Timeout(_) => Failure::TimedOut,
        ureq::Error::HostNotFound => unknown_name(),
        ureq::Error::ConnectionFailed => Failure::Unreachable("connexion impossible".to_owned()),
        ureq::Error::BodyExceedsLimit(_) => Failure::TooLarge,
        ureq::Error::Tls(reason) => tls(reason),
        ureq::Error::Rustls(error) => tls(&error.to_string()),
        ureq::Error::Io(error) => io_failure(&error),
        ureq::Error::Other(error) => error
            .downcast::<Forbidden>()
            .map_or(Failure::Cut, |found| Failure::Forbidden(found.0)),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) => Failure::NotOdoo(0),
        _ => Failure::Cut,
    }
}

fn io_failure(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => Failure::Unreachable("connexion refusée".to_owned()),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Failure::Unreachable("réseau injoignable".to_owned())
        }
        ErrorKind::TimedOut => Failure::TimedOut,
        // So speaks TLS, through the stream it wraps.
        ErrorKind::InvalidData => tls(&error.to_string()),
        _ if is_of_names(error) => unknown_name(),
        _ => Failure::Cut,
    }
}

/// What the words of rustls mean to whoever set the address or the certificate.
const TLS_REASONS: &[(&str, &str)] = &[
    ("InvalidContentType", "ce port ne parle pas https"),
    (
        "UnknownIssuer",
        "aucune autorité connue de cette machine n'a signé son certificat",
    ),
    (
        "SelfSigned",
        "aucune autorité connue de cette machine n'a signé son certificat",
    ),
    ("Expired", "son certificat a expiré"),
    ("expired", "son certificat a expiré"),
    ("NotValidYet", "son certificat n'est pas encore valable"),
    ("not valid yet", "son certificat n'est pas encore valable"),
    (
        "NotValidForName",
        "son certificat est au nom d'un autre serveur",
    ),
    (
        "not valid for name",
        "son certificat est au nom d'un autre serveur",
    ),
];

fn tls(words: &str) -> Failure {
    let known = TLS_REASONS.iter().find(|(sign, _)| words.contains(sign));
    Failure::Tls(known.map_or(words, |(_, reason)| reason).to_owned())
}

fn unknown_name() -> Failure {
    Failure::Unreachable("ce nom de serveur est introuvable".to_owned())
}

/// Whether the name of the server has no address. The standard library has a kind for it that only it can name:
/// its words tell on Unix, the system's numbers on Windows (`WSAHOST_NOT_FOUND` to `WSANO_DATA`).
fn is_of_names(error: &std::io::Error) -> bool {
    match error.raw_os_error() {
        Some(number) => cfg!(windows) && (11_001..=11_004).contains(&number),
        None => error.to_string().starts_with("failed to lookup address"),
    }
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
