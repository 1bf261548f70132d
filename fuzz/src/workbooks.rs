//! Any sheet, shared texts and styles, in a workbook that is otherwise whole: planned, read and checked.
//!
//! The first byte picks the file's name. Parts stand between bytes `FF`, which UTF-8 never holds: the sheet, then the
//! shared texts and the styles. The container and its checksums are made here, where no fuzzer would guess them.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::Target;
use super::estate::{Estate, Options};

const NAMES: [&str; 5] = [
    "clients.xlsx",
    "produits.xlsx",
    "ventes.xlsx",
    "stock.xlsx",
    "contacts.xlsx",
];

/// The parts that `data` gives, in this order.
const TRIED: [&str; 3] = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
];

/// The parts that say where the sheet is, and that its style number 1 shows days.
const USUAL: [(&str, &str); 4] = [
    (
        "_rels/.rels",
        r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
    (
        "xl/styles.xml",
        r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>"#,
    ),
];

/// A folder with a workbook.
pub struct Workbooks {
    estate: Estate,
}

impl Default for Workbooks {
    fn default() -> Self {
        Self {
            estate: Estate::new("workbooks"),
        }
    }
}

impl Target for Workbooks {
    fn check(&self, data: &[u8]) {
        let Some((name, content)) = data.split_first() else {
            return;
        };
        let name = NAMES[usize::from(*name) % NAMES.len()];
        let file = package(content);
        self.estate.try_export(name, &file, Options::of(0));
    }

    fn rows(&self) -> Option<u64> {
        Some(self.estate.rows())
    }
}

/// An Office Open XML package around the parts in `content`.
fn package(content: &[u8]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut parts: BTreeMap<&str, &[u8]> = USUAL
        .iter()
        .map(|&(path, part)| (path, part.as_bytes()))
        .collect();
    parts.extend(TRIED.into_iter().zip(content.split(|byte| *byte == 0xFF)));
    for (path, part) in parts {
        zip.start_file(path, stored).expect("a new part");
        zip.write_all(part).expect("room in memory");
    }
    zip.finish().expect("a whole package").into_inner()
}
