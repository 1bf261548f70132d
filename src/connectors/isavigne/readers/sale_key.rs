//! The key of a sales line: equal in every export, and unique per line.
//!
//! `isavigne-vente|FA-1001|2025|3` is line 3 of the sale FA-1001 of 2025, `isavigne-vente|FA-1001|2025|P1|2` its second
//! line of the product P1, `isavigne-vente|#12` line 12 without a document, `isavigne-vente|=9f3c…|1` the first line
//! with that content.

mod rule;

use std::fmt::Write as _;

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;
use xxhash_rust::xxh3::xxh3_64;

pub(in super::super) use self::rule::SaleKeyRule;
use super::{Context, KEY_PREFIX};
use crate::canonical::Decimal;
use crate::canonical::bytes::holds_any;
use crate::canonical::rows::{Column, ColumnSet};
use crate::canonical::sale::COLUMN;
use crate::connectors::isavigne::Isavigne;
use crate::connectors::isavigne::documents::Documents;
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
    /// See [`Content::hash`]; only for a line without a document and a number.
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
