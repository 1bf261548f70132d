//! The models that are read, and what is read of each: fields differ by version, so the server is asked which
//! it has.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::failure::Failure;
use super::session::Session;
use crate::error::Error;

/// A model and what is read of it.
#[derive(Debug)]
pub(super) struct Model {
    /// Its technical name.
    pub(super) name: &'static str,
    /// The application it comes with, as French menus call it.
    pub(super) application: &'static str,
    /// Fields no row can do without, each with the canonical column that is made of it.
    pub(super) required: &'static [(&'static str, &'static str)],
    /// Fields that are read where they are.
    pub(super) optional: &'static [&'static str],
    /// Fields that serve to find rows, where they are, and are not read.
    pub(super) probed: &'static [&'static str],
}

/// The fields of a model that this server has.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    read: BTreeSet<&'static str>,
    probed: BTreeSet<&'static str>,
}

impl Fields {
    /// Whether the server has `field`.
    pub(super) fn has(&self, field: &str) -> bool {
        self.read.contains(field) || self.probed.contains(field)
    }

    /// The first of `fields` that the server has.
    pub(super) fn first_of(&self, fields: &[&'static str]) -> Option<&'static str> {
        fields.iter().copied().find(|field| self.has(field))
    }

    /// What to name in a call, never nothing: that would mean everything, pictures included.
    pub(super) fn to_value(&self) -> Value {
        json!(self.read)
    }
}

impl Model {
    /// Asks the server which of the fields it has. An error when one is missing that a row needs.
    pub(super) fn negotiate(&self, session: &Session) -> Result<Fields, Failure> {
        let required = self.required.iter().map(|&(field, _)| field);
        let read = required.chain(self.optional.iter().copied());
        let wanted: Vec<&str> = read.clone().chain(self.probed.iter().copied()).collect();
        let known = session.fields_get(self.name, &wanted)?;
        let known = known.as_object().ok_or(Failure::GARBLED)?;
        let missing: Vec<String> = self
            .required
            .iter()
            .filter(|(field, _)| !known.contains_key(*field))
            .map(|(field, column)| format!("{field} (pour {column})"))
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "Odoo {} n'a pas le champ {} de {}, ou le cache à « {} »",
                session.version,
                missing.join(", "),
                self.name,
                session.server.login
            );
            let error = Error::source_failed(message);
            return Err(error
                .hint(
                    "crmreco lit Odoo 16 à 19 : vérifiez la version et les droits de l'utilisateur",
                )
                .into());
        }
        let is_known = |field: &&str| known.contains_key(*field);
        Ok(Fields {
            read: read.filter(is_known).collect(),
            probed: self.probed.iter().copied().filter(is_known).collect(),
        })
    }
}
