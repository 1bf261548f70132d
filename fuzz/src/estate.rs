//! A folder with one export in it, read the way a sync reads it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crmreco::canonical::{Catalog, Cursor, Decimal, Shape, Table};
use crmreco::connectors::Settings;
use crmreco::connectors::{Connector, Known, Request};
use crmreco::home::Home;
use crmreco::registry::{Registration, Registry};
use crmreco::report::Check;
use crmreco::stop::Stop;
use jiff::civil::{Date, date};
use tempfile::TempDir;

use super::audit::Audit;
use super::lines::Lines;
use super::scratch::scratch;
use super::source::Source;

/// The day every run takes place.
pub(crate) const TODAY: Date = date(2025, 12, 27);

const ENCODINGS: [&str; 4] = ["auto", "utf-8", "windows-1252", "utf-16"];

/// Which sales are one, and what a file of them covers.
const SALES: [(&str, &str); 4] = [
    ("auto", "increment"),
    ("document+customer", "append"),
    ("document+date", "period"),
    ("line", "full"),
];

/// The largest file, where it is not the usual one.
const SMALL: &str = "1K";

/// How the export is read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    encoding: &'static str,
    /// Whether the table already holds rows.
    had_rows: bool,
    sales: (&'static str, &'static str),
    /// Whether files of more than [`SMALL`] are refused.
    is_small: bool,
}

impl Options {
    /// The options that the bits of `byte` stand for.
    pub fn of(byte: u8) -> Self {
        Self {
            encoding: ENCODINGS[usize::from(byte & 3)],
            had_rows: byte & 4 != 0,
            sales: SALES[usize::from(byte >> 3 & 3)],
            is_small: byte & 32 != 0,
        }
    }

    /// Parts that its keys of documents have behind the year.
    fn more_parts(self) -> usize {
        usize::from(self.sales.0.starts_with("document+"))
    }

    fn refuses(self, size: usize) -> bool {
        self.is_small && size > 1024
    }
}

/// A folder of exports, and the registry it would be registered in.
pub struct Estate {
    _folder: TempDir,
    exports: PathBuf,
    registry: Registry,
    catalog: Catalog,
    rows: AtomicU64,
}

impl Estate {
    /// An estate without any export, for `target` alone.
    pub fn new(target: &str) -> Self {
        let folder = scratch(target);
        let exports = folder.path().join("exports");
        fs::create_dir_all(&exports).expect("a folder to write in");
        let registry = Registry::read(&Home::at(folder.path().to_owned()), std::iter::empty());
        let shape = Shape {
            format_cl: Some(Decimal::from_ten_thousandths(1_500_000)),
            region: Some("Bordeaux".to_owned()),
        };
        Self {
            _folder: folder,
            exports,
            registry: registry.expect("an empty registry"),
            catalog: Catalog::from_iter([("MAG".into(), shape.into())]),
            rows: AtomicU64::new(0),
        }
    }

    /// Rows of the files that were kept.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Plans, reads and checks a folder in which `content` stands under `name`.
    pub fn try_export(&self, name: &str, content: &[u8], options: Options) {
        let path = self.exports.join(name);
        write_long_ago(&path, content);
        let connector = self.connector(options);
        let is_text = path.extension().is_some_and(|ending| ending == "csv");
        let text = is_text.then(|| Lines::of(content, options.encoding));
        let kept = self.read(&*connector, options, content.len(), text.flatten().as_ref());
        assert!(kept.is_empty() || !options.refuses(content.len()));
        check_is_consistent(&*connector, &kept);
        for audit in kept {
            assert_is_not_read_again(&*connector, &audit);
        }
        fs::remove_file(path).expect("the export is still there");
    }

    fn connector(&self, options: Options) -> Box<dyn Connector> {
        let settings = [
            ("EXPORT_PATH", "exports"),
            ("FILE_PATTERN", "*"),
            ("ENCODING", options.encoding),
            ("SALES_KEY", options.sales.0),
            ("SALES_FILES", options.sales.1),
            ("MAX_FILE_SIZE", if options.is_small { SMALL } else { "4G" }),
        ];
        let registration = Registration {
            name: "fuzz".to_owned(),
            kind: "isavigne".to_owned(),
            settings: settings_of(&settings),
        };
        let opened = self.registry.open_registration(&registration);
        opened.expect("the settings are good")
    }

    /// Reads what is planned; gives back the audits of the files that were kept.
    fn read(
        &self,
        connector: &dyn Connector,
        options: Options,
        size: usize,
        text: Option<&Lines>,
    ) -> Vec<Audit> {
        let known = Known {
            rows: u64::from(options.had_rows),
            ..Known::default()
        };
        let plan = match connector.plan(&request(|_| known.clone())) {
            Ok(plan) => plan,
            Err(error) => {
                Source::Files.assert_is_clear(&error);
                return Vec::new();
            }
        };
        let mut kept = Vec::new();
        for mut reading in plan.readings {
            assert!(
                [0, size as u64].contains(&reading.size()),
                "the size planned"
            );
            let mut audit = Audit::of(reading.table(), Source::Files)
                .with_text(text.cloned(), options.more_parts());
            match reading.read(&self.catalog, &mut audit) {
                Ok(()) => audit.assert_is_over(),
                Err(error) => Source::Files.assert_is_clear(&error),
            }
            if !audit.cursors().is_empty() {
                audit.assert_is_accounted_for();
                self.rows.fetch_add(audit.rows, Ordering::Relaxed);
                kept.push(audit);
            }
        }
        kept
    }
}

/// `settings` as a registration holds them.
pub(super) fn settings_of(settings: &[(&str, &str)]) -> Settings {
    let mut all = Settings::default();
    for (key, value) in settings {
        all.insert((*key).to_owned(), (*value).to_owned());
    }
    all
}

fn request(known: impl Fn(Table) -> Known) -> Request {
    Request {
        tables: Table::ALL.to_vec(),
        since: None,
        full: false,
        allow_shrink: false,
        today: TODAY,
        stop: Stop::default(),
        known: Table::ALL.map(|table| (table, known(table))).into(),
    }
}

/// A file somebody may still be writing is waited for: this one has not been touched for long.
fn write_long_ago(path: &Path, content: &[u8]) {
    let mut file = File::create(path).expect("a file to write");
    file.write_all(content).expect("room for the export");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    file.set_modified(long_ago).expect("a time of change");
}

/// What can be read passes the check, which counts its rows; a line that a sync finds to be no row may be among them.
fn check_is_consistent(connector: &dyn Connector, kept: &[Audit]) {
    let checks: Vec<Check> = connector
        .check(&crmreco::stop::Stop::default())
        .unwrap_or_default();
    for audit in kept {
        let check = checks.first().expect("a file that was read is checked");
        assert!(check.ok, "read, but not checked: {}", check.detail);
        let counted = check.rows.expect("a file that can be read is counted");
        let lines = audit.rows + audit.rejects;
        assert!(counted >= lines, "{counted} rows checked, {lines} read");
    }
}

/// What was kept is known to have been read.
fn assert_is_not_read_again(connector: &dyn Connector, audit: &Audit) {
    let table = audit.table();
    // Each sheet of a workbook has its own.
    let cursors = audit.cursors().iter();
    let cursors = cursors.map(|Cursor { mark, label }| (mark.clone(), (label.clone(), 1)));
    let known: BTreeMap<Table, Known> = BTreeMap::from([(
        table,
        Known {
            first_kept: 0,
            cursors: cursors.collect(),
            rows: 1,
            ..Known::default()
        },
    )]);
    let mut request = request(|table| known.get(&table).cloned().unwrap_or_default());
    request.tables = vec![table];
    let plan = connector.plan(&request).expect("it was planned before");
    assert_eq!(plan.already_read, audit.cursors().len());
    assert!(!audit.kept_all() || plan.readings.is_empty());
}
