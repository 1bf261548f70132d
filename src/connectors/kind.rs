//! The list of connector types, with their settings.

use super::api::Connector;
use super::config::{MASK, SettingSpec, Settings, without_password};
use super::field::{Guide, KindIcon};
use super::{isavigne, odoo};
use crate::error::{Advice, Error, Result};
use crate::home::Home;

/// A type of connector.
#[derive(Debug)]
pub struct ConnectorKind {
    /// Its name in `.env` and on the command line.
    pub name: &'static str,
    /// Its French name.
    pub label: &'static str,
    /// Icon of its part of the form.
    pub icon: KindIcon,
    /// French names of its parts and positions.
    pub words: Words,
    /// Its settings, in the order of the questions.
    pub settings: &'static [SettingSpec],
    /// What to know before registering one.
    pub guide: Guide,
    /// Prefixes of settings with free names.
    pub open_prefixes: &'static [&'static str],
    open: fn(&Settings, &Home) -> Result<Box<dyn Connector>>,
}

/// French column headings for the parts of a source.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// A part: file or model.
    pub part: &'static str,
    /// Position of a row in it: line or id.
    pub position: &'static str,
}

impl Words {
    /// The words of the connector type `kind`; general ones for an unknown type.
    pub fn of(kind: &str) -> Self {
        ConnectorKind::named(kind).map_or(
            Self {
                part: "Partie",
                position: "Place",
            },
            |kind| kind.words,
        )
    }
}

/// All connector types.
pub const KINDS: &[ConnectorKind] = &[
    ConnectorKind {
        name: "isavigne",
        label: "iSaVigne",
        icon: KindIcon::File,
        words: Words {
            part: "Fichier",
            position: "Ligne",
        },
        settings: isavigne::SETTINGS,
        guide: isavigne::GUIDE,
        open_prefixes: &[isavigne::COLUMN_PREFIX],
        open: isavigne::open,
    },
    ConnectorKind {
        name: "odoo",
        label: "Odoo",
        icon: KindIcon::Puzzle,
        words: Words {
            part: "Modèle",
            position: "N°",
        },
        settings: odoo::SETTINGS,
        guide: odoo::GUIDE,
        open_prefixes: &[],
        open: odoo::open,
    },
];

impl ConnectorKind {
    /// The type called `name`.
    pub fn named(name: &str) -> Result<&'static Self> {
        let known = KINDS
            .iter()
            .find(|kind| kind.name.eq_ignore_ascii_case(name));
        known.ok_or_else(|| {
            let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            let message = if name.is_empty() {
                "Le réglage TYPE manque".to_owned()
            } else {
                format!("Le type de connecteur « {name} » n'existe pas")
            };
            Error::config(message).hint(format!("Types connus : {}", names.join(", ")))
        })
    }

    /// Checks `settings` and opens a connector of this type.
    pub(crate) fn open(&self, settings: &Settings, home: &Home) -> Result<Box<dyn Connector>> {
        let missing: Vec<_> = self
            .settings
            .iter()
            .filter(|spec| spec.is_required && is_blank(settings, spec.key))
            .map(|spec| spec.key)
            .collect();
        if !missing.is_empty() {
            let what = if missing.len() == 1 {
                "un réglage"
            } else {
                "des réglages"
            };
            return Err(
                Error::config(format!("il manque {what} : {}", missing.join(", ")))
                    .advise(Advice::GiveSettings(self.name, missing)),
            );
        }
        (self.open)(settings, home)
    }

    /// Unknown settings: most likely typing errors.
    pub fn unknown_settings<'s>(&self, settings: &'s Settings) -> Vec<&'s str> {
        settings
            .keys()
            .map(String::as_str)
            .filter(|key| !self.knows(key))
            .collect()
    }

    /// Whether `key` is one of its settings.
    pub fn knows(&self, key: &str) -> bool {
        self.settings.iter().any(|spec| spec.key == key) || self.is_open(key)
    }

    fn is_open(&self, key: &str) -> bool {
        self.open_prefixes
            .iter()
            .any(|prefix| key.starts_with(prefix))
    }

    /// Whether setting `key` is never shown. Unknown settings with names like secrets count as secrets.
    pub fn is_secret(&self, key: &str) -> bool {
        match self.settings.iter().find(|spec| spec.key == key) {
            Some(spec) => spec.is_secret,
            None if self.is_open(key) => false,
            None => ["KEY", "PASSWORD", "SECRET", "TOKEN"]
                .iter()
                .any(|word| key.ends_with(word)),
        }
    }

    /// The value of setting `key` for display: masked if it is a secret.
    pub fn shown(&self, key: &str, value: &str) -> String {
        if self.is_secret(key) {
            return MASK.to_owned();
        }
        match self.settings.iter().find(|spec| spec.key == key) {
            Some(spec) if spec.is_address => without_password(value),
            _ => value.to_owned(),
        }
    }
}

fn is_blank(settings: &Settings, key: &str) -> bool {
    settings
        .get(key)
        .is_none_or(|value| value.trim().is_empty())
}
