//! Connecting (stand-in).
use postgres::{Client, NoTls};

use crate::error::Result;
use crate::home::DatabaseServer;

pub(super) fn connect(settings: &DatabaseServer) -> Result<Client> {
    let mut config: postgres::Config = settings
        .address
        .parse()
        .map_err(|e: postgres::Error| crate::error::Error::from(e))?;
    config.application_name("crmreco");
    Ok(config.connect(NoTls)?)
}
