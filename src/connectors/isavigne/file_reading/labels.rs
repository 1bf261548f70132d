//! Labels of lines that are not rows: totals, counts, footers.

use super::super::cells;
use crate::canonical::text;

/// Kind of line that a label marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Sums or counts of rows.
    Total,
    /// Text around a table: its end, page number or date.
    Footer,
}

const TOTALS: &[&str] = &[
    "total",
    "totaux",
    "totals",
    "soustotal",
    "soustotaux",
    "subtotal",
    "somme",
    "sommes",
    "cumul",
    "cumuls",
    "moyenne",
    "moyennes",
    "nombre",
    "nbre",
    "nb",
    "count",
    "sum",
    "report",
    "reports",
    "solde",
];

/// Beginnings of two words or more.
const TOTAL_PHRASES: &[&str] = &[
    "sous_total",
    "sous_totaux",
    "ss_total",
    "s_total",
    "s_totaux",
    "sub_total",
    "grand_total",
    "grand_totaux",
    "le_total",
    "au_total",
    "en_tout",
    "montant_total",
    "valeur_totale",
    "quantite_totale",
    "a_reporter",
    "nombre_de",
    "nombre_d",
    "nombre_total",
    "nb_de",
    "nb_total",
    "nbre_de",
    "ensemble_des",
];

const FOOTERS: &[&str] = &[
    "resume",
    "recapitulatif",
    "recapitulation",
    "recap",
    "synthese",
    "statistiques",
    "statistique",
    "fin",
    "end",
    "eof",
    "page",
    "edite",
    "edition",
    "imprime",
    "impression",
    "genere",
    "extrait",
    "exporte",
    "export",
    "copyright",
];

const FOOTER_PHRASES: &[&str] = &[
    "fin_de",
    "fin_du",
    "fin_des",
    "fin_d",
    "end_of",
    "edite_le",
    "edite_par",
    "edite_a",
    "edition_du",
    "edition_le",
    "imprime_le",
    "imprime_par",
    "impression_du",
    "genere_le",
    "genere_par",
    "extrait_le",
    "extrait_du",
    "exporte_le",
    "exporte_par",
    "export_du",
    "liste_editee",
    "document_genere",
    "resume_statistiques",
    "summary",
];

/// Things that are counted: `12 clients`.
const THINGS: &[&str] = &[
    "adresse",
    "article",
    "bouteille",
    "btl",
    "carton",
    "client",
    "commande",
    "contact",
    "cuvee",
    "document",
    "element",
    "enregistrement",
    "envoi",
    "facture",
    "fiche",
    "item",
    "ligne",
    "mail",
    "message",
    "mouvement",
    "piece",
    "produit",
    "record",
    "reference",
    "resultat",
    "row",
    "tiers",
    "vente",
    "vin",
];

/// The kind of label in `cell`, if it is one.
pub(super) fn label(cell: &str) -> Option<Label> {
    let key = text::header_key(cell);
    let begins = |phrases: &[&str]| {
        phrases.iter().any(|phrase| {
            let rest = key.strip_prefix(phrase);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    };
    if begins(TOTALS) || begins(TOTAL_PHRASES) || counts(&key) {
        Some(Label::Total)
    } else if begins(FOOTERS) || begins(FOOTER_PHRASES) {
        Some(Label::Footer)
    } else {
        None
    }
}

/// Whether the label `cell` cannot be a name: `Total`, `Total clients`, `Total HT au 12/11/2025`.
pub(super) fn is_plain_total(cell: &str) -> bool {
    const MORE: &[&str] = &[
        "a", "au", "colonne", "cumule", "de", "des", "du", "exercice", "export", "feuille",
        "general", "generaux", "global", "globaux", "ht", "jour", "la", "le", "les", "liste",
        "mois", "montant", "net", "page", "periode", "qte", "quantite", "stock", "ttc", "tva",
    ];
    let key = text::header_key(cell);
    let mut words = key.split('_');
    let first = words.next().unwrap_or_default();
    let is_more = |word: &str| {
        let one = word.strip_suffix('s').unwrap_or(word);
        MORE.contains(&word)
            || THINGS.contains(&one)
            || THINGS.contains(&word)
            || word.parse::<u32>().is_ok()
    };
    let is_label =
        TOTALS.contains(&first) || TOTAL_PHRASES.iter().any(|phrase| key.starts_with(phrase));
    counts(&key) || (is_label && words.all(|word| is_more(word) || TOTALS.contains(&word)))
}

/// Whether the label `cell` marks a sum, rather than a count or a mean.
pub(super) fn is_sum(cell: &str) -> bool {
    let key = text::header_key(cell);
    let first = key.split('_').next().unwrap_or_default();
    let is_other = matches!(
        first,
        "nombre"
            | "nb"
            | "nbre"
            | "count"
            | "moyenne"
            | "moyennes"
            | "solde"
            | "report"
            | "reports"
            | "a"
    );
    label(cell) == Some(Label::Total) && !is_other && !counts(&key)
}

/// Whether `key` as a whole is a phrase at the end of a list, possibly over several cells: `Fin;de liste`.
pub(super) fn ends_list(key: &str) -> bool {
    let ending = ["fin_de", "fin_du", "fin_des", "fin_d", "end_of"];
    let things = [
        "liste", "fichier", "l_export", "export", "donnees", "tableau", "l_etat", "edition",
        "list", "file", "document", "page", "report", "data",
    ];
    ending.iter().any(|begin| {
        let rest = key
            .strip_prefix(begin)
            .and_then(|rest| rest.strip_prefix('_'));
        rest.is_some_and(|rest| things.contains(&rest))
    })
}

/// `12_clients`, `1_article`: a number, then a counted thing.
fn counts(key: &str) -> bool {
    let Some((number, things)) = key.split_once('_') else {
        return false;
    };
    let thing = things.split('_').next().unwrap_or_default();
    let thing = thing
        .strip_suffix('s')
        .filter(|_| thing != "tiers")
        .unwrap_or(thing);
    number.bytes().all(|byte| byte.is_ascii_digit())
        && THINGS.contains(&thing)
        && things.split('_').count() <= 3
}

/// Whether `cell` is a number or a count: other cells beside a total's label mean a row.
pub(super) fn is_figure(cell: &str) -> bool {
    if cells::number(cell).is_ok() || counts(&text::header_key(cell)) {
        return true;
    }
    let figure = cell.trim_end_matches(['%', '€', ' ', '\u{A0}', '\u{202F}']);
    let figure = [
        "EUR",
        "euros",
        "cl",
        "hl",
        "L",
        "btl",
        "bouteilles",
        "HT",
        "TTC",
    ]
    .iter()
    .find_map(|unit| figure.strip_suffix(unit))
    .unwrap_or(figure)
    .trim_end();
    figure
        .bytes()
        .all(|byte| matches!(byte, b'-' | b':' | b'='))
        || cells::number(figure).is_ok()
}

/// Whether `cell` may begin a label, by its first bytes. A quick check for millions of cells.
#[inline]
pub(super) fn may_be_label(cell: &[u8]) -> bool {
    let &[first, second, third, ..] = cell else {
        // Too short for a word; a mark alone is not a row either.
        return matches!(cell, [b'-' | b'=' | b'_' | b'*' | b'#', ..]);
    };
    // Lower-case letters; `É` and `é`, and the `à` of `à reporter`, begin with 0xC3.
    let (second, third) = (second | 0x20, third | 0x20);
    match first | 0x20 {
        b'a' => matches!(second, b' ' | b'u'),
        b'c' => matches!((second, third), (b'u', b'm') | (b'o', b'u' | b'p')),
        b'd' => (second, third) == (b'o', b'c'),
        b'e' => matches!(second, b'd' | b'n' | b'o' | b'x'),
        b'f' => (second, third) == (b'i', b'n'),
        b'g' => matches!((second, third), (b'e', b'n') | (b'r', b'a') | (0xE3, _)),
        b'i' => (second, third) == (b'm', b'p'),
        b'l' => matches!(second, b'e' | b'i'),
        b'm' => matches!((second, third), (b'o', b'n' | b'y')),
        b'n' => second == b'b' || (second, third) == (b'o', b'm'),
        b'p' => (second, third) == (b'a', b'g'),
        b'q' => (second, third) == (b'u', b'a'),
        b'r' => matches!((second, third), (b'e', b'c' | b'p' | b's') | (0xE3, _)),
        b's' => matches!(
            (second, third),
            (b's' | b'/' | b'.' | b' ' | b'-', _)
                | (b'o', b'l' | b'm' | b'u')
                | (b'u', b'b' | b'm')
                | (b't', b'a')
                | (b'y', b'n')
        ),
        b't' => (second, third) == (b'o', b't'),
        b'v' => (second, third) == (b'a', b'l'),
        0xE3 => true,
        _ => match first {
            // `12 clients`
            b'0'..=b'9' => cell.last().is_some_and(u8::is_ascii_alphabetic),
            b'-' | b'=' | b'_' | b'*' | b'#' | b' ' | b'\t' | b'"' | b'(' | b'<' | b'>' | 0xC2
            | 0xE2 => true,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_their_line_is() {
        for (cell, expected) in [
            ("Total", Some(Label::Total)),
            ("TOTAL GÉNÉRAL :", Some(Label::Total)),
            ("Totaux", Some(Label::Total)),
            ("Sous-total C1", Some(Label::Total)),
            ("Total Chai", Some(Label::Total)),
            ("Nombre de clients : 12", Some(Label::Total)),
            ("12 clients", Some(Label::Total)),
            ("1 article", Some(Label::Total)),
            ("*** Total ***", Some(Label::Total)),
            ("à reporter", Some(Label::Total)),
            ("Moyenne", Some(Label::Total)),
            ("RÉSUMÉ STATISTIQUES", Some(Label::Footer)),
            ("Fin de fichier", Some(Label::Footer)),
            ("Édité le 12/11/2025", Some(Label::Footer)),
            ("Page 1/3", Some(Label::Footer)),
            ("TOTALENERGIES", None),
            ("FIN01", None),
            ("Finet", None),
            ("C1", None),
            ("1001", None),
            ("12A", None),
            ("", None),
        ] {
            assert_eq!(label(cell), expected, "{cell}");
            if expected.is_some() {
                assert!(may_be_label(cell.as_bytes()), "{cell}");
            }
        }
    }

    #[test]
    fn figures_are_numbers_and_counts() {
        for (cell, expected) in [
            ("1", true),
            ("12 345,00 €", true),
            ("1 article", true),
            ("36 bouteilles", true),
            ("-", true),
            ("Durand", false),
            ("C1", false),
            ("01/10/2025", false),
        ] {
            assert_eq!(is_figure(cell), expected, "{cell}");
        }
    }
}
