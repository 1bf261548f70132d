//! Texts that are not tables: web pages, XML, JSON, and binary data.

use super::{BINARY, EXPORT_AGAIN, Format, SAVE_AS, UTF_32};
use crate::connectors::isavigne::survey::byte_order;

const PAGE: Format = Format::Unread(
    "c'est une page HTML (page web), pas un classeur ni un CSV",
    "Ouvrez-la dans Excel et enregistrez-la en CSV ou en .xlsx ; si c'est une page de connexion ou d'erreur, refaites l'export",
);

/// First characters of pages that programs save as tables.
const PAGES: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<body",
    "<table",
    "<meta",
    "<script",
    "<style",
    "<div",
    "<title",
    "<form",
    "<center",
    "<h1",
    "<link",
    "mime-version:",
];

/// The format of a file that begins with `head` and has no magic number.
pub(super) fn of(head: &[u8]) -> Format {
    if is_utf32(head) {
        return UTF_32;
    }
    let text = match byte_order(head) {
        Some(is_big_endian) => utf16(head, is_big_endian),
        None if is_binary(head) => return BINARY,
        None => String::from_utf8_lossy(head).into_owned(),
    };
    let text = text.trim_start_matches(|one: char| one.is_whitespace() || one == '\u{FEFF}');
    if text.starts_with('<') || text.starts_with(['M', 'm']) {
        return markup(&text.to_lowercase());
    }
    if is_sql(text) {
        return Format::Unread(
            "c'est un script SQL (sauvegarde d'une base de données)",
            EXPORT_AGAIN,
        );
    }
    if is_json(text) {
        return Format::Unread("c'est un document JSON", EXPORT_AGAIN);
    }
    Format::Text
}

/// Whether the text begins like a database dump.
fn is_sql(text: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "insert into ",
        "create table ",
        "create database ",
        "drop table ",
        "begin transaction;",
        "pragma foreign_keys",
        "set names ",
        "set sql_mode",
        "-- mysql dump",
        "-- mariadb dump",
        "-- phpmyadmin sql dump",
        "-- postgresql database dump",
        "--\n-- postgresql database dump",
        "--\r\n-- postgresql database dump",
        "/*!40",
    ];
    BEGINNINGS.iter().any(|begin| {
        let start = text.get(..begin.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(begin))
    })
}

/// The format of a text that begins like a page or an XML document; `text` is in lower case.
fn markup(text: &str) -> Format {
    let is_page = |text: &str| PAGES.iter().any(|page| text.starts_with(page));
    let after_comment = |text: &str| {
        let end = text.find("-->")?;
        Some(is_page(text.get(end + 3..)?.trim_start()))
    };
    if is_page(text) || text.starts_with("<!--") && after_comment(text) == Some(true) {
        return PAGE;
    }
    if !text.starts_with("<?xml") && !is_element(text) {
        return Format::Text;
    }
    if text.contains("<!doctype html") || text.contains("<html") {
        PAGE
    } else if text.contains("urn:schemas-microsoft-com:office:spreadsheet")
        || text.contains("excel.sheet")
    {
        Format::Unread("c'est un classeur XML d'Excel 2003", SAVE_AS)
    } else {
        Format::Unread("c'est un document XML", EXPORT_AGAIN)
    }
}

/// Whether `text` begins with an element that contains others. `<code>;<nom>` does not.
fn is_element(text: &str) -> bool {
    let begins = text
        .strip_prefix('<')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()));
    let content = text.split_once('>').map_or("", |(_, content)| content);
    begins && text.contains("</") && content.trim_start().starts_with('<')
}

/// Whether the text begins like a JSON document. A title in brackets, `[Clients]`, does not.
fn is_json(text: &str) -> bool {
    let mut signs = text.chars().filter(|one| !one.is_whitespace());
    match (signs.next(), signs.next()) {
        (Some('['), Some('{' | '[' | ']' | '"')) | (Some('{'), Some('"' | '}')) => {}
        _ => return false,
    }
    // A table whose first header begins like this has its other cells on the same line.
    let line = text.lines().next().unwrap_or_default();
    !line.contains(';') && !line.contains('\t') || line.contains("\":")
}

fn is_utf32(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return true;
    }
    let (units, _) = head.as_chunks::<4>();
    let all =
        |is_ascii: fn(&[u8; 4]) -> bool| units.len() > 1 && units.iter().take(8).all(is_ascii);
    all(|unit| matches!(unit, [1..=255, 0, 0, 0])) || all(|unit| matches!(unit, [0, 0, 0, 1..=255]))
}

fn utf16(head: &[u8], is_big_endian: bool) -> String {
    let (pairs, _) = head.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| {
        if is_big_endian {
            u16::from_be_bytes(*pair)
        } else {
            u16::from_le_bytes(*pair)
        }
    };
    let units: Vec<u16> = pairs.iter().map(unit).collect();
    String::from_utf16_lossy(&units)
}

/// Most control characters in a short text.
const MOST_CONTROLS: usize = 4;

/// Whether more than one byte in ten is a control character. Zeros and end-of-file marks at the end do not count.
fn is_binary(head: &[u8]) -> bool {
    let is_tail = |byte: &u8| matches!(byte, 0 | 0x1A);
    let filled = head
        .iter()
        .rposition(|byte| !is_tail(byte))
        .map_or(0, |last| last + 1);
    let head = head.get(..filled).unwrap_or_default();
    let is_control = |byte: &&u8| matches!(byte, 0..=8 | 0x0E..=0x1F | 0x7F);
    let controls = head.iter().filter(is_control).count();
    controls > MOST_CONTROLS && controls * 10 > head.len()
}
