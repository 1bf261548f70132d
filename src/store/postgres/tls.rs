//! TLS as `psql` has it: six modes, the authorities that count, a certificate of one's own.
//!
//! Rules: "SSL Support" of the manual of PostgreSQL, chapter libpq. One differs: `verify-full` without a file of authorities
//! trusts those of the machine, where libpq fails.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_platform_verifier::Verifier;

use super::files::UserFiles;
use super::parameters::{Parameters, SETTING};
use super::pem::{PEM, certificates, file_error, private_key};
use super::verify::{Checking, Trusting};
use crate::error::{Error, Result};

/// `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Whose signature on the certificate of the server counts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Authorities {
    /// Any: nothing is checked.
    Any,
    OfMachine,
    OfFile(PathBuf),
}

/// How to speak TLS with the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TlsSettings {
    pub(super) mode: Mode,
    authorities: Authorities,
    /// Certificate and key of the program itself.
    own: Option<(PathBuf, PathBuf)>,
    sends_name: bool,
    /// TLS begins at once, without PostgreSQL's question whether the server has it.
    pub(super) is_direct: bool,
    versions: (Version, Version),
}

/// A version of TLS; rustls has no older ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    Tls12,
    Tls13,
}

impl TlsSettings {
    /// The settings in `given`. Fails where they contradict each other, or a file that they name does not exist.
    pub(super) fn of(given: &Parameters, files: &UserFiles) -> Result<Self> {
        let modes = [
            ("disable", Mode::Disable),
            ("allow", Mode::Allow),
            ("prefer", Mode::Prefer),
            ("require", Mode::Require),
            ("verify-ca", Mode::VerifyCa),
            ("verify-full", Mode::VerifyFull),
        ];
        let mode = given.choice("sslmode", &modes)?;
        let is_of_machine = given.text("sslrootcert") == Some("system");
        let mode = mode.unwrap_or(if is_of_machine {
            Mode::VerifyFull
        } else {
            Mode::Prefer
        });
        let authorities = authorities(given, files, mode)?;
        let versions = [("TLSv1.2", Version::Tls12), ("TLSv1.3", Version::Tls13)];
        // libpq takes these two names for a lower limit; rustls begins above them.
        let lowest = [
            &[("TLSv1", Version::Tls12), ("TLSv1.1", Version::Tls12)],
            &versions[..],
        ]
        .concat();
        let lowest = given
            .choice("ssl_min_protocol_version", &lowest)?
            .unwrap_or(Version::Tls12);
        let highest = given
            .choice("ssl_max_protocol_version", &versions)?
            .unwrap_or(Version::Tls13);
        let negotiations = [("postgres", false), ("direct", true)];
        let is_direct = given
            .choice("sslnegotiation", &negotiations)?
            .unwrap_or(false);
        if let Some(direct) = given
            .get("sslnegotiation")
            .filter(|_| is_direct && mode < Mode::Require)
        {
            return Err(direct
                .error("sslnegotiation", "« direct » impose TLS")
                .hint("Ajoutez sslmode=verify-full, ou au moins require"));
        }
        Ok(Self {
            mode,
            authorities,
            own: own_certificate(given, files),
            sends_name: given
                .choice("sslsni", &[("1", true), ("0", false)])?
                .unwrap_or(true),
            is_direct,
            versions: (lowest, highest),
        })
    }

    /// The configuration of the TLS library. Fails where a file cannot be read or holds nothing of the kind.
    pub(super) fn config(&self) -> Result<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let known = [
            (Version::Tls12, &rustls::version::TLS12),
            (Version::Tls13, &rustls::version::TLS13),
        ];
        let (lowest, highest) = self.versions;
        let versions = known
            .iter()
            .filter(|(version, _)| (lowest..=highest).contains(version));
        let versions: Vec<&SupportedProtocolVersion> =
            versions.map(|(_, version)| *version).collect();
        let verifier = self.verifier(&provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| {
                let error =
                    Error::of_setting(SETTING, "ne laisse aucune version de TLS").because(error);
                error.hint("ssl_min_protocol_version dépasse ssl_max_protocol_version")
            })?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &self.own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(certificate, "sslcert")?;
                builder
                    .with_client_auth_cert(chain, private_key(key)?)
                    .map_err(|error| {
                        let what = "ne va pas avec le certificat du réglage sslcert";
                        file_error(key, "sslkey", what).because(error)
                    })?
            }
        };
        config.enable_sni = self.sends_name;
        if self.is_direct {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Ok(config)
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>> {
        let checks_name = self.mode == Mode::VerifyFull;
        let (inner, pinned): (Arc<dyn ServerCertVerifier>, _) = match &self.authorities {
            Authorities::Any => return Ok(Arc::new(Trusting(Arc::clone(provider)))),
            Authorities::OfMachine => {
                let verifier = Verifier::new(Arc::clone(provider)).map_err(|error| {
                    Error::store("Cette machine ne connaît aucune autorité de certification")
                        .hint(
                            "Sur Linux, installez le paquet ca-certificates, ou donnez sslrootcert",
                        )
                        .because(error)
                })?;
                (Arc::new(verifier), Vec::new())
            }
            Authorities::OfFile(path) => {
                let pinned = certificates(path, "sslrootcert")?;
                let mut roots = RootCertStore::empty();
                let (added, _) = roots.add_parsable_certificates(pinned.iter().cloned());
                let unusable =
                    || file_error(path, "sslrootcert", "contient un certificat illisible");
                if added == 0 {
                    return Err(unusable());
                }
                let builder =
                    WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
                (
                    builder.build().map_err(|error| unusable().because(error))?,
                    pinned,
                )
            }
        };
        Ok(Arc::new(Checking {
            inner,
            pinned,
            checks_name,
        }))
    }
}

/// Whose signature counts, by the mode and `sslrootcert`.
fn authorities(given: &Parameters, files: &UserFiles, mode: Mode) -> Result<Authorities> {
    let Some(root) = given.get("sslrootcert") else {
        let usual = files.default(".postgresql/root.crt", "root.crt");
        return match mode {
            _ if usual.is_file() => Ok(Authorities::OfFile(usual)),
            Mode::VerifyFull => Ok(Authorities::OfMachine),
            Mode::VerifyCa => Err(Error::of_setting(SETTING, "demande sslmode=verify-ca sans dire quelle autorité compte")
                .hint("Ajoutez sslrootcert=FICHIER, ou prenez sslmode=verify-full, qui connaît celles de la machine")),
            _ => Ok(Authorities::Any),
        };
    };
    if root.text == "system" {
        if mode != Mode::VerifyFull {
            return Err(root
                .error("sslrootcert", "« system » ne vaut qu'avec sslmode=verify-full")
                .hint("Toute personne peut obtenir un certificat d'une autorité publique : seul le nom du serveur le distingue"));
        }
        return Ok(Authorities::OfMachine);
    }
    let path = files.folder.join(&root.text);
    if !path.is_file() {
        return Err(root
            .error(
                "sslrootcert",
                format!("« {} » n'est pas un fichier", root.text),
            )
            .hint(PEM));
    }
    Ok(Authorities::OfFile(path))
}

/// Certificate and key that are named, or that stand in their usual place.
fn own_certificate(given: &Parameters, files: &UserFiles) -> Option<(PathBuf, PathBuf)> {
    let path = |name, usual: &str, usual_on_windows| {
        let named = given.text(name).map(|path| files.folder.join(path));
        let usual = || files.default(usual, usual_on_windows);
        let usual = || Some(usual()).filter(|path| path.is_file());
        named.or_else(usual)
    };
    let certificate = path("sslcert", ".postgresql/postgresql.crt", "postgresql.crt")?;
    let key = path("sslkey", ".postgresql/postgresql.key", "postgresql.key")
        .unwrap_or_else(|| certificate.with_extension("key"));
    Some((certificate, key))
}
