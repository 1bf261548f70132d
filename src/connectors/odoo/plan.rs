//! What to read from a server, given its applications and what was read before.

use std::sync::Arc;

use jiff::civil::Date;

use super::Odoo;
use super::failure::Failure;
use super::model::Model;
use super::model_cursor::ModelCursor;
use super::readers::{Contacts, Customers, ModelReader, Products, StockReading, sales_readers};
use super::reading::TableReading;
use super::references::Common;
use super::rights::Hidden;
use super::sales_basis::BasisChange;
use super::session::Session;
use super::settings::SalesBasis;
use crate::canonical::{Cursors, Table};
use crate::connectors::{Plan, Reading, Request};
use crate::error::{Advice, Error, Result};

/// Lists what a sync would read, table by table.
pub(super) fn plan(config: &Odoo, request: &Request) -> Result<Plan> {
    let session = Session::open(&config.server, &request.stop);
    let session = Arc::new(session.map_err(|failure| failure.into_error(&config.server))?);
    let common = Arc::default();
    let mut plan = Plan::default();
    if session.is_untried() {
        plan.warnings.push(untried(&session));
    }
    for &table in &request.tables {
        if table == Table::SalesLines {
            let hidden = Hidden::from_user(&session);
            let hidden = hidden.map_err(|failure| failure.into_error(&config.server))?;
            if let Some(error) = hidden.error(config.sales_basis) {
                plan.errors.push(error.at(table.label()));
                continue;
            }
            let sentence = hidden.sentence();
            let warning = sentence.map(|sentence| format!("{} : {sentence}", table.label()));
            plan.warnings.extend(warning);
        }
        match open_table((&session, &common), (table, config.sales_basis), request) {
            Ok(Some(reading)) => plan.readings.push(reading),
            Ok(None) if request.tables.len() == 1 => {
                plan.errors.push(not_installed(table, config.sales_basis));
            }
            Ok(None) => {}
            // One table that cannot be read leaves the others.
            Err(failure) if failure.is_of_one_model() => {
                plan.errors
                    .push(failure.into_error(&config.server).at(table.label()));
            }
            Err(failure) => return Err(failure.into_error(&config.server)),
        }
    }
    Ok(plan)
}

/// Says that nobody has tried the version of `session`.
pub(super) fn untried(session: &Session) -> String {
    format!(
        "Odoo {} n'a pas encore été essayé avec crmreco, qui connaît 16 à 19 : comparez les totaux",
        session.version
    )
}

/// The readers of the models that fill `table`; the stock, which is summed up whole, has none.
pub(super) fn readers_of(
    table: Table,
    today: Date,
    basis: SalesBasis,
) -> Vec<Box<dyn ModelReader>> {
    match table {
        Table::Customers => vec![Box::new(Customers::new())],
        Table::Products => vec![Box::new(Products::new(today))],
        Table::SalesLines => sales_readers(basis),
        Table::StockLevels => Vec::new(),
        Table::ContactHistory => vec![Box::new(Contacts::new())],
    }
}

/// The reading of `table`; nothing when none of the applications it comes from is installed.
fn open_table(
    (session, common): (&Arc<Session>, &Arc<Common>),
    (table, basis): (Table, SalesBasis),
    request: &Request,
) -> std::result::Result<Option<Box<dyn Reading>>, Failure> {
    let mut known = request.known.get(&table).cloned().unwrap_or_default();
    let change = match table {
        Table::SalesLines => BasisChange::find(basis, &known.cursors),
        _ => None,
    };
    if change.is_some() {
        // What was read before counts something else.
        known.cursors = Cursors::default();
    }
    let mut gone = Vec::new();
    let mut is_there = |model: &'static Model, mark: &'static str| match model.negotiate(session) {
        Err(Failure::NoModel) => {
            let cursor = ModelCursor::of(mark, &known.cursors);
            if let Some(cursor) = cursor.filter(|cursor| cursor.rows > 0) {
                if !request.allow_shrink {
                    cursor.check_rows(0, model, false)?;
                }
                gone.push((model, mark));
            }
            Ok(None)
        }
        fields => fields.map(Some),
    };
    let mut models = Vec::new();
    if table == Table::StockLevels
        && let Some(fields) = is_there(StockReading::MODEL, StockReading::MODEL.name)?
    {
        return Ok(Some(Box::new(StockReading {
            session: Arc::clone(session),
            common: Arc::clone(common),
            fields,
            mark: ModelCursor::of(StockReading::MODEL.name, &known.cursors)
                .filter(|_| !request.allow_shrink),
        })));
    }
    for reader in readers_of(table, request.today, basis) {
        let fields = is_there(reader.model(), reader.mark())?;
        if let Some(fields) = fields.filter(|fields| reader.is_possible(fields)) {
            models.push((reader, fields));
        }
    }
    if models.is_empty() && gone.is_empty() {
        return Ok(None);
    }
    Ok(Some(Box::new(TableReading {
        session: Arc::clone(session),
        common: Arc::clone(common),
        table,
        models,
        gone,
        change,
        cursors: known.cursors,
        since: request.since,
        full: request.full,
        allow_shrink: request.allow_shrink,
        next_year: request.today.year() + 1,
    })))
}

fn not_installed(table: Table, basis: SalesBasis) -> Error {
    let applications: Vec<&str> = match table {
        Table::StockLevels => vec![StockReading::MODEL.application],
        // The day matters to prices alone.
        _ => readers_of(table, Date::ZERO, basis)
            .iter()
            .map(|reader| reader.model().application)
            .collect(),
    };
    let mut applications = applications;
    applications.dedup();
    let error = Error::source_failed(format!(
        "{} : cet Odoo n'a pas l'application {}",
        table.label(),
        applications.join(" ni ")
    ));
    error
        .hint("Installez-la dans Odoo")
        .advise(Advice::SyncAllTables)
}
