//! Likelihood of a letter in its place in a French text.

use super::evidence::Side;
use super::is_no_letter;

/// Points of a letter that is usual in that place.
const USUAL: i64 = 5;

/// Points of a letter that is less usual in that place.
const KNOWN: i64 = 4;

/// Points of a letter that is hardly ever in that place.
const ABSURD: i64 = -6;

/// Points of a byte that is not a character.
const IMPOSSIBLE: i64 = -50;

/// The non-ASCII letters in names of Western Europe.
const LETTERS: &str = "àâäáãåæçéèêëíìîïñóòôöõøœßúùûüýÿšžÀÂÄÁÅÆÇÉÈÊËÍÎÏÑÓÔÖØŒÚÙÛÜŸŠŽ";

/// Points of `letter` between two neighbours: the higher, the likelier. A non-ASCII neighbour is unknown, so the
/// other one counts for both.
pub(super) fn points(letter: char, before: Side, after: Side) -> i64 {
    if is_no_letter(letter) {
        return IMPOSSIBLE;
    }
    let is_letter_of_name = letter.is_alphabetic() && LETTERS.contains(letter);
    let (before, after) = match (before, after) {
        (Side::High, Side::High) => return 0,
        (Side::High, Side::Other) | (Side::Other, Side::High) if is_letter_of_name => return 0,
        (Side::High, other) | (other, Side::High) => (other, other),
        both => both,
    };
    if letter.is_alphabetic() && !matches!(letter, 'ª' | 'º') {
        if !LETTERS.contains(letter) {
            return ABSURD;
        }
        let is_lower = letter.is_lowercase();
        return match (is_letter(before), is_letter(after)) {
            (false, false) => alone(letter, before, after),
            _ if is_lower => lower(letter, before, after),
            _ => upper(letter, before, after),
        };
    }
    sign(letter, before, after)
}

/// Whether `letter` hardly ever occurs between two such neighbours.
pub(super) fn is_absurd(letter: char, before: Side, after: Side) -> bool {
    points(letter, before, after) <= ABSURD
}

/// Whether `letter` usually occurs between two such neighbours.
pub(super) fn is_usual(letter: char, before: Side, after: Side) -> bool {
    letter.is_alphabetic() && points(letter, before, after) >= KNOWN
}

fn is_letter(side: Side) -> bool {
    matches!(side, Side::Lower | Side::Upper)
}

/// A word of one letter: `à`. Not beside a digit.
fn alone(letter: char, before: Side, after: Side) -> i64 {
    match (letter, before, after) {
        ('à' | 'À', Side::Other, Side::Other) => USUAL,
        (_, Side::Digit, _) | (_, _, Side::Digit) => -4,
        _ => -3,
    }
}

/// A lower-case letter within, at the beginning or at the end of a word.
fn lower(letter: char, before: Side, after: Side) -> i64 {
    match (before, after) {
        // `BéNéTEAU`
        (Side::Upper, Side::Upper) => -3,
        // `lÎle`, mistyped
        (Side::Lower, Side::Upper) => -2,
        (_, Side::Lower | Side::Upper) if is_letter(before) => lower_within(letter),
        (_, Side::Lower | Side::Upper) => match letter {
            'é' => USUAL,
            'ê' | 'œ' | 'ç' => KNOWN,
            'à' | 'è' | 'â' | 'î' | 'ô' | 'ä' | 'ö' | 'ü' => 0,
            _ => -3,
        },
        // `Né`: few words of two letters end with another one.
        (Side::Upper, _) => match letter {
            'é' => USUAL,
            'à' | 'ù' | 'û' | 'ê' => 0,
            _ => -4,
        },
        _ => match letter {
            'é' | 'à' => USUAL,
            'ù' => KNOWN,
            'ë' | 'ï' | 'û' | 'ê' | 'è' | 'ô' | 'î' | 'â' | 'ç' => 1,
            _ => 0,
        },
    }
}

fn lower_within(letter: char) -> i64 {
    match letter {
        'é' | 'è' | 'ê' | 'ç' => USUAL,
        'â' | 'î' | 'ï' | 'ô' | 'û' | 'œ' => KNOWN,
        'ë' => 3,
        'ä' | 'ö' | 'ü' | 'ñ' | 'ã' => 1,
        _ => 0,
    }
}

/// A capital within, at the beginning or at the end of a word.
fn upper(letter: char, before: Side, after: Side) -> i64 {
    let is_french = "ÀÂÇÈÉÊËÎÏÔÙÛŒ".contains(letter);
    match (before, after) {
        // `SÚlestat`, `NŒmes`: no capital within a word in lower case.
        (Side::Lower, _) | (Side::Upper, Side::Lower) => ABSURD,
        // `CÉCILE`, `CAFÉ`
        (Side::Upper, _) if is_french => USUAL,
        // `Émile`
        (_, Side::Lower | Side::Upper) if "ÉÀŒÎÈÇ".contains(letter) => KNOWN,
        _ => 0,
    }
}

/// A character that is not a letter.
#[expect(
    clippy::match_same_arms,
    reason = "one arm a group of signs, each with its reason"
)]
fn sign(letter: char, before: Side, after: Side) -> i64 {
    let within = is_letter(before) && is_letter(after);
    let beside = is_letter(before) || is_letter(after);
    match letter {
        // A no-break space: `1 234`, `Château Margaux`
        '\u{A0}' if within => 1,
        '\u{A0}' => 2,
        // `l’Isle`
        '’' if within => 4,
        // An acute accent as an apostrophe.
        '´' if within => 2,
        '’' if is_letter(before) => 1,
        // `N° 5`, `12°`, `Nº`
        '°' | 'º' if matches!(before, Side::Upper | Side::Digit) && !is_letter(after) => 4,
        '°' | 'º' | 'ª' | '²' | '³' | '®' | '©' | '™' if !is_letter(after) => 1,
        '€' if !beside => 2,
        '€' | '£' if is_letter(after) && !within => -2,
        '€' | '£' if !within => 0,
        // `Aix–en–Provence`
        '–' | '—' if within => -2,
        '§' if !beside => -2,
        '½' | '¼' | '¾' if !beside => 1,
        '…' if !is_letter(after) => 1,
        '«' | '“' | '‘' | '„' if !is_letter(before) => 1,
        '»' | '”' if !is_letter(after) => 1,
        '–' | '—' | '•' | '·' | '×' | '÷' | '±' if !beside => 1,
        '–' | '—' | '…' if !within => 0,
        '·' | '‰' | '†' | '‡' if !beside => -2,
        _ if beside || letter == '¤' => ABSURD,
        _ => -3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_words_hold_some_letters_and_not_others() {
        use Side::{Digit, Lower, Other, Upper};
        for (likely, unlikely, before, after) in [
            ('é', '‚', Upper, Lower),
            ('é', 'Ú', Lower, Lower),
            ('é', 'Ž', Lower, Other),
            ('É', '╔', Upper, Upper),
            ('É', '…', Other, Upper),
            ('œ', '½', Lower, Lower),
            ('½', 'œ', Other, Other),
            ('€', '¤', Other, Other),
            ('€', 'Ç', Digit, Other),
            ('°', '░', Upper, Other),
            ('ê', 'à', Lower, Lower),
            ('à', 'ê', Other, Other),
            ('’', 'Æ', Lower, Upper),
            ('\u{A0}', 'á', Digit, Digit),
        ] {
            let (more, less) = (
                points(likely, before, after),
                points(unlikely, before, after),
            );
            assert!(more >= less + 4, "{likely} {more}, {unlikely} {less}");
        }
    }
}
