//! Copies of the database: taken while others use it, and looked at as they are.

use std::os::raw::c_int;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use tracing::debug;
use xxhash_rust::xxh3::xxh3_64;

use super::{migrations, scope, soundness, unwritable};
use crate::error::Result;
use crate::home::create_file;
use crate::store::results::TableSum;

/// Pages copied between two looks at a request to stop: 32 MiB.
const PAGES_AT_ONCE: c_int = 4096;

/// All tables but those of SQLite itself.
const TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'
    ORDER BY name";

/// Copies the database at `path`, as it is at one instant, to the new file at `to`, which only its owner may read. Neither
/// is migrated. Others read and write meanwhile: a write-ahead log separates them, and loads of a first sync are waited
/// for. `waiting` is called between parts and while waiting; its error ends the copy.
pub fn copy_database(
    path: &Path,
    to: &Path,
    mut waiting: impl FnMut() -> Result<()>,
) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let from = Connection::open_with_flags(path, flags)?;
    from.busy_timeout(Duration::ZERO)?;
    // One read transaction for all parts: without it, each write of another process would begin the copy anew.
    let snapshot = from.unchecked_transaction()?;
    scope::patiently(&mut waiting, || {
        from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    })?;
    migrations::version(&from)?;
    create_file(to).map_err(|error| super::failure::unwritable(&error))?;
    let mut copy = Connection::open(to)?;
    // A crash leaves a file that nobody uses; the finished one is flushed once.
    copy.pragma_update(None, "synchronous", "OFF")?;
    copy_pages(&from, &mut copy, waiting)?;
    drop(snapshot);
    // The copy is one file, without a log beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    debug!(from = %path.display(), "database copied");
    Ok(())
}

/// Copies all pages of `from` to `to`, which is then as `from` is, in one transaction.
pub(super) fn copy_pages(
    from: &Connection,
    to: &mut Connection,
    mut waiting: impl FnMut() -> Result<()>,
) -> Result<()> {
    let backup = Backup::new(from, to)?;
    let step = |pages| match backup.step(pages)? {
        StepResult::Busy | StepResult::Locked => Err(busy()),
        step => Ok(step),
    };
    // The first page takes the lock of `to`: from then on nobody is waited for.
    let mut done = scope::patiently(&mut waiting, || step(1))?;
    while !matches!(done, StepResult::Done) {
        waiting()?;
        done = step(PAGES_AT_ONCE)?;
    }
    Ok(())
}

fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

/// A database file that nobody writes: a copy. Opening it changes nothing.
#[derive(Debug)]
pub struct DatabaseCopy {
    db: Connection,
}

impl DatabaseCopy {
    /// Opens the copy at `path`. Fails where another program, or a newer crmreco, wrote it.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(unwritable::immutable(path), flags)?;
        // It may come from anywhere: nothing in its schema is run (https://sqlite.org/security.html).
        db.pragma_update(None, "trusted_schema", false)?;
        db.pragma_update(None, "cell_size_check", true)?;
        let copy = Self { db };
        copy.schema()?;
        Ok(copy)
    }

    /// Its schema version.
    pub fn schema(&self) -> Result<i64> {
        migrations::version(&self.db)
    }

    /// The first defect that SQLite finds in the file; see [`Store::defect`](crate::store::Store::defect).
    pub fn defect(&self) -> Result<Option<String>> {
        soundness::defect(&self.db)
    }

    /// Rows and checksum of each table, by name. `waiting` is called now and then; its error ends the count.
    pub fn sums(&self, mut waiting: impl FnMut() -> Result<()>) -> Result<Vec<TableSum>> {
        let mut tables = self.db.prepare(TABLES)?;
        let tables = tables.query_map([], |row| row.get(0))?;
        let tables: Vec<String> = tables.collect::<rusqlite::Result<_>>()?;
        let sums = tables.into_iter().map(|table| {
            waiting()?;
            self.sum(table)
        });
        sums.collect()
    }

    /// The sum of the hashes of all rows: it does not depend on their order.
    fn sum(&self, table: String) -> Result<TableSum> {
        let quoted = table.replace('"', "\"\"");
        let mut select = self.db.prepare(&format!("SELECT * FROM \"{quoted}\""))?;
        let columns = select.column_count();
        let (mut rows, mut sum) = (0, 0_u64);
        let mut bytes = Vec::new();
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            bytes.clear();
            for column in 0..columns {
                push_value(&mut bytes, row.get_ref(column)?);
            }
            rows += 1;
            sum = sum.wrapping_add(xxh3_64(&bytes));
        }
        let sum = format!("{sum:016x}");
        Ok(TableSum { table, rows, sum })
    }
}

/// Appends a value: its type, and where its length varies, its length.
fn push_value(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => bytes.push(0),
        ValueRef::Integer(number) => push_number(bytes, 1, number.to_le_bytes()),
        ValueRef::Real(number) => push_number(bytes, 2, number.to_bits().to_le_bytes()),
        ValueRef::Text(text) => push_content(bytes, 3, text),
        ValueRef::Blob(blob) => push_content(bytes, 4, blob),
    }
}

fn push_number(bytes: &mut Vec<u8>, kind: u8, number: [u8; 8]) {
    let mut both = [kind; 9];
    for (to, byte) in both.iter_mut().skip(1).zip(number) {
        *to = byte;
    }
    bytes.extend_from_slice(&both);
}

fn push_content(bytes: &mut Vec<u8>, kind: u8, content: &[u8]) {
    push_number(bytes, kind, (content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(content);
}
