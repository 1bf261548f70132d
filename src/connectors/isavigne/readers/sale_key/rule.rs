//! What the key of an existing sales line means: its document, its rank, and the key that the line has now.

use jiff::civil::Date;

use super::{BETWEEN, CONTENT, Content, Form, Identity, KEY_PREFIX, NUMBER, SaleKeys, unescaped};
use crate::canonical::rows::Row;
use crate::canonical::sale::COLUMN;
use crate::canonical::{Conflict, KeyRule, Rekeyed};
use crate::connectors::isavigne::Isavigne;
use crate::connectors::isavigne::documents::{DocumentType, Documents, document_type};
use crate::connectors::isavigne::names::Name;
use crate::error::Result;

/// The key rule of sales.
#[derive(Debug)]
pub(in crate::connectors::isavigne) struct SaleKeyRule {
    form: Form,
    /// Builds the keys of existing rows for the possible meanings of their order references.
    typed: SaleKeys,
    plain: SaleKeys,
}

impl SaleKeyRule {
    pub(in crate::connectors::isavigne) fn of(config: &Isavigne) -> Self {
        let form = Form::of(config);
        Self {
            form,
            typed: SaleKeys::of_form(form, ""),
            plain: SaleKeys::of_form(form, ""),
        }
    }
}

impl KeyRule for SaleKeyRule {
    fn explain(&self, conflict: &Conflict) -> (Option<String>, Option<String>, String) {
        let subject = subject(&conflict.key);
        let customer = conflict.existing(COLUMN.customer_key);
        let customer = customer.strip_prefix(KEY_PREFIX).unwrap_or(customer);
        let day = french_day(conflict.existing(COLUMN.date_sale));
        let product = conflict.existing(COLUMN.product_key);
        let reason = if conflict.differs_in(COLUMN.customer_key) {
            format!("{subject} est déjà en base pour un autre client ({customer}, le {day})")
        } else if conflict.differs_in(COLUMN.date_sale) {
            format!("{subject} est déjà en base à une autre date ({customer}, le {day})")
        } else {
            format!(
                "{subject} est déjà en base pour un autre article ({product}, {customer}, le {day})"
            )
        };
        let reason =
            format!("{reason} : document corrigé, ou numéro réutilisé ? réglage SALES_KEY");
        (None, None, reason)
    }

    fn document<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut parts = key.split(BETWEEN);
        let second = parts.nth(1)?;
        if second.starts_with([NUMBER, CONTENT]) {
            return None;
        }
        let mut ends = key.match_indices(BETWEEN).map(|(at, _)| at);
        key.get(..ends.nth(self.form.document_parts() - 1)?)
    }

    fn rank<'k>(&self, key: &'k str) -> Option<(&'k str, u32)> {
        self.document(key)?;
        let (before, rank) = key.rsplit_once(BETWEEN)?;
        let is_ranked = key.matches(BETWEEN).count() == self.form.document_parts() + 1;
        Some((before, rank.parse().ok()?)).filter(|_| is_ranked)
    }

    fn rekey(&mut self, existing: &Row<'_>) -> Result<Rekeyed> {
        let Some(old) = OldLine::of(existing) else {
            return Ok(Rekeyed::Unknown);
        };
        if old.is_quote() {
            return Ok(Rekeyed::NoRow);
        }
        let file = file_of(existing);
        let mut keys = Vec::new();
        let mut is_code = false;
        if let Some((documents, number, code)) = old.typed_document() {
            file.clone_into(&mut self.typed.file);
            let (key, _) = self.typed.of(&old.identity(documents, Some(number)))?;
            keys.push(key.to_owned());
            is_code = code;
        }
        file.clone_into(&mut self.plain.file);
        let identity = old.identity(old.documents, old.document.as_deref());
        let (key, _) = self.plain.of(&identity)?;
        // `FA-1001` is probably a number rather than a type and a number, but may be both.
        keys.insert(if is_code { 0 } else { keys.len() }, key.to_owned());
        Ok(Rekeyed::Keys(keys))
    }

    fn is_by_content(&self, key: &str) -> bool {
        let second = key.find(BETWEEN).and_then(|at| key.get(at + 1..));
        second.is_some_and(|second| second.starts_with(CONTENT))
    }
}

/// An existing line under a key of another form, from its columns.
#[derive(Debug)]
struct OldLine {
    is_of_first_edition: bool,
    documents: Documents,
    document: Option<String>,
    /// The line's own number.
    line: Option<String>,
    customer: String,
    product: String,
    date: Date,
    content: u64,
}

impl OldLine {
    fn of(existing: &Row<'_>) -> Option<Self> {
        let order = Some(existing.text(COLUMN.order_ref)).filter(|order| !order.is_empty());
        let date: Date = existing.text(COLUMN.date_sale).parse().ok()?;
        let customer = existing.text(COLUMN.customer_key);
        let content = Content {
            customer,
            product: existing.text(COLUMN.product_key),
            date,
            quantity: existing.decimal(COLUMN.quantity_units)?,
            unit: existing.text(COLUMN.unit),
            unit_price: existing.decimal(COLUMN.price_unit_eur),
            total: existing.decimal(COLUMN.price_total_eur),
        };
        let key = existing.key().strip_prefix(KEY_PREFIX)?;
        let (documents, document, line) = match key.split_once(BETWEEN) {
            Some((word, rest)) => {
                let documents = documents_of(word)?;
                let by_number = rest.starts_with(NUMBER);
                let document = document_in_key(rest).map(unescaped);
                // For a line identified by its own number alone, the column gives the document.
                let in_column = order
                    .filter(|_| by_number)
                    .map(|order| without_type(order, documents));
                (
                    documents,
                    document.or_else(|| in_column.map(str::to_owned)),
                    number_in_key(rest, content.product).map(unescaped),
                )
            }
            // The first edition ignored the name of the file.
            None => (
                Name::of(file_of(existing)).documents(),
                order.map(str::to_owned),
                number_in_first_key(key, order).map(str::to_owned),
            ),
        };
        Some(Self {
            is_of_first_edition: !key.contains(BETWEEN),
            documents,
            document,
            line,
            customer: customer
                .strip_prefix(KEY_PREFIX)
                .unwrap_or(customer)
                .to_owned(),
            product: content.product.to_owned(),
            date,
            content: content.hash(&mut String::new()),
        })
    }

    /// The type of document at the start of the order reference, and whether it is only a code: `Avoir-12`,
    /// `FA-1001`.
    fn typed_document(&self) -> Option<(Documents, &str, bool)> {
        let document = self
            .document
            .as_deref()
            .filter(|_| self.is_of_first_edition);
        let (word, number) = document?.split_once('-')?;
        match document_type(word)? {
            DocumentType::Of(documents) => {
                Some((documents, number, word.chars().count() <= LONGEST_CODE))
            }
            DocumentType::Quote | DocumentType::Purchase | DocumentType::Movement => None,
        }
    }

    /// Whether the first edition counted a quote as a sale.
    fn is_quote(&self) -> bool {
        let document = self
            .document
            .as_deref()
            .filter(|_| self.is_of_first_edition);
        let word = document
            .and_then(|document| document.split_once('-'))
            .map(|(word, _)| word);
        word.is_some_and(|word| {
            word.chars().count() > LONGEST_CODE && document_type(word) == Some(DocumentType::Quote)
        })
    }

    fn identity<'a>(&'a self, documents: Documents, document: Option<&'a str>) -> Identity<'a> {
        Identity {
            documents,
            document,
            line: self.line.as_deref(),
            customer: &self.customer,
            product: &self.product,
            date: self.date,
            content: self.content,
        }
    }
}

/// `Avoir-12` as `12`, if the type is that of the document.
fn without_type(order: &str, documents: Documents) -> &str {
    match order.split_once('-') {
        Some((word, number)) if document_type(word) == Some(DocumentType::Of(documents)) => number,
        _ => order,
    }
}

/// Longest type that is a code: `FA-1001` is probably a number rather than a type and a number.
const LONGEST_CODE: usize = 3;

/// The file of `existing`.
fn file_of<'r>(existing: &Row<'r>) -> &'r str {
    let place = existing.source_ref().rsplit_once(':');
    place.map_or("", |(file, _)| file)
}

fn documents_of(word: &str) -> Option<Documents> {
    let all = [Documents::Sale, Documents::Return, Documents::Order];
    all.into_iter()
        .find(|documents| super::word(*documents) == word)
}

/// The document's number in the key parts after the first, if there is one.
fn document_in_key(rest: &str) -> Option<&str> {
    let first = rest.split(BETWEEN).next()?;
    (!first.starts_with([NUMBER, CONTENT])).then_some(first)
}

/// The line's own number in the key parts after the first, if there is one.
fn number_in_key<'k>(rest: &'k str, product: &str) -> Option<&'k str> {
    let parts: Vec<&str> = rest.split(BETWEEN).collect();
    match parts.as_slice() {
        [first, ..] if first.starts_with(NUMBER) => first.strip_prefix(NUMBER),
        [first, ..] if first.starts_with(CONTENT) => None,
        [.., before, rank]
            if unescaped(before) == product && is_digits(rank) && parts.len() > 3 =>
        {
            None
        }
        [_, _, .., number] => Some(number),
        _ => None,
    }
}

/// The line's own number in a key of the first edition: `FA-1001-3`, `FA-1001-r2`, `L77`, or a hash and rank.
fn number_in_first_key<'k>(key: &'k str, order: Option<&str>) -> Option<&'k str> {
    let rank = |text: &str| text.strip_prefix('r').is_some_and(is_digits);
    if let Some(order) = order {
        let behind = key.strip_prefix(order);
        return match behind.and_then(|rest| rest.strip_prefix('-')) {
            Some(behind) if rank(behind) => None,
            Some(behind) if is_digits(behind) => Some(behind),
            _ => Some(key),
        };
    }
    let is_content = key.rsplit_once('-').is_some_and(|(hash, behind)| {
        hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && rank(behind)
    });
    (!is_content).then_some(key)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `le document 1 de 2026`
fn subject(key: &str) -> String {
    let mut parts = key.strip_prefix(KEY_PREFIX).unwrap_or(key).split(BETWEEN);
    let what = match parts.next() {
        Some("avoir") => "l'avoir",
        Some("commande") => "la commande",
        _ => "le document",
    };
    let second = parts.next().unwrap_or_default();
    if let Some(number) = second.strip_prefix(NUMBER) {
        return format!("le numéro de ligne {}", unescaped(number));
    }
    let year = parts.next().unwrap_or_default();
    format!("{what} {} de {year}", unescaped(second))
}

/// `2025-01-05` as `05/01/2025`.
fn french_day(iso: &str) -> String {
    match iso.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => iso.to_owned(),
    }
}
