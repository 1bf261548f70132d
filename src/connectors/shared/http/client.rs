//! A client with pooled connections, whose exchanges end on a request to stop.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::echoes::Echoes;
use super::exchange::{Reply, Request, answer_to};
use super::failure::HttpFailure;
use crate::connectors::shared::addresses::Guarded;
use crate::connectors::shared::web_server::WebServer;
use crate::stop::Stop;

/// Time limit for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between two checks for a stop.
const GLANCE: Duration = Duration::from_millis(50);

const USER_AGENT: &str = concat!("crmreco/", env!("CARGO_PKG_VERSION"));

/// Whose signature on the certificate of `server` counts.
fn authorities(server: &WebServer) -> RootCerts {
    if server.authorities.is_empty() {
        // An estate's own certificate authority counts, where its machines know it.
        RootCerts::PlatformVerifier
    } else {
        RootCerts::new_with_certs(&server.authorities)
    }
}

/// An exchange under way.
#[derive(Debug)]
pub(in crate::connectors) struct Pending(Receiver<Result<Reply, HttpFailure>>);

/// A client with pooled connections.
#[derive(Debug, Clone)]
pub(in crate::connectors) struct Http {
    agent: Agent,
    /// Whether the server has answered at all: when it does not any more, it may be restarting.
    has_answered: Arc<AtomicBool>,
    /// The server's clock at its last answer, in seconds since 1970; 0: unknown.
    server_clock: Arc<AtomicI64>,
    echoes: Echoes,
    stop: Stop,
}

impl Http {
    /// A client of `server`, whose exchanges take its timeout at most, from the connection to the last byte.
    pub(in crate::connectors) fn new(server: &WebServer, stop: Stop) -> Self {
        let timeout = server.timeout;
        let tls = TlsConfig::builder()
            .root_certs(authorities(server))
            // A provider that ureq chose would come with a copy of the world's authorities, which nothing reads.
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // The secret must not be sent to the target of a redirect.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(USER_AGENT)
            .tls_config(tls);
        if server.is_loopback() {
            // A proxy from the environment would receive the secret in the clear.
            config = config.proxy(None);
        }
        Self {
            agent: Agent::with_parts(
                config.build(),
                DefaultConnector::default(),
                Guarded::default(),
            ),
            has_answered: Arc::default(),
            server_clock: Arc::default(),
            echoes: Echoes::of(&server.secret),
            stop,
        }
    }

    /// Sends `request`. The exchange has a thread of its own, abandoned (until its timeout) when a signal asks to stop.
    pub(in crate::connectors) fn begin(&self, request: Request) -> Result<Pending, HttpFailure> {
        self.stop.check()?;
        let (answer, answered) = sync_channel(1);
        let agent = self.agent.clone();
        let exchange = move || answer_to(&agent, request, &answer);
        let thread = thread::Builder::new().name("http".to_owned());
        thread.spawn(exchange).map_err(|error| {
            HttpFailure::Unreachable(format!("pas de fil d'exécution libre, {error}"))
        })?;
        Ok(Pending(answered))
    }

    /// Waits for the whole answer. Redirects, and statuses that say to come back later, are failures; every other
    /// status is for the protocol to judge.
    pub(in crate::connectors) fn finish(&self, pending: &Pending) -> Result<Reply, HttpFailure> {
        loop {
            self.stop.check()?;
            match pending.0.recv_timeout(GLANCE) {
                Ok(reply) => {
                    let reply = reply.map(|reply| self.without_secret(reply));
                    let reply = reply.map_err(|failure| {
                        let failure =
                            failure.cleaned(|words| self.echoes.out_of(words).into_owned());
                        failure.after_answer(self.has_answered.load(Ordering::Relaxed))
                    });
                    return reply.inspect(|reply| {
                        self.has_answered.store(true, Ordering::Relaxed);
                        self.set_clock(reply);
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(HttpFailure::Cut),
            }
        }
    }

    /// Sends `request` and waits for the whole answer.
    pub(in crate::connectors) fn send(&self, request: Request) -> Result<Reply, HttpFailure> {
        self.finish(&self.begin(request)?)
    }

    fn without_secret(&self, mut reply: Reply) -> Reply {
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

    /// What asks its exchanges to stop.
    pub(in crate::connectors) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// The server's clock at its last answer, if it sent one.
    pub(in crate::connectors) fn server_clock(&self) -> Option<Timestamp> {
        match self.server_clock.load(Ordering::Relaxed) {
            0 => None,
            seconds => Timestamp::from_second(seconds).ok(),
        }
    }
}
