//! Why a connection was not made, in French.

use std::io::{self, ErrorKind};
use std::time::Duration;

use postgres::error::{DbError, SqlState};

use super::answers::of_answer;
use super::failure::{Cause, causes, io_error};
use super::handshake;
use super::servers::Server;
use super::session::Session;
use crate::error::{Error, io_reason};

/// Why a server was not connected to.
pub(super) struct Refusal {
    pub(super) error: Error,
    /// Another server of the same database would refuse too.
    pub(super) is_final: bool,
    /// It may be otherwise with TLS, or without.
    pub(super) may_be_of_tls: bool,
}

impl Refusal {
    /// A refusal of this server alone.
    pub(super) fn of(error: Error) -> Self {
        Self {
            error,
            is_final: false,
            may_be_of_tls: false,
        }
    }

    /// Adds what else may be the cause.
    pub(super) fn because_of(self, fault: &str) -> Self {
        Self {
            error: self.error.and_hint(fault),
            ..self
        }
    }
}

/// The error of a connection that was not made.
pub(super) fn at_connection(
    error: postgres::Error,
    server: &Server,
    has_password: bool,
) -> Refusal {
    if let Some(answer) = error.as_db_error() {
        return refused(answer, has_password).because_error(error);
    }
    let words = causes(&error);
    let known = CLIENT.iter().find(|(sign, _, _)| words.contains(sign));
    if let Some((_, what, hint)) = known {
        let refusal = Refusal {
            is_final: true,
            ..Refusal::of(Error::store(*what).hint(*hint))
        };
        return refusal.because_error(error);
    }
    let refusal = match io_error(&error) {
        Some(cause) => unreachable(cause, server),
        None if error.is_closed() => cut(),
        None => Refusal::of(not_postgres()),
    };
    refusal.because_error(error)
}

impl Refusal {
    fn because_error(self, error: postgres::Error) -> Self {
        Self {
            error: self.error.because(Cause(error)),
            ..self
        }
    }
}

/// Failures that the client finds: a sign of its words, what and what to do.
const CLIENT: &[(&str, &str, &str)] = &[
    (
        "password missing",
        "PostgreSQL demande un mot de passe, et aucun n'est donné",
        "Ajoutez-le au fichier ~/.pgpass (chmod 600), à PGPASSWORD ou à CRMRECO_DATABASE",
    ),
    (
        "server does not support TLS",
        "PostgreSQL ne chiffre pas ses connexions (TLS), et sslmode l'exige",
        "Activez TLS sur le serveur (ssl = on), ou, sur un réseau sûr seulement, prenez sslmode=disable",
    ),
    (
        "did not use channel binding",
        "PostgreSQL n'a pas lié le mot de passe à la connexion TLS, et channel_binding=require l'exige",
        "Il faut TLS et un mot de passe SCRAM (scram-sha-256 dans pg_hba.conf) ; sinon retirez channel_binding",
    ),
    (
        "unsupported authentication method",
        "PostgreSQL demande une authentification que crmreco n'a pas (GSSAPI, Kerberos ou SSPI)",
        "Donnez à ce rôle, dans pg_hba.conf, scram-sha-256, un certificat (cert) ou peer",
    ),
    (
        "unsupported SASL mechanism",
        "PostgreSQL demande une authentification que crmreco n'a pas",
        "Donnez à ce rôle, dans pg_hba.conf, scram-sha-256, un certificat (cert) ou peer",
    ),
    (
        "SCRAM verification error",
        "Le serveur n'a pas prouvé qu'il connaît le mot de passe : ce n'est peut-être pas le vôtre",
        "Vérifiez l'adresse, et prenez sslmode=verify-full",
    ),
];

/// The error of a server that answers to no one of its name.
pub(super) fn unknown_name() -> Refusal {
    Refusal::of(
        Error::store("PostgreSQL n'est pas joignable : ce nom de serveur est introuvable")
            .hint("Vérifiez le nom dans CRMRECO_DATABASE, et que cette machine a un réseau"),
    )
}

/// The error of a server that did not answer within `limit`.
pub(super) fn late(limit: Duration) -> Refusal {
    Refusal::of(
        Error::store(format!(
            "PostgreSQL n'a pas répondu en {} s",
            limit.as_secs()
        ))
        .hint("Vérifiez l'adresse, le port et le pare-feu ; connect_timeout donne plus de temps"),
    )
}

/// The error where the system gave no thread or descriptor.
pub(super) fn no_resources() -> Refusal {
    Refusal::of(
        Error::store(
            "Le système n'a pas pu ouvrir de connexion : trop de fichiers ouverts à la fois",
        )
        .hint("Fermez d'autres programmes, ou augmentez la limite (ulimit -n)"),
    )
}

fn cut() -> Refusal {
    Refusal {
        may_be_of_tls: true,
        ..Refusal::of(
            Error::store("Ce qui écoute à cette adresse a coupé la connexion : ce n'est peut-être pas PostgreSQL")
                .hint("Vérifiez le serveur et le port (5432 d'ordinaire), et voyez le journal du serveur"),
        )
    }
}

fn not_postgres() -> Error {
    Error::store("Ce qui répond à cette adresse n'est pas un serveur PostgreSQL")
        .hint("Vérifiez le serveur et le port (5432 d'ordinaire)")
}

/// The error of a server whose version is `number`, as `150018`.
pub(super) fn too_old(number: u32) -> Error {
    let what = match number {
        0 => "Ce serveur ne dit pas sa version".to_owned(),
        _ => format!("Ce serveur PostgreSQL a la version {}", number / 10_000),
    };
    Error::store(format!(
        "{what} : il faut la version 13 ou une plus récente"
    ))
    .hint("Mettez le serveur à jour (pg_upgrade), ou choisissez-en un autre")
}

/// The error of a server whose session is not as `target_session_attrs` wants it.
pub(super) fn unfit(wanted: Session) -> Error {
    let what = match wanted {
        Session::ReadWrite => "Ce serveur PostgreSQL n'accepte pas d'écriture",
        Session::Primary => "Ce serveur PostgreSQL est une copie (standby)",
        Session::ReadOnly => "Ce serveur PostgreSQL accepte l'écriture",
        _ => "Ce serveur PostgreSQL n'est pas une copie (standby)",
    };
    Error::store(what).hint("Vérifiez target_session_attrs et les serveurs de CRMRECO_DATABASE")
}

/// The error of a connection that failed below PostgreSQL.
fn unreachable(cause: &io::Error, server: &Server) -> Refusal {
    if let Some(tls) = cause
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return of_tls(tls);
    }
    let place = if server.is_socket() {
        format!("{}/.s.PGSQL.{}", server.host, server.port)
    } else {
        server.to_string()
    };
    let (why, hint) = match cause.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::NotFound if server.is_socket() => (
            format!("aucun serveur n'écoute sur {place}"),
            "Vérifiez que le serveur tourne sur cette machine, ou nommez-le dans CRMRECO_DATABASE",
        ),
        ErrorKind::ConnectionRefused => (
            format!("connexion refusée par {place}"),
            "Vérifiez que le serveur tourne et écoute à cette adresse (listen_addresses), et le port",
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => (
            "réseau injoignable".to_owned(),
            "Vérifiez le réseau de cette machine et l'adresse du serveur",
        ),
        ErrorKind::TimedOut => (
            "aucune réponse".to_owned(),
            "Vérifiez l'adresse, le port et le pare-feu ; connect_timeout donne plus de temps",
        ),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            return cut();
        }
        ErrorKind::InvalidInput | ErrorKind::InvalidData => return Refusal::of(not_postgres()),
        // The client library's own, about an answer that it cannot read.
        _ if cause.raw_os_error().is_none() => return cut(),
        _ => (
            io_reason(cause),
            "Vérifiez l'adresse, le port et les droits de ce compte",
        ),
    };
    Refusal::of(Error::store(format!("PostgreSQL n'est pas joignable : {why}")).hint(hint))
}

/// The refusal of a TLS session that was not agreed on.
fn of_tls(error: &rustls::Error) -> Refusal {
    let (what, hint) = handshake::reason(error);
    Refusal {
        may_be_of_tls: true,
        ..Refusal::of(Error::store(format!("PostgreSQL n'est pas joignable : {what}")).hint(hint))
    }
}

/// The refusal that `answer` is.
fn refused(answer: &DbError, has_password: bool) -> Refusal {
    let error = of_answer(answer);
    let code = answer.code();
    let is_of_access = *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
    let is_passing = *code == SqlState::CANNOT_CONNECT_NOW || code.code().starts_with("53");
    let error = match answer.code() {
        code if *code == SqlState::INVALID_PASSWORD && !has_password => {
            error.hint("Donnez-le dans ~/.pgpass (chmod 600), PGPASSWORD ou CRMRECO_DATABASE")
        }
        _ => error,
    };
    Refusal {
        error,
        is_final: !is_passing,
        may_be_of_tls: is_of_access || *code == SqlState::PROTOCOL_VIOLATION,
    }
}
