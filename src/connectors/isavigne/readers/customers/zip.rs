//! French postal codes whose leading zero a spreadsheet removed.

use std::borrow::Cow;

use crate::canonical::country;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Reads the postal codes of one file.
#[derive(Debug, Default)]
pub(super) struct Zips {
    /// Whether the French codes lost their leading zero, once a row needs it.
    lost_zeros: Option<bool>,
}

impl Zips {
    /// The code as written, with the zero that a spreadsheet removed from all French codes of the column.
    pub(super) fn read<'c>(
        &mut self,
        cells: &Cells<'c>,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<Option<Cow<'c, str>>, Box<Refusal>> {
        let written = cells.code(Field::ZipCode)?;
        let Some(short) = written.as_deref().filter(|zip| is_short_zip(zip)) else {
            return Ok(written);
        };
        if !is_french(cells) {
            return Ok(written);
        }
        let lost = match self.lost_zeros {
            Some(lost) => lost,
            None => *self.lost_zeros.insert(lost_zeros(cells)?),
        };
        if !lost {
            return Ok(written);
        }
        remarks.add(Remark::CompletedZip, line, short);
        Ok(Some(Cow::Owned(format!("0{short}"))))
    }
}

fn is_short_zip(zip: &str) -> bool {
    zip.len() == 4 && zip.bytes().all(|byte| byte.is_ascii_digit()) && !zip.starts_with('0')
}

/// Whether the customer lives in France, by the file.
fn is_french(cells: &Cells<'_>) -> bool {
    let written = cells.text(Field::Country).unwrap_or_default();
    country::alpha2(&written) == Some(country::DEFAULT)
}

/// Whether no French code of the file begins with a zero and all have five digits, or four.
fn lost_zeros(cells: &Cells<'_>) -> Result<bool, Box<Refusal>> {
    let mut lost = true;
    cells.each_row(|row| {
        let Ok(Some(zip)) = row.code(Field::ZipCode) else {
            return;
        };
        let is_whole = zip.len() == 5 && zip.bytes().all(|byte| byte.is_ascii_digit());
        let fits = !zip.starts_with('0') && (is_whole || is_short_zip(&zip));
        // A Belgian code of four digits proves nothing about French ones.
        lost &= fits || !is_french(row);
    })?;
    Ok(lost)
}
