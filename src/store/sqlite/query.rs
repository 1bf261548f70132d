//! Queries of people: they read, and nothing else, for a limited time.
//!
//! Three guards: an authorizer that accepts reading actions only (<https://sqlite.org/c3ref/set_authorizer.html>), a
//! connection that cannot write, and a progress handler that ends a query.

use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Error as Sqlite, ErrorCode, OpenFlags};

use super::database::Store;
use super::read_rows::hand_out;
use super::scope::BUSY_TIMEOUT;
use crate::error::{Error, ErrorKind, Result};
use crate::message::cut_message;
use crate::stop::Stop;
use crate::store::row::RowSink;

/// Steps of SQLite's virtual machine between two looks at the clock: about a tenth of a millisecond.
const STEPS: i32 = 10_000;

/// Longest text or blob, in bytes: the functions of SQL could make some that fill the memory.
const MOST_BYTES: i32 = 16 << 20;

/// PRAGMAs that read the schema. Others change how the connection works, or write.
const READING_PRAGMAS: [&str; 12] = [
    "collation_list",
    "compile_options",
    "database_list",
    "foreign_key_list",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];

/// Functions that reach outside the database.
const REFUSED_FUNCTIONS: [&str; 2] = ["load_extension", "fts3_tokenizer"];

impl Store {
    /// Runs `sql`, one statement that reads, on the database at `path`, and hands out its rows; reads an empty database
    /// where there is none. Fails for a statement that would write, for an error of SQL, and after `limit`.
    pub fn query(
        path: &Path,
        sql: &str,
        limit: Duration,
        sink: &mut dyn RowSink,
        stop: &Stop,
    ) -> Result<()> {
        // Brings an older database to the newest schema first; also opens one that cannot be written.
        let mut store = Self::open_to_read(path)?;
        if let Some(db) = read_only(&store.db) {
            store.db = db;
        }
        let refused = Arc::new(AtomicBool::new(false));
        guard(&mut store.db, &refused, limit, stop)?;
        let mut run = || -> Result<()> {
            let mut statement = store.db.prepare(sql)?;
            if !statement.readonly() {
                refused.store(true, Ordering::Relaxed);
            }
            if statement.column_count() == 0 {
                return Err(Error::data("La requête ne demande aucune colonne")
                    .hint("Par exemple : SELECT * FROM customers LIMIT 10"));
            }
            if statement.parameter_count() > 0 {
                return Err(Error::data("La requête a des paramètres (?, :nom)")
                    .hint("Écrivez leurs valeurs dans la requête"));
            }
            hand_out(&mut statement, [], sink, stop)
        };
        run().map_err(|error| {
            if refused.load(Ordering::Relaxed) {
                return Error::data("Cette requête ne fait pas que lire : rien n'a été changé")
                    .hint("Ici, une requête lit (SELECT, WITH, EXPLAIN, PRAGMA table_info) et ne change rien")
                    .because(error);
            }
            explained(error, limit, stop)
        })
    }
}

/// The database of `db` on a connection that cannot write; `None` where `db` is one, or there is no file.
fn read_only(db: &Connection) -> Option<Connection> {
    let path = db.path().filter(|path| !path.is_empty())?;
    if db.is_readonly("main").unwrap_or(true) {
        return None;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).ok()?;
    db.busy_timeout(BUSY_TIMEOUT).ok()?;
    let look = db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    look.is_ok().then_some(db)
}

fn guard(
    db: &mut Connection,
    refused: &Arc<AtomicBool>,
    limit: Duration,
    stop: &Stop,
) -> Result<()> {
    // Sorts go to a temporary file, not to memory.
    db.pragma_update(Some("temp"), "cache_size", -1024)?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    db.pragma_update(None, "query_only", true)?;
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, MOST_BYTES)?;
    db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let refused = Arc::clone(refused);
    db.authorizer(Some(move |context: AuthContext<'_>| {
        if is_of_secret(&context.action) {
            return Authorization::Ignore;
        }
        if is_reading(&context.action) {
            return Authorization::Allow;
        }
        refused.store(true, Ordering::Relaxed);
        Authorization::Deny
    }))?;
    let stop = stop.clone();
    let begun = Instant::now();
    let is_over = move || stop.check().is_err() || begun.elapsed() > limit;
    db.progress_handler(STEPS, Some(is_over))?;
    Ok(())
}

/// Whether `action` reads the key of the hashes by which erased customers are recognised: it is NULL in a query.
fn is_of_secret(action: &AuthAction<'_>) -> bool {
    matches!(action, AuthAction::Read { table_name, column_name }
        if table_name.eq_ignore_ascii_case("erasure_secret") && column_name.eq_ignore_ascii_case("secret"))
}

fn is_reading(action: &AuthAction<'_>) -> bool {
    match action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => !REFUSED_FUNCTIONS
            .iter()
            .any(|refused| function_name.eq_ignore_ascii_case(refused)),
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            // `user_version = 3` writes; the value of the others is what they describe.
            let sets = pragma_name.eq_ignore_ascii_case("user_version") && pragma_value.is_some();
            let mut reading = READING_PRAGMAS.iter();
            !sets && reading.any(|name| pragma_name.eq_ignore_ascii_case(name))
        }
        _ => false,
    }
}

/// `error` as a message about the query.
fn explained(error: Error, limit: Duration, stop: &Stop) -> Error {
    if matches!(error.kind(), ErrorKind::Stopped(_)) {
        return Error::new(error.kind(), "Requête interrompue");
    }
    let Some(cause) = error
        .source()
        .and_then(|cause| cause.downcast_ref::<Sqlite>())
    else {
        return error;
    };
    match cause.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => match stop.check() {
            Err(stopped) => Error::new(stopped.kind(), "Requête interrompue"),
            Ok(()) => Error::data(format!(
                "La requête a été arrêtée après {} s",
                limit.as_secs()
            ))
            .hint("Restreignez-la (WHERE, LIMIT), ou donnez-lui plus de temps"),
        },
        Some(ErrorCode::TooBig) => Error::data(format!(
            "La requête fabrique une valeur de plus de {} Mio",
            MOST_BYTES >> 20
        ))
        .hint("Demandez les colonnes telles qu'elles sont"),
        _ => match cause {
            Sqlite::MultipleStatement => {
                Error::data("Une seule requête à la fois").hint("Lancez-les l'une après l'autre")
            }
            Sqlite::SqlInputError {
                msg, sql, offset, ..
            } => {
                let before = usize::try_from(*offset).ok().and_then(|end| sql.get(..end));
                not_understood(msg, before.map(|before| before.chars().count()))
            }
            Sqlite::SqliteFailure(failure, Some(message)) if failure.code == ErrorCode::Unknown => {
                not_understood(message, None)
            }
            _ => error,
        },
    }
}

/// The error of a query that SQLite does not understand, after so many of its characters.
fn not_understood(message: &str, before: Option<usize>) -> Error {
    let place = before.map_or_else(String::new, |count| format!(", au signe {}", count + 1));
    Error::data(format!(
        "La requête n'est pas comprise{place} ; SQLite dit : {}",
        cut_message(message)
    ))
    .hint("Les tables : SELECT name FROM pragma_table_list ; les colonnes : SELECT name FROM pragma_table_info('customers')")
}
