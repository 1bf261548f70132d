//! The page of the receipt of a sync: what each file or model held and what became of it.

use maud::{Markup, html};

use super::labels::said;
use super::layout::Page;
use super::parts;
use crate::canonical::{Table, Total};
use crate::connectors::Words;
use crate::french::{self, Tone};
use crate::json::{ReceiptAnswer, UnitAnswer};
use crate::serve::access::Access;

/// Files or models per page.
const UNITS: usize = 50;

/// The page of `answer`, with the units after the first `offset`. `words`: names of the parts of the connector's source.
pub(in crate::serve) fn receipt(
    access: &Access,
    answer: &ReceiptAnswer,
    words: Words,
    offset: u64,
) -> Page {
    let name = &answer.connector_name;
    let run_id = answer.run_id.unwrap_or_default();
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let units = answer.units.iter().skip(skipped).take(UNITS);
    let units: Vec<&UnitAnswer> = units.collect();
    let slice = parts::Slice {
        offset,
        shown: units.len() as u64,
        limit: UNITS as u64,
        total: answer.units.len() as u64,
    };
    let path = format!("/connectors/{name}/receipt?run={run_id}&");
    let main = html! {
        p { a href={ "/connectors/" (name) } { "← Retour à " (name) } }
        h1 { "Reçu" }
        @if answer.run_id.is_none() {
            p.empty { "Aucun reçu : rien n'a encore été lu." }
        } @else {
            p.subtitle { "Synchronisation n° " (run_id) }
            (verdict(answer))
            (parts::messages("Erreurs", Tone::Bad, &gaps(answer)))
            @if !units.is_empty() { (table(&units, words)) }
            (parts::pager(&path, ("Précédents", "Suivants"), slice))
            p.subtitle {
                "Les lignes d'un fichier sont son en-tête, des lignes vides, des totaux, des lignes hors de la table, des lignes \
                 enregistrées et des lignes rejetées : rien d'autre ne peut manquer."
            }
        }
    };
    Page::new("Reçu", access, &main)
}

/// The result of a receipt in one sentence.
pub(super) fn verdict(answer: &ReceiptAnswer) -> Markup {
    let class = if answer.balanced { "good" } else { "bad" };
    html! { div.alert.(class) { p { (said(&answer.message)) } } }
}

/// What does not agree, and why tables failed.
fn gaps(answer: &ReceiptAnswer) -> Vec<String> {
    let gaps = answer.units.iter().flat_map(|unit| &unit.gaps);
    let gaps = gaps.map(|gap| gap.message.clone());
    gaps.chain(answer.errors.iter().cloned()).collect()
}

fn table(units: &[&UnitAnswer], words: Words) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Reçu" {
            table.stack.counts {
                thead { tr {
                    th scope="col" { (words.part) }
                    th scope="col" { "Table" }
                    @for title in french::RECEIPT { th.number scope="col" { (title) } }
                    th.number scope="col" { "Montant" }
                    th scope="col" { "Reçu" }
                } }
                tbody { @for unit in units { (row(unit, words)) } }
            }
        }
    }
}

fn row(unit: &UnitAnswer, words: Words) -> Markup {
    let (mark, what) = if unit.balanced {
        ("✓", "complet")
    } else {
        ("✗", "incomplet")
    };
    html! {
        tr {
            th scope="row" data-title=(words.part) { (unit.label) }
            td data-title="Table" { (Table::from_report_name(unit.table).map_or(unit.table, Table::label)) }
            @for (title, number) in french::RECEIPT.iter().zip(unit.numbers()) {
                td.number data-title=(title) { (french::count(number)) }
            }
            td.number data-title="Montant" { (amount(unit)) }
            td data-title="Reçu" { (mark) " " (what) }
        }
    }
}

/// The amount of the accepted rows, where the table has one.
fn amount(unit: &UnitAnswer) -> String {
    let column = "price_total_eur";
    let sum = unit.sums.0.iter().find(|(name, _)| name == column);
    let sum = sum.and_then(|(_, sum)| Total::parse(sum));
    sum.map_or("—".to_owned(), |sum| {
        french::amount(column, sum.ten_thousandths())
    })
}
