//! Handlers that only read: pages for people, the commands' JSON for machines.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::app::App;
use super::fields::Fields;
use super::pages::{self, Overview, Search};
use super::refusal::Refusal;
use super::reply::{Wants, json};
use crate::connectors::Words;
use crate::error::Result;
use crate::json::HealthAnswer;
use crate::queries::Queries;
use crate::registry::check_name;

type Reply = std::result::Result<Response, Refusal>;

/// Entries per page of history, as documented.
const LOGS: u64 = 50;

/// Runs per page of history in HTML.
const RUNS: u64 = 10;

/// Runs in the picture of a card, and most runs that the charts of a connector are made of.
const SPARKS: u64 = 8;
const POINTS: u64 = 1000;

/// Rejects per page, and per run on its connector's page.
const REJECTS: u64 = 50;
const FIRST_REJECTS: u64 = 5;

/// Most entries of a request, few enough for memory.
pub(super) const MOST_ENTRIES: u64 = 1000;

/// `GET /connectors`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let fields = Fields::of_query(query.as_deref());
    let search = Search::of(&fields)?;
    let offset = fields.number("offset", 0, u64::MAX)?;
    let removed = fields.get("retire").map(str::to_owned);
    answer(&app, move |queries, app| {
        let answer = queries.list()?;
        let is_removed = |name: &String| check_name(name).is_ok() && !queries.is_registered(name);
        if wants == Wants::Json {
            return Ok(json(StatusCode::OK, &answer));
        }
        let overview = Overview {
            removed: removed.filter(is_removed),
            leftovers: queries.rows_of(&answer.leftovers)?,
            answer,
            search,
            offset,
            accepted: queries.accepted_by_run(SPARKS)?,
            readings: app.syncs.readings(),
        };
        Ok(pages::list(&app.access, &overview).into_response())
    })
    .await
}

/// `GET /connectors/<name>`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let fields = Fields::of_query(query.as_deref());
    let offset = fields.number("offset", 0, u64::MAX)?;
    let run_id = fields.run_id("run")?;
    let news = match (fields.get("enregistre"), fields.get("modifie")) {
        (Some(_), _) => Some(pages::News::Registered),
        (None, Some(_)) => Some(pages::News::Changed),
        (None, None) => None,
    };
    answer(&app, move |queries, app| {
        if wants == Wants::Json {
            return Ok(json(StatusCode::OK, &queries.show(&name)?));
        }
        let details = pages::Details {
            open_run: run_id,
            reading: app.syncs.reading(&name),
            trends: pages::Trends {
                rows: queries.rows_by_run(&name, POINTS)?,
                sales: app.sales.by_month(queries, &name)?,
            },
            ..details(queries, &name, offset)?
        };
        Ok(pages::detail(&app.access, &details, news).into_response())
    })
    .await
}

/// Contents of the page of connector `name`, with its runs after the `offset` newest.
fn details(queries: &Queries, name: &str, offset: u64) -> Result<pages::Details> {
    let shown = queries.show(name)?;
    let logs = queries.logs(name, RUNS, offset)?;
    let mut rejects = Vec::new();
    let mut receipts = Vec::new();
    for log in &logs.logs {
        if let Some(run_id) = log.run_id {
            receipts.push(queries.receipt(name, Some(run_id), false)?);
        }
        let has_rejects = log.records.0.iter().any(|(_, counts)| counts.rejected > 0);
        if let Some(run_id) = log.run_id.filter(|_| has_rejects) {
            rejects.push(queries.rejects(name, Some(run_id), FIRST_REJECTS, 0)?);
        }
    }
    Ok(pages::Details {
        retention: queries.retention(),
        cautions: cautions(queries, name),
        words: Words::of(&shown.status.r#type),
        shown,
        logs,
        rejects,
        receipts,
        open_run: None,
        reading: None,
        trends: pages::Trends::default(),
    })
}

/// Remarks about valid settings of `name`, and about folders that are not there.
fn cautions(queries: &Queries, name: &str) -> Vec<String> {
    let missing = queries.missing_folders(name).into_iter();
    let missing = missing.map(|folder| format!("Le dossier {folder} n'existe pas pour le moment"));
    queries.caution(name).into_iter().chain(missing).collect()
}

/// `GET /connectors/<name>/logs`
pub(super) async fn logs(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Reply {
    let fields = Fields::of_query(query.as_deref());
    let limit = fields.number("limit", LOGS, MOST_ENTRIES)?;
    let offset = fields.number("offset", 0, u64::MAX)?;
    answer(&app, move |queries, _| {
        Ok(json(StatusCode::OK, &queries.logs(&name, limit, offset)?))
    })
    .await
}

/// `GET /connectors/<name>/receipt`
pub(super) async fn receipt(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let fields = Fields::of_query(query.as_deref());
    let offset = fields.number("offset", 0, u64::MAX)?;
    let run_id = fields.run_id("run")?;
    answer(&app, move |queries, app| {
        let is_page = wants != Wants::Json;
        // A page does not wait for a scan of the tables.
        let answer = queries.receipt(&name, run_id, !is_page)?;
        if !is_page {
            return Ok(json(StatusCode::OK, &answer));
        }
        let words = words(queries, &name);
        Ok(pages::receipt(&app.access, &answer, words, offset).into_response())
    })
    .await
}

/// `GET /connectors/<name>/rejects`
pub(super) async fn rejects(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let fields = Fields::of_query(query.as_deref());
    let limit = fields.number("limit", REJECTS, MOST_ENTRIES)?.max(1);
    let offset = fields.number("offset", 0, u64::MAX)?;
    let run_id = fields.run_id("run")?;
    answer(&app, move |queries, app| {
        let answer = queries.rejects(&name, run_id, limit, offset)?;
        if wants == Wants::Json {
            return Ok(json(StatusCode::OK, &answer));
        }
        let words = words(queries, &name);
        Ok(pages::rejects(&app.access, &answer, words).into_response())
    })
    .await
}

/// Names of the parts of the source of connector `name`; general ones when it is removed.
pub(super) fn words(queries: &Queries, name: &str) -> Words {
    let shown = queries.show(name);
    shown.map_or(Words::of(""), |shown| Words::of(&shown.status.r#type))
}

/// `GET /connectors/api/status`
pub(super) async fn status(State(app): State<Arc<App>>) -> Reply {
    document(&app, |queries| queries.status(None)).await
}

/// `GET /connectors/api/metrics`
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Reply {
    document(&app, Queries::metrics).await
}

/// `GET /healthz`: whether connectors and database can be read. Needs no login, so the reason is only logged.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    let asked = Instant::now();
    // Each check takes a thread and the database, and needs no login: simultaneous requests share one.
    let mut latest = app.health.lock().await;
    let success = match *latest {
        Some((at, success)) if at >= asked => success,
        _ => {
            let at = Instant::now();
            let looked = app.off_thread(|app| app.queries().map(drop)).await;
            let looked = looked.and_then(|looked| looked);
            let looked = looked.inspect_err(|error| error.log(None));
            *latest = Some((at, looked.is_ok()));
            looked.is_ok()
        }
    };
    drop(latest);
    let status = if success {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json(status, &HealthAnswer { success })
}

async fn document<A: Serialize>(
    app: &Arc<App>,
    look: impl FnOnce(&Queries) -> Result<A> + Send + 'static,
) -> Reply {
    let work = |queries: &Queries, _: &App| Ok(json(StatusCode::OK, &look(queries)?));
    answer(app, work).await
}

/// Runs `look` on a blocking thread. Its only error that the client causes is an unknown connector.
pub(super) async fn answer(
    app: &Arc<App>,
    look: impl FnOnce(&Queries, &App) -> Result<Response> + Send + 'static,
) -> Reply {
    let answered = app
        .off_thread(move |app| {
            let queries = app.queries().map_err(|error| Refusal::unusable(&error))?;
            look(&queries, app).map_err(|error| Refusal::about_one(&error))
        })
        .await;
    answered?
}
