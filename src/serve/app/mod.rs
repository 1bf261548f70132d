//! What every request has at hand.

pub(super) mod events;
pub(super) mod syncs;
pub(super) mod test_runs;

use std::sync::Arc;
use std::time::Instant;

use self::events::Pulse;
use self::syncs::Syncs;
use self::test_runs::TestRuns;
use super::access::Access;
use super::environment::Environment;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::queries::Queries;
use crate::registry::Registry;
use crate::stop::Stop;

/// Shared by all requests.
#[derive(Debug)]
pub(super) struct App {
    pub(super) home: Home,
    environment: Environment,
    pub(super) access: Access,
    pub(super) syncs: Syncs,
    pub(super) pulse: Pulse,
    pub(super) test_runs: TestRuns,
    /// When somebody last began to look whether all is well, and whether it was.
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
            test_runs: TestRuns::default(),
            health: tokio::sync::Mutex::default(),
            stop,
        }
    }

    /// The connectors as they are registered now.
    pub(super) fn registry(&self) -> Result<Registry> {
        Registry::read(&self.home, self.environment.all())
    }

    /// A look at the home as it is now.
    pub(super) fn queries(&self) -> Result<Queries> {
        let queries = Queries::open(&self.home, self.registry()?)?;
        Ok(queries.knowing(self.syncs.names()))
    }

    /// Runs `work`, which reads files or the database, off the thread that serves.
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
