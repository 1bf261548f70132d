//! A look at a workbook (.xlsx) before it is parsed: the parser makes room for as many shared texts as the workbook says
//! it has, and a wrong number can be larger than memory. That ends the program: it cannot be caught as a panic can.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipResult;

use super::package::Package;

/// Shared texts there may be: no more fit into the memory that a workbook may take.
const MOST_TEXTS: u64 = 2 << 20;

/// How far into their part their number stands at most.
const MOST_PREAMBLE: u64 = 1 << 16;

/// The part they are in, in whatever folder and spelling.
const TEXTS: &str = "sharedstrings.xml";

/// The part that lists the sheets.
const BOOK: &str = "workbook.xml";

/// Bytes of it that are looked at.
const MOST_BOOK: u64 = 16 << 20;

/// Whether `package` says that it has more shared texts than it can.
pub(super) fn is_boastful(package: &Package<'_>) -> ZipResult<bool> {
    let mut package = ZipArchive::new(BufReader::new(package.clone()))?;
    // A name that cannot be read is none that the parser asks for.
    let parts = package.file_names().flatten().map(Cow::into_owned);
    let texts: Vec<String> = parts
        .filter(|part| part.to_ascii_lowercase().ends_with(TEXTS))
        .collect();
    for part in texts {
        let preamble = package.by_name(&part)?.take(MOST_PREAMBLE);
        if boasts(BufReader::new(preamble)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the workbook in `package` asks the program that opens it to compute all formulas: the results it holds are
/// none.
pub(super) fn lacks_results(package: &Package<'_>) -> ZipResult<bool> {
    let mut package = ZipArchive::new(BufReader::new(package.clone()))?;
    let parts = package.file_names().flatten().map(Cow::into_owned);
    let books: Vec<String> = parts
        .filter(|part| part.to_ascii_lowercase().ends_with(BOOK))
        .collect();
    for part in books {
        let part = package.by_name(&part)?.take(MOST_BOOK);
        if asks_for_results(BufReader::new(part)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the part `book`, which lists the sheets, asks for results.
fn asks_for_results(book: impl BufRead) -> bool {
    let mut book = quick_xml::Reader::from_reader(book);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match book.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "calcPr" => {
                let attribute = tag.try_get_attribute("fullCalcOnLoad");
                return attribute.is_ok_and(|attribute| {
                    attribute.is_some_and(|on| matches!(on.value.as_ref(), "1" | "true"))
                });
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Whether the part that begins with `preamble` announces too many texts, or does not come to say how many.
fn boasts(preamble: impl BufRead) -> bool {
    let mut preamble = quick_xml::Reader::from_reader(preamble);
    preamble.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match preamble.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == "sst" => {
                return announced(&tag) > MOST_TEXTS;
            }
            Ok(Event::Eof) | Err(_) => return true,
            Ok(_) => {}
        }
    }
}

/// How many texts `tag` announces.
fn announced(tag: &BytesStart<'_>) -> u64 {
    let Ok(attribute) = tag.try_get_attribute("uniqueCount") else {
        return u64::MAX;
    };
    attribute.map_or(0, |count| {
        let digits = count.value.trim_start_matches(['+', '0', ' ']);
        digits.parse().unwrap_or_else(|_| {
            // What is no number announces nothing, but one that is too long for one does.
            let is_number = digits.starts_with(|first: char| first.is_ascii_digit());
            if is_number { u64::MAX } else { 0 }
        })
    })
}
