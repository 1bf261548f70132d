//! `*produit*` and `*article*` files.

use super::{Context, RowReader};
use crate::canonical::product::Product;
use crate::canonical::wine::{self, Category, PriceSegment};
use crate::canonical::{Decimal, bottles};
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// What vintage columns say of wines without one.
const NO_VINTAGE: &[&str] = &[
    "nm",
    "n.m.",
    "sa",
    "s.a.",
    "sans",
    "non millésimé",
    "-",
    "0",
];

pub(super) struct Products {
    next_year: i16,
}

impl Products {
    pub(super) fn new(context: Context<'_>) -> Self {
        Self {
            next_year: context.today.year() + 1,
        }
    }

    /// Its column decides; the name speaks only where the column is silent.
    fn vintage(
        &self,
        cells: &Cells<'_>,
        name: &str,
        line: u64,
        remarks: &mut Remarks,
    ) -> Option<i64> {
        let vintage = match cells.plain(Field::Vintage) {
            None => wine::vintage_in_name(name, self.next_year),
            Some(written) if NO_VINTAGE.contains(&written.to_lowercase().as_str()) => None,
            Some(written) => {
                let vintage = wine::vintage(written, self.next_year);
                if vintage.is_none() {
                    remarks.add(Remark::UnreadableVintage, line, written);
                }
                vintage
            }
        };
        vintage.map(i64::from)
    }
}

impl RowReader for Products {
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let code = cells.required(Field::ProductKey)?;
        let name = cells.required(Field::Name)?;
        let region = cells.text(Field::Region);
        let list_price = cells.decimal(Field::PriceUnit)?;
        let hints: Vec<_> = cells.texts(Field::Category).collect();
        let hints = hints.iter().map(AsRef::as_ref).chain([name.as_ref()]);
        let list = |field| cells.text(field).and_then(|text| wine::json_list(&text));
        sink.row(
            line,
            &Product {
                product_key: &code,
                name: &name,
                category: wine::category(hints).unwrap_or(Category::Autre),
                price_segment: list_price.map(PriceSegment::of),
                list_price_eur: list_price,
                cost_price_eur: cells.decimal(Field::Cost)?,
                grape_varieties: list(Field::GrapeVarieties).as_deref(),
                flavors: list(Field::Flavors).as_deref(),
                vintage: self.vintage(cells, &name, line, remarks),
                region: region.as_deref(),
                alcohol_percent: cells
                    .decimal_before(Field::Alcohol, &["% vol", "%vol", "%", "°"])?,
                total_acidity_g_l: cells.decimal_before(Field::TotalAcidity, &["g/l"])?,
                residual_sugar_g_l: cells.decimal_before(Field::ResidualSugar, &["g/l"])?,
                body: cells.text(Field::Body).as_deref(),
                tannins: cells.text(Field::Tannins).as_deref(),
                format_cl: format_of(cells, &name, &code, region.as_deref(), line, remarks),
                barcode: cells.text(Field::Barcode).as_deref(),
                active: cells.flag(Field::Active, true)?,
            },
        )?;
        Ok(())
    }
}

/// The volume of one unit: its column, else what name or code tell.
fn format_of(
    cells: &Cells<'_>,
    name: &str,
    code: &str,
    region: Option<&str>,
    line: u64,
    remarks: &mut Remarks,
) -> Option<Decimal> {
    if let Some(written) = cells.plain(Field::Format) {
        let format = bottles::format_cl(written, region);
        if format.is_some() {
            return format;
        }
        remarks.add(Remark::UnreadableFormat, line, written);
    }
    // A code that is but a number is no volume.
    let code = code.contains(char::is_alphabetic).then_some(code);
    bottles::format_cl(name, region).or_else(|| bottles::format_cl(code?, region))
}
