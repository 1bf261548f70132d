//! What a load has to say, in French.

use crate::canonical::{Reject, Table};
use crate::connectors::{RejectLimit, Words};
use crate::store::{LoadReport, Message, Unknown};

/// The warnings of a load that was committed.
pub(super) fn warnings(table: Table, report: &LoadReport) -> Vec<Message> {
    let label = table.label();
    let repeated = &report.repeated;
    let duplicates = (repeated.count > 0).then(|| {
        let lines = plural(repeated.count, "ligne répète", "lignes répètent");
        format!(
            "{label} : {} {lines} une clé du même fichier, la dernière l'emporte ({})",
            repeated.count,
            examples(&repeated.examples)
        )
    });
    let rejected = report.counts.rejected;
    let rejects = (rejected > 0).then(|| {
        let rows = plural(rejected, "ligne rejetée", "lignes rejetées");
        format!("{label} : {rejected} {rows}")
    });
    let spared = report.spared_all.then(|| {
        format!("{label} : une ligne rejetée pourrait être n'importe laquelle, aucune ligne disparue n'a été supprimée")
    });
    [
        rejects,
        spared,
        duplicates,
        unknown(label, &report.unknown_customers, "un client inconnu"),
        unknown(label, &report.unknown_products, "un produit inconnu"),
    ]
    .into_iter()
    .flatten()
    .map(Message::Warning)
    .collect()
}

fn unknown(label: &str, unknown: &Unknown, what: &str) -> Option<String> {
    (unknown.lines > 0).then(|| {
        let lines = plural(unknown.lines, "ligne cite", "lignes citent");
        let kept = plural(unknown.lines, "gardée", "gardées");
        format!(
            "{label} : {} {lines} {what}, {kept} quand même ({})",
            unknown.lines,
            examples(&unknown.examples)
        )
    })
}

/// Why a table with too many rejects failed; `first` is the first of them.
pub(super) fn too_many_rejects(
    table: Table,
    limit: RejectLimit,
    (rejected, of): (u64, u64),
    first: Option<&Reject>,
    words: Words,
) -> String {
    let limit = match limit {
        RejectLimit::Rows(rows) => format!("{rows}"),
        RejectLimit::Percent(percent) => format!("{percent} %").replace('.', ","),
    };
    format!(
        "{} : {} {} sur {}, la limite est {limit} ; rien de cette table n'a été enregistré{}",
        table.label(),
        rejected,
        plural(rejected, "ligne rejetée", "lignes rejetées"),
        of,
        first.map_or(String::new(), |reject| format!(
            ". La première : {}",
            place(reject, words)
        ))
    )
}

/// `ventes.csv, ligne 12 : Qté « douze » n'est pas un nombre`
fn place(reject: &Reject, words: Words) -> String {
    let cell = match (&reject.column, &reject.value) {
        (Some(column), Some(value)) => format!("{column} « {value} » "),
        _ => String::new(),
    };
    format!(
        "{}, {} {} : {cell}{}",
        reject.origin,
        words.position.to_lowercase(),
        reject.position,
        reject.reason
    )
}

fn plural<'a>(count: u64, one: &'a str, several: &'a str) -> &'a str {
    if count == 1 { one } else { several }
}

fn examples(keys: &[String]) -> String {
    format!("par exemple {}", keys.join(", "))
}
