//! What keeps a sales line the same in every export: keys, settings about them, and files that come again.

mod covered;
mod frozen;
mod identity;
mod kinds;
mod names;
mod settings;
mod waiting;

use serde_json::Value;

use crate::common::{Counts, Estate, Outcome, check_counts, counts, messages};

/// The columns of most exports here.
const HEADER: &str = "num_piece;code_client;produit_key;date;quantite;montant_ttc";

/// An export of `lines` under [`HEADER`].
fn sales(lines: &[&str]) -> String {
    table(HEADER, lines)
}

/// An export of `lines` under `header`.
fn table(header: &str, lines: &[&str]) -> String {
    let all = [&[header], lines].concat();
    all.join("\r\n") + "\r\n"
}

/// An estate whose only settings are these.
fn estate(settings: &[(&str, &str)]) -> Estate {
    let all = settings.iter();
    all.fold(Estate::empty(), |estate, (key, value)| {
        estate.setting(key, value)
    })
}

/// Syncs with settings in the environment, which win over those of `.env`.
#[track_caller]
fn sync_as(estate: &Estate, settings: &[(&str, &str)], code: i32) -> Value {
    let mut command = estate.command(&["sync", "cave", "--json"]);
    for (key, value) in settings {
        command.env(format!("CRMRECO_CONNECTOR__CAVE__{key}"), value);
    }
    let answer = Outcome::of(&mut command).exits(code).json();
    check_counts(&answer);
    answer
}

/// Inserted, updated, unchanged, deleted, rejected sales lines.
fn changes(answer: &Value) -> [u64; 5] {
    let Counts {
        inserted,
        updated,
        unchanged,
        deleted,
        rejected,
        ..
    } = counts(answer, "SALES_LINES");
    [inserted, updated, unchanged, deleted, rejected]
}

/// A sync that changes nothing and has nothing to say of keys or missing lines.
#[track_caller]
fn assert_settled(estate: &Estate, settings: &[(&str, &str)]) {
    let before = estate.dump();
    let answer = sync_as(estate, settings, 0);
    let [inserted, updated, _, deleted, rejected] = changes(&answer);
    assert_eq!([inserted, updated, deleted, rejected], [0; 4], "{answer:#}");
    assert_eq!(keys_warnings(&answer), Vec::<String>::new());
    assert_eq!(estate.dump(), before);
}

/// Warnings that keys changed, files are read again, or lines are missing.
fn keys_warnings(answer: &Value) -> Vec<String> {
    let all = messages(answer, "warnings").into_iter();
    all.filter(|warning| {
        ["clés", "relu", "n'est plus dans", "ne sont plus dans"]
            .iter()
            .any(|word| warning.contains(word))
    })
    .collect()
}

/// Lines and euros by month.
fn months(estate: &Estate) -> Vec<String> {
    estate.sql(
        "SELECT substr(date_sale, 1, 7), count(*), round(sum(price_total_eur), 2) FROM sales_lines GROUP BY 1 ORDER BY 1",
    )
}

/// Lines and euros in all.
fn total(estate: &Estate) -> String {
    estate
        .sql("SELECT count(*), round(sum(price_total_eur), 2) FROM sales_lines")
        .concat()
}

/// The documents there are lines of.
fn documents(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT DISTINCT order_ref FROM sales_lines ORDER BY 1")
}
