//! Columns of a record, and sets of them.

use serde::{Deserialize, Serialize};

/// One column of a table: its position among the columns of its record. Each record's module has them by name, such as
/// [`sale::COLUMN`](crate::canonical::sale::COLUMN).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(usize);

impl Column {
    /// The first column of each record, its key.
    pub(super) const KEY: Self = Self(0);

    /// All columns, in the order in which a record writes its cells.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..).map(Self)
    }

    /// Its position, from 0 for the key.
    pub(crate) const fn position(self) -> usize {
        self.0
    }

    /// Its bit in a [`ColumnSet`].
    const fn bit(self) -> u32 {
        if self.0 < 32 { 1 << self.0 } else { 0 }
    }
}

/// Numbers the columns of a record in the order of its definition.
pub(in crate::canonical) struct Numbering(usize);

impl Numbering {
    /// Starts with the key.
    pub(in crate::canonical) const fn start() -> Self {
        Self(Column::KEY.0)
    }

    /// The next column. A record of more columns than a [`ColumnSet`] has bits does not compile.
    pub(in crate::canonical) const fn next(&mut self) -> Column {
        let column = Column(self.0);
        assert!(column.bit() != 0, "too many columns");
        self.0 += 1;
        column
    }
}

/// Some columns of a table, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSet(u32);

impl ColumnSet {
    /// No column.
    pub const NONE: Self = Self(0);

    /// The set of `columns`.
    pub const fn of(mut columns: &[Column]) -> Self {
        let mut bits = 0;
        while let [first, rest @ ..] = columns {
            bits |= first.bit();
            columns = rest;
        }
        Self(bits)
    }

    /// Whether the set has no column.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `column` is in the set.
    pub const fn contains(self, column: Column) -> bool {
        self.0 & column.bit() != 0
    }

    /// The columns of this set and of `other`.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Column> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        let columns = columns.into_iter();
        columns.fold(Self::NONE, |set, column| set.union(Self(column.bit())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_contains_its_columns_and_no_others() {
        let columns: Vec<Column> = Column::all().take(32).collect();
        let chosen = [columns[0], columns[31]];
        let set = ColumnSet::of(&chosen);
        let contained: Vec<Column> = columns
            .into_iter()
            .filter(|column| set.contains(*column))
            .collect();
        assert_eq!(contained, chosen);
        assert_eq!(chosen.into_iter().collect::<ColumnSet>(), set);
        assert_eq!(
            ColumnSet::of(&chosen[..1]).union(ColumnSet::of(&chosen[1..])),
            set
        );
        assert!(ColumnSet::of(&[]).is_empty() && !set.is_empty());
    }
}
