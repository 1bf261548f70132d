//! Which character separates the cells.

use csv::{ByteRecord, ReaderBuilder, Terminator};

/// The delimiters exports use, the commonest in France first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Rows looked at beyond the header.
const ROWS: usize = 20;

/// Whether the first line is Excel's `sep=;`.
pub(super) fn has_preamble(sample: &[u8]) -> bool {
    preamble(sample).is_some()
}

/// The delimiter of the file `sample` begins: what `sep=` says, else the one that splits the header and the
/// rows after it into the same number of cells, the more the surer.
pub(super) fn delimiter(sample: &[u8]) -> u8 {
    if let Some(delimiter) = preamble(sample) {
        return delimiter;
    }
    let best = DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|&one| score(sample, one));
    best.unwrap_or(b';')
}

fn preamble(sample: &[u8]) -> Option<u8> {
    let first = sample.split(|byte| *byte == b'\n').next()?;
    let first = first.strip_prefix(b"\"").unwrap_or(first);
    let (word, rest) = first.split_at_checked(4)?;
    let delimiter = *rest.first()?;
    (word.eq_ignore_ascii_case(b"sep=") && DELIMITERS.contains(&delimiter)).then_some(delimiter)
}

/// (most rows agree with the header, cells of the header): a delimiter that splits nothing scores lowest.
fn score(sample: &[u8], delimiter: u8) -> (bool, usize) {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .has_headers(false)
        .flexible(true)
        .from_reader(sample);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).unwrap_or(false) {
        return (false, 0);
    }
    let width = record.len();
    let (mut rows, mut agree) = (0, 0);
    while rows < ROWS && reader.read_byte_record(&mut record).unwrap_or(false) {
        rows += 1;
        agree += usize::from(record.len() == width);
    }
    (width > 1 && agree * 2 >= rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_splits_header_and_rows_alike() {
        for (sample, expected) in [
            ("code;nom\n1;a\n2;b\n", b';'),
            ("code,nom\n1,a\n2,b\n", b','),
            ("code\tnom\n1\ta\n", b'\t'),
            ("code|nom\n1|a\n", b'|'),
            ("code;nom, prénom;prix\n1;Dupont, Jean;1,50\n", b';'),
            ("code,nom\n1,\"a;b;c\"\n2,\"d;e;f\"\n", b','),
            ("sep=,\ncode;a,nom\n", b','),
            ("SEP=|\n", b'|'),
            ("code;nom\n", b';'),
            ("", b';'),
        ] {
            assert_eq!(delimiter(sample.as_bytes()), expected, "{sample:?}");
        }
    }
}
