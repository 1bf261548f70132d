//! A server with many estates: all of them, and the roles that read one.

use super::postgres::{self, Server};
use super::results::EstateState;
use crate::error::{Error, Result};
use crate::home::Home;

/// All estates of the server of `home` that its role may read. Fails where the database is a file.
pub fn estates(home: &Home) -> Result<Vec<EstateState>> {
    postgres::estates(&server(home)?)
}

/// Lets the role `role` of the server read the estate of `home`, and no other.
pub fn grant_reader(home: &Home, role: &str) -> Result<()> {
    postgres::grant_reader(&server(home)?, role)
}

/// Takes from the role `role` what [`grant_reader`] gave.
pub fn revoke_reader(home: &Home, role: &str) -> Result<()> {
    postgres::revoke_reader(&server(home)?, role)
}

fn server(home: &Home) -> Result<Server> {
    let settings = home.server().ok_or_else(|| {
        Error::config("La base est un fichier, avec un seul domaine")
            .hint("Le réglage CRMRECO_DATABASE donne l'adresse d'un serveur PostgreSQL")
    })?;
    Server::connect(settings)
}
