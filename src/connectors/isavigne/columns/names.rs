//! Comparison of headers with the known ones.

use crate::canonical::text;

/// Endings that do not change the meaning of a header: units, the currency, "of the line".
const ENDINGS: &[&str] = &[
    "eur",
    "euro",
    "euros",
    "eneur",
    "eneuros",
    "delaligne",
    "ligne",
    "btl",
    "btls",
    "bouteilles",
    "enbouteilles",
];

/// Endings that mean bottles: on a quantity, they say what is counted.
const BOTTLES: &[&str] = &["btl", "btls", "bouteilles"];

/// Signs and codes of foreign currencies.
const FOREIGN: &[&str] = &["$", "£", "¥", "CHF", "USD", "GBP", "JPY", "CAD"];

/// A header cell, prepared for comparison.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// [`text::header_key`] without `_`: `CodeClient` and `Code client` are equal.
    key: String,
    /// The same without endings: `montantttc` of `Montant TTC de la ligne (€)`.
    stem: String,
    /// Whether a removed ending means bottles.
    pub(super) is_of_bottles: bool,
    /// Whether it names a foreign currency: its column is then unknown.
    is_foreign: bool,
}

impl Name {
    pub(super) fn of(header: &str) -> Self {
        let key = text::header_key(header);
        let stem = squashed(&stem(&key));
        Self {
            key: squashed(&key),
            stem,
            is_of_bottles: key.split('_').any(|word| BOTTLES.contains(&word)),
            is_foreign: names_foreign_money(header),
        }
    }

    /// Whether the header is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Whether it equals the header `known` (a [`text::header_key`]).
    pub(super) fn is(&self, known: &str) -> bool {
        !self.is_foreign && same(&self.key, known)
    }

    /// Whether it equals `known` plus an ending.
    pub(super) fn is_stem(&self, known: &str) -> bool {
        !self.is_foreign && same(&self.stem, known)
    }

    /// Whether it equals a header from the settings, whatever that is.
    pub(super) fn is_own(&self, own: &str) -> bool {
        same(&self.key, own)
    }

    /// Similarity to `known`, from 0 to 1.
    pub(super) fn likeness(&self, known: &str) -> f64 {
        strsim::jaro_winkler(&squashed(known), &self.key)
    }

    /// Whether it begins with `start`.
    pub(super) fn starts_with(&self, start: &str) -> bool {
        self.key.starts_with(start)
    }
}

fn squashed(key: &str) -> String {
    key.chars().filter(|c| *c != '_').collect()
}

/// Whether `squashed` equals `known` without its `_`.
fn same(squashed: &str, known: &str) -> bool {
    squashed
        .bytes()
        .eq(known.bytes().filter(|byte| *byte != b'_'))
}

/// `key` without its [`ENDINGS`].
fn stem(key: &str) -> String {
    let mut words: Vec<&str> = key.split('_').collect();
    while let Some(longest) = (1..words.len().min(4))
        .rev()
        .find(|&count| ends_with_ending(&words, count))
    {
        words.truncate(words.len() - longest);
    }
    words.join("_")
}

/// Whether the last `count` words are an ending.
fn ends_with_ending(words: &[&str], count: usize) -> bool {
    let tail = words.get(words.len() - count..).unwrap_or_default();
    ENDINGS.contains(&tail.concat().as_str())
}

fn names_foreign_money(header: &str) -> bool {
    let is_word = |sign: &str| {
        let mut words = header.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| word == sign)
    };
    FOREIGN.iter().any(|sign| {
        if sign.is_ascii() && sign.len() == 3 {
            is_word(sign)
        } else {
            header.contains(sign)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for header in [
            "code_client",
            "Code client",
            "CodeClient",
            "CODE-CLIENT :",
            "Code  Client *",
        ] {
            assert!(Name::of(header).is("code_client"), "{header}");
        }
        assert!(!Name::of("Code clients").is("code_client"));
    }

    #[test]
    fn units_and_the_euro_are_taken_off() {
        let stems = [
            ("Montant TTC de la ligne (€)", "montant_ttc"),
            ("Montant HT en euros", "montant_ht"),
            ("Prix_eur", "prix"),
            ("PU TTC (€/btl)", "pu_ttc"),
            ("Quantité ligne", "quantite"),
            ("Qté livrée (btl)", "qte_livree"),
        ];
        for (header, stem) in stems {
            assert!(Name::of(header).is_stem(stem), "{header}");
        }
        // HT is not a unit: it changes the meaning of the column.
        assert!(!Name::of("Prix de vente (HT)").is_stem("prix_de_vente"));
    }

    #[test]
    fn a_column_in_another_currency_is_not_the_one_in_euros() {
        for header in ["PU TTC ($)", "PU TTC (CHF)", "PU TTC £"] {
            assert!(!Name::of(header).is("pu_ttc"), "{header}");
        }
        assert!(Name::of("PU TTC (€)").is("pu_ttc"));
        assert!(!Name::of("Montant TTC CHF").is_stem("montant_ttc"));
    }
}
