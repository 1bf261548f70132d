//! Handlers of the inbox of rejected rows.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::app::{App, syncs};
use super::fields::Fields;
use super::pages;
use super::queries::{MOST_ENTRIES, answer, words};
use super::refusal::Refusal;
use super::reply::{Wants, json, see_other};
use crate::error::Result;
use crate::json::FixAnswer;
use crate::store::{InboxQuery, RejectState};
use crate::sync::{Actor, Options};

type Reply = std::result::Result<Response, Refusal>;

/// Entries per page, in JSON and in HTML.
const ENTRIES: u64 = 50;
const SHOWN: u64 = 25;

/// `GET /rejects`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let fields = Fields::of_query(query.as_deref());
    let usual = if wants == Wants::Json { ENTRIES } else { SHOWN };
    let limit = fields.number("limit", usual, MOST_ENTRIES)?.max(1);
    let offset = fields.number("offset", 0, u64::MAX)?;
    let table = fields.table("table")?;
    let state = state(&fields)?;
    let name = fields.get("connector").map(str::to_owned);
    answer(&app, move |queries, app| {
        let query = InboxQuery {
            source: name.as_deref(),
            state,
            table,
            limit,
            offset,
        };
        let answer = queries.inbox(&query)?;
        if wants == Wants::Json {
            return Ok(json(StatusCode::OK, &answer));
        }
        let corrections = match &name {
            Some(name) => queries.corrections(name)?,
            None => Vec::new(),
        };
        let page = pages::Inbox {
            answer: &answer,
            state,
            table,
            corrections: &corrections,
        };
        Ok(pages::inbox(&app.access, &page).into_response())
    })
    .await
}

/// `GET /rejects/<name>/<id>`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    answer(&app, move |queries, app| {
        let answer = queries.reject(&name, &id)?;
        if wants == Wants::Json {
            return Ok(json(StatusCode::OK, &answer));
        }
        let words = words(queries, &name);
        Ok(pages::reject(&app.access, &answer, words).into_response())
    })
    .await
}

/// `POST /rejects/<name>/<id>/fix`: corrects the cells `c0`, `c1`… that differ from what the row says, or `field` to be
/// `value`. With `replay`, reads the rows again.
pub(super) async fn fix(
    State(app): State<Arc<App>>,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let replays = fields.flag("replay")?;
    let asked = (name.clone(), id);
    let done = act(&app, name, move |app, actor| {
        let (name, id) = &asked;
        let reject = app.queries()?.reject(name, id)?.reject;
        let cells = reject.cells.map(|cells| cells.0).unwrap_or_default();
        let typed = cells.iter().enumerate().filter_map(|(at, (header, cell))| {
            let typed = fields.raw(&format!("c{at}"))?;
            (typed != cell).then(|| (header.clone(), typed.to_owned()))
        });
        let named = fields.get("field").map(|field| {
            let value = fields.raw("value").unwrap_or_default();
            (field.to_owned(), value.to_owned())
        });
        let changes: Vec<_> = typed.chain(named).collect();
        let fixed = actor.fix_row(&reject.row, &changes, fields.get("note"))?;
        Ok((fixed.corrections, fixed.rows, "corrigée"))
    })
    .await?;
    after(&app, &headers, done, replays)
}

/// `POST /rejects/<name>/fix`: corrects `value` of `field` of `table` to be `to`, wherever it occurs.
pub(super) async fn fix_value(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let replays = fields.flag("replay")?;
    let table = fields.table("table")?;
    let missing = || {
        Refusal::bad_request("Il manque la table, la colonne, la valeur ou ce qu'elle doit être")
    };
    let (Some(table), Some(field), Some(value), Some(to)) = (
        table,
        fields.get("field").map(str::to_owned),
        fields.get("value").map(str::to_owned),
        fields.get("to").map(str::to_owned),
    ) else {
        return Err(missing());
    };
    let note = fields.get("note").map(str::to_owned);
    let done = act(&app, name, move |_, actor| {
        let fixed = actor.fix_value(table, &field, (&value, &to), note.as_deref())?;
        Ok((fixed.corrections, fixed.rows, "corrigée"))
    })
    .await?;
    after(&app, &headers, done, replays)
}

/// `POST /rejects/<name>/<id>/ignore`: lets the row stay out, for `reason`.
pub(super) async fn ignore(
    State(app): State<Arc<App>>,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let reason = fields.get("reason").map(str::to_owned);
    let reason = reason
        .ok_or_else(|| Refusal::bad_request("Dites pourquoi cette ligne peut rester de côté"))?;
    let done = act(&app, name, move |_, actor| {
        let rows = actor.ignore(&[id], &reason)?;
        Ok((Vec::new(), rows, "laissée de côté"))
    })
    .await?;
    after(&app, &headers, done, false)
}

/// `POST /rejects/<name>/undo`: takes the correction numbered `correction` back.
pub(super) async fn undo(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let number = fields.run_id("correction")?;
    let number = number.ok_or_else(|| Refusal::bad_request("Quelle correction ?"))?;
    let done = act(&app, name, move |_, actor| {
        actor.undo(&[number])?;
        Ok((vec![number], 0, "retirée"))
    })
    .await?;
    after(&app, &headers, done, false)
}

/// Corrections, rows, and the French participle of what was done to a row.
type Done = (Vec<i64>, u64, &'static str);

/// Runs `work` as somebody of the pages, on connector `name`; returns it with what was done.
async fn act(
    app: &Arc<App>,
    name: String,
    work: impl FnOnce(&App, &Actor<'_>) -> Result<Done> + Send + 'static,
) -> std::result::Result<(String, Done), Refusal> {
    let done = app
        .off_thread(move |app| {
            let registry = app.registry()?;
            let author = std::env::var("CRMRECO_AUTHOR").ok();
            let actor = Actor {
                home: &app.home,
                registry: &registry,
                name: &name,
                author: author.as_deref().unwrap_or("web"),
            };
            let done = work(app, &actor)?;
            Ok((name, done))
        })
        .await?;
    done.map_err(|error: crate::error::Error| Refusal::about_one(&error))
}

/// The answer to what was done. With `replays`, a sync reads the corrected rows again.
fn after(
    app: &Arc<App>,
    headers: &HeaderMap,
    (name, (corrections, rows, participle)): (String, Done),
    replays: bool,
) -> Reply {
    let options = Options {
        accepts_rejects: true,
        ..Options::default()
    };
    if replays {
        // Its result is on the page of the connector.
        drop(syncs::start(app, &name, options)?);
    }
    Ok(match Wants::of(headers, Wants::Page) {
        Wants::Page if replays => see_other(&format!("/connectors/{name}")),
        Wants::Page => see_other(&format!("/rejects?connector={name}")),
        Wants::Json => json(
            StatusCode::OK,
            &FixAnswer {
                success: true,
                message: crate::french::plural(
                    rows,
                    &format!("ligne {participle}"),
                    &format!("lignes {participle}s"),
                ),
                connector_name: name,
                corrections,
                rows,
            },
        ),
    })
}

/// The state that is asked for: open ones without one.
fn state(fields: &Fields) -> std::result::Result<Option<RejectState>, Refusal> {
    match fields.get("state") {
        None => Ok(Some(RejectState::Open)),
        Some("all") => Ok(None),
        Some(code) => {
            let known = RejectState::ALL.into_iter();
            let found = known.into_iter().find(|state| state.as_str() == code);
            let refuse =
                || Refusal::bad_request("« state » doit être open, fixed, ignored, closed ou all");
            found.map(Some).ok_or_else(refuse)
        }
    }
}
