//! What readers remark on the way, told once per kind with its count and first examples.

/// Examples told of each kind.
const EXAMPLES: usize = 3;

/// Something that was read in spite of a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Remark {
    UnknownCode,
    UnknownCountry,
    UnknownUnit,
    UnreadableEmail,
    UnreadableFormat,
    UnreadablePhone,
    UnreadableVintage,
    PriceMismatch,
}

impl Remark {
    /// The sentence for one, and for several.
    const fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownCode => (
                "mot inconnu (canal ou statut), laissé vide",
                "mots inconnus (canal ou statut), laissés vides",
            ),
            Self::UnknownCountry => ("pays inconnu, laissé vide", "pays inconnus, laissés vides"),
            Self::UnknownUnit => (
                "unité inconnue, comptée en bouteilles de 75 cl",
                "unités inconnues, comptées en bouteilles de 75 cl",
            ),
            Self::UnreadableEmail => (
                "adresse e-mail impossible, laissée vide",
                "adresses e-mail impossibles, laissées vides",
            ),
            Self::UnreadableFormat => (
                "contenance illisible, laissée vide",
                "contenances illisibles, laissées vides",
            ),
            Self::UnreadablePhone => (
                "numéro de téléphone illisible, gardé tel quel",
                "numéros de téléphone illisibles, gardés tels quels",
            ),
            Self::UnreadableVintage => (
                "millésime illisible, laissé vide",
                "millésimes illisibles, laissés vides",
            ),
            Self::PriceMismatch => (
                "ligne où quantité × prix unitaire ≠ montant, gardée telle quelle",
                "lignes où quantité × prix unitaire ≠ montant, gardées telles quelles",
            ),
        }
    }
}

#[derive(Debug)]
struct Tally {
    remark: Remark,
    count: u64,
    examples: Vec<String>,
}

/// The remarks on one file.
#[derive(Debug, Default)]
pub(in super::super) struct Remarks(Vec<Tally>);

impl Remarks {
    /// Remarks on `value`, read on `line`.
    pub(in super::super) fn add(&mut self, remark: Remark, line: u64, value: &str) {
        self.add_with(remark, line, || format!("« {value} »"));
    }

    /// As [`Remarks::add`], with an example made only if it will be told.
    pub(in super::super) fn add_with(
        &mut self,
        remark: Remark,
        line: u64,
        example: impl FnOnce() -> String,
    ) {
        let at = self.0.iter().position(|tally| tally.remark == remark);
        let at = at.unwrap_or_else(|| {
            self.0.push(Tally {
                remark,
                count: 0,
                examples: Vec::new(),
            });
            self.0.len() - 1
        });
        if let Some(tally) = self.0.get_mut(at) {
            tally.count += 1;
            if tally.examples.len() < EXAMPLES {
                tally.examples.push(format!("ligne {line} {}", example()));
            }
        }
    }

    /// The sentences, one a kind.
    pub(super) fn sentences(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|tally| {
            let (one, several) = tally.remark.sentences();
            let what = if tally.count == 1 { one } else { several };
            format!("{} {what} ({})", tally.count, tally.examples.join(", "))
        })
    }
}
