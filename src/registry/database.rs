//! Where the database of a home is, as its settings say.

use std::collections::BTreeMap;

use crate::env_file::EnvFile;
use crate::error::Result;
use crate::home::{DatabaseServer, Home};
use crate::registry::Registry;

/// `home` with its database where `environment`, the variables of the process, or its `.env` say; the process wins. A
/// `.env` that cannot be read is reported where connectors are read.
pub fn with_database(
    home: Home,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Home> {
    let mut variables: BTreeMap<String, String> =
        EnvFile::new(home.env_file()).read().unwrap_or_default();
    variables.extend(environment);
    let server = DatabaseServer::of_variables(&variables, home.folder())?;
    Ok(home.on(server))
}

/// Written above the variables of the database.
const COMMENT: &str = "Base de données";

impl Registry {
    /// Writes to `.env` that the database is on `server`; without one, that it is the file of the home.
    pub fn keep_database(&self, server: Option<&DatabaseServer>) -> Result<()> {
        let file = EnvFile::new(self.env_file());
        if let Some(server) = server {
            let lines = [
                (DatabaseServer::ADDRESS, &server.address),
                (DatabaseServer::SCHEMA, &server.schema),
                (DatabaseServer::ESTATE, &server.estate),
            ];
            let lines = lines.map(|(name, value)| (name.to_owned(), value.clone()));
            file.set(Some(COMMENT), &lines)?;
        } else {
            let ours = [
                DatabaseServer::ADDRESS,
                DatabaseServer::SCHEMA,
                DatabaseServer::ESTATE,
            ];
            file.remove(Some(COMMENT), |name| ours.contains(&name))?;
        }
        Ok(())
    }
}
