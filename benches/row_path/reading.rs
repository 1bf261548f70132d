//! A sales file from bytes to canonical records. The first two cases are the limit: the bare crates alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};

use crmreco::canonical::rows::Record;
use crmreco::canonical::{Catalog, Cursor, Reject, Table};
use crmreco::connectors::Settings;
use crmreco::connectors::{Connector, Request, Sink};
use crmreco::error::{Error, Result};
use crmreco::home::Home;
use crmreco::registry::{Registration, Registry};
use crmreco::stop::Stop;
use divan::Bencher;
use divan::counter::ItemsCount;
use encoding_rs::WINDOWS_1252;
use encoding_rs_io::DecodeReaderBytesBuilder;
use jiff::civil::Date;
use tempfile::TempDir;

use crate::estate::{TODAY, export, sales};

const LINES: i64 = 20_000;

/// Items counted by every case.
fn lines() -> ItemsCount {
    ItemsCount::of_iter(0..LINES)
}

#[divan::bench]
fn decoded(bencher: Bencher<'_, '_>) {
    let bytes = export(&sales(LINES));
    bencher
        .counter(lines())
        .bench_local(|| io::copy(&mut decoder(&bytes), &mut io::sink()).unwrap());
}

#[divan::bench]
fn decoded_and_split(bencher: Bencher<'_, '_>) {
    let bytes = export(&sales(LINES));
    bencher.counter(lines()).bench_local(|| {
        let mut records = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_reader(decoder(&bytes));
        let mut record = csv::StringRecord::new();
        let mut cells = 0;
        while records.read_record(&mut record).unwrap() {
            cells += record.len();
        }
        cells
    });
}

fn decoder(bytes: &[u8]) -> impl Read {
    DecodeReaderBytesBuilder::new()
        .encoding(Some(WINDOWS_1252))
        .build(bytes)
}

/// `crmreco test`: decode, split and count lines.
#[divan::bench]
fn checked(bencher: Bencher<'_, '_>) {
    let folder = Folder::new();
    let connector = folder.connector();
    bencher.counter(lines()).bench_local(|| {
        let checks = connector.check(&crmreco::stop::Stop::default()).unwrap();
        assert_eq!(
            checks.iter().filter_map(|check| check.rows).sum::<u64>(),
            20_000
        );
    });
}

/// The reading thread of a sync, without the channel.
#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let folder = Folder::new();
    let connector = folder.connector();
    bencher.counter(lines()).bench_local(|| {
        let mut plan = connector.plan(&request()).unwrap();
        let mut counted = Counted::default();
        for reading in &mut plan.readings {
            reading.read(&Catalog::default(), &mut counted).unwrap();
        }
        assert_eq!(counted.rows, 20_000);
    });
}

/// An export in a temporary folder.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ventes_2025-12-27.csv");
        fs::write(file, export(&sales(LINES))).unwrap();
        Self(folder)
    }

    fn connector(&self) -> Box<dyn Connector> {
        let mut registration = Registration {
            name: "estate".to_owned(),
            kind: "isavigne".to_owned(),
            settings: Settings::default(),
        };
        let path = self.0.path().to_string_lossy().into_owned();
        registration.settings.insert("EXPORT_PATH".to_owned(), path);
        let home = Home::at(self.0.path());
        let registry = Registry::read(&home, std::iter::empty()).unwrap();
        registry.open_registration(&registration).unwrap()
    }
}

fn request() -> Request {
    Request {
        tables: vec![Table::SalesLines],
        since: None,
        full: true,
        allow_shrink: false,
        today: TODAY,
        stop: Stop::default(),
        known: BTreeMap::new(),
    }
}

/// A sink that counts rows and fails for anything else.
#[derive(Default)]
struct Counted {
    rows: u64,
}

impl Sink for Counted {
    fn begin_unit(&mut self, _: &str, _: u64) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, _: u64, record: &dyn Record) -> Result<()> {
        self.rows += u64::from(record.table() == Table::SalesLines);
        Ok(())
    }

    fn reject(&mut self, reject: Reject, _: Option<&str>) -> Result<()> {
        unreachable!("{reject:?}")
    }

    fn present(&mut self, _: Vec<String>) -> Result<()> {
        Ok(())
    }

    fn missing(&mut self, _: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn keeps_old_rows(&mut self) -> Result<bool> {
        Ok(false)
    }

    fn remove_all(&mut self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    fn covers(&mut self, _: Date, _: Date) -> Result<()> {
        Ok(())
    }

    fn remember(&mut self, _: Cursor) -> Result<()> {
        Ok(())
    }

    fn forget(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn fail(&mut self, _: Error) {}

    fn left_aside(&mut self, _: Option<(&str, &str)>) -> Result<()> {
        Ok(())
    }

    fn advance(&mut self, _: u64) -> Result<()> {
        Ok(())
    }

    fn keep_unit(&mut self, _: Cursor) -> Result<()> {
        Ok(())
    }

    fn discard_unit(&mut self) -> Result<()> {
        unreachable!("a unit that is not to be trusted")
    }

    fn warn(&mut self, warning: String) {
        unreachable!("{warning}")
    }
}
