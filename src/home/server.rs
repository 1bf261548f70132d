//! The PostgreSQL server that holds a home's database in place of a file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Variables with the account and the folder of its files.
const ACCOUNT: [&str; 4] = ["HOME", "APPDATA", "USER", "USERNAME"];

/// Where a database is on a server.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseServer {
    /// Connection URI of libpq (`postgresql://user@host/db?sslmode=verify-full`); may hold a password.
    pub address: String,
    /// Schema of the tables.
    pub schema: String,
    /// Name of the estate: a database holds many.
    pub estate: String,
    /// Folder of relative paths in the address.
    pub folder: PathBuf,
    /// What completes the address: variables of libpq (`PGHOST`, `PGPASSFILE`…), and where its files are.
    pub environment: BTreeMap<String, String>,
}

impl DatabaseServer {
    /// Variable with the address.
    pub const ADDRESS: &'static str = "CRMRECO_DATABASE";
    /// Variable with the schema.
    pub const SCHEMA: &'static str = "CRMRECO_SCHEMA";
    /// Variable with the estate.
    pub const ESTATE: &'static str = "CRMRECO_ESTATE";

    /// The server that `variables` name; `None` where they name none. Fails for a name that cannot be one.
    pub fn of_variables(
        variables: &BTreeMap<String, String>,
        folder: &Path,
    ) -> Result<Option<Self>> {
        let value = |name: &str| {
            let value = variables.get(name).map(|value| value.trim());
            value.filter(|value| !value.is_empty())
        };
        let Some(address) = value(Self::ADDRESS) else {
            return Ok(None);
        };
        let schema = value(Self::SCHEMA).unwrap_or("crmreco");
        let estate = value(Self::ESTATE).unwrap_or("default");
        check_schema(schema)?;
        check_estate(estate)?;
        let completes = |name: &str| name.starts_with("PG") || ACCOUNT.contains(&name);
        let environment = variables.iter().filter(|(name, _)| completes(name));
        Ok(Some(Self {
            address: address.to_owned(),
            schema: schema.to_owned(),
            estate: estate.to_owned(),
            folder: folder.to_owned(),
            environment: environment
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }))
    }
}

/// A name that needs no quotes in SQL (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>).
fn check_schema(name: &str) -> Result<()> {
    let is_letter = |sign: char| sign.is_ascii_lowercase() || sign == '_';
    let is_sound = name.starts_with(is_letter)
        && name
            .chars()
            .all(|sign| is_letter(sign) || sign.is_ascii_digit())
        && !name.starts_with("pg_")
        && name.len() <= 63;
    if is_sound {
        return Ok(());
    }
    Err(Error::config(format!(
        "{} « {name} » ne peut pas être le nom d'un schéma",
        DatabaseServer::SCHEMA
    ))
    .hint("Lettres minuscules sans accent, chiffres et « _ », sans chiffre ni « pg_ » au début, 63 signes au plus"))
}

fn check_estate(name: &str) -> Result<()> {
    if name.chars().count() <= 100 && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::config(format!(
        "{} n'est pas le nom d'un domaine",
        DatabaseServer::ESTATE
    ))
    .hint("Au plus 100 signes, sans caractère de contrôle"))
}

/// Without the address, which may hold a password.
impl fmt::Debug for DatabaseServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DatabaseServer")
            .field("schema", &self.schema)
            .field("estate", &self.estate)
            .finish_non_exhaustive()
    }
}
