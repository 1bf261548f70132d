//! The lines of `.env` of a connector whose name changes.
//!
//! Rows and history change their name in the database, settings in `.env`: two files, which no single step changes. A
//! mark in `.env` therefore keeps the old name from before the commit of the database until after it; who finds it
//! does the rest.

use std::collections::BTreeMap;

use super::{Registry, check_name, parse_variable, variable};
use crate::env_file::EnvFile;
use crate::error::{Error, Result};
use crate::french::listed;

/// The setting with the name that rows and history may still have.
pub(super) const MARK: &str = "RENAMED_FROM";

/// The old names that `variables` keep, by new name.
pub(super) fn pending(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let marks = variables.iter().filter_map(|(variable, old)| {
        let (new, key) = parse_variable(variable)?;
        (key == MARK && check_name(old).is_ok() && *old != new).then(|| (new, old.clone()))
    });
    marks.collect()
}

impl Registry {
    /// Renames that were interrupted: new name and old name.
    pub fn renames(&self) -> impl Iterator<Item = (&str, &str)> {
        let renames = self.renames.iter();
        renames.map(|(new, old)| (new.as_str(), old.as_str()))
    }

    /// Fails unless `.env` alone defines connector `old`, and `new` is a free name.
    pub fn require_renamable(&self, old: &str, new: &str) -> Result<()> {
        self.get(old)?;
        check_name(new)?;
        if old == new {
            return Err(Error::config(format!("« {old} » porte déjà ce nom")));
        }
        self.require_free(new)?;
        if !self.in_file.contains(old) {
            return Err(self.not_in_file(old, "Renommez"));
        }
        let outside = self.in_environment(old);
        if !outside.is_empty() {
            return Err(Error::config(format!(
                "« {old} » a des réglages dans les variables d'environnement : {}",
                listed(&outside)
            ))
            .hint("Renommez d'abord ces variables là où elles sont définies"));
        }
        Ok(())
    }

    /// Fails when `.env` no longer holds connector `name`, which it held when this registry was read; else returns the
    /// name that its rows may still have.
    pub fn confirm(&self, name: &str) -> Result<Option<String>> {
        if !self.in_file.contains(name) {
            return Ok(None);
        }
        let file = EnvFile::new(self.home.env_file());
        let variables = file.read()?;
        let unreadable = file.unreadable_lines()?;
        let mut names = variables
            .keys()
            .chain(unreadable.iter().map(|(_, name)| name));
        if !names.any(|one| parse_variable(one).is_some_and(|(owner, _)| owner == name)) {
            return Err(Error::config(format!("« {name} » n'est plus enregistré"))
                .hint("Il vient d'être retiré ou renommé"));
        }
        Ok(pending(&variables).remove(name))
    }

    /// Renames the lines of `old` in `.env`. With `is_marked`, the mark is set until [`Registry::unmark`]. Fails
    /// where another process has taken the name or removed the connector.
    pub(crate) fn rename_lines(&self, (old, new): (&str, &str), is_marked: bool) -> Result<()> {
        let mark = (variable(new, MARK), is_marked.then(|| old.to_owned()));
        let owns = |variable: &str, name: &str| {
            parse_variable(variable).is_some_and(|(owner, _)| owner == name)
        };
        let renamed = |one: &str| {
            let (owner, key) = parse_variable(one)?;
            (owner == old).then(|| variable(new, &key))
        };
        let is_possible = |now: &BTreeMap<String, String>| {
            let has = |name| now.keys().any(|one| owns(one, name));
            has(old) && !has(new)
        };
        let file = EnvFile::new(self.home.env_file());
        if file.rename((old, new), renamed, &[mark], is_possible)? {
            return Ok(());
        }
        Err(Error::config(format!(
            "« {old} » n'a pas été renommé : {} vient de changer",
            file.path().display()
        ))
        .hint("Relancez la même commande"))
    }

    /// Removes the mark of connector `new`.
    pub(crate) fn unmark(&self, new: &str) -> Result<()> {
        let mark = variable(new, MARK);
        EnvFile::new(self.home.env_file()).remove(None, |one| one == mark)?;
        Ok(())
    }
}
