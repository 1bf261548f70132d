//! The web pages and endpoints: what the commands tell and do, for people who never open a terminal.
//!
//! - [`connections`]: the listening socket, its limits and its orderly end.
//! - [`access`]: who may come in. Every request passes it before any route sees it.
//! - [`routes`]: every path there is. [`queries`] answers those that look, [`registration`] those that add a
//!   connector, [`actions`] those that test or sync one.
//! - [`syncs`] and [`testing`]: what was started from here, each on a thread of its own; [`events`] tells how far they have come.
//! - [`pages`]: the HTML. [`assets`]: the stylesheet and the script.
//! - [`refusal`]: how every failure is told, as a page or as JSON.
//!
//! This is the one place that knows of threads that wait for many: the library beneath is synchronous, and what it
//! does is done off the thread that serves.

mod access;
mod actions;
mod advice;
mod app;
mod assets;
mod connections;
mod environment;
mod fields;
mod pages;
mod queries;
mod refusal;
mod registration;
mod reply;
mod routes;

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

/// Threads that answer at the same time: each holds a database open, and an answer takes milliseconds.
const ANSWERING_THREADS: usize = 4;

/// Where to serve, and for whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen.
    pub address: SocketAddr,
    /// Names under which browsers may come, beside `localhost` and IP addresses.
    pub hosts: Vec<String>,
    /// Whether every account of this machine may come in without logging in.
    pub is_open: bool,
    /// The variables of the process.
    pub environment: Environment,
}

/// What the terminal shows to who started the server, and nobody else may see.
#[derive(Clone)]
pub struct Login {
    /// Typed on the login page.
    pub code: String,
    /// An address that lets in once, until it has.
    pub url: Option<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").finish_non_exhaustive()
    }
}

/// A server that listens already, and answers once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
}

impl Server {
    /// Listens on the address of `settings` for the connectors of `home`, until `stop` asks to stop.
    ///
    /// A [`Kind::Config`](crate::error::Kind::Config) error when others could come in without a token.
    pub fn bind(home: &Home, settings: Settings, stop: &Stop) -> Result<Self> {
        let entry = Entry::find(home, &settings)?;
        let listener = listen(settings.address)?;
        let address = listener
            .local_addr()
            .map_err(|error| unusable(settings.address, error))?;
        let access = Access::new(entry, address, &settings.hosts)?;
        let app = App::new(home.clone(), settings.environment, access, stop.clone());
        // What every page would fail of is better said at once.
        app.queries()?;
        Ok(Self {
            listener,
            address,
            app: Arc::new(app),
        })
    }

    /// Where browsers find it.
    pub fn url(&self) -> String {
        format!("http://{}/connectors", self.address)
    }

    /// What people come in with, where they log in without a token of their own.
    pub fn login(&self) -> Option<Login> {
        let (code, path) = self.app.access.shown_in_terminal()?;
        let url = path.map(|path| format!("http://{}{path}", self.address));
        Some(Login { code, url })
    }

    /// Whether other machines can reach it.
    pub fn is_open_to_others(&self) -> bool {
        !self.address.ip().is_loopback()
    }

    /// Answers until it is asked to stop; then lets what is under way come to its end, or roll back.
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
        // Whoever still tests a source only reads: nobody waits for that.
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
