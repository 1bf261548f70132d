//! An attempt to connect to one server: its addresses, with and without TLS, within the time limit.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use postgres::config::{ChannelBinding, SslMode, SslNegotiation};
use postgres::{Client, Config, NoTls};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres_rustls_improved::MakeRustlsConnect;

use super::address::Address;
use super::fitness::check_server;
use super::refusal::{self, Refusal};
use super::servers::Server;
use super::session::{Binding, Session};
use super::tls::Mode;
use crate::error::Error;

/// A number that differs from process to process and call to call.
pub(super) fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

/// Whether a connection uses TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    /// With TLS where the server has it.
    Offered,
    Tls,
}

impl Mode {
    /// The ways to try, in this order.
    fn ways(self) -> &'static [Way] {
        match self {
            Self::Disable => &[Way::Plain],
            Self::Allow => &[Way::Plain, Way::Tls],
            Self::Prefer => &[Way::Offered, Way::Plain],
            Self::Require | Self::VerifyCa | Self::VerifyFull => &[Way::Tls],
        }
    }
}

/// An attempt at one server.
pub(super) struct Attempt<'a> {
    pub(super) address: &'a Address,
    pub(super) server: &'a Server,
    pub(super) tls: Option<&'a ClientConfig>,
    pub(super) session: Session,
}

impl Attempt<'_> {
    /// Connects to the first address of the server that answers.
    pub(super) fn connect(&self) -> std::result::Result<Client, Refusal> {
        let mut last = None;
        for ip in self.ips()? {
            let refusal = match self.connect_to(ip) {
                Ok(client) => return Ok(client),
                Err(refusal) => refusal,
            };
            if refusal.is_final {
                return Err(refusal);
            }
            last = Some(refusal);
        }
        Err(last.unwrap_or_else(refusal::unknown_name))
    }

    /// The addresses of the server's name; none for a Unix socket.
    fn ips(&self) -> std::result::Result<Vec<Option<IpAddr>>, Refusal> {
        if self.server.is_socket() {
            return Ok(vec![None]);
        }
        if let Some(ip) = self.server.ip {
            return Ok(vec![Some(ip)]);
        }
        let place = (self.server.host.clone(), self.server.port);
        let found = self.in_time(move || place.to_socket_addrs().map(Vec::from_iter))?;
        let mut ips: Vec<Option<IpAddr>> = Vec::new();
        for found in found.map_err(|_| refusal::unknown_name())? {
            if !ips.contains(&Some(found.ip())) {
                ips.push(Some(found.ip()));
            }
        }
        if self.address.in_random_order {
            ips.sort_by_cached_key(|_| random());
        }
        Ok(ips)
    }

    /// Connects by each way until one leads there; a way that follows is tried where the last may have failed for its use
    /// of TLS.
    fn connect_to(&self, ip: Option<IpAddr>) -> std::result::Result<Client, Refusal> {
        let ways = if self.server.is_socket() {
            &[Way::Plain]
        } else {
            self.address.tls.mode.ways()
        };
        let mut first: Option<Refusal> = None;
        for way in ways {
            match self.connect_by(*way, ip) {
                Ok(client) => return Ok(client),
                Err(refusal) if refusal.may_be_of_tls && first.is_none() => first = Some(refusal),
                // The second refusal says no more than that the server wants it otherwise.
                Err(refusal) if refusal.may_be_of_tls => break,
                Err(refusal) => return Err(refusal),
            }
        }
        Err(first.unwrap_or_else(refusal::unknown_name))
    }

    fn connect_by(&self, way: Way, ip: Option<IpAddr>) -> std::result::Result<Client, Refusal> {
        let password = self.address.password_for(self.server);
        let has_password = password.is_some();
        let mut config = self.config(ip, password.as_ref());
        config.ssl_mode(match way {
            Way::Plain => SslMode::Disable,
            Way::Offered => SslMode::Prefer,
            Way::Tls => SslMode::Require,
        });
        if self.address.tls.is_direct && way == Way::Tls {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        let tls = self.tls.filter(|_| way != Way::Plain).cloned();
        let session = self.session;
        let connected = self.in_time(move || {
            let mut client = match tls {
                Some(tls) => config.connect(MakeRustlsConnect::new(tls)),
                None => config.connect(NoTls),
            }?;
            let fitness = check_server(&mut client, session)?;
            Ok((client, fitness))
        })?;
        match connected {
            Ok((client, None)) => Ok(client),
            Ok((_, Some(unfit))) => Err(Refusal::of(unfit)),
            Err(error) => {
                let refusal = refusal::at_connection(error, self.server, has_password);
                Err(match &self.address.passfile_fault {
                    Some(fault) if !has_password => refusal.because_of(fault),
                    _ => refusal,
                })
            }
        }
    }

    fn config(&self, ip: Option<IpAddr>, password: Option<&SecretString>) -> Config {
        let address = self.address;
        let mut config = Config::new();
        config.host(&self.server.host).port(self.server.port);
        config.user(&address.user).dbname(&address.database);
        config.application_name(&address.application);
        if let Some(ip) = ip {
            config.hostaddr(ip);
        }
        if let Some(password) = password {
            config.password(password.expose_secret());
        }
        if let Some(options) = &address.options {
            config.options(options);
        }
        config.channel_binding(match address.binding {
            Binding::Disable => ChannelBinding::Disable,
            Binding::Prefer => ChannelBinding::Prefer,
            Binding::Require => ChannelBinding::Require,
        });
        if let Some(limit) = address.connect_timeout {
            config.connect_timeout(limit);
        }
        if let Some(limit) = address.user_timeout {
            config.tcp_user_timeout(limit);
        }
        match &address.keepalives {
            None => {
                config.keepalives(false);
            }
            Some(keepalives) => {
                config.keepalives_idle(keepalives.idle);
                if let Some(interval) = keepalives.interval {
                    config.keepalives_interval(interval);
                }
                if let Some(count) = keepalives.count {
                    config.keepalives_retries(count);
                }
            }
        }
        config
    }

    /// Does `work` within the time limit of the address. The client library limits the time of the socket alone: a server that
    /// accepts a connection and says nothing would be waited for without end. The work goes on in a thread of its own, which
    /// is abandoned.
    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::result::Result<T, Refusal> {
        let (answer, answered) = sync_channel(1);
        let thread = thread::Builder::new().name("postgres".to_owned());
        let run = move || drop(answer.send(work()));
        thread
            .spawn(run)
            .map_err(|error| Refusal::of(Error::no_thread(error)))?;
        // Without a limit, as long as the system waits.
        let limit = self.address.connect_timeout.unwrap_or(Duration::MAX);
        answered.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => refusal::late(limit),
            RecvTimeoutError::Disconnected => refusal::no_resources(),
        })
    }
}
