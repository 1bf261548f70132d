//! Chooses the most likely one-byte encoding of a file.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::{TextEncoding, french};

/// Lead in points that leaves no doubt: one letter that is common in one encoding and unlikely in the other.
const CLEAR: i64 = 4;

/// Lead in points over another encoding that yields plausible words too.
const THIN: i64 = 8;

/// Points above which a reading contains no letter that is unlikely in its place.
const UNLIKELY: i64 = -2;

/// Most letters named in a message.
const MOST_NAMED: usize = 20;

/// Result of the detection.
#[derive(Debug, Clone)]
pub(in super::super) struct Verdict {
    pub(in super::super) encoding: TextEncoding,
    pub(in super::super) doubt: Option<Doubt>,
    /// Another encoding that yields plausible words too: `PÈRE` and `PÔRE`.
    pub(in super::super) rival: Option<TextEncoding>,
    /// Whether even this encoding yields implausible words.
    pub(in super::super) is_implausible: bool,
}

/// Letters that another, equally likely encoding reads differently.
#[derive(Debug, Clone)]
pub(in super::super) struct Doubt {
    encoding: TextEncoding,
    other: TextEncoding,
    /// The letters in both encodings.
    letters: Vec<(char, char)>,
}

/// Points before any letter is counted: most files of today come from Windows.
fn head_start(encoding: TextEncoding) -> i64 {
    match encoding {
        TextEncoding::Windows1252 => 5,
        TextEncoding::Iso8859_15 => 2,
        _ => 0,
    }
}

/// The most likely one-byte encoding.
pub(in super::super) fn verdict(evidence: &Evidence) -> Verdict {
    let mut scores = TextEncoding::ONE_BYTE.map(|encoding| (score(encoding, evidence), encoding));
    // A stable sort: the commonest first among equals.
    scores.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
    let [(best, encoding), others @ ..] = scores;
    let mut near = others
        .into_iter()
        .take_while(|&(score, _)| score > best - CLEAR);
    let doubt = near.find_map(|(_, other)| Doubt::between(encoding, other, evidence));
    let rival = Rival::of(encoding, evidence);
    let doubt = doubt
        .or_else(|| {
            let close = rival.filter(|rival| rival.is_as_likely)?;
            Doubt::between(encoding, close.encoding, evidence)
        })
        .or_else(|| Doubt::of_mixture(encoding, evidence));
    Verdict {
        is_implausible: best < head_start(encoding),
        rival: rival.map(|rival| rival.encoding),
        encoding,
        doubt,
    }
}

/// Another encoding that yields plausible words for the letters of a file.
#[derive(Debug, Clone, Copy)]
struct Rival {
    encoding: TextEncoding,
    /// Whether its words are equally likely.
    is_as_likely: bool,
}

impl Rival {
    /// The most likely rival of `encoding`. The head start is no evidence and does not count.
    fn of(encoding: TextEncoding, evidence: &Evidence) -> Option<Self> {
        let others = TextEncoding::ONE_BYTE.into_iter().filter(|other| {
            *other != encoding && Doubt::between(encoding, *other, evidence).is_some()
        });
        let rivals = others.filter_map(|other| {
            let apart = Apart::of(encoding, other, evidence);
            let gap = apart.one.saturating_sub(apart.other);
            let is_within = |points: i64, by_letter: i64| {
                gap < points || gap <= apart.letters.saturating_mul(by_letter)
            };
            let rival = Self {
                encoding: other,
                is_as_likely: is_within(CLEAR, CLEAR - 1),
            };
            (apart.against_other > UNLIKELY && is_within(THIN, CLEAR)).then_some((gap, rival))
        });
        rivals.min_by_key(|&(gap, _)| gap).map(|(_, rival)| rival)
    }
}

/// The encoding that makes sense of the file, if `encoding` makes so little sense that it cannot be right.
pub(in super::super) fn excludes(
    encoding: TextEncoding,
    evidence: &Evidence,
) -> Option<TextEncoding> {
    let found = verdict(evidence).clearly_not(encoding, evidence)?;
    let apart = Apart::of(found, encoding, evidence);
    (apart.other < 0 && apart.one >= 0).then_some(found)
}

/// Points of two encodings for the letters that they read differently.
#[derive(Default)]
struct Apart {
    one: i64,
    other: i64,
    /// Points of the other encoding's letters that are unlikely in their places.
    against_other: i64,
    letters: i64,
}

impl Apart {
    fn of(one: TextEncoding, other: TextEncoding, evidence: &Evidence) -> Self {
        let mut apart = Self::default();
        for (high, before, after, count) in evidence.met() {
            let letters = (one.letter(high), other.letter(high));
            if letters.0 == letters.1 {
                continue;
            }
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let points = |letter| french::points(letter, before, after).saturating_mul(count);
            apart.one = apart.one.saturating_add(points(letters.0));
            apart.other = apart.other.saturating_add(points(letters.1));
            let against = points(letters.1).min(0);
            apart.against_other = apart.against_other.saturating_add(against);
            apart.letters = apart.letters.saturating_add(count);
        }
        apart
    }
}

impl Verdict {
    /// The detected encoding, if it certainly differs from `encoding` and reads the file differently.
    pub(in super::super) fn clearly_not(
        &self,
        encoding: TextEncoding,
        evidence: &Evidence,
    ) -> Option<TextEncoding> {
        let apart = Apart::of(self.encoding, encoding, evidence);
        let is_likelier = apart.letters > 0 && apart.one.saturating_sub(apart.other) >= CLEAR;
        (is_likelier && self.doubt.is_none()).then_some(self.encoding)
    }
}

fn score(encoding: TextEncoding, evidence: &Evidence) -> i64 {
    let met = evidence.met().map(|(high, before, after, count)| {
        let points = french::points(encoding.letter(high), before, after);
        points.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX))
    });
    met.fold(head_start(encoding), i64::saturating_add)
}

impl Doubt {
    /// `None` where both read the file's bytes alike.
    fn between(encoding: TextEncoding, other: TextEncoding, evidence: &Evidence) -> Option<Self> {
        let letters = evidence
            .bytes()
            .map(|high| (encoding.letter(high), other.letter(high)));
        let letters: Vec<(char, char)> = letters.filter(|(one, two)| one != two).collect();
        (!letters.is_empty()).then_some(Self {
            encoding,
            other,
            letters,
        })
    }

    /// Unlikely letters that another encoding reads as usual ones: two files of different encodings were joined.
    fn of_mixture(encoding: TextEncoding, evidence: &Evidence) -> Option<Self> {
        let others = TextEncoding::ONE_BYTE
            .into_iter()
            .filter(|other| *other != encoding);
        let of = |other: TextEncoding| {
            let mut letters: Vec<(char, char)> = evidence
                .met()
                .filter(|&(high, before, after, _)| {
                    french::is_absurd(encoding.letter(high), before, after)
                        && french::is_usual(other.letter(high), before, after)
                })
                .map(|(high, ..)| (encoding.letter(high), other.letter(high)))
                .collect();
            letters.dedup();
            Self {
                encoding,
                other,
                letters,
            }
        };
        others
            .map(of)
            .filter(|doubt| !doubt.letters.is_empty())
            .max_by_key(|doubt| doubt.letters.len())
    }

    /// Whether the byte 0x80 + `high` is doubtful.
    pub(in super::super) fn is_about(&self, high: u8) -> bool {
        let letter = self.encoding.letter(high);
        self.letters.iter().any(|(one, _)| *one == letter)
    }

    /// Why the row `text` is rejected, if it contains a doubtful letter.
    pub(in super::super) fn refuses(&self, text: &str) -> Option<String> {
        if text.is_ascii() {
            return None;
        }
        let found = text
            .chars()
            .find_map(|one| self.letters.iter().find(|(letter, _)| *letter == one));
        found.map(|(one, two)| {
            format!(
                "contient « {one} » en {}, qui serait « {two} » en {} : rien ne dit lequel est juste ; indiquez l'encodage (réglage ENCODING)",
                self.encoding.name(),
                self.other.name()
            )
        })
    }

    /// The other encoding.
    pub(in super::super) fn other(&self) -> TextEncoding {
        self.other
    }

    /// The doubt as a French sentence; `examples`: a word in both encodings.
    pub(in super::super) fn sentence(&self, examples: (&str, &str)) -> String {
        let letters: BTreeSet<char> = self.letters.iter().map(|(one, _)| *one).collect();
        let named: Vec<String> = letters
            .iter()
            .take(MOST_NAMED)
            .map(char::to_string)
            .collect();
        format!(
            "encodage incertain, « {} » en {} ou « {} » en {} : les lignes qui contiennent {} sont rejetées ; indiquez \
             l'encodage (réglage ENCODING)",
            examples.0,
            self.encoding.name(),
            examples.1,
            self.other.name(),
            named.join(" ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Verdict {
        let mut evidence = Evidence::default();
        evidence.add(bytes);
        evidence.finish();
        verdict(&evidence)
    }

    /// `text` in `encoding`.
    fn encoded(text: &str, encoding: TextEncoding) -> Vec<u8> {
        let byte = |letter: char| {
            if letter.is_ascii() {
                return letter as u8;
            }
            let high = (0..0x80).find(|high| encoding.letter(*high) == letter);
            0x80 | high.unwrap_or_else(|| panic!("no {letter} in {encoding:?}"))
        };
        text.chars().map(byte).collect()
    }

    const CUSTOMERS: &str = "code;nom;ville\nC1;Bénéteau;Sélestat\nC2;Forêt;Nîmes\nC3;Noël Prévôt;Besançon\n\
        C4;ÉTABLISSEMENTS FRANÇOIS;À L'HÔTEL\nC5;Müller;Orléans où ça\n";

    #[test]
    fn each_encoding_of_a_french_text_is_found_without_doubt() {
        for encoding in TextEncoding::ONE_BYTE {
            let verdict = of(&encoded(CUSTOMERS, encoding));
            // Texts that iso-8859-15 and windows-1252 read alike count as the latter.
            let expected = match encoding {
                TextEncoding::Iso8859_15 => TextEncoding::Windows1252,
                encoding => encoding,
            };
            assert_eq!(verdict.encoding, expected);
            assert!(verdict.doubt.is_none(), "{encoding:?}: {:?}", verdict.doubt);
        }
    }

    #[test]
    fn one_word_is_enough_where_only_one_encoding_makes_sense_of_it() {
        use TextEncoding::{Cp850, Iso8859_15, Macintosh, Windows1252};
        for (text, encoding) in [
            ("C1;Cœur de Vigne", Iso8859_15),
            ("C1;CŒUR DE VIGNE", Iso8859_15),
            ("C1;Œuvrard", Iso8859_15),
            ("F1;10,00 €", Iso8859_15),
            ("C1;Sélestat", Cp850),
            ("C1;SÉLESTAT", Cp850),
            ("C1;Nîmes", Cp850),
            ("C1;Forêt", Cp850),
            ("C1;Rhône", Cp850),
            ("C1;Müller", Cp850),
            ("C1;Sélestat", Macintosh),
            ("C1;SÉLESTAT", Macintosh),
            ("C1;Ardèche", Macintosh),
            ("C1;l’Isle sur Tarn", Macintosh),
            ("C1;Cœur de Vigne", Windows1252),
            ("C1;Œuvrard", Windows1252),
            ("C1;René", Windows1252),
            ("C1;HÔTEL;Orléans", Windows1252),
            ("C1;l’Isle", Windows1252),
            ("C1;N° 5", Windows1252),
            ("F1;1\u{A0}234,50 €", Windows1252),
            ("F1;½ bouteille", Windows1252),
            ("C1;Domaine « Les Cèdres »", Windows1252),
            ("C1;Muñoz", Windows1252),
            ("C1;Vin\u{A0}rouge – 12 bouteilles…", Windows1252),
            ("C1;Škoda;Orléans", Windows1252),
            ("C1;créée", Windows1252),
        ] {
            let verdict = of(&encoded(text, encoding));
            assert_eq!(verdict.encoding, encoding, "{text}");
            assert!(
                verdict.doubt.is_none(),
                "{text} in {encoding:?}: {:?}",
                verdict.doubt
            );
        }
    }

    #[test]
    fn between_two_that_fit_alike_the_letters_that_differ_are_doubtful() {
        // `à` in cp850, an ellipsis in windows-1252.
        let verdict = of(b"C1;Cave\nC2;Prix \x85 revoir\n");
        let doubt = verdict.doubt.unwrap();
        assert_eq!(doubt.refuses("C1;Cave"), None);
        assert_eq!(doubt.refuses("C1;Ren\u{E9}"), None);
        let letter = verdict.encoding.letter(0x05);
        let reason = doubt.refuses(&format!("C2;Prix {letter} revoir")).unwrap();
        for word in [
            "« à »",
            "cp850",
            "« … »",
            "windows-1252",
            "réglage ENCODING",
        ] {
            assert!(reason.contains(word), "{reason}");
        }
    }
}
