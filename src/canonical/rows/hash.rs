//! The hash of a row's values. The database keeps it: a change of the hashed bytes makes each stored row look changed.

use xxhash_rust::xxh3::xxh3_64;

use super::cell::Cell;

/// The hash of `cells`, whose texts are ranges of `text`. It covers each cell that the store keeps: a sync after a change
/// of the mapping updates rows whose source line is the same as before. `scratch` keeps its memory from row to row.
pub(super) fn hash_of(cells: &[Cell], text: &str, scratch: &mut Vec<u8>) -> i64 {
    loop {
        if let Some(unused) = lay_out(cells, text.as_bytes(), scratch) {
            let used = scratch.len() - unused;
            let bytes = scratch.get(..used).unwrap_or_default();
            return i64::from_le_bytes(xxh3_64(bytes).to_le_bytes());
        }
        scratch.resize(scratch.len() * 2 + cells.len() * TAGGED, 0);
    }
}

/// Bytes of a tag and a number.
const TAGGED: usize = 9;

/// Writes the hashed bytes to the beginning of `room`; returns how many bytes it leaves, `None` where it is too small. A
/// slice that shrinks takes half the time of a vector that grows.
fn lay_out(cells: &[Cell], text: &[u8], mut room: &mut [u8]) -> Option<usize> {
    for cell in cells {
        let (tag, number) = match *cell {
            Cell::Null => {
                *room.split_off_first_mut()? = 0;
                continue;
            }
            Cell::Integer(value) => (1, value.to_le_bytes()),
            Cell::Decimal(value) => (2, value.ten_thousandths().to_le_bytes()),
            Cell::Text { start, end } => (3, ((end - start) as u64).to_le_bytes()),
        };
        room.split_off_mut(..TAGGED)?
            .copy_from_slice(&tagged(tag, number));
        if let Cell::Text { start, end } = *cell {
            let bytes = text.get(start..end).unwrap_or_default();
            room.split_off_mut(..bytes.len())?.copy_from_slice(bytes);
        }
    }
    Some(room.len())
}

/// The byte `tag`, then `value`.
fn tagged(tag: u8, value: [u8; 8]) -> [u8; TAGGED] {
    let mut bytes = [tag; TAGGED];
    if let Some(rest) = bytes.last_chunk_mut() {
        *rest = value;
    }
    bytes
}
