//! Small workbooks that would take all memory: each is refused by name under an address space of 512 MiB, and the other
//! files of the folder are loaded.

use std::process::Command;

use super::packages::{BOOK, HEADER, Part, ROW, SHEET, SHEET_END, old_workbook, record, workbook};
use crate::common::{Estate, Outcome, assert_says, counts, the_message};

/// Address space, in KiB.
const MEMORY: &str = "524288";

const GIGABYTE: u64 = 1 << 30;

/// Why the parser would be given gigabytes.
const PIECE: &str = "dépasse 1 Mio";
const KEPT: &str = "256 Mio";

/// The program with little memory.
fn crmreco(estate: &Estate, args: &[&str]) -> Outcome {
    let command = estate.command(args);
    let mut bounded = Command::new("sh");
    bounded.args(["-c", "ulimit -v \"$1\"; shift; exec \"$@\"", "sh", MEMORY]);
    bounded.arg(command.get_program()).args(command.get_args());
    bounded.env_clear().current_dir(estate.root());
    for (name, value) in command.get_envs() {
        bounded.env(name, value.unwrap());
    }
    Outcome::of(&mut bounded)
}

/// An estate with a workbook of sales and an honest file of customers.
fn estate(name: &str, content: &[u8]) -> Estate {
    assert!(content.len() < 64 << 20, "{} bytes", content.len());
    let estate = Estate::empty().setting("FILE_PATTERN", "*");
    estate.export(name, content);
    estate.export("clients.csv", "code_client;nom\nC1;Durand\n");
    estate
}

/// The workbook is refused with `word`, by `test` and by `sync`; the customers are loaded.
#[track_caller]
fn assert_refused(name: &str, content: &[u8], word: &str) {
    let estate = estate(name, content);
    let tested = crmreco(&estate, &["test", "cave", "--json"])
        .exits(1)
        .json();
    let message = tested["message"].as_str().unwrap();
    assert_says(message, &[name, word]);
    let answer = crmreco(&estate, &["sync", "cave", "--json"])
        .exits(1)
        .json();
    let error = the_message(&answer, "errors", name);
    assert_says(&error, &[word, "CSV"]);
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 1, "{answer:#}");
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 0, "{answer:#}");
}

#[track_caller]
fn assert_sheet_refused(begin: &str, again: &str, end: &str, word: &str) {
    let begin = format!("{SHEET}{HEADER}{ROW}{begin}");
    let end = format!("{end}{SHEET_END}");
    let name = "xl/worksheets/sheet1.xml";
    let sheet = Part::of_size(name, &begin, again, 3 * GIGABYTE, &end);
    assert_refused("ventes.xlsx", &workbook(vec![sheet]), word);
}

#[test]
fn a_valid_workbook_is_read() {
    let estate = estate("ventes.xlsx", &workbook(Vec::new()));
    let answer = crmreco(&estate, &["sync", "cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 1, "{answer:#}");
}

#[test]
fn a_cell_of_three_gigabytes() {
    assert_sheet_refused(
        "<row><c t='inlineStr'><is><t>",
        "aaaaaaaa",
        "</t></is></c></row>",
        PIECE,
    );
    assert_sheet_refused("<row><c t='str'><v>", "a&amp;", "</v></c></row>", PIECE);
}

#[test]
fn a_cell_of_millions_of_pieces() {
    assert_sheet_refused(
        "<row><c t='inlineStr'><is>",
        "<r><t>aaaaaaaaaaaaaaaa</t></r>",
        "</is></c></row>",
        PIECE,
    );
}

#[test]
fn a_tag_of_three_gigabytes() {
    assert_sheet_refused("<row x='", ">>>>\"", "'></row>", PIECE);
    assert_sheet_refused("<row><c><", "a:b/", "/></c></row>", PIECE);
}

#[test]
fn endless_comments() {
    assert_sheet_refused("<!--", "<row> -- > ", "-->", PIECE);
    assert_sheet_refused("<![CDATA[", "<row> ]] > ", "]]>", PIECE);
    assert_sheet_refused("<?x ", "<row> ? > ", "?>", PIECE);
    let comments = format!("<!--{0}--><?x {0}?>", "x".repeat(1000));
    assert_sheet_refused("", &comments, "", "lignes vides");
}

#[test]
fn nested_elements() {
    assert_sheet_refused("", "<a>", "", "imbriquées");
    assert_sheet_refused("", "<a><c/>", "", "imbriquées");
}

#[test]
fn rows_beyond_those_of_excel() {
    assert_sheet_refused("", "<row><c><v>1</v></c></row>", "", "1 048 576 lignes");
}

#[test]
fn columns_beyond_those_of_excel() {
    for (place, word) in [("XFE3", "colonne 1000"), ("ZZZZZZZZZ3", "abîmé")] {
        let row = format!("<row><c r='{place}'><v>1</v></c></row>");
        let sheet = format!("{SHEET}{HEADER}{ROW}{row}{SHEET_END}");
        let sheet = Part::of("xl/worksheets/sheet1.xml", &sheet);
        let estate = estate("ventes.xlsx", &workbook(vec![sheet]));
        let answer = crmreco(&estate, &["sync", "cave", "--json"])
            .exits(1)
            .json();
        let error = the_message(&answer, "errors", "ventes.xlsx");
        assert_says(&error, &[word]);
    }
}

#[test]
fn cells_beyond_memory() {
    let cell = format!("<c t='str'><v>{}</v></c>", "a".repeat(30_000));
    let row = format!("<row>{}</row>", cell.repeat(20));
    assert_sheet_refused("", &row, "", KEPT);
}

#[test]
fn shared_texts_beyond_memory() {
    for again in [
        "<si><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></si>",
        "<si/>",
        "<a:si/>",
        "<abcdefghijklmnopqrstuvwxyz:si/>",
        "<si><r><t>a</t></r></si>",
    ] {
        let texts = Part::of_size(
            "xl/sharedStrings.xml",
            "<sst uniqueCount='2'>",
            again,
            3 * GIGABYTE,
            "</sst>",
        );
        assert_refused("ventes.xlsx", &workbook(vec![texts]), KEPT);
    }
}

#[test]
fn wrong_sizes() {
    let (begin, end) = ("<sst><si><t>", "</t></si></sst>");
    let mut texts = Part::of_size("xl/sharedStrings.xml", begin, "aaaa", 3 * GIGABYTE, end);
    texts.size = 4000;
    assert_refused("ventes.xlsx", &workbook(vec![texts]), "abîmé");
    let mut texts = Part::of("xl/sharedStrings.xml", "<sst/>");
    texts.size = u32::MAX.into();
    assert_refused("ventes.xlsx", &workbook(vec![texts]), "4 Gio");
}

#[test]
fn styles_beyond_memory() {
    let long = "0".repeat(900_000);
    let formats = format!("<numFmts><numFmt numFmtId='164' formatCode='{long}'/></numFmts>");
    let fonts = format!("<fonts><font><name val='{long}'/></font></fonts>");
    for (before, again) in [
        (formats.as_str(), "<xf numFmtId='164'></xf>"),
        (fonts.as_str(), "<xf fontId='0'></xf>"),
        ("", "<xf/>"),
    ] {
        let begin = format!("<styleSheet>{before}<cellXfs>");
        let end = "</cellXfs></styleSheet>";
        let styles = Part::of_size("xl/styles.xml", &begin, again, GIGABYTE, end);
        assert_refused("ventes.xlsx", &workbook(vec![styles]), KEPT);
    }
}

#[test]
fn sheets_beyond_memory() {
    let path = "a".repeat(900_000);
    let relationships = format!(
        "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='{path}'/></Relationships>"
    );
    let relationships = Part::of("xl/_rels/workbook.xml.rels", &relationships);
    let sheet = "<sheet name='Ventes' r:id='r1'/>";
    let begin = "<workbook><sheets>";
    let end = "</sheets></workbook>";
    let book = Part::of_size("xl/workbook.xml", begin, sheet, GIGABYTE, end);
    assert_refused("ventes.xlsx", &workbook(vec![relationships, book]), KEPT);
}

/// Each is opened by itself: a file of 500 KB took an hour, and heeded no signal.
#[test]
fn sheets_beyond_count() {
    use std::fmt::Write;
    let mut sheets = String::new();
    for number in 0..100_000 {
        write!(
            sheets,
            r#"<sheet name="V{number}" sheetId="{number}" r:id="r1"/>"#
        )
        .unwrap();
    }
    let book = format!(r#"<workbook xmlns:r="x"><sheets>{sheets}</sheets></workbook>"#);
    let book = Part::of("xl/workbook.xml", &book);
    assert_refused("ventes.xlsx", &workbook(vec![book]), "1 000 feuilles");
}

#[test]
fn definitions_of_types() {
    let definition = "<!DOCTYPE workbook [<!ENTITY a 'aaaaaaaa'>]>";
    let book = Part::of("xl/workbook.xml", &format!("{definition}{BOOK}"));
    assert_refused("ventes.xlsx", &workbook(vec![book]), "balises");
}

#[test]
fn parts_beyond_count() {
    let parts = (0..30_000).map(|number| Part::of(&format!("xl/media/{number}.png"), "x"));
    assert_refused("ventes.xlsx", &workbook(parts.collect()), "10 000 parties");
}

#[test]
fn unused_parts_are_not_inflated() {
    let name = "xl/comments1.xml";
    let comments = Part::of_size(
        name,
        "<comments>",
        "<comment/>",
        3 * GIGABYTE,
        "</comments>",
    );
    let estate = estate("ventes.xlsx", &workbook(vec![comments]));
    let answer = crmreco(&estate, &["sync", "cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 1, "{answer:#}");
}

/// A cell of the old format: its place, and the text that it names.
fn named(row: u16, column: u16) -> Vec<u8> {
    let place = [row.to_le_bytes(), column.to_le_bytes()].concat();
    record(0x00fd, &[&place[..], &[0; 6]].concat())
}

#[test]
fn old_workbooks_whose_cells_name_a_long_text() {
    let text = [&[0; 8], &8000_u16.to_le_bytes()[..], &[0], &[b'a'; 8000]].concat();
    let cells = (0..60_000).flat_map(|row| [named(row, 0), named(row, 1)].concat());
    let book = old_workbook(&record(0x00fc, &text), &cells.collect::<Vec<u8>>());
    assert_refused("ventes.xls", &book, KEPT);
}

#[test]
fn old_workbooks_of_millions_of_empty_texts() {
    let empty = [0, 0, 0].repeat(2700);
    let more = record(0x003c, &empty).repeat(2000);
    let texts = [record(0x00fc, &[&[0; 8], &empty[..]].concat()), more].concat();
    let book = old_workbook(&texts, &named(0, 0));
    assert_refused("ventes.xls", &book, KEPT);
}

#[test]
fn workbooks_that_are_not_read_are_not_inflated() {
    let kind = Part::of("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    let content = Part::of_size("content.xml", "<a>", "aaaa", 3 * GIGABYTE, "</a>");
    assert_refused(
        "ventes.ods",
        &super::packages::package(&[kind, content]),
        "LibreOffice",
    );
    let content = Part::of_size("xl/workbook.bin", "<a>", "aaaa", 3 * GIGABYTE, "</a>");
    assert_refused("ventes.xlsb", &super::packages::package(&[content]), "xlsb");
}
