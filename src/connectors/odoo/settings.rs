//! The settings of an Odoo connector.

use std::time::Duration;

use secrecy::SecretString;
use ureq::http::Uri;

use super::Odoo;
use super::addresses::{is_forbidden_host, is_loopback_host};
use crate::connectors::Settings;
use crate::connectors::config::{value_of, without_password};
use crate::connectors::{FormField, Guide, Input, RejectLimit, SettingSpec};
use crate::error::{Advice, Error, Result};

/// Odoo's own limit for a request is 120 s: it answers before, or never.
const DEFAULT_TIMEOUT: &str = "150";

/// What [`url`] takes: `https://`, or `http://` to this machine; a host, maybe a port, and maybe what Odoo itself adds.
const URL_PATTERN: &str = concat!(
    r"[Hh][Tt][Tt][Pp]",
    r"([Ss]:\/\/([A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])|:\/\/([Ll]ocalhost|127(\.[0-9]{1,3}){3}|\[::1\]))",
    r"(:[0-9]{1,5})?(\/((web|odoo)(\/[!-~]*)?)?)?([?#][!-~]*)?"
);

/// What an Odoo connector can be told.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        key: "URL",
        question: Some("Adresse d'Odoo (https://…)"),
        field: Some(FormField {
            label: "URL Odoo",
            help: "Adresse complète, avec https:// et sans rien après le nom du serveur",
            example: "https://cave.odoo.com",
            input: Input::Address(URL_PATTERN),
        }),
        flag: Some("url"),
        is_required: true,
        is_address: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "DB",
        question: Some("Base de données"),
        field: Some(FormField {
            label: "Base de données",
            help: "Sur Odoo Online, le nom qui précède .odoo.com",
            example: "cave",
            input: Input::Text(None),
        }),
        flag: Some("db"),
        is_required: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "USER",
        question: Some("Identifiant de l'utilisateur technique"),
        field: Some(FormField {
            label: "Utilisateur",
            help: "Identifiant de l'utilisateur technique dédié, celui de sa page de connexion",
            example: "crm@cave.fr",
            input: Input::Text(None),
        }),
        flag: Some("user"),
        is_required: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "API_KEY",
        question: Some("Clé API (rien ne s'affiche)"),
        field: Some(FormField {
            label: "Clé API",
            help: "Générée dans Odoo au nom de cet utilisateur ; elle ne sera plus jamais affichée",
            example: "",
            input: Input::Text(Some("[!-~]+")),
        }),
        flag: Some("api-key-stdin"),
        is_required: true,
        is_secret: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "COMPANY_ID",
        field: Some(FormField {
            label: "ID société",
            help: "Pour ne lire qu'une société d'un Odoo qui en a plusieurs : le nombre dans l'adresse de sa fiche",
            example: "1",
            input: Input::Number,
        }),
        flag: Some("company-id"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "ALLOW_HTTP",
        flag: Some("allow-http"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "TIMEOUT",
        default: Some(DEFAULT_TIMEOUT),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "MAX_REJECTS",
        default: Some(RejectLimit::USUAL),
        ..SettingSpec::OPTIONAL
    },
];

/// What to know before one is registered.
pub(crate) const GUIDE: Guide = Guide {
    title: "À préparer dans Odoo",
    points: &[
        "Créez un utilisateur technique : Paramètres > Utilisateurs",
        "Donnez-lui les droits de lecture : Ventes « Tous les documents », Point de vente, Inventaire, Email Marketing",
        "Connecté sous son nom, générez une clé : Préférences > Sécurité du compte > Nouvelle clé API",
        "Vérifiez que ce serveur joint Odoo en https:// (certificat, pare-feu)",
    ],
    is_ordered: true,
};

/// Whom to ask, and as whom.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Without a slash at its end.
    pub(super) url: String,
    pub(super) database: String,
    pub(super) login: String,
    pub(super) key: SecretString,
    /// The one company to read; all that the user sees when `None`.
    pub(super) company: Option<u64>,
    /// The most that one exchange may take.
    pub(super) timeout: Duration,
}

impl Server {
    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let uri: Option<Uri> = self.url.parse().ok();
        uri.and_then(|uri| uri.host().map(is_loopback_host))
            .unwrap_or_default()
    }

    /// Whether Odoo S.A. hosts it.
    pub(super) fn is_odoo_online(&self) -> bool {
        self.url.ends_with(".odoo.com")
    }
}

/// Checks `settings`.
pub(super) fn read(settings: &Settings) -> Result<Odoo> {
    let value = |key| value_of(SETTINGS, settings, key);
    Ok(Odoo {
        server: Server {
            url: url(value("URL"), is_yes(value("ALLOW_HTTP"))?)?,
            database: value("DB").to_owned(),
            login: value("USER").to_owned(),
            key: key(value("API_KEY"))?,
            company: company(value("COMPANY_ID"))?,
            timeout: timeout(value("TIMEOUT"))?,
        },
        reject_limit: RejectLimit::of_setting(value("MAX_REJECTS"))?,
    })
}

/// The address of the server: what people copy from their browser, down to its host and port.
fn url(text: &str, allow_http: bool) -> Result<String> {
    let invalid = |why: &str| {
        Error::of_setting("URL", format!("« {} » {why}", without_password(text)))
            .hint("Par exemple https://cave.odoo.com, sans rien après")
    };
    let uri: Uri = text.parse().map_err(|_| invalid("n'est pas une adresse"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(invalid("n'est pas une adresse complète"));
    };
    if authority.as_str().contains('@') {
        return Err(invalid(
            "contient un mot de passe : l'adresse n'est pas sa place",
        ));
    }
    if authority.port_u16().is_none() && authority.as_str() != authority.host() {
        return Err(invalid("n'a pas un nombre pour port"));
    }
    if is_forbidden_host(authority.host()) {
        return Err(
            invalid("désigne une adresse de service de la machine, jamais un Odoo")
                .hint("Donnez l'adresse à laquelle vous ouvrez Odoo dans un navigateur"),
        );
    }
    let first = uri.path().split('/').nth(1).unwrap_or_default();
    if !["", "web", "odoo"].contains(&first) {
        return Err(invalid("désigne une page, pas un serveur"));
    }
    match scheme {
        "https" => {}
        "http" if allow_http || is_loopback_host(authority.host()) => {}
        "http" => {
            return Err(invalid("enverrait la clé API en clair sur le réseau")
                .hint(
                    "Donnez l'adresse en https:// ; sur un réseau fermé seulement, permettez http",
                )
                .advise(Advice::GiveSettings("odoo", vec!["ALLOW_HTTP"])));
        }
        _ => return Err(invalid("ne commence ni par https:// ni par http://")),
    }
    Ok(format!("{scheme}://{authority}"))
}

/// A key goes into a header: one line of visible ASCII.
fn key(text: &str) -> Result<SecretString> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(SecretString::from(text));
    }
    Err(Error::of_setting(
        "API_KEY",
        "contient des signes qu'aucune clé d'Odoo ne contient",
    )
    .hint("Copiez la clé telle qu'Odoo l'a montrée, sans espace ni retour à la ligne"))
}

fn company(text: &str) -> Result<Option<u64>> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(id @ 1..) => Ok(Some(id)),
        _ => Err(Error::of_setting(
            "COMPANY_ID",
            format!("« {text} » n'est pas un numéro de société"),
        )
        .hint("C'est le nombre dans l'adresse de la fiche de la société : 1, 2…")),
    }
}

fn is_yes(text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" | "non" | "no" | "0" => Ok(false),
        "true" | "oui" | "yes" | "1" => Ok(true),
        _ => Err(
            Error::of_setting("ALLOW_HTTP", format!("« {text} » n'est ni oui ni non"))
                .hint("true ou false"),
        ),
    }
}

fn timeout(text: &str) -> Result<Duration> {
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::of_setting(
            "TIMEOUT",
            format!("« {text} » n'est pas un nombre de secondes"),
        )
        .hint("Un entier de 1 à 3600 ; 150 par défaut")),
    }
}
