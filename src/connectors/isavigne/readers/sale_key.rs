//! The key of a sales line: equal in every export, and unique per line.
//!
//! `isavigne-vente|FA-1001|2025|3` is line 3 of the sale FA-1001 of 2025, `isavigne-vente|FA-1001|2025|P1|2` its second
//! line of the product P1, `isavigne-vente|#12` line 12 without a document, `isavigne-vente|=9f3c…|1` the first line
//! with that content.

use std::fmt::Write as _;

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;
use xxhash_rust::xxh3::xxh3_64;

use super::{Context, KEY_PREFIX};
use crate::canonical::bytes::holds_any;
use crate::canonical::rows::{Column, ColumnSet, Row};
use crate::canonical::sale::COLUMN;
use crate::canonical::{Conflict, Decimal, KeyRule, Rekeyed};
use crate::connectors::isavigne::Isavigne;
use crate::connectors::isavigne::documents::{DocumentType, Documents, document_type};
use crate::connectors::isavigne::names::Name;
use crate::connectors::isavigne::settings::{SalesFiles, SalesKey};
use crate::error::Result;
use crate::tally::Tally;

/// Separator of the parts of a key.
const BETWEEN: char = '|';

/// Prefix of a second part that is a line's own number.
const NUMBER: char = '#';

/// Prefix of a second part that is a hash of the line's content.
const CONTENT: char = '=';

/// Most documents remembered with their customers; an export keeps the lines of a document together.
const MOST_DOCUMENTS: usize = 16 * 1024;

/// Most examples of reused numbers in a message.
const EXAMPLES: usize = 3;

/// The cells that identify a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'a> {
    pub(super) documents: Documents,
    /// The document's number, as written.
    pub(super) document: Option<&'a str>,
    /// The line's own number, as written.
    pub(super) line: Option<&'a str>,
    /// The customer's code, as written.
    pub(super) customer: &'a str,
    pub(super) product: &'a str,
    pub(super) date: Date,
    /// See [`content`].
    pub(super) content: u64,
}

/// What was sold to whom, independent of the export's spelling, for hashing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a> {
    pub(super) customer: &'a str,
    pub(super) product: &'a str,
    pub(super) date: Date,
    pub(super) quantity: Decimal,
    pub(super) unit: &'a str,
    pub(super) unit_price: Option<Decimal>,
    pub(super) total: Option<Decimal>,
}

impl Content<'_> {
    /// Its hash; `scratch` is a reused buffer.
    pub(super) fn hash(&self, scratch: &mut String) -> u64 {
        let amount = |amount: Option<Decimal>| amount.map_or(0, Decimal::ten_thousandths);
        scratch.clear();
        // Writing to a String cannot fail.
        let _ = write!(
            scratch,
            "{}\0{}\0{}\0{}\0{}\0{}\0{}",
            self.customer,
            self.product,
            self.date,
            self.quantity.ten_thousandths(),
            self.unit,
            amount(self.unit_price),
            amount(self.total),
        );
        xxh3_64(scratch.as_bytes())
    }
}

/// The settings that determine keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    sales_key: SalesKey,
    fiscal_year_start: (i8, i8),
    is_append: bool,
}

impl Form {
    fn of(config: &Isavigne) -> Self {
        Self {
            sales_key: config.sales_key,
            fiscal_year_start: config.fiscal_year_start,
            is_append: config.sales_files == SalesFiles::Append,
        }
    }

    /// The year in which the document number of `date` was issued.
    fn year(self, date: Date) -> i16 {
        let is_before = (date.month(), date.day()) < self.fiscal_year_start;
        date.year() - i16::from(is_before)
    }

    /// Number of key parts that identify the document.
    fn document_parts(self) -> usize {
        match self.sales_key {
            SalesKey::DocumentCustomer | SalesKey::DocumentDate => 4,
            SalesKey::Auto | SalesKey::Document | SalesKey::Line => 3,
        }
    }
}

/// Columns that an existing row under a line's key must share, by kind of key.
#[derive(Debug, Clone, Copy)]
struct Fixed {
    numbered: ColumnSet,
    ranked: ColumnSet,
    bare: ColumnSet,
}

impl Fixed {
    fn of(form: Form) -> Self {
        const CUSTOMER: Column = COLUMN.customer_key;
        const PRODUCT: Column = COLUMN.product_key;
        const DATE: Column = COLUMN.date_sale;
        let (numbered, ranked, bare): (&[_], &[_], &[_]) = match form.sales_key {
            SalesKey::Auto => (&[CUSTOMER], &[CUSTOMER, DATE], &[CUSTOMER, PRODUCT]),
            SalesKey::DocumentCustomer => (&[], &[DATE], &[PRODUCT]),
            SalesKey::DocumentDate => (&[CUSTOMER], &[CUSTOMER], &[PRODUCT]),
            SalesKey::Document | SalesKey::Line => (&[], &[], &[]),
        };
        Self {
            numbered: ColumnSet::of(numbered),
            ranked: ColumnSet::of(ranked),
            bare: ColumnSet::of(bare),
        }
    }
}

/// The document of the previous line, whose key prefix the next line of it shares.
#[derive(Debug, Default)]
struct LastDocument {
    documents: Option<Documents>,
    number: String,
    customer: String,
    date: Date,
    /// Length of the key prefix shared by all its lines, in bytes; 0 without a document.
    key_length: usize,
}

impl LastDocument {
    fn is_of(&self, line: &Identity<'_>, number: &str) -> bool {
        self.key_length > 0
            && self.documents == Some(line.documents)
            && self.date == line.date
            && self.number == number
            && self.customer == line.customer
    }

    fn become_of(&mut self, line: &Identity<'_>, number: &str, key_length: usize) {
        self.documents = Some(line.documents);
        number.clone_into(&mut self.number);
        line.customer.clone_into(&mut self.customer);
        self.date = line.date;
        self.key_length = key_length;
    }
}

/// Builds the keys of one file's lines.
#[derive(Debug)]
pub(super) struct SaleKeys {
    form: Form,
    fixed: Fixed,
    /// The file, where its lines differ from equal lines of other files.
    file: String,
    /// Number of lines so far by document and product, or by content.
    ranks: Tally,
    key: String,
    last: LastDocument,
    /// Hash of the customer by hash of the document.
    customers: HashMap<u64, u64>,
    reused: u64,
    examples: Vec<String>,
}

impl SaleKeys {
    pub(super) fn new(context: Context<'_>) -> Self {
        Self::of_form(Form::of(context.config), context.file)
    }

    fn of_form(form: Form, file: &str) -> Self {
        Self {
            form,
            fixed: Fixed::of(form),
            file: file.to_owned(),
            ranks: Tally::default(),
            key: String::new(),
            last: LastDocument::default(),
            customers: HashMap::new(),
            reused: 0,
            examples: Vec::new(),
        }
    }

    /// The key of the next line, and the columns that an existing row under it must share.
    pub(super) fn of(&mut self, line: &Identity<'_>) -> Result<(&str, ColumnSet)> {
        let is_for_ever = self.form.sales_key == SalesKey::Line && line.line.is_some();
        let document = line.document.filter(|_| !is_for_ever);
        if let Some(document) = document {
            let fixed = self.set_of_document(line, document)?;
            return Ok((&self.key, fixed));
        }
        self.last.key_length = 0;
        self.begin(line);
        let fixed = if let Some(number) = line.line {
            self.push_part_of(NUMBER, number);
            self.push_discriminator(line);
            self.fixed.bare
        } else {
            self.set_of_content(line)?;
            ColumnSet::NONE
        };
        Ok((&self.key, fixed))
    }

    fn set_of_document(&mut self, line: &Identity<'_>, document: &str) -> Result<ColumnSet> {
        if self.last.is_of(line, document) {
            self.key.truncate(self.last.key_length);
        } else {
            self.begin(line);
            // The number first: keys that ascend like the lines of an export are written and looked up several times
            // faster.
            self.push_part(document);
            let year = self.form.year(line.date);
            self.key.push(BETWEEN);
            self.key.push_str(itoa::Buffer::new().format(year));
            self.push_discriminator(line);
            self.look_for_reuse(line, document);
            self.last.become_of(line, document, self.key.len());
        }
        if let Some(number) = line.line {
            self.push_part(number);
            Ok(self.fixed.numbered)
        } else {
            self.push_part(line.product);
            self.push_rank()?;
            Ok(self.fixed.ranked)
        }
    }

    fn set_of_content(&mut self, line: &Identity<'_>) -> Result<()> {
        self.key.push(BETWEEN);
        // Writing to a String cannot fail.
        let _ = write!(self.key, "{CONTENT}{:016x}", line.content);
        self.push_rank()?;
        if self.form.is_append {
            let file = std::mem::take(&mut self.file);
            self.push_part(&file);
            self.file = file;
        }
        Ok(())
    }

    fn begin(&mut self, line: &Identity<'_>) {
        self.key.clear();
        self.key.push_str(KEY_PREFIX);
        self.key.push_str(word(line.documents));
    }

    /// The last key built.
    pub(super) fn last(&self) -> &str {
        &self.key
    }

    /// Appends what distinguishes documents with reused numbers.
    fn push_discriminator(&mut self, line: &Identity<'_>) {
        match self.form.sales_key {
            SalesKey::DocumentCustomer => self.push_part(line.customer),
            SalesKey::DocumentDate => {
                self.key.push(BETWEEN);
                let _ = write!(self.key, "{}", line.date);
            }
            SalesKey::Auto | SalesKey::Document | SalesKey::Line => {}
        }
    }

    fn push_part(&mut self, part: &str) {
        self.key.push(BETWEEN);
        push_escaped(&mut self.key, part);
    }

    fn push_part_of(&mut self, kind: char, part: &str) {
        self.key.push(BETWEEN);
        self.key.push(kind);
        push_escaped(&mut self.key, part);
    }

    /// Appends the line's rank among those with the same key prefix.
    fn push_rank(&mut self) -> Result<()> {
        let rank = self.ranks.count(xxh3_64(self.key.as_bytes()))?;
        self.key.push(BETWEEN);
        self.key.push_str(itoa::Buffer::new().format(rank));
        Ok(())
    }

    /// Detects reused numbers: two customers with one number in one file.
    fn look_for_reuse(&mut self, line: &Identity<'_>, document: &str) {
        if self.form.sales_key != SalesKey::Auto {
            return;
        }
        if self.customers.len() >= MOST_DOCUMENTS {
            self.customers.clear();
        }
        let customer = xxh3_64(line.customer.as_bytes());
        let first = *self
            .customers
            .entry(xxh3_64(self.key.as_bytes()))
            .or_insert(customer);
        if first != customer {
            self.reused += 1;
            if self.examples.len() < EXAMPLES && !self.examples.iter().any(|one| one == document) {
                self.examples.push(document.to_owned());
            }
        }
    }

    /// A remark about reused numbers.
    pub(super) fn remark(&self) -> Option<String> {
        (self.reused > 0).then(|| {
            format!(
                "des numéros de pièces servent à plusieurs clients (par exemple {}) : réglage SALES_KEY=document+customer \
                 si ce sont des ventes différentes, document si c'est la même",
                self.examples.join(", ")
            )
        })
    }
}

/// Appends `part`, escaping separators and prefixes of other kinds of parts.
fn push_escaped(key: &mut String, part: &str) {
    if matches!(part.as_bytes(), [b'#' | b'=', ..]) {
        key.push('\\');
    }
    if !holds_any(part.as_bytes(), *b"|\\") {
        key.push_str(part);
        return;
    }
    for sign in part.chars() {
        match sign {
            BETWEEN => key.push_str("\\p"),
            '\\' => key.push_str("\\\\"),
            sign => key.push(sign),
        }
    }
}

/// Inverse of [`push_escaped`].
fn unescaped(part: &str) -> String {
    let mut whole = String::with_capacity(part.len());
    let mut signs = part.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.as_str().starts_with('p') => {
                signs.next();
                whole.push(BETWEEN);
            }
            '\\' => whole.extend(signs.next()),
            sign => whole.push(sign),
        }
    }
    whole
}

/// Key prefix for documents of a kind, after the type's prefix.
pub(in super::super) const fn word(documents: Documents) -> &'static str {
    match documents {
        Documents::Sale => "vente",
        Documents::Return => "avoir",
        Documents::Order => "commande",
    }
}

/// The key rule of sales.
#[derive(Debug)]
pub(in super::super) struct SaleKeyRule {
    form: Form,
    /// Builds the keys of existing rows for the possible meanings of their order references.
    typed: SaleKeys,
    plain: SaleKeys,
}

impl SaleKeyRule {
    pub(in super::super) fn of(config: &Isavigne) -> Self {
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
        .find(|documents| self::word(*documents) == word)
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
