//! Remarks of readers, reported once per kind with a count and the first examples.

use crate::canonical::text;

/// Most examples per kind.
const EXAMPLES: usize = 3;

/// Longest value in an example.
const MOST_VALUE_CHARS: usize = 80;

/// A reason to doubt a value that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remark {
    BeforeTax,
    Cancelled,
    CompletedZip,
    DocumentTotal,
    Draft,
    EmptyConsent,
    LikeReturn,
    LikeTotal,
    MovementAside,
    NumberedPlace,
    OrderAside,
    PartlyUnsubscribed,
    PurchaseAside,
    QuoteAside,
    Refunded,
    SecondContact,
    SpoiledBarcode,
    TurnedReturn,
    UnknownCode,
    UnknownCountry,
    UnknownDocument,
    UnknownTax,
    UnknownUnit,
    UnreadableEmail,
    UnreadableFormat,
    UnreadablePhone,
    UnreadableVintage,
    PriceMismatch,
    ZeroDate,
}

impl Remark {
    /// The sentences for one and for several values.
    #[expect(clippy::too_many_lines, reason = "one arm a remark")]
    const fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::BeforeTax => (
                "prix hors taxe (HT) sans taux de TVA, le montant TTC reste vide",
                "prix hors taxe (HT) sans taux de TVA, les montants TTC restent vides",
            ),
            Self::Cancelled => (
                "ligne annulée (colonne de statut), laissée de côté",
                "lignes annulées (colonne de statut), laissées de côté",
            ),
            Self::CompletedZip => (
                "code postal complété de son zéro, perdu dans toute la colonne",
                "codes postaux complétés de leur zéro, perdu dans toute la colonne",
            ),
            Self::DocumentTotal => (
                "montant répété sur toutes les lignes d'une pièce : c'est celui de la pièce, celui de la ligne reste vide",
                "montants répétés sur toutes les lignes d'une pièce : ce sont ceux des pièces, ceux des lignes restent vides",
            ),
            Self::Draft => (
                "ligne en brouillon (colonne de statut), laissée de côté",
                "lignes en brouillon (colonne de statut), laissées de côté",
            ),
            Self::EmptyConsent => (
                "case de consentement vide dans une colonne sans aucun non, comptée comme un refus",
                "cases de consentement vides dans une colonne sans aucun non, comptées comme des refus",
            ),
            Self::LikeReturn => (
                "pièce dont le numéro commence comme celui d'un avoir, comptée comme une vente : l'export n'a ni colonne de type, ni quantité négative",
                "lignes de pièces dont le numéro commence comme celui d'un avoir, comptées comme des ventes : l'export n'a ni colonne de type, ni quantités négatives",
            ),
            Self::LikeTotal => (
                "ligne dont un nom ressemble à celui d'un total, mais dont les chiffres ne sont pas la somme des lignes au-dessus, gardée",
                "lignes dont un nom ressemble à celui d'un total, mais dont les chiffres ne sont pas la somme des lignes au-dessus, gardées",
            ),
            Self::MovementAside => (
                "ligne qui n'est pas une vente (casse, perte, don, inventaire, transfert…), laissée de côté",
                "lignes qui ne sont pas des ventes (casse, perte, don, inventaire, transfert…), laissées de côté",
            ),
            Self::NumberedPlace => (
                "lieu qui est un nombre, autre d'un produit à l'autre : est-ce une quantité ? Le réglage COLUMN__STOCK_LEVELS__WAREHOUSE dira quelle colonne est le lieu",
                "lieux qui sont des nombres, autres d'un produit à l'autre : sont-ce des quantités ? Le réglage COLUMN__STOCK_LEVELS__WAREHOUSE dira quelle colonne est le lieu",
            ),
            Self::OrderAside => (
                "ligne de commande ou de bon de livraison, laissée de côté : les factures comptent",
                "lignes de commandes ou de bons de livraison, laissées de côté : les factures comptent",
            ),
            Self::PartlyUnsubscribed => (
                "adresse désinscrite de certaines listes de diffusion, pas de toutes : elle peut encore recevoir des e-mails",
                "adresses désinscrites de certaines listes de diffusion, pas de toutes : elles peuvent encore recevoir des e-mails",
            ),
            Self::PurchaseAside => (
                "ligne d'achat (fournisseur), laissée de côté : ce n'est pas une vente",
                "lignes d'achats (fournisseur), laissées de côté : ce ne sont pas des ventes",
            ),
            Self::QuoteAside => (
                "ligne de devis ou de pro forma, laissée de côté : ce n'est pas une vente",
                "lignes de devis ou de pro forma, laissées de côté : ce ne sont pas des ventes",
            ),
            Self::Refunded => (
                "ligne remboursée (colonne de statut), laissée de côté",
                "lignes remboursées (colonne de statut), laissées de côté",
            ),
            Self::SecondContact => (
                "seconde adresse e-mail ou second téléphone, non repris",
                "secondes adresses e-mail ou seconds téléphones, non repris",
            ),
            Self::SpoiledBarcode => (
                "code-barres en notation scientifique (Excel en a perdu les derniers chiffres), laissé vide",
                "codes-barres en notation scientifique (Excel en a perdu les derniers chiffres), laissés vides",
            ),
            Self::TurnedReturn => (
                "ligne d'avoir ou de retour écrite en positif, comptée en négatif",
                "lignes d'avoirs ou de retours écrites en positif, comptées en négatif",
            ),
            Self::UnknownCode => (
                "mot inconnu (canal ou statut), laissé vide",
                "mots inconnus (canal ou statut), laissés vides",
            ),
            Self::UnknownCountry => ("pays inconnu, laissé vide", "pays inconnus, laissés vides"),
            Self::UnknownDocument => (
                "type de document inconnu, compté comme une vente",
                "types de documents inconnus, comptés comme des ventes",
            ),
            Self::UnknownTax => (
                "prix dont les taxes ne sont pas visibles ou pas calculables, gardé tel quel",
                "prix dont les taxes ne sont pas visibles ou pas calculables, gardés tels quels",
            ),
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
            Self::ZeroDate => (
                "date d'inventaire jamais saisie (le zéro d'un tableur ou d'une base de données), laissée vide",
                "dates d'inventaire jamais saisies (le zéro d'un tableur ou d'une base de données), laissées vides",
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

/// The remarks on one file or model.
#[derive(Debug)]
pub(super) struct Remarks {
    tallies: Vec<Tally>,
    /// What a position is: a line or an id.
    position: &'static str,
}

impl Remarks {
    /// Remarks on the lines of a file.
    pub(super) fn on_lines() -> Self {
        Self::on("ligne")
    }

    /// Remarks on numbered records.
    pub(super) fn on_records() -> Self {
        Self::on("n°")
    }

    fn on(position: &'static str) -> Self {
        Self {
            tallies: Vec::new(),
            position,
        }
    }

    /// Adds a remark on `value`, read at `position`.
    pub(super) fn add(&mut self, remark: Remark, position: u64, value: &str) {
        self.add_with(remark, position, || {
            format!("« {} »", text::excerpt(value, MOST_VALUE_CHARS))
        });
    }

    /// Like [`Remarks::add`]; the example is computed only if it is kept.
    pub(super) fn add_with(
        &mut self,
        remark: Remark,
        position: u64,
        example: impl FnOnce() -> String,
    ) {
        let at = self.tallies.iter().position(|tally| tally.remark == remark);
        let at = at.unwrap_or_else(|| {
            self.tallies.push(Tally {
                remark,
                count: 0,
                examples: Vec::new(),
            });
            self.tallies.len() - 1
        });
        if let Some(tally) = self.tallies.get_mut(at) {
            tally.count += 1;
            if tally.examples.len() < EXAMPLES {
                tally
                    .examples
                    .push(format!("{} {position} {}", self.position, example()));
            }
        }
    }

    /// The sentences, one per kind.
    pub(super) fn sentences(&self) -> impl Iterator<Item = String> {
        self.tallies.iter().map(|tally| {
            let (one, several) = tally.remark.sentences();
            let what = if tally.count == 1 { one } else { several };
            format!("{} {what} ({})", tally.count, tally.examples.join(", "))
        })
    }
}
