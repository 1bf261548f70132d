//! Odoo, from 16.0 to 19.0, by its external API: JSON-2 where the server speaks it, JSON-RPC before.
//!
//! A [`call`]: [`session`] holds the server and its user, [`protocol`] writes requests and reads answers, the HTTP client of
//! `shared` sends them, [`failure`] says what went wrong. A table: [`plan`] asks which applications there are, [`model`]
//! which fields, [`reading`] reads what changed and lists all ids to find deletions, [`pages`] by key, [`references`] hold
//! what rows refer to, and [`readers`] turn each [`row`], a [`record`] of values, into a canonical one.

mod call;
mod check;
mod domain;
mod failure;
mod model;
mod model_cursor;
mod pages;
mod plan;
mod protocol;
mod readers;
mod reading;
mod record;
mod references;
mod rights;
mod row;
mod sales_basis;
mod session;
mod settings;
mod totals;

pub(super) use settings::{GUIDE, SETTINGS};
use settings::{SalesBasis, Server};

use super::{Connector, Plan, RejectLimit, Request};
use crate::connectors::Settings;
use crate::error::Result;
use crate::home::Home;
use crate::report::Check;
use crate::stop::Stop;

/// An Odoo server and a user on it.
#[derive(Debug)]
struct Odoo {
    server: Server,
    sales_basis: SalesBasis,
    reject_limit: RejectLimit,
}

/// Opens a connector with `settings`.
pub(super) fn open(settings: &Settings, home: &Home) -> Result<Box<dyn Connector>> {
    Ok(Box::new(settings::read(settings, home)?))
}

impl Connector for Odoo {
    fn check(&self, stop: &Stop) -> Result<Vec<Check>> {
        check::check(self, stop)
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        plan::plan(self, request)
    }

    fn reject_limit(&self) -> RejectLimit {
        self.reject_limit
    }

    fn caution(&self) -> Option<String> {
        let is_here = self.server.web.is_loopback();
        is_here.then(|| {
            format!(
                "{} est cette machine même : un autre de ses comptes peut y répondre à la place d'Odoo, et recevrait la clé API",
                self.server.web.url
            )
        })
    }
}
