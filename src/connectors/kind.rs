//! The one list of connector types, with the settings each understands.

use super::api::Connector;
use super::config::{MASK, SettingSpec, Settings, without_password};
use super::field::Guide;
use super::{isavigne, odoo};
use crate::error::{Advice, Error, Result};
use crate::home::Home;

/// A type of connector.
#[derive(Debug)]
pub struct Kind {
    /// Its name in `.env` and on the command line.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What people call its parts and the place of a row in one.
    pub words: Words,
    /// The settings it understands, in the order in which they are asked for.
    pub settings: &'static [SettingSpec],
    /// What to know before one is registered.
    pub guide: Guide,
    /// Settings whose names begin so are free in what follows.
    pub open_prefixes: &'static [&'static str],
    open: fn(&Settings, &Home) -> Result<Box<dyn Connector>>,
}

/// French words for the parts of a source, as they head a column.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// A part: a file, a model.
    pub part: &'static str,
    /// Where in it a row stands: a line, a number.
    pub position: &'static str,
}

impl Words {
    /// The words of the type of connector called `kind`; vague ones where there is no such type.
    pub fn of(kind: &str) -> Self {
        Kind::named(kind).map_or(
            Self {
                part: "Partie",
                position: "Place",
            },
            |kind| kind.words,
        )
    }
}

/// Every type of connector there is.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "isavigne",
        label: "iSaVigne",
        words: Words {
            part: "Fichier",
            position: "Ligne",
        },
        settings: isavigne::SETTINGS,
        guide: isavigne::GUIDE,
        open_prefixes: &[isavigne::COLUMN_PREFIX],
        open: isavigne::open,
    },
    Kind {
        name: "odoo",
        label: "Odoo",
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

impl Kind {
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

    /// Settings nobody understands: most likely a slip of the pen.
    pub fn unknown_settings<'s>(&self, settings: &'s Settings) -> Vec<&'s str> {
        settings
            .keys()
            .map(String::as_str)
            .filter(|key| !self.settings.iter().any(|spec| spec.key == *key))
            .filter(|key| !self.is_open(key))
            .collect()
    }

    fn is_open(&self, key: &str) -> bool {
        self.open_prefixes
            .iter()
            .any(|prefix| key.starts_with(prefix))
    }

    /// Whether setting `key` must never be shown. Unknown settings that sound like secrets are taken for some.
    pub fn is_secret(&self, key: &str) -> bool {
        match self.settings.iter().find(|spec| spec.key == key) {
            Some(spec) => spec.is_secret,
            None if self.is_open(key) => false,
            None => ["KEY", "PASSWORD", "SECRET", "TOKEN"]
                .iter()
                .any(|word| key.ends_with(word)),
        }
    }

    /// `value` of setting `key` as it may be shown: not at all where it is a secret.
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
