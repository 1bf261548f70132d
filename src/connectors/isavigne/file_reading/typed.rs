//! Columns with a recognizable type: a date is not a price, an e-mail address not a town.

use std::cell::OnceCell;

use super::super::cells;
use super::super::columns::{Columns, Field};
use crate::canonical::{country, text};

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Country,
    Date,
    Email,
    Flag,
    Number,
    Phone,
    Volume,
    Year,
    Zip,
}

/// The fields with a type.
const KINDS: &[(Field, Kind)] = &[
    (Field::Active, Kind::Flag),
    (Field::Alcohol, Kind::Number),
    (Field::Cost, Kind::Number),
    (Field::Country, Kind::Country),
    (Field::Date, Kind::Date),
    (Field::Email, Kind::Email),
    (Field::EmailOptOut, Kind::Flag),
    (Field::Format, Kind::Volume),
    (Field::Margin, Kind::Number),
    (Field::Mobile, Kind::Phone),
    (Field::Phone, Kind::Phone),
    (Field::PhoneOptOut, Kind::Flag),
    (Field::PriceUnit, Kind::Number),
    (Field::Quantity, Kind::Number),
    (Field::Reserved, Kind::Number),
    (Field::SmsOptOut, Kind::Flag),
    (Field::Total, Kind::Number),
    (Field::TotalExclTax, Kind::Number),
    (Field::Vintage, Kind::Year),
    (Field::ZipCode, Kind::Zip),
];

/// Placeholders for a missing value.
const NOTHING: &[&str] = &[
    "", "aucun", "aucune", "inconnu", "inconnue", "n_a", "na", "nc", "neant", "non", "nr", "null",
    "rien", "sans", "nm", "x",
];

/// A column with a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// The columns with a type, from left to right.
pub(super) fn columns(columns: &Columns) -> Vec<Column> {
    let mut found: Vec<Column> = KINDS
        .iter()
        .flat_map(|&(field, kind)| {
            columns
                .all(field)
                .iter()
                .map(move |&at| Column { at, kind })
        })
        .collect();
    found.sort_by_key(|column| column.at);
    found.dedup_by_key(|column| column.at);
    found
}

impl Column {
    /// Whether `cell`, filled and peeled, fits the type.
    pub(super) fn fits(self, cell: &str) -> bool {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        match self.kind {
            Kind::Country => country::alpha2(cell).is_some(),
            Kind::Date => digits >= 3 && starts_with_digit(cell),
            Kind::Email => cell.contains('@'),
            // `date_desinscription` contains the day of a yes.
            Kind::Flag => cells::flag(cell).is_ok() || (digits >= 6 && cell.contains('/')),
            Kind::Number => is_measure(cell),
            Kind::Phone => digits >= 6 && !cell.contains('@'),
            Kind::Volume => is_measure(cell) && !is_a_year(cell),
            Kind::Year => {
                (2..=8).contains(&digits) && starts_with_digit(cell) && !cell.contains(',')
            }
            Kind::Zip => {
                // `SW1A 1AA` and `67000 Cedex`, not `1 rue A`.
                let small = cell.chars().filter(|c| c.is_lowercase()).count();
                digits > 0 && cell.len() <= 12 && (small < 2 || digits > 3)
            }
        }
    }

    /// Like [`Column::fits`], by the first and last byte alone, where these are enough.
    #[inline]
    pub(super) fn plainly_fits(self, cell: &[u8]) -> bool {
        let digit = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_digit);
        match self.kind {
            Kind::Email => cell.is_empty() || memchr::memchr(b'@', cell).is_some(),
            Kind::Zip | Kind::Year | Kind::Number | Kind::Volume => digit(cell.first()),
            Kind::Phone => digit(cell.last()),
            Kind::Country | Kind::Date | Kind::Flag => true,
        }
    }
}

/// Whether `cell` is a placeholder for a missing value.
pub(super) fn is_nothing(cell: &str) -> bool {
    NOTHING.contains(&text::header_key(cell).as_str())
}

fn starts_with_digit(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit())
}

/// `2022`: no bottle has that many centilitres.
fn is_a_year(cell: &str) -> bool {
    matches!(cell.as_bytes(), [b'1', b'9', _, _] | [b'2', b'0', _, _])
}

/// A number, with or without its unit: `12,5 % vol`, `75 cl`, `1,5 L`.
fn is_measure(cell: &str) -> bool {
    if cells::number(cell).is_ok() {
        return true;
    }
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    digits > 0 && letters <= 10 && starts_with_digit(cell) && !cell.contains('/')
}

/// Detects rows in which a delimiter inside a cell shifted the cells after it one column to the right while the last
/// cell is missing: their number of cells is right.
pub(super) struct Shifts {
    typed: Vec<Column>,
    /// The columns of `typed` whose cells the table's reader does not check.
    watched: Vec<Column>,
    country: Option<usize>,
    /// The last country recognized, as written.
    known_country: OnceCell<String>,
    is_padded: bool,
}

impl Shifts {
    pub(super) fn of(columns: &Columns, is_padded: bool) -> Self {
        let typed = self::columns(columns);
        let watched = [
            Field::Email,
            Field::ZipCode,
            Field::Phone,
            Field::Vintage,
            Field::Format,
            Field::Alcohol,
        ];
        let watched: Vec<usize> = watched
            .iter()
            .filter_map(|&field| columns.of(field))
            .collect();
        Self {
            watched: typed
                .iter()
                .filter(|column| watched.contains(&column.at))
                .copied()
                .collect(),
            typed,
            country: columns.of(Field::Country),
            known_country: OnceCell::new(),
            is_padded,
        }
    }

    /// Quick check by a few bytes: whether the row may be shifted.
    #[inline]
    pub(super) fn is_doubtful<'c>(&self, cell: impl Fn(usize) -> Option<&'c str>) -> bool {
        let watched = self.watched.iter();
        let mut odd = watched.filter(|column| {
            cell(column.at).is_some_and(|cell| !column.plainly_fits(cell.as_bytes()))
        });
        odd.next().is_some()
            || self
                .country
                .and_then(cell)
                .is_some_and(|cell| !self.knows_country(cell))
    }

    fn knows_country(&self, cell: &str) -> bool {
        if cell.is_empty() || self.known_country.get().is_some_and(|known| known == cell) {
            return true;
        }
        let is_known = country::alpha2(cells::peel(cell)).is_some();
        if is_known {
            self.known_country.get_or_init(|| cell.to_owned());
        }
        is_known
    }

    /// Whether the row is shifted: from some column to the right end, no typed cell fits, and there are two of them,
    /// or one and a cell that begins with the blank after a punctuation mark.
    pub(super) fn is_shifted<'c>(
        &self,
        cell: impl Fn(usize) -> Option<&'c str>,
        width: usize,
    ) -> bool {
        let begins_with_blank = |at: usize| {
            cell(at).is_some_and(|cell| cell.starts_with(' ') && !cell.trim().is_empty())
        };
        match self.misfits(&cell) {
            0 => false,
            1 => !self.is_padded && (0..width).any(begins_with_blank) || self.has_word_as_zip(cell),
            _ => true,
        }
    }

    /// Whether the only unfit cell is a postal code in words: it is the town before it.
    fn has_word_as_zip<'c>(&self, cell: impl Fn(usize) -> Option<&'c str>) -> bool {
        let mut zips = self.typed.iter().filter(|column| column.kind == Kind::Zip);
        zips.any(|column| {
            let content = cell(column.at).map(cells::peel).unwrap_or_default();
            content.chars().filter(|c| c.is_alphabetic()).count() > 2
                && !is_nothing(content)
                && !content.eq_ignore_ascii_case("cedex")
                && !content.contains(|c: char| c.is_ascii_digit())
        })
    }

    /// Number of unfit typed cells from some column to the right end.
    pub(super) fn misfits<'c>(&self, cell: impl Fn(usize) -> Option<&'c str>) -> usize {
        let mut misfits = 0;
        for column in self.typed.iter().rev() {
            let content = cell(column.at).map(cells::peel).unwrap_or_default();
            if content.is_empty() || is_nothing(content) {
                continue;
            }
            if !column.fits(content) {
                misfits += 1;
            } else if !self.may_be_of_left(*column, content) {
                break;
            }
        }
        misfits
    }

    /// Whether `content` would also fit the column on the left of `column`: a shift would not show in it.
    fn may_be_of_left(&self, column: Column, content: &str) -> bool {
        let mut typed = self.typed.iter();
        typed.any(|left| left.at + 1 == column.at && left.fits(content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shifted(kinds: &[Option<Kind>], cells: &[&str]) -> bool {
        let typed = kinds
            .iter()
            .enumerate()
            .filter_map(|(at, kind)| Some(Column { at, kind: (*kind)? }))
            .collect();
        let shifts = Shifts {
            typed,
            watched: Vec::new(),
            country: None,
            known_country: OnceCell::new(),
            is_padded: false,
        };
        shifts.is_shifted(|at| cells.get(at).copied(), cells.len())
    }

    #[test]
    fn a_row_is_shifted_when_typed_cells_hold_what_belongs_to_their_neighbours() {
        let customer = [
            None,
            None,
            None,
            Some(Kind::Zip),
            None,
            Some(Kind::Country),
            Some(Kind::Email),
        ];
        let wine = [None, None, None, Some(Kind::Year), Some(Kind::Volume)];
        for (kinds, cells, expected) in [
            (
                &customer[..],
                &[
                    "C1", "Durand", "1 rue A", "67000", "Nice", "France", "a@b.fr",
                ][..],
                false,
            ),
            (
                &customer,
                &[
                    "C1", "Durand", "1 rue A", "Bât B", "67000", "Nice", "France",
                ],
                true,
            ),
            (
                &customer,
                &["C1", "Durand", "1 rue A", " Bât B", "67000", "Nice", ""],
                true,
            ),
            (
                &customer,
                &["C1", "Dur", "and", "1 rue A", "67000", "Nice", "France"],
                true,
            ),
            // One odd cell proves nothing, nor do two if the right end fits.
            (
                &customer,
                &[
                    "C1", "Durand", "1 rue A", "67000", "Nice", "Hollande", "a@b.fr",
                ],
                false,
            ),
            (
                &customer,
                &[
                    "C1", "Durand", "1 rue A", "67000", "Nice", "France", "absent",
                ],
                false,
            ),
            (
                &customer,
                &["C1", "Durand", "1 rue A", "?", "Nice", "néant", "-"],
                false,
            ),
            (
                &wine,
                &["P1", "Clos", "vieilles vignes", "rouge", "2022"],
                true,
            ),
            (&wine, &["P1", "Pinot", "rouge", "2022", "75"], false),
            (&wine, &["P1", "Pinot", "rouge", "2022", "75 cl"], false),
        ] {
            assert_eq!(is_shifted(kinds, cells), expected, "{cells:?}");
        }
    }
}
