//! The digits of a number and their separators.

use super::{DecimalMark, NumberError};
use crate::canonical::Decimal;

/// The greatest number to which an `i128` can append any digit.
const MAX_BEFORE_DIGIT: i128 = i128::MAX / 10 - 1;
/// Digits between two thousands separators.
pub(super) const GROUP: usize = 3;

/// A separator between the digits of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Comma,
    Dot,
    Blank,
    Apostrophe,
}

impl Separator {
    fn of(c: char) -> Option<Self> {
        Some(match c {
            ',' => Self::Comma,
            '.' => Self::Dot,
            // Plain, no-break, thin and narrow no-break spaces, as typography uses them.
            ' ' | '\u{A0}' | '\u{2009}' | '\u{202F}' => Self::Blank,
            '\'' | '’' => Self::Apostrophe,
            _ => return None,
        })
    }

    /// The decimal mark for this separator, if there is one.
    fn mark(self) -> Option<DecimalMark> {
        match self {
            Self::Comma => Some(DecimalMark::Comma),
            Self::Dot => Some(DecimalMark::Dot),
            Self::Blank | Self::Apostrophe => None,
        }
    }
}

/// The separators of a number and their roles.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub group: Option<Separator>,
    pub decimal: Option<Separator>,
}

impl Layout {
    /// The decimal mark that these separators prove, if each can have only one role.
    pub(super) fn proven_mark(self) -> Option<DecimalMark> {
        if let Some(decimal) = self.decimal {
            return decimal.mark();
        }
        // If one mark separates thousands, the other one is the decimal mark.
        match self.group? {
            Separator::Comma => Some(DecimalMark::Dot),
            Separator::Dot => Some(DecimalMark::Comma),
            Separator::Blank | Separator::Apostrophe => None,
        }
    }
}

/// `mantissa` × 10^−`scale`.
pub(super) struct Scaled {
    pub mantissa: i128,
    pub scale: u32,
}

impl Scaled {
    /// The number, rounded to four decimals.
    ///
    /// # Errors
    ///
    /// Beyond the bound of [`Decimal`].
    pub(super) fn value(&self) -> Result<Decimal, NumberError> {
        Decimal::from_scaled(self.mantissa, self.scale).ok_or(NumberError::OutOfBound)
    }
}

/// Finds the role of each separator from their kinds and order. [`digits`] checks the digits between them.
pub(super) fn layout(body: &str) -> Result<Layout, NumberError> {
    let mut first: Option<Separator> = None;
    let mut last: Option<Separator> = None;
    let mut first_repeats = false;
    for c in body.chars().filter(|c| !c.is_ascii_digit()) {
        let separator = Separator::of(c).ok_or(NumberError::NotANumber)?;
        match (first, last) {
            (None, _) => first = Some(separator),
            // The second kind is the decimal mark: no separator may follow it.
            (Some(_), Some(_)) => return Err(NumberError::Grouping),
            (Some(known), None) if known == separator => first_repeats = true,
            (Some(_), None) => last = Some(separator),
        }
    }
    match (first, last) {
        (Some(_), Some(decimal)) if decimal.mark().is_none() => Err(NumberError::Grouping),
        (Some(only), None) if only.mark().is_some() && !first_repeats => Ok(Layout {
            group: None,
            decimal: Some(only),
        }),
        (group, decimal) => Ok(Layout { group, decimal }),
    }
}

/// Reads the digits of a number with this layout, and checks that its groups have three digits each.
pub(super) fn digits(body: &str, layout: Layout) -> Result<Scaled, NumberError> {
    let mut scan = Scan::new(layout);
    for c in body.chars() {
        match c.to_digit(10) {
            Some(digit) => scan.digit(digit)?,
            None => scan.separator(Separator::of(c).ok_or(NumberError::NotANumber)?)?,
        }
    }
    scan.finish()
}

/// State of [`digits`].
struct Scan {
    layout: Layout,
    mantissa: i128,
    seen_any: bool,
    starts_with_zero: bool,
    in_decimals: bool,
    scale: u32,
    /// Digits since the last separator.
    run: usize,
    groups_closed: usize,
}

impl Scan {
    fn new(layout: Layout) -> Self {
        Self {
            layout,
            mantissa: 0,
            seen_any: false,
            starts_with_zero: false,
            in_decimals: false,
            scale: 0,
            run: 0,
            groups_closed: 0,
        }
    }

    fn digit(&mut self, digit: u32) -> Result<(), NumberError> {
        if !self.seen_any {
            self.seen_any = true;
            self.starts_with_zero = digit == 0;
        }
        if self.mantissa > MAX_BEFORE_DIGIT {
            return Err(NumberError::TooManyDigits);
        }
        self.mantissa = self.mantissa * 10 + i128::from(digit);
        self.scale += u32::from(self.in_decimals);
        self.run += 1;
        Ok(())
    }

    fn separator(&mut self, separator: Separator) -> Result<(), NumberError> {
        if self.in_decimals {
            return Err(NumberError::Grouping);
        }
        if self.layout.decimal == Some(separator) {
            self.close_whole_part()?;
            self.in_decimals = true;
        } else {
            self.close_group()?;
        }
        self.run = 0;
        Ok(())
    }

    /// Ends a group: three digits; one to three for the first, which must not begin with zero.
    fn close_group(&mut self) -> Result<(), NumberError> {
        let well_formed = if self.groups_closed == 0 {
            (1..=GROUP).contains(&self.run) && !self.starts_with_zero
        } else {
            self.run == GROUP
        };
        self.groups_closed += 1;
        if well_formed {
            Ok(())
        } else {
            Err(NumberError::Grouping)
        }
    }

    fn close_whole_part(&mut self) -> Result<(), NumberError> {
        if self.layout.group.is_some() {
            self.close_group()
        } else {
            Ok(())
        }
    }

    fn finish(mut self) -> Result<Scaled, NumberError> {
        if !self.seen_any {
            return Err(NumberError::NotANumber);
        }
        if !self.in_decimals {
            self.close_whole_part()?;
        }
        Ok(Scaled {
            mantissa: self.mantissa,
            scale: self.scale,
        })
    }
}
