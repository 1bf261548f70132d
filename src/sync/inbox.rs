//! What people do about rejected rows: correct them, read them again, or say why they may stay out.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::canonical::{CellCorrection, RowId, Table};
use crate::connectors::{CellOf, ConnectorKind};
use crate::error::{Advice, Error, ErrorKind, Result};
use crate::french::listed;
use crate::home::Home;
use crate::registry::Registry;
use crate::store::{
    self, CorrectionScope, InboxEntry, InboxQuery, Lock, NewCorrection, RejectState, Store,
};

/// Who acts on the inbox of a connector.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The home folder.
    pub home: &'a Home,
    /// Its connectors.
    pub registry: &'a Registry,
    /// Name of the connector.
    pub name: &'a str,
    /// Who acts.
    pub author: &'a str,
}

/// Corrections of a row: its number, and each field or header with what is read in it.
pub type RowChanges = (String, Vec<(String, String)>);

/// Corrections that were kept.
#[derive(Debug)]
pub struct Fixed {
    /// Their numbers.
    pub corrections: Vec<i64>,
    /// Entries of the inbox that they are of.
    pub rows: u64,
}

impl Actor<'_> {
    /// Corrects cells of the row `id`: each a field, or a header as written, and what is read in it. Fails where there is
    /// no such row or field, where the row cannot be corrected here, and while the connector is being synced.
    pub fn fix_row(
        &self,
        id: &str,
        changes: &[(String, String)],
        note: Option<&str>,
    ) -> Result<Fixed> {
        self.fix_rows(&[(id.to_owned(), changes.to_vec())], note)
    }

    /// Like [`Actor::fix_row`] for several rows; all of them or none.
    pub fn fix_rows(&self, rows: &[RowChanges], note: Option<&str>) -> Result<Fixed> {
        let (_lock, store) = self.open()?;
        let mut columns = self.columns()?;
        let mut new = Vec::new();
        for (id, changes) in rows {
            let entry = self.entry(&store, id)?;
            for (asked, value) in changes {
                let (at, field) = columns.of(&entry, asked)?;
                new.push(NewCorrection {
                    table: entry.table,
                    scope: CorrectionScope::Row(entry.id),
                    cell: CellCorrection {
                        field,
                        old: entry.cells.get(at).cloned().unwrap_or_default(),
                        new: value.clone(),
                    },
                    note: note.map(str::to_owned),
                    fixes: vec![entry.id],
                });
            }
        }
        let corrected = rows.iter().filter(|(_, changes)| !changes.is_empty());
        self.correct(&store, &new, corrected.count() as u64)
    }

    /// Corrects every cell of `field` of `table` that says `old`. Fails where no row of that table was rejected, which
    /// would tell the field.
    pub fn fix_value(
        &self,
        table: Table,
        field: &str,
        (old, value): (&str, &str),
        note: Option<&str>,
    ) -> Result<Fixed> {
        let (_lock, store) = self.open()?;
        let entries = self.entries(&store, Some(table), RejectState::Open)?;
        let sample = entries.iter().find(|entry| entry.is_correctable());
        let sample = sample.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("{} : aucune ligne rejetée à corriger", table.label()),
            )
            .advise(Advice::ShowRejects(self.name.to_owned()))
        })?;
        let mut columns = self.columns()?;
        let (_, field) = columns.of(sample, field)?;
        let mut says_so = |entry: &InboxEntry| {
            let column = columns.of(entry, &field).ok();
            let cell = column.and_then(|(at, _)| entry.cells.get(at));
            cell.is_some_and(|cell| cell.trim() == old.trim())
        };
        let fixes = entries.iter().filter(|entry| says_so(entry));
        let fixes: Vec<RowId> = fixes.map(|entry| entry.id).collect();
        let rows = fixes.len() as u64;
        let new = NewCorrection {
            table,
            scope: CorrectionScope::Value,
            cell: CellCorrection {
                field,
                old: old.trim().to_owned(),
                new: value.to_owned(),
            },
            note: note.map(str::to_owned),
            fixes,
        };
        self.correct(&store, &[new], rows)
    }

    /// Lets the rows `ids` stay out, for `reason`: they no longer count against the limit of rejects.
    pub fn ignore(&self, ids: &[String], reason: &str) -> Result<u64> {
        let (_lock, store) = self.open()?;
        let entries: Vec<InboxEntry> = ids
            .iter()
            .map(|id| self.entry(&store, id))
            .collect::<Result<_>>()?;
        for entry in &entries {
            let row = (entry.table, entry.id);
            store.settle_reject(self.name, row, RejectState::Ignored, Some(reason))?;
        }
        Ok(entries.len() as u64)
    }

    /// Takes corrections back, by number. Fails where one is not in force.
    pub fn undo(&self, numbers: &[i64]) -> Result<()> {
        let (_lock, store) = self.open()?;
        let known = store.corrections(self.name)?;
        for number in numbers {
            if !known.iter().any(|one| one.number == *number) {
                let message = format!(
                    "« {} » n'a pas de correction n° {number} en vigueur",
                    self.name
                );
                return Err(Error::new(ErrorKind::NotFound, message)
                    .advise(Advice::ShowRejects(self.name.to_owned())));
            }
        }
        for number in numbers {
            store.undo_correction(self.name, *number, &store::instant(Timestamp::now()))?;
        }
        Ok(())
    }

    fn correct(&self, store: &Store, new: &[NewCorrection], rows: u64) -> Result<Fixed> {
        let now = store::instant(Timestamp::now());
        let corrections = store.correct(self.name, new, (self.author, &now))?;
        Ok(Fixed { corrections, rows })
    }

    /// The connector's lock, and the database.
    fn open(&self) -> Result<(Lock, Store)> {
        self.registry.get(self.name)?;
        let lock = Lock::take(self.home, self.name)?;
        let store = self.store(&[&lock])?;
        Ok((lock, store))
    }

    /// A missing database is not created.
    pub(super) fn store(&self, locks: &[&Lock]) -> Result<Store> {
        Store::open_existing(self.home, locks, || Ok(()))
    }

    pub(super) fn entries(
        &self,
        store: &Store,
        table: Option<Table>,
        state: RejectState,
    ) -> Result<Vec<InboxEntry>> {
        let query = InboxQuery {
            source: Some(self.name),
            state: Some(state),
            table,
            limit: u64::MAX,
            offset: 0,
        };
        Ok(store.inbox(&query)?.entries)
    }

    fn entry(&self, store: &Store, id: &str) -> Result<InboxEntry> {
        entry(store, self.name, id)
    }

    fn columns(&self) -> Result<RowColumns> {
        let kind = ConnectorKind::named(&self.registry.get(self.name)?.kind)?;
        Ok(RowColumns {
            cell_of: kind.cell_of,
            found: HashMap::new(),
        })
    }
}

/// What a name is of, by the table, the headers of the row and the name.
type FoundColumns = HashMap<(Table, Vec<String>, String), Option<(usize, String)>>;

/// The columns of rejected rows. Rows of one export have the same headers: their mapping is found once.
struct RowColumns {
    cell_of: Option<CellOf>,
    found: FoundColumns,
}

impl RowColumns {
    /// The column of `entry` that `asked` names, and the name under which a correction of it is kept.
    fn of(&mut self, entry: &InboxEntry, asked: &str) -> Result<(usize, String)> {
        let Some(cell_of) = self.cell_of.filter(|_| entry.is_correctable()) else {
            return Err(Error::config(format!(
                "{} {} : cette ligne ne peut pas être corrigée ici",
                entry.origin, entry.position
            ))
            .hint("Corrigez-la à la source, puis synchronisez"));
        };
        let key = (entry.table, entry.headers.clone(), asked.to_owned());
        let found = self.found.entry(key);
        let found = found.or_insert_with(|| cell_of(entry.table, &entry.headers, asked));
        found.clone().ok_or_else(|| {
            Error::config(format!("« {asked} » n'est pas une colonne de cette ligne"))
                .hint(format!("Ses colonnes : {}", listed(&entry.headers)))
        })
    }
}

/// The entry of `source` in the inbox whose number begins with `id`. Fails where there is none, and where there are
/// several.
pub fn entry(store: &Store, source: &str, id: &str) -> Result<InboxEntry> {
    let id = id.trim().to_ascii_lowercase();
    let is_number = !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    let mut found = if is_number {
        store.inbox_entries(source, &id)?
    } else {
        Vec::new()
    };
    match (found.pop(), found.is_empty()) {
        (Some(entry), true) => Ok(entry),
        (Some(_), false) => Err(Error::config(format!(
            "Plusieurs lignes rejetées de « {source} » commencent par « {id} »"
        ))
        .hint("Donnez plus de chiffres")),
        (None, _) => Err(Error::new(
            ErrorKind::NotFound,
            format!("« {source} » n'a pas de ligne rejetée « {id} »"),
        )
        .advise(Advice::ShowRejects(source.to_owned()))),
    }
}
