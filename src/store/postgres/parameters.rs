//! Connection parameters of PostgreSQL by name, each with the place it comes from.
//!
//! Names, variables and precedence: "Database Connection Control Functions" of the manual of PostgreSQL 18, chapter libpq.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;

use crate::error::{Error, Result};

/// The setting that holds the address.
pub(super) const SETTING: &str = "CRMRECO_DATABASE";

/// Looks up a variable of the environment or of `.env`.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Parameters that are understood: name and variable.
const KNOWN: &[(&str, &str)] = &[
    ("service", "PGSERVICE"),
    ("servicefile", "PGSERVICEFILE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslsni", "PGSSLSNI"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("application_name", "PGAPPNAME"),
    ("fallback_application_name", ""),
    ("options", "PGOPTIONS"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    ("keepalives", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("keepalives_count", ""),
    ("tcp_user_timeout", ""),
    ("client_encoding", ""),
    ("gssencmode", "PGGSSENCMODE"),
    ("sslcompression", ""),
];

/// Parameters that would narrow whom the program trusts, if it could obey them: ignoring them would be a lie.
const REFUSED: &[(&str, &str)] = &[
    ("require_auth", "PGREQUIREAUTH"),
    ("requirepeer", "PGREQUIREPEER"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslpassword", ""),
    ("requiressl", "PGREQUIRESSL"),
    ("krbsrvname", ""),
    ("gsslib", ""),
    ("gssdelegation", ""),
    ("replication", ""),
    ("min_protocol_version", ""),
    ("max_protocol_version", ""),
];

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Address,
    Service(PathBuf),
    Variable(&'static str),
}

/// The value of a parameter.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) origin: Origin,
}

impl Given {
    /// The error of this value for parameter `name`. `predicate`: `« 0 » n'est pas un port`.
    pub(super) fn error(&self, name: &str, predicate: impl Display) -> Error {
        match &self.origin {
            Origin::Address => Error::of_setting(SETTING, format!(": {name} {predicate}")),
            Origin::Variable(variable) => Error::of_setting(variable, predicate),
            Origin::Service(file) => {
                Error::config(format!("{name} {predicate}")).at(file.display())
            }
        }
    }
}

/// Parameters by name. Not `Debug`: one of them is the password.
#[derive(Clone, Default)]
pub(super) struct Parameters(BTreeMap<&'static str, Given>);

impl Parameters {
    /// Whether PostgreSQL has a parameter of this name.
    pub(super) fn is_known(name: &str) -> bool {
        let mut all = KNOWN.iter().chain(REFUSED);
        all.any(|(known, _)| *known == name)
    }

    /// Sets a parameter. Fails where PostgreSQL has none of this name, or the program cannot obey it.
    pub(super) fn set(&mut self, name: &str, text: &str, origin: &Origin) -> Result<()> {
        let given = Given {
            text: text.to_owned(),
            origin: origin.clone(),
        };
        if text.contains('\0') {
            return Err(given.error("", "contient un caractère nul").hint(ENCODED));
        }
        if let Some((name, _)) = KNOWN.iter().find(|(known, _)| *known == name) {
            self.0.insert(name, given);
            return Ok(());
        }
        if REFUSED.iter().any(|(refused, _)| *refused == name) {
            return Err(not_obeyed(&given, name));
        }
        // Part of a password that was not percent-encoded may have become a name.
        let is_name = |sign: char| sign.is_ascii_lowercase() || sign == '_';
        let shown = if name.len() <= 32 && name.chars().all(is_name) {
            format!("« {name} »")
        } else {
            String::new()
        };
        let predicate = format!("{shown} n'existe pas");
        Err(given.error("le paramètre", predicate.trim_start()).hint(
            "Retirez-le : les paramètres sont ceux de psql, comme sslmode=verify-full ou connect_timeout=5",
        ))
    }

    /// Fills what is missing from the environment.
    pub(super) fn complete(&mut self, lookup: Lookup) -> Result<()> {
        let given = |variable: &'static str| {
            let text = lookup(variable).filter(|text| !text.is_empty() && !variable.is_empty())?;
            let origin = Origin::Variable(variable);
            Some(Given { text, origin })
        };
        for (name, variable) in KNOWN {
            if let Some(given) = given(variable)
                && self.get(name).is_none()
            {
                self.0.insert(name, given);
            }
        }
        for (name, variable) in REFUSED {
            if let Some(given) = given(variable) {
                return Err(not_obeyed(&given, name));
            }
        }
        Ok(())
    }

    /// Fills what is missing from `others`.
    pub(super) fn complete_from(&mut self, others: Self) {
        for (name, given) in others.0 {
            if self.get(name).is_none() {
                self.0.insert(name, given);
            }
        }
    }

    /// A parameter that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&Given> {
        self.0.get(name).filter(|given| !given.text.is_empty())
    }

    /// The text of a parameter that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        Some(self.get(name)?.text.as_str())
    }

    /// The error of the value of parameter `name`: see [`Given::error`].
    pub(super) fn error(&self, name: &str, predicate: impl Display) -> Error {
        match self.get(name) {
            Some(given) => given.error(name, predicate),
            None => Error::of_setting(SETTING, format!(": {name} {predicate}")),
        }
    }

    /// One of the words that a parameter may have, by its meaning. Fails for any other.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
        let Some(given) = self.get(name) else {
            return Ok(None);
        };
        let found = choices.iter().find(|(word, _)| *word == given.text);
        let Some((_, meaning)) = found else {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let error = given.error(name, format!("« {} » est inconnu", given.text));
            return Err(error.hint(format!("Donnez l'un de : {}", words.join(", "))));
        };
        Ok(Some(*meaning))
    }

    /// A whole number. Fails for any other text.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.trim().parse();
        number.map(Some).map_err(|_| {
            let predicate = format!("« {text} » n'est pas un nombre entier");
            self.error(name, predicate)
        })
    }

    /// A whole number above zero; none for zero. Fails where it is below.
    pub(super) fn positive(&self, name: &str) -> Result<Option<u64>> {
        let Some(number) = self.number(name)? else {
            return Ok(None);
        };
        let number = u64::try_from(number)
            .map_err(|_| self.error(name, format!("« {number} » est négatif")))?;
        Ok((number > 0).then_some(number))
    }
}

/// How a value with signs of its own stands in the address.
pub(super) const ENCODED: &str = "Dans l'adresse, écrivez les signes réservés en %XX : %40 pour @, %2F pour /, %3A pour :, %25 pour %";

fn not_obeyed(given: &Given, name: &str) -> Error {
    let error = given.error(name, "n'est pas pris en charge");
    error.hint("Retirez-le, ou imposez cette règle sur le serveur (pg_hba.conf)")
}
