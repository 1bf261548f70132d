//! Why a TLS session was not agreed on, in French.

/// What happened, and what to do.
pub(super) fn reason(error: &rustls::Error) -> (&'static str, &'static str) {
    use rustls::CertificateError as Bad;
    let own = "Corrigez le certificat du serveur (ssl_cert_file)";
    match error {
        // An authority of the same name that is another one: the signature is not its own.
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer | Bad::BadSignature) => (
            "le certificat du serveur est d'une autorité inconnue",
            "Donnez celui de votre autorité : sslrootcert=FICHIER dans CRMRECO_DATABASE",
        ),
        rustls::Error::InvalidCertificate(
            Bad::NotValidForName | Bad::NotValidForNameContext { .. },
        ) => (
            "le certificat du serveur est au nom d'un autre (les noms alternatifs comptent, SAN)",
            "Prenez dans CRMRECO_DATABASE un nom de ce certificat ; sslmode=verify-ca ne regarde pas le nom",
        ),
        rustls::Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => (
            "le certificat du serveur a expiré",
            "Renouvelez-le, puis rechargez le serveur",
        ),
        rustls::Error::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => (
            "le certificat du serveur n'est pas encore valable",
            "Vérifiez l'heure de cette machine et du serveur",
        ),
        rustls::Error::InvalidCertificate(_) if error.to_string().contains("CaUsedAsEndEntity") => {
            (
                "le certificat du serveur est celui d'une autorité (CA:TRUE)",
                "Donnez ce certificat même : sslrootcert=FICHIER ; ou mettez au serveur un certificat avec CA:FALSE",
            )
        }
        rustls::Error::InvalidCertificate(_) => ("le certificat du serveur est inutilisable", own),
        rustls::Error::AlertReceived(_) => (
            "le serveur refuse notre certificat, ou cette version de TLS",
            "Donnez un certificat que le serveur connaît (sslcert, sslkey), et voyez son journal",
        ),
        rustls::Error::PeerIncompatible(_) => (
            "le serveur n'a pas de version de TLS en commun avec crmreco",
            "Permettez TLS 1.2 ou 1.3 sur le serveur (ssl_min_protocol_version)",
        ),
        _ => ("la connexion chiffrée (TLS) n'a pas pu être établie", own),
    }
}
