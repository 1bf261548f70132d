//! Hostile packages of workbooks: parts of gigabytes in a few megabytes, wrong sizes.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc, FlushCompress};

const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Bytes that are deflated once and repeated.
const CHUNK: usize = 1 << 20;

/// A part of a package, deflated.
pub struct Part {
    name: String,
    raw: Vec<u8>,
    /// Bytes once inflated.
    pub size: u64,
    crc: u32,
}

impl Part {
    pub fn of(name: &str, content: &str) -> Self {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflated.write_all(content.as_bytes()).unwrap();
        let mut crc = Crc::new();
        crc.update(content.as_bytes());
        Self {
            name: name.to_owned(),
            raw: deflated.finish().unwrap(),
            size: content.len() as u64,
            crc: crc.sum(),
        }
    }

    /// `begin`, `again` as often as fills `size` bytes, `end`. Its checksum is wrong: who comes to its end has read it.
    pub fn of_size(name: &str, begin: &str, again: &str, size: u64, end: &str) -> Self {
        let chunk = again.repeat(CHUNK.div_ceil(again.len()));
        let times = size / chunk.len() as u64;
        let mut raw = flushed(begin.as_bytes());
        // Each ends on a byte and looks back to no other.
        let middle = flushed(chunk.as_bytes());
        for _ in 0..times {
            raw.extend_from_slice(&middle);
        }
        let last = Self::of(name, end);
        raw.extend(last.raw);
        Self {
            raw,
            size: begin.len() as u64 + times * chunk.len() as u64 + last.size,
            ..last
        }
    }
}

fn flushed(content: &[u8]) -> Vec<u8> {
    let mut deflate = flate2::Compress::new(Compression::best(), false);
    let mut raw = Vec::with_capacity(content.len() + 1024);
    deflate
        .compress_vec(content, &mut raw, FlushCompress::Full)
        .unwrap();
    assert_eq!(deflate.total_in(), content.len() as u64);
    raw
}

/// A package of `parts`.
pub fn package(parts: &[Part]) -> Vec<u8> {
    let (mut package, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let at = u32::try_from(package.len()).unwrap();
        let name = part.name.as_bytes();
        let raw = u32::try_from(part.raw.len()).unwrap();
        let fields = [
            &20_u16.to_le_bytes()[..],
            &[0; 2],
            &8_u16.to_le_bytes(),
            &[0; 4],
            &part.crc.to_le_bytes(),
            &raw.to_le_bytes(),
            &u32::try_from(part.size).unwrap().to_le_bytes(),
            &u16::try_from(name.len()).unwrap().to_le_bytes(),
            &[0; 2],
        ]
        .concat();
        package.extend([b"PK\x03\x04".as_slice(), &fields, name, &part.raw].concat());
        let made_by = 20_u16.to_le_bytes();
        let entry = [b"PK\x01\x02".as_slice(), &made_by, &fields, &[0; 10]];
        directory.extend(entry.concat());
        directory.extend([&at.to_le_bytes()[..], name].concat());
    }
    let count = u16::try_from(parts.len() & 0xffff).unwrap().to_le_bytes();
    let end = [
        b"PK\x05\x06".as_slice(),
        &[0; 4],
        &count,
        &count,
        &u32::try_from(directory.len()).unwrap().to_le_bytes(),
        &u32::try_from(package.len()).unwrap().to_le_bytes(),
        &[0; 2],
    ];
    let end = end.concat();
    [package, directory, end].concat()
}

/// A workbook with the sheet `Ventes`. Parts of `own` replace those of an honest one, whose sheet holds the header of sales
/// and a line.
pub fn workbook(own: Vec<Part>) -> Vec<u8> {
    let relationship = |id: &str, kind: &str, to: &str| {
        format!(r#"<Relationship Id="{id}" Type="{KIND}/{kind}" Target="{to}"/>"#)
    };
    let relationships = |all: &str| format!("<Relationships>{all}</Relationships>");
    let honest = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            relationships(&relationship("r1", "officeDocument", "xl/workbook.xml")),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relationships(&relationship("r1", "worksheet", "worksheets/sheet1.xml")),
        ),
        ("xl/workbook.xml", BOOK.to_owned()),
        (
            "xl/worksheets/sheet1.xml",
            format!("{SHEET}{HEADER}{ROW}{SHEET_END}"),
        ),
    ];
    let mut parts = own;
    for (name, content) in honest {
        if !parts.iter().any(|part| part.name == name) {
            parts.push(Part::of(name, &content));
        }
    }
    package(&parts)
}

/// A workbook of the old format with the sheet `Ventes`: the records of its shared texts, and those of its cells.
pub fn old_workbook(texts: &[u8], cells: &[u8]) -> Vec<u8> {
    let begin = |kind: u16| {
        let version = 0x0600_u16.to_le_bytes();
        record(
            0x0809,
            &[&version[..], &kind.to_le_bytes(), &[0; 12]].concat(),
        )
    };
    let end = record(0x000a, &[]);
    let list = |at: u32| {
        record(
            0x0085,
            &[&at.to_le_bytes()[..], &[0, 0, 6, 0], b"Ventes"].concat(),
        )
    };
    let before = [begin(5), texts.to_vec()].concat();
    let at = u32::try_from(before.len() + list(0).len() + end.len()).unwrap();
    let content = [
        before,
        list(at),
        end.clone(),
        begin(0x10),
        cells.to_vec(),
        end,
    ]
    .concat();
    let mut container = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let mut stream = container.create_stream("/Workbook").unwrap();
    stream.write_all(&content).unwrap();
    drop(stream);
    container.into_inner().into_inner()
}

/// A record of the old format.
pub fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), body].concat()
}

pub const BOOK: &str = r#"<workbook xmlns:r="x"><sheets><sheet name="Ventes" sheetId="1" r:id="r1"/></sheets></workbook>"#;
pub const SHEET: &str = "<worksheet><sheetData>";
pub const SHEET_END: &str = "</sheetData></worksheet>";

/// The header of sales, without the places of its cells.
pub const HEADER: &str = "<row><c t='str'><v>num_ligne</v></c><c t='str'><v>num_piece</v></c><c t='str'><v>code_client</v></c>\
    <c t='str'><v>produit_key</v></c><c t='str'><v>date</v></c><c t='str'><v>quantite</v></c><c t='str'><v>unite</v></c>\
    <c t='str'><v>prix_unitaire</v></c><c t='str'><v>montant_ttc</v></c></row>";

/// A line of sales.
pub const ROW: &str = "<row><c t='str'><v>V1</v></c><c t='str'><v>FA1</v></c><c t='str'><v>C1</v></c><c t='str'><v>P1</v></c>\
    <c t='str'><v>27/12/2024</v></c><c><v>2</v></c><c t='str'><v>bouteille</v></c><c><v>12.5</v></c><c><v>25</v></c></row>";
