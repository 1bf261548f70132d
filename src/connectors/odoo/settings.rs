//! The settings of an Odoo connector.

use super::Odoo;
use crate::connectors::Settings;
use crate::connectors::config::value_of;
use crate::connectors::shared::{Software, WebServer, authorities, header_secret, is_yes, timeout};
use crate::connectors::{
    Flag, FlagValue, FormField, Guide, Input, KindIcon, RejectLimit, SettingSpec,
};
use crate::error::{Error, Result};
use crate::home::Home;

/// Odoo's own limit for a request is 120 s: it answers before, or never.
const DEFAULT_TIMEOUT: &str = "150";

/// How addresses are checked, and what messages call the server.
const ODOO: Software = Software {
    name: "Odoo",
    kind: "odoo",
    example: "https://cave.odoo.com",
    pages: &["web", "odoo"],
};

/// What [`Software::url`] takes: `https://`, or `http://` to this machine; a host, maybe a port, and maybe what Odoo itself adds.
const URL_PATTERN: &str = concat!(
    r"[Hh][Tt][Tt][Pp]",
    r"([Ss]:\/\/([A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])|:\/\/([Ll]ocalhost|127(\.[0-9]{1,3}){3}|\[::1\]))",
    r"(:[0-9]{1,5})?(\/((web|odoo)(\/[!-~]*)?)?)?([?#][!-~]*)?"
);

/// The settings of an Odoo connector.
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
        flag: Some(Flag {
            name: "url",
            help: "Address of the Odoo server",
            value: FlagValue::Address("URL"),
        }),
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
        flag: Some(Flag::text("db", "DATABASE", "Odoo database")),
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
        flag: Some(Flag::text(
            "user",
            "LOGIN",
            "Login of the Odoo user that reads",
        )),
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
        flag: Some(Flag {
            name: "api-key-stdin",
            help: "Read the API key of that user from standard input",
            value: FlagValue::StandardInput,
        }),
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
        flag: Some(Flag {
            name: "company-id",
            help: "Read this company of Odoo alone [default: all that the user sees]",
            value: FlagValue::Number("ID"),
        }),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "SALES_BASIS",
        field: Some(FormField {
            label: "Ce qui compte comme vente",
            help: "Les commandes confirmées, moins les avoirs, ou bien les factures et avoirs comptabilisés",
            example: "",
            input: Input::Choice(&[
                ("orders", "Commandes, moins les avoirs"),
                ("invoices", "Factures et avoirs"),
            ]),
        }),
        flag: Some(Flag::text(
            "sales-basis",
            "BASIS",
            "What counts as a sale: orders (less credit notes), or invoices",
        )),
        default: Some("orders"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "ALLOW_HTTP",
        flag: Some(Flag {
            name: "allow-http",
            help: "Send the API key over http:// to another machine, where anybody on the way can read it",
            value: FlagValue::Yes,
        }),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "CA_FILE",
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "TIMEOUT",
        field: Some(FormField {
            label: "Patience avec le serveur",
            help: "Secondes d'attente d'une réponse, de 1 à 3600",
            example: "300",
            input: Input::Text(Some("0*([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)")),
        }),
        default: Some(DEFAULT_TIMEOUT),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "MAX_REJECTS",
        field: Some(RejectLimit::FIELD),
        default: Some(RejectLimit::USUAL),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
];

/// What to know before one is registered.
pub(crate) const GUIDE: Guide = Guide {
    title: "À préparer dans Odoo",
    icon: KindIcon::Wrench,
    points: &[
        "Créez un utilisateur technique : Paramètres > Utilisateurs",
        "Donnez-lui les droits de lecture : Ventes « Tous les documents », Point de vente, Inventaire, Email Marketing",
        "Connecté sous son nom, générez une clé : Préférences > Sécurité du compte > Nouvelle clé API",
        "Vérifiez que ce serveur joint Odoo en https:// (certificat, pare-feu)",
    ],
    is_ordered: true,
};

/// The server, and the user whose key reads it.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Its address, and the user's key.
    pub(super) web: WebServer,
    pub(super) database: String,
    pub(super) login: String,
    /// The one company to read; all that the user sees when `None`.
    pub(super) company: Option<u64>,
}

impl Server {
    /// Whether Odoo S.A. hosts it.
    pub(super) fn is_odoo_online(&self) -> bool {
        self.web.url.ends_with(".odoo.com")
    }
}

/// What counts as a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SalesBasis {
    /// Confirmed orders less credit notes, and invoices without an order.
    Orders,
    /// Posted invoices and credit notes.
    Invoices,
}

impl SalesBasis {
    const ALL: [Self; 2] = [Self::Orders, Self::Invoices];

    /// The value of the setting.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Invoices => "invoices",
        }
    }

    /// Setting SALES_BASIS.
    fn of_setting(text: &str) -> Result<Self> {
        let mut all = Self::ALL.into_iter();
        let known = all.find(|basis| basis.code() == text.to_ascii_lowercase());
        known.ok_or_else(|| {
            let predicate = format!("« {text} » n'est pas compris");
            Error::of_setting("SALES_BASIS", predicate)
                .hint("orders (commandes) ou invoices (factures)")
        })
    }
}

/// Checks `settings`.
pub(super) fn read(settings: &Settings, home: &Home) -> Result<Odoo> {
    let value = |key| value_of(SETTINGS, settings, key);
    Ok(Odoo {
        server: Server {
            web: WebServer {
                software: ODOO.name,
                url: ODOO.url(value("URL"), is_yes("ALLOW_HTTP", value("ALLOW_HTTP"))?)?,
                secret: header_secret(value("API_KEY"), REFUSED_KEY)?,
                authorities: authorities(value("CA_FILE"), home)?,
                timeout: timeout(value("TIMEOUT"), DEFAULT_TIMEOUT)?,
            },
            database: value("DB").to_owned(),
            login: value("USER").to_owned(),
            company: company(value("COMPANY_ID"))?,
        },
        sales_basis: SalesBasis::of_setting(value("SALES_BASIS"))?,
        reject_limit: RejectLimit::of_setting(value("MAX_REJECTS"))?,
    })
}

/// The error of a key that cannot be sent in a header.
const REFUSED_KEY: (&str, &str, &str) = (
    "API_KEY",
    "contient des signes qu'aucune clé d'Odoo ne contient",
    "Copiez la clé telle qu'Odoo l'a montrée, sans espace ni retour à la ligne",
);

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
