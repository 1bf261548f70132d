//! Error messages in French for failures of PostgreSQL, by what a person can do about them.
//!
//! Codes: appendix "PostgreSQL Error Codes" of its manual. The server speaks the language it was set to, so that nothing is
//! read out of its words but pgbouncer's, which are always English.

use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

use postgres::error::{DbError, SqlState};

use super::address::{Server, Session};
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

/// Whether the same transaction may succeed when it is tried again: another one was in its way.
pub(crate) fn is_retryable(error: &postgres::Error) -> bool {
    let codes = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

/// Whether the connection is of no use any more.
pub(crate) fn is_lost(error: &postgres::Error) -> bool {
    let codes = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::IDLE_SESSION_TIMEOUT,
    ];
    match error.code() {
        Some(code) => codes.contains(code) || code.code().starts_with("08"),
        None => error.is_closed() || io_error(error).is_some(),
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        let converted = match error.as_db_error() {
            Some(answer) => of_answer(answer),
            None if is_lost(&error) => lost(),
            None => Self::store(format!(
                "PostgreSQL a répondu autre chose qu'attendu ({})",
                causes(&error)
            )),
        };
        converted.because(Cause(error))
    }
}

/// A failure in the words of the log: without values and keys, which may be a person's data.
#[derive(Debug)]
struct Cause(postgres::Error);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            Some(answer) => write!(
                f,
                "{} ({})",
                words_of(answer).unwrap_or_default(),
                answer.code().code()
            ),
            None => f.write_str(&causes(&self.0)),
        }
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The words of an answer. Those about values and keys may show a person's data: the name of what is concerned then.
fn words_of(answer: &DbError) -> Option<&str> {
    match answer.code().code().get(..2) {
        Some("22" | "23") => answer.constraint().or(answer.column()).or(answer.table()),
        _ => Some(answer.message()),
    }
}

fn lost() -> Error {
    Error::store("La connexion à PostgreSQL a été coupée : rien n'est resté à moitié fait").hint(
        "Vérifiez que le serveur tourne et que le réseau tient, puis relancez la même commande",
    )
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
            Error::store("Le serveur a coupé la connexion avant d'y répondre")
                .hint("Vérifiez que c'est un serveur PostgreSQL, et voyez son journal"),
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
        _ => (
            io_reason(cause),
            "Vérifiez l'adresse, le port et les droits de ce compte",
        ),
    };
    Refusal::of(Error::store(format!("PostgreSQL n'est pas joignable : {why}")).hint(hint))
}

/// The error of a TLS session that was not agreed on.
fn of_tls(error: &rustls::Error) -> Refusal {
    use rustls::CertificateError as Bad;
    let own = "Corrigez le certificat du serveur (ssl_cert_file)";
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => (
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
    };
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

/// The error that the server answered with.
fn of_answer(answer: &DbError) -> Error {
    let code = answer.code().code();
    if let Some(error) = of_login(answer) {
        return error;
    }
    let known = ANSWERS.iter().find(|(known, _, _)| code.starts_with(known));
    let words = words_of(answer)
        .map(|words| format!(" « {words} »"))
        .unwrap_or_default();
    match known {
        Some((_, what, hint)) => Error::store(what.replace("{}", &words)).hint(*hint),
        None => Error::store(format!("PostgreSQL a refusé l'opération ({code}){words}")),
    }
}

/// The function of the server that refused, for one code has several meanings: words would be of any language.
fn of_login(answer: &DbError) -> Option<Error> {
    let words = answer.message();
    let is_of = |routine: &str| answer.routine() == Some(routine);
    let says = |sign: &str| answer.routine().is_none() && words.contains(sign);
    let (what, hint) = match answer.code().code() {
        "28P01" => (
            format!("PostgreSQL refuse le mot de passe, ou ne connaît pas ce rôle : « {words} »"),
            "Vérifiez le rôle et son mot de passe (PGPASSWORD, ~/.pgpass ou CRMRECO_DATABASE)",
        ),
        "28000" if is_of("InitializeSessionUserId") => (
            format!(
                "Ce rôle de PostgreSQL n'existe pas, ou n'a pas le droit de se connecter : « {words} »"
            ),
            "Sur le serveur : CREATE ROLE … LOGIN, ou donnez un autre rôle dans CRMRECO_DATABASE",
        ),
        "28000" if is_of("auth_failed") => (
            format!("PostgreSQL refuse ce rôle à ce compte de la machine : « {words} »"),
            "Prenez le rôle qui porte le nom de ce compte, ou donnez-lui un mot de passe (scram-sha-256 dans pg_hba.conf)",
        ),
        "28000" => (
            format!("PostgreSQL n'admet pas cette connexion : « {words} »"),
            "Ajoutez dans pg_hba.conf une ligne pour ce rôle, cette base et cette machine, puis rechargez le serveur",
        ),
        "3D000" => (
            format!("Cette base de PostgreSQL n'existe pas : « {words} »"),
            "Créez-la (CREATE DATABASE … OWNER …), ou corrigez CRMRECO_DATABASE",
        ),
        "08P01" if says("no such database") => (
            format!("Cette base n'existe pas derrière pgbouncer : « {words} »"),
            "Ajoutez-la à [databases] de pgbouncer.ini, ou corrigez CRMRECO_DATABASE",
        ),
        "08P01" if says("no such user") || says("authentication failed") => (
            format!("pgbouncer refuse ce rôle ou son mot de passe : « {words} »"),
            "Vérifiez auth_file ou auth_query de pgbouncer, et le mot de passe",
        ),
        "08P01" if says("unsupported startup parameter") => (
            format!("pgbouncer ne connaît pas un réglage de la connexion : « {words} »"),
            "Ajoutez-le à ignore_startup_parameters de pgbouncer.ini, ou retirez options de CRMRECO_DATABASE",
        ),
        _ => return None,
    };
    Some(Error::store(what).hint(hint))
}

/// What the server answers when it is at work: the start of the code, what (`{}`: its words) and what to do.
const ANSWERS: &[(&str, &str, &str)] = &[
    (
        "53300",
        "PostgreSQL a trop de connexions :{}",
        "Attendez qu'il s'en libère, augmentez max_connections, ou passez par pgbouncer",
    ),
    (
        "53100",
        "Le disque du serveur PostgreSQL est plein : rien n'a été changé",
        "Libérez de la place sur le serveur, puis relancez la même commande",
    ),
    (
        "53200",
        "Le serveur PostgreSQL n'a plus de mémoire : rien n'a été changé",
        "Donnez-lui plus de mémoire ou réduisez work_mem, puis relancez la même commande",
    ),
    (
        "53",
        "Le serveur PostgreSQL a atteint une de ses limites : rien n'a été changé ;{}",
        "Augmentez cette limite, puis relancez la même commande",
    ),
    (
        "25006",
        "Cette base de PostgreSQL est en lecture seule : rien n'a été changé",
        "C'est sans doute une copie (standby) : donnez le serveur principal, ou ajoutez target_session_attrs=read-write",
    ),
    (
        "25P03",
        "PostgreSQL a fermé une transaction restée sans activité : rien n'a été changé",
        "Augmentez idle_in_transaction_session_timeout pour ce rôle, puis relancez la même commande",
    ),
    (
        "57P05",
        "PostgreSQL a fermé une connexion restée sans activité : rien n'a été changé",
        "Augmentez idle_session_timeout pour ce rôle, puis relancez la même commande",
    ),
    (
        "42501",
        "Un droit manque à ce rôle de PostgreSQL :{}",
        "Donnez-le-lui sur le serveur (GRANT), ou connectez-vous avec le rôle propriétaire",
    ),
    (
        "3F000",
        "Le schéma n'existe pas dans cette base de PostgreSQL :{}",
        "Vérifiez CRMRECO_SCHEMA ; une synchronisation crée ce qui manque, si son rôle en a le droit",
    ),
    (
        "42P01",
        "Une table manque dans cette base de PostgreSQL :{}",
        "Vérifiez CRMRECO_DATABASE et CRMRECO_SCHEMA ; une synchronisation crée ce qui manque",
    ),
    (
        "57P01",
        "PostgreSQL a été arrêté, ou a fermé cette connexion, pendant le travail : rien n'est resté à moitié fait",
        "Relancez la même commande quand le serveur tourne",
    ),
    (
        "57P02",
        "PostgreSQL s'est arrêté en catastrophe pendant le travail : rien n'est resté à moitié fait",
        "Voyez le journal du serveur, puis relancez la même commande",
    ),
    (
        "57P03",
        "PostgreSQL démarre ou s'arrête :{}",
        "Relancez la même commande dans un instant",
    ),
    (
        "57014",
        "PostgreSQL a interrompu une requête trop longue, ou quelqu'un l'a annulée : rien n'a été changé",
        "Augmentez statement_timeout pour ce rôle, puis relancez la même commande",
    ),
    (
        "55P03",
        "Un autre programme tient cette table de PostgreSQL : rien n'a été changé",
        "Attendez qu'il ait fini, puis relancez la même commande",
    ),
    (
        "40",
        "D'autres programmes changeaient les mêmes lignes dans PostgreSQL : rien n'a été changé",
        "Relancez la même commande",
    ),
    (
        "23505",
        "Un autre programme vient d'écrire les mêmes lignes dans PostgreSQL : rien n'a été changé ;{}",
        "Relancez la même commande",
    ),
    (
        "26000",
        "Une requête préparée s'est perdue : c'est le fait d'un pool de connexions (pgbouncer)",
        "Prenez pgbouncer 1.21 ou plus récent avec max_prepared_statements, ou le mode session",
    ),
    (
        "42P05",
        "Une requête préparée existe déjà : c'est le fait d'un pool de connexions (pgbouncer)",
        "Prenez pgbouncer 1.21 ou plus récent avec max_prepared_statements, ou le mode session",
    ),
    (
        "08",
        "La connexion à PostgreSQL a été coupée : rien n'est resté à moitié fait ;{}",
        "Vérifiez le serveur et ce qui se trouve devant lui (pgbouncer), puis relancez la même commande",
    ),
    (
        "58",
        "Le disque du serveur PostgreSQL ne répond pas comme il faut :{}",
        "Voyez le journal du serveur et son disque",
    ),
    (
        "XX001",
        "PostgreSQL trouve ses données abîmées :{}",
        "Voyez le journal du serveur, et remettez une sauvegarde",
    ),
];

/// The I/O error below `error`, if there is one.
fn io_error(error: &postgres::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

/// The words of `error` and of its causes.
fn causes(error: &postgres::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
