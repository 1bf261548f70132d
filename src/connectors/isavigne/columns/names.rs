//! How a header is compared with the known ones.

use crate::canonical::text;

/// What may stand behind a name without changing what it names: units, the currency, "of the line".
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

/// The endings that name the bottle: of a quantity, they say what is counted.
const BOTTLES: &[&str] = &["btl", "btls", "bouteilles"];

/// Signs and codes of currencies that are no euros.
const FOREIGN: &[&str] = &["$", "£", "¥", "CHF", "USD", "GBP", "JPY", "CAD"];

/// A header cell, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// As [`text::header_key`], without `_`: `CodeClient` and `Code client` are one name.
    key: String,
    /// The same as far as it names something: `montantttc` of `Montant TTC de la ligne (€)`.
    stem: String,
    /// Whether what was taken off names the bottle.
    pub(super) is_of_bottles: bool,
    /// Whether it names a currency that is not the euro: what it holds is then unknown.
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

    /// Whether the header says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Whether it is the header `known`, as a [`text::header_key`].
    pub(super) fn is(&self, known: &str) -> bool {
        !self.is_foreign && same(&self.key, known)
    }

    /// Whether it is `known` with a unit or the like behind it.
    pub(super) fn is_stem(&self, known: &str) -> bool {
        !self.is_foreign && same(&self.stem, known)
    }

    /// Whether it is the header an estate named in its settings, whatever that is.
    pub(super) fn is_own(&self, own: &str) -> bool {
        same(&self.key, own)
    }

    /// How like `known` it is, from 0 to 1.
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

/// Whether `squashed` is `known` without its `_`.
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
        // HT is no unit: it changes what the column holds.
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
