//! Totals of whole documents, repeated on each line: adding them up would count a document several times.

use crate::canonical::{Decimal, text};
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};

/// Words in headers for the total of a document.
const OF_DOCUMENT: &[&str] = &[
    "net_a_payer",
    "facture",
    "piece",
    "document",
    "commande",
    "ticket",
    "invoice",
    "order",
];

/// Number of line pairs that prove a document total where the header does not.
const MOST_CHANCE: u64 = 2;

/// The fields of unit prices.
const UNIT_PRICES: &[Field] = &[
    Field::PriceUnit,
    Field::PriceUnitPlain,
    Field::PriceUnitExclTax,
];

/// Whether the column `total` holds totals of documents: neighbouring lines of one document all have the same. A file
/// whose unit prices can be compared with its totals is looked through only where the header speaks of documents.
pub(super) fn is_of_document(cells: &Cells<'_>, total: Field) -> Result<bool, Box<Refusal>> {
    let key = text::header_key(cells.header(total));
    let says_document = OF_DOCUMENT.iter().any(|word| key.contains(word));
    let has_price = UNIT_PRICES.iter().any(|&field| cells.has(field));
    if !cells.has(Field::OrderRef) || (has_price && !says_document) {
        return Ok(false);
    }
    let mut seen = Seen::default();
    cells.each_row(|row| seen.look(row, total))?;
    Ok(!seen.differs
        && if says_document {
            seen.equal > 0
        } else {
            seen.equal_of_other_quantity >= MOST_CHANCE
                && seen.equal == seen.equal_of_other_quantity
        })
}

/// Evidence from adjacent lines of one document.
#[derive(Default)]
struct Seen {
    document: String,
    last: Option<(Decimal, Decimal)>,
    equal: u64,
    equal_of_other_quantity: u64,
    /// Whether two lines of a document have different totals, or a total is that of its line.
    differs: bool,
}

impl Seen {
    fn look(&mut self, row: &Cells<'_>, total: Field) {
        let document = row.plain(Field::OrderRef).unwrap_or_default();
        let (Ok(Some(total)), Ok(Some(quantity))) =
            (row.decimal(total), row.decimal(Field::Quantity))
        else {
            return;
        };
        if let Some((last_total, last_quantity)) = self.last
            && !document.is_empty()
            && document == self.document
        {
            self.differs |= total != last_total;
            self.equal += u64::from(total == last_total);
            let is_other = total == last_total && quantity != last_quantity;
            self.equal_of_other_quantity += u64::from(is_other);
            self.differs |= UNIT_PRICES.iter().any(|&field| {
                let price = row.decimal(field).ok().flatten();
                price.and_then(|price| price.checked_mul(quantity)) == Some(total)
            });
        }
        document.clone_into(&mut self.document);
        self.last = Some((total, quantity));
    }
}
