//! Text: cleaned for the tables, folded for comparisons, made visible for messages.

use std::borrow::Cow;

use memchr::memchr2_iter;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::bytes::is_all_visible_ascii;

/// UTF-8 lead byte of U+0300, the first character that Unicode normalization may compose or reorder.
const FIRST_COMPOSING_BYTE: u8 = 0xCC;
/// UTF-8 lead byte of U+0085 and U+00A0, the only blanks between ASCII and U+0300.
const LATIN_BLANK_BYTE: u8 = 0xC2;

/// Text as the canonical tables store it: Unicode normalization form C, trimmed, each inner run of
/// blanks and line ends replaced by one space.
///
/// Borrows when the result is a part of `text`. Removes zero-width spaces and byte-order marks at
/// both ends; keeps them inside, where scripts without spaces use them.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_plainly_clean(text) {
        return Cow::Borrowed(text);
    }
    let trimmed = trim(text);
    let composed = compose(trimmed);
    if has_folded_blanks(&composed) {
        return composed;
    }
    Cow::Owned(fold_blanks(&composed))
}

/// The text without blanks, zero-width spaces and byte-order marks at both ends.
#[must_use]
pub fn trim(text: &str) -> &str {
    // Nearly all cells start and end with a visible ASCII character.
    match text.as_bytes() {
        [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim_matches(|c| is_blank(c) || matches!(c, '\u{200B}' | '\u{FEFF}')),
    }
}

/// Whether a character is white space of any kind: space, no-break space, thin space, tab or line end.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

/// Text for comparisons: lower-case, without accents, ligatures as letters, each blank a space, each
/// apostrophe a straight one.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends the [`fold`]ed `text` to `folded`; for loops that reuse a buffer.
pub fn fold_into(text: &str, folded: &mut String) {
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_whitespace() {
            folded.push(c.to_ascii_lowercase());
        } else {
            fold_char(c, folded);
        }
    }
}

/// The title of a column for comparisons: [`fold`]ed, each run of blanks and punctuation replaced by
/// one `_`, none at the ends. `N° pièce` becomes `n_piece`.
#[must_use]
pub fn header_key(title: &str) -> String {
    let mut key = String::with_capacity(title.len());
    for c in fold(title).chars() {
        // The ordinal signs are letters in Unicode; in `Nº` they mean the degree sign.
        if c.is_alphanumeric() && !matches!(c, 'º' | 'ª') {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    if key.ends_with('_') {
        key.pop();
    }
    key
}

/// Whether UTF-8 was decoded as Windows-1252, cp850 or Macintosh before: `Ã©`, `├®` or `√©` for `é`, `â‚¬` for `€`.
///
/// Searches only for the sequences that characters of French text become, and that no French word
/// contains. A capital `Ã` or `Â` before a letter (`SÃO`, `CHÂTEAU`) is not one.
#[must_use]
pub fn looks_decoded_twice(text: &str) -> bool {
    // All these sequences start with a character whose first byte is C3 or E2.
    memchr2_iter(0xC3, 0xE2, text.as_bytes()).any(|at| {
        let mut rest = text.get(at..).unwrap_or_default().chars();
        rest.next()
            .is_some_and(|first| starts_double_decoding(first, rest))
    })
}

/// Whether the bytes alone show that [`clean`] returns `text` unchanged. `false` when its characters
/// must be checked.
fn is_plainly_clean(text: &str) -> bool {
    if is_all_visible_ascii(text.as_bytes()) {
        return true;
    }
    let mut after_space = true;
    for byte in text.bytes() {
        match byte {
            b' ' if after_space => return false,
            b' ' => after_space = true,
            b'\t'..=b'\r' | LATIN_BLANK_BYTE | FIRST_COMPOSING_BYTE.. => return false,
            _ => after_space = false,
        }
    }
    !after_space || text.is_empty()
}

fn compose(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_always_composed) || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Whether normalization never changes a character, whatever its neighbours. True for French letters,
/// punctuation and currency signs; false for all others.
fn is_always_composed(c: char) -> bool {
    matches!(c, ..'\u{300}' | '\u{2002}'..'\u{20D0}')
}

/// Whether each blank of a trimmed text is a single space.
fn has_folded_blanks(text: &str) -> bool {
    let mut after_space = false;
    text.chars().all(|c| {
        let fine = !is_blank(c) || (c == ' ' && !after_space);
        after_space = c == ' ';
        fine
    })
}

fn fold_blanks(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn fold_char(c: char, folded: &mut String) {
    if is_blank(c) {
        folded.push(' ');
        return;
    }
    for lower in c.to_lowercase() {
        decompose_canonical(lower, |part| match part {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            '’' | '‘' | 'ʼ' => folded.push('\''),
            mark if is_combining_mark(mark) => {}
            base => folded.push(base),
        });
    }
}

/// Whether `first` and `rest` start with the bytes of one UTF-8 character, each decoded on its own.
fn starts_double_decoding(first: char, mut rest: std::str::Chars<'_>) -> bool {
    match first {
        // Bytes C3 80–BF: the accented letters.
        'Ã' => rest.next().is_some_and(is_read_continuation),
        // Bytes C2 A0–BF: the no-break space, `°`, `«`, `»`.
        'Â' => matches!(rest.next(), Some('\u{A0}'..='\u{BF}')),
        // Bytes C5 92, C5 93, C5 B8: `Œ`, `œ`, `Ÿ`.
        'Å' => matches!(rest.next(), Some('’' | '“' | '¸' | '\u{92}' | '\u{93}')),
        // Bytes E2 80 xx: dashes, curly quotes, the narrow no-break space; E2 82 AC: `€`.
        'â' => match (rest.next(), rest.next()) {
            (Some('€' | '\u{80}'), Some(third)) => is_read_continuation(third),
            (Some('‚' | '\u{82}'), Some('¬')) => true,
            _ => false,
        },
        // Bytes EF BB BF: the byte-order mark.
        'ï' => rest.next() == Some('»') && rest.next() == Some('¿'),
        // Bytes C2, C3 and C5 in cp850: box-drawing characters, which no text contains.
        '├' | '┬' | '┼' => true,
        // Bytes E2 82 AC and E2 80 xx in cp850.
        'Ô' => matches!(
            (rest.next(), rest.next()),
            (Some('é'), Some('¼')) | (Some('Ç'), Some('Ö' | 'ö' | 'ô'))
        ),
        // Bytes C3 xx, C2 xx, C5 93 and E2 8x in Macintosh.
        '√' => rest.next().is_some_and(|next| !next.is_ascii()),
        '¬' => matches!(rest.next(), Some('†' | '∞' | '´' | 'ª' | '«' | '»')),
        '≈' => matches!(rest.next(), Some('ì' | 'í')),
        '‚' => matches!(rest.next(), Some('Ç' | 'Ä')),
        _ => false,
    }
}

/// Whether one of the bytes 80–BF is this character in Windows-1252 or Latin-1.
fn is_read_continuation(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{BF}')
        || matches!(
            c,
            '€' | '‚'
                | 'ƒ'
                | '„'
                | '…'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
        )
}

/// `text` with its control characters replaced by visible ones (Unicode Control Pictures), and those of
/// [`turns_text`] too, so that text of a file is safe to print on a terminal.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|one| one.is_control() || turns_text(one)) {
        return Cow::Borrowed(text);
    }
    let picture = |one: char| match u32::from(one) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        _ if one.is_control() || turns_text(one) => char::REPLACEMENT_CHARACTER,
        _ => one,
    };
    Cow::Owned(text.chars().map(picture).collect())
}

/// Like [`visible`], for a text of several lines: its line ends stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    let is_harmful = |one: char| one != '\n' && (one.is_control() || turns_text(one));
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(visible);
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// Whether `one` changes the direction of the text around it (Unicode `Bidi_Control`) or ends a line (U+2028, U+2029).
/// Such a character shows `exe.jpg` as `gpj.exe`, or a message as two lines.
pub fn turns_text(one: char) -> bool {
    matches!(one, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first `most` characters of `text`, made [`visible`], and `…` when the text is longer.
pub fn excerpt(text: &str, most: usize) -> String {
    let mut chars = text.chars();
    let kept: String = chars.by_ref().take(most).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("{}{more}", visible(&kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    #[test]
    fn cleans() {
        let cases = [
            ("", ""),
            (" \t\u{A0}\r\n", ""),
            ("  Jean  Dupont ", "Jean Dupont"),
            ("12\u{A0}rue\u{202F}\u{A0}du\r\nPort", "12 rue du Port"),
            ("\u{FEFF}\u{200B} Cave \u{200B}", "Cave"),
            ("a\u{200B}b", "a\u{200B}b"),
            ("Ame\u{301}lie", "Amélie"),
            ("Ame\u{301}lie  B\u{3000}", "Amélie B"),
        ];
        for (given, cleaned) in cases {
            assert_eq!(clean(given), cleaned, "{given:?}");
        }
    }

    #[test]
    fn clean_borrows_what_needs_no_change() {
        for given in [
            "",
            "Riesling 2020",
            "Gewürztraminer",
            "l’été",
            "N° 5",
            "  bordé ",
            "10 €",
        ] {
            assert!(matches!(clean(given), Cow::Borrowed(_)), "{given:?}");
        }
    }

    #[test]
    fn always_composed_characters_are_normalized() {
        for c in ('\0'..='\u{FFFF}').filter(|c| is_always_composed(*c)) {
            let alone = std::iter::once(c);
            assert_eq!(is_nfc_quick(alone), IsNormalized::Yes, "{c:?}");
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
        }
    }

    #[test]
    fn folds() {
        let cases = [
            ("CRÉMANT D’Alsace", "cremant d'alsace"),
            ("Œuf bœuf Æ ẞ ß", "oeuf boeuf ae ss ss"),
            ("e\u{301}te\u{301}", "ete"),
            ("Ångström Łódź Ǿ", "angstrom lodz o"),
            ("carton\u{A0}de\t6", "carton de 6"),
            ("İ", "i"),
        ];
        for (given, folded) in cases {
            assert_eq!(fold(given), folded, "{given:?}");
        }
    }

    #[test]
    fn makes_header_keys() {
        let cases = [
            ("N° pièce", "n_piece"),
            ("Nº pièce", "n_piece"),
            ("Code client", "code_client"),
            ("E-mail", "e_mail"),
            ("Qté", "qte"),
            ("P.U. TTC", "p_u_ttc"),
            ("  Prix (€) ", "prix"),
            ("\u{FEFF}Réf.\nproduit", "ref_produit"),
            ("Adresse_1", "adresse_1"),
            ("***", ""),
            ("", ""),
        ];
        for (given, key) in cases {
            assert_eq!(header_key(given), key, "{given:?}");
        }
    }

    #[test]
    fn recognises_text_decoded_twice() {
        for doubled in [
            "CafÃ©",
            "12 â‚¬",
            "cÅ“ur",
            "NÂ°",
            "lâ€™Ã©tÃ©",
            "1â€¯234",
            "Ã\u{A0} la cave",
            "Ã‰lise",
            "Ã\u{89}lise",
            "ï»¿Code",
            "Å’uvre",
            "Ch├óteau",
            "12 Ôé¼",
            "Ch√¢teau",
            "c≈ìur",
        ] {
            assert!(looks_decoded_twice(doubled), "{doubled}");
        }
        for sound in [
            "",
            "plain",
            "Café",
            "CHÂTEAU",
            "SÃO João",
            "10 €",
            "cœur",
            "Åland",
            "Ã",
            "â",
            "â€",
            "pâté",
            "« Âge »",
            "naïf »",
            "Bâ–le",
            "Côé",
            "√2",
        ] {
            assert!(!looks_decoded_twice(sound), "{sound}");
        }
    }

    /// Blanks, marks and zero-width characters, which could break idempotence.
    fn awkward() -> impl Strategy<Value = String> {
        "[ a\u{A0}\u{2000}\u{202F}\u{200B}\u{FEFF}\u{301}\u{323}é\u{1100}\u{1161}\r\n]{0,12}"
    }

    proptest! {
        #[test]
        fn clean_is_idempotent(text in prop_oneof![any::<String>(), awkward()]) {
            let once = clean(&text).into_owned();
            prop_assert!(is_nfc(&once));
            prop_assert!(matches!(clean(&once), Cow::Borrowed(same) if same == once));
        }

        #[test]
        fn folding_is_idempotent(text in prop_oneof![any::<String>(), awkward()]) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
            let key = header_key(&text);
            prop_assert_eq!(header_key(&key), key);
        }

        #[test]
        fn any_french_text_decoded_twice_is_recognised(text in "[a-z ]{0,5}[éèàçùœŒ€’«»°É][a-z ]{0,5}") {
            let doubled: String = text.bytes().map(windows_1252).collect();
            prop_assert!(looks_decoded_twice(&doubled), "{}", doubled);
            prop_assert!(!looks_decoded_twice(&text));
        }
    }

    fn windows_1252(byte: u8) -> char {
        match byte {
            0x80 => '€',
            0x82 => '‚',
            0x89 => '‰',
            0x92 => '’',
            0x93 => '“',
            0x99 => '™',
            other => char::from(other),
        }
    }
}
