//! `crmreco move`

use std::collections::BTreeMap;

use super::exit::Exit;
use super::{Context, environment, signals};
use crate::error::Error;
use crate::french::{listed, plural};
use crate::home::{DatabaseServer, Home};
use crate::json::{ByTable, MoveAnswer};
use crate::stop::Stop;
use crate::stopwatch::Stopwatch;
use crate::store::Store;
use crate::sync;

/// The place of a database in a file of the home.
const FILE: &str = "sqlite";

/// Move the database to a PostgreSQL server, or back to a file
///
/// Rows, rejects, history and cursors are copied and proved equal on both sides, by counts and by sums per month; only then do
/// the settings in .env lead to the new place. The old one is left as it was. Killed at any instant, the database is where
/// the settings say. While a connector is being synced, nothing is done (exit status 4).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco move --to postgresql://crm@db.example/crm?sslmode=verify-full
  crmreco move --to postgresql://crm@db.example/crm --estate domaine_dupont
  crmreco move --to sqlite")]
pub(super) struct Args {
    /// Address of the server's database (postgresql://…), or sqlite
    #[arg(long, value_name = "DATABASE")]
    to: String,

    /// Schema of the tables on the server
    #[arg(long, value_name = "NAME", default_value = "crmreco")]
    schema: String,

    /// Name of the estate on the server
    #[arg(long, value_name = "NAME", default_value = "default")]
    estate: String,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    require_settings_of_file()?;
    let watch = Stopwatch::start();
    let stop = Stop::default();
    signals::ask(&stop)?;
    let registry = context.registry()?;
    let target = args.target(&context.home)?;
    let (from, to) = (
        Store::shown_place(&context.home)?,
        Store::shown_place(&target)?,
    );
    let moved = sync::relocate(&context.home, &target, &registry, &stop)?;
    let message = format!("Base déplacée vers {to}");
    if context.ui.is_json() {
        context.ui.document(&MoveAnswer {
            success: true,
            message,
            from,
            to,
            rows: ByTable(moved.rows.into_iter().collect()),
            duration_seconds: crate::json::seconds(watch.seconds()),
            env_file: context.home.env_file().display().to_string(),
        });
        return Ok(Exit::DONE);
    }
    context.ui.line(format!("✓ {message}"));
    let rows: Vec<String> = moved
        .rows
        .iter()
        .map(|(table, rows)| format!("{} ({})", table.label(), plural(*rows, "ligne", "lignes")))
        .collect();
    context.ui.line(format!(
        "Comptes et sommes sont égaux des deux côtés : {}",
        listed(&rows)
    ));
    context
        .ui
        .line(format!("L'ancienne base reste telle quelle : {from}"));
    Ok(Exit::DONE)
}

impl Args {
    /// `home` with its database where it is to be.
    fn target(&self, home: &Home) -> Result<Home, Error> {
        if self.to == FILE {
            return Ok(home.clone().on(None));
        }
        let mut variables: BTreeMap<String, String> = environment().collect();
        for (name, value) in [
            (DatabaseServer::ADDRESS, &self.to),
            (DatabaseServer::SCHEMA, &self.schema),
            (DatabaseServer::ESTATE, &self.estate),
        ] {
            variables.insert(name.to_owned(), value.clone());
        }
        let server = DatabaseServer::of_variables(&variables, home.folder())?;
        Ok(home.clone().on(server))
    }
}

/// The process environment wins over `.env`: a place that it gives cannot be changed here.
fn require_settings_of_file() -> Result<(), Error> {
    if std::env::var_os(DatabaseServer::ADDRESS).is_none_or(|address| address.is_empty()) {
        return Ok(());
    }
    Err(Error::config(format!(
        "{} vient de l'environnement : rien n'a été déplacé",
        DatabaseServer::ADDRESS
    ))
    .hint("Retirez cette variable là où elle est définie, ou écrivez-la dans le fichier .env"))
}
