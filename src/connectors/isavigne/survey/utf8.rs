//! Validates UTF-8 block by block, and gathers evidence about the bytes of other encodings.

use crate::connectors::isavigne::encoding::Evidence;

/// State of the validation.
#[derive(Default)]
pub(super) struct Utf8Check {
    /// Number of bytes checked up to the first fault, without the pending ones.
    checked: u64,
    /// The start of a character that continues in the next block.
    pending: Vec<u8>,
    /// The byte before them.
    before_pending: u8,
    /// Number of valid multi-byte characters that are usual in Western Europe.
    pub(super) accents: u64,
    /// Number of invalid sequences.
    pub(super) faults: u64,
    /// Offset of the first of them.
    pub(super) first_fault: Option<u64>,
    /// Whether there are non-ASCII bytes.
    pub(super) is_beyond_ascii: bool,
    /// Neighbours of non-ASCII bytes, from the block of the first fault on: before it, all was UTF-8.
    pub(super) evidence: Option<Evidence>,
}

impl Utf8Check {
    pub(super) fn add(&mut self, block: &[u8]) {
        if let Some(evidence) = self.evidence.take() {
            self.evidence = Some(self.check_foreign(evidence, block));
        } else if !self.pending.is_empty() {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(block);
            self.check(&joined);
        } else if block.is_ascii() {
            self.checked += block.len() as u64;
        } else if simdutf8::basic::from_utf8(block).is_ok() {
            self.advance(block);
        } else {
            self.check(block);
        }
    }

    /// Counts an incomplete last character as a fault.
    pub(super) fn finish(&mut self) {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            if self.evidence.is_none() {
                let evidence = self.evidence.insert(Evidence::default());
                evidence.add(&[self.before_pending]);
                evidence.add(&pending);
            }
            self.fault(pending.len());
        }
        if let Some(evidence) = &mut self.evidence {
            evidence.finish();
        }
    }

    /// Whether the last character is incomplete in a text that is otherwise UTF-8. Without another accent, it is the
    /// last letter of a file in another encoding.
    pub(super) fn ends_within_character(&self) -> bool {
        !self.pending.is_empty() && self.accents > self.faults
    }

    /// Whether at least as many byte sequences are accents in UTF-8 as are invalid.
    pub(super) fn is_mostly_utf8(&self) -> bool {
        self.accents >= self.faults
    }

    fn check(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            let Err(error) = std::str::from_utf8(rest) else {
                self.advance(rest);
                return;
            };
            let (good, bad) = rest.split_at(error.valid_up_to());
            self.advance(good);
            let Some(length) = error.error_len() else {
                let before = bytes.len().checked_sub(bad.len() + 1);
                self.before_pending = *before.and_then(|at| bytes.get(at)).unwrap_or(&b'\n');
                self.pending = bad.to_vec();
                self.is_beyond_ascii = true;
                return;
            };
            if self.evidence.is_none() {
                self.evidence.insert(Evidence::default()).add(bytes);
            }
            self.fault(length);
            rest = bad.get(length..).unwrap_or_default();
        }
    }

    /// As [`Utf8Check::check`], of a file whose first fault is known: most of its bytes above ASCII are faults. Adds
    /// `block` to `evidence` on the way.
    fn check_foreign(&mut self, mut evidence: Evidence, block: &[u8]) -> Evidence {
        let pending = std::mem::take(&mut self.pending);
        let joined;
        let bytes = if pending.is_empty() {
            block
        } else {
            joined = [&pending, block].concat();
            &joined
        };
        let mut next = 0;
        let mut check = |at: usize| {
            if at < next {
                return; // Within a character.
            }
            let rest = bytes.get(at..).unwrap_or_default();
            match character(rest) {
                Some(Ok(length)) => {
                    self.accents +=
                        u64::from(rest.first().is_some_and(|byte| begins_accent(*byte)));
                    next = at + length;
                }
                Some(Err(length)) => {
                    self.faults += 1;
                    next = at + length;
                }
                None => {
                    self.pending = rest.to_vec();
                    next = bytes.len();
                }
            }
        };
        (0..pending.len()).for_each(&mut check);
        evidence.add_with(block, |at| check(pending.len() + at));
        evidence
    }

    fn advance(&mut self, valid: &[u8]) {
        self.checked += valid.len() as u64;
        if !valid.is_ascii() {
            self.is_beyond_ascii = true;
            self.accents += valid.iter().filter(|byte| begins_accent(**byte)).count() as u64;
        }
    }

    fn fault(&mut self, length: usize) {
        self.faults += 1;
        self.is_beyond_ascii = true;
        self.first_fault.get_or_insert(self.checked);
        self.checked += length as u64;
    }
}

/// Whether `byte` begins a Latin letter, a combining accent, punctuation, the euro sign or U+FFFD in UTF-8.
fn begins_accent(byte: u8) -> bool {
    matches!(byte, 0xC2..=0xC5 | 0xCC | 0xCD | 0xE2 | 0xEF)
}

/// Length of the non-ASCII character at the start of `bytes`, or of the invalid sequence; `None` if it continues
/// after them.
fn character(bytes: &[u8]) -> Option<std::result::Result<usize, usize>> {
    // A letter of another encoding before an ASCII one.
    if bytes.get(1).is_some_and(u8::is_ascii) {
        return Some(Err(1));
    }
    let longest = bytes.get(..4).unwrap_or(bytes);
    match std::str::from_utf8(longest) {
        Ok(text) => text.chars().next().map(|first| Ok(first.len_utf8())),
        Err(error) if error.valid_up_to() > 0 => {
            let (good, _) = longest.split_at(error.valid_up_to());
            let text = std::str::from_utf8(good).ok()?;
            text.chars().next().map(|first| Ok(first.len_utf8()))
        }
        Err(error) => error.error_len().map(Err),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn checked(bytes: &[u8], size: usize) -> Utf8Check {
        let mut check = Utf8Check::default();
        for block in bytes.chunks(size) {
            check.add(block);
        }
        check
    }

    #[test]
    fn faults_are_counted_and_the_first_is_placed_however_blocks_fall() {
        let bytes = b"B\xc3\xa9n\xfcz\xe9te\xe2\x82\xac";
        for size in 1..=bytes.len() {
            let mut check = checked(bytes, size);
            check.finish();
            assert_eq!((check.accents, check.faults), (2, 2), "blocks of {size}");
            assert_eq!(check.first_fault, Some(4), "blocks of {size}");
        }
    }

    #[test]
    fn a_last_character_that_is_cut_is_told_from_one_of_another_encoding() {
        assert!(checked(b"H\xc3\xa9l\xc3", 100).ends_within_character());
        let mut check = checked(b"Ren\xe9", 100);
        assert!(!check.ends_within_character());
        check.finish();
        assert_eq!(check.faults, 1);
        assert_eq!(check.evidence.unwrap().bytes().collect::<Vec<_>>(), [0x69]);
    }

    proptest! {
        #[test]
        fn characters_and_faults_are_those_of_the_standard_library(
            parts in prop::collection::vec(prop_oneof!["[a-zéŁ€]{1,3}".prop_map(String::into_bytes), prop::collection::vec(0x7F_u8..=0xFF, 1..4)], 0..12),
            size in 1_usize..9,
        ) {
            let bytes = parts.concat();
            let mut check = checked(&bytes, size);
            check.finish();
            let chunks = || bytes.utf8_chunks();
            let faults = chunks().filter(|chunk| !chunk.invalid().is_empty()).count() as u64;
            let accents = chunks().flat_map(|chunk| chunk.valid().bytes()).filter(|byte| begins_accent(*byte)).count() as u64;
            prop_assert_eq!((check.faults, check.accents), (faults, accents));
        }
    }
}
