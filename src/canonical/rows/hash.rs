//! The hash of a row's values. The database keeps it: a change of the hashed bytes makes each stored row look changed.

use xxhash_rust::xxh3::xxh3_64;

use super::cell::Cell;

/// The hash of `cells`, whose texts are ranges of `text`. It covers each cell that the store keeps: a sync after a change
/// of the mapping updates rows whose source line is the same as before.
pub(super) fn hash_of<'a>(
    cells: impl Iterator<Item = &'a Cell>,
    text: &str,
    scratch: &mut Vec<u8>,
) -> i64 {
    scratch.clear();
    for cell in cells {
        match *cell {
            Cell::Null => scratch.push(0),
            Cell::Integer(value) => scratch.extend_from_slice(&tagged(1, value.to_le_bytes())),
            Cell::Decimal(value) => {
                let value = value.ten_thousandths().to_le_bytes();
                scratch.extend_from_slice(&tagged(2, value));
            }
            Cell::Text { start, end } => {
                let length = ((end - start) as u64).to_le_bytes();
                scratch.extend_from_slice(&tagged(3, length));
                let bytes = text.as_bytes().get(start..end).unwrap_or_default();
                scratch.extend_from_slice(bytes);
            }
        }
    }
    i64::from_le_bytes(xxh3_64(scratch).to_le_bytes())
}

/// The byte `tag`, then `value`.
fn tagged(tag: u8, value: [u8; 8]) -> [u8; 9] {
    let mut bytes = [tag; 9];
    if let Some(rest) = bytes.last_chunk_mut() {
        *rest = value;
    }
    bytes
}
