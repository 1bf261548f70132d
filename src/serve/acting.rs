//! Answers to those who test a connector or sync it.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::app::App;
use super::fields::Fields;
use super::pages;
use super::refusal::{Refusal, status_of};
use super::reply::{Wants, json, see_other};
use super::syncs::{self, outcome};
use crate::answers::SyncAnswer;
use crate::consult::Tested;
use crate::error::Error;
use crate::store::Brake;
use crate::sync::{Options, Outcome};

type Reply = std::result::Result<Response, Refusal>;

/// How long a browser without our script waits for a sync before it is shown how far it has come.
const GLANCE: Duration = Duration::from_secs(2);

/// `POST /connectors/<name>/test`
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Json);
    let kind = kind_of(&app, &name).await?;
    let (tell, told) = oneshot::channel();
    let tester = Arc::clone(&app);
    let work = move || {
        // Nobody may be waiting any more.
        let _ = tell.send(tester.consult().and_then(|consult| consult.test(&name)));
    };
    // A source may take minutes to answer: those who only look must not queue behind it.
    let thread = std::thread::Builder::new().name("test".to_owned());
    thread.spawn(work).map_err(Error::no_thread)?;
    let Tested { answer, failure } = outcome(told).await?;
    let status = match &failure {
        Some(error) => status_of(error),
        None if answer.success => StatusCode::OK,
        None => StatusCode::BAD_GATEWAY,
    };
    Ok(match wants {
        Wants::Json => json(status, &answer),
        Wants::Page => pages::tested(&app.access, &answer, &kind).with_status(status),
    })
}

/// `POST /connectors/<name>/sync`
pub(super) async fn sync(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Json);
    kind_of(&app, &name).await?;
    let options = Options {
        table: fields.table("source")?,
        since: fields.instant("last_sync")?,
        full: false,
        dry_run: false,
        brake: Brake::On,
    };
    let told = syncs::start(&app, &name, options);
    let told = match told {
        Ok(told) if wants == Wants::Json || waits(&headers) => told,
        Ok(told) => {
            return match timeout(GLANCE, outcome(told)).await {
                Ok(Err(error)) => Err(error.into()),
                _ => Ok(see_other(&format!("/connectors/{name}"))),
            };
        }
        Err(error) => return not_begun(&app, &name, wants, &error).await,
    };
    match outcome(told).await {
        Ok(outcome) => Ok(synced(&app, wants, &outcome)),
        Err(error) => not_begun(&app, &name, wants, &error).await,
    }
}

/// Whether the client says that it can wait (RFC 7240, `wait`).
fn waits(headers: &HeaderMap) -> bool {
    let prefer = headers.get("prefer").and_then(|value| value.to_str().ok());
    prefer.is_some_and(|prefer| prefer.trim_start().starts_with("wait="))
}

fn synced(app: &App, wants: Wants, outcome: &Outcome) -> Response {
    let answer = SyncAnswer::from(&outcome.log);
    let status = match outcome.stopped_by {
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
        None if answer.success => StatusCode::OK,
        None => StatusCode::BAD_GATEWAY,
    };
    match wants {
        Wants::Json => json(status, &answer),
        Wants::Page => {
            pages::synced(&app.access, &answer, outcome.already_read).with_status(status)
        }
    }
}

/// What is answered when a sync did not even begin.
async fn not_begun(app: &Arc<App>, name: &str, wants: Wants, error: &Error) -> Reply {
    if wants == Wants::Page {
        return Err(error.into());
    }
    let registry = app.off_thread(App::registry).await??;
    let kind = registry.get(name).ok().map(|one| one.kind.as_str());
    let answer = SyncAnswer::not_begun(name, kind, false, &error.full_text());
    Ok(json(status_of(error), &answer))
}

/// The type of the connector called `name`; a name that nobody registered is refused.
async fn kind_of(app: &Arc<App>, name: &str) -> std::result::Result<String, Refusal> {
    let registry = app.off_thread(App::registry).await?;
    let registry = registry.map_err(|error| Refusal::broken(&error))?;
    match registry.get(name) {
        Ok(registration) => Ok(registration.kind.clone()),
        Err(error) => Err(Refusal::unknown(&error)),
    }
}
