//! Evidence from a column's unambiguous numbers for its ambiguous ones.

use super::{DecimalMark, Number, read};

/// The decimal marks that a column's cells prove.
///
/// A cell proves its mark when it can be read one way only: `12,5` and `12.345.678` prove the comma, `12.5` and
/// `1,234.5` the dot. `1.234`, `12` and cells that are not numbers prove nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent observations"
)]
pub struct MarkEvidence {
    comma: bool,
    dot: bool,
    /// Whether some cell has one mark before three digits: thousands or decimals.
    doubtful: bool,
    /// Whether some cell is an unambiguous number.
    plain: bool,
}

impl MarkEvidence {
    /// Adds one cell of the column.
    pub fn observe(&mut self, cell: &str) {
        if self.is_contradictory() {
            return;
        }
        let Ok(reading) = read(cell) else {
            return;
        };
        match reading.mark {
            Some(DecimalMark::Comma) => self.comma = true,
            Some(DecimalMark::Dot) => self.dot = true,
            None => {}
        }
        match reading.number {
            Number::Ambiguous { .. } => self.doubtful = true,
            Number::Exact(_) => self.plain = true,
        }
    }

    /// Whether every number of the column has one mark and three digits after it: other columns may decide between
    /// thousands and decimals.
    #[must_use]
    pub fn is_doubtful_throughout(&self) -> bool {
        self.doubtful && !self.plain
    }

    /// Combined evidence of two columns.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            comma: self.comma || other.comma,
            dot: self.dot || other.dot,
            doubtful: self.doubtful || other.doubtful,
            plain: self.plain || other.plain,
        }
    }

    /// The column's decimal mark; `None` when none or both are proven.
    #[must_use]
    pub fn decimal_mark(&self) -> Option<DecimalMark> {
        match (self.comma, self.dot) {
            (true, false) => Some(DecimalMark::Comma),
            (false, true) => Some(DecimalMark::Dot),
            (false, false) | (true, true) => None,
        }
    }

    fn is_contradictory(self) -> bool {
        self.comma && self.dot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark_of(column: &[&str]) -> Option<DecimalMark> {
        let mut evidence = MarkEvidence::default();
        for cell in column {
            evidence.observe(cell);
        }
        evidence.decimal_mark()
    }

    #[test]
    fn one_certain_cell_decides() {
        for comma in [
            "12,5",
            "0,125",
            "-1.234,50 €",
            "12.345.678",
            "1234,567",
            "5,",
            ",5",
            "1 234,567",
        ] {
            assert_eq!(
                mark_of(&["1.234", comma, "7"]),
                Some(DecimalMark::Comma),
                "{comma}"
            );
        }
        for dot in [
            "12.5",
            "1,234.5",
            "12,345,678",
            "(3.00)",
            "1'234.567",
            "1.5E3",
        ] {
            assert_eq!(
                mark_of(&["1.234", dot, "7"]),
                Some(DecimalMark::Dot),
                "{dot}"
            );
        }
    }

    #[test]
    fn nothing_or_a_contradiction_stays_undecided() {
        assert_eq!(mark_of(&[]), None);
        assert_eq!(
            mark_of(&["1.234", "1,234", "12", "1 234", "", "n.c.", "12,34,56"]),
            None
        );
        assert_eq!(mark_of(&["12,5", "12.5", "13,5", "14,5"]), None);
    }
}
