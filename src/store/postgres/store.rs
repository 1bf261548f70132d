//! The open store: the server, and the working copy where something is written.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tracing::{debug, warn};

use super::fetch::{self, Wanted};
use super::lease::Lease;
use super::publish::Link;
use super::schema;
use super::server::Server;
use super::shapes::Shape;
use super::tracking;
use crate::canonical::Table;
use crate::error::{Advice, Result};
use crate::home::Home;
use crate::report::RunStatus;
use crate::store::sqlite;

/// One estate on a server.
#[derive(Debug)]
pub(in crate::store) struct Store {
    pub(super) server: Arc<Server>,
    path: PathBuf,
    leases: Vec<super::lease::Held>,
    copy: OnceCell<Copy>,
    /// A dry run writes the working copy alone, and is rolled back.
    is_dry: Cell<bool>,
}

/// A working copy.
#[derive(Debug)]
struct Copy {
    file: sqlite::Store,
    link: Arc<Link>,
    /// Sources that were brought up to date. Under their leases nobody else changes them.
    fetched: RefCell<BTreeSet<String>>,
    /// Whether all sources and the history were.
    is_whole: Cell<bool>,
}

impl Store {
    /// Opens the estate of `home` to write under `leases`; creates or migrates the schema.
    pub(in crate::store) fn open(home: &Home, server: Server, leases: &[&Lease]) -> Result<Self> {
        schema::migrate(&server)?;
        let leases: Vec<_> = leases.iter().map(|lease| lease.held()).collect();
        Ok(Self::on(home, server, leases))
    }

    /// Opens the estate of `home`; `None` where the server has no schema yet.
    pub(in crate::store) fn open_existing(
        home: &Home,
        server: Server,
        leases: &[&Lease],
    ) -> Result<Option<Self>> {
        match schema::version(&server)? {
            None => Ok(None),
            version if schema::is_newest(version) && leases.is_empty() => {
                Ok(Some(Self::on(home, server, Vec::new())))
            }
            Some(_) => Self::open(home, server, leases).map(Some),
        }
    }

    fn on(home: &Home, server: Server, leases: Vec<super::lease::Held>) -> Self {
        Self {
            server: Arc::new(server),
            path: home.working_copy(),
            leases,
            copy: OnceCell::new(),
            is_dry: Cell::new(false),
        }
    }

    /// The working copy, up to date in all of `sources`.
    pub(in crate::store) fn copy_of(&self, sources: &[&str]) -> Result<&sqlite::Store> {
        let copy = self.copy()?;
        let known = |source: &&&str| !copy.fetched.borrow().contains(**source);
        let missing: Vec<&str> = sources.iter().filter(known).copied().collect();
        if !missing.is_empty() {
            self.bring_up_to_date(copy, Wanted::Sources(&missing))?;
            let mut fetched = copy.fetched.borrow_mut();
            fetched.extend(missing.into_iter().map(str::to_owned));
        }
        Ok(&copy.file)
    }

    /// The working copy with all sources and the history.
    pub(in crate::store) fn copy_of_all(&self) -> Result<&sqlite::Store> {
        let copy = self.copy()?;
        if !copy.is_whole.get() {
            self.bring_up_to_date(copy, Wanted::Everything)?;
            copy.is_whole.set(true);
        }
        Ok(&copy.file)
    }

    /// The working copy, up to date in `tables` of `source`, or of all sources.
    pub(in crate::store) fn copy_of_tables(
        &self,
        source: Option<&str>,
        tables: &[&str],
    ) -> Result<&sqlite::Store> {
        let copy = self.copy()?;
        self.bring_up_to_date(copy, Wanted::Tables(source, tables))?;
        Ok(&copy.file)
    }

    /// The working copy, up to date in `source` and in the numbers of its runs.
    pub(in crate::store) fn copy_with_runs(&self, source: &str) -> Result<&sqlite::Store> {
        let file = self.copy_of(&[source])?;
        fetch::fetch_runs(&self.copy()?.link, file, source)?;
        Ok(file)
    }

    fn bring_up_to_date(&self, copy: &Copy, wanted: Wanted<'_>) -> Result<()> {
        if self.is_dry.get() && !copy.file.is_autocommit() {
            return Ok(()); // It was when the dry run began.
        }
        if fetch::fetch(&copy.link, &copy.file, wanted)? {
            // The file may still hold old bytes of customers who were erased on another machine.
            copy.file.rewrite()?;
        }
        Ok(())
    }

    fn copy(&self) -> Result<&Copy> {
        if let Some(copy) = self.copy.get() {
            return Ok(copy);
        }
        let opened = self.open_copy()?;
        Ok(self.copy.get_or_init(|| opened))
    }

    fn open_copy(&self) -> Result<Copy> {
        let mut file = self.open_file()?;
        fetch::prepare(&file, &schema::identity(&self.server)?)?;
        let shapes = Arc::new(Shape::all(file.connection(), &self.server)?);
        tracking::begin(file.connection(), &shapes)?;
        let link = Arc::new(Link {
            server: Arc::clone(&self.server),
            shapes,
            leases: self.leases.clone(),
            whole: Mutex::new(None),
        });
        file.publish_by(Box::new(Arc::clone(&link)));
        debug!(path = %self.path.display(), "working copy open");
        Ok(Copy {
            file,
            link,
            fetched: RefCell::default(),
            is_whole: Cell::default(),
        })
    }

    /// The file of the working copy, a new one in place of one that cannot be read.
    fn open_file(&self) -> Result<sqlite::Store> {
        let open = || sqlite::Store::open_waiting(&self.path, || Ok(()));
        open().or_else(|error| {
            if !error.advice().contains(&Advice::FullRefresh) {
                return Err(error);
            }
            warn!(%error, "working copy begun anew");
            sqlite::remove_file(&self.path);
            open()
        })
    }

    /// The working copy, to load `table` of `source`. Where there is no row yet, all will be new: they are not noted one
    /// by one.
    pub(in crate::store) fn copy_to_load(
        &self,
        source: &str,
        table: Table,
    ) -> Result<&sqlite::Store> {
        let file = self.copy_of(&[source])?;
        let copy = self.copy()?;
        if !file.is_autocommit() {
            return Ok(file);
        }
        let db = file.connection();
        let name = table.sql_name();
        let is_first = file.row_count(source, table)? == 0;
        let shape = copy.link.shapes.iter().find(|shape| shape.name == name);
        let whole = is_first.then(|| (source.to_owned(), name.to_owned()));
        *copy
            .link
            .whole
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = whole;
        tracking::resume(db, &copy.link.shapes)?;
        if let Some(shape) = shape.filter(|_| is_first) {
            tracking::pause_inserts(db, shape)?;
        }
        Ok(file)
    }

    /// The folder of the working copy.
    pub(in crate::store) fn folder(&self) -> PathBuf {
        let folder = self.path.parent();
        folder.map_or_else(std::env::temp_dir, std::path::Path::to_path_buf)
    }

    /// The working copy in place of the server, where a dry run reads what it wrote.
    pub(in crate::store) fn dry(&self) -> Option<&sqlite::Store> {
        let copy = self.copy.get().filter(|_| self.is_dry.get())?;
        Some(&copy.file)
    }

    pub(in crate::store) fn dry_run<T>(
        &self,
        source: Option<&str>,
        waiting: impl FnMut() -> Result<()>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let file = match source {
            Some(source) => self.copy_of(&[source])?,
            None => self.copy_of_all()?,
        };
        self.is_dry.set(true);
        let done = file.dry_run(waiting, work);
        self.is_dry.set(false);
        done
    }

    /// Writes the start of a run: the server gives its number, and the working copy gets it too.
    pub(in crate::store) fn start_run(
        &self,
        source: &str,
        connector_type: &str,
        now: Timestamp,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<i64> {
        if let Some(file) = self.dry() {
            return file.start_run(source, connector_type, now, waiting);
        }
        let status = RunStatus::Running.as_str();
        let sql = self.server.sql(
            "INSERT INTO @runs (estate, source, connector_type, status, started_at)
             VALUES ($1, $2, $3, $4, $5) RETURNING run_id",
        );
        let estate = self.server.estate();
        let run_id: i64 = self.server.transaction(|to| -> Result<i64> {
            let row = to.query_one(&sql, &[&estate, &source, &connector_type, &status, &now])?;
            let known = to.execute(
                &self
                    .server
                    .sql("UPDATE @connectors SET type = $3 WHERE estate = $1 AND name = $2"),
                &[&estate, &source, &connector_type],
            )?;
            if known == 0 {
                to.execute(
                    &self
                        .server
                        .sql("INSERT INTO @connectors (estate, name, type) VALUES ($1, $2, $3)"),
                    &[&estate, &source, &connector_type],
                )?;
            }
            Ok(row.try_get(0)?)
        })?;
        let copy = self.copy()?;
        copy.file
            .note_run(run_id, source, connector_type, now, waiting)?;
        copy.link.forget(copy.file.connection())?;
        Ok(run_id)
    }
}
