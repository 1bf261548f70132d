//! How a call to Odoo fails, told apart by what is to be done about it.

use std::net::IpAddr;
use std::time::Duration;

use super::settings::Server;
use crate::canonical::text;
use crate::connectors::MASK;
use crate::error::Error;

/// Longest sentence of Odoo's own that is repeated.
const MOST_WORDS: usize = 300;

/// As many groups as one chooses among.
const MOST_GROUPS: usize = 8;

/// Groups that open a model too, and that nobody should be given for it: a portal user can do nothing else, and the
/// technical ones come with settings. In English and French.
const NO_RIGHTS: &[&str] = &[
    "User types",
    "Types d'utilisateur",
    "Role /",
    "Rôle /",
    "Technical",
    "Technique",
    "Show ",
    "Afficher ",
];

/// Why a call gave nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something else than Odoo: the writer, a signal.
    Other(Error),
    /// The address is that of a service of the machine.
    Forbidden(IpAddr),
    /// Nobody answers at that address.
    Unreachable(String),
    /// No secure connection could be made.
    Tls(String),
    /// The answer did not come, or not to its end, within the time allowed.
    TimedOut,
    /// The connection broke.
    Cut,
    /// The answer is larger than any page.
    TooLarge,
    /// The server in front of Odoo says that Odoo is not there now (502, 503, 504).
    Unavailable(u16, Option<Duration>),
    /// Odoo's worker ran out of memory.
    OutOfMemory,
    /// Too many calls (429); how long to wait, when it says.
    Throttled(Option<Duration>),
    /// The address leads elsewhere.
    Redirected(String),
    /// A web page, or no HTTP at all, with that status.
    NotOdoo(u16),
    /// There is no such database.
    NoDatabase,
    /// The key, or the login with it, is refused.
    KeyRefused,
    /// The subscription does not include the external API.
    NoApi,
    /// The user may not read the model; Odoo's own words.
    Denied(String),
    /// The model is not there: its application is not installed.
    NoModel,
    /// Odoo refuses the call for another reason; its own words.
    Refused(String),
    /// The answer is not what the protocol promises.
    Garbled,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Failure {
    /// Whether the same call may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::TimedOut
                | Self::Cut
                | Self::TooLarge
                | Self::Unavailable(..)
                | Self::OutOfMemory
                | Self::Throttled(_)
        )
    }

    /// Whether a smaller page may help.
    pub(super) fn is_overload(&self) -> bool {
        self.is_passing() && !matches!(self, Self::Throttled(_))
    }

    /// Whether other models may be read all the same.
    pub(super) fn is_of_one_model(&self) -> bool {
        match self {
            Self::Other(error) => error.is_of_source(),
            Self::Denied(_)
            | Self::Refused(_)
            | Self::Garbled
            | Self::TimedOut
            | Self::TooLarge
            | Self::OutOfMemory => true,
            _ => false,
        }
    }

    /// How long the server asks to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled(pause) | Self::Unavailable(_, pause) => *pause,
            _ => None,
        }
    }

    /// Odoo refuses with an exception called `name` that says `message`.
    pub(super) fn of_exception(name: &str, message: &str) -> Self {
        let short = name.rsplit('.').next().unwrap_or(name);
        match short {
            _ if speaks_of_plan(message) => Self::NoApi,
            "AccessDenied" => Self::KeyRefused,
            "AccessError" => Self::Denied(message.to_owned()),
            "MemoryError" => Self::OutOfMemory,
            "OperationalError" if message.contains("does not exist") => Self::NoDatabase,
            _ if message.contains("doesn't exist") && message.starts_with("Object") => {
                Self::NoModel
            }
            _ => Self::Refused(format!("{short} : {message}")),
        }
    }

    /// What it means when the fields of `model` were asked for. Odoo 16 and 17 say that a model is not there in the
    /// user's language, whichever that is; nothing else makes them complain of it by name.
    pub(super) fn of_fields(self, model: &str) -> Self {
        match self {
            Self::Refused(words) if words.starts_with("UserError") && words.contains(model) => {
                Self::NoModel
            }
            failure => failure,
        }
    }

    /// Takes `secret` out of whatever the server said.
    pub(super) fn without(self, secret: &str) -> Self {
        if secret.is_empty() {
            return self;
        }
        self.cleaned(|words| words.replace(secret, MASK))
    }

    /// With the server's own words as `clean` leaves them.
    pub(super) fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Denied(words) => Self::Denied(clean(&words)),
            Self::Refused(words) => Self::Refused(clean(&words)),
            Self::Redirected(address) => Self::Redirected(clean(&address)),
            other => other,
        }
    }

    /// The failure in French, with what to do about it. `server`: who was asked.
    pub(super) fn into_error(self, server: &Server) -> Error {
        let url = &server.url;
        let source = |message: String| Error::source_failed(message);
        match self {
            Self::Other(error) => error,
            Self::Forbidden(ip) => source(format!("{url} mène à {ip}, une adresse de service de la machine, jamais un Odoo : rien n'a été envoyé"))
                .hint("Vérifiez l'adresse (URL) ; si elle est juste, montrez ce message à qui gère les noms de votre réseau (DNS)"),
            Self::Unreachable(why) => source(format!("{url} est injoignable : {why}"))
                .hint("Vérifiez l'adresse (URL), que le serveur est en marche, et le réseau de cette machine"),
            Self::Tls(why) => source(format!("Pas de connexion sécurisée avec {url} : {}", told(&why)))
                .hint("Vérifiez le port et le début de l'adresse (https:// ou http://), le certificat du serveur et l'horloge de cette machine"),
            Self::TimedOut => source(format!("{url} n'a pas répondu en {} s", server.timeout.as_secs()))
                .hint("Odoo est trop chargé ou bloqué : relancez plus tard, ou relevez le réglage TIMEOUT"),
            Self::Cut => source(format!("La réponse de {url} s'est interrompue"))
                .hint("Le serveur ou le réseau a coupé : relancez, rien n'est resté à moitié fait"),
            Self::TooLarge => source(format!("La réponse de {url} est démesurée"))
                .hint("Un champ ou un mandataire renvoie bien plus que des données de vente : montrez ce message à l'administrateur d'Odoo"),
            Self::Unavailable(status, _) => source(format!("Odoo n'est pas disponible à {url} (HTTP {status})"))
                .hint("Il redémarre ou il est surchargé : relancez dans quelques minutes"),
            Self::OutOfMemory => source("Odoo manque de mémoire pour répondre".into())
                .hint("Demandez à son administrateur de relever limit_memory_hard, ou relancez quand il est moins chargé"),
            Self::Throttled(_) => source(format!("{url} reçoit trop de demandes et fait patienter (HTTP 429)"))
                .hint("Relancez plus tard ; Odoo Online tolère environ une demande par seconde"),
            Self::Redirected(to) => redirected(url, &to),
            Self::NotOdoo(status) => not_odoo(url, status),
            Self::NoDatabase => source(format!("La base « {} » n'existe pas sur {url}", server.database))
                .hint("Vérifiez le réglage DB ; sur Odoo Online c'est le début de l'adresse (cave pour cave.odoo.com)"),
            Self::KeyRefused => key_refused(server),
            Self::NoApi => source("L'abonnement Odoo ne comprend pas l'API externe".into())
                .hint("Sur Odoo Online il faut le tarif « Personnalisé » (Custom) ; sur Odoo.sh ou un serveur à soi, elle est toujours comprise"),
            Self::Denied(words) => denied(server, &words),
            Self::NoModel => source("Odoo ne trouve plus l'un des modèles à lire".into())
                .hint("Une application vient-elle d'être désinstallée ou mise à jour ? Relancez : ce qui n'est plus là sera dit"),
            Self::Refused(words) => source(format!("Odoo refuse : {}", told(&words)))
                .hint("Montrez ce message à l'administrateur d'Odoo, avec le journal du serveur à cette heure"),
            Self::Garbled => source(format!("La réponse de {url} est illisible : ce n'est pas du JSON d'Odoo"))
                .hint("Un mandataire ou un pare-feu entre les deux la change peut-être"),
        }
    }
}

/// Odoo Online refuses the external API to its cheaper plans, in words about plans.
fn speaks_of_plan(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("pricing plan") || message.contains("plan tarifaire")
}

/// Odoo's words on one line, without what a terminal would obey.
pub(super) fn told(words: &str) -> String {
    text::excerpt(&text::clean(words), MOST_WORDS)
}

fn redirected(url: &str, to: &str) -> Error {
    let error = Error::source_failed(format!("{url} renvoie vers {}", told(to)));
    error.hint("La clé n'y a pas été envoyée. Si cette adresse est la bonne, donnez-la comme URL ; si c'est une page de connexion, un mandataire protège Odoo")
}

fn not_odoo(url: &str, status: u16) -> Error {
    let error = match status {
        0 => Error::source_failed(format!("Ce qui répond à {url} n'est pas un serveur web")),
        200 => Error::source_failed(format!("{url} répond par une page web au lieu de données")),
        401 | 403 | 407 => Error::source_failed(format!(
            "{url} refuse l'entrée (HTTP {status}), avant même la clé API"
        )),
        500.. => Error::source_failed(format!("Le serveur à {url} est en panne (HTTP {status})")),
        _ => Error::source_failed(format!("{url} ne connaît pas l'API d'Odoo (HTTP {status})")),
    };
    error.hint(match status {
        200 => "C'est sans doute la page de connexion d'un mandataire (SSO, VPN) : laissez passer cette machine jusqu'à Odoo",
        401 | 403 | 407 => "Un mandataire (mot de passe, VPN, liste d'adresses) protège Odoo : laissez passer cette machine",
        500.. => "Le journal du serveur, à cette heure, dit pourquoi ; relancez quand il est réparé",
        _ => "Vérifiez l'adresse (URL) : celle d'Odoo, sans /web ni /odoo à la fin",
    })
}

fn key_refused(server: &Server) -> Error {
    let error = Error::source_failed(format!(
        "Odoo refuse la clé API de « {} » : elle est fausse, expirée ou retirée",
        server.login
    ));
    let hint = "Dans Odoo, avec ce compte : Préférences > Sécurité du compte > Nouvelle clé API, puis mettez-la dans le réglage API_KEY ; un mot de passe n'en tient pas lieu";
    if server.is_odoo_online() {
        error.hint(hint).and_hint(
            "Sur Odoo Online, l'API externe demande aussi le tarif « Personnalisé » (Custom)",
        )
    } else {
        error.hint(hint)
    }
}

/// An `AccessError` names, one a line after a dash, the groups whose members may.
fn denied(server: &Server, words: &str) -> Error {
    let mut named = words
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
        .filter(|group| !NO_RIGHTS.iter().any(|family| group.starts_with(family)))
        .map(|group| format!("« {} »", told(group)));
    let mut groups: Vec<String> = named.by_ref().take(MOST_GROUPS).collect();
    groups.extend(named.next().map(|_| "…".to_owned()));
    let first = words.lines().next().unwrap_or_default();
    let error = Error::source_failed(format!("Odoo refuse l'accès : {}", told(first)));
    if groups.is_empty() {
        error.hint(format!(
            "Vérifiez les droits et la société (COMPANY_ID) de « {} » dans Odoo",
            server.login
        ))
    } else {
        error.hint(format!(
            "Donnez à « {} » l'un de ces droits, dans Paramètres > Utilisateurs : {}",
            server.login,
            groups.join(", ")
        ))
    }
}
