//! Checks a workbook (.xlsx) before it is parsed: the parser allocates memory for the announced number of shared
//! texts, and a wrong number can exceed the memory. That aborts the program and cannot be caught like a panic.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipResult;

use super::package::Package;

/// Most shared texts: more do not fit into the memory limit of a workbook.
const MOST_TEXTS: u64 = 2 << 20;

/// Bytes of the part of shared texts that are searched for their number.
const MOST_PREAMBLE: u64 = 1 << 16;

/// The part of shared texts, in any folder and case.
const TEXTS: &str = "sharedstrings.xml";

/// The part that lists the sheets.
const BOOK: &str = "workbook.xml";

/// Bytes of the list of sheets that are read.
const MOST_BOOK: u64 = 16 << 20;

/// Whether `package` announces more shared texts than the limit.
pub(super) fn is_boastful(package: &Package<'_>) -> ZipResult<bool> {
    has_part(package, TEXTS, MOST_PREAMBLE, boasts)
}

/// Whether the workbook in `package` requests a computation of all formulas when it is opened: its stored results are
/// not valid.
pub(super) fn lacks_results(package: &Package<'_>) -> ZipResult<bool> {
    has_part(package, BOOK, MOST_BOOK, asks_for_results)
}

/// Whether `is_wanted` is true for the first `most` bytes of a part whose name ends with `ending`, in any case.
fn has_part(
    package: &Package<'_>,
    ending: &str,
    most: u64,
    is_wanted: fn(&mut dyn BufRead) -> bool,
) -> ZipResult<bool> {
    let mut package = ZipArchive::new(BufReader::new(package.clone()))?;
    // The parser does not use parts with an unreadable name.
    let parts = package.file_names().flatten().map(Cow::into_owned);
    let parts: Vec<String> = parts
        .filter(|part| part.to_ascii_lowercase().ends_with(ending))
        .collect();
    for part in parts {
        let mut part = BufReader::new(package.by_name(&part)?.take(most));
        if is_wanted(&mut part) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the part `book`, which lists the sheets, requests a computation.
fn asks_for_results(book: &mut dyn BufRead) -> bool {
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

/// Whether a part announces too many texts in its first bytes, or no number at all.
fn boasts(preamble: &mut dyn BufRead) -> bool {
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

/// The number of texts that `tag` announces.
fn announced(tag: &BytesStart<'_>) -> u64 {
    let Ok(attribute) = tag.try_get_attribute("uniqueCount") else {
        return u64::MAX;
    };
    attribute.map_or(0, |count| {
        let digits = count.value.trim_start_matches(['+', '0', ' ']);
        digits.parse().unwrap_or_else(|_| {
            // An invalid number counts as zero, but one with too many digits as too large.
            let is_number = digits.starts_with(|first: char| first.is_ascii_digit());
            if is_number { u64::MAX } else { 0 }
        })
    })
}
