//! Handlers that test, sync or stop a connector.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::{sleep, timeout};

use super::app::syncs::{self, outcome};
use super::app::{App, test_runs};
use super::fields::Fields;
use super::pages;
use super::refusal::{Refusal, status_of};
use super::reply::{Wants, json, see_other};
use crate::error::{Error, Result};
use crate::json::{StopAnswer, SyncAnswer};
use crate::queries::Tested;
use crate::store::ShrinkLimit;
use crate::sync::{Options, Outcome};

type Reply = std::result::Result<Response, Refusal>;

/// How long a browser without our script waits for a sync before it sees the progress.
const GLANCE: Duration = Duration::from_secs(2);

/// Pause between two checks whether a stopped sync is over.
const TICK: Duration = Duration::from_millis(50);

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
    let options = options(&fields)?;
    let kind = match kind_of(&app, &name).await? {
        Ok(kind) => kind,
        Err(unknown) if wants == Wants::Page => return Err(Refusal::unknown(&unknown)),
        Err(unknown) => {
            let answer = not_begun(&name, None, &options, &unknown);
            return Ok(json(StatusCode::NOT_FOUND, &answer));
        }
    };
    // The history does not keep a dry run: only its own response shows the result.
    let has_patience = wants == Wants::Json || waits(&headers) || options.dry_run;
    let ended = match syncs::start(&app, &name, options.clone()) {
        Ok(result) if has_patience => outcome(result).await,
        Ok(result) => match timeout(GLANCE, outcome(result)).await {
            Ok(Err(error)) => Err(error),
            // The connector's page shows the result or the progress.
            _ => return Ok(see_other(&format!("/connectors/{name}"))),
        },
        Err(error) => Err(error),
    };
    match (ended, wants) {
        (Ok(outcome), Wants::Json) => {
            let answer = answer(&outcome, &options);
            Ok(json(status_of_outcome(&outcome), &answer))
        }
        (Ok(outcome), Wants::Page) => {
            let page = pages::synced(&app.access, &outcome, &answer(&outcome, &options), &options);
            Ok(page.with_status(status_of_outcome(&outcome)))
        }
        (Err(error), Wants::Page) => Err(error.into()),
        (Err(error), Wants::Json) => {
            let answer = not_begun(&name, Some(&kind), &options, &error);
            Ok(json(status_of(&error), &answer))
        }
    }
}

/// `POST /connectors/api/sync-all`. A page shows the syncs that were started; JSON has their results.
pub(super) async fn sync_all(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let options = options(&fields)?;
    let registry = app.off_thread(App::registry).await?;
    let registry = registry.map_err(|error| Refusal::unusable(&error))?;
    let mut started = Vec::with_capacity(registry.all().len());
    for one in registry.all() {
        started.push((one, syncs::start(&app, &one.name, options.clone())));
    }
    if Wants::of(&headers, Wants::Json) == Wants::Page {
        return Ok(see_other("/connectors"));
    }
    let mut status = StatusCode::OK;
    let mut answers = Vec::with_capacity(started.len());
    for (one, result) in started {
        let ended = match result {
            Ok(result) => outcome(result).await,
            Err(error) => Err(error),
        };
        let (own_status, answer) = match ended {
            Ok(outcome) => (status_of_outcome(&outcome), answer(&outcome, &options)),
            Err(error) => {
                let answer = not_begun(&one.name, Some(&one.kind), &options, &error);
                (status_of(&error), answer)
            }
        };
        status = status.max(own_status);
        answers.push(answer);
    }
    Ok(json(status, &answers))
}

/// `POST /connectors/<name>/stop`: stops a sync that this server runs.
pub(super) async fn stop(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Json);
    let known = kind_of(&app, &name).await?;
    known.map_err(|unknown| Refusal::unknown(&unknown))?;
    if !app.syncs.stop(&name) {
        let elsewhere = app.off_thread(|app| app.queries()?.pulse()).await??.0;
        return match wants {
            _ if elsewhere.contains(&name) => Err(runs_elsewhere(&name)),
            // It ended before the click: the page shows the result.
            Wants::Page => Ok(see_other(&format!("/connectors/{name}"))),
            Wants::Json => Err(nothing_to_stop(&name)),
        };
    }
    let is_over = async {
        while app.syncs.has(&name) {
            sleep(TICK).await;
        }
    };
    // Most syncs stop at once; a slow source may take longer, and the page shows that.
    let _ = timeout(GLANCE, is_over).await;
    Ok(match wants {
        Wants::Page => see_other(&format!("/connectors/{name}")),
        Wants::Json => json(
            StatusCode::ACCEPTED,
            &StopAnswer {
                success: true,
                message: format!("Arrêt de la synchronisation de « {name} » demandé"),
                connector_name: name,
            },
        ),
    })
}

fn runs_elsewhere(name: &str) -> Refusal {
    let message = format!(
        "« {name} » est synchronisé par un autre programme, que ce serveur ne peut pas arrêter"
    );
    Refusal::new(StatusCode::CONFLICT, message).hint(
        "Arrêtez-le là où il a été lancé : Ctrl-C dans son terminal, ou le service qui l'a lancé",
    )
}

fn nothing_to_stop(name: &str) -> Refusal {
    let message = format!("« {name} » n'est pas en cours de synchronisation : rien à arrêter");
    Refusal::new(StatusCode::CONFLICT, message)
}

/// The options of a sync in a form or a JSON object, named as the flags of the command.
fn options(fields: &Fields) -> std::result::Result<Options, Refusal> {
    Ok(Options {
        table: fields.table("source")?,
        since: fields.instant("last_sync")?,
        full: fields.flag("full")?,
        dry_run: fields.flag("dry_run")?,
        shrink_limit: if fields.flag("allow_shrink")? {
            ShrinkLimit::Lifted
        } else {
            ShrinkLimit::Enforced
        },
        accepts_rejects: false,
    })
}

/// Whether the client allows waiting (RFC 7240, `wait`).
fn waits(headers: &HeaderMap) -> bool {
    let prefer = headers.get("prefer").and_then(|value| value.to_str().ok());
    prefer.is_some_and(|prefer| prefer.trim_start().starts_with("wait="))
}

fn status_of_outcome(outcome: &Outcome) -> StatusCode {
    match outcome.stopped_by {
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
        None if outcome.log.is_success() => StatusCode::OK,
        None => StatusCode::BAD_GATEWAY,
    }
}

fn answer(outcome: &Outcome, options: &Options) -> SyncAnswer {
    let answer = SyncAnswer::from(&outcome.log);
    SyncAnswer {
        run_id: answer.run_id.filter(|_| !options.dry_run),
        dry_run: options.dry_run,
        ..answer
    }
}

/// The answer when a sync could not start.
fn not_begun(name: &str, kind: Option<&str>, options: &Options, error: &Error) -> SyncAnswer {
    SyncAnswer::not_begun(name, kind, options.dry_run, &error.full_text())
}

/// The type of the connector called `name`, or the error of an unknown name.
async fn kind_of(app: &Arc<App>, name: &str) -> std::result::Result<Result<String>, Refusal> {
    let registry = app.off_thread(App::registry).await?;
    let registry = registry.map_err(|error| Refusal::unusable(&error))?;
    Ok(registry
        .get(name)
        .map(|registration| registration.kind.clone()))
}
