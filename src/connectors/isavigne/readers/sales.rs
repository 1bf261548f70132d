//! `*vente*` and `*facture*` files.

use std::fmt::Write as _;

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;
use xxhash_rust::xxh3::xxh3_64;

use super::units::Units;
use super::{Context, RowReader, set_key};
use crate::canonical::Decimal;
use crate::canonical::sale::SaleLine;
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Quantity × unit price and total may differ by this much: two cents of rounding.
const TOLERANCE: Decimal = Decimal::from_ten_thousandths(200);

pub(super) struct Sales<'a> {
    units: Units<'a>,
    /// Lines met so far, by document or by content: the rank of those without a number of their own.
    ranks: HashMap<u64, u32>,
    key: String,
    customer_key: String,
    order_ref: String,
    scratch: String,
}

impl<'a> Sales<'a> {
    pub(super) fn new(context: Context<'a>) -> Self {
        Self {
            units: Units::new(context.catalog, context.case_size),
            ranks: HashMap::new(),
            key: String::new(),
            customer_key: String::new(),
            order_ref: String::new(),
            scratch: String::new(),
        }
    }

    /// The document's number, its type before it where there is one: an invoice and a credit note may
    /// share their number.
    fn set_order_ref(&mut self, cells: &Cells<'_>) {
        self.order_ref.clear();
        let Some(number) = cells.text(Field::OrderRef) else {
            return;
        };
        if let Some(kind) = cells.text(Field::DocumentType) {
            self.order_ref.push_str(&kind);
            self.order_ref.push('-');
        }
        self.order_ref.push_str(&number);
    }

    /// A key that the line keeps in every export.
    ///
    /// A line number that is but digits may begin again in each document, so it only counts together with
    /// the document's; without a number, the line's `rank` in its document tells it, and without a document
    /// its own content and its rank among equals.
    fn set_line_key(&mut self, cells: &Cells<'_>, rank: u32, sold: &Sold) {
        let number = cells.text(Field::SaleLineKey);
        let document = self.order_ref.as_str();
        match number.as_deref() {
            Some(number) if document.is_empty() || !is_digits(number) => {
                set_key(&mut self.key, &[number]);
            }
            Some(number) => set_key(&mut self.key, &[document, "-", number]),
            None if document.is_empty() => {
                let hash = self.content_hash(cells, sold);
                let rank = self.next_rank(hash);
                set_key(&mut self.key, &[&format!("{hash:016x}-r{rank}")]);
            }
            None => set_key(&mut self.key, &[document, &format!("-r{rank}")]),
        }
    }

    /// The line's rank in its document, when that is what its key needs. Lines that turn out to be rejected
    /// take theirs too: mended, they must not push the others.
    fn document_rank(&mut self, cells: &Cells<'_>) -> u32 {
        if self.order_ref.is_empty() || cells.plain(Field::SaleLineKey).is_some() {
            return 0;
        }
        self.next_rank(xxh3_64(self.order_ref.as_bytes()))
    }

    /// The hash of what was sold to whom, however the export spells it.
    fn content_hash(&mut self, cells: &Cells<'_>, sold: &Sold) -> u64 {
        self.scratch.clear();
        let amount = |amount: Option<Decimal>| amount.map_or(0, Decimal::ten_thousandths);
        let product = cells.text(Field::ProductKey).unwrap_or_default();
        let unit = cells.text(Field::Unit).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            self.scratch,
            "{}\0{product}\0{}\0{}\0{unit}\0{}\0{}",
            self.customer_key,
            sold.date,
            sold.quantity.ten_thousandths(),
            amount(sold.unit_price),
            amount(sold.total),
        );
        xxh3_64(self.scratch.as_bytes())
    }

    fn next_rank(&mut self, of: u64) -> u32 {
        let rank = self.ranks.entry(of).or_default();
        *rank = rank.saturating_add(1);
        *rank
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The figures of a line, completed from one another.
struct Sold {
    date: Date,
    quantity: Decimal,
    unit_price: Option<Decimal>,
    total: Option<Decimal>,
}

impl Sold {
    fn read(cells: &Cells<'_>, line: u64, remarks: &mut Remarks) -> Result<Self, Refusal> {
        let date = cells.required_date(Field::Date)?;
        let quantity = cells.required_decimal(Field::Quantity)?;
        let unit_price = cells.decimal(Field::PriceUnit)?;
        let total = cells.decimal(Field::Total)?;
        let mut sold = Self {
            date,
            quantity,
            unit_price,
            total,
        };
        sold.complete(cells, line, remarks)?;
        Ok(sold)
    }

    /// A missing total is quantity × unit price, a missing unit price total ÷ quantity.
    fn complete(
        &mut self,
        cells: &Cells<'_>,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<(), Refusal> {
        let Some(unit_price) = self.unit_price else {
            self.unit_price = self
                .total
                .and_then(|total| total.checked_div(self.quantity));
            return Ok(());
        };
        let product = self.quantity.checked_mul(unit_price);
        let product = product.ok_or_else(|| {
            cells.refuse(
                Field::Quantity,
                "multipliée par le prix, dépasse mille milliards",
            )
        })?;
        match self.total {
            None => self.total = Some(product),
            Some(total) => {
                let gap = total.checked_sub(product).map(Decimal::abs);
                if gap.is_none_or(|gap| gap > TOLERANCE) {
                    remarks.add_with(Remark::PriceMismatch, line, || {
                        format!("{} × {unit_price} ≠ {total}", self.quantity)
                    });
                }
            }
        }
        Ok(())
    }
}

/// What the line cost, and the share of the total that is left.
struct Margin {
    cost: Option<Decimal>,
    percent: Option<Decimal>,
}

impl Margin {
    /// From a column of costs, else from a column of margins, in euros or in per cent.
    fn read(cells: &Cells<'_>, total: Option<Decimal>) -> Result<Self, Refusal> {
        let mut cost = cells.decimal(Field::Cost)?;
        let is_percent = cells
            .plain(Field::Margin)
            .is_some_and(|text| text.ends_with('%'));
        if is_percent {
            let percent = cells.decimal_before(Field::Margin, &["%"])?;
            return Ok(Self { cost, percent });
        }
        if let (None, Some(margin), Some(total)) = (cost, cells.decimal(Field::Margin)?, total) {
            cost = total.checked_sub(margin);
        }
        let percent = total.zip(cost).and_then(|(total, cost)| {
            let left = total.checked_sub(cost)?;
            left.checked_mul(Decimal::HUNDRED)?.checked_div(total)
        });
        Ok(Self { cost, percent })
    }
}

impl RowReader for Sales<'_> {
    fn pass_over(&mut self, cells: &Cells<'_>) {
        self.set_order_ref(cells);
        self.document_rank(cells);
    }

    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        self.set_order_ref(cells);
        let rank = self.document_rank(cells);
        let code = cells.required(Field::CustomerKey)?;
        set_key(&mut self.customer_key, &[&code]);
        let product_key = cells.required(Field::ProductKey)?;
        let sold = Sold::read(cells, line, remarks)?;
        let unit = cells.text(Field::Unit);
        let unit_text = unit.as_deref().unwrap_or_default();
        let bottles = self.units.bottles(sold.quantity, unit_text, &product_key);
        let bottles = bottles.remarked(unit_text, line, cells, remarks)?;
        let excl_tax = cells.decimal(Field::TotalExclTax)?;
        let margin = Margin::read(cells, sold.total)?;
        self.set_line_key(cells, rank, &sold);
        sink.row(
            line,
            &SaleLine {
                sale_line_key: &self.key,
                customer_key: &self.customer_key,
                product_key: &product_key,
                order_ref: Some(&self.order_ref),
                date_sale: sold.date,
                quantity_units: sold.quantity,
                unit: unit.as_deref(),
                quantity_bottles_75cl_eq: bottles,
                price_unit_eur: sold.unit_price,
                price_total_eur: sold.total,
                price_total_excl_tax_eur: excl_tax,
                cost_total_eur: margin.cost,
                margin_percent: margin.percent,
                channel: cells.text(Field::Channel).as_deref(),
                notes: cells.text(Field::Notes).as_deref(),
            },
        )?;
        Ok(())
    }
}
