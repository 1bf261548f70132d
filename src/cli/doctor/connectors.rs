//! Each connector: its settings, its source, its key, its last success.

use jiff::{SignedDuration, Timestamp};

use super::{Check, State};
use crate::cli::{Context, setting_advice};
use crate::error::{Error, Result};
use crate::french::{self, plural};
use crate::json::local;
use crate::registry::{Registration, Registry};
use crate::report;
use crate::stop::Stop;
use crate::store::Store;

const SOURCE: (&str, &str) = ("source", "Source de");
const KEY: (&str, &str) = ("key", "Clé de");
const SUCCESS: (&str, &str) = ("success", "Dernière réussite de");

/// Age of a success from which somebody should look.
const OLD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Days before the end of a key from which a new one should be made.
const FEW_DAYS: u32 = 30;

/// A connector to look at.
pub(super) struct Subject<'c> {
    pub(super) context: &'c Context<'c>,
    pub(super) registry: &'c Registry,
    pub(super) registration: &'c Registration,
    pub(super) store: Option<&'c Store>,
}

impl Subject<'_> {
    pub(super) fn checks(&self, is_quick: bool, stop: &Stop) -> Vec<Check> {
        let name = &self.registration.name;
        let mut checks = Vec::new();
        match self.source(is_quick, stop) {
            Ok((source, key)) => checks.extend([Some(source), key].into_iter().flatten()),
            Err(error) => checks.push(self.unreadable(&error)),
        }
        if let Some(store) = self.store {
            let success = self.last_success(store);
            checks.push(success.unwrap_or_else(|error| Check::failed(SUCCESS, &error)));
        }
        checks.into_iter().map(|check| check.about(name)).collect()
    }

    /// The source, and its key where it has one.
    fn source(&self, is_quick: bool, stop: &Stop) -> Result<(Check, Option<Check>)> {
        let name = &self.registration.name;
        let connector = self.registry.open(name)?;
        if is_quick {
            return Ok((self.folder(), None));
        }
        let parts = connector.check(stop)?;
        let key = parts.iter().find_map(|part| days_left(&part.detail));
        let key = key.map(|days| self.key(days));
        let broken = parts.iter().find(|part| !part.ok);
        if let Some(part) = broken {
            return Ok((self.broken(part), key));
        }
        let rows: u64 = parts.iter().filter_map(|part| part.rows).sum();
        let rows = plural(rows, "ligne lisible", "lignes lisibles");
        Ok((Check::ok(SOURCE, rows), key))
    }

    /// The settings hold; the folder of exports is there, if it has one.
    fn folder(&self) -> Check {
        let missing = self.registry.missing_folders(self.registration);
        let Some((key, folder)) = missing.first() else {
            return Check::ok(SOURCE, "réglages complets");
        };
        let name = &self.registration.name;
        let set = self.context.command(&format!("set {name} {key}=DOSSIER"));
        Check::fail(SOURCE, format!("le dossier {folder} n'existe pas")).mended_by(set)
    }

    fn broken(&self, part: &report::Check) -> Check {
        let detail = format!("{} : {}", part.name, part.detail);
        let check = Check::fail(SOURCE, detail.clone());
        self.with_command(check, &detail)
    }

    fn unreadable(&self, error: &Error) -> Check {
        let check = Check::failed(SOURCE, error);
        self.with_command(check, &error.full_text())
    }

    /// The command that changes the setting that `text` names, else the one that tells more.
    fn with_command(&self, check: Check, text: &str) -> Check {
        let home = &self.context.home;
        let change = setting_advice::commands(home, self.registration, [text])
            .into_iter()
            .next();
        let look = || {
            self.context
                .command(&format!("test {}", self.registration.name))
        };
        check.mended_by(change.unwrap_or_else(look))
    }

    fn key(&self, days: u32) -> Check {
        let left = plural(days.into(), "jour", "jours");
        if days > FEW_DAYS {
            return Check::ok(KEY, format!("expire dans {left}"));
        }
        let set = format!("set {} --api-key-stdin < cle.txt", self.registration.name);
        Check::warn(KEY, format!("expire dans {left} : faites-en une autre"))
            .mended_by(self.context.command(&set))
    }

    fn last_success(&self, store: &Store) -> Result<Check> {
        let name = &self.registration.name;
        let state = store.connector_state(name)?;
        let sync = self.context.command(&format!("sync {name}"));
        let Some(at) = state.last_success else {
            let (level, detail) = match state.last_error {
                Some(error) => (State::Fail, format!("aucune ; {error}")),
                None => (State::Warn, "jamais synchronisé".to_owned()),
            };
            return Ok(Check::new(level, SUCCESS, detail).mended_by(sync));
        };
        let when = french::instant(&local(at));
        Ok(if let Some(error) = state.last_error {
            let logs = self.context.command(&format!("logs {name}"));
            Check::fail(SUCCESS, format!("{when} ; depuis : {error}")).mended_by(logs)
        } else if Timestamp::now().duration_since(at) > OLD {
            Check::warn(SUCCESS, format!("{when}, il y a plus d'une semaine")).mended_by(sync)
        } else {
            Check::ok(SUCCESS, when)
        })
    }
}

/// Days until a key ends, from what a connector says about its server: `clé API qui expire dans 60 jours`.
fn days_left(detail: &str) -> Option<u32> {
    let (_, after) = detail.split_once(" expire ")?;
    match after.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["aujourd'hui", ..] => Some(0),
        ["demain", ..] => Some(1),
        ["dans", days, ..] => days.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_from_what_the_connector_says() {
        for (text, days) in [
            (
                "JSON-2, société A, clé API qui expire dans 60 jours",
                Some(60),
            ),
            ("2 clés API dont la première expire demain", Some(1)),
            ("clé API qui expire aujourd'hui", Some(0)),
            ("Clients : lisible", None),
        ] {
            assert_eq!(days_left(text), days, "{text}");
        }
    }
}
