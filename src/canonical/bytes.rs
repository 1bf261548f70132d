//! Checks of short texts, eight bytes at a time.

/// The highest bit of each of eight bytes.
const HIGHEST: u64 = all(0x80);

/// The other bits.
const ALL_BUT_HIGHEST: u64 = !HIGHEST;

/// Bytes that [`Look`] compares at once: the compiler makes one vector of them.
const LANES: usize = 16;

/// The result of one scan of a text in UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// At least one character is an ASCII control character, or neither ASCII nor a no-break space, which groups the
    /// digits of amounts.
    pub(crate) has_odd: bool,
    /// At least one byte is an ASCII quote sign, an apostrophe or a grave accent.
    pub(crate) has_quote: bool,
    /// At least one byte is one of the wanted ones.
    pub(crate) has_wanted: bool,
}

impl Look {
    /// Scans `text`. `wanted` are ASCII characters.
    #[inline]
    pub(crate) fn at<const COUNT: usize>(text: &str, wanted: [u8; COUNT]) -> Self {
        let bytes = text.as_bytes();
        let mut seen = Seen::default();
        let (blocks, rest) = bytes.as_chunks();
        for block in blocks {
            seen.add(block, wanted);
        }
        match bytes.last_chunk() {
            _ if rest.is_empty() => {}
            // Some bytes twice are faster than the last ones each for itself.
            Some(last) => seen.add(last, wanted),
            None => {
                let mut block = [b' '; LANES];
                for (lane, byte) in block.iter_mut().zip(rest) {
                    *lane = *byte;
                }
                seen.add(&block, wanted);
            }
        }
        Self {
            has_odd: any(seen.odd),
            has_quote: any(seen.quote),
            has_wanted: any(seen.wanted),
        }
    }
}

/// What was seen so far of each sixteenth byte.
#[derive(Default)]
struct Seen {
    odd: [u8; LANES],
    quote: [u8; LANES],
    wanted: [u8; LANES],
}

impl Seen {
    #[inline]
    fn add<const COUNT: usize>(&mut self, block: &[u8; LANES], wanted: [u8; COUNT]) {
        let signs = self.quote.iter_mut().zip(&mut self.wanted);
        for ((odd, (quote, found)), &byte) in self.odd.iter_mut().zip(signs).zip(block) {
            // One more than DEL and what is not ASCII is below zero, or zero.
            let may_be_odd = byte.wrapping_add(1).cast_signed() <= 0x20;
            // U+00A0 is 0xC2 0xA0; no other character has but these two bytes.
            *odd |= u8::from(may_be_odd) & u8::from(byte != 0xC2) & u8::from(byte != 0xA0);
            *quote |= u8::from(matches!(byte, b'"' | b'\'' | b'`'));
            for sign in wanted {
                *found |= u8::from(byte == sign);
            }
        }
    }
}

fn any(seen: [u8; LANES]) -> bool {
    u128::from_le_bytes(seen) != 0
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

/// Whether all bytes are ASCII, and each is at least `least` or is `other`, which is below it.
#[inline]
pub(crate) fn are_all_from(least: u8, other: u8, bytes: &[u8]) -> bool {
    let mut odd = 0;
    each_word(bytes, |word| {
        // Without the highest bits, nothing is carried from byte to byte.
        let is_high = (word & ALL_BUT_HIGHEST) + all(0x80 - least);
        odd |= word | !(is_high | places(other, word));
    });
    odd & HIGHEST == 0
}

/// Whether one of `wanted`, which are ASCII, is among `bytes`.
#[inline]
pub(crate) fn holds_any<const COUNT: usize>(bytes: &[u8], wanted: [u8; COUNT]) -> bool {
    let mut found = 0;
    each_word(bytes, |word| found |= near_any(wanted, word));
    found & HIGHEST != 0
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
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let halves = [u32::from_le_bytes(*first), u32::from_le_bytes(*last)].map(u64::from);
        let [first, last] = halves;
        take(first | last << 32);
    } else if let [first, .., last] | [first @ last] = bytes {
        let middle = bytes.get(bytes.len() / 2).unwrap_or(first);
        take(u64::from_le_bytes([
            *first, *middle, *last, *last, *last, *last, *last, *last,
        ]));
    }
}

/// As [`near`], of several bytes.
#[inline]
fn near_any<const COUNT: usize>(bytes: [u8; COUNT], word: u64) -> u64 {
    bytes
        .iter()
        .fold(0, |found, byte| found | near(*byte, word))
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
        fn eight_bytes_at_once_are_as_one_by_one(text in prop_oneof!["[ -~\\x7F\\x1Fé\u{A0}!|.:]{0,80}", "[0-9\u{A0}\u{80}\u{82}\u{A2}\u{2A0}]{0,40}", "[!-~]{0,40}", "[-0-9A-Z.:]{0,20}"]) {
            let bytes = text.as_bytes();
            let codes = bytes.iter().all(|byte| matches!(byte, b'-' | b'0'..=0x7F));
            prop_assert_eq!(are_all_from(b'0', b'-', bytes), codes);
            prop_assert_eq!(holds_any(bytes, *b"|."), text.contains(['|', '.']));
            let visible = bytes.iter().all(|byte| matches!(byte, b'!'..=0x7F));
            prop_assert_eq!(is_all_visible_ascii(bytes), visible);
            let mut beyond = Vec::new();
            each_beyond_ascii(bytes, |at, byte| beyond.push((at, byte)));
            let one_by_one = bytes.iter().copied().enumerate().filter(|(_, byte)| *byte > 0x7F);
            prop_assert_eq!(beyond, one_by_one.collect::<Vec<_>>());
            let look = Look {
                has_odd: text.contains(|c: char| c.is_ascii_control() || (!c.is_ascii() && c != '\u{A0}')),
                has_quote: text.contains(['"', '\'', '`']),
                has_wanted: text.contains(['|', '&']),
            };
            prop_assert_eq!(Look::at(&text, *b"|&"), look);
        }
    }
}
