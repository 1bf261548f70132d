//! Checks of short texts, eight bytes at a time.

/// The highest bit of each of eight bytes.
const HIGHEST: u64 = all(0x80);

/// The result of one scan of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// All bytes are ASCII.
    pub(crate) is_ascii: bool,
    /// At least one byte is an ASCII control character.
    pub(crate) has_control: bool,
    /// At least one byte is one of the wanted ones.
    pub(crate) has_wanted: bool,
}

impl Look {
    /// Scans `bytes`. `wanted` are ASCII characters.
    #[inline]
    pub(crate) fn at<const COUNT: usize>(bytes: &[u8], wanted: [u8; COUNT]) -> Self {
        let (mut bits, mut control, mut found) = (0, 0, 0);
        each_word(bytes, |word| {
            bits |= word;
            // Subtracting a larger byte borrows: this sets the highest bit of the byte or of one after it.
            control |= (word.wrapping_sub(all(b' ')) & !word) | near(0x7F, word);
            found |= wanted
                .iter()
                .fold(0, |found, sign| found | near(*sign, word));
        });
        Self {
            is_ascii: bits & HIGHEST == 0,
            has_control: control & HIGHEST != 0,
            has_wanted: found & HIGHEST != 0,
        }
    }
}

/// Whether all bytes are ASCII, and none is a space or a control character other than DEL.
#[inline]
pub(crate) fn is_all_visible_ascii(bytes: &[u8]) -> bool {
    let mut odd = 0;
    each_word(bytes, |word| {
        // A byte below `!` borrows from the next byte, whose result may be wrong; the answer is `false` in any case.
        odd |= word | word.wrapping_sub(all(b'!'));
    });
    odd & HIGHEST == 0
}

/// Calls `take` with `bytes`, eight at a time; with some bytes twice when their number is not a multiple of eight.
#[inline]
fn each_word(bytes: &[u8], mut take: impl FnMut(u64)) {
    let (words, rest) = bytes.as_chunks();
    for word in words {
        take(u64::from_le_bytes(*word));
    }
    if rest.is_empty() {
        return;
    }
    // A whole word is faster than part of one.
    if let Some(last) = bytes.last_chunk() {
        take(u64::from_le_bytes(*last));
    } else if let Some(first) = rest.first() {
        let mut word = [*first; 8];
        for (byte, short) in word.iter_mut().zip(rest) {
            *byte = *short;
        }
        take(u64::from_le_bytes(word));
    }
}

/// Sets a highest bit when `byte` is in `word`: the bit of that byte, and perhaps bits of bytes after it.
#[inline]
fn near(byte: u8, word: u64) -> u64 {
    let difference = word ^ all(byte);
    difference.wrapping_sub(all(1)) & !difference
}

/// Sets the highest bit of each byte of `word` that equals `byte`, and no other bit. The first byte is the lowest.
#[inline]
pub(crate) fn places(byte: u8, word: u64) -> u64 {
    const ALL_BUT_HIGHEST: u64 = all(0x7F);
    let difference = word ^ all(byte);
    // The highest bit of a byte that is not zero is set: in the byte itself, or after adding all lower bits.
    let differs = ((difference & ALL_BUT_HIGHEST) + ALL_BUT_HIGHEST) | difference;
    !(differs | ALL_BUT_HIGHEST)
}

/// Calls `take` with each byte that is not ASCII and its position. Skips 32 ASCII bytes at a time.
#[inline]
pub(crate) fn each_beyond_ascii(bytes: &[u8], mut take: impl FnMut(usize, u8)) {
    const STRIDE: usize = 32;
    let (strides, rest) = bytes.as_chunks::<STRIDE>();
    for (stride, start) in strides.iter().zip((0..).step_by(STRIDE)) {
        let (words, _) = stride.as_chunks::<8>();
        let bits = words
            .iter()
            .fold(0, |bits, word| bits | u64::from_le_bytes(*word));
        if bits & HIGHEST == 0 {
            continue;
        }
        for (word, start) in words.iter().zip((start..).step_by(8)) {
            let mut found = u64::from_le_bytes(*word) & HIGHEST;
            while found != 0 {
                let place = found.trailing_zeros() as usize / 8;
                if let Some(byte) = word.get(place) {
                    take(start + place, *byte);
                }
                found &= found - 1;
            }
        }
    }
    for (byte, at) in rest.iter().zip(strides.len() * STRIDE..) {
        if !byte.is_ascii() {
            take(at, *byte);
        }
    }
}

/// A word of eight times `byte`.
const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_bytes_at_once_are_as_one_by_one(text in prop_oneof!["[ -~\\x7F\\x1Fé!|.:]{0,80}", "[!-~]{0,40}", "[-0-9A-Z.:]{0,20}"]) {
            let bytes = text.as_bytes();
            let visible = bytes.iter().all(|byte| matches!(byte, b'!'..=0x7F));
            prop_assert_eq!(is_all_visible_ascii(bytes), visible);
            let mut beyond = Vec::new();
            each_beyond_ascii(bytes, |at, byte| beyond.push((at, byte)));
            let one_by_one = bytes.iter().copied().enumerate().filter(|(_, byte)| *byte > 0x7F);
            prop_assert_eq!(beyond, one_by_one.collect::<Vec<_>>());
            let look = Look {
                is_ascii: bytes.is_ascii(),
                has_control: bytes.iter().any(u8::is_ascii_control),
                has_wanted: bytes.iter().any(|byte| b"|&".contains(byte)),
            };
            prop_assert_eq!(Look::at(bytes, *b"|&"), look);
        }
    }
}
