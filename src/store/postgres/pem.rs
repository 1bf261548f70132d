//! Certificates and keys in files, in PEM form.

use std::fs;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, Result, io_reason};

/// What a file of certificates looks like.
pub(super) const PEM: &str =
    "Le fichier contient des certificats en texte (-----BEGIN CERTIFICATE-----)";

/// The error of the file at `path`, which parameter `name` gives.
pub(super) fn file_error(path: &Path, name: &str, what: &str) -> Error {
    Error::config(format!("{name} : {} {what}", path.display()))
}

fn read(path: &Path, name: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        file_error(
            path,
            name,
            &format!("n'est pas lisible ({})", io_reason(&error)),
        )
        .hint("Vérifiez le chemin et les droits")
    })
}

/// The certificates in a file. Fails where it holds none.
pub(super) fn certificates(path: &Path, name: &str) -> Result<Vec<CertificateDer<'static>>> {
    let bytes = read(path, name)?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(file_error(path, name, "ne contient aucun certificat").hint(PEM)),
        Err(error) => Err(file_error(path, name, "contient un certificat illisible")
            .hint(PEM)
            .because(error)),
    }
}

/// The key of one's own certificate: nobody else may read it, unless root owns it and gives its group the right.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let bytes = read(path, "sslkey")?;
    if is_open_to_others(path) {
        return Err(
            file_error(path, "sslkey", "est lisible par d'autres comptes")
                .hint("Retirez-leur ce droit (chmod 600), puis recommencez"),
        );
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| {
        file_error(path, "sslkey", "ne contient pas de clé en clair")
            .hint("Donnez une clé en texte, sans mot de passe (-----BEGIN PRIVATE KEY-----)")
            .because(error)
    })
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|about| {
        let others = if about.uid() == 0 { 0o027 } else { 0o077 };
        about.mode() & others != 0
    })
}

#[cfg(not(unix))]
fn is_open_to_others(_path: &Path) -> bool {
    false
}
