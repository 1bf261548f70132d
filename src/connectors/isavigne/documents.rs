//! The kinds of documents of a sales line, and the words that programs use for them.

use crate::canonical::text;

/// A kind of document that may count as a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Documents {
    /// Invoices, tickets: goods sold.
    Sale,
    /// Credit notes, returns: goods returned.
    Return,
    /// Orders, delivery notes: they count only while the connector has no invoices.
    Order,
}

/// Meaning of a word for a type of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentType {
    /// It may count.
    Of(Documents),
    /// A quote or a pro forma invoice: nothing was sold.
    Quote,
    /// A purchase: an invoice or a credit note of a supplier.
    Purchase,
    /// Bottles that moved without a sale: broken, lost, given away, counted, transferred.
    Movement,
}

/// Why a document of a status does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Void {
    Cancelled,
    Draft,
    /// Fully refunded.
    Refunded,
}

/// Words for a quote, in singular.
const QUOTES: &[&str] = &[
    "devis",
    "proforma",
    "pro forma",
    "de",
    "dev",
    "quote",
    "quotation",
    "estimate",
    "offre",
];
const PURCHASES: &[&str] = &[
    "fournisseur",
    "achat",
    "supplier",
    "purchase",
    "vendor bill",
    "ff",
];
const RETURNS: &[&str] = &[
    "avoir",
    "retour",
    "note de credit",
    "av",
    "avo",
    "credit note",
    "credit memo",
    "credit",
    "refund",
    "return",
    "remboursement",
];
/// Words that mean an invoice in any combination: `commande facturée`.
const INVOICES: &[&str] = &[
    "facture",
    "facturee",
    "facturation",
    "invoice",
    "ticket",
    "fa",
    "fac",
    "f",
    "fact",
    "fv",
    "receipt",
];
const ORDERS: &[&str] = &[
    "commande",
    "bon de livraison",
    "livraison",
    "bl",
    "bc",
    "bdc",
    "bdl",
    "cde",
    "cmd",
    "order",
    "delivery",
    "delivery note",
    "reservation",
];
const SALES: &[&str] = &[
    "vente", "sale", "comptoir", "caisse", "vt", "ve", "tk", "tic",
];

const MOVEMENTS: &[&str] = &[
    "casse",
    "perte",
    "destruction",
    "vol",
    "don",
    "cadeau",
    "mecenat",
    "echantillon",
    "degustation",
    "consommation",
    "inventaire",
    "transfert",
    "mouvement",
    "ajustement",
    "regularisation",
    "sortie",
    "entree",
    "reception",
    "production",
    "tirage",
    "mise en bouteille",
];

/// The meaning of `word` in a column of types; `None` when unknown.
pub(super) fn document_type(word: &str) -> Option<DocumentType> {
    let words = Words::of(word);
    if words.hold(PURCHASES) {
        Some(DocumentType::Purchase)
    } else if words.hold(QUOTES) {
        Some(DocumentType::Quote)
    } else if words.hold(RETURNS) {
        Some(DocumentType::Of(Documents::Return))
    } else if words.hold(INVOICES) {
        Some(DocumentType::Of(Documents::Sale))
    } else if words.hold(ORDERS) {
        Some(DocumentType::Of(Documents::Order))
    } else if words.hold(SALES) {
        Some(DocumentType::Of(Documents::Sale))
    } else if words.hold(MOVEMENTS) {
        Some(DocumentType::Movement)
    } else {
        None
    }
}

/// Whether `word` can only be a type of document: `Vente directe` may be a channel too.
pub(super) fn names_document(word: &str) -> bool {
    let words = Words::of(word);
    [PURCHASES, QUOTES, RETURNS, INVOICES, ORDERS]
        .into_iter()
        .any(|known| words.hold(known))
}

const CANCELLED: &[&str] = &[
    "annule",
    "annulee",
    "annulation",
    "cancelled",
    "canceled",
    "supprime",
    "supprimee",
    "void",
    "voided",
    "failed",
    "echoue",
    "echouee",
    "echec",
    "abandoned",
    "abandonne",
    "abandonnee",
    "refuse",
    "refusee",
    "deleted",
    "trash",
    "corbeille",
];
const DRAFTS: &[&str] = &[
    "brouillon",
    "draft",
    "checkout draft",
    "auto draft",
    "provisoire",
    "simulation",
];
/// Phrases for a document that is not valid yet, despite their negation.
const UNVALIDATED: &[&str] = &["non valide", "non validee", "pas valide", "pas validee"];
const REFUNDED: &[&str] = &["refunded", "rembourse", "remboursee"];
/// Words that negate the ones above: `non annulée`, `partially_refunded`.
const RESERVES: &[&str] = &[
    "non",
    "not",
    "pas",
    "partially",
    "partiellement",
    "partiel",
    "partial",
    "a",
];

/// Why a document with status `word` does not count; `None` where it does.
pub(super) fn void(word: &str) -> Option<Void> {
    let words = Words::of(word);
    if words.hold(UNVALIDATED) {
        Some(Void::Draft)
    } else if words.hold(RESERVES) {
        None
    } else if words.hold(CANCELLED) {
        Some(Void::Cancelled)
    } else if words.hold(DRAFTS) {
        Some(Void::Draft)
    } else if words.hold(REFUNDED) {
        Some(Void::Refunded)
    } else {
        None
    }
}

/// The words of a cell, folded and in singular, with a blank before, between and after them.
struct Words(String);

impl Words {
    fn of(cell: &str) -> Self {
        let mut padded = String::from(" ");
        for word in text::fold(cell)
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            // `FA12`: the number of a document does not hide its type.
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            padded.push_str(singular(word));
            padded.push(' ');
        }
        Self(padded)
    }

    /// Whether the cell contains one of `phrases` as whole words. A short code counts only alone: `de` is a quote,
    /// `facture de vente` is not.
    fn hold(&self, phrases: &[&str]) -> bool {
        let whole = self.0.trim();
        phrases.iter().any(|phrase| {
            if singular(phrase).len() <= 2 {
                whole == *phrase
            } else {
                self.0.match_indices(phrase).any(|(at, found)| {
                    let before = at.checked_sub(1).and_then(|at| self.0.as_bytes().get(at));
                    let after = self.0.as_bytes().get(at + found.len());
                    before == Some(&b' ') && after == Some(&b' ')
                })
            }
        })
    }
}

/// `word` without the `s` of the plural; that of `devis` and `pas` is none.
fn singular(word: &str) -> &str {
    match word {
        "devis" | "pas" => word,
        _ => word.strip_suffix('s').unwrap_or(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_their_words() {
        use DocumentType::{Movement, Of, Purchase, Quote};
        use Documents::{Order, Return, Sale};
        let cases = [
            ("Facture", Some(Of(Sale))),
            ("FACTURES", Some(Of(Sale))),
            ("facture de vente", Some(Of(Sale))),
            ("FA", Some(Of(Sale))),
            ("FAC", Some(Of(Sale))),
            ("f", Some(Of(Sale))),
            ("Ticket de caisse", Some(Of(Sale))),
            ("Vente comptoir", Some(Of(Sale))),
            ("Invoice", Some(Of(Sale))),
            ("Avoir", Some(Of(Return))),
            ("Facture d'avoir", Some(Of(Return))),
            ("AV", Some(Of(Return))),
            ("Note de crédit", Some(Of(Return))),
            ("Credit note", Some(Of(Return))),
            ("Retour de commande", Some(Of(Return))),
            ("Remboursement", Some(Of(Return))),
            ("Devis", Some(Quote)),
            ("DE", Some(Quote)),
            ("Facture pro-forma", Some(Quote)),
            ("PROFORMA", Some(Quote)),
            ("Commande", Some(Of(Order))),
            ("Bon de commande", Some(Of(Order))),
            ("Bon de livraison", Some(Of(Order))),
            ("BL", Some(Of(Order))),
            ("Sales order", Some(Of(Order))),
            ("Commande facturée", Some(Of(Sale))),
            ("Casse", Some(Movement)),
            ("Pertes", Some(Movement)),
            ("Transfert de dépôt", Some(Movement)),
            ("Sortie de caisse", Some(Of(Sale))),
            ("FF", Some(Purchase)),
            ("Particulier", None),
            ("", None),
        ];
        for (word, meaning) in cases {
            assert_eq!(document_type(word), meaning, "{word:?}");
        }
    }

    #[test]
    fn every_phrase_is_found_in_itself() {
        let all = [
            PURCHASES,
            QUOTES,
            RETURNS,
            INVOICES,
            ORDERS,
            SALES,
            MOVEMENTS,
            CANCELLED,
            DRAFTS,
            UNVALIDATED,
            REFUNDED,
            RESERVES,
        ];
        for phrase in all.concat() {
            assert!(Words::of(phrase).hold(&[phrase]), "{phrase}");
        }
    }

    #[test]
    fn states_that_void_a_sale_are_known() {
        let cases = [
            ("Annulée", Some(Void::Cancelled)),
            ("ANNULE", Some(Void::Cancelled)),
            ("Cancelled", Some(Void::Cancelled)),
            ("failed", Some(Void::Cancelled)),
            ("Brouillon", Some(Void::Draft)),
            ("wc-draft", Some(Void::Draft)),
            ("refunded", Some(Void::Refunded)),
            ("partially_refunded", None),
            ("Non annulée", None),
            ("Pas annulée", None),
            ("Non validée", Some(Void::Draft)),
            ("Pas validée", Some(Void::Draft)),
            ("Payée", None),
            ("Livrée", None),
            ("", None),
        ];
        for (word, meaning) in cases {
            assert_eq!(void(word), meaning, "{word:?}");
        }
    }
}
