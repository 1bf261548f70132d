//! The listening socket: limits of connections and time, and an orderly end.

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

/// Most open connections; others wait in the system's queue. An idle one costs 10 KiB.
const MOST_CONNECTIONS: usize = 2048;

/// Other files that the process may open: databases, exports, logs.
#[cfg(unix)]
const OTHER_FILES: u64 = 512;

/// Time limit for a request's head, and for an idle connection.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Time limit for a client to read some more of a response.
const READER_PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes of a request's head.
const MOST_HEAD_BYTES: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

/// Pause between two checks for a stop.
const TICK: Duration = Duration::from_millis(100);

/// Pause after a failed `accept`: other connections may close meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// Time limit for open responses after a stop. Syncs take the time they need to end or roll back.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Serves connections of `listener` until `app` is stopped.
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

/// `stream` with a timeout for writes: otherwise clients that never read could hold all connections.
fn patient(stream: TcpStream) -> Pin<Box<TimeoutStream<TcpStream>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(READER_PATIENCE));
    Box::pin(stream)
}

/// Accepts the next connection, once the limit allows it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // A page is one write: delaying packets saves nothing.
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

/// Raises the process's limit of open files to what its connections need, as far as the system allows. Beyond the
/// limit, connections wait.
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
