//! Web pages and endpoints: the same as the commands, in a browser.
//!
//! - [`connections`]: the listening socket, its limits and its orderly end.
//! - [`access`]: authentication. Every request passes it before any route.
//! - [`routes`]: all paths. [`queries`] handles requests that only read, [`registration`] those that add a connector,
//!   [`changes`] those that change or remove one, [`actions`] those that test, sync or stop one. [`reject_file`] streams rejects as a file.
//! - [`app`]: state of all requests: running syncs and tests, each on its own thread, and the events of their progress.
//! - [`pages`]: the HTML. [`assets`]: the stylesheet and the script.
//! - [`refusal`]: failures, as a page or as JSON.
//!
//! Only this module is asynchronous: the library is synchronous, and its work runs on blocking threads.

mod access;
mod actions;
mod advice;
mod app;
mod assets;
mod changes;
mod connections;
mod environment;
mod fields;
mod inbox;
mod pages;
mod queries;
mod refusal;
mod registration;
mod reject_file;
mod reply;
mod routes;
mod setting_fields;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use tracing::info;

pub use self::environment::Environment;

use self::access::{Access, Entry};
use self::app::App;
use crate::error::{Advice, Error, Result, io_reason};
use crate::home::Home;
use crate::stop::Stop;

/// Threads for requests: each holds a database open, and a request takes milliseconds.
const ANSWERING_THREADS: usize = 4;

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Listening address.
    pub address: SocketAddr,
    /// Accepted host names, besides `localhost` and IP addresses.
    pub hosts: Vec<String>,
    /// Whether all accounts of this machine have access without login.
    pub is_open: bool,
    /// The variables of the process.
    pub environment: Environment,
}

/// Login data for the terminal alone.
#[derive(Clone)]
pub struct Login {
    /// The code for the login page.
    pub code: String,
    /// URL that logs in once; `None` after its use.
    pub url: Option<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").finish_non_exhaustive()
    }
}

/// A listening server, which serves once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
}

impl Server {
    /// Listens on the address of `settings` for the connectors of `home`, until `stop` is requested.
    ///
    /// Fails with [`ErrorKind::Config`](crate::error::ErrorKind::Config) when other machines would have access without a token.
    pub fn bind(home: &Home, settings: Settings, stop: &Stop) -> Result<Self> {
        let entry = Entry::find(home, &settings)?;
        let listener = listen(settings.address)?;
        let address = listener
            .local_addr()
            .map_err(|error| unusable(settings.address, error))?;
        let access = Access::new(entry, address, &settings.hosts)?;
        let app = App::new(home.clone(), settings.environment, access, stop.clone());
        // An error that would fail every page is returned at once.
        app.queries()?;
        Ok(Self {
            listener,
            address,
            app: Arc::new(app),
        })
    }

    /// URL of the first page.
    pub fn url(&self) -> String {
        format!("http://{}/connectors", self.address)
    }

    /// Login code and URL, where users log in without a token.
    pub fn login(&self) -> Option<Login> {
        let (code, path) = self.app.access.shown_in_terminal()?;
        let url = path.map(|path| format!("http://{}{path}", self.address));
        Some(Login { code, url })
    }

    /// Whether other machines can connect.
    pub fn is_open_to_others(&self) -> bool {
        !self.address.ip().is_loopback()
    }

    /// Serves until a stop is requested; then waits for running syncs to end or roll back.
    pub fn run(self) -> Result<()> {
        connections::raise_file_limit();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(ANSWERING_THREADS)
            .build()
            .map_err(|error| unusable(self.address, error))?;
        info!(address = %self.address, "serving");
        let ended = runtime.block_on(connections::serve(self.listener, self.app));
        // A running test of a source only reads: it is not waited for.
        runtime.shutdown_background();
        info!("served");
        ended.map_err(|error| unusable(self.address, error))
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| unusable(address, error))
}

fn unusable(address: SocketAddr, error: std::io::Error) -> Error {
    let (what, advice) = match error.kind() {
        ErrorKind::AddrInUse => (
            format!("L'adresse {address} est déjà prise : un autre programme y répond"),
            Advice::ChooseAddress("127.0.0.1:5001".to_owned()),
        ),
        ErrorKind::AddrNotAvailable => (
            format!("L'adresse {address} n'est pas de cette machine"),
            Advice::ChooseAddress("127.0.0.1:5000, ou 0.0.0.0:5000 pour toutes".to_owned()),
        ),
        _ => (
            format!("Impossible de servir {address} : {}", io_reason(&error)),
            Advice::ChooseAddress(
                "127.0.0.1:5000, car les ports sous 1024 demandent des droits".to_owned(),
            ),
        ),
    };
    Error::store(what).advise(advice).because(error)
}
