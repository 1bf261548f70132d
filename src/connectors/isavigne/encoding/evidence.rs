//! Statistics of the neighbours of non-ASCII bytes: letters, digits, or neither.

use crate::canonical::bytes::each_beyond_ascii;

/// Kind of a byte's neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Lower,
    Upper,
    Digit,
    /// A blank, a delimiter, a line end.
    Other,
    /// Non-ASCII: a letter or not.
    High,
}

impl Side {
    const ALL: [Self; 5] = [
        Self::Lower,
        Self::Upper,
        Self::Digit,
        Self::Other,
        Self::High,
    ];

    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            0x80.. => Self::High,
            _ => Self::Other,
        }
    }
}

/// Pairs of neighbours: five kinds before, and five after.
const PLACES: usize = Side::ALL.len() * Side::ALL.len();

/// Number of occurrences of each non-ASCII byte, by its neighbours.
#[derive(Debug, Clone)]
pub(in super::super) struct Evidence {
    counts: Vec<[u64; PLACES]>,
    before: u8,
    /// A non-ASCII byte at the end of the last block, and the byte before it.
    pending: Option<(u8, u8)>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            counts: vec![[0; PLACES]; 0x80],
            before: b'\n',
            pending: None,
        }
    }
}

impl Evidence {
    /// Adds the next bytes of the file.
    pub(in super::super) fn add(&mut self, block: &[u8]) {
        self.add_with(block, |_| {});
    }

    /// As [`Evidence::add`]; calls `also` with the position of each byte above ASCII in `block`.
    pub(in super::super) fn add_with(&mut self, block: &[u8], mut also: impl FnMut(usize)) {
        let (Some(first), Some(last)) = (block.first(), block.last()) else {
            return;
        };
        if let Some((before, byte)) = self.pending.take() {
            self.count(before, byte, *first);
        }
        each_beyond_ascii(block, |at, byte| {
            also(at);
            let before = at.checked_sub(1).and_then(|at| block.get(at));
            let before = *before.unwrap_or(&self.before);
            match block.get(at + 1) {
                Some(after) => count(&mut self.counts, before, byte, *after),
                None => self.pending = Some((before, byte)),
            }
        });
        self.before = *last;
    }

    /// Counts the pending last byte of the file.
    pub(in super::super) fn finish(&mut self) {
        if let Some((before, byte)) = self.pending.take() {
            self.count(before, byte, b'\n');
        }
    }

    fn count(&mut self, before: u8, byte: u8, after: u8) {
        count(&mut self.counts, before, byte, after);
    }

    /// Each byte that occurs, minus 0x80, with its neighbours and number of occurrences.
    pub(super) fn met(&self) -> impl Iterator<Item = (u8, Side, Side, u64)> {
        (0_u8..).zip(&self.counts).flat_map(|(high, places)| {
            let sides = Side::ALL
                .into_iter()
                .flat_map(|before| Side::ALL.into_iter().map(move |after| (before, after)));
            let met = sides.zip(places).filter(|(_, count)| **count > 0);
            met.map(move |((before, after), count)| (high, before, after, *count))
        })
    }

    /// The bytes that occur, minus 0x80.
    pub(in super::super) fn bytes(&self) -> impl Iterator<Item = u8> {
        let met = (0_u8..).zip(&self.counts);
        met.filter(|(_, places)| places.iter().any(|count| *count > 0))
            .map(|(high, _)| high)
    }
}

fn count(counts: &mut [[u64; PLACES]], before: u8, byte: u8, after: u8) {
    let place = Side::of(before) as usize * Side::ALL.len() + Side::of(after) as usize;
    let places = counts.get_mut(usize::from(byte & 0x7F));
    if let Some(count) = places.and_then(|places| places.get_mut(place)) {
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_counted_once_with_both_neighbours_however_blocks_fall() {
        let text = b"S\xe9lestat;12\x80\xe9";
        for size in 1..=text.len() {
            let mut evidence = Evidence::default();
            for block in text.chunks(size) {
                evidence.add(block);
            }
            evidence.finish();
            assert_eq!(
                evidence.met().collect::<Vec<_>>(),
                [
                    (0x00, Side::Digit, Side::High, 1),
                    (0x69, Side::Upper, Side::Lower, 1),
                    (0x69, Side::High, Side::Other, 1),
                ],
                "blocks of {size}"
            );
        }
    }
}
