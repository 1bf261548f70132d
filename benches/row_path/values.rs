//! Parsing one cell, a column at a time, and building a row.

use std::hint::black_box;

use crmreco::canonical::rows::Rows;
use crmreco::canonical::{bottles, email, person, phone};
use crmreco::connectors::isavigne::cells::{date, number};
use divan::Bencher;
use divan::counter::ItemsCount;

use crate::estate::{TODAY, euros, push, sales};

/// Cells of a column.
const CELLS: i64 = 1_000;

/// Measures `read` for every cell of `cell`.
fn column<T>(bencher: Bencher<'_, '_>, cell: impl Fn(i64) -> String, read: impl Fn(&str) -> T) {
    let cells: Vec<String> = (0..CELLS).map(cell).collect();
    bencher
        .counter(ItemsCount::new(cells.len()))
        .bench_local(|| {
            for cell in &cells {
                black_box(read(black_box(cell)));
            }
        });
}

#[divan::bench]
fn amounts(bencher: Bencher<'_, '_>) {
    column(bencher, |at| euros(at * 977), |cell| number(cell).unwrap());
}

#[divan::bench]
fn days(bencher: Bencher<'_, '_>) {
    column(
        bencher,
        |at| format!("{:02}/{:02}/2025", 1 + at % 28, 1 + at % 11),
        |cell| date(cell, TODAY).unwrap(),
    );
}

#[divan::bench]
fn units(bencher: Bencher<'_, '_>) {
    let units = ["bouteille", "magnum", "carton de 6", "caisse de 12"];
    column(
        bencher,
        |at| units[usize::try_from(at % 4).unwrap()].to_owned(),
        |cell| bottles::unit(cell, 12, Some("Alsace")).unwrap(),
    );
}

#[divan::bench]
fn names(bencher: Bencher<'_, '_>) {
    let names = ["LEFÈVRE", "SARL La Treille", "de La Tour", "Müller"];
    column(
        bencher,
        |at| names[usize::try_from(at % 4).unwrap()].to_owned(),
        |cell| drop(black_box(person::identify(cell, "Anne-Sophie"))),
    );
}

#[divan::bench]
fn telephones(bencher: Bencher<'_, '_>) {
    column(
        bencher,
        |at| format!("03 88 {:02} {:02} 12", at / 100 % 100, at % 100),
        |cell| phone::e164(cell, "FR").unwrap(),
    );
}

#[divan::bench]
fn emails(bencher: Bencher<'_, '_>) {
    column(
        bencher,
        |at| format!("Client{at}@exemple.fr"),
        |cell| email::email(cell).unwrap().len(),
    );
}

/// Appends records to a batch and hashes each.
#[divan::bench]
fn rows(bencher: Bencher<'_, '_>) {
    let sales = sales(CELLS);
    let mut rows = Rows::default();
    bencher
        .counter(ItemsCount::new(sales.len()))
        .bench_local(|| {
            rows.clear();
            push(&sales, &mut rows);
            rows.hash_rows();
            rows.len()
        });
}
