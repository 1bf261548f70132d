//! Addresses where no server may be: those of services for the machine itself.
//!
//! A cloud's metadata service answers at link-local addresses and hands out the machine's own credentials. A name
//! may resolve to such an address at any time, so each connection checks what its name resolved to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tracing::warn;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Names of metadata services.
const METADATA_NAMES: &[&str] = &[
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
];

/// Metadata services outside of the link-local ranges: Amazon and Google over IPv6, Alibaba, Azure, Oracle.
const METADATA_ADDRESSES: &[IpAddr] = &[
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// Whether `host`, an address or a name in the form of a URL, must not be contacted.
pub(super) fn is_forbidden_host(host: &str) -> bool {
    if let Some(ip) = address_of(host) {
        return is_forbidden(ip);
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    METADATA_NAMES.contains(&name.as_str())
}

/// Whether `host` is this machine, by its address or as `localhost`.
pub(super) fn is_loopback_host(host: &str) -> bool {
    let is_address = address_of(host).is_some_and(is_loopback);
    is_address || host.trim_end_matches('.').eq_ignore_ascii_case("localhost")
}

fn address_of(host: &str) -> Option<IpAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok()
}

/// Link-local, or a metadata service.
fn is_forbidden(ip: IpAddr) -> bool {
    let ip = plain(ip);
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    is_link_local || METADATA_ADDRESSES.contains(&ip)
}

fn is_loopback(ip: IpAddr) -> bool {
    plain(ip).is_loopback()
}

/// An IPv4 address within an IPv6 one, as itself: mapped (RFC 4291, 2.5.5.2), compatible (2.5.5.1), or translated
/// (`64:ff9b::/96`, RFC 6052).
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = ip.to_canonical() else {
        return ip.to_canonical();
    };
    match six.segments() {
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] if high != 0 => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => IpAddr::V6(six),
    }
}

/// A name resolved to a forbidden address.
#[derive(Debug)]
pub(super) struct Forbidden(pub(super) IpAddr);

impl fmt::Display for Forbidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is link-local or a metadata service", self.0)
    }
}

impl std::error::Error for Forbidden {}

/// The default resolver, with an error for forbidden addresses. Names that a proxy resolves are not checked.
#[derive(Debug, Default)]
pub(super) struct Guarded(DefaultResolver);

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let addresses = || found.iter().map(SocketAddr::ip);
        if let Some(ip) = addresses().find(|ip| is_forbidden(*ip)) {
            return Err(ureq::Error::Other(Box::new(Forbidden(ip))));
        }
        let host = uri.host().unwrap_or_default();
        if !is_loopback_host(host) && addresses().any(is_loopback) {
            warn!(host, "this name leads to this very machine");
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_addresses_and_metadata_services_are_forbidden_in_any_notation() {
        for host in [
            "169.254.169.254",
            "169.254.0.1",
            "169.254.255.255",
            "[fe80::1]",
            "[febf:ffff::1]",
            "[fd00:ec2::254]",
            "[FD00:0EC2:0:0:0:0:0:0254]",
            "[fd20:ce::254]",
            "[::ffff:169.254.169.254]",
            "[::169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "metadata.google.internal",
            "METADATA.google.internal.",
            "metadata",
            "instance-data",
        ] {
            assert!(is_forbidden_host(host), "{host}");
        }
        for host in [
            "169.253.255.255",
            "169.255.0.0",
            "192.168.1.20",
            "10.0.0.1",
            "127.0.0.1",
            "[::1]",
            "[fec0::1]",
            "[fd00::1]",
            "[64:ff9b::c0a8:114]",
            "cave.odoo.com",
            "metadata.cave.fr",
        ] {
            assert!(!is_forbidden_host(host), "{host}");
        }
    }

    #[test]
    fn this_machine_is_known_in_any_notation() {
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "LocalHost",
            "localhost.",
        ] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "128.0.0.1",
            "[::2]",
            "localhost.cave.fr",
            "127.0.0.1.cave.fr",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
