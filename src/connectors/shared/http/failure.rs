//! Failures of an exchange, one for each thing to do about them.

use std::net::IpAddr;
use std::time::Duration;

use crate::connectors::shared::one_line::one_line;
use crate::connectors::shared::retry::Retryable;
use crate::connectors::shared::web_server::WebServer;
use crate::error::Error;

/// Why a request got no data.
#[derive(Debug)]
pub(in crate::connectors) enum HttpFailure {
    /// Not the server's fault: the writer, a signal.
    Other(Error),
    /// The address is that of a service of the machine.
    Forbidden(IpAddr),
    /// Nobody answers at that address.
    Unreachable(String),
    /// Nobody answers any more at that address, where somebody did.
    Gone(String),
    /// No secure connection could be made.
    Tls(String),
    /// The server's certificate is signed by no authority that counts.
    Untrusted,
    /// The answer did not come, or not to its end, within the time allowed.
    TimedOut,
    /// The connection broke.
    Cut,
    /// The answer is larger than any page.
    TooLarge,
    /// The server in front of the software says that it is not there now (502, 503, 504).
    Unavailable(u16, Option<Duration>),
    /// Too many requests (429); how long to wait, when it says.
    Throttled(Option<Duration>),
    /// The address leads elsewhere.
    Redirected(String),
    /// A web page, or no HTTP at all (0), with that status.
    NotApi(u16),
    /// The answer is not what the API promises.
    Garbled,
}

impl From<Error> for HttpFailure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Retryable for HttpFailure {
    fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::TimedOut
                | Self::Cut
                | Self::TooLarge
                | Self::Unavailable(..)
                | Self::Throttled(_)
                | Self::Gone(_)
        )
    }

    fn is_overload(&self) -> bool {
        self.is_passing() && !matches!(self, Self::Throttled(_) | Self::Gone(_))
    }

    fn is_restart(&self) -> bool {
        matches!(self, Self::Gone(_) | Self::Unavailable(502 | 503, None))
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled(pause) | Self::Unavailable(_, pause) => *pause,
            _ => None,
        }
    }
}

impl HttpFailure {
    /// Whether other parts of the source may be read all the same.
    pub(in crate::connectors) fn is_of_one_part(&self) -> bool {
        match self {
            Self::Other(error) => error.is_of_source(),
            Self::Garbled | Self::TimedOut | Self::TooLarge => true,
            _ => false,
        }
    }

    /// Whether the server says that it will be back.
    pub(in crate::connectors) fn will_be_back(&self) -> bool {
        matches!(self, Self::Unavailable(..) | Self::Throttled(_))
    }

    /// The failure of a server that `has_answered` before: one that cannot be reached may be restarting.
    pub(in crate::connectors) fn after_answer(self, has_answered: bool) -> Self {
        match self {
            Self::Unreachable(why) if has_answered => Self::Gone(why),
            other => other,
        }
    }

    /// With the server's own text as `clean` leaves it.
    pub(in crate::connectors) fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Redirected(address) => Self::Redirected(clean(&address)),
            other => other,
        }
    }

    /// The failure in French, with what to do about it. `server`: who was asked.
    pub(in crate::connectors) fn into_error(self, server: &WebServer) -> Error {
        let url = &server.url;
        let name = server.software;
        let of_name = server.of_software();
        let source = |message: String| Error::source_failed(message);
        match self {
            Self::Other(error) => error,
            Self::Forbidden(ip) => source(format!("{url} mène à {ip}, une adresse de service de la machine, jamais un {name} : rien n'a été envoyé"))
                .hint("Vérifiez l'adresse (URL) ; si elle est juste, montrez ce message à qui gère les noms de votre réseau (DNS)"),
            Self::Unreachable(why) => source(format!("{url} est injoignable : {why}"))
                .hint("Vérifiez l'adresse (URL), que le serveur est en marche, et le réseau de cette machine"),
            Self::Gone(why) => source(format!("{url} ne répond plus : {why}"))
                .hint(format!("{name} s'est arrêté pendant la lecture et n'est pas revenu : relancez quand il est en marche, rien n'est resté à moitié fait")),
            Self::Tls(why) => source(format!("Pas de connexion sécurisée avec {url} : {}", one_line(&why)))
                .hint("Vérifiez le port et le début de l'adresse (https:// ou http://), le certificat du serveur et l'horloge de cette machine"),
            Self::Untrusted => untrusted(server),
            Self::TimedOut => source(format!("{url} n'a pas répondu en {} s", server.timeout.as_secs()))
                .hint(format!("{name} est trop chargé ou bloqué : relancez plus tard, ou relevez le réglage TIMEOUT")),
            Self::Cut => source(format!("La réponse de {url} s'est interrompue"))
                .hint("Le serveur ou le réseau a coupé : relancez, rien n'est resté à moitié fait"),
            Self::TooLarge => source(format!("La réponse de {url} est démesurée"))
                .hint(format!("Un champ ou un mandataire renvoie bien plus que des données de vente : montrez ce message à l'administrateur {of_name}")),
            Self::Unavailable(status, _) => source(format!("{name} n'est pas disponible à {url} (HTTP {status})"))
                .hint("Il redémarre ou il est surchargé : relancez dans quelques minutes"),
            Self::Throttled(_) => source(format!("{url} reçoit trop de demandes et fait patienter (HTTP 429)"))
                .hint("Relancez plus tard"),
            Self::Redirected(to) => source(format!("{url} renvoie vers {}", one_line(&to)))
                .hint(format!("La clé n'y a pas été envoyée. Si cette adresse est la bonne, donnez-la comme URL ; si c'est une page de connexion, un mandataire protège {name}")),
            Self::NotApi(status) => not_api(server, status),
            Self::Garbled => source(format!("La réponse de {url} est illisible : ce n'est pas du JSON {of_name}"))
                .hint("Un mandataire ou un pare-feu entre les deux la change peut-être"),
        }
    }
}

fn untrusted(server: &WebServer) -> Error {
    let (who, hint) = if server.authorities.is_empty() {
        (
            "aucune autorité connue de cette machine",
            "Si votre propre autorité l'a signé, donnez le certificat de celle-ci (réglage CA_FILE) ; sinon, il faut au serveur un certificat d'une autorité reconnue",
        )
    } else {
        (
            "aucune autorité du réglage CA_FILE",
            "Donnez dans CA_FILE le certificat de l'autorité qui l'a signé, ou retirez ce réglage si elle est reconnue",
        )
    };
    let error = Error::source_failed(format!(
        "Pas de connexion sécurisée avec {} : {who} n'a signé son certificat",
        server.url
    ));
    error.hint(hint)
}

fn not_api(server: &WebServer, status: u16) -> Error {
    let (url, name) = (&server.url, server.software);
    let error = Error::source_failed(match status {
        0 => format!("Ce qui répond à {url} n'est pas un serveur web"),
        200 => format!("{url} répond par une page web au lieu de données"),
        401 | 403 | 407 => format!("{url} refuse l'entrée (HTTP {status}), avant même la clé API"),
        500.. => format!("Le serveur à {url} est en panne (HTTP {status})"),
        _ => format!(
            "{url} ne connaît pas l'API {} (HTTP {status})",
            server.of_software()
        ),
    });
    error.hint(match status {
        200 => format!("C'est sans doute la page de connexion d'un mandataire (SSO, VPN) : laissez passer cette machine jusqu'à {name}"),
        401 | 403 | 407 => format!("Un mandataire (mot de passe, VPN, liste d'adresses) protège {name} : laissez passer cette machine"),
        500.. => "Le journal du serveur, à cette heure, dit pourquoi ; relancez quand il est réparé".to_owned(),
        _ => format!("Vérifiez l'adresse (URL) : celle {}, sans rien après", server.of_software()),
    })
}
