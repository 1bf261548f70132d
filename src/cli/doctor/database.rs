//! The database, the clock by its history, and what removed connectors left.

use jiff::{SignedDuration, Timestamp};

use super::Check;
use crate::cli::{Context, shell_path, shell_word};
use crate::error::{Advice, Error, Result};
use crate::french::{self, listed, plural};
use crate::json::local;
use crate::registry::Registry;
use crate::store::Store;

const DATABASE: (&str, &str) = ("database", "Base de données");
const CLOCK: (&str, &str) = ("clock", "Horloge");
const LEFTOVERS: (&str, &str) = ("leftovers", "Restes");
const LOCKS: (&str, &str) = ("locks", "Verrous");

/// Differences between clocks of one network that prove nothing.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A sync that runs for longer than this hangs.
const LONG: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn checks(
    context: &Context<'_>,
    registry: &Registry,
    store: std::result::Result<&Store, &Error>,
    is_quick: bool,
) -> Vec<Check> {
    let store = match store {
        Ok(store) => store,
        Err(error) => return vec![unopened(context, error)],
    };
    let looks = [
        soundness(context, store, is_quick),
        clock(store),
        locks(store),
        leftovers(context, registry, store),
    ];
    let names = [DATABASE, CLOCK, LOCKS, LEFTOVERS];
    let checks = looks.into_iter().zip(names);
    let checks = checks.filter_map(|(look, names)| match look {
        Ok(check) => check,
        Err(error) if names == DATABASE => Some(unopened(context, &error)),
        Err(error) => Some(Check::failed(names, &error)),
    });
    checks.collect()
}

/// A damaged database is put aside, and everything is read again; any other failure leaves it where it is.
fn unopened(context: &Context<'_>, error: &Error) -> Check {
    let command = if context.home.server().is_some() {
        of_server(context)
    } else {
        of_file(context, error)
    };
    Check::failed(DATABASE, error).mended_by(command)
}

fn of_file(context: &Context<'_>, error: &Error) -> String {
    let path = context.home.database();
    if !error.advice().contains(&Advice::FullRefresh) {
        return format!("ls -l {}*", shell_path(&path));
    }
    let aside = shell_path(&path.with_extension("db.abimee"));
    let again = context.command("sync --all --full");
    format!("mv {} {aside} && {again}", shell_path(&path))
}

/// Tries the server with its own client; an address that does not hold is corrected where it stands.
fn of_server(context: &Context<'_>) -> String {
    match Store::shown_place(&context.home) {
        Ok(place) => {
            // Schema and estate follow the address.
            let address = place
                .rsplit_once(" (")
                .map_or(&*place, |(address, _)| address);
            format!("psql {} -c '\\conninfo'", shell_word(address))
        }
        Err(_) => format!("${{EDITOR:-nano}} {}", shell_path(&context.home.env_file())),
    }
}

fn soundness(context: &Context<'_>, store: &Store, is_quick: bool) -> Result<Option<Check>> {
    if !Store::exists(&context.home) {
        let command = context.command("sync --all");
        let check = Check::warn(
            DATABASE,
            "il n'y en a pas encore : rien n'a été synchronisé",
        );
        return Ok(Some(check.mended_by(command)));
    }
    let rows: u64 = store.table_totals()?.rows.values().sum();
    let rows = plural(rows, "ligne", "lignes");
    if context.home.server().is_some() {
        let place = Store::shown_place(&context.home)?;
        return Ok(Some(Check::ok(DATABASE, format!("{place}, {rows}"))));
    }
    if is_quick {
        return Ok(Some(Check::ok(DATABASE, format!("s'ouvre, {rows}"))));
    }
    if let Some(defect) = store.defect()? {
        let error = Error::store(format!("crmreco.db est abîmée, SQLite dit : {defect}"))
            .advise(Advice::FullRefresh);
        return Ok(Some(unopened(context, &error)));
    }
    Ok(Some(Check::ok(DATABASE, format!("saine, {rows}"))))
}

fn clock(store: &Store) -> Result<Option<Check>> {
    let now = Timestamp::now();
    let newest = store.newest_start()?;
    Ok(Some(
        match newest.filter(|newest| now + TOLERANCE < *newest) {
            Some(newest) => Check::fail(
                CLOCK,
                format!(
                    "elle retarde : la dernière synchronisation est du {}",
                    french::instant(&local(newest))
                ),
            )
            .mended_by("sudo timedatectl set-ntp true"),
            None => Check::ok(CLOCK, french::instant(&local(now))),
        },
    ))
}

/// Which connectors are being synced, and whether one of them hangs. Runs of dead processes were closed when the
/// database was opened for queries.
fn locks(store: &Store) -> Result<Option<Check>> {
    let running = store.sources_running()?;
    for source in &running {
        let since = store.running_since(source)?;
        if let Some(since) = since.filter(|since| Timestamp::now().duration_since(*since) > LONG) {
            let detail = format!(
                "« {source} » est en cours de synchronisation depuis {}",
                french::instant(&local(since))
            );
            return Ok(Some(
                Check::warn(LOCKS, detail).mended_by("pgrep -af crmreco"),
            ));
        }
    }
    Ok(Some(match running.as_slice() {
        [] => Check::ok(LOCKS, "aucune synchronisation en cours"),
        names => Check::ok(LOCKS, format!("en cours : {}", listed(names))),
    }))
}

fn leftovers(context: &Context<'_>, registry: &Registry, store: &Store) -> Result<Option<Check>> {
    let mut names = store.sources_with_rows()?;
    names.retain(|name| !registry.accounts_for(name));
    let Some(first) = names.first() else {
        return Ok(None);
    };
    let detail = format!("lignes de connecteurs retirés : {}", listed(&names));
    let command = context.command(&format!("remove {first} --purge"));
    Ok(Some(Check::warn(LEFTOVERS, detail).mended_by(command)))
}
