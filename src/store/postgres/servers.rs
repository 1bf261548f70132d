//! The servers that an address names.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use super::parameters::{ENCODED, Parameters};
use crate::error::Result;

/// PostgreSQL's own port.
pub(super) const PORT: u16 = 5432;

/// Folders of the Unix socket, where the address names no server: Debian's and the one PostgreSQL is built with.
pub(super) const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// One server that the address names.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// A name, an IP address, or the folder of a Unix socket.
    pub(super) host: String,
    /// The IP address to use in place of what the name leads to.
    pub(super) ip: Option<IpAddr>,
    pub(super) port: u16,
}

impl Server {
    /// Whether it is reached through a Unix socket.
    pub(super) fn is_socket(&self) -> bool {
        cfg!(unix) && self.host.starts_with('/')
    }
}

/// Shows the host, and the port where it is not PostgreSQL's own.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if self.port == PORT {
            return Ok(());
        }
        write!(f, ":{}", self.port)
    }
}

/// The servers in the order of the address. Ports are one for all, or one for each.
pub(super) fn servers(given: &Parameters) -> Result<Vec<Server>> {
    let list = |name| {
        let text = given.text(name)?;
        Some(text.split(',').map(str::trim).collect::<Vec<_>>())
    };
    let (hosts, ips, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = ips.as_ref().or(hosts.as_ref()).map_or(1, Vec::len);
    let is_one_for_all = ports.as_ref().is_some_and(|ports| ports.len() == 1);
    let counts = [
        ("host", hosts.as_ref()),
        ("port", ports.as_ref().filter(|_| !is_one_for_all)),
    ];
    for (name, list) in counts {
        if let Some(list) = list.filter(|list| list.len() != count) {
            let predicate = format!("donne {} valeurs pour {count} serveurs", list.len());
            return Err(given.error(name, predicate));
        }
    }
    let one = |number| {
        let ip = nth(ips.as_deref(), number);
        let ip = ip.map(|text| parse_ip(text, given)).transpose()?;
        let host = nth(hosts.as_deref(), number).map(str::to_owned);
        let host = host.or_else(|| ip.map(|ip| ip.to_string()));
        let port = nth(ports.as_deref(), if is_one_for_all { 0 } else { number });
        Ok(Server {
            host: host.unwrap_or_else(default_host),
            ip,
            port: port.map_or(Ok(PORT), |text| parse_port(text, given))?,
        })
    };
    (0..count).map(one).collect()
}

/// A value of a list, unless it is empty.
fn nth<'a>(list: Option<&[&'a str]>, number: usize) -> Option<&'a str> {
    list?.get(number).copied().filter(|value| !value.is_empty())
}

/// Where a server is looked for that no one names: on this machine.
fn default_host() -> String {
    if cfg!(not(unix)) {
        return "localhost".to_owned();
    }
    let found = SOCKETS
        .into_iter()
        .find(|folder| Path::new(folder).is_dir());
    found.unwrap_or("/tmp").to_owned()
}

fn parse_ip(text: &str, given: &Parameters) -> Result<IpAddr> {
    text.parse().map_err(|_| {
        let predicate = format!("« {text} » n'est pas une adresse IP");
        given.error("hostaddr", predicate)
    })
}

/// The message shows no value: a password that was not percent-encoded may stand where the port should.
fn parse_port(text: &str, given: &Parameters) -> Result<u16> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| {
        let error = given.error("port", "n'est pas un nombre de 1 à 65535");
        error.hint(ENCODED)
    })
}
