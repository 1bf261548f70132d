//! Any workbook of the old format (`.xls`): planned, read and checked.
//!
//! The first byte picks the file's name, the second what the rest is: the records of a sheet in a workbook that is
//! otherwise whole, all the records of a workbook, or the file itself.

use std::io::{Cursor, Write};

use cfb::{CompoundFile, Version};

use super::Target;
use super::estate::{Estate, Options};

const NAMES: [&str; 5] = [
    "clients.xls",
    "produits.xls",
    "ventes.xls",
    "stock.xls",
    "contacts.xls",
];

/// Texts that cells may show by number.
const TEXTS: [&str; 6] = [
    "code_client",
    "nom",
    "produit_key",
    "quantite",
    "date",
    "C1",
];

/// Number formats by style: general, a day, a duration.
const FORMATS: [u16; 3] = [0, 14, 46];

/// A folder with a workbook of the old format.
pub struct OldWorkbooks {
    estate: Estate,
}

impl Default for OldWorkbooks {
    fn default() -> Self {
        Self {
            estate: Estate::new("old_workbooks"),
        }
    }
}

impl Target for OldWorkbooks {
    fn check(&self, data: &[u8]) {
        let [name, kind, content @ ..] = data else {
            return;
        };
        let name = NAMES[usize::from(*name) % NAMES.len()];
        let file = match kind % 4 {
            0 => container("/Workbook", &workbook(content)),
            1 => container("/Workbook", content),
            2 => container("/Book", content),
            _ => content.to_vec(),
        };
        self.estate.try_export(name, &file, Options::of(0));
    }

    fn rows(&self) -> Option<u64> {
        Some(self.estate.rows())
    }
}

/// A container with one stream.
fn container(name: &str, stream: &[u8]) -> Vec<u8> {
    let made = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()));
    let mut container = made.expect("room in memory");
    let mut entry = container.create_stream(name).expect("a new stream");
    entry.write_all(stream).expect("room in memory");
    drop(entry);
    container.flush().expect("room in memory");
    container.into_inner().into_inner()
}

/// The records of a workbook with one sheet ([MS-XLS] 2.1.7.20.3).
fn workbook(sheet: &[u8]) -> Vec<u8> {
    let mut globals = record(0x0809, &[0x00, 0x06, 0x05, 0x00]);
    for format in FORMATS {
        globals.extend(record(0x00E0, &[[0, 0], format.to_le_bytes()].concat()));
    }
    globals.extend(record(0x00FC, &shared_texts()));
    // After this record and the last one, of four bytes, comes the sheet.
    let name = [0, 0, 1, 0, b's'];
    let begin = globals.len() + 4 + 4 + name.len() + 4;
    let begin = u32::try_from(begin).expect("a small stream");
    globals.extend(record(0x0085, &[&begin.to_le_bytes(), &name[..]].concat()));
    globals.extend(record(0x000A, &[]));
    globals.extend(sheet);
    globals
}

fn shared_texts() -> Vec<u8> {
    let mut body = vec![0; 8];
    for text in TEXTS {
        body.extend([text.len().to_le_bytes()[0], 0, 0]);
        body.extend(text.as_bytes());
    }
    body
}

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("a small record");
    [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}
