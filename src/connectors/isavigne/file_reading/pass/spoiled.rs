//! Remarks about text that was damaged before the export: accepted with a warning.

use memchr::{memchr, memchr_iter};

use super::super::row::Fault;
use super::escapes::has_escape;
use crate::canonical::bytes::Look;
use crate::canonical::text;
use crate::connectors::isavigne::columns::Columns;
use crate::connectors::isavigne::sheet::Line;

/// Names of HTML entities in French text. Another word between `&` and a delimiter may be a company's: `R&D;`.
const ENTITIES: &[&str] = &[
    "aacute", "acirc", "aelig", "agrave", "amp", "apos", "auml", "ccedil", "deg", "eacute",
    "ecirc", "egrave", "euml", "euro", "gt", "hellip", "icirc", "iuml", "laquo", "ldquo", "lsquo",
    "lt", "mdash", "nbsp", "ndash", "ntilde", "ocirc", "oelig", "ouml", "quot", "raquo", "rdquo",
    "rsquo", "szlig", "ucirc", "ugrave", "uuml", "yuml",
];

/// One of these is in each damaged text, besides U+FFFD.
pub(super) const SIGNS: [u8; 6] = *b"&?=\\%+";

/// U+FFFD, the replacement for undecodable bytes.
const REPLACEMENT: char = '\u{FFFD}';

/// The first damaged cell of each kind.
#[derive(Default)]
pub(super) struct Spoiled {
    replaced: Option<String>,
    questioned: Option<String>,
    entities: Option<String>,
    escapes: Option<String>,
}

impl Spoiled {
    /// Checks one more row; `look` is the quick check of its text for [`SIGNS`].
    #[inline]
    pub(super) fn look(&mut self, line: &Line, look: Look, columns: &Columns) {
        // Searches for the first byte of an entity or a code, for programs' replacement of unknown letters, and for
        // U+FFFD, which begins with 0xEF.
        let may_hold = || memchr(0xEF, line.cells.whole().as_bytes()).is_some();
        if look.has_wanted || (look.has_odd && may_hold()) {
            self.look_closer(line, columns);
        }
    }

    fn look_closer(&mut self, line: &Line, columns: &Columns) {
        let whole = line.cells.whole();
        if self.replaced.is_none() && whole.contains(REPLACEMENT) {
            self.replaced = place(line, columns, |cell| cell.contains(REPLACEMENT));
        }
        if self.questioned.is_none() && has_question_in_word(whole) {
            self.questioned = place(line, columns, has_question_in_word);
        }
        if self.entities.is_none() && has_entity(whole) {
            self.entities = place(line, columns, |cell| cell.contains('&'));
        }
        if self.escapes.is_none() && has_escape(whole) {
            self.escapes = place(line, columns, has_escape);
        }
    }

    /// The sentences, one per kind.
    pub(super) fn sentences(&self) -> impl Iterator<Item = String> {
        let replaced = self.replaced.iter().map(|place| {
            format!(
                "des accents ont été perdus à la source (caractère de remplacement {REPLACEMENT}), d'abord {place} ; \
                 vérifiez l'encodage de l'export"
            )
        });
        let questioned = self.questioned.iter().map(|place| {
            format!(
                "des accents ont sans doute été perdus à la source (point d'interrogation entre deux lettres), d'abord \
                 {place} ; refaites l'export en UTF-8"
            )
        });
        let entities = self.entities.iter().map(|place| {
            format!("entités HTML (comme &eacute;) gardées telles quelles, d'abord {place} ; refaites l'export en texte")
        });
        let escapes = self.escapes.iter().map(|place| {
            format!(
                "lettres codées gardées telles quelles (comme =C3=A9, \\u00e9, %C3%A9 ou +AOk- pour é), d'abord {place} ; \
                 refaites l'export en texte, en UTF-8"
            )
        });
        replaced.chain(questioned).chain(entities).chain(escapes)
    }
}

/// The fault of a row that was decoded in the wrong encoding before it was written: its text is lost.
pub(super) fn decoded_twice(line: &Line, columns: &Columns) -> Fault {
    let mut cells = line.cells.iter().enumerate();
    let found = cells.find(|(_, cell)| text::looks_decoded_twice(cell));
    let (column, cell) = found.unwrap_or_default();
    Fault::of_field(
        columns.header(column),
        Some(cell),
        "est un texte décodé deux fois : vérifiez l'encodage à la source, et refaites l'export"
            .to_owned(),
    )
}

/// `ligne 2, colonne nom, « … »`: the first cell for which `is_spoiled` is true.
fn place(line: &Line, columns: &Columns, is_spoiled: impl Fn(&str) -> bool) -> Option<String> {
    let mut cells = line.cells.iter().enumerate();
    let (column, cell) = cells.find(|(_, cell)| is_spoiled(cell))?;
    Some(format!(
        "ligne {}, colonne {}, « {} »",
        line.number,
        columns.header(column),
        text::excerpt(&text::clean(cell), 80)
    ))
}

/// `B?nard`: a question mark between two letters of the same case, outside URLs.
fn has_question_in_word(text: &str) -> bool {
    !text.contains("://")
        && memchr_iter(b'?', text.as_bytes()).any(|at| {
            let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
            match (before, text.as_bytes().get(at + 1)) {
                (Some(before), Some(after)) => {
                    before.is_ascii_alphabetic() && after.is_ascii_alphabetic()
                }
                _ => false,
            }
        })
}

/// Whether `text` contains an HTML entity: `&eacute;`, `&#039;`.
pub(super) fn has_entity(text: &str) -> bool {
    memchr_iter(b'&', text.as_bytes()).any(|at| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let Some((name, _)) = rest.split_once(';') else {
            return false;
        };
        match name.strip_prefix('#') {
            Some(code) => {
                let code = code.trim_start_matches(['x', 'X']);
                (1..=6).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            None => ENTITIES.contains(&name.to_ascii_lowercase().as_str()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_told_from_firms() {
        for (text, expected) in [
            ("B&eacute;n&eacute;teau", true),
            ("L&#039;Isle", true),
            ("Smith &amp; fils", true),
            ("&#x27;", true),
            ("R&D;Nice", false),
            ("Smith & fils; Nice", false),
            ("C1;Durand", false),
        ] {
            assert_eq!(has_entity(text), expected, "{text}");
        }
    }
}
