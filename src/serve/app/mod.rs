//! State shared by all requests.

pub(super) mod events;
pub(super) mod meter;
pub(super) mod sales;
pub(super) mod syncs;
pub(super) mod test_runs;

use std::sync::Arc;
use std::time::Instant;

use self::events::Pulse;
use self::sales::Sales;
use self::syncs::Syncs;
use self::test_runs::TestRuns;
use super::access::Access;
use super::environment::Environment;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::queries::Queries;
use crate::registry::Registry;
use crate::stop::Stop;

/// State shared by all requests.
#[derive(Debug)]
pub(super) struct App {
    pub(super) home: Home,
    environment: Environment,
    pub(super) access: Access,
    pub(super) syncs: Syncs,
    pub(super) pulse: Pulse,
    pub(super) sales: Sales,
    pub(super) test_runs: TestRuns,
    /// Time and result of the last health check.
    pub(super) health: tokio::sync::Mutex<Option<(Instant, bool)>>,
    pub(super) stop: Stop,
}

impl App {
    pub(super) fn new(home: Home, environment: Environment, access: Access, stop: Stop) -> Self {
        Self {
            home,
            environment,
            access,
            syncs: Syncs::default(),
            pulse: Pulse::default(),
            sales: Sales::default(),
            test_runs: TestRuns::default(),
            health: tokio::sync::Mutex::default(),
            stop,
        }
    }

    /// Reads the registered connectors.
    pub(super) fn registry(&self) -> Result<Registry> {
        Registry::read(&self.home, self.environment.all())
    }

    /// Opens queries on the home.
    pub(super) fn queries(&self) -> Result<Queries> {
        let queries = Queries::open(&self.home, self.registry()?)?;
        Ok(queries.knowing(self.syncs.names()))
    }

    /// Runs `work`, which reads files or the database, on a blocking thread.
    pub(super) async fn off_thread<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T> {
        let app = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&app)).await;
        done.map_err(|error| {
            Error::store("La réponse n'a pas pu être préparée")
                .hint("Rechargez la page ; si cela se répète, relancez le serveur avec -v et lisez ce qu'il dit")
                .because(error)
        })
    }
}
