//! Loads canonical sales into the database, with the commit.

use crmreco::canonical::Table;
use crmreco::canonical::rows::Rows;
use crmreco::home::Home;
use crmreco::report::Counts;
use crmreco::store::{CursorChanges, LoadMode, LoadTarget, ShrinkLimit, Store};
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::estate::{Sale, TODAY, push, sales};

const LINES: i64 = 20_000;

/// Rows per batch, as in a sync.
const BATCH: usize = 500;

#[divan::bench(sample_count = 20, sample_size = 1)]
fn into_an_empty_table(bencher: Bencher<'_, '_>) {
    let mut batches = batches(&sales(LINES));
    bencher
        .counter(ItemsCount::of_iter(0..LINES))
        .with_inputs(Database::new)
        .bench_local_refs(|database| assert_eq!(database.load(&mut batches).inserted, 20_000));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn unchanged(bencher: Bencher<'_, '_>) {
    let mut batches = batches(&sales(LINES));
    let database = Database::new();
    database.load(&mut batches);
    bencher
        .counter(ItemsCount::of_iter(0..LINES))
        .bench_local(|| assert_eq!(database.load(&mut batches).unchanged, 20_000));
}

/// Changes every line, back and forth.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn changed(bencher: Bencher<'_, '_>) {
    let mut now = batches(&sales(LINES));
    let changed: Vec<Sale> = sales(LINES).into_iter().map(Sale::changed).collect();
    let mut next = batches(&changed);
    let database = Database::new();
    database.load(&mut now);
    bencher
        .counter(ItemsCount::of_iter(0..LINES))
        .bench_local(|| {
            assert_eq!(database.load(&mut next).updated, 20_000);
            std::mem::swap(&mut now, &mut next);
        });
}

fn batches(sales: &[Sale]) -> Vec<Rows> {
    let batch = |sales: &[Sale]| {
        let mut rows = Rows::default();
        push(sales, &mut rows);
        rows
    };
    sales.chunks(BATCH).map(batch).collect()
}

/// A database in a temporary folder.
struct Database {
    store: Store,
    _folder: TempDir,
}

impl Database {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Store::open(&Home::at(folder.path())).unwrap(),
            _folder: folder,
        }
    }

    /// One run that loads all batches.
    fn load(&self, batches: &mut [Rows]) -> Counts {
        let run_id = self
            .store
            .start_run("estate", "isavigne", Timestamp::now(), || Ok(()));
        let target = LoadTarget {
            source: "estate",
            table: Table::SalesLines,
            run_id: run_id.unwrap(),
            now: "2025-12-27T02:15:00Z",
            today: TODAY,
        };
        let load = self
            .store
            .begin_load(target, LoadMode::Increment, || Ok(()));
        let mut load = load.unwrap();
        load.begin_unit("ventes.csv").unwrap();
        for rows in batches {
            load.write(rows).unwrap();
        }
        load.keep_unit("bench").unwrap();
        load.finish(
            ShrinkLimit::Enforced,
            &CursorChanges {
                set: &[],
                unset: &[],
            },
            None,
        )
        .unwrap()
        .counts
    }
}
