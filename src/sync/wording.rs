//! The French messages of a load.

use crate::canonical::{Reject, Table};
use crate::connectors::{RejectLimit, Words};
use crate::report::Message;
use crate::store::{LoadReport, Missing, Repeated, Replaced, Unknown};

/// The warnings of a load that was committed.
pub(super) fn warnings(
    table: Table,
    report: &LoadReport,
    first: Option<&Reject>,
    words: Words,
) -> Vec<Message> {
    let label = table.label();
    let rejected = report.counts.rejected;
    let rejects = (rejected > 0).then(|| {
        let rows = plural(rejected, "ligne rejetée", "lignes rejetées");
        format!("{label} : {rejected} {rows}{}", first_reject(first, words))
    });
    let spared = report.spared_all.then(|| {
        format!("{label} : une ligne rejetée pourrait être n'importe laquelle, aucune ligne disparue n'a été supprimée")
    });
    let replaced = report.replaced.as_ref();
    [
        rejects,
        spared,
        replaced.map(|replaced| new_keys(label, replaced)),
        replaced.and_then(|replaced| months(label, replaced)),
        duplicates(label, &report.repeated),
        twins(label, &report.twins),
        missing(label, &report.missing),
        unknown(label, &report.unknown_customers, "un client inconnu"),
        unknown(label, &report.unknown_products, "un produit inconnu"),
    ]
    .into_iter()
    .flatten()
    .map(Message::Warning)
    .collect()
}

/// The warning about `count` customers who were kept out.
pub(super) fn kept_out(count: usize) -> Option<Message> {
    let text = match count {
        0 => return None,
        1 => "1 client effacé à sa demande reste en dehors".to_owned(),
        count => format!("{count} clients effacés à leur demande restent en dehors"),
    };
    Some(Message::Warning(text))
}

fn new_keys(label: &str, replaced: &Replaced) -> String {
    let under_old_keys = if replaced.kept > 0 {
        format!(", dont {} sous leur ancienne clé", replaced.kept)
    } else {
        String::new()
    };
    format!(
        "{label} : les clés des ventes ont changé de forme, toutes les lignes ont été relues d'un seul coup ({} avant ; \
         {} gardées de fichiers qui ne sont plus là{under_old_keys})",
        replaced.before,
        replaced.brought_over + replaced.kept,
    )
}

fn months(label: &str, replaced: &Replaced) -> Option<String> {
    let month = |(month, before, after): &(String, f64, f64)| {
        format!("{month} : {before:.2} € avant, {after:.2} € après").replace('.', ",")
    };
    let months: Vec<_> = replaced.months.iter().map(month).collect();
    (!months.is_empty()).then(|| {
        format!(
            "{label} : des sommes par mois ne sont plus les mêmes qu'avant ({}), car les règles de lecture sont plus justes",
            months.join(" ; ")
        )
    })
}

fn duplicates(label: &str, repeated: &Repeated) -> Option<String> {
    (repeated.count > 0).then(|| {
        let lines = plural(repeated.count, "ligne répète", "lignes répètent");
        format!(
            "{label} : {} {lines} une clé du même fichier, la dernière l'emporte ({})",
            repeated.count,
            examples(&repeated.examples)
        )
    })
}

fn twins(label: &str, twins: &Repeated) -> Option<String> {
    (twins.count > 0).then(|| {
        let lines = plural(
            twins.count,
            "ligne sans numéro est identique à une ligne d'un autre fichier déjà lue, comptée une fois",
            "lignes sans numéro sont identiques à des lignes d'un autre fichier déjà lues, comptées une fois",
        );
        format!(
            "{label} : {} {lines} ({}). Si ce sont d'autres ventes : réglage SALES_FILES=append",
            twins.count,
            places(&twins.examples)
        )
    })
}

fn missing(label: &str, missing: &Missing) -> Option<String> {
    (missing.count > 0).then(|| {
        let lines = plural(
            missing.count,
            "ligne en base n'est plus dans l'export qui devrait la contenir, gardée",
            "lignes en base ne sont plus dans les exports qui devraient les contenir, gardées",
        );
        format!(
            "{label} : {} {lines} (par exemple {}). Si elles ont été supprimées à la source : réglage SALES_FILES=period, ou full",
            missing.count,
            missing.examples.join(" ; ")
        )
    })
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

/// The error of a table with too many rejects; `first` is the first of them.
pub(super) fn too_many_rejects(
    table: Table,
    limit: RejectLimit,
    (rejected, of): (u64, u64),
    first: Option<&Reject>,
    words: Words,
) -> String {
    let limit = match limit {
        RejectLimit::Usual => "1 % et trois lignes".to_owned(),
        RejectLimit::Rows(rows) => format!("{rows}"),
        RejectLimit::Percent(percent) => format!("{percent} %").replace('.', ","),
    };
    format!(
        "{} : {} {} sur {}, la limite est {limit} ; rien de cette table n'a été enregistré{}",
        table.label(),
        rejected,
        plural(rejected, "ligne rejetée", "lignes rejetées"),
        of,
        first_reject(first, words)
    )
}

/// The error of a table with only rejects; `first` is the first of them.
pub(super) fn nothing_accepted(
    table: Table,
    rejected: u64,
    first: Option<&Reject>,
    words: Words,
) -> String {
    format!(
        "{} : aucune ligne n'a pu être lue, {rejected} {} ; rien de cette table n'a été enregistré{}",
        table.label(),
        plural(rejected, "rejetée", "rejetées"),
        first_reject(first, words)
    )
}

fn first_reject(first: Option<&Reject>, words: Words) -> String {
    first.map_or(String::new(), |reject| {
        format!(". La première : {}", place(reject, words))
    })
}

/// `ventes.csv, ligne 12 : Qté « douze » n'est pas un nombre`
fn place(reject: &Reject, words: Words) -> String {
    format!(
        "{}, {} {} : {}",
        reject.origin,
        words.position.to_lowercase(),
        reject.position,
        reject.sentence()
    )
}

fn plural<'a>(count: u64, one: &'a str, several: &'a str) -> &'a str {
    if count == 1 { one } else { several }
}

/// The places of examples `key (file:line)`, without the keys, which mean nothing to users.
fn places(examples: &[String]) -> String {
    let place = |example: &String| {
        let place = example
            .rsplit_once('(')
            .map_or(example.as_str(), |(_, place)| place);
        place.trim_end_matches(')').to_owned()
    };
    let places: Vec<_> = examples.iter().map(place).collect();
    format!("par exemple {}", places.join(", "))
}

fn examples(keys: &[String]) -> String {
    format!("par exemple {}", keys.join(", "))
}
