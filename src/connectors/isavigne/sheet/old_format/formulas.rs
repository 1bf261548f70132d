//! Formulas of an old workbook whose results are not in the file.
//!
//! Some programs that write `.xls` compute nothing: each formula has the empty text, or zero and a request to compute it
//! when the file is opened. Excel writes such results too, but hardly ever for all formulas of a sheet.
//!
//! Layout of the record: Microsoft, [MS-XLS] 2.4.127.

use super::number;

/// Offset of the result in a formula's record.
pub(super) const RESULT: usize = 6;

/// The error `#GETTING_DATA` as a result: Excel only shows it while it computes, and does not store it.
pub(super) const GETTING_DATA: [u8; 8] = [2, 0, 0x2b, 0, 0, 0, 0xff, 0xff];

/// Offset of the options, and those that request a computation.
const OPTIONS: usize = 14;
const COMPUTE: u16 = 3;

/// The formulas of a sheet that may never have been computed.
#[derive(Default)]
pub(super) struct Formulas {
    without_result: Vec<usize>,
    /// Whether some formula of the sheet was computed.
    has_results: bool,
}

impl Formulas {
    /// Adds the formula at offset `at` with this `body`.
    pub(super) fn add(&mut self, at: usize, body: &[u8]) {
        if self.has_results {
            return;
        }
        let result = body.get(RESULT..OPTIONS).unwrap_or_default();
        let is_nothing = match result {
            [3, .., 0xff, 0xff] => true,
            _ => {
                result.iter().all(|byte| *byte == 0)
                    && number(body, OPTIONS).is_some_and(|options| options & COMPUTE != 0)
            }
        };
        if is_nothing {
            self.without_result.push(at);
        } else {
            self.has_results = true;
        }
    }

    /// Offsets of the formulas that were never computed: all of the sheet, or none.
    pub(super) fn uncomputed(self) -> Vec<usize> {
        if self.has_results {
            Vec::new()
        } else {
            self.without_result
        }
    }
}
