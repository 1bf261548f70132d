//! Reads the rows again that were corrected.

use super::inbox::Actor;
use super::options::{Options, Outcome};
use super::progress::Progress;
use crate::canonical::Table;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{InboxEntry, RejectState, Store};

/// Result of a replay.
#[derive(Debug)]
pub struct Replayed {
    /// The sync that read the rows again; `None` where nothing was to be read.
    pub outcome: Option<Outcome>,
    /// Corrected rows that are read now.
    pub replayed: u64,
    /// Corrected rows that are rejected all the same.
    pub still_rejected: u64,
    /// Corrected rows whose file was not there to be read.
    pub unread: u64,
}

impl Actor<'_> {
    /// Reads again the files whose rows were corrected. However many rows are still rejected, it is no failure.
    pub fn replay(&self, dry_run: bool, progress: &dyn Progress, stop: &Stop) -> Result<Replayed> {
        self.registry.get(self.name)?;
        let store = self.store(&[])?;
        let tables: Vec<Table> = Table::ALL
            .into_iter()
            .map(|table| Ok((table, store.rereads(self.name, table)?)))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .filter(|(_, rereads)| !rereads.is_empty())
            .map(|(table, _)| table)
            .collect();
        let fixed = self.entries(&store, None, RejectState::Fixed)?;
        self.refuse_unloaded(&store, &fixed)?;
        drop(store);
        if tables.is_empty() {
            return Ok(Replayed {
                outcome: None,
                replayed: 0,
                still_rejected: 0,
                unread: fixed.len() as u64,
            });
        }
        let options = Options {
            table: match tables.as_slice() {
                [table] => Some(*table),
                _ => None,
            },
            dry_run,
            accepts_rejects: true,
            ..Options::default()
        };
        let outcome = super::sync(
            self.home,
            self.registry,
            self.name,
            &options,
            progress,
            stop,
        )?;
        let store = self.store(&[])?;
        let mut replayed = Replayed {
            outcome: Some(outcome),
            replayed: 0,
            still_rejected: 0,
            unread: 0,
        };
        for entry in &fixed {
            let found = store.inbox_entries(self.name, &entry.id.to_string())?;
            match found.first().map(|found| found.state) {
                Some(RejectState::Open) => replayed.still_rejected += 1,
                Some(RejectState::Fixed) => replayed.unread += 1,
                _ => replayed.replayed += 1,
            }
        }
        Ok(replayed)
    }

    /// A table that failed is loaded by a sync: its corrections apply then.
    fn refuse_unloaded(&self, store: &Store, fixed: &[InboxEntry]) -> Result<()> {
        let mut tables: Vec<Table> = fixed.iter().map(|entry| entry.table).collect();
        tables.dedup();
        for table in tables {
            if store.cursors(self.name, table)?.is_empty() {
                return Err(Error::config(format!(
                    "{} : la table n'a jamais été enregistrée, rien ne peut y être rejoué",
                    table.label()
                ))
                .hint("Synchronisez : les corrections s'appliqueront"));
            }
        }
        Ok(())
    }
}
