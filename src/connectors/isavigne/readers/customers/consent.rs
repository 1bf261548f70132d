//! Consent to letters, messages and calls: columns of agreement, or of refusal.

use crate::canonical::text;
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Reads the consent columns of one file.
#[derive(Debug, Default)]
pub(super) struct Consents {
    /// By column: whether an empty cell is a no, once a row needs it.
    empty_is_no: [Option<bool>; 3],
}

impl Consents {
    /// Whether the customer opted out: a yes to the refusal or a no to the agreement.
    pub(super) fn opt_out(
        &mut self,
        cells: &Cells<'_>,
        consent: &Consent,
        line: u64,
        remarks: &mut Remarks,
    ) -> Result<bool, Box<Refusal>> {
        let refuses = refuses(cells, consent.refusal)?;
        if refuses || !cells.has(consent.agreement) {
            return Ok(refuses);
        }
        let mut is_filled = false;
        // One no is enough, regardless of the other columns.
        for written in cells.filled(consent.agreement) {
            is_filled = true;
            if !agrees(cells, consent.agreement, written)? {
                return Ok(true);
            }
        }
        if is_filled {
            return Ok(false);
        }
        let Some(known) = self.empty_is_no.get_mut(consent.place) else {
            return Ok(false);
        };
        let is_no = match *known {
            Some(is_no) => is_no,
            None => *known.insert(empty_is_no(cells, consent.agreement)?),
        };
        if is_no {
            remarks.add_with(Remark::EmptyConsent, line, || {
                format!("« {} »", cells.header(consent.agreement))
            });
        }
        Ok(is_no)
    }
}

/// Whether a column of refusals says yes, or on which day.
fn refuses(cells: &Cells<'_>, refusal: Field) -> Result<bool, Box<Refusal>> {
    for &column in cells.columns.all(refusal) {
        let written = cells.at(column);
        let says_day = text::header_key(cells.columns.header(column)).contains("date");
        let is_day = says_day && cells::date(written, cells.last_day).is_ok();
        if !written.is_empty() && (is_day || flag(cells, refusal, written)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `written`, a filled cell of `field`, agrees: in a word of agreement, or by yes or no.
fn agrees(cells: &Cells<'_>, field: Field, written: &str) -> Result<bool, Box<Refusal>> {
    match agreement(written) {
        Some(agrees) => Ok(agrees),
        None => flag(cells, field, written),
    }
}

fn flag(cells: &Cells<'_>, field: Field, written: &str) -> Result<bool, Box<Refusal>> {
    cells::flag(written).map_err(|error| cells.refuse(field, error.to_string()))
}

/// The agreement in a word other than yes and no.
fn agreement(word: &str) -> Option<bool> {
    const NO: &[&str] = &[
        "refus",
        "refuse",
        "refusee",
        "desinscrit",
        "desinscrite",
        "desabonne",
        "desabonnee",
        "oppose",
        "opposee",
        "unsubscribed",
    ];
    const YES: &[&str] = &[
        "accord",
        "accepte",
        "acceptee",
        "autorise",
        "autorisee",
        "inscrit",
        "inscrite",
        "abonne",
        "abonnee",
        "subscribed",
    ];
    let word = text::fold(text::trim(word));
    let is_one = |words: &[&str]| words.contains(&word.as_str());
    match (is_one(NO), is_one(YES)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    }
}

/// The columns of agreement and refusal for one means of contact.
pub(super) struct Consent {
    refusal: Field,
    agreement: Field,
    /// Its index in [`Consents::empty_is_no`].
    place: usize,
}

pub(super) const EMAIL: Consent = Consent {
    refusal: Field::EmailOptOut,
    agreement: Field::EmailOptIn,
    place: 0,
};
pub(super) const SMS: Consent = Consent {
    refusal: Field::SmsOptOut,
    agreement: Field::SmsOptIn,
    place: 1,
};
pub(super) const PHONE: Consent = Consent {
    refusal: Field::PhoneOptOut,
    agreement: Field::PhoneOptIn,
    place: 2,
};

/// Whether an empty cell is a no: where the columns of `agreement` contain no written no, they contain `x` or nothing.
/// Where they contain one, an empty cell means that nobody asked.
fn empty_is_no(cells: &Cells<'_>, agreement: Field) -> Result<bool, Box<Refusal>> {
    let mut has_no = false;
    cells.each_row(|row| {
        let mut filled = row.filled(agreement);
        has_no |= filled.any(|written| agrees(row, agreement, written).is_ok_and(|agrees| !agrees));
    })?;
    Ok(!has_no)
}
