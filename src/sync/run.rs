//! A running sync: its options, results and messages.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tracing::error;

use super::Progress;
use super::options::Failure;
use crate::canonical::Table;
use crate::connectors::{RejectLimit, Words};
use crate::error::{Error, ErrorKind};
use crate::french::{listed, plural};
use crate::report::{Message, RunPhases, RunStatus};
use crate::stop::Stop;
use crate::store::{ShrinkLimit, Store};

/// A running sync.
pub(super) struct Run<'a> {
    pub(super) store: &'a Store,
    pub(super) connector: &'a str,
    /// Style of the texts about rejects.
    pub(super) words: Words,
    pub(super) id: i64,
    /// Time stamp of the written rows.
    pub(super) now: String,
    pub(super) today: Date,
    /// The first run that is kept: cursors of missing files from older runs may be deleted.
    pub(super) first_kept: i64,
    pub(super) shrink_limit: ShrinkLimit,
    pub(super) reject_limit: RejectLimit,
    /// Whether a table is loaded however many of its rows are rejected.
    pub(super) accepts_rejects: bool,
    /// Whether rows that changed before some time are not read.
    pub(super) reads_since: bool,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a Stop,
    pub(super) messages: Vec<Message>,
    pub(super) failures: Vec<Failure>,
    /// Tables committed so far, and the accepted rows of each.
    pub(super) committed: Vec<(Table, u64)>,
    /// Erasures of the customers who were kept out.
    pub(super) kept_out: BTreeSet<i64>,
    pub(super) phases: RunPhases,
    pub(super) already_read: usize,
}

impl Run<'_> {
    /// Records an error that fails the run.
    pub(super) fn fail(&mut self, error: &Error) {
        let failure = Failure {
            message: error.to_string(),
            advice: error.advice().to_vec(),
        };
        self.record(failure, error.full_text());
    }

    /// A database or disk error with what it leaves unchanged: tables committed before it.
    pub(super) fn with_committed(&self, error: Error) -> Error {
        let committed = self.committed.iter().filter(|(_, rows)| *rows > 0);
        let named: Vec<String> = committed
            .map(|(table, rows)| {
                let rows = plural(*rows, "ligne", "lignes");
                format!("{} ({rows})", table.label())
            })
            .collect();
        if error.kind() != ErrorKind::Store || named.is_empty() {
            return error;
        }
        error.keeping(&format!("déjà enregistré, et gardé : {}", listed(&named)))
    }

    /// Records the text of an error that fails the run.
    pub(super) fn fail_with(&mut self, text: String) {
        let failure = Failure {
            message: text.clone(),
            advice: Vec::new(),
        };
        self.record(failure, text);
    }

    fn record(&mut self, failure: Failure, text: String) {
        error!(error = text, "failed");
        self.failures.push(failure);
        self.messages.push(Message::Error(text));
    }

    pub(super) fn status(&self, is_stopped: bool) -> RunStatus {
        let has_failed = self
            .messages
            .iter()
            .any(|message| matches!(message, Message::Error(_)));
        match (is_stopped, has_failed) {
            (true, _) => RunStatus::Interrupted,
            (false, true) => RunStatus::Error,
            (false, false) => RunStatus::Success,
        }
    }
}
