//! `*produit*` and `*article*` files.

use std::borrow::Cow;

use super::{Context, RowReader};
use crate::canonical::product::{COLUMN, Product};
use crate::canonical::rows::{Column, ColumnSet, Partial};
use crate::canonical::wine::{self, Category, PriceSegment};
use crate::canonical::{Decimal, bottles, text};
use crate::connectors::Sink;
use crate::connectors::isavigne::cells::{CodeError, code};
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Values of vintage columns for wines without a vintage.
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

/// The canonical columns and their fields. Values derived from a wine's name are defaults and feed no column.
const FED: &[(Column, &[Field])] = &[
    (COLUMN.category, &[Field::Category]),
    (COLUMN.price_segment, &[Field::PriceUnit]),
    (COLUMN.list_price_eur, &[Field::PriceUnit]),
    (COLUMN.cost_price_eur, &[Field::Cost]),
    (COLUMN.grape_varieties, &[Field::GrapeVarieties]),
    (COLUMN.flavors, &[Field::Flavors]),
    (COLUMN.vintage, &[Field::Vintage]),
    (COLUMN.region, &[Field::Region]),
    (COLUMN.alcohol_percent, &[Field::Alcohol]),
    (COLUMN.total_acidity_g_l, &[Field::TotalAcidity]),
    (COLUMN.residual_sugar_g_l, &[Field::ResidualSugar]),
    (COLUMN.body, &[Field::Body]),
    (COLUMN.tannins, &[Field::Tannins]),
    (COLUMN.format_cl, &[Field::Format, Field::FormatLitres]),
    (COLUMN.barcode, &[Field::Barcode]),
    (COLUMN.active, &[Field::Active]),
];

pub(super) struct Products {
    next_year: i16,
    /// Columns that the file lacks.
    absent: ColumnSet,
}

impl Products {
    pub(super) fn new(columns: &Columns, context: Context<'_>) -> Self {
        Self {
            next_year: context.today.year() + 1,
            absent: columns.absent(FED),
        }
    }

    /// The vintage column decides; the name is used where it is empty.
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
    ) -> Result<(), Box<Refusal>> {
        let code = cells.required_code(Field::ProductKey)?;
        let name = cells.required(Field::Name)?;
        let region = cells.text(Field::Region);
        let list_price = cells.decimal(Field::PriceUnit)?;
        let hints: Vec<_> = cells.texts(Field::Category).collect();
        let hints = hints.iter().map(AsRef::as_ref).chain([name.as_ref()]);
        let list = |field| cells.text(field).and_then(|text| wine::json_list(&text));
        sink.row(
            line,
            &Partial {
                record: &Product {
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
                    format_cl: format_of(cells, &name, &code, region.as_deref(), line, remarks)?,
                    barcode: barcode(cells, line, remarks).as_deref(),
                    active: cells.flag(Field::Active, true)?,
                },
                absent: self.absent,
                fixed: ColumnSet::NONE,
            },
        )?;
        Ok(())
    }
}

/// The barcode, unless a spreadsheet has rounded it.
fn barcode<'c>(cells: &Cells<'c>, line: u64, remarks: &mut Remarks) -> Option<Cow<'c, str>> {
    let written = cells.plain(Field::Barcode)?;
    match code(written) {
        Ok(code) => Some(text::clean(code)).filter(|code| !code.is_empty()),
        Err(CodeError::Scientific | CodeError::Date | CodeError::DateText) => {
            remarks.add(Remark::SpoiledBarcode, line, written);
            None
        }
        Err(CodeError::Quote) => cells.text(Field::Barcode),
    }
}

/// The volume of one sales unit: from its column, otherwise from name or code.
fn format_of(
    cells: &Cells<'_>,
    name: &str,
    code: &str,
    region: Option<&str>,
    line: u64,
    remarks: &mut Remarks,
) -> Result<Option<Decimal>, Box<Refusal>> {
    if let Some(written) = cells.plain(Field::Format) {
        let format = bottles::format_cl(written, region);
        if format.is_some() {
            return Ok(format);
        }
        remarks.add(Remark::UnreadableFormat, line, written);
    } else if let Some(litres) = litres_of(cells, region)? {
        return Ok(Some(litres));
    }
    // A numeric code is not a volume.
    let code = code.contains(char::is_alphabetic).then_some(code);
    Ok(bottles::format_cl(name, region).or_else(|| bottles::format_cl(code?, region)))
}

/// The volume of a column in litres. A cell that names its own unit is read by that: `75 cl`.
fn litres_of(cells: &Cells<'_>, region: Option<&str>) -> Result<Option<Decimal>, Box<Refusal>> {
    let Some(written) = cells.plain(Field::FormatLitres) else {
        return Ok(None);
    };
    if written.contains(char::is_alphabetic)
        && let Some(format) = bottles::format_cl(written, region)
    {
        return Ok(Some(format));
    }
    let litres = cells.decimal_before(Field::FormatLitres, &["litres", "litre", "l", "L"])?;
    Ok(litres
        .filter(|litres| !litres.is_zero())
        .and_then(|litres| litres.checked_mul(Decimal::HUNDRED)))
}
