//! The listening socket: how many may come, how long they may take, and an orderly end.

use std::io;
use std::net::TcpListener as StdListener;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tracing::{debug, info, warn};

use super::app::App;
use super::routes;

/// Connections open at the same time; further ones wait in the system's queue. One that says nothing costs 10 KiB.
const MOST_CONNECTIONS: usize = 2048;

/// Files a process may need beside them: databases, exports, logs.
#[cfg(unix)]
const OTHER_FILES: u64 = 512;

/// A request's head must be whole after this long; a connection that asks nothing more is closed after it too.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// A client must take some more of an answer after this long at most.
const READER_PATIENCE: Duration = Duration::from_secs(30);

/// Of a request's head.
const MOST_HEAD_BYTES: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

/// Between two looks whether somebody asked to stop.
const TICK: Duration = Duration::from_millis(100);

/// After a connection that the system could not give us: others may close meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// What answers still under way may take, once asked to stop. Syncs take what they need to end or roll back.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Answers whoever connects to `listener` until `app` is asked to stop.
pub(super) async fn serve(listener: StdListener, app: Arc<App>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let stop = app.stop.clone();
    let service = TowerToHyperService::new(routes::all(Arc::clone(&app)));
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let under_way = GracefulShutdown::new();
    while stop.check().is_ok() {
        match timeout(TICK, accept(&listener, &places)).await {
            Err(_) => {}
            Ok(Ok((stream, place))) => {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_PATIENCE)
                    .max_buf_size(MOST_HEAD_BYTES)
                    .max_headers(MOST_HEADERS)
                    .serve_connection(TokioIo::new(patient(stream)), service.clone());
                let connection = under_way.watch(connection);
                tokio::spawn(async move {
                    let _place = place;
                    if let Err(error) = connection.await {
                        debug!(%error, "connection ended");
                    }
                });
            }
            Ok(Err(error)) => {
                warn!(%error, "no connection to be had");
                sleep(PAUSE).await;
            }
        }
    }
    info!("asked to stop");
    drop(listener);
    while !app.syncs.are_over() {
        sleep(TICK).await;
    }
    if timeout(LAST_ANSWERS, under_way.shutdown()).await.is_err() {
        warn!("some answers were cut short");
    }
    Ok(())
}

/// `stream`, which fails once the client has taken nothing of an answer for too long: else those who never read could
/// hold every connection there is.
fn patient(stream: TcpStream) -> Pin<Box<TimeoutStream<TcpStream>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(READER_PATIENCE));
    Box::pin(stream)
}

/// The next who connects, once there is a place for him.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // A page is one write: nothing is won by waiting to fill packets.
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

/// Lets the process hold as many files as its connections need, where the system grants it. What it does not grant
/// makes further connections wait.
pub(super) fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        let wanted = u64::try_from(MOST_CONNECTIONS).unwrap_or(u64::MAX) + OTHER_FILES;
        let granted = limit.maximum.map_or(wanted, |most| most.min(wanted));
        if limit.current.is_some_and(|current| current < granted) {
            limit.current = Some(granted);
            if let Err(error) = setrlimit(Resource::Nofile, limit) {
                warn!(%error, "the limit of open files stays as it was");
            }
        }
    }
}
