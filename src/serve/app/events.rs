//! Progress of syncs as server-sent events (HTML Living Standard, 9.2): with rows and bytes for syncs of this server,
//! by name for those of other processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep};

use super::App;
use super::meter::Reading;
use crate::canonical::Table;
use crate::error::Result;
use crate::json::{PulseAnswer, UnderWayAnswer};
use crate::serve::refusal::Refusal;
use crate::serve::reply::with_type;

/// Pause between two updates.
const PAUSE: Duration = Duration::from_millis(500);

/// A comment is sent at least this often, so that closed connections are noticed.
const SILENCE: Duration = Duration::from_secs(15);

/// A stream ends after this time; the browser reconnects by itself, and is authenticated again.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Most simultaneous streams.
const MOST_LISTENERS: usize = 64;

/// The current events, queried once for all streams.
#[derive(Debug)]
pub(in crate::serve) struct Pulse {
    latest: Mutex<Option<(Instant, Arc<str>)>>,
    places: Arc<Semaphore>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            latest: Mutex::default(),
            places: Arc::new(Semaphore::new(MOST_LISTENERS)),
        }
    }
}

/// `GET /connectors/api/events`
pub(in crate::serve) async fn events(
    State(app): State<Arc<App>>,
) -> std::result::Result<Response, Refusal> {
    let place = Arc::clone(&app.pulse.places).try_acquire_owned();
    let Ok(place) = place else {
        return Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Trop de pages écoutent en même temps",
        )
        .hint("Fermez-en, ou rechargez celle-ci à la main"));
    };
    let (sender, body) = Channel::<Bytes>::new(1);
    tokio::spawn(async move {
        let _place = place;
        // Fails when the page was closed: nothing to do.
        let _ = send_events(&app, sender).await;
    });
    let mut response = with_type(StatusCode::OK, "text/event-stream", Body::new(body));
    // nginx would buffer the events.
    let unbuffered = HeaderValue::from_static("no");
    response
        .headers_mut()
        .insert("x-accel-buffering", unbuffered);
    Ok(response)
}

/// The stream was closed.
struct Gone;

async fn send_events(app: &Arc<App>, mut sender: Sender<Bytes>) -> std::result::Result<(), Gone> {
    let mut last_sent: Option<Arc<str>> = None;
    let begun = Instant::now();
    let mut spoke = begun;
    while app.stop.check().is_ok() && begun.elapsed() < LIFETIME {
        // A database that cannot be read now may be readable the next time.
        let now = latest(app).await.ok();
        let event = match now {
            Some(now) if last_sent.as_ref() != Some(&now) => {
                let event = format!("event: pulse\ndata: {now}\n\n");
                last_sent = Some(now);
                Some(event)
            }
            _ if spoke.elapsed() >= SILENCE => Some(":\n\n".to_owned()),
            _ => None,
        };
        if let Some(event) = event {
            spoke = Instant::now();
            sender.send_data(event.into()).await.map_err(|_| Gone)?;
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// The latest result, or a new one.
async fn latest(app: &Arc<App>) -> Result<Arc<str>> {
    let mut latest = app.pulse.latest.lock().await;
    if let Some((at, text)) = &*latest
        && at.elapsed() < PAUSE
    {
        return Ok(Arc::clone(text));
    }
    let text: Arc<str> = app.off_thread(look).await??.into();
    *latest = Some((Instant::now(), Arc::clone(&text)));
    Ok(text)
}

fn look(app: &App) -> Result<String> {
    let (elsewhere, last_run_id) = app.queries()?.pulse()?;
    let mut under_way: BTreeMap<String, Reading> = elsewhere
        .into_iter()
        .map(|name| (name, Reading::default()))
        .collect();
    under_way.extend(app.syncs.readings());
    let syncing = under_way
        .into_iter()
        .map(|(connector_name, reading)| UnderWayAnswer {
            connector_name,
            run_bytes: reading.run_bytes(),
            run_of_bytes: reading.run_of_bytes,
            table: reading.table.map(Table::report_name),
            label: reading.table.map(Table::label),
            unit: reading.unit,
            bytes: reading.bytes,
            of_bytes: reading.of_bytes,
            rows: reading.rows,
        });
    let answer = PulseAnswer {
        syncing: syncing.collect(),
        last_run_id,
    };
    Ok(serde_json::to_string(&answer).unwrap_or_default())
}
