use std::io::{Cursor, Write};

use super::tests::{file, read};
use super::*;
use crate::connectors::isavigne::settings::EncodingChoice;
use crate::connectors::isavigne::sheet::CellKind;
use crate::connectors::isavigne::survey;

/// A record of the old format.
fn record(kind: u16, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), &body].concat()
}

/// Row 0, with this column and style.
fn place(column: u16, style: u16) -> Vec<u8> {
    [0, column, style]
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn label(column: u16, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    record(0x0204, &[&place(column, 0), &length, &[0], text.as_bytes()])
}

fn number(column: u16, style: u16, value: f64) -> Vec<u8> {
    record(0x0203, &[&place(column, style), &value.to_le_bytes()])
}

/// Two adjacent whole numbers.
fn two_numbers(column: u16, style: u16, values: [u32; 2]) -> Vec<u8> {
    // The two low bits mark a whole number.
    let cell = |value: u32| [&style.to_le_bytes()[..], &(value << 2 | 2).to_le_bytes()].concat();
    let head: Vec<u8> = [0, column].into_iter().flat_map(u16::to_le_bytes).collect();
    let last = (column + 1).to_le_bytes();
    record(0x00bd, &[&head, &cell(values[0]), &cell(values[1]), &last])
}

/// A workbook of sheets: name, 1 if hidden, and cells. Its style 1 is `00000`, its style 2 a percentage.
fn workbook(sheets: &[(&str, u8, &[u8])]) -> Source {
    let begin = |kind: u16| {
        record(
            0x0809,
            &[&0x0600_u16.to_le_bytes(), &kind.to_le_bytes(), &[0; 12]],
        )
    };
    let end = || record(0x000a, &[]);
    let style = |format: u16| record(0x00e0, &[&[0, 0], &format.to_le_bytes(), &[0; 16]]);
    let mut content = begin(5);
    content.extend(record(
        0x041e,
        &[&164_u16.to_le_bytes(), &5_u16.to_le_bytes(), &[0], b"00000"],
    ));
    content.extend([style(0), style(164), style(9)].concat());
    let lengths = sheets.iter().map(|(name, ..)| 4 + 8 + name.len());
    let mut at = content.len() + lengths.sum::<usize>() + end().len();
    let mut parts = Vec::new();
    for (name, state, cells) in sheets {
        let place = u32::try_from(at).unwrap().to_le_bytes();
        let length = u8::try_from(name.len()).unwrap();
        content.extend(record(
            0x0085,
            &[&place, &[*state, 0, length, 0], name.as_bytes()],
        ));
        let part = [&begin(0x10)[..], cells, &end()].concat();
        at += part.len();
        parts.extend(part);
    }
    content.extend(end());
    content.extend(parts);
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    container
        .create_stream("/Workbook")
        .unwrap()
        .write_all(&content)
        .unwrap();
    container.flush().unwrap();
    file(&container.into_inner().into_inner())
}

fn three_sheets() -> Source {
    workbook(&[
        ("Notes", 1, &label(0, "cachee")),
        ("Vide", 0, &[]),
        ("Clients", 0, &label(0, "premiere")),
        ("Ventes", 0, &label(0, "seconde")),
    ])
}

#[test]
fn any_sheet_of_the_old_format_is_listed_and_read() {
    let mut file = three_sheets();
    let survey = survey::survey(&mut file, EncodingChoice::Auto).unwrap();
    assert_eq!(survey.format, Format::Xls);
    let sheets = sheets(&file, &survey).unwrap();
    let listed: Vec<_> = sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.is_hidden, sheet.is_empty))
        .collect();
    assert_eq!(
        listed,
        [
            ("Notes", true, false),
            ("Vide", false, true),
            ("Clients", false, false),
            ("Ventes", false, false),
        ]
    );
    for (sheet, cell) in [
        (None, "premiere"),
        (Some("Ventes"), "seconde"),
        (Some("Notes"), "cachee"),
    ] {
        assert_eq!(read(three_sheets(), sheet).unwrap()[0][0].0, cell);
    }
    assert!(read(three_sheets(), Some("Stock")).is_err());
}

#[test]
fn numbers_of_the_old_format_are_what_excel_shows() {
    let cells = [
        number(0, 1, 6000.0),
        number(1, 0, 12.5),
        two_numbers(2, 1, [42, 1000]),
        number(4, 2, 0.2),
    ];
    let rows = read(workbook(&[("s", 0, &cells.concat())]), None).unwrap();
    let expected = ["06000", "12.5", "00042", "01000", "20 %"];
    assert_eq!(
        rows[0],
        expected.map(|text| (text.to_owned(), CellKind::Number))
    );
}

/// A formula with this result and these options; its expression is zero.
fn formula(column: u16, result: [u8; 8], options: u16) -> Vec<u8> {
    let expression = [3, 0, 0x1e, 0, 0];
    let options = options.to_le_bytes();
    record(
        0x0006,
        &[&place(column, 0), &result, &options, &[0; 4], &expression],
    )
}

#[test]
fn formulas_of_the_old_format_are_computed_all_or_none() {
    use CellKind::{Number, Uncomputed};
    let blank = [3, 0, 0, 0, 0, 0, 0xff, 0xff];
    let kinds = |cells: &[Vec<u8>]| {
        let cells = [vec![label(0, "C1")], cells.to_vec()].concat().concat();
        let rows = read(workbook(&[("s", 0, &cells)]), None).unwrap();
        rows[0][1..]
            .iter()
            .map(|(_, kind)| *kind)
            .collect::<Vec<_>>()
    };
    let never = [formula(1, blank, 0), formula(2, [0; 8], 3)];
    assert_eq!(kinds(&never), [Uncomputed, Uncomputed]);
    let some = [formula(1, [0; 8], 3), formula(2, 2.5_f64.to_le_bytes(), 0)];
    assert_eq!(kinds(&some), [Number, Number]);
    assert_eq!(kinds(&[formula(1, [0; 8], 0)]), [Number]);
}
