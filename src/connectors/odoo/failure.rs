//! Failures of a call to Odoo, one for each thing to do about them.

use std::time::Duration;

use super::settings::Server;
use crate::connectors::MASK;
use crate::connectors::shared::{HttpFailure, Retryable, one_line};
use crate::error::Error;

/// Most groups suggested in a message.
const MOST_GROUPS: usize = 8;

/// Groups that give access to a model but are never suggested: a portal user can do nothing else, and the technical
/// ones come with settings. In English and French.
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
    /// The exchange failed.
    Http(HttpFailure),
    /// Odoo's worker ran out of memory.
    OutOfMemory,
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
}

impl From<HttpFailure> for Failure {
    fn from(failure: HttpFailure) -> Self {
        Self::Http(failure)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Http(error.into())
    }
}

impl Retryable for Failure {
    fn is_passing(&self) -> bool {
        match self {
            Self::Http(failure) => failure.is_passing(),
            failure => matches!(failure, Self::OutOfMemory),
        }
    }

    fn is_overload(&self) -> bool {
        match self {
            Self::Http(failure) => failure.is_overload(),
            failure => matches!(failure, Self::OutOfMemory),
        }
    }

    fn is_restart(&self) -> bool {
        match self {
            Self::Http(failure) => failure.is_restart(),
            _ => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Http(failure) => failure.retry_after(),
            _ => None,
        }
    }
}

impl Failure {
    /// The answer is not what the protocol promises.
    pub(super) const GARBLED: Self = Self::Http(HttpFailure::Garbled);

    /// JSON that cannot be read; its end is missing where something on the way cuts long answers.
    pub(super) fn of_json(error: &serde_json::Error) -> Self {
        if error.is_eof() {
            Self::Http(HttpFailure::Cut)
        } else {
            Self::GARBLED
        }
    }

    /// A web page, with that status.
    pub(super) fn not_odoo(status: u16) -> Self {
        Self::Http(HttpFailure::NotApi(status))
    }

    /// Whether other models may be read all the same.
    pub(super) fn is_of_one_model(&self) -> bool {
        match self {
            Self::Http(failure) => failure.is_of_one_part(),
            Self::Denied(_) | Self::Refused(_) | Self::OutOfMemory => true,
            _ => false,
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

    /// The failure of a request for the fields of `model`. Odoo 16 and 17 report a missing model in the user's
    /// language; in no other case do they name the model.
    pub(super) fn of_fields(self, model: &str) -> Self {
        match self {
            Self::Refused(words) if words.starts_with("UserError") && words.contains(model) => {
                Self::NoModel
            }
            failure => failure,
        }
    }

    /// Replaces `secret` in the server's text.
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
            Self::Http(failure) => Self::Http(failure.cleaned(clean)),
            other => other,
        }
    }

    /// The failure in French, with what to do about it. `server`: who was asked.
    pub(super) fn into_error(self, server: &Server) -> Error {
        let url = &server.web.url;
        let source = |message: String| Error::source_failed(message);
        match self {
            Self::Http(failure) => http(failure, server),
            Self::OutOfMemory => source("Odoo manque de mémoire pour répondre".into())
                .hint("Demandez à son administrateur de relever limit_memory_hard, ou relancez quand il est moins chargé"),
            Self::NoDatabase => source(format!("La base « {} » n'existe pas sur {url}", server.database))
                .hint("Vérifiez le réglage DB ; sur Odoo Online c'est le début de l'adresse (cave pour cave.odoo.com)"),
            Self::KeyRefused => key_refused(server),
            Self::NoApi => source("L'abonnement Odoo ne comprend pas l'API externe".into())
                .hint("Sur Odoo Online il faut le tarif « Personnalisé » (Custom) ; sur Odoo.sh ou un serveur à soi, elle est toujours comprise"),
            Self::Denied(words) => denied(server, &words),
            Self::NoModel => source("Odoo ne trouve plus l'un des modèles à lire".into())
                .hint("Une application vient-elle d'être désinstallée ou mise à jour ? Relancez : ce qui n'est plus là sera dit"),
            Self::Refused(words) => source(format!("Odoo refuse : {}", one_line(&words)))
                .hint("Montrez ce message à l'administrateur d'Odoo, avec le journal du serveur à cette heure"),
        }
    }
}

/// Whether Odoo Online refuses the external API because of the plan.
fn speaks_of_plan(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("pricing plan") || message.contains("plan tarifaire")
}

/// A failed exchange, with what helps on an Odoo in particular.
fn http(failure: HttpFailure, server: &Server) -> Error {
    let own_hint = match failure {
        HttpFailure::Throttled(_) => {
            Some("Relancez plus tard ; Odoo Online tolère environ une demande par seconde")
        }
        HttpFailure::NotApi(status) if !matches!(status, 200 | 401 | 403 | 407 | 500..) => {
            Some("Vérifiez l'adresse (URL) : celle d'Odoo, sans /web ni /odoo à la fin")
        }
        _ => None,
    };
    let error = failure.into_error(&server.web);
    match own_hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn key_refused(server: &Server) -> Error {
    let error = Error::source_failed(format!(
        "Odoo refuse la clé API de « {} » : elle est fausse, expirée ou retirée",
        server.login
    ));
    let hint = "Dans Odoo, avec ce compte : Préférences > Sécurité du compte > Nouvelle clé API, puis mettez-la dans le réglage API_KEY ; à partir d'Odoo 19, un mot de passe n'en tient pas lieu";
    if server.is_odoo_online() {
        error.hint(hint).and_hint(
            "Sur Odoo Online, l'API externe demande aussi le tarif « Personnalisé » (Custom)",
        )
    } else {
        error.hint(hint)
    }
}

/// The error of a missing right. An `AccessError` lists the groups with access, one a line after a dash.
fn denied(server: &Server, words: &str) -> Error {
    let mut named = words
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
        .filter(|group| !NO_RIGHTS.iter().any(|family| group.starts_with(family)))
        .map(|group| format!("« {} »", with_all_documents(&one_line(group))));
    let mut groups: Vec<String> = named.by_ref().take(MOST_GROUPS).collect();
    groups.extend(named.next().map(|_| "…".to_owned()));
    let first = words.lines().next().unwrap_or_default();
    let error = Error::source_failed(format!("Odoo refuse l'accès : {}", one_line(first)));
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

/// The right to all sales in place of the one to one's own, which is the least that Odoo asks for: with it, most sales would
/// be missing without a word.
fn with_all_documents(group: &str) -> String {
    const ALL: &[(&str, &str)] = &[
        ("User: Own Documents Only", "User: All Documents"),
        (
            "Utilisateur : mes documents seulement",
            "Utilisateur : tous les documents",
        ),
    ];
    ALL.iter().fold(group.to_owned(), |group, (own, all)| {
        group.replace(own, all)
    })
}
