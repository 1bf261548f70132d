//! The amounts of a sales line, computed from each other: quantity, prices with and without tax, discount.

mod discount;
mod document_total;
mod tax;

use discount::Discount;
use tax::Taxes;

use crate::canonical::Decimal;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Accepted difference between quantity × unit price and total: two cents of rounding.
const TOLERANCE: Decimal = Decimal::from_ten_thousandths(200);

/// Highest plausible tax in per cent: a greater difference between prices proves nothing.
const MOST_TAX: Decimal = Decimal::from_ten_thousandths(300_000);

/// The amounts of a line as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) quantity: Decimal,
    pub(super) unit_price: Option<Decimal>,
    pub(super) total: Option<Decimal>,
    pub(super) excl_tax: Option<Decimal>,
}

/// Meaning of a file's amount columns, determined when a row needs it.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    /// Whether unit prices without an indication exclude tax.
    plain_is_before_tax: Option<bool>,
    /// Whether totals are those of whole documents.
    total_is_of_document: Option<bool>,
    taxes: Taxes,
}

impl Amounts {
    /// The amounts of a row; those of a return are made negative.
    pub(super) fn read(
        &mut self,
        cells: &Cells<'_>,
        is_return: bool,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<Figures, Box<Refusal>> {
        let mut given = Given::read(cells)?;
        if given.total.is_some() && self.total_is_of_document(&given, cells)? {
            remarks.add_with(Remark::DocumentTotal, line, || {
                format!("{} €", given.total.unwrap_or_default())
            });
            given.total = None;
        }
        if is_return && given.turn() {
            remarks.add_with(Remark::TurnedReturn, line, || {
                format!("quantité {}", given.quantity)
            });
        }
        given.settle_total(cells)?;
        match self.price(&given, cells)? {
            Some(Price::WithTax(price)) => given.with_tax(price, cells, line, remarks),
            Some(Price::BeforeTax(price)) => {
                self.before_tax(&given, Some(price), cells, line, remarks)
            }
            None => self.before_tax(&given, None, cells, line, remarks),
        }
    }

    fn total_is_of_document(
        &mut self,
        given: &Given,
        cells: &Cells<'_>,
    ) -> Result<bool, Box<Refusal>> {
        if let Some(known) = self.total_is_of_document {
            return Ok(known);
        }
        let found = document_total::is_of_document(cells, given.total_field())?;
        Ok(*self.total_is_of_document.insert(found))
    }

    /// The unit price, and whether tax is in it.
    fn price(&mut self, given: &Given, cells: &Cells<'_>) -> Result<Option<Price>, Box<Refusal>> {
        if let Some(price) = given.unit_with_tax {
            return Ok(Some(Price::WithTax(given.priced(price, cells)?)));
        }
        if let Some(price) = given.unit_plain {
            let priced = given.priced(price, cells)?;
            return Ok(Some(if self.is_before_tax(given, priced, cells)? {
                Price::BeforeTax(priced)
            } else {
                Price::WithTax(priced)
            }));
        }
        let before_tax = given.unit_excl_tax.map(|price| given.priced(price, cells));
        Ok(before_tax.transpose()?.map(Price::BeforeTax))
    }

    /// Whether a unit price without an indication excludes tax: it makes the total before tax and not the one with
    /// tax.
    fn is_before_tax(
        &mut self,
        given: &Given,
        priced: Priced,
        cells: &Cells<'_>,
    ) -> Result<bool, Box<Refusal>> {
        if priced.makes_total {
            return Ok(false);
        }
        let has_excl_tax = cells.has(Field::TotalExclTax);
        if !has_excl_tax && given.total.is_none() {
            return Ok(false);
        }
        if given.total.is_some() && given.is_made_of(priced.product, given.excl_tax) {
            return Ok(true);
        }
        if has_excl_tax {
            return match self.plain_is_before_tax {
                Some(is_before) => Ok(is_before),
                None => Ok(*self.plain_is_before_tax.insert(plain_is_before_tax(cells)?)),
            };
        }
        // With a tax rate, the total with tax may be computed from prices without tax.
        let taxed = self.taxes.of(cells)?.upon(priced.product);
        Ok(taxed.is_some_and(|taxed| fits_within(Some(taxed), given.total)))
    }

    /// The amounts of a row without a price with tax: its total with tax is given, or computed from a rate.
    fn before_tax(
        &mut self,
        given: &Given,
        priced: Option<Priced>,
        cells: &Cells<'_>,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<Figures, Box<Refusal>> {
        let mut excl_tax = given.excl_tax;
        if let (None, Some(priced)) = (excl_tax, priced) {
            excl_tax = Some(given.net(priced.product, cells)?);
        }
        let mut total = given.total;
        if let (None, Some(excl_tax)) = (total, excl_tax) {
            total = self.taxes.of(cells)?.upon(excl_tax);
            if total.is_none() {
                remarks.add_with(Remark::BeforeTax, line, || format!("{excl_tax} € HT"));
            }
        }
        Ok(Figures {
            quantity: given.quantity,
            unit_price: total.and_then(|total| total.checked_div(given.quantity)),
            total,
            excl_tax,
        })
    }
}

/// A unit price.
#[derive(Debug, Clone, Copy)]
enum Price {
    WithTax(Priced),
    BeforeTax(Priced),
}

/// A unit price times the quantity.
#[derive(Debug, Clone, Copy)]
struct Priced {
    price: Decimal,
    product: Decimal,
    /// Whether the product, less the discount, equals the given total.
    makes_total: bool,
}

/// The amounts of a row as written.
#[derive(Debug, Clone, Copy)]
struct Given {
    quantity: Decimal,
    unit_with_tax: Option<Decimal>,
    unit_plain: Option<Decimal>,
    unit_excl_tax: Option<Decimal>,
    total: Option<Decimal>,
    /// Whether the header of the total says that it includes tax.
    total_says_tax: bool,
    excl_tax: Option<Decimal>,
    discount: Discount,
}

impl Given {
    fn total_field(&self) -> Field {
        if self.total_says_tax {
            Field::Total
        } else {
            Field::TotalPlain
        }
    }

    fn read(cells: &Cells<'_>) -> Result<Self, Box<Refusal>> {
        let total_says_tax = cells.has(Field::Total);
        let total = if total_says_tax {
            Field::Total
        } else {
            Field::TotalPlain
        };
        Ok(Self {
            quantity: cells.required_decimal(Field::Quantity)?,
            unit_with_tax: cells.decimal(Field::PriceUnit)?,
            unit_plain: cells.decimal(Field::PriceUnitPlain)?,
            unit_excl_tax: cells.decimal(Field::PriceUnitExclTax)?,
            total: cells.decimal(total)?,
            total_says_tax,
            excl_tax: cells.decimal(Field::TotalExclTax)?,
            discount: Discount::read(cells)?,
        })
    }

    /// Takes a total without an indication for one before tax, where the unit price before tax makes it.
    fn settle_total(&mut self, cells: &Cells<'_>) -> Result<(), Box<Refusal>> {
        if let (false, Some(total), Some(price)) =
            (self.total_says_tax, self.total, self.unit_excl_tax)
            && self.excl_tax.is_none()
            && self.discount.fits(self.product(price, cells)?, total)
        {
            self.excl_tax = Some(total);
            self.total = None;
        }
        Ok(())
    }

    /// Makes the amounts negative for a return; true if they were not.
    fn turn(&mut self) -> bool {
        let figures = [Some(self.quantity), self.total, self.excl_tax];
        let was_positive = figures
            .into_iter()
            .flatten()
            .any(|figure| figure > Decimal::ZERO);
        self.quantity = negative(self.quantity);
        self.total = self.total.map(negative);
        self.excl_tax = self.excl_tax.map(negative);
        for price in [
            &mut self.unit_with_tax,
            &mut self.unit_plain,
            &mut self.unit_excl_tax,
        ] {
            *price = price.map(Decimal::abs);
        }
        was_positive
    }

    /// Quantity × `price`.
    fn product(&self, price: Decimal, cells: &Cells<'_>) -> Result<Decimal, Box<Refusal>> {
        self.quantity.checked_mul(price).ok_or_else(|| {
            cells.refuse(
                Field::Quantity,
                "multipliée par le prix, dépasse mille milliards",
            )
        })
    }

    /// `price` times the quantity.
    fn priced(&self, price: Decimal, cells: &Cells<'_>) -> Result<Priced, Box<Refusal>> {
        let product = self.product(price, cells)?;
        Ok(Priced {
            price,
            product,
            makes_total: self.is_made_of(product, self.total),
        })
    }

    /// Whether `total` equals `product` less the discount.
    fn is_made_of(&self, product: Decimal, total: Option<Decimal>) -> bool {
        total.is_some_and(|total| self.discount.fits(product, total))
    }

    /// `product` less the discount.
    fn net(&self, product: Decimal, cells: &Cells<'_>) -> Result<Decimal, Box<Refusal>> {
        self.discount.off(product).ok_or_else(|| {
            if matches!(self.discount, Discount::UnclearShare(_)) {
                return cells.refuse(
                    Field::Discount,
                    "est une remise en pour cent ou une fraction (0,1 pour 10 %) : rien ne permet de trancher (attendu : 10 % par exemple, ou le montant remisé dans une colonne)",
                );
            }
            cells.refuse(
                Field::Discount,
                "est une remise en pour cent ou en euros : rien ne permet de trancher (attendu : 10 % par exemple, ou le montant remisé dans une colonne)",
            )
        })
    }

    /// The amounts of a row with a unit price with tax.
    fn with_tax(
        &self,
        priced: Priced,
        cells: &Cells<'_>,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<Figures, Box<Refusal>> {
        let Priced { price, product, .. } = priced;
        let total = match self.total {
            None => self.net(product, cells)?,
            Some(total) => {
                if !priced.makes_total && !fits_within(Some(product), Some(total)) {
                    remarks.add_with(Remark::PriceMismatch, line, || {
                        format!("{} × {price} ≠ {total}", self.quantity)
                    });
                }
                total
            }
        };
        Ok(Figures {
            quantity: self.quantity,
            unit_price: Some(price),
            total: Some(total),
            excl_tax: self.excl_tax,
        })
    }
}

/// `amount` as that of a return.
fn negative(amount: Decimal) -> Decimal {
    -amount.abs()
}

/// Whether both amounts exist and differ only by rounding.
fn fits_within(one: Option<Decimal>, other: Option<Decimal>) -> bool {
    let gap = one
        .zip(other)
        .and_then(|(one, other)| one.checked_sub(other));
    gap.is_some_and(|gap| gap.abs() <= TOLERANCE)
}

/// Whether unit prices without an indication are before tax, by the rows of the file. Where these prove nothing, they
/// are: a price wrongly taken for one with tax would make wrong totals.
fn plain_is_before_tax(cells: &Cells<'_>) -> Result<bool, Box<Refusal>> {
    let (mut before, mut with) = (0_u64, 0_u64);
    cells.each_row(|row| match vote(row) {
        Some(true) => before += 1,
        Some(false) => with += 1,
        None => {}
    })?;
    Ok(with <= before)
}

/// Whether one row proves that its unit price excludes tax, or includes it.
fn vote(row: &Cells<'_>) -> Option<bool> {
    let given = Given::read(row).ok()?;
    let excl_tax = given.excl_tax.filter(|amount| !amount.is_zero())?.abs();
    let product = given.quantity.checked_mul(given.unit_plain?)?.abs();
    let is_total = given
        .total
        .is_some_and(|total| given.discount.fits(product, total.abs()));
    let is_excl_tax = given.discount.fits(product, excl_tax);
    if is_total != is_excl_tax && (is_excl_tax || given.total.is_some()) {
        return Some(is_excl_tax);
    }
    // More than the total before tax, by no more than a tax: it includes tax.
    let gap = given.discount.off(product)?.checked_sub(excl_tax)?;
    let percent = gap.checked_mul(Decimal::HUNDRED)?.checked_div(excl_tax)?;
    (!is_excl_tax && !percent.is_negative() && percent <= MOST_TAX).then_some(false)
}
