//! Any sheet, in a workbook that is otherwise whole: planned, read and checked.
//!
//! The first byte picks the file's name; the rest is the sheet's XML. The container and its checksums are made
//! here, where no fuzzer would guess them.

#![no_main]

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use crmreco_fuzz::{Estate, Options, let_workbooks_panic};
use libfuzzer_sys::fuzz_target;
use zip::write::{SimpleFileOptions, ZipWriter};

const NAMES: [&str; 5] = [
    "clients.xlsx",
    "produits.xlsx",
    "ventes.xlsx",
    "stock.xlsx",
    "contacts.xlsx",
];

/// The parts that say where the sheet is, and that its style number 1 shows days.
const PARTS: [(&str, &str); 4] = [
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

static ESTATE: LazyLock<Estate> = LazyLock::new(|| Estate::new("workbooks"));

fuzz_target!(init: let_workbooks_panic(), |data: &[u8]| {
    let Some((name, content)) = data.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*name) % NAMES.len()];
    ESTATE.try_export(name, &package(content), Options::of(0));
});

/// An Office Open XML package around one sheet.
fn package(sheet: &[u8]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = PARTS.map(|(path, part)| (path, part.as_bytes()));
    for (path, part) in parts.into_iter().chain([("xl/worksheets/sheet1.xml", sheet)]) {
        zip.start_file(path, stored).expect("a new part");
        zip.write_all(part).expect("room in memory");
    }
    zip.finish().expect("a whole package").into_inner()
}
