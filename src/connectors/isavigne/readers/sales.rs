//! `*vente*` and `*facture*` files.

use std::borrow::Cow;

use jiff::civil::Date;

use super::amounts::{Amounts, Figures};
use super::margin::Margin;
use super::remembered::Remembered;
use super::sale_key::{Content, Identity, SaleKeys};
use super::stock::BOTTLE;
use super::units::Units;
use super::{Context, RowReader, set_key};
use crate::canonical::rows::{Column, ColumnSet, Partial};
use crate::canonical::sale::{COLUMN, SaleLine};
use crate::canonical::text;
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::documents::{
    DocumentType, Documents, Void, document_type, names_document, void,
};
use crate::connectors::isavigne::file_reading::dates::LastDate;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// The fields of prices with tax.
const PRICES: &[Field] = &[
    Field::PriceUnit,
    Field::PriceUnitPlain,
    Field::Total,
    Field::TotalPlain,
    Field::TaxRate,
    Field::TaxAmount,
];

/// The canonical columns and their fields. The sales unit gives the bottles: where no column contains the unit, the
/// existing bottles are kept.
const FED: &[(Column, &[Field])] = &[
    (COLUMN.order_ref, &[Field::OrderRef]),
    (COLUMN.price_unit_eur, PRICES),
    (COLUMN.price_total_eur, PRICES),
    (
        COLUMN.price_total_excl_tax_eur,
        &[Field::TotalExclTax, Field::PriceUnitExclTax],
    ),
    (COLUMN.cost_total_eur, &[Field::Cost, Field::Margin]),
    (COLUMN.margin_percent, &[Field::Cost, Field::Margin]),
    (COLUMN.channel, &[Field::Channel]),
    (COLUMN.notes, &[Field::Notes]),
];
const FED_BY_UNIT: &[(Column, &[Field])] = &[
    (COLUMN.unit, &[Field::Unit]),
    (COLUMN.quantity_bottles_75cl_eq, &[Field::Unit]),
];

/// The first and the last day of the rows read.
#[derive(Debug, Default)]
struct Days(Option<(Date, Date)>);

impl Days {
    fn add(&mut self, day: Date) {
        match &mut self.0 {
            None => self.0 = Some((day, day)),
            Some((first, _)) if day < *first => *first = day,
            Some((_, last)) if day > *last => *last = day,
            Some(_) => {}
        }
    }
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen of a file, each for itself"
)]
pub(super) struct Sales<'a> {
    context: Context<'a>,
    units: Units<'a>,
    amounts: Amounts,
    keys: SaleKeys,
    /// Whether the current row has a key.
    has_key: bool,
    /// Columns that the file lacks.
    absent: ColumnSet,
    counts_bottles: bool,
    last_type: Remembered<Option<DocumentType>>,
    last_status: Remembered<Option<Void>>,
    last_void_type: Remembered<Option<Void>>,
    /// Whether orders of this file counted as sales.
    counted_orders: bool,
    saw_invoices: bool,
    has_types: bool,
    /// Whether the column of types contained a known type so far.
    saw_types: bool,
    /// Whether the column of types is about documents, once an unknown word needs it.
    types_are_documents: Option<bool>,
    days: Days,
    last_date: LastDate,
    customer_key: String,
    /// A document's number behind its type, kept for its memory.
    typed_number: String,
    scratch: String,
}

impl<'a> Sales<'a> {
    pub(super) fn new(columns: &Columns, context: Context<'a>) -> Self {
        let counts_bottles = columns.counts_bottles();
        let by_unit = if counts_bottles {
            ColumnSet::NONE
        } else {
            columns.absent(FED_BY_UNIT)
        };
        Self {
            context,
            units: Units::new(context.catalog, context.config.case_size),
            amounts: Amounts::default(),
            keys: SaleKeys::new(context),
            has_key: false,
            absent: columns.absent(FED).union(by_unit),
            counts_bottles,
            last_type: Remembered::default(),
            last_status: Remembered::default(),
            last_void_type: Remembered::default(),
            counted_orders: false,
            saw_invoices: false,
            has_types: columns.has(Field::DocumentType),
            saw_types: false,
            types_are_documents: None,
            days: Days::default(),
            last_date: LastDate::default(),
            customer_key: String::new(),
            typed_number: String::new(),
            scratch: String::new(),
        }
    }

    /// The kind of the row's document: from its column, otherwise from the file's name.
    fn documents(
        &mut self,
        cells: &Cells<'_>,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<DocumentType, Box<Refusal>> {
        let Some(word) = written_type(cells) else {
            return Ok(DocumentType::Of(self.context.documents));
        };
        let meaning = self.last_type.of(word, document_type);
        if meaning == Some(DocumentType::Of(Documents::Sale)) {
            self.note_invoice(cells)?;
        }
        self.saw_types |= meaning.is_some();
        match meaning {
            Some(meaning) => Ok(meaning),
            None if self.types_are_documents(cells)? => Err(cells.refuse(
                Field::DocumentType,
                "n'est pas un type de pièce connu (facture, ticket, vente, avoir, retour, devis, commande, bon de livraison) : est-ce une vente ?",
            )),
            None => {
                remarks.add(Remark::UnknownDocument, line, word);
                Ok(DocumentType::Of(Documents::Sale))
            }
        }
    }

    /// Whether the column of types contains types of documents: its header says so, or one of its words is one. A column
    /// called only `type` may contain types of customers: `Particulier`.
    fn types_are_documents(&mut self, cells: &Cells<'_>) -> Result<bool, Box<Refusal>> {
        if let Some(known) = self.types_are_documents {
            return Ok(known);
        }
        let header = text::header_key(cells.header(Field::DocumentType));
        let mut are_documents = header.contains("document") || header.contains("piece");
        if !are_documents {
            cells.each_row(|row| {
                let word = row.plain(Field::DocumentType);
                are_documents |= word.is_some_and(names_document);
            })?;
        }
        Ok(*self.types_are_documents.insert(are_documents))
    }

    /// Records an invoice. Orders do not count beside invoices: the file is read again if some of its orders did.
    fn note_invoice(&mut self, cells: &Cells<'_>) -> Result<(), Box<Refusal>> {
        self.saw_invoices = true;
        if cells.has_invoices() {
            return Ok(());
        }
        cells.note_invoice();
        if self.counted_orders {
            return Err(Refusal::Again.into());
        }
        Ok(())
    }

    /// Why the row is not a sale, if it is not.
    fn why_aside(&mut self, cells: &Cells<'_>, kind: DocumentType) -> Option<Remark> {
        // `Facture annulée` says so by its type.
        let by_type = cells.plain(Field::DocumentType);
        let by_type = by_type.and_then(|word| self.last_void_type.of(word, void));
        let by_status = cells.plain(Field::Status);
        let by_status = by_status.and_then(|word| self.last_status.of(word, void));
        if let Some(why) = by_status.or(by_type) {
            return Some(match why {
                Void::Cancelled => Remark::Cancelled,
                Void::Draft => Remark::Draft,
                Void::Refunded => Remark::Refunded,
            });
        }
        match kind {
            DocumentType::Quote => Some(Remark::QuoteAside),
            DocumentType::Purchase => Some(Remark::PurchaseAside),
            DocumentType::Movement => Some(Remark::MovementAside),
            DocumentType::Of(Documents::Order)
                if cells.has_invoices() || self.context.invoices.exist() =>
            {
                Some(Remark::OrderAside)
            }
            DocumentType::Of(_) => None,
        }
    }

    /// Skips the row; an existing line of the same customer under its key is deleted.
    fn leave_aside(
        &mut self,
        cells: &Cells<'_>,
        kind: DocumentType,
        line: u64,
        sink: &mut dyn Sink,
    ) -> Result<(), Box<Refusal>> {
        let DocumentType::Of(documents) = kind else {
            return Ok(sink.left_aside(None)?);
        };
        let own = match IdentityCells::read(cells, &mut self.last_date) {
            Ok(own) => own,
            // What does not count need not be whole.
            Err(refusal) if matches!(*refusal, Refusal::Row(_)) => {
                return Ok(sink.left_aside(None)?);
            }
            Err(refusal) => return Err(refusal),
        };
        set_key(&mut self.customer_key, &[&own.customer]);
        let mut content = 0;
        if !own.has_number() {
            let is_return = documents == Documents::Return;
            // Remarks about the amounts of a row that does not count are useless.
            match self
                .amounts
                .read(cells, is_return, line, &mut Remarks::on_lines())
            {
                Ok(figures) => {
                    let unit = self.unit(cells);
                    content =
                        self.content_hash(&own, &figures, unit.as_deref().unwrap_or_default());
                }
                Err(refusal) if matches!(*refusal, Refusal::Row(_)) => {
                    return Ok(sink.left_aside(None)?);
                }
                Err(refusal) => return Err(refusal),
            }
        }
        let (key, _) = self.keys.of(&own.identity(documents, content))?;
        Ok(sink.left_aside(Some((key, &self.customer_key)))?)
    }

    /// The sales unit of the row, as written.
    fn unit<'c>(&self, cells: &Cells<'c>) -> Option<Cow<'c, str>> {
        if self.counts_bottles {
            Some(Cow::Borrowed(BOTTLE))
        } else {
            cells.text(Field::Unit)
        }
    }

    /// Content hash, independent of the export's spelling: it identifies a line without a number.
    fn content_hash(&mut self, own: &IdentityCells<'_>, figures: &Figures, unit: &str) -> u64 {
        let content = Content {
            customer: &self.customer_key,
            product: &own.product,
            date: own.date,
            quantity: figures.quantity,
            unit,
            unit_price: figures.unit_price,
            total: figures.total,
        };
        content.hash(&mut self.scratch)
    }
}

/// The cells that identify the line.
struct IdentityCells<'c> {
    document: Option<Cow<'c, str>>,
    line: Option<Cow<'c, str>>,
    customer: Cow<'c, str>,
    product: Cow<'c, str>,
    date: Date,
}

impl<'c> IdentityCells<'c> {
    fn read(cells: &Cells<'c>, last_date: &mut LastDate) -> Result<Self, Box<Refusal>> {
        Ok(Self {
            document: document(cells)?,
            line: cells.code(Field::SaleLineKey)?,
            customer: cells.required_code(Field::CustomerKey)?,
            product: cells.required_code(Field::ProductKey)?,
            date: last_date.read(cells, Field::Date)?,
        })
    }

    /// Whether the line has a number.
    fn has_number(&self) -> bool {
        self.document.is_some() || self.line.is_some()
    }

    fn identity(&self, documents: Documents, content: u64) -> Identity<'_> {
        Identity {
            documents,
            document: self.document.as_deref(),
            line: self.line.as_deref(),
            customer: &self.customer,
            product: &self.product,
            date: self.date,
            content,
        }
    }
}

/// The type of the row's document, as written. A dash is no value.
fn written_type<'c>(cells: &Cells<'c>) -> Option<&'c str> {
    let word = cells.plain(Field::DocumentType);
    word.filter(|word| word.contains(char::is_alphanumeric))
}

/// The number of the row's document, behind its series where there is one: each journal, or till, counts for itself.
fn document<'c>(cells: &Cells<'c>) -> Result<Option<Cow<'c, str>>, Box<Refusal>> {
    let number = cells.code(Field::OrderRef)?;
    if !cells.has(Field::Series) {
        return Ok(number);
    }
    let series = cells.code(Field::Series)?;
    Ok(match (series, number) {
        (Some(series), Some(number)) => Some(Cow::Owned(format!("{series}/{number}"))),
        (_, number) => number,
    })
}

/// The document's number, its type before it where there is one: an invoice and a credit note may share their number.
fn order_ref<'r>(
    typed: &'r mut String,
    number: Option<&'r str>,
    kind: Option<&str>,
) -> Option<&'r str> {
    let (Some(number), Some(kind)) = (number, kind) else {
        return number;
    };
    typed.clear();
    for part in [kind, "-", number] {
        typed.push_str(part);
    }
    Some(typed)
}

/// Credit notes often have numbers of their own, `AV12`: without a column of types, nothing else shows it.
#[inline]
fn remark_on_return(document: Option<&str>, line: u64, remarks: &mut Remarks) {
    let Some(document) = document else { return };
    if let [b'A' | b'a', b'V' | b'v', b'-' | b'_' | b'0'..=b'9', ..] = document.as_bytes() {
        remarks.add(Remark::LikeReturn, line, document);
    }
}

/// Refuses a row in another currency than the euro.
fn check_currency(cells: &Cells<'_>) -> Result<(), Box<Refusal>> {
    let Some(currency) = cells.plain(Field::Currency) else {
        return Ok(());
    };
    if matches!(currency, "EUR" | "€") {
        return Ok(());
    }
    match text::fold(currency).as_str() {
        "eur" | "euro" | "euros" | "€" => Ok(()),
        _ => Err(cells.refuse(
            Field::Currency,
            "est une devise autre que l'euro : ses montants ne sont pas en euros",
        )),
    }
}

impl RowReader for Sales<'_> {
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Box<Refusal>> {
        self.has_key = false;
        let kind = self.documents(cells, line, remarks)?;
        if let Some(why) = self.why_aside(cells, kind) {
            let example = match why {
                Remark::MovementAside => Field::DocumentType,
                _ => Field::OrderRef,
            };
            let document = cells.plain(example);
            remarks.add(why, line, document.unwrap_or_default());
            return self.leave_aside(cells, kind, line, sink);
        }
        let DocumentType::Of(documents) = kind else {
            return Ok(());
        };
        let own = IdentityCells::read(cells, &mut self.last_date)?;
        set_key(&mut self.customer_key, &[&own.customer]);
        let mut fixed = ColumnSet::NONE;
        if own.has_number() {
            // A line that is rejected later keeps its rank: once corrected, it must not shift the others.
            (_, fixed) = self.keys.of(&own.identity(documents, 0))?;
            self.has_key = true;
        }
        check_currency(cells)?;
        let is_return = documents == Documents::Return;
        let figures = self.amounts.read(cells, is_return, line, remarks)?;
        if !self.has_types && documents == Documents::Sale && !figures.quantity.is_negative() {
            remark_on_return(own.document.as_deref(), line, remarks);
        }
        let unit = self.unit(cells);
        let unit_text = unit.as_deref().unwrap_or_default();
        let bottles = self
            .units
            .bottles(figures.quantity, unit_text, &own.product);
        let bottles = bottles.remarked(unit_text, line, cells, remarks)?;
        let margin = Margin::read(cells, figures.total, is_return)?;
        self.days.add(own.date);
        self.counted_orders |= documents == Documents::Order;
        if !own.has_number() {
            let content = self.content_hash(&own, &figures, unit_text);
            (_, fixed) = self.keys.of(&own.identity(documents, content))?;
        }
        let kind = written_type(cells).map(text::clean);
        let order_ref = order_ref(
            &mut self.typed_number,
            own.document.as_deref(),
            kind.as_deref(),
        );
        sink.row(
            line,
            &Partial {
                record: &SaleLine {
                    sale_line_key: self.keys.last(),
                    customer_key: &self.customer_key,
                    product_key: &own.product,
                    order_ref,
                    date_sale: own.date,
                    quantity_units: figures.quantity,
                    unit: unit.as_deref(),
                    quantity_bottles_75cl_eq: bottles,
                    price_unit_eur: figures.unit_price,
                    price_total_eur: figures.total,
                    price_total_excl_tax_eur: figures.excl_tax,
                    cost_total_eur: margin.cost,
                    margin_percent: margin.percent,
                    channel: cells.text(Field::Channel).as_deref(),
                    notes: cells.text(Field::Notes).as_deref(),
                },
                absent: self.absent,
                fixed,
            },
        )?;
        Ok(())
    }

    /// Without a known type, all rows are what the file's name says.
    fn saw_invoices(&self) -> bool {
        let by_name = !self.saw_types && self.context.documents == Documents::Sale;
        self.saw_invoices || by_name
    }

    fn refused_key(&self) -> Option<&str> {
        self.has_key.then(|| self.keys.last())
    }

    fn days(&self) -> Option<(Date, Date)> {
        self.days.0
    }

    fn remark(&self) -> Option<String> {
        self.keys.remark()
    }
}
