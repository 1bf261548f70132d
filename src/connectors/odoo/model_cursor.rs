//! How far a model has been read, as its cursor says: until when, what its rows depended on, and how many there were.

use jiff::civil::DateTime;

use super::failure::Failure;
use super::model::Model;
use super::record::INSTANT;
use crate::canonical::{Cursor, Cursors};
use crate::error::{Advice, Error};

/// A model with fewer rows than this may lose any share of them…
const SHRINK_LIMIT_FROM_ROWS: u64 = 50;
/// …others this one, in per cent.
const MOST_LOST_PERCENT: u64 = 20;

/// Ends the label of a settled cursor.
const SETTLED: &str = " settled";

/// How far a model has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelCursor {
    /// The latest `write_date` there was, where there was one.
    pub(super) instant: Option<DateTime>,
    /// The fingerprint of what the rows depend on.
    pub(super) basis: String,
    /// Rows there were.
    pub(super) rows: u64,
    /// Whether all that began until that instant had ended: no row of before can change any more.
    pub(super) is_settled: bool,
}

impl ModelCursor {
    /// The cursor with that mark among `cursors`.
    pub(super) fn of(mark: &str, cursors: &Cursors) -> Option<Self> {
        Self::parse(cursors.label(mark)?)
    }

    /// A model that is no longer there.
    pub(super) fn of_nothing() -> Self {
        Self {
            instant: None,
            basis: String::new(),
            rows: 0,
            is_settled: false,
        }
    }

    /// `2026-11-22 23:51:04 #9f3a0b1c2d3e4f50 468`, perhaps with ` settled`, or `- #9f3a0b1c2d3e4f50 0`.
    fn parse(label: &str) -> Option<Self> {
        let (instant, rest) = label.split_once(" #")?;
        let (basis, rows) = rest.split_once(' ')?;
        let settled = rows.strip_suffix(SETTLED);
        Some(Self {
            instant: DateTime::strptime(INSTANT, instant).ok(),
            basis: basis.to_owned(),
            rows: settled.unwrap_or(rows).parse().ok()?,
            is_settled: settled.is_some(),
        })
    }

    /// The cursor that says so under `mark`.
    pub(super) fn cursor(&self, mark: &str) -> Cursor {
        let instant = match self.instant {
            Some(instant) => instant.strftime(INSTANT).to_string(),
            None => "-".to_owned(),
        };
        let settled = if self.is_settled { SETTLED } else { "" };
        Cursor {
            mark: mark.to_owned(),
            label: format!("{instant} #{} {}{settled}", self.basis, self.rows),
        }
    }

    /// An error where suspiciously few of the rows are left. The table's own shrink limit does not see one model of two
    /// disappear, nor a small table. `may_vanish`: few rows may come and go, as credit notes do.
    pub(super) fn check_rows(
        &self,
        rows: u64,
        model: &Model,
        may_vanish: bool,
    ) -> Result<(), Failure> {
        let is_emptied = rows == 0 && self.rows > 0 && !may_vanish;
        let lost = self.rows.saturating_sub(rows);
        let is_shrunk =
            self.rows >= SHRINK_LIMIT_FROM_ROWS && lost * 100 > self.rows * MOST_LOST_PERCENT;
        if !(is_emptied || is_shrunk) {
            return Ok(());
        }
        let left = match rows {
            0 => "Odoo ne montre plus aucune ligne".to_owned(),
            1 => "Odoo ne montre plus qu'une ligne".to_owned(),
            _ => format!("Odoo ne montre plus que {rows} lignes"),
        };
        let error = Error::data(format!(
            "{left} de {}, au lieu de {} ; rien de cette table n'a été touché",
            model.name, self.rows,
        ));
        let error = error
            .hint(format!(
                "Vérifiez les droits de l'utilisateur, la société (COMPANY_ID) et l'application {}",
                model.application
            ))
            .advise(Advice::AllowShrink);
        Err(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTNER: Model = Model {
        name: "res.partner",
        application: "Contacts",
        required: &[],
        optional: &[],
        probed: &[],
    };

    fn mark(rows: u64) -> ModelCursor {
        ModelCursor {
            instant: Some(jiff::civil::date(2026, 11, 22).at(23, 51, 4, 0)),
            basis: "9f3a".to_owned(),
            rows,
            is_settled: rows > 400,
        }
    }

    #[test]
    fn a_mark_comes_back_from_its_cursor() {
        for mark in [mark(468), mark(46), ModelCursor::of_nothing()] {
            let cursor = mark.cursor(PARTNER.name);
            assert_eq!(ModelCursor::parse(&cursor.label), Some(mark));
        }
        assert_eq!(ModelCursor::parse("2026-11-22"), None);
    }

    #[test]
    fn few_rows_may_dwindle_but_not_vanish() {
        let is_fine = |before, now| {
            let checked = mark(before).check_rows(now, &PARTNER, false);
            checked.is_ok()
        };
        assert!(is_fine(0, 0) && is_fine(49, 1) && is_fine(50, 40) && is_fine(50, 90));
        assert!(!is_fine(1, 0) && !is_fine(50, 39));
        let may_vanish = |before| mark(before).check_rows(0, &PARTNER, true).is_ok();
        assert!(may_vanish(49) && !may_vanish(50));
    }
}
