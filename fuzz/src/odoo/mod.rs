//! Any answers of an Odoo server: checked, planned and read over real HTTP on loopback.
//!
//! The first byte says how the connector is used, the second which table it reads; the rest is what the server says
//! otherwise than it should, one thing a line (see [`script`]).

mod house;
mod script;
mod server;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crmreco::canonical::{Catalog, Cursor, Decimal, Shape, Table};
use crmreco::connectors::{Connector, Known, Request};
use crmreco::home::Home;
use crmreco::registry::{Registration, Registry};
use crmreco::stop::Stop;
use jiff::Timestamp;

use super::Target;
use super::audit::Audit;
use super::estate::{TODAY, settings_of};
use super::source::Source;
use script::Script;
use server::Server;

/// What nothing may tell.
const KEY: &str = "cle-a0b1c2d3e4f5a6b7";

const ODOO: Source = Source::Server { secret: KEY };

/// A server that says anything, and a connector that reads it.
pub struct Answers {
    server: Server,
    registry: Registry,
    catalog: Catalog,
    rows: AtomicU64,
}

/// How the connector is used, bit by bit.
#[derive(Debug, Clone, Copy)]
struct Options {
    kind: u8,
    table: u8,
}

impl Options {
    const RPC: u8 = 1;
    /// Two bits: it asks for everything there is, and takes long.
    const CHECK: u8 = 2 | 128;
    /// Read, then read once more from where the first reading ended.
    const AGAIN: u8 = 4;
    const FULL: u8 = 8;
    const SINCE: u8 = 16;
    const ALLOW_SHRINK: u8 = 32;
    const COMPANY: u8 = 64;

    fn has(self, kind: u8) -> bool {
        self.kind & kind == kind
    }

    /// The table that is asked for: each takes many an exchange. Now and then all are.
    fn tables(self) -> Vec<Table> {
        match Table::ALL.get(usize::from(self.table % 8)) {
            Some(table) => vec![*table],
            None if self.table == 255 => Table::ALL.to_vec(),
            None => vec![Table::SalesLines],
        }
    }
}

impl Default for Answers {
    fn default() -> Self {
        let registry = Registry::read(&Home::at("/nowhere"), std::iter::empty());
        let magnum = Shape {
            format_cl: Some(Decimal::from_ten_thousandths(1_500_000)),
            region: None,
        };
        Self {
            server: Server::start(),
            registry: registry.expect("an empty registry"),
            catalog: Catalog::from_iter([("odoo-1".into(), magnum.into())]),
            rows: AtomicU64::new(0),
        }
    }
}

impl Target for Answers {
    fn check(&self, data: &[u8]) {
        let [kind, table, lines @ ..] = data else {
            return;
        };
        let options = Options {
            kind: *kind,
            table: *table,
        };
        let connector = self.connector(options);
        let stop = Stop::default();
        let impatient = (!options.has(Options::CHECK)).then(|| stop.flag());
        self.server
            .play(Script::of(options.has(Options::RPC), lines), impatient);
        if options.has(Options::CHECK) {
            check(&*connector);
        } else {
            self.sync(&*connector, options, &stop);
        }
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows.load(Ordering::Relaxed))
    }
}

impl Answers {
    fn connector(&self, options: Options) -> Box<dyn Connector> {
        let mut settings = vec![
            ("URL", self.server.url()),
            ("DB", "cave"),
            ("USER", "crm"),
            ("API_KEY", KEY),
            ("TIMEOUT", "1"),
        ];
        if options.has(Options::COMPANY) {
            settings.push(("COMPANY_ID", "1"));
        }
        let registration = Registration {
            name: "fuzz".to_owned(),
            kind: "odoo".to_owned(),
            settings: settings_of(&settings),
        };
        ODOO.assert_may_be_told(&format!("{registration:?}"));
        let opened = self.registry.open_registration(&registration);
        opened.expect("the settings are good")
    }

    fn sync(&self, connector: &dyn Connector, options: Options, stop: &Stop) {
        let mut request = Request {
            tables: options.tables(),
            since: options.has(Options::SINCE).then_some(Timestamp::UNIX_EPOCH),
            full: options.has(Options::FULL),
            allow_shrink: options.has(Options::ALLOW_SHRINK),
            today: TODAY,
            stop: stop.clone(),
            known: BTreeMap::new(),
        };
        request.known = self.read(connector, &request);
        if options.has(Options::AGAIN) {
            self.read(connector, &request);
        }
    }

    /// Reads what is planned; gives back how far.
    fn read(&self, connector: &dyn Connector, request: &Request) -> BTreeMap<Table, Known> {
        let mut known = BTreeMap::new();
        let plan = match connector.plan(request) {
            Ok(plan) => plan,
            Err(error) => {
                ODOO.assert_is_clear(&error);
                return known;
            }
        };
        plan.errors
            .iter()
            .for_each(|error| ODOO.assert_is_clear(error));
        plan.warnings
            .iter()
            .for_each(|warning| ODOO.assert_may_be_told(warning));
        for mut reading in plan.readings {
            let mut audit = Audit::of(reading.table(), ODOO);
            match reading.read(&self.catalog, &mut audit) {
                Ok(()) => {
                    audit.assert_is_over();
                    assert!(!audit.cursors().is_empty(), "read, and nothing kept");
                    self.rows.fetch_add(audit.rows, Ordering::Relaxed);
                    known.insert(audit.table(), known_of(&audit));
                }
                Err(error) => ODOO.assert_is_clear(&error),
            }
        }
        known
    }
}

fn known_of(audit: &Audit) -> Known {
    let cursors = audit.cursors().iter();
    let cursors = cursors.map(|Cursor { mark, label }| (mark.clone(), (label.clone(), 1)));
    Known {
        first_kept: 0,
        cursors: cursors.collect(),
        rows: audit.rows,
        ..Known::default()
    }
}

fn check(connector: &dyn Connector) {
    match connector.check(&crmreco::stop::Stop::default()) {
        Ok(checks) => {
            for check in &checks {
                ODOO.assert_may_be_told(&check.name);
                ODOO.assert_may_be_told(&check.detail);
                assert!(check.ok || check.rows.is_none(), "{check:?}");
            }
        }
        Err(error) => ODOO.assert_is_clear(&error),
    }
}
