//! Counts how often each of very many hashes occurs: exact, in constant memory.
//!
//! The most recent counts are in memory, the others in an unnamed temporary database. Exports group related rows, so
//! the database is rarely read.

use fastbloom::BloomFilter;
use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};

/// Most counts in memory; some 4 MiB.
const MOST_RECENT: usize = 128 * 1024;

/// Bits of the filter for hashes without a count on disk: 2 MiB.
const FILTER_BITS: usize = 1 << 24;

/// Filter bits set for each count on disk.
const FILTER_HASHES: u32 = 4;

/// The number of occurrences of each hash.
#[derive(Debug)]
pub(crate) struct Tally {
    recent: HashMap<u64, u32>,
    most_recent: usize,
    on_disk: Option<CountsOnDisk>,
}

/// Counts on disk.
#[derive(Debug)]
struct CountsOnDisk {
    db: Connection,
    filter: BloomFilter,
}

impl Default for Tally {
    fn default() -> Self {
        Self::holding(MOST_RECENT)
    }
}

impl Tally {
    fn holding(most_recent: usize) -> Self {
        Self {
            recent: HashMap::new(),
            most_recent,
            on_disk: None,
        }
    }

    /// Adds one occurrence of `hash`; returns its number of occurrences.
    pub(crate) fn count(&mut self, hash: u64) -> Result<u32> {
        if let Some(count) = self.recent.get_mut(&hash) {
            *count = count.saturating_add(1);
            return Ok(*count);
        }
        if self.recent.len() >= self.most_recent {
            self.move_to_disk()?;
        }
        let before = match &self.on_disk {
            Some(on_disk) => on_disk.count_of(hash).map_err(broken)?,
            None => 0,
        };
        let count = before.saturating_add(1);
        self.recent.insert(hash, count);
        Ok(count)
    }

    /// Moves the counts in memory to disk.
    fn move_to_disk(&mut self) -> Result<()> {
        let on_disk = match self.on_disk.take() {
            Some(on_disk) => on_disk,
            None => CountsOnDisk::begin().map_err(broken)?,
        };
        let mut counts: Vec<(u64, u32)> = self.recent.drain().collect();
        counts.sort_unstable();
        self.on_disk.insert(on_disk).keep(&counts).map_err(broken)
    }
}

impl CountsOnDisk {
    /// An empty name means a temporary database in SQLite, deleted when it is closed.
    fn begin() -> rusqlite::Result<Self> {
        let db = Connection::open("")?;
        // It is not read after a crash.
        db.pragma_update(None, "journal_mode", "OFF")?;
        db.pragma_update(None, "synchronous", "OFF")?;
        db.pragma_update(None, "cache_size", -1024)?;
        db.execute_batch("CREATE TABLE counts (hash INTEGER PRIMARY KEY, count INTEGER NOT NULL)")?;
        Ok(Self {
            db,
            filter: BloomFilter::with_num_bits(FILTER_BITS).hashes(FILTER_HASHES),
        })
    }

    fn keep(&mut self, counts: &[(u64, u32)]) -> rusqlite::Result<()> {
        let transaction = self.db.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO counts VALUES (?1, ?2)")?;
            for &(hash, count) in counts {
                insert.execute(params![hash.cast_signed(), count])?;
                self.filter.insert_hash(hash);
            }
        }
        transaction.commit()
    }

    fn count_of(&self, hash: u64) -> rusqlite::Result<u32> {
        if !self.filter.contains_hash(hash) {
            return Ok(0);
        }
        let mut select = self
            .db
            .prepare_cached("SELECT count FROM counts WHERE hash = ?1")?;
        let found = select.query_row([hash.cast_signed()], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(0))
    }
}

fn broken(error: rusqlite::Error) -> Error {
    Error::store("Ce qui a été compté ne peut pas être mis de côté")
        .hint("Vérifiez la place qui reste dans le dossier temporaire")
        .because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_wherever_they_are_kept() {
        let mut tally = Tally::holding(3);
        for round in 1..=4 {
            for thing in 0..50_u64 {
                assert_eq!(
                    tally.count(thing.wrapping_mul(u64::MAX / 7)).unwrap(),
                    round,
                    "{thing}"
                );
            }
        }
        assert_eq!(tally.count(u64::MAX).unwrap(), 1);
    }
}
