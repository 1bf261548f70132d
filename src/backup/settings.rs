//! The settings in a backup: as they are, or without secrets.

use std::path::Path;

use crate::connectors::{ConnectorKind, MASK};
use crate::env_file::EnvFile;
use crate::error::{Error, Result, io_reason};
use crate::home::Home;
use crate::registry::{Registry, TYPE, variable};
use crate::retention::Retention;

/// Settings to put in a backup.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// The text of a `.env`; `None` where the home has none.
    pub(super) text: Option<Vec<u8>>,
    /// Names of the variables whose values are left out.
    pub(super) masked: Vec<String>,
}

impl Settings {
    /// The whole `.env` of `home`, secrets included.
    pub(super) fn whole(home: &Home) -> Result<Self> {
        let path = home.env_file();
        let text = match std::fs::read(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                let why = io_reason(&error);
                let what = format!("{} ne peut pas être lu : {why}", path.display());
                return Err(Error::store(what).because(error));
            }
        };
        Ok(Self {
            text,
            masked: Vec::new(),
        })
    }

    /// The `.env` of `home` without its secrets, written anew: only values that are known to be none are in it, and no
    /// comment, which may hold anything. `draft`: a new file to write it to.
    pub(super) fn masked(home: &Home, draft: &Path) -> Result<Self> {
        if !home.env_file().exists() {
            return Ok(Self::default());
        }
        let kept = harmless(home)?;
        let mut names: Vec<String> = EnvFile::new(home.env_file()).read()?.into_keys().collect();
        names.retain(|name| kept.iter().all(|(one, _)| one != name));
        EnvFile::new(draft).set(None, &kept)?;
        let mut text = std::fs::read(draft).unwrap_or_default();
        for name in &names {
            text.extend(format!("# {name}={MASK}\n").into_bytes());
        }
        Ok(Self {
            text: Some(text),
            masked: names,
        })
    }
}

/// The settings of `home` that are known to be no secrets, with their variables.
fn harmless(home: &Home) -> Result<Vec<(String, String)>> {
    let registry = Registry::read(home, std::iter::empty())?;
    let mut kept = Vec::new();
    for registration in registry.all() {
        let Ok(kind) = ConnectorKind::named(&registration.kind) else {
            continue;
        };
        let name = &registration.name;
        kept.push((variable(name, TYPE), registration.kind.clone()));
        let settings = registration.settings.iter();
        let settings = settings
            .filter(|(key, value)| kind.knows(key) && kind.shown(key, value) == **value)
            .map(|(key, value)| (variable(name, key), value.clone()));
        kept.extend(settings);
    }
    // An invalid one is no reason to have no backup.
    if let (Ok(own), Ok(usual)) = (registry.retention(), Retention::of_setting(None))
        && own != usual
    {
        kept.push((Retention::VARIABLE.to_owned(), own.days.to_string()));
    }
    Ok(kept)
}
