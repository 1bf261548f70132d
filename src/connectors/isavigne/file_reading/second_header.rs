//! Detects a second header line under the header: technical names, names in another language, units.

use crate::canonical::text;

/// Words of column names.
const WORDS: &[&str] = &[
    // French.
    "adresse",
    "annee",
    "appellation",
    "article",
    "canal",
    "capacite",
    "cepage",
    "civilite",
    "client",
    "code",
    "commentaire",
    "commune",
    "contenance",
    "couleur",
    "courriel",
    "date",
    "de",
    "degre",
    "depot",
    "des",
    "designation",
    "devise",
    "du",
    "email",
    "facture",
    "famille",
    "fixe",
    "format",
    "ht",
    "identifiant",
    "la",
    "le",
    "libelle",
    "ligne",
    "lot",
    "mail",
    "millesime",
    "mobile",
    "montant",
    "nom",
    "num",
    "numero",
    "objet",
    "pays",
    "piece",
    "portable",
    "postal",
    "prenom",
    "prix",
    "produit",
    "qte",
    "quantite",
    "raison",
    "ref",
    "reference",
    "region",
    "remise",
    "rue",
    "sociale",
    "societe",
    "statut",
    "stock",
    "tarif",
    "taux",
    "tel",
    "telephone",
    "tiers",
    "total",
    "ttc",
    "tva",
    "type",
    "unitaire",
    "unite",
    "vente",
    "ville",
    "vin",
    "volume",
    // English.
    "address",
    "amount",
    "bottle",
    "bottles",
    "campaign",
    "category",
    "channel",
    "city",
    "colour",
    "color",
    "comment",
    "company",
    "cost",
    "country",
    "currency",
    "customer",
    "discount",
    "first",
    "full",
    "grape",
    "id",
    "invoice",
    "item",
    "key",
    "label",
    "last",
    "line",
    "name",
    "number",
    "no",
    "of",
    "order",
    "phone",
    "postcode",
    "price",
    "product",
    "qty",
    "quantity",
    "reserved",
    "sale",
    "sku",
    "state",
    "status",
    "street",
    "subject",
    "surname",
    "tax",
    "title",
    "unit",
    "vat",
    "vintage",
    "warehouse",
    "zip",
    "the",
    "county",
    "town",
    "e",
    "n",
];

/// Words of a line of units and types.
const UNITS: &[&str] = &[
    "",
    "eur",
    "euro",
    "euros",
    "cl",
    "ml",
    "l",
    "hl",
    "litre",
    "litres",
    "vol",
    "btl",
    "bouteille",
    "bouteilles",
    "kg",
    "jj_mm_aaaa",
    "jj_mm_aa",
    "aaaa_mm_jj",
    "dd_mm_yyyy",
    "yyyy_mm_dd",
    "texte",
    "text",
    "alphanumerique",
    "numerique",
    "entier",
    "decimal",
    "string",
    "varchar",
    "char",
    "int",
    "integer",
    "float",
    "number",
    "nombre",
    "bool",
    "booleen",
    "boolean",
    "ht",
    "ttc",
    "oui_non",
    "o_n",
    "obligatoire",
    "facultatif",
    "optionnel",
    "required",
    "optional",
    "eur_ht",
    "eur_ttc",
    "date",
    "unite",
    "unites",
    "pcs",
    "piece",
    "cartons",
    "g_l",
    "an",
    "annee",
];

/// Whether `cells`, the filled cells of the line under the header with `keys`, are a second header line.
pub(super) fn is_one(cells: &[&str], keys: &[String]) -> bool {
    let columns = keys.len();
    if cells.len() < 2 {
        return false;
    }
    let is_wide = cells.len() * 2 >= columns;
    is_wide && (are_technical(cells) || are_names(cells, keys)) || are_units(cells)
}

/// `CLI_CODE;CLI_NOM`, `cli_code;cli_nom`, `CliCode;CliNom`: identifiers, most of them of two words.
fn are_technical(cells: &[&str]) -> bool {
    let is_identifier = |cell: &&str| {
        cell.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && cell
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'))
    };
    let has_parts = |cell: &&str| cell.contains('_') || has_hump(cell);
    let has_digits = |cell: &&str| cell.bytes().any(|byte| byte.is_ascii_digit());
    // `PINOT_NOIR;PinotNoir` is a wine: names of columns contain known words, or share one prefix.
    let names = cells
        .iter()
        .filter(|cell| parts(cell).iter().any(|part| is_word(part)));
    let prefix = |cell: &&str| cell.split('_').next().unwrap_or_default().to_owned();
    let first = cells.first().map(prefix).unwrap_or_default();
    let is_shared = cells.len() > 2
        && cells
            .iter()
            .all(|cell| cell.contains('_') && prefix(cell) == first);
    cells.iter().all(is_identifier)
        && cells.iter().copied().filter(|cell| has_parts(cell)).count() * 2 > cells.len()
        && cells.iter().filter(|cell| has_digits(cell)).count() * 3 <= cells.len()
        && (is_shared || names.count() * 2 >= cells.len())
}

/// `CLI_NOM` and `cliNom` are `cli` and `nom`.
fn parts(cell: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in cell.chars() {
        if !c.is_alphanumeric() || (was_small && c.is_uppercase()) {
            parts.push(String::new());
        }
        was_small = c.is_lowercase();
        if let Some(last) = parts.last_mut()
            && c.is_alphanumeric()
        {
            last.extend(c.to_lowercase());
        }
    }
    parts
}

fn is_word(word: &str) -> bool {
    WORDS.contains(&word) || WORDS.contains(&singular(word))
}

/// `cliNom`: a capital after a small letter.
fn has_hump(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    bytes
        .windows(2)
        .any(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']))
}

/// Whether the cells are column names in plain words, French or English.
fn are_names(cells: &[&str], keys: &[String]) -> bool {
    let is_name = |cell: &&str| {
        let key = text::header_key(cell);
        let mut words = key.split('_').filter(|word| !word.is_empty()).peekable();
        keys.contains(&key)
            || (words.peek().is_some()
                && words.all(|word| WORDS.contains(&singular(word)) || WORDS.contains(&word)))
    };
    cells.iter().all(is_name)
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// `€;cl;% vol`.
fn are_units(cells: &[&str]) -> bool {
    let is_unit = |cell: &&str| {
        let key = text::header_key(cell);
        let is_sign = key.is_empty() && !cell.contains('-');
        is_sign || UNITS.contains(&key.trim_matches('_')) && !key.is_empty()
    };
    cells.iter().all(is_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_units_under_a_header_are_no_row() {
        let keys: Vec<String> = ["code_client", "nom", "prenom", "ville"]
            .map(str::to_owned)
            .into();
        for (cells, expected) in [
            (vec!["CLI_CODE", "CLI_NOM", "CLI_PRENOM", "CLI_VILLE"], true),
            (vec!["cliCode", "cliNom", "cliPrenom", "cliVille"], true),
            (vec!["Customer ID", "Last name", "First name", "City"], true),
            (
                vec!["Code du client", "Nom du client", "Prénom", "Ville"],
                true,
            ),
            (vec!["texte", "texte", "texte", "texte"], true),
            (vec!["€", "cl", "% vol"], true),
            (vec!["C1", "Durand", "Zoé", "Nice"], false),
            (vec!["DUPONT", "JEAN", "PAUL", "NICE"], false),
            (vec!["PINOT_NOIR", "PinotNoir"], false),
            (vec!["ART_REF", "ART_LIB", "ART_COUL"], true),
            (vec!["C_1", "Durand", "Zoé", "Nice"], false),
            (vec!["TOTAL", "Total Vins Négoce", "", "Paris"], false),
            (vec!["P1"], false),
        ] {
            assert_eq!(is_one(&cells, &keys), expected, "{cells:?}");
        }
    }
}
