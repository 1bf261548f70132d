//! Finds table, kind of documents and date in the name of a file or a sheet.

use jiff::Span;
use jiff::civil::Date;

use super::documents::Documents;
use crate::canonical::{Table, text};

/// Shorter words match only at the start of a word: `province` is not a wine.
const LONG: usize = 6;

/// Shorter words match only as a whole, or in the plural: `carte` is not a turnover.
const SHORT: usize = 4;

/// Words for each table, in order of precedence.
const WORDS: &[(Table, &[&str])] = &[
    (
        Table::Customers,
        &["client", "tiers", "adresse", "prospect", "customer"],
    ),
    (
        Table::Products,
        &[
            "produit",
            "article",
            "catalogue",
            "tarif",
            "vin",
            "reference",
            "product",
        ],
    ),
    (
        Table::SalesLines,
        &[
            "vente",
            "facture",
            "facturation",
            "avoir",
            "commande",
            "ligne",
            "bon_de_livraison",
            "bons_de_livraison",
            "journal",
            "ca",
            "order",
            "invoice",
            "sale",
        ],
    ),
    (Table::StockLevels, &["stock", "inventaire"]),
    (
        Table::ContactHistory,
        &["contact", "campagne", "mailing", "emailing", "newsletter"],
    ),
];

const SALES: &[&str] = &[
    "vente",
    "facture",
    "facturation",
    "journal",
    "ca",
    "invoice",
    "sale",
];
const RETURNS: &[&str] = &["avoir"];
const ORDERS: &[&str] = &["commande", "bon_de_livraison", "bons_de_livraison", "order"];

/// Contents that no table stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// Purchases of the estate.
    Purchases,
    /// Quotes to customers.
    Quotes,
    /// Stock movements, as opposed to levels.
    Movements,
    /// Forecasts.
    Forecasts,
    /// Deleted records.
    Deleted,
}

impl Foreign {
    /// French name.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Purchases => "achats ou fournisseurs",
            Self::Quotes => "devis",
            Self::Movements => "mouvements de stock",
            Self::Forecasts => "prévisions ou budgets",
            Self::Deleted => "fiches ou lignes supprimées",
        }
    }
}

const FOREIGN: &[(Foreign, &[&str])] = &[
    (
        Foreign::Purchases,
        &["fournisseur", "achat", "supplier", "purchase"],
    ),
    (Foreign::Quotes, &["devis", "proforma", "pro_forma"]),
    (Foreign::Movements, &["mouvement"]),
    (
        Foreign::Forecasts,
        &[
            "previsionnel",
            "prevision",
            "budget",
            "objectif",
            "forecast",
        ],
    ),
    (Foreign::Deleted, &["supprime"]),
];

/// A file's name, prepared for the search.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// Its words in lower case without accents, with `_` before, between and after them.
    words: String,
}

impl Name {
    pub(super) fn of(name: &str) -> Self {
        let mut words = String::from("_");
        let mut before = None;
        for sign in name.chars() {
            if is_border(before, sign) && !words.ends_with('_') {
                words.push('_');
            }
            if sign.is_alphanumeric() {
                text::fold_into(sign.encode_utf8(&mut [0; 4]), &mut words);
            }
            before = Some(sign);
        }
        words.push('_');
        Self { words }
    }

    /// The tables that it suggests, in order of precedence.
    pub(super) fn tables(&self) -> Vec<Table> {
        let spoken = WORDS.iter().filter(|(_, words)| self.says(words));
        spoken.map(|&(table, _)| table).collect()
    }

    /// The kind of documents; sales by default.
    pub(super) fn documents(&self) -> Documents {
        if self.says(SALES) {
            Documents::Sale
        } else if self.says(ORDERS) {
            Documents::Order
        } else if self.says(RETURNS) {
            Documents::Return
        } else {
            Documents::Sale
        }
    }

    /// The contents that no table stores, if it names any.
    pub(super) fn foreign(&self) -> Option<Foreign> {
        let found = FOREIGN.iter().find(|(_, words)| self.says(words));
        found.map(|&(foreign, _)| foreign)
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    fn has(&self, word: &str) -> bool {
        if word.len() >= LONG {
            return self.words.contains(word);
        }
        let begins = format!("_{word}");
        self.words.match_indices(&begins).any(|(at, _)| {
            let rest = self.words.get(at + begins.len()..).unwrap_or_default();
            word.len() >= SHORT || matches!(rest.split('_').next(), Some("" | "s"))
        })
    }
}

/// Whether a word begins with `sign`: after a separator, at a capital (`MesVentes`), at a number.
fn is_border(before: Option<char>, sign: char) -> bool {
    !sign.is_alphanumeric()
        || before.is_some_and(|before| {
            (before.is_lowercase() && sign.is_uppercase())
                || before.is_numeric() != sign.is_numeric()
        })
}

/// The first and last day in a file's name: `2025-12-27`, `20251227`, `27-12-2025`, `27122025`, `2025-12` (a month),
/// `2025` (a year); a time may follow.
pub(super) fn days_in(name: &str) -> Option<(Date, Date)> {
    // A number in brackets is the number of a copy: `2025-10 (1)`.
    let groups: Vec<&str> = name
        .split(|one: char| !(one.is_ascii_digit() || matches!(one, '(' | ')')))
        .filter(|group| !group.is_empty() && !group.contains(['(', ')']))
        .collect();
    let spelled_out = groups.windows(3).find_map(|window| match window {
        [year, month, day] if year.len() == 4 => date(year, month, day),
        [day, month, year] if year.len() == 4 => date(year, month, day),
        _ => None,
    });
    let in_one = || {
        groups.iter().find_map(|group| {
            let is_whole = group.len() == 8 || group.len() == 14;
            let group = group.get(..8).filter(|_| is_whole)?;
            let year_first = date(group.get(..4)?, group.get(4..6)?, group.get(6..)?);
            year_first.or_else(|| date(group.get(4..)?, group.get(2..4)?, group.get(..2)?))
        })
    };
    if let Some(day) = spelled_out.or_else(in_one) {
        return Some((day, day));
    }
    let month = groups.windows(2).find_map(|window| match window {
        [year, month] | [month, year] if year.len() == 4 && month.len() <= 2 => {
            date(year, month, "1")
        }
        _ => None,
    });
    let compact_month = || {
        let mut long = groups.iter().filter(|group| group.len() == 6);
        long.find_map(|group| date(group.get(..4)?, group.get(4..)?, "1"))
    };
    if let Some(first) = month.or_else(compact_month) {
        return Some((first, first.last_of_month()));
    }
    let first = groups
        .iter()
        .filter(|group| group.len() == 4)
        .find_map(|year| date(year, "1", "1"))?;
    Some((
        first,
        first
            .checked_add(Span::new().months(11))
            .ok()?
            .last_of_month(),
    ))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = year
        .parse()
        .ok()
        .filter(|year| (1990..2200).contains(year))?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn dates_in_names_are_read_however_they_are_spelled() {
        let one = |y, m, d| Some((day(y, m, d), day(y, m, d)));
        for (name, expected) in [
            ("ventes_2025-12-27.csv", one(2025, 12, 27)),
            ("Ventes 27.12.2025.csv", one(2025, 12, 27)),
            ("ventes20251227.csv", one(2025, 12, 27)),
            ("ventes27122025.csv", one(2025, 12, 27)),
            ("ventes_20251227083015.csv", one(2025, 12, 27)),
            ("2025-12-27_0800_ventes.csv", one(2025, 12, 27)),
            (
                "ventes_2025-11.csv",
                Some((day(2025, 11, 1), day(2025, 11, 30))),
            ),
            (
                "ventes_02-2024.csv",
                Some((day(2024, 2, 1), day(2024, 2, 29))),
            ),
            (
                "ventes_202511.csv",
                Some((day(2025, 11, 1), day(2025, 11, 30))),
            ),
            (
                "ventes_2025-10 (1).csv",
                Some((day(2025, 10, 1), day(2025, 10, 31))),
            ),
            (
                "ventes_2025.csv",
                Some((day(2025, 1, 1), day(2025, 12, 31))),
            ),
            ("ventes_123456789.csv", None),
            ("ventes_1234.csv", None),
            ("ventes.csv", None),
        ] {
            assert_eq!(days_in(name), expected, "{name}");
        }
    }

    #[test]
    fn names_speak_of_tables_accents_and_case_aside() {
        use Table::{ContactHistory, Customers, Products, SalesLines, StockLevels};
        for (name, tables) in [
            ("CLIENTS.csv", vec![Customers]),
            ("Articles_2025.csv", vec![Products]),
            ("stock_produits.csv", vec![Products, StockLevels]),
            ("Commandes_clients.csv", vec![Customers, SalesLines]),
            ("Références.csv", vec![Products]),
            ("MesVentes2025.csv", vec![SalesLines]),
            ("Bon de livraison 12.csv", vec![SalesLines]),
            ("CA 2025.csv", vec![SalesLines]),
            ("Tiers.csv", vec![Customers]),
            ("vins.csv", vec![Products]),
            ("inventaire.csv", vec![StockLevels]),
            ("Emailing.csv", vec![ContactHistory]),
            ("province.csv", vec![]),
            ("carte.csv", vec![]),
            ("notes.csv", vec![]),
        ] {
            assert_eq!(Name::of(name).tables(), tables, "{name}");
        }
    }

    #[test]
    fn names_speak_of_documents() {
        for (name, documents) in [
            ("ventes.csv", Documents::Sale),
            ("Commandes_2025.csv", Documents::Order),
            ("Bons de livraison.csv", Documents::Order),
            ("avoirs_2025.csv", Documents::Return),
            ("factures_et_avoirs.csv", Documents::Sale),
            ("lignes.csv", Documents::Sale),
        ] {
            assert_eq!(Name::of(name).documents(), documents, "{name}");
        }
        let foreign = |name| Name::of(name).foreign();
        assert_eq!(
            foreign("Factures_fournisseurs.csv"),
            Some(Foreign::Purchases)
        );
        assert_eq!(foreign("Achats 2025.csv"), Some(Foreign::Purchases));
        assert_eq!(foreign("mouvements_de_stock.csv"), Some(Foreign::Movements));
        assert_eq!(
            foreign("Ventes prévisionnelles.csv"),
            Some(Foreign::Forecasts)
        );
        assert_eq!(foreign("clients_supprimés.csv"), Some(Foreign::Deleted));
        assert_eq!(foreign("ventes.csv"), None);
    }
}
