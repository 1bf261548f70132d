//! What a server says otherwise than it should, one thing a line: a letter for whom it is about, a sign for how it is
//! meant, and the rest of the line.
//!
//! Letters: one of [`LETTERS`] a model of [`MODELS`], `V` the version, `L` the login, `C` the user's context. Signs:
//!
//! - `=` the rows, `#` the numbers, `+` the count, `?` the fields, or whatever else `V`, `L`, `C` answer: in the order
//!   of the calls, the last one for good;
//! - `.` a JSON object whose fields every usual row has, or the one whose number stands before it;
//! - `*` how many usual rows there are; `-` a field that the server does not have;
//! - `!` status, headers (each after a `;`), a blank and the body of the next call whatever its method; nothing: as usual;
//! - `~` the bytes of the next answer as they stand.

use std::cell::Cell;

use serde_json::{Map, Value};

/// The models that the connector may ask for.
pub(super) const MODELS: [&str; LETTERS.len()] = [
    "res.partner",
    "product.product",
    "sale.order.line",
    "pos.order.line",
    "stock.quant",
    "mailing.trace",
    "sale.order",
    "pos.order",
    "pos.config",
    "res.users",
    "res.users.apikeys",
    "res.country",
    "res.company",
    "res.currency.rate",
    "account.tax",
    "uom.uom",
    "crm.team",
    "product.category",
    "product.template",
    "product.attribute.value",
    "product.template.attribute.value",
    "mailing.mailing",
    "utm.campaign",
    "account.move",
    "account.move.line",
    "loyalty.reward",
    "mailing.contact",
    "mailing.subscription",
    "mailing.contact.subscription",
];

/// The letter of each model.
const LETTERS: &[u8; 29] = b"abcdefghijklmnopqrstuvwABDEFG";

/// Rows of a model, unless the script has more.
const USUAL_ROWS: u64 = 2;

/// More than a page.
const MOST_ROWS: u64 = 1_100;

/// What a server says.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) is_rpc: bool,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    subject: u8,
    sign: u8,
    rest: Vec<u8>,
    is_over: Cell<bool>,
}

impl Script {
    pub(super) fn of(is_rpc: bool, lines: &[u8]) -> Self {
        let lines = lines.split(|byte| *byte == b'\n');
        let lines = lines.filter_map(|line| {
            let [subject, sign, rest @ ..] = line else {
                return None;
            };
            Some(Line {
                subject: *subject,
                sign: *sign,
                rest: rest.to_vec(),
                is_over: Cell::new(false),
            })
        });
        Self {
            is_rpc,
            lines: lines.collect(),
        }
    }

    /// The letter of a model.
    pub(super) fn letter(model: &str) -> u8 {
        let at = MODELS.iter().position(|known| *known == model);
        let at = at.unwrap_or_else(|| panic!("{model} is asked for: add it to the models"));
        LETTERS[at]
    }

    fn lines(&self, subject: u8, sign: u8) -> impl Iterator<Item = &Line> {
        let lines = self.lines.iter();
        lines.filter(move |line| line.subject == subject && line.sign == sign)
    }

    /// What takes the place of the next answer whole, and whether that is raw.
    pub(super) fn interruption(&self, subject: u8) -> Option<(&[u8], bool)> {
        let mut lines = self.lines.iter();
        let next = lines.find(|line| {
            line.subject == subject && matches!(line.sign, b'!' | b'~') && !line.is_over.get()
        })?;
        next.is_over.set(true);
        let is_usual = next.sign == b'!' && next.rest.is_empty();
        (!is_usual).then_some((&next.rest, next.sign == b'~'))
    }

    /// What the next call returns.
    pub(super) fn result(&self, subject: u8, sign: u8) -> Option<&[u8]> {
        let next = self.lines(subject, sign).find(|line| !line.is_over.get());
        let line = next.or_else(|| self.lines(subject, sign).last())?;
        line.is_over.set(true);
        Some(&line.rest)
    }

    /// Changes the usual row `id` of a model.
    pub(super) fn patch(&self, subject: u8, id: u64, row: &mut Map<String, Value>) {
        for line in self.lines(subject, b'.') {
            let begin = line.rest.iter().position(|byte| *byte == b'{');
            let (number, object) = line.rest.split_at(begin.unwrap_or(line.rest.len()));
            let number = std::str::from_utf8(number)
                .ok()
                .and_then(|text| text.parse().ok());
            if number.is_none_or(|number: u64| number == id)
                && let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(object)
            {
                row.extend(fields);
            }
        }
    }

    /// How many usual rows a model has.
    pub(super) fn rows(&self, subject: u8) -> u64 {
        let count = self.lines(subject, b'*').last();
        let count = count.and_then(|line| std::str::from_utf8(&line.rest).ok()?.parse().ok());
        count.unwrap_or(USUAL_ROWS).min(MOST_ROWS)
    }

    /// Whether a model has a field.
    pub(super) fn has_field(&self, subject: u8, field: &str) -> bool {
        !self
            .lines(subject, b'-')
            .any(|line| line.rest == field.as_bytes())
    }
}
