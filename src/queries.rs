//! Queries without a sync: connectors, history, totals, and whether a source can be read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use tracing::error_span;

use crate::canonical::Table;
use crate::connectors::{Connector, ConnectorKind, MASK};
use crate::error::{Advice, Error, ErrorKind, Result};
use crate::home::Home;
use crate::json::{
    ByName, ByTable, CONNECTOR_STATUSES, CheckAnswer, ConnectorAnswer, CorrectionAnswer,
    CorrectionIndex, InboxAnswer, InboxEntryAnswer, ListAnswer, LogsAnswer, MetricsAnswer,
    ReceiptAnswer, RejectShowAnswer, RejectsAnswer, ShowAnswer, StatusAnswer, SyncAnswer,
    TestAnswer, local, seconds,
};
use crate::registry::{Registration, Registry};
use crate::report::{Message, RunLog, RunStatus, StoredNow, UnitReceipt};
use crate::retention::Retention;
use crate::stop::Stop;
use crate::store::{InboxQuery, MonthOfSales, RowsAt, Store, close_dead_runs};
use crate::sync;

/// Recent runs listed with the connectors.
const RECENT: u64 = 10;

/// Most groups of rejected rows in one answer.
const MOST_GROUPS: u64 = 100;

/// Queries on a home folder.
#[derive(Debug)]
pub struct Queries {
    registry: Registry,
    store: Store,
    /// Connectors with a requested sync, which may not have started.
    asked: BTreeSet<String>,
}

/// Result of testing a connector.
#[derive(Debug)]
pub struct Tested {
    /// The JSON output.
    pub answer: TestAnswer,
    /// Why it could not be read at all.
    pub failure: Option<Error>,
}

impl Queries {
    /// Opens `home` with the connectors of `registry`, and closes runs whose process has ended.
    pub fn open(home: &Home, registry: Registry) -> Result<Self> {
        let store = Store::open_to_read(home)?;
        // Queries need no write access: on a full or read-only disk, the next sync closes dead runs.
        let _ = close_dead_runs(home, &store);
        Ok(Self {
            registry,
            store,
            asked: BTreeSet::new(),
        })
    }

    /// Adds connectors whose sync was requested or is running.
    #[must_use]
    pub fn knowing(self, asked: BTreeSet<String>) -> Self {
        Self { asked, ..self }
    }

    /// All connectors, totals and recent runs.
    pub fn list(&self) -> Result<ListAnswer> {
        self.store.at_one_instant(|| {
            let connectors = self.connectors()?;
            Ok(ListAnswer {
                status: self.status_with(&connectors, None)?,
                connectors: ByName(connectors),
                metrics: self.metrics()?,
                recent_syncs: self.recent(None)?,
                leftovers: self.leftovers()?,
            })
        })
    }

    /// One connector: settings, status and recent runs.
    pub fn show(&self, name: &str) -> Result<ShowAnswer> {
        let registration = self.registry.get(name)?;
        let kind = ConnectorKind::named(&registration.kind).ok();
        let shown = |key: &str, value: &str| {
            kind.map_or_else(|| MASK.to_owned(), |kind| kind.shown(key, value))
        };
        let settings = registration.settings.iter();
        let settings = settings.map(|(key, value)| (key.clone(), shown(key, value)));
        let kind = [("TYPE".to_owned(), registration.kind.clone())];
        Ok(ShowAnswer {
            connector_name: name.to_owned(),
            status: self.connector(registration)?,
            sync_logs: self.recent(Some(name))?,
            config: ByName(kind.into_iter().chain(settings).collect()),
            env_file: self.registry.env_file().display().to_string(),
        })
    }

    /// A remark about valid settings of `name`.
    pub fn caution(&self, name: &str) -> Option<String> {
        self.registry.caution(self.registry.get(name).ok()?)
    }

    /// How long history is kept. Where the setting is wrong, a sync fails and says so.
    pub fn retention(&self) -> Option<Retention> {
        self.registry.retention().ok()
    }

    /// Folders in the settings of `name` that do not exist for now.
    pub fn missing_folders(&self, name: &str) -> Vec<String> {
        let Ok(registration) = self.registry.get(name) else {
            return Vec::new();
        };
        let missing = self.registry.missing_folders(registration).into_iter();
        missing.map(|(_, folder)| folder).collect()
    }

    /// A page of the runs of `name`.
    pub fn logs(&self, name: &str, limit: u64, offset: u64) -> Result<LogsAnswer> {
        let page = self.store.logs(Some(name), limit, offset)?;
        self.require_known(name, page.total)?;
        Ok(LogsAnswer {
            connector_name: name.to_owned(),
            total: page.total,
            logs: page.logs.iter().map(SyncAnswer::from).collect(),
            limit,
            offset,
        })
    }

    /// A page of the rejects of run `run_id` of `name`, or of its newest run that has any.
    pub fn rejects(
        &self,
        name: &str,
        run_id: Option<i64>,
        limit: u64,
        offset: u64,
    ) -> Result<RejectsAnswer> {
        self.require_known(name, self.store.logs(Some(name), 1, 0)?.total)?;
        if let Some(run_id) = run_id {
            self.run_of(name, run_id)?;
        }
        let page = self.store.rejects(name, run_id, limit, offset)?;
        Ok(RejectsAnswer::new(name, page, limit, offset))
    }

    /// Run `run_id` of `name`; fails where there is none.
    fn run_of(&self, name: &str, run_id: i64) -> Result<RunLog> {
        let run = self.store.run(run_id)?.filter(|run| run.source == name);
        run.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("« {name} » n'a pas de synchronisation numéro {run_id}"),
            )
            .advise(Advice::ListRuns(name.to_owned()))
        })
    }

    /// The receipt of run `run_id` of `name`, or of its newest run that read something. With `compares_tables`, also
    /// compares the rows in the tables, which takes half a second for a million.
    pub fn receipt(
        &self,
        name: &str,
        run_id: Option<i64>,
        compares_tables: bool,
    ) -> Result<ReceiptAnswer> {
        self.require_known(name, self.store.logs(Some(name), 1, 0)?.total)?;
        self.store.at_one_instant(|| {
            let run_id = match run_id {
                Some(run_id) => Some(run_id),
                None => self.store.newest_run_with_receipts(name)?,
            };
            let Some(run_id) = run_id else {
                return Ok(ReceiptAnswer::new(name, None, &[], Vec::new()));
            };
            let run = self.run_of(name, run_id)?;
            let receipts = self.store.receipts(name, run_id)?;
            let receipts = if compares_tables {
                self.with_stored(name, run_id, receipts)?
            } else {
                receipts.into_iter().map(|unit| (unit, None)).collect()
            };
            let errors = run
                .messages
                .into_iter()
                .filter_map(|message| match message {
                    Message::Error(text) => Some(text),
                    Message::Warning(_) => None,
                });
            Ok(ReceiptAnswer::new(
                name,
                Some(run_id),
                &receipts,
                errors.collect(),
            ))
        })
    }

    /// `receipts` of run `run_id`, each with its rows in the table, where they can be told.
    fn with_stored(
        &self,
        name: &str,
        run_id: i64,
        receipts: Vec<UnitReceipt>,
    ) -> Result<Vec<(UnitReceipt, Option<StoredNow>)>> {
        let mut stored = BTreeMap::new();
        for receipt in &receipts {
            if !stored.contains_key(&receipt.table) && receipt.written.is_some() {
                let found = self.store.stored_by_unit(name, run_id, receipt.table)?;
                stored.insert(receipt.table, found);
            }
        }
        let names: Vec<_> = receipts
            .iter()
            .map(|unit| (unit.table, unit.label.clone()))
            .collect();
        let compared = receipts.into_iter().map(|receipt| {
            // Rows of a model that is read in two ways cannot be told apart.
            let alike = |(table, label): &&_| *table == receipt.table && *label == receipt.label;
            let is_alone = names.iter().filter(alike).count() == 1;
            let found = stored.get(&receipt.table).and_then(Option::as_ref);
            let found = found.filter(|_| receipt.written.is_some() && is_alone);
            let found = found.map(|found| found.get(&receipt.label).cloned().unwrap_or_default());
            (receipt, found)
        });
        Ok(compared.collect())
    }

    /// A page of the inbox of rejected rows, with the most frequent faults.
    pub fn inbox(&self, query: &InboxQuery<'_>) -> Result<InboxAnswer> {
        if let Some(name) = query.source {
            self.require_rows_or_registration(name)?;
        }
        self.store.at_one_instant(|| {
            let page = self.store.inbox(query)?;
            let groups = self.store.inbox_groups(&InboxQuery {
                limit: MOST_GROUPS,
                ..*query
            })?;
            let corrections = match query.source {
                Some(name) => self.store.corrections(name)?,
                None => Vec::new(),
            };
            let slice = (query.limit, query.offset);
            Ok(InboxAnswer::new(
                query.source,
                &page,
                &groups,
                &corrections,
                slice,
            ))
        })
    }

    /// One entry of the inbox of `name`: `id` is the beginning of its number.
    pub fn reject(&self, name: &str, id: &str) -> Result<RejectShowAnswer> {
        self.require_rows_or_registration(name)?;
        let entry = sync::inbox_entry(&self.store, name, id)?;
        let corrections = self.store.corrections(name)?;
        let corrections = CorrectionIndex::of(&corrections);
        Ok(RejectShowAnswer {
            connector_name: name.to_owned(),
            reject: InboxEntryAnswer::of(&entry, &corrections),
        })
    }

    /// The corrections in force of `name`.
    pub fn corrections(&self, name: &str) -> Result<Vec<CorrectionAnswer>> {
        let corrections = self.store.corrections(name)?;
        Ok(corrections.iter().map(CorrectionAnswer::from).collect())
    }

    /// Accepted rows of the last `runs` runs of each connector, the oldest first.
    pub fn accepted_by_run(&self, runs: u64) -> Result<BTreeMap<String, Vec<u64>>> {
        let names = self.registry.all().map(|one| one.name.clone());
        let series = names.map(|name| {
            let rows = self.store.accepted_by_run(&name, runs)?;
            Ok((name, rows))
        });
        series.collect()
    }

    /// Rows of `name` in each table after each of its last `runs` runs, the oldest first.
    pub fn rows_by_run(&self, name: &str, runs: u64) -> Result<Vec<RowsAt>> {
        self.store.rows_by_run(name, runs)
    }

    /// Sales of `name` by month, the oldest first. Takes half a second for a million lines.
    pub fn sales_by_month(&self, name: &str) -> Result<Vec<MonthOfSales>> {
        self.store.sales_by_month(name)
    }

    /// Whether a connector is called `name`.
    pub fn is_registered(&self, name: &str) -> bool {
        self.registry.get(name).is_ok()
    }

    /// Rows of each of `names` in all tables.
    pub fn rows_of(&self, names: &[String]) -> Result<Vec<(String, u64)>> {
        let counted = names.iter().map(|name| {
            let rows = Table::ALL.map(|table| self.store.row_count(name, table));
            let rows = rows.into_iter().sum::<Result<u64>>()?;
            Ok((name.clone(), rows))
        });
        counted.collect()
    }

    /// Number of sales lines of `name`.
    pub fn sales_lines(&self, name: &str) -> Result<u64> {
        self.store.row_count(name, Table::SalesLines)
    }

    /// Tests whether `name` can be read now; `failure` is set when it cannot be read at all, or when `stop` ended the
    /// test.
    pub fn test(&self, name: &str, stop: &Stop) -> Result<Tested> {
        self.test_opened(name, stop, || self.registry.open(name))
    }

    /// Like [`Queries::test`] for a connector that may not be registered yet.
    pub fn test_described(&self, registration: &Registration, stop: &Stop) -> Result<Tested> {
        let open = || self.registry.open_registration(registration);
        self.test_opened(&registration.name, stop, open)
    }

    fn test_opened(
        &self,
        name: &str,
        stop: &Stop,
        open: impl FnOnce() -> Result<Box<dyn Connector>>,
    ) -> Result<Tested> {
        let _span = error_span!("test", connector = name).entered();
        let checks = stop.check().and_then(|()| open()?.check(stop));
        let checks = checks.map_err(|error| match error.kind() {
            ErrorKind::Stopped(_) => {
                Error::new(error.kind(), "Test interrompu").hint("Relancez la même commande")
            }
            _ => error,
        });
        let (checks, failure): (Vec<CheckAnswer>, _) = match checks {
            Ok(checks) => (checks.into_iter().map(CheckAnswer::from).collect(), None),
            Err(error) => {
                error.log(Some(name));
                (Vec::new(), Some(error))
            }
        };
        let broken = checks.iter().find(|check| !check.ok);
        let message = match (&failure, broken) {
            (Some(error), _) => format!("✗ {}", error.full_text()),
            (None, Some(check)) => format!("✗ {} : {}", check.name, check.detail),
            (None, None) => "✓ Connexion OK".to_owned(),
        };
        let success = failure.is_none() && broken.is_none();
        let status = if success {
            // One that is not registered has the status of one that was never synced.
            let known = self.registry.get(name).ok();
            let state = known.map(|known| self.connector(known)).transpose()?;
            state.map_or("idle", |state| state.status)
        } else {
            "error"
        };
        let answer = TestAnswer {
            success,
            message,
            status,
            checks,
            connector_name: name.to_owned(),
        };
        Ok(Tested { answer, failure })
    }

    /// The global state. With `max_age`, lists connectors without a success for longer, and fails where there is no
    /// connector to watch.
    pub fn status(&self, max_age: Option<Duration>) -> Result<StatusAnswer> {
        if max_age.is_some() {
            self.registry.require_any()?;
        }
        let late = max_age.map(|max_age| self.late(max_age)).transpose()?;
        self.status_with(&self.connectors()?, late)
    }

    fn status_with(
        &self,
        connectors: &[(String, ConnectorAnswer)],
        late: Option<Vec<String>>,
    ) -> Result<StatusAnswer> {
        let by_status = CONNECTOR_STATUSES.map(|status| {
            let alike = connectors.iter().filter(|(_, one)| one.status == status);
            (status.to_owned(), alike.count())
        });
        let in_error = connectors.iter().filter(|(_, one)| one.status == "error");
        let totals = self.store.sync_totals()?;
        Ok(StatusAnswer {
            timestamp: local(Timestamp::now()),
            connectors_registered: connectors.len(),
            connectors_by_status: ByName(by_status.into()),
            total_syncs: totals.total,
            successful_syncs: totals.successful,
            failed_syncs: totals.total.saturating_sub(totals.successful),
            avg_sync_duration_seconds: seconds(totals.average_seconds),
            in_error: in_error.map(|(name, _)| name.clone()).collect(),
            late,
        })
    }

    /// Row counts of the tables.
    pub fn metrics(&self) -> Result<MetricsAnswer> {
        let totals = self.store.table_totals()?;
        Ok(MetricsAnswer {
            timestamp: local(Timestamp::now()),
            total_records_synced: totals.rows.values().sum(),
            records_by_table: ByTable(totals.rows.into_iter().collect()),
            total_errors: totals.errors,
            total_warnings: totals.warnings,
        })
    }

    /// The connectors being synced by any process, and the newest finished run.
    pub fn pulse(&self) -> Result<(Vec<String>, Option<i64>)> {
        Ok((
            self.store.sources_running()?,
            self.store.newest_ended_run()?,
        ))
    }

    /// Names of removed connectors with rows in the tables.
    fn leftovers(&self) -> Result<Vec<String>> {
        let mut names = self.store.sources_with_rows()?;
        names.retain(|name| !self.registry.accounts_for(name));
        Ok(names)
    }

    fn connectors(&self) -> Result<Vec<(String, ConnectorAnswer)>> {
        let connectors = self.registry.all().map(|registration| {
            let answer = self.connector(registration)?;
            Ok((registration.name.clone(), answer))
        });
        connectors.collect()
    }

    fn connector(&self, registration: &Registration) -> Result<ConnectorAnswer> {
        let mut state = self.store.connector_state(&registration.name)?;
        if self.asked.contains(&registration.name) {
            state.newest = Some(RunStatus::Running);
        }
        let mut answer = ConnectorAnswer::new(&registration.kind, &state);
        if let Some(error) = self.registry.unreadable(&registration.name) {
            answer.status = "error";
            answer.last_error = Some(error.full_text());
        }
        Ok(answer)
    }

    fn recent(&self, name: Option<&str>) -> Result<Vec<SyncAnswer>> {
        let page = self.store.logs(name, RECENT, 0)?;
        Ok(page.logs.iter().map(SyncAnswer::from).collect())
    }

    /// Fails when `name` is not registered and has neither rows nor history.
    pub fn require_rows_or_registration(&self, name: &str) -> Result<()> {
        if self.store.knows(name)? {
            return Ok(());
        }
        self.registry.get(name).map(drop)
    }

    /// Fails when `name` is not registered and has no history.
    fn require_known(&self, name: &str, runs: u64) -> Result<()> {
        if runs == 0 {
            self.registry.get(name)?;
        }
        Ok(())
    }

    /// The connectors without a success for longer than `max_age`.
    fn late(&self, max_age: Duration) -> Result<Vec<String>> {
        let mut late = Vec::new();
        for registration in self.registry.all() {
            let name = &registration.name;
            let last_success = self.store.connector_state(name)?.last_success;
            // A success in the future proves nothing: one of the clocks was wrong.
            let is_late = last_success
                .is_none_or(|at| Timestamp::now().duration_since(at).unsigned_abs() > max_age);
            if is_late {
                late.push(name.clone());
            }
        }
        Ok(late)
    }
}
