//! Whether the server can be read right now: who answers, then model by model.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Odoo;
use super::domain::Domain;
use super::failure::Failure;
use super::model::{Fields, Model};
use super::plan::{readers_of, untried};
use super::readers::{ModelReader, Scene, StockReading};
use super::record::INSTANT;
use super::references::{Basis, Common};
use super::rights::Hidden;
use super::session::Session;
use crate::canonical::{Catalog, Table};
use crate::error::Result;
use crate::report::Check;
use crate::stop::Stop;

/// The models of which a right may hide rows.
const ORDER_LINE: &str = "sale.order.line";
const INVOICE_LINE: &str = "account.move.line";

/// Whether the rows that `check` counted may be fewer than there are.
fn is_hidden(check: &Check, hidden: Hidden) -> bool {
    let is_of_orders = check.name == ORDER_LINE && hidden == Hidden::OthersSales;
    check.ok && check.rows.is_some() && (is_of_orders || check.name == INVOICE_LINE)
}

/// Checks the server and every model that is read.
pub(super) fn check(config: &Odoo, stop: &Stop) -> Result<Vec<Check>> {
    let session = Session::open(&config.server, stop);
    let session = session.map_err(|failure| failure.into_error(&config.server))?;
    let common = Common::default();
    let hidden = Hidden::from_user(&session);
    let hidden = hidden.map_err(|failure| failure.into_error(&config.server))?;
    let mut checks = vec![server_check(&session)];
    for table in Table::ALL {
        if table == Table::StockLevels {
            let rows = count((&session, &common), StockReading::MODEL, |scene| {
                Ok(StockReading::domain(scene))
            });
            checks.push(check_model(&session, table, StockReading::MODEL, rows));
            stop.check()?;
        }
        for mut reader in readers_of(table, Date::ZERO, config.sales_basis) {
            // Credit notes of orders need the sales application too.
            let fields = reader.model().negotiate(&session);
            if fields.is_ok_and(|fields| !reader.is_possible(&fields)) {
                continue;
            }
            let rows = count_prepared((&session, &common), reader.as_mut());
            let mut check = check_reader(&session, table, reader.as_ref(), rows);
            if let Some(sentence) = hidden.sentence().filter(|_| is_hidden(&check, hidden)) {
                check.ok = hidden.error(config.sales_basis).is_none();
                check.detail = if check.ok {
                    format!("{} ; {sentence}", check.detail)
                } else {
                    format!("{} : {sentence}", table.label())
                };
            }
            checks.push(check);
            stop.check()?;
        }
    }
    Ok(checks)
}

/// Version, protocol, user, company, and how long the key lives.
fn server_check(session: &Session) -> Check {
    let server = &session.server;
    let login = session.login.as_deref().unwrap_or(&server.login);
    let mut detail = format!("{}, utilisateur {login}", session.protocol());
    if login != server.login {
        detail = format!(
            "{detail} (la clé est la sienne, pas celle de {})",
            server.login
        );
    }
    match (server.company, &session.company_name) {
        (Some(company), _) => detail = format!("{detail}, société n° {company}"),
        (None, Some(name)) => detail = format!("{detail}, société {name}"),
        (None, None) => {}
    }
    if session.uses_password() {
        detail =
            format!("{detail}, avec un mot de passe : préférez une clé API, qui se retire seule");
    } else if let Some(left) = key_life(session) {
        detail = format!("{detail}, {left}");
    }
    if session.is_untried() {
        detail = format!("{detail} ; {}", untried(session));
    }
    Check {
        name: format!("Odoo {}", session.version),
        ok: true,
        detail,
        rows: None,
    }
}

/// Until when the user's keys are valid, where the server returns it (from Odoo 18 on). It does not say which one is
/// ours: the first to expire counts.
fn key_life(session: &Session) -> Option<String> {
    let arguments = json!({
        "domain": [["user_id", "=", session.user]],
        "fields": ["expiration_date"],
    });
    let keys = session
        .call("res.users.apikeys", "search_read", &arguments)
        .ok()?;
    let keys = keys.as_array()?;
    let expiries = keys.iter().filter_map(|key| {
        let written = key.get("expiration_date").and_then(Value::as_str)?;
        let at = DateTime::strptime(INSTANT, written).ok()?;
        at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
    });
    // The key of this session has not expired.
    let now = Timestamp::now();
    let first = expiries.filter(|&at| at > now).min()?;
    let days = first.duration_since(now).as_secs() / 86_400;
    let left = match days {
        0 => "expire aujourd'hui".to_owned(),
        1 => "expire demain".to_owned(),
        days => format!("expire dans {days} jours"),
    };
    Some(if keys.len() == 1 {
        format!("clé API qui {left}")
    } else {
        format!("{} clés API dont la première {left}", keys.len())
    })
}

/// Like [`check_model`]; what a sync does without fails nothing.
fn check_reader(
    session: &Session,
    table: Table,
    reader: &dyn ModelReader,
    rows: std::result::Result<u64, Failure>,
) -> Check {
    let is_denied = matches!(rows, Err(Failure::Denied(_)));
    let mut check = check_model(session, table, reader.model(), rows);
    reader.mark().clone_into(&mut check.name);
    if let Some(without) = reader.can_do_without().filter(|_| is_denied) {
        check.ok = true;
        check.detail = format!("{} ; sans ce droit, {without}", check.detail);
    }
    check
}

fn check_model(
    session: &Session,
    table: Table,
    model: &Model,
    rows: std::result::Result<u64, Failure>,
) -> Check {
    let label = table.label();
    let (ok, detail, rows) = match rows {
        Ok(rows) => (true, format!("{label} : lisible"), Some(rows)),
        Err(Failure::NoModel) => {
            let application = model.application;
            let detail = format!("{label} : rien à lire, application {application} non installée");
            (true, detail, None)
        }
        Err(failure) => {
            let error = failure.into_error(&session.server);
            (false, format!("{label} : {}", error.full_text()), None)
        }
    };
    Check {
        name: model.name.to_owned(),
        ok,
        detail,
        rows,
    }
}

/// How many rows a full sync would read. What they depend on is read too, because that needs rights of its own.
fn count_prepared(
    (session, common): (&Session, &Common),
    reader: &mut dyn ModelReader,
) -> std::result::Result<u64, Failure> {
    count((session, common), reader.model(), |scene| {
        reader.prepare(scene, &mut Basis::of(session))?;
        Ok(reader.domain(scene))
    })
}

/// How many rows of `model` there are in `domain`. One of them is read: the right to count is not the right to read.
fn count(
    (session, common): (&Session, &Common),
    model: &Model,
    domain: impl FnOnce(&Scene<'_>) -> std::result::Result<Domain, Failure>,
) -> std::result::Result<u64, Failure> {
    let fields: Fields = model.negotiate(session)?;
    let scene = Scene {
        session,
        common,
        fields: &fields,
        catalog: &Catalog::default(),
        next_year: 0,
    };
    let domain = domain(&scene)?.to_value();
    let first = json!({"domain": domain, "fields": fields.to_value(), "order": "id", "limit": 1});
    session.call(model.name, "search_read", &first)?;
    let count = session.call(model.name, "search_count", &json!({"domain": domain}))?;
    count.as_u64().ok_or(Failure::GARBLED)
}
