use std::io::{Cursor, Write};

use super::*;
use crate::connectors::isavigne::settings::EncodingChoice;
use crate::connectors::isavigne::sheet::{CellKind, Sheet};
use crate::connectors::isavigne::survey;

const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Styles 1 to 4: `00000`, a day, a percentage, a French telephone number.
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="0#&quot; &quot;##&quot; &quot;##&quot; &quot;##&quot; &quot;##"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="165"/></cellXfs></styleSheet>"#;

/// A workbook of sheets: name, further attributes, rows; `book` is added to the part that lists them.
fn workbook(sheets: &[(&str, &str, &str)], book: &str) -> Source {
    let mut list = String::new();
    let mut relationships = String::new();
    let mut parts = Vec::new();
    for ((name, attributes, rows), number) in sheets.iter().zip(1..) {
        let sheet =
            format!(r#"<sheet name="{name}" sheetId="{number}" r:id="r{number}" {attributes}/>"#);
        list.push_str(&sheet);
        let relationship = format!(
            r#"<Relationship Id="r{number}" Type="{KIND}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        );
        relationships.push_str(&relationship);
        parts.push((
            format!("xl/worksheets/sheet{number}.xml"),
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ));
    }
    let office =
        format!(r#"<Relationship Id="r1" Type="{KIND}/officeDocument" Target="xl/workbook.xml"/>"#);
    for (path, part) in [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            format!("<Relationships>{office}</Relationships>"),
        ),
        (
            "xl/workbook.xml",
            format!(r#"<workbook xmlns:r="{KIND}"><sheets>{list}</sheets>{book}</workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships>{relationships}</Relationships>"),
        ),
        ("xl/styles.xml", STYLES.to_owned()),
    ] {
        parts.push((path.to_owned(), part));
    }
    let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, part) in parts {
        package
            .start_file(path, zip::write::SimpleFileOptions::default())
            .unwrap();
        package.write_all(part.as_bytes()).unwrap();
    }
    file(&package.finish().unwrap().into_inner())
}

pub(super) fn file(bytes: &[u8]) -> Source {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file.into()
}

/// A row of one text.
fn text(text: &str) -> String {
    format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>"#)
}

/// A row of cells without a position.
fn row(cells: &str) -> String {
    format!(r#"<row r="1">{cells}</row>"#)
}

pub(super) fn read(mut file: Source, sheet: Option<&str>) -> Result<Vec<Vec<(String, CellKind)>>> {
    let survey = survey::survey(&mut file, EncodingChoice::Auto)?;
    let mut sheet = Sheet::open(std::path::Path::new("ventes.csv"), file, &survey, sheet)?;
    let mut rows = Vec::new();
    let mut line = Line::default();
    while sheet.read(&mut line)? {
        let cells = line.cells.iter().enumerate();
        rows.push(
            cells
                .map(|(column, cell)| (cell.to_owned(), line.kind(column)))
                .collect(),
        );
    }
    Ok(rows)
}

/// The cells of the only row.
fn cells(cells: &str, book: &str) -> Vec<(String, CellKind)> {
    let rows = read(workbook(&[("s", "", &row(cells))], book), None).unwrap();
    rows.into_iter().next().unwrap_or_default()
}

fn first(file: Source, sheet: Option<&str>) -> String {
    read(file, sheet).unwrap()[0][0].0.clone()
}

fn three_sheets() -> Source {
    let (hidden, shown, other) = (text("cachée"), text("première"), text("seconde"));
    workbook(
        &[
            ("Masquée", r#"state="hidden""#, &hidden),
            ("Vide", "", ""),
            ("Clients 2024", "", &shown),
            ("Clients &amp; 2025", "", &other),
        ],
        "",
    )
}

#[test]
fn the_sheets_are_listed_in_their_order() {
    let mut file = three_sheets();
    let survey = survey::survey(&mut file, EncodingChoice::Auto).unwrap();
    let info = |name: &str, is_hidden, is_empty| SheetInfo {
        name: name.to_owned(),
        is_hidden,
        is_empty,
    };
    assert_eq!(
        sheets(&file, &survey).unwrap(),
        [
            info("Masquée", true, false),
            info("Vide", false, true),
            info("Clients 2024", false, false),
            info("Clients & 2025", false, false),
        ]
    );
}

#[test]
fn a_sheet_is_read_by_its_name_else_the_first_that_shows_something() {
    assert_eq!(first(three_sheets(), None), "première");
    assert_eq!(first(three_sheets(), Some("Clients & 2025")), "seconde");
    assert_eq!(first(three_sheets(), Some("Masquée")), "cachée");
    let error = read(three_sheets(), Some("Ventes"))
        .unwrap_err()
        .full_text();
    for word in ["« Ventes »", "« Clients 2024 »", "réglage SHEET"] {
        assert!(error.contains(word), "{error}");
    }
    assert_eq!(read(workbook(&[("s", "", "")], ""), None).unwrap().len(), 0);
}

#[test]
fn numbers_are_what_excel_shows() {
    let shown = cells(
        r#"<c s="1"><v>6000</v></c><c s="4"><v>612345678</v></c><c s="3"><v>0.2</v></c><c><v>12.000000000000002</v></c><c><v>3.76012345679E12</v></c><c s="2"><v>45931.5</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c>"#,
        "",
    );
    let expected = [
        ("06000", CellKind::Number),
        ("06 12 34 56 78", CellKind::Text),
        ("20 %", CellKind::Number),
        ("12", CellKind::Number),
        ("3760123456790", CellKind::Number),
        ("2025-10-01T12:00:00", CellKind::Text),
        ("1", CellKind::Text),
        ("#N/A", CellKind::Error),
    ];
    assert_eq!(shown, expected.map(|(text, kind)| (text.to_owned(), kind)));
}

#[test]
fn formulas_without_results_are_known() {
    let shown = cells(
        r#"<c><f>E2*0.9</f><v/></c><c><f>E2*2</f></c><c><f>E2*3</f><v>0</v></c><c t="str"><f>A1</f><v></v></c><c t="str"><f>A1</f><v>x</v></c><c><f>"00123"</f></c>"#,
        "",
    );
    let expected = [
        ("=E2*0.9", CellKind::Uncomputed),
        ("=E2*2", CellKind::Uncomputed),
        ("0", CellKind::Number),
        ("", CellKind::Text),
        ("x", CellKind::Text),
        ("00123", CellKind::Text),
    ];
    assert_eq!(shown, expected.map(|(text, kind)| (text.to_owned(), kind)));
}

#[test]
fn zeros_beside_formulas_are_no_results_where_the_workbook_asks_for_them() {
    let formula = "<c><f>E2*3</f><v>0</v></c><c><v>0</v></c><c><f>1+1</f><v>2</v></c>";
    let shown = cells(formula, r#"<calcPr calcId="124519" fullCalcOnLoad="1"/>"#);
    let kinds: Vec<CellKind> = shown.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(
        kinds,
        [CellKind::Uncomputed, CellKind::Number, CellKind::Number]
    );
}

#[test]
fn days_of_1904_are_days() {
    let shown = cells(
        r#"<c s="2"><v>44469</v></c>"#,
        r#"<workbookPr date1904="1"/>"#,
    );
    assert_eq!(shown[0].0, "2025-10-01T00:00:00");
}
