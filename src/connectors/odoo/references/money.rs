//! Currencies: every amount becomes euros, or the table fails.
//!
//! An order's `currency_rate` leads from its own currency to its company's. A company that does not keep its
//! books in euros needs the rate of the euro on the day (`res.currency.rate`, `company_rate`: euros for one unit
//! of the company's currency).

use std::collections::HashMap;

use super::{Basis, read};
use crate::canonical::Decimal;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::record::{Ratio, Record};
use crate::connectors::odoo::row::Cell;
use crate::connectors::odoo::session::Session;
use crate::connectors::shared::one_line;
use crate::error::Error;
use jiff::civil::Date;

const EURO: &str = "EUR";

const COMPANY: Model = Model {
    name: "res.company",
    application: "Odoo",
    required: &[("currency_id", "price_total_eur")],
    optional: &[],
    probed: &[],
};

const RATE: Model = Model {
    name: "res.currency.rate",
    application: "Odoo",
    required: &[
        ("name", "price_total_eur"),
        ("company_rate", "price_total_eur"),
        ("company_id", "price_total_eur"),
    ],
    optional: &[],
    probed: &[],
};

/// What a company's money is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Books {
    InEuros,
    /// Kept in that currency.
    In(String),
}

/// The euro's rate from a day on, in the books of one company or of all.
#[derive(Debug)]
struct EuroRate {
    from: Date,
    company: Option<u64>,
    rate: Ratio,
}

/// How amounts become euros.
#[derive(Debug, Default)]
pub(in super::super) struct Money {
    books: HashMap<u64, Books>,
    /// By day, rising.
    euro_rates: Vec<EuroRate>,
}

impl Money {
    /// Reads the companies of `session`, and the euro's rates where one keeps its books in another currency.
    pub(super) fn read(session: &Session, basis: &mut Basis) -> Result<Self, Failure> {
        let mut money = Self::default();
        read(session, &COMPANY, &Domain::all(), |row| {
            basis.add(row);
            let currency = Record(row).link("currency_id").ok().flatten();
            let books = match currency {
                Some(currency) if currency.label() == EURO => Books::InEuros,
                Some(currency) => Books::In(one_line(&currency.label())),
                None => return Err(Failure::GARBLED),
            };
            money.books.insert(row.id()?, books);
            Ok(())
        })?;
        if money.books.values().any(|books| *books != Books::InEuros) {
            money.read_rates(session, basis)?;
        }
        Ok(money)
    }

    fn read_rates(&mut self, session: &Session, basis: &mut Basis) -> Result<(), Failure> {
        let of_euro = Domain::all().and("currency_id.name", "=", EURO);
        read(session, &RATE, &of_euro, |row| {
            basis.add(row);
            let record = Record(row);
            let from = row.get("name").and_then(Cell::as_str);
            let from = from.and_then(|day| Date::strptime("%Y-%m-%d", day).ok());
            let company = record.link("company_id").ok().flatten();
            if let (Some(from), Ok(Some(rate))) = (from, record.ratio("company_rate")) {
                let company = company.map(|company| company.id);
                self.euro_rates.push(EuroRate {
                    from,
                    company,
                    rate,
                });
            }
            Ok(())
        })?;
        self.euro_rates.sort_by_key(|rate| rate.from);
        Ok(())
    }

    /// The euro where all companies keep their books in it, else an empty text.
    pub(in super::super) fn common_currency(&self) -> &'static str {
        let mut books = self.books.values();
        if books.all(|books| *books == Books::InEuros) {
            EURO
        } else {
            ""
        }
    }

    /// `amount` of the books of `company` on `day`, in euros; `None` when it does not fit. An error where no rate
    /// is known: an amount in another currency never passes for euros.
    pub(in super::super) fn euros(
        &self,
        amount: Decimal,
        company: u64,
        day: Date,
    ) -> Result<Option<Decimal>, Failure> {
        match self.books.get(&company) {
            Some(Books::InEuros) => Ok(Some(amount)),
            Some(Books::In(currency)) => {
                let rate = self
                    .euro_rate(company, day)
                    .ok_or_else(|| no_rate(currency, day))?;
                Ok(rate.multiply(amount))
            }
            None => Err(unknown_company(company)),
        }
    }

    /// The company's own rate goes before the one of all, the latest before or on the day before older ones.
    fn euro_rate(&self, company: u64, day: Date) -> Option<Ratio> {
        let latest = |owner: Option<u64>| {
            let mut rates = self.euro_rates.iter().rev();
            rates.find(|rate| rate.company == owner && rate.from <= day)
        };
        latest(Some(company))
            .or_else(|| latest(None))
            .map(|rate| rate.rate)
    }
}

fn no_rate(currency: &str, day: Date) -> Failure {
    let error = Error::data(format!(
        "la société tient ses comptes en {currency} et Odoo n'a pas de taux de l'euro au {}",
        day.strftime("%d/%m/%Y")
    ));
    error
        .hint("Saisissez ce taux dans Odoo (Facturation > Configuration > Devises > EUR), ou choisissez une société en euros (COMPANY_ID)")
        .into()
}

fn unknown_company(company: u64) -> Failure {
    let error = Error::data(format!("la société n° {company} n'est pas visible"));
    error
        .hint("Donnez à l'utilisateur technique l'accès à cette société, ou choisissez-en une autre (COMPANY_ID)")
        .into()
}
