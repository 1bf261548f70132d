//! The connection to a server, and its transactions.

use std::sync::{Mutex, MutexGuard, PoisonError};

use postgres::{Client, Row, Transaction};

use super::address::Address;
use super::connect;
use super::failure::is_lost;
use super::statement::{Parameter, query};
use crate::error::{Error, Result};
use crate::home::DatabaseServer;

/// A consistent state, read by one transaction; a standby serves it too.
const READ: &str = "START TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// One estate on a server.
pub(in crate::store) struct Server {
    session: Mutex<Session>,
    settings: DatabaseServer,
}

struct Session {
    client: Client,
    /// Whether a transaction that reads is open, whose state all reads see.
    is_reading: bool,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings.fmt(out)
    }
}

impl Server {
    pub(in crate::store) fn connect(settings: &DatabaseServer) -> Result<Self> {
        Ok(Self {
            session: Mutex::new(Session {
                client: client(settings)?,
                is_reading: false,
            }),
            settings: settings.clone(),
        })
    }

    /// Where `settings` lead, without a password.
    pub(in crate::store) fn shown(settings: &DatabaseServer) -> Result<String> {
        let address = address(settings)?;
        Ok(format!(
            "{address} (schéma {}, domaine {})",
            settings.schema, settings.estate
        ))
    }

    pub(super) fn estate(&self) -> &str {
        &self.settings.estate
    }

    pub(super) fn schema(&self) -> &str {
        &self.settings.schema
    }

    /// `sql` with the schema in place of each `@`. Every table is named with its schema: behind a pooler, the search path
    /// of a session is anybody's.
    pub(super) fn sql(&self, sql: &str) -> String {
        sql.replace('@', &format!("{}.", self.schema()))
    }

    /// The session, connected anew where its connection was lost between two transactions.
    fn session(&self) -> Result<MutexGuard<'_, Session>> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if session.client.is_closed() && !session.is_reading {
            session.client = client(&self.settings)?;
        }
        Ok(session)
    }

    /// Runs `work`, which only reads, in a transaction of its own, or in that of [`Server::at_one_instant`].
    pub(super) fn read<T>(&self, work: impl FnOnce(&mut Client) -> Result<T>) -> Result<T> {
        let mut session = self.session()?;
        if session.is_reading {
            return work(&mut session.client);
        }
        self.begin_to_read(&mut session.client)?;
        let value = work(&mut session.client);
        let ended = session.client.batch_execute("COMMIT");
        let value = value?;
        ended?;
        Ok(value)
    }

    /// Runs `work`, whose reads all see one state.
    pub(super) fn at_one_instant<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        {
            let mut session = self.session()?;
            if session.is_reading {
                drop(session);
                return work();
            }
            self.begin_to_read(&mut session.client)?;
            session.is_reading = true;
        }
        let value = work();
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.is_reading = false;
        let ended = session.client.batch_execute("COMMIT");
        let value = value?;
        ended?;
        Ok(value)
    }

    /// Runs `work` in a transaction, which commits where it succeeds.
    pub(super) fn transaction<T, E: From<postgres::Error> + From<Error>>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut session = self.session()?;
        let error = match session.client.transaction() {
            Ok(transaction) => return finish(transaction, work),
            Err(error) => error,
        };
        if !is_lost(&error) {
            return Err(error.into());
        }
        session.client = client(&self.settings)?;
        finish(session.client.transaction()?, work)
    }

    /// Begins to read. The session may have ended since it was last used: then with another.
    fn begin_to_read(&self, session: &mut Client) -> Result<()> {
        match session.batch_execute(READ) {
            Err(error) if is_lost(&error) => {
                *session = client(&self.settings)?;
                Ok(session.batch_execute(READ)?)
            }
            begun => Ok(begun?),
        }
    }

    /// The rows of `sql`, whose first parameter is the estate.
    pub(super) fn rows(&self, sql: &str, parameters: &[&dyn Parameter]) -> Result<Vec<Row>> {
        let estate = self.estate();
        let mut all: Vec<&dyn Parameter> = vec![&estate];
        all.extend_from_slice(parameters);
        self.read(|client| Ok(query(client, &self.sql(sql), &all)?))
    }

    /// The first row of `sql`, whose first parameter is the estate.
    pub(super) fn row(&self, sql: &str, parameters: &[&dyn Parameter]) -> Result<Option<Row>> {
        Ok(self.rows(sql, parameters)?.into_iter().next())
    }
}

fn finish<T, E: From<postgres::Error>>(
    mut transaction: Transaction<'_>,
    work: impl FnOnce(&mut Transaction<'_>) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let value = work(&mut transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// A connection as `settings` want it.
fn client(settings: &DatabaseServer) -> Result<Client> {
    connect::connect(&address(settings)?)
}

fn address(settings: &DatabaseServer) -> Result<Address> {
    let lookup = |name: &str| settings.environment.get(name).cloned();
    Address::parse(&settings.address, &lookup, &settings.folder)
}
