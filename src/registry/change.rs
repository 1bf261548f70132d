//! Changes to the settings of a registered connector.

use super::{Registration, Registry, TYPE, parse_variable, variable};
use crate::connectors::{ConnectorKind, Settings};
use crate::env_file::EnvFile;
use crate::error::{Advice, Error, Result};
use crate::french::listed;

/// Likeness above which one name of a setting is offered for another.
const LIKE: f64 = 0.8;

/// What to change, by key.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Settings to set.
    pub set: Settings,
    /// Settings to remove: their defaults apply.
    pub unset: Vec<String>,
}

impl Registry {
    /// Changes settings of connector `name` in `.env`, in one step, if the settings then hold together. An empty value
    /// removes the setting. Returns the connector as it is afterwards, or `None` where nothing changes. Fails for an
    /// unknown setting, for a value that does not hold, and for a connector of the process environment.
    pub fn change(&self, name: &str, changes: &Changes) -> Result<Option<Registration>> {
        let old = self.get(name)?;
        if !self.in_file.contains(name) {
            return Err(self.not_in_file(name, "Changez"));
        }
        let kind = ConnectorKind::named(&old.kind).map_err(|error| error.at(name))?;
        let (set, unset) = settled(kind, &old.settings, changes).map_err(|error| error.at(name))?;
        let touches = |key: &str| set.contains_key(key) || unset.iter().any(|one| one == key);
        let lines = self.unreadable.get(name).map_or(&[][..], Vec::as_slice);
        if let Some(line) = lines.iter().find(|line| !touches(&line.key)) {
            return Err(self.unreadable_line(name, line));
        }
        let mut new = old.clone();
        new.settings.retain(|key, _| !unset.contains(key));
        new.settings
            .extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
        if new == *old && lines.is_empty() {
            return Ok(None);
        }
        self.open_registration(&new)?;
        self.write_changes(name, &set, &unset)?;
        Ok(Some(new))
    }

    fn write_changes(&self, name: &str, set: &Settings, unset: &[String]) -> Result<()> {
        let lines: Vec<(String, String)> = set
            .iter()
            .map(|(key, value)| (variable(name, key), value.clone()))
            .collect();
        let of_connector = |one: &str| parse_variable(one).filter(|(owner, _)| owner == name);
        // Another spelling of a variable that is set, such as one in lower case, would stand beside it.
        let is_unset = |one: &str| {
            of_connector(one).is_some_and(|(_, key)| {
                unset.contains(&key) || (set.contains_key(&key) && one != variable(name, &key))
            })
        };
        let file = EnvFile::new(self.home.env_file());
        let is_there = file.change(&lines, is_unset, |one| of_connector(one).is_some())?;
        // Another process may have removed it since the settings were read.
        if is_there {
            Ok(())
        } else {
            Err(self.unknown(name))
        }
    }

    /// The setting of `kind` that is called like `key`, if there is one.
    pub fn like_setting(kind: &ConnectorKind, key: &str) -> Option<&'static str> {
        let by_flag = kind.settings.iter().find(|spec| {
            let mut flags = spec.flag.iter();
            flags.any(|flag| flag.name.eq_ignore_ascii_case(&key.replace('_', "-")))
        });
        let likeness = |known: &'static str| (strsim::jaro_winkler(known, key), known);
        let by_key = || {
            let known = kind.settings.iter().map(|spec| likeness(spec.key));
            let like = known.filter(|(likeness, _)| *likeness > LIKE);
            like.max_by(|one, other| one.0.total_cmp(&other.0))
        };
        by_flag.map(|spec| spec.key).or_else(|| Some(by_key()?.1))
    }
}

/// The settings to set and those to remove, by their keys in upper case.
fn settled(
    kind: &ConnectorKind,
    old: &Settings,
    changes: &Changes,
) -> Result<(Settings, Vec<String>)> {
    let mut set = Settings::default();
    let mut unset = Vec::new();
    for key in &changes.unset {
        let key = key.to_ascii_uppercase();
        if !old.contains_key(&key) {
            require_known(kind, &key)?;
        }
        unset.push(key);
    }
    for (key, value) in changes.set.iter() {
        let key = key.to_ascii_uppercase();
        require_known(kind, &key)?;
        if value.trim().is_empty() {
            unset.push(key);
        } else {
            set.insert(key, value.clone());
        }
    }
    Ok((set, unset))
}

fn require_known(kind: &ConnectorKind, key: &str) -> Result<()> {
    if key == TYPE {
        return Err(Error::config("TYPE ne change pas").advise(Advice::Text(
            "Retirez ce connecteur, puis enregistrez-le sous un autre type".to_owned(),
        )));
    }
    let mut alone = Settings::default();
    alone.insert(key.to_owned(), String::new());
    if kind.unknown_settings(&alone).is_empty() {
        return Ok(());
    }
    let error = Error::config(format!("{key} n'est pas un réglage du type {}", kind.name));
    if let Some(known) = Registry::like_setting(kind, key) {
        return Err(error.hint(format!("Vouliez-vous dire {known} ?")));
    }
    let known: Vec<&str> = kind.settings.iter().map(|spec| spec.key).collect();
    Err(error.hint(format!("Réglages : {}", listed(&known))))
}
