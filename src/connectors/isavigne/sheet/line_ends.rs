//! Line ends: exports contain `\r\n`, `\n` and a lone `\r`, and line numbers must be right for each.

use memchr::memchr;

/// Turns every line end of `bytes` into a line feed, in place; returns the remaining length. A carriage return at the end
/// stays: a line feed may follow it.
pub(super) fn to_feeds(bytes: &mut [u8]) -> usize {
    let (mut read, mut kept) = (0, 0);
    while let Some(length) = memchr(b'\r', bytes.get(read..).unwrap_or_default())
        && let Some(after) = bytes.get(read + length + 1).copied()
    {
        bytes.copy_within(read..read + length, kept);
        kept += length;
        if let Some(slot) = bytes.get_mut(kept) {
            *slot = b'\n';
        }
        kept += 1;
        read += length + 1 + usize::from(after == b'\n');
    }
    bytes.copy_within(read.., kept);
    kept + bytes.len() - read
}

/// Turns every line end of a whole text into a line feed.
pub(super) fn all_to_feeds(text: &mut Vec<u8>) {
    let kept = to_feeds(text);
    text.truncate(kept);
    if let Some(last @ b'\r') = text.last_mut() {
        *last = b'\n';
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_kind_of_line_end_becomes_one_line_feed(text in "[ab\r\n]{0,20}", cut in any::<prop::sample::Index>()) {
            let expected = text.replace("\r\n", "\n").replace('\r', "\n");
            let mut whole = text.clone().into_bytes();
            all_to_feeds(&mut whole);
            prop_assert_eq!(&whole, expected.as_bytes());
            // In two parts, the second behind what is left of the first.
            let (one, other) = text.split_at(cut.index(text.len() + 1));
            let mut parts = one.as_bytes().to_vec();
            let kept = to_feeds(&mut parts);
            parts.truncate(kept);
            parts.extend_from_slice(other.as_bytes());
            all_to_feeds(&mut parts);
            prop_assert_eq!(&parts, expected.as_bytes());
        }
    }
}
