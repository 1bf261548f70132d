//! Handlers that test or sync a connector.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::timeout;

use super::app::syncs::{self, outcome};
use super::app::{App, test_runs};
use super::fields::Fields;
use super::pages;
use super::refusal::{Refusal, status_of};
use super::reply::{Wants, json, see_other};
use crate::error::{Error, Result};
use crate::json::SyncAnswer;
use crate::queries::Tested;
use crate::store::ShrinkLimit;
use crate::sync::{Options, Outcome};

type Reply = std::result::Result<Response, Refusal>;

/// How long a browser without our script waits for a sync before it sees the progress.
const GLANCE: Duration = Duration::from_secs(2);

/// `POST /connectors/<name>/test`
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Json);
    let kind = kind_of(&app, &name).await?;
    let Tested { answer, failure } = test_runs::test(&app, &name).await?;
    let status = match (&failure, &kind) {
        (Some(_), Err(_)) => StatusCode::NOT_FOUND,
        (Some(error), Ok(_)) => status_of(error),
        (None, _) if answer.success => StatusCode::OK,
        (None, _) => StatusCode::BAD_GATEWAY,
    };
    match (wants, kind) {
        (Wants::Json, _) => Ok(json(status, &answer)),
        (Wants::Page, Ok(kind)) => {
            Ok(pages::tested(&app.access, &answer, &kind).with_status(status))
        }
        (Wants::Page, Err(unknown)) => Err(Refusal::unknown(&unknown)),
    }
}

/// `POST /connectors/<name>/sync`
pub(super) async fn sync(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Json);
    let kind = match kind_of(&app, &name).await? {
        Ok(kind) => kind,
        Err(unknown) if wants == Wants::Page => return Err(Refusal::unknown(&unknown)),
        Err(unknown) => return Ok(not_begun(&name, None, StatusCode::NOT_FOUND, &unknown)),
    };
    let options = Options {
        table: fields.table("source")?,
        since: fields.instant("last_sync")?,
        full: false,
        dry_run: false,
        shrink_limit: ShrinkLimit::Enforced,
    };
    let ended = match syncs::start(&app, &name, options) {
        Ok(result) if wants == Wants::Json || waits(&headers) => outcome(result).await,
        Ok(result) => match timeout(GLANCE, outcome(result)).await {
            Ok(Err(error)) => Err(error),
            // The connector's page shows the result or the progress.
            _ => return Ok(see_other(&format!("/connectors/{name}"))),
        },
        Err(error) => Err(error),
    };
    match ended {
        Ok(outcome) => Ok(synced(&app, wants, &outcome)),
        Err(error) if wants == Wants::Page => Err(error.into()),
        Err(error) => Ok(not_begun(&name, Some(&kind), status_of(&error), &error)),
    }
}

/// Whether the client allows waiting (RFC 7240, `wait`).
fn waits(headers: &HeaderMap) -> bool {
    let prefer = headers.get("prefer").and_then(|value| value.to_str().ok());
    prefer.is_some_and(|prefer| prefer.trim_start().starts_with("wait="))
}

fn synced(app: &App, wants: Wants, outcome: &Outcome) -> Response {
    let answer = SyncAnswer::from(&outcome.log);
    let status = match outcome.stopped_by {
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
        None if outcome.log.is_success() => StatusCode::OK,
        None => StatusCode::BAD_GATEWAY,
    };
    match wants {
        Wants::Json => json(status, &answer),
        Wants::Page => {
            pages::synced(&app.access, &answer, outcome.already_read).with_status(status)
        }
    }
}

/// The response when a sync could not start.
fn not_begun(name: &str, kind: Option<&str>, status: StatusCode, error: &Error) -> Response {
    let answer = SyncAnswer::not_begun(name, kind, false, &error.full_text());
    json(status, &answer)
}

/// The type of the connector called `name`, or the error of an unknown name.
async fn kind_of(app: &Arc<App>, name: &str) -> std::result::Result<Result<String>, Refusal> {
    let registry = app.off_thread(App::registry).await?;
    let registry = registry.map_err(|error| Refusal::unusable(&error))?;
    Ok(registry
        .get(name)
        .map(|registration| registration.kind.clone()))
}
