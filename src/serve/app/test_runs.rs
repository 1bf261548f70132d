//! Running tests of sources: one per connector, each on its own thread.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::App;
use super::syncs::outcome;
use crate::error::{Error, ErrorKind, Result};
use crate::queries::Tested;
use crate::registry::Registration;
use crate::serve::refusal::Refusal;

/// Most simultaneous tests. A test that hangs holds its place until its own timeout.
const MOST_AT_ONCE: usize = 16;

/// Pause between two checks for a stop of the server.
const TICK: Duration = Duration::from_millis(100);

/// The connectors being tested.
#[derive(Debug, Default)]
pub(in crate::serve) struct TestRuns(Mutex<BTreeSet<String>>);

impl TestRuns {
    fn begin(&self, name: &str) -> std::result::Result<(), Refusal> {
        self.with(|names| {
            if names.len() >= MOST_AT_ONCE {
                return Err(Refusal::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Trop de sources sont testées en même temps",
                )
                .hint("Attendez la fin d'un autre test, puis recommencez"));
            }
            if !names.insert(name.to_owned()) {
                let message = format!("« {name} » est déjà en train d'être testé");
                return Err(Refusal::new(StatusCode::CONFLICT, message)
                    .hint("Attendez la fin de l'autre test, puis recommencez"));
            }
            Ok(())
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tests connector `name`. A test takes as long as its source: queries must not queue behind it, and a stop of the
/// server must not wait for it.
pub(in crate::serve) async fn test(
    app: &Arc<App>,
    name: &str,
) -> std::result::Result<Tested, Refusal> {
    let tested = name.to_owned();
    run(app, name, move |app| {
        app.queries()?.test(&tested, &app.stop)
    })
    .await
}

/// Tests a connector that is not saved.
pub(in crate::serve) async fn test_described(
    app: &Arc<App>,
    registration: Registration,
) -> std::result::Result<Tested, Refusal> {
    let name = registration.name.clone();
    let test = move |app: &App| app.queries()?.test_described(&registration, &app.stop);
    run(app, &name, test).await
}

async fn run(
    app: &Arc<App>,
    name: &str,
    test: impl FnOnce(&App) -> Result<Tested> + Send + 'static,
) -> std::result::Result<Tested, Refusal> {
    app.test_runs.begin(name)?;
    let under_test = UnderTest {
        app: Arc::clone(app),
        name: name.to_owned(),
    };
    let (sender, receiver) = oneshot::channel();
    let work = move || {
        let tested = test(&under_test.app);
        drop(under_test);
        // The receiver may have been dropped.
        let _ = sender.send(tested);
    };
    // Not named after the connector: a request may contain any name, and a thread's name must not contain NUL.
    let started = thread::Builder::new().name("test".to_owned()).spawn(work);
    started.map_err(Error::no_thread)?;
    Ok(unless_stopped(app, receiver).await??)
}

async fn unless_stopped(
    app: &App,
    mut receiver: oneshot::Receiver<Result<Tested>>,
) -> std::result::Result<Result<Tested>, Refusal> {
    loop {
        match timeout(TICK, outcome(&mut receiver)).await {
            Ok(tested) if !was_stopped(&tested) => return Ok(tested),
            Err(_) if app.stop.check().is_ok() => {}
            Ok(_) | Err(_) => {
                return Err(Refusal::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Le serveur s'arrête : le test est abandonné",
                )
                .hint("Recommencez quand il sera relancé"));
            }
        }
    }
}

/// Whether the stop of the server ended the test.
fn was_stopped(tested: &Result<Tested>) -> bool {
    let failure = match tested {
        Ok(tested) => tested.failure.as_ref(),
        Err(error) => Some(error),
    };
    failure.is_some_and(|error| matches!(error.kind(), ErrorKind::Stopped(_)))
}

/// Guard of a running test: dropping it removes the entry.
struct UnderTest {
    app: Arc<App>,
    name: String,
}

impl Drop for UnderTest {
    fn drop(&mut self) {
        self.app.test_runs.with(|names| names.remove(&self.name));
    }
}
