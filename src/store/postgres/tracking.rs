//! What a transaction changes in a working copy: the keys of the rows, noted by triggers of its connection.
//!
//! A note says whether the row was there when the transaction began: with whether it is there at its end, it was
//! inserted, changed or deleted.

use rusqlite::Connection;

use super::shapes::Shape;
use crate::error::Result;

/// Creates the notes and triggers for all `shapes`.
pub(super) fn begin(db: &Connection, shapes: &[Shape]) -> Result<()> {
    // Without it, a row that REPLACE deletes fires no trigger.
    db.pragma_update(None, "recursive_triggers", true)?;
    for shape in shapes {
        let (name, key) = (shape.name, shape.key_columns().join(", "));
        db.execute_batch(&format!(
            "CREATE TEMP TABLE IF NOT EXISTS changed_{name}
                 ({key}, was_there, PRIMARY KEY ({key})) WITHOUT ROWID;"
        ))?;
    }
    resume(db, shapes)
}

/// Notes changes from now on, none so far.
pub(super) fn resume(db: &Connection, shapes: &[Shape]) -> Result<()> {
    for shape in shapes {
        let name = shape.name;
        let deleted = note(shape, "OLD", 1);
        let inserted = note(shape, "NEW", 0);
        db.execute_batch(&format!(
            "DELETE FROM temp.changed_{name};
             CREATE TEMP TRIGGER IF NOT EXISTS {name}_inserted AFTER INSERT ON main.{name}
                 BEGIN {inserted} END;
             CREATE TEMP TRIGGER IF NOT EXISTS {name}_updated AFTER UPDATE ON main.{name}
                 BEGIN {deleted} {inserted} END;
             CREATE TEMP TRIGGER IF NOT EXISTS {name}_deleted AFTER DELETE ON main.{name}
                 BEGIN {deleted} END;"
        ))?;
    }
    Ok(())
}

/// Notes no change until [`resume`].
pub(super) fn pause(db: &Connection, shapes: &[Shape]) -> Result<()> {
    for shape in shapes {
        let name = shape.name;
        pause_inserts(db, shape)?;
        db.execute_batch(&format!(
            "DROP TRIGGER IF EXISTS temp.{name}_updated; DROP TRIGGER IF EXISTS temp.{name}_deleted;"
        ))?;
    }
    Ok(())
}

/// Notes no inserted row of `shape` until [`resume`]: all its rows of a source are published together.
pub(super) fn pause_inserts(db: &Connection, shape: &Shape) -> Result<()> {
    let name = shape.name;
    Ok(db.execute_batch(&format!("DROP TRIGGER IF EXISTS temp.{name}_inserted;"))?)
}

/// The statement that notes a key, unless it was noted. No conflict clause: that of the statement that fired the
/// trigger would replace it.
fn note(shape: &Shape, row: &str, was_there: u8) -> String {
    let key = shape.key_columns();
    let values: Vec<String> = key.iter().map(|column| format!("{row}.{column}")).collect();
    let same: Vec<String> = key
        .iter()
        .map(|column| format!("{column} = {row}.{column}"))
        .collect();
    let name = shape.name;
    format!(
        "INSERT INTO changed_{name} SELECT {}, {was_there}
             WHERE NOT EXISTS (SELECT 1 FROM changed_{name} WHERE {});",
        values.join(", "),
        same.join(" AND ")
    )
}
