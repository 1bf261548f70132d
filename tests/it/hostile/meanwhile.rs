//! What happens to files and folders while they are read. The program is held at a call of its own, the world is
//! changed, and the program goes on: no clock is in it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::held::Held;
use super::make_fifo;
use crate::common::{Estate, counts, messages};
use crate::strace;

/// A file whose reading takes more than one call.
fn estate() -> Estate {
    let estate = Estate::of("plain");
    let mut sales = estate.export_text("ventes.csv");
    for row in 0..10_000 {
        let line = format!("W{row};FB{row};C1;CREMANT-NM;27/12/2024;2;bouteille;16,50;33,00\n");
        sales.push_str(&line);
    }
    estate.export("ventes.csv", sales);
    estate
}

/// Where a reading may be when the world changes: its file found, being surveyed, begun to be read, being read.
const PLACES: [(&str, usize); 6] = [
    ("?statx,?newfstatat", 1),
    ("read", 1),
    ("read", 4),
    ("read", 8),
    ("read", 12),
    ("read", 60),
];

/// A new estate with its sync held at each place there is.
fn at_each_place(places: &[(&str, usize)], look: impl Fn(&Estate, Held)) {
    let mut held = 0;
    for &(calls, nth) in places {
        println!("held at {calls} number {nth}");
        let estate = estate();
        if let Some(sync) = Held::at(&estate, &estate.exports().join("ventes.csv"), calls, nth) {
            held += 1;
            look(&estate, sync);
        }
    }
    assert!(held >= 3, "held at {held} places");
}

/// Changes the sales at each place. What was read of them is not what stands there: none of it is loaded, and
/// everything else is. Once the world is mended, the next sync loads what stands.
fn assert_waits(change: impl Fn(&Path), mend: impl Fn(&Path)) {
    assert_waits_at(&PLACES, change, mend);
}

fn assert_waits_at(places: &[(&str, usize)], change: impl Fn(&Path), mend: impl Fn(&Path)) {
    if strace::is_missing() {
        return;
    }
    at_each_place(places, |estate, held| {
        let sales = estate.exports().join("ventes.csv");
        change(&sales);
        let outcome = held.goes_on();
        assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:#?}");
        let answer = outcome.json();
        assert_eq!(counts(&answer, "CUSTOMERS").inserted, 3, "{answer:#}");
        let loaded = counts(&answer, "SALES_LINES").inserted;
        let told = [messages(&answer, "errors"), messages(&answer, "warnings")].concat();
        let is_told = told.iter().any(|message| message.contains("ventes.csv"));
        // Before it was looked at, a change is no change.
        assert!(is_told != (loaded > 0), "{answer:#}");
        mend(&sales);
        estate.sync();
        assert_as_it_stands(estate, &sales);
    });
}

/// The database holds a row for each line of the file, and none of any other.
fn assert_as_it_stands(estate: &Estate, sales: &Path) {
    let text = fs::read_to_string(sales).unwrap();
    let mut keys: Vec<_> = text.lines().skip(1).map(key).collect();
    keys.sort_unstable();
    let rows = estate.sql("SELECT sale_line_key FROM sales_lines ORDER BY 1");
    assert_eq!(rows.len(), keys.len());
    assert!(rows == keys, "{:?} and {:?}", rows.first(), keys.first());
}

/// The key of a line that has its own number in its document.
fn key(line: &str) -> String {
    let cells: Vec<_> = line.split(';').collect();
    let [number, document, _, _, date, ..] = cells[..] else {
        panic!("{line}");
    };
    let year = date.rsplit('/').next().unwrap();
    format!("isavigne-vente|{document}|{year}|{number}")
}

#[test]
fn a_file_that_grows_waits() {
    assert_waits(
        |sales| {
            let mut file = File::options().append(true).open(sales).unwrap();
            file.write_all(b"X1;FX;C1;CREMANT-NM;27/12/2024;2;bouteille;16,50;33,00\n")
                .unwrap();
        },
        |_| (),
    );
}

#[test]
fn a_file_replaced_by_another_waits() {
    assert_waits(
        |sales| {
            let text = fs::read_to_string(sales).unwrap().replace("\nW", "\nY");
            let beside = sales.with_extension("new");
            fs::write(&beside, text).unwrap();
            fs::rename(beside, sales).unwrap();
        },
        |_| (),
    );
}

#[test]
fn a_file_cut_short_waits() {
    assert_waits(
        |sales| {
            let file = File::options().write(true).open(sales).unwrap();
            file.set_len(1000).unwrap();
        },
        |sales| {
            let text = fs::read_to_string(sales).unwrap();
            let whole = text.rfind('\n').unwrap();
            fs::write(sales, &text[..=whole]).unwrap();
        },
    );
}

#[test]
fn a_file_replaced_by_a_pipe_does_not_hang() {
    assert_waits(
        |sales| {
            fs::rename(sales, sales.with_extension("old")).unwrap();
            make_fifo(sales);
        },
        |sales| fs::rename(sales.with_extension("old"), sales).unwrap(),
    );
}

#[test]
fn a_vanished_folder_is_reported() {
    if strace::is_missing() {
        return;
    }
    at_each_place(&PLACES, |estate, held| {
        let away = estate.root().join("away");
        fs::rename(estate.exports(), &away).unwrap();
        let outcome = held.goes_on().exits(1);
        let told = messages(&outcome.json(), "errors").join("\n");
        assert!(told.contains(".csv") || told.contains("dossier"), "{told}");
        let torn = estate.sql("SELECT count(*) FROM sales_lines");
        assert!(torn == ["0"] || torn == ["10005"], "{torn:?}");
        fs::rename(&away, estate.exports()).unwrap();
        estate.sync();
        assert_as_it_stands(estate, &estate.exports().join("ventes.csv"));
    });
}

/// However fast and far a file grows, a reading ends: here to a million times what it was.
#[test]
fn an_endlessly_growing_file_is_read_to_its_first_size() {
    let whole = std::cell::Cell::new(0);
    let resize = |sales: &Path, length: u64| {
        let file = File::options().write(true).open(sales).unwrap();
        file.set_len(length).unwrap();
    };
    // Before anybody looks at it, it is but a file that takes a week to read.
    assert_waits_at(
        &PLACES[1..],
        |sales| {
            whole.set(fs::metadata(sales).unwrap().len());
            resize(sales, 1 << 40);
        },
        |sales| resize(sales, whole.get()),
    );
}
