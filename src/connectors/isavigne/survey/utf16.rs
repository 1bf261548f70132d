//! Validates UTF-16, and detects its byte order.

use super::line_endings::LineEndings;

/// The byte order of UTF-16 without byte-order mark: most letters of Western Europe have one zero byte. True when the
/// high byte comes first.
pub(super) fn order(head: &[u8]) -> Option<bool> {
    // Some programs leave zeros at the end.
    let filled = head.iter().rposition(|byte| *byte != 0)? + 1;
    let (mut even, mut odd, mut pairs) = (0_usize, 0_usize, 0_usize);
    for pair in head.get(..filled).unwrap_or_default().chunks(2) {
        pairs += 1;
        even += usize::from(pair.first() == Some(&0));
        // The last low byte may have lost its zero with the tail.
        odd += usize::from(pair.get(1).is_none_or(|byte| *byte == 0));
    }
    let most = |zeros: usize, others: usize| zeros * 2 > pairs && others * 4 < zeros;
    match pairs {
        0 | 1 => None,
        _ if most(even, odd) => Some(true),
        _ if most(odd, even) => Some(false),
        _ => None,
    }
}

/// State of the validation.
pub(super) struct Utf16Check {
    pub(super) is_big_endian: bool,
    /// The first byte of a unit.
    half: Option<u8>,
    /// Whether the last unit is the first half of a surrogate pair.
    within_pair: bool,
    /// Number of bytes checked.
    checked: u64,
    /// Offset of the first unpaired surrogate.
    pub(super) first_fault: Option<u64>,
}

impl Utf16Check {
    pub(super) fn new(is_big_endian: bool) -> Self {
        Self {
            is_big_endian,
            half: None,
            within_pair: false,
            checked: 0,
            first_fault: None,
        }
    }

    pub(super) fn add(&mut self, block: &[u8], ends: &mut LineEndings) {
        for byte in block {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let unit = if self.is_big_endian {
                u16::from_be_bytes([first, *byte])
            } else {
                u16::from_le_bytes([first, *byte])
            };
            self.check(unit);
            self.checked += 2;
            ends.add_unit(unit, 2);
        }
    }

    fn check(&mut self, unit: u16) {
        let is_second = (0xDC00..=0xDFFF).contains(&unit);
        if is_second != self.within_pair {
            let length = if self.within_pair { 2 } else { 0 };
            self.first_fault
                .get_or_insert(self.checked.saturating_sub(length));
        }
        self.within_pair = (0xD800..=0xDBFF).contains(&unit);
    }

    /// Whether the file ends within a character.
    pub(super) fn ends_within_character(&self) -> bool {
        self.half.is_some() || self.within_pair
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_known_by_the_zeros() {
        let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        for text in ["a;", "code;nom\r\n1;Bénéteau\r\n", "é;1"] {
            assert_eq!(order(&utf16(text, u16::to_be_bytes)), Some(true), "{text}");
            assert_eq!(order(&utf16(text, u16::to_le_bytes)), Some(false), "{text}");
        }
        for bytes in [
            &b""[..],
            b"a",
            b"code;nom",
            b"a;b\n1;2\n\0\0\0\0\0\0\0",
            b"\0\0\0\0",
        ] {
            assert_eq!(order(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn half_characters_are_faults() {
        let fault = |units: &[u16]| {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let mut check = Utf16Check::new(false);
            check.add(&bytes, &mut LineEndings::default());
            (check.first_fault, check.ends_within_character())
        };
        assert_eq!(fault(&[0x61, 0xD83C, 0xDF77, 0x62]), (None, false));
        assert_eq!(fault(&[0x61, 0xD83C, 0x62]), (Some(2), false));
        assert_eq!(fault(&[0x61, 0xDF77]), (Some(2), false));
        assert_eq!(fault(&[0x61, 0xD83C]), (None, true));
    }
}
