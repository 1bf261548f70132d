//! Yes/no cells.

use std::fmt;

use crate::canonical::text::{fold, trim};

const YES: [&str; 7] = ["1", "oui", "o", "x", "vrai", "yes", "true"];
const NO: [&str; 6] = ["0", "non", "n", "faux", "no", "false"];

/// The cell is neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlagError;

impl fmt::Display for FlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "n'est ni un oui ni un non (attendu : oui ou non, o ou n, vrai ou faux, 1 ou 0, x ou vide)",
        )
    }
}

impl std::error::Error for FlagError {}

/// Reads yes or no, ignoring case and accents; an empty cell is a no.
///
/// # Errors
///
/// When the cell is anything else.
pub fn flag(cell: &str) -> Result<bool, FlagError> {
    let cell = trim(cell);
    if cell.is_empty() {
        return Ok(false);
    }
    if cell.is_ascii() {
        return known(cell);
    }
    known(&fold(cell))
}

fn known(word: &str) -> Result<bool, FlagError> {
    let is_word = |known: &&str| known.eq_ignore_ascii_case(word);
    if YES.iter().any(is_word) {
        Ok(true)
    } else if NO.iter().any(is_word) {
        Ok(false)
    } else {
        Err(FlagError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_flags() {
        for yes in [
            "oui", "OUI", " Oui ", "o", "O", "vrai", "1", "x", "X", "yes", "TRUE", "ouï",
        ] {
            assert_eq!(flag(yes), Ok(true), "{yes:?}");
        }
        for no in ["", " \u{A0}", "non", "N", "Faux", "0", "no", "false"] {
            assert_eq!(flag(no), Ok(false), "{no:?}");
        }
        for neither in ["2", "peut-être", "oui non", "1.0", "-", "✓"] {
            assert_eq!(flag(neither), Err(FlagError), "{neither:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text: String) {
            let _ = flag(&text);
        }
    }
}
