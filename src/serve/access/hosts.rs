//! Host and origin checks.

use std::net::{IpAddr, SocketAddr};

use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};

use crate::serve::refusal::Refusal;

/// The host names that the server accepts.
pub(super) struct Hosts {
    /// Whether only this machine can connect.
    is_loopback: bool,
    names: Vec<String>,
}

impl Hosts {
    pub(super) fn new(address: SocketAddr, names: &[String]) -> Self {
        Self {
            is_loopback: address.ip().is_loopback(),
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
        }
    }

    /// Refuses requests for other hosts: a foreign site can resolve its name to this machine, and its pages would
    /// then share our origin (DNS rebinding). IP addresses do not resolve.
    pub(super) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut named = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return Err(Refusal::bad_request(
                "La requête doit nommer un hôte, et un seul",
            ));
        };
        let host = host.to_str().ok().and_then(|host| host.parse().ok());
        let is_ours = |authority: &Authority| self.is_ours(authority.host());
        if host.as_ref().is_some_and(is_ours) && uri.authority().is_none_or(is_ours) {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Ce serveur ne répond pas sous ce nom : rien n'a été fait",
        )
        .hint("Prenez l'adresse que « crmreco serve » a affichée, ou relancez-le en lui donnant ce nom"))
    }

    fn is_ours(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return !self.is_loopback || ip.is_loopback();
        }
        let name = bare.to_ascii_lowercase();
        name == "localhost" || self.names.contains(&name)
    }
}

/// Refuses requests from pages of other sites. Clients that are not browsers send no `Origin`.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().ok());
    let is_ours = match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(Some(origin)), Some(Some(host))) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)),
        _ => false,
    };
    let site = headers.get("sec-fetch-site");
    let is_near = site.is_none_or(|site| site == "same-origin" || site == "none");
    if is_ours && is_near {
        return Ok(());
    }
    Err(
        Refusal::forbidden("Cette demande vient d'un autre site : rien n'a été fait")
            .hint("Faites-la depuis les pages de ce serveur"),
    )
}
