//! Delimiters, and the line with which Excel declares one.

/// The supported delimiters, the commonest in France first.
pub(in super::super) const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// The delimiter in a first line `sep=;`, ignoring blanks, quotes and extra delimiters around it.
pub(super) fn preamble(sample: &[u8]) -> Option<u8> {
    let first = sample.split(|byte| *byte == b'\n').next()?;
    let first = std::str::from_utf8(first).ok()?;
    let first = first.trim_start_matches(['\u{FEFF}', '"', ' ']);
    let (word, rest) = first.split_at_checked(3)?;
    if !word.eq_ignore_ascii_case("sep") {
        return None;
    }
    let value = rest.trim_start_matches(' ').strip_prefix('=')?;
    let value = value.trim_start_matches([' ', '"', '\'']);
    if value.starts_with("\\t") {
        return Some(b'\t');
    }
    let delimiter = value.bytes().next()?;
    let after = value.get(1..).unwrap_or_default();
    let is_alone = after
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'\t') || DELIMITERS.contains(&byte));
    (is_alone && DELIMITERS.contains(&delimiter)).then_some(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_excel_names_the_delimiter() {
        for (first, expected) in [
            ("sep=;", Some(b';')),
            ("SEP=|", Some(b'|')),
            ("sep= ;", Some(b';')),
            ("sep = ,", Some(b',')),
            ("\"sep=;\"", Some(b';')),
            ("sep=;;;", Some(b';')),
            ("sep=\t", Some(b'\t')),
            ("sep=\\t", Some(b'\t')),
            ("\u{FEFF}sep=,", Some(b',')),
            ("sep=~", None),
            ("separateur;nom", None),
            ("sep;nom", None),
            ("sep=;nom", None),
            ("", None),
        ] {
            let sample = format!("{first}\ncode;nom\n");
            assert_eq!(preamble(sample.as_bytes()), expected, "{first:?}");
        }
    }
}
