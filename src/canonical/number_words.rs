//! French words for whole numbers, for suggestions: a word never becomes a quantity by itself.

use super::text;

const UNITS: [&str; 20] = [
    "zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];

/// The tens that have a word of their own.
const TENS: [(&str, u64); 8] = [
    ("quatre-vingt", 80),
    ("soixante", 60),
    ("cinquante", 50),
    ("quarante", 40),
    ("trente", 30),
    ("vingt", 20),
    // Belgium and Switzerland.
    ("septante", 70),
    ("nonante", 90),
];

/// The number below one hundred that `words` are: `douze`, `vingt et un`, `quatre-vingt-dix-sept`; `None` for anything
/// else.
pub fn number(words: &str) -> Option<u64> {
    let folded = text::fold(words.trim());
    let joined: Vec<&str> = folded
        .split([' ', '-'])
        .filter(|word| *word != "et")
        .collect();
    below_hundred(&joined.join("-"))
}

fn below_hundred(words: &str) -> Option<u64> {
    if let Some(units) = units(words) {
        return Some(units);
    }
    let (ten, value) = TENS.into_iter().find(|(ten, _)| words.starts_with(ten))?;
    let rest = words.strip_prefix(ten)?;
    match rest.strip_prefix('-') {
        None => matches!(rest, "" | "s").then_some(value),
        Some(rest) => {
            let units = units(rest)?;
            // `soixante-quinze` is 75, `trente-quinze` nothing.
            let most = if matches!(value, 60 | 80) { 19 } else { 9 };
            (1..=most).contains(&units).then_some(value + units)
        }
    }
}

fn units(word: &str) -> Option<u64> {
    let word = if word == "une" { "un" } else { word };
    let found = UNITS.iter().position(|one| *one == word)?;
    u64::try_from(found).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_below_one_hundred_are_numbers() {
        for (words, expected) in [
            ("douze", 12),
            (" Une ", 1),
            ("ZÉRO", 0),
            ("dix-sept", 17),
            ("dix sept", 17),
            ("vingt et un", 21),
            ("trente-six", 36),
            ("soixante-quinze", 75),
            ("soixante et onze", 71),
            ("quatre-vingts", 80),
            ("quatre-vingt-dix-sept", 97),
            ("septante-deux", 72),
            ("nonante-neuf", 99),
        ] {
            assert_eq!(number(words), Some(expected), "{words}");
        }
        for words in [
            "",
            "bouteille",
            "douzaine",
            "trente-quinze",
            "vingt-zero",
            "cent",
            "un deux",
            "12",
        ] {
            assert_eq!(number(words), None, "{words}");
        }
    }
}
