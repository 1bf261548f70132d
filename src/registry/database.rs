//! Where the database of a home is, as its settings say.

use std::collections::BTreeMap;

use crate::env_file::EnvFile;
use crate::error::Result;
use crate::home::{DatabaseServer, Home};

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
