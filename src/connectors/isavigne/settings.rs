//! The settings of an iSaVigne connector.

use super::columns::Field;
use super::{Isavigne, cells};
use crate::canonical::{Table, text};
use crate::connectors::kind::value_of;
use crate::connectors::{Field as FormField, Guide, Input, RejectLimit, SettingSpec};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::registry::Settings;

/// `COLUMN__CUSTOMERS__CUSTOMER_KEY=Code tiers` names a column the estate calls its own way.
pub(crate) const COLUMN_PREFIX: &str = "COLUMN__";

/// What [`pattern`] takes: `**` is a folder of its own or nothing, and each `[` is closed.
const GLOB_PATTERN: &str = concat!(
    r"(\*\*|\*?(([^*\/\[]|\[[^!][^\]]*\]|\[!.[^\]]*\])\*?)*)",
    r"(\/(\*\*|\*?(([^*\/\[]|\[[^!][^\]]*\]|\[!.[^\]]*\])\*?)*))*"
);

/// What an iSaVigne connector can be told.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        key: "EXPORT_PATH",
        question: Some("Dossier des exports"),
        field: Some(FormField {
            label: "Chemin d'export",
            help: "Chemin absolu du dossier où iSaVigne dépose ses exports, vu de la machine qui sert cette page",
            example: "/mnt/shared/isavigne",
            input: Input::Folder,
        }),
        flag: Some("path"),
        is_required: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "FILE_PATTERN",
        question: Some("Motif des fichiers à lire"),
        field: Some(FormField {
            label: "Motif des fichiers",
            help: "Les fichiers à lire dans ce dossier : * remplace n'importe quelle suite de signes",
            example: "*.csv",
            input: Input::Text(Some(GLOB_PATTERN)),
        }),
        flag: Some("pattern"),
        default: Some("*.csv"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "ENCODING",
        question: Some("Encodage (auto, utf-8, windows-1252, latin-1, utf-16)"),
        field: Some(FormField {
            label: "Encodage",
            help: "Laissez « Automatique » : chaque fichier est reconnu",
            example: "auto",
            input: Input::Choice(&[
                ("auto", "Automatique"),
                ("utf-8", "UTF-8"),
                ("latin-1", "Latin-1"),
                ("iso-8859-1", "ISO-8859-1"),
                ("windows-1252", "Windows-1252"),
                ("utf-16", "UTF-16"),
            ]),
        }),
        flag: Some("encoding"),
        default: Some("auto"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "CASE_SIZE",
        default: Some("12"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "MAX_REJECTS",
        default: Some("1%"),
        ..SettingSpec::OPTIONAL
    },
];

/// What to know before one is registered.
pub(crate) const GUIDE: Guide = Guide {
    title: "Fichiers attendus",
    points: &[
        "*client*.csv → Clients",
        "*produit*.csv ou *article*.csv → Produits",
        "*vente*.csv ou *facture*.csv → Ventes",
        "*stock*.csv → Stock",
        "*contact*.csv ou *campagne*.csv → Contacts",
    ],
    is_ordered: false,
};

/// How the exports are to be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EncodingChoice {
    /// Byte-order mark, else strict UTF-8, else Windows-1252.
    Auto,
    Utf8,
    /// Latin-1 labels mean this too, as in browsers (WHATWG Encoding Standard).
    Windows1252,
    Utf16,
}

/// Columns named by the estate: which field of which table bears which header.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides(Vec<(Table, Field, String)>);

impl Overrides {
    /// The header (as [`text::header_key`]) that bears `field` of `table`, when the estate says.
    pub(super) fn header(&self, table: Table, field: Field) -> Option<&str> {
        let found = self.0.iter().find(|(t, f, _)| (*t, *f) == (table, field));
        found.map(|(_, _, header)| header.as_str())
    }
}

/// Checks `settings`.
pub(super) fn read(settings: &Settings, home: &Home) -> Result<Isavigne> {
    let value = |key| value_of(SETTINGS, settings, key);
    Ok(Isavigne {
        folder: home.resolve(value("EXPORT_PATH")),
        pattern: pattern(value("FILE_PATTERN"))?,
        encoding: encoding(value("ENCODING"))?,
        case_size: case_size(value("CASE_SIZE"))?,
        reject_limit: RejectLimit::of_setting(value("MAX_REJECTS"))?,
        overrides: overrides(settings)?,
    })
}

fn pattern(text: &str) -> Result<glob::Pattern> {
    glob::Pattern::new(text).map_err(|error| {
        Error::config(format!(
            "FILE_PATTERN « {text} » n'est pas un motif de fichiers"
        ))
        .hint("Par exemple *.csv, ou *vente*.csv")
        .because(error)
    })
}

fn encoding(text: &str) -> Result<EncodingChoice> {
    match text.to_ascii_lowercase().replace('_', "-").as_str() {
        "auto" => Ok(EncodingChoice::Auto),
        "utf-8" | "utf8" => Ok(EncodingChoice::Utf8),
        "latin-1" | "latin1" | "iso-8859-1" | "windows-1252" | "cp1252" => {
            Ok(EncodingChoice::Windows1252)
        }
        "utf-16" | "utf16" => Ok(EncodingChoice::Utf16),
        _ => Err(
            Error::config(format!("ENCODING « {text} » n'est pas connu"))
                .hint("auto, utf-8, windows-1252, latin-1, iso-8859-1 ou utf-16"),
        ),
    }
}

fn case_size(text: &str) -> Result<u32> {
    match text.parse() {
        Ok(size @ 1..=1000) => Ok(size),
        _ => Err(Error::config(format!(
            "CASE_SIZE « {text} » n'est pas un nombre de bouteilles"
        ))
        .hint("Un entier de 1 à 1000, par exemple 6 ou 12")),
    }
}

fn overrides(settings: &Settings) -> Result<Overrides> {
    let mut overrides = Overrides::default();
    for (key, header) in settings.iter() {
        let Some(column) = key.strip_prefix(COLUMN_PREFIX) else {
            continue;
        };
        let target = column.split_once("__").and_then(|(table, field)| {
            let table = Table::parse(table)?;
            Some((table, Field::of_table(table, &field.to_ascii_lowercase())?))
        });
        let Some((table, field)) = target else {
            return Err(
                Error::config(format!("{key} ne désigne aucune colonne connue"))
                    .hint("Par exemple COLUMN__CUSTOMERS__CUSTOMER_KEY=Code tiers"),
            );
        };
        let header = text::header_key(cells::peel(header));
        overrides.0.push((table, field, header));
    }
    Ok(overrides)
}
