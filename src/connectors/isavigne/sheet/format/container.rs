//! Container formats: Office Open XML, `OpenDocument` and archives are zip; older Office files are OLE.

use std::io::{self, Read};

use cfb::CompoundFile;
use zip::ZipArchive;
use zip::result::ZipResult;

use super::super::old_format;
use super::super::package::Frugal;
use super::super::workbook::on_own_thread;
use super::{EXPORT_AGAIN, Format, SAVE_AS, UNPACK};
use crate::connectors::isavigne::folder::Source;

/// Bytes of a workbook's stream searched for an encryption record, which comes right after the first records.
const MOST_RECORDS: u64 = 64 * 1024;

const PROTECTED: Format = Format::Unread(
    "ce classeur est protégé par un mot de passe",
    "Ouvrez-le dans Excel, retirez le mot de passe et enregistrez-le de nouveau",
);

/// The format of a zip package. One that cannot be opened is left to the workbook reader, which reports it as
/// damaged.
pub(super) fn zip(file: &Source) -> Format {
    let found = on_own_thread(|| look_into_zip(file).ok());
    found.ok().flatten().unwrap_or(Format::Xlsx)
}

/// The format of an OLE container.
pub(super) fn ole(file: &Source) -> Format {
    let found = on_own_thread(|| look_into_ole(file).ok());
    found.ok().flatten().unwrap_or(Format::Xls)
}

fn look_into_zip(file: &Source) -> ZipResult<Format> {
    let mut package = ZipArchive::new(Frugal::on(file)?)?;
    let names: Vec<String> = package
        .file_names()
        .flatten()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    let has = |part: &str| names.iter().any(|name| name == part);
    let is_in = |folder: &str| names.iter().any(|name| name.starts_with(folder));
    if has("mimetype") {
        let mut kind = String::new();
        package
            .by_name("mimetype")?
            .take(200)
            .read_to_string(&mut kind)?;
        if kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
            return Ok(Format::Unread(
                "c'est un classeur LibreOffice (OpenDocument, .ods)",
                "Ouvrez-le dans LibreOffice ou Excel et enregistrez-le en .xlsx ou en CSV",
            ));
        }
        if kind.starts_with("application/vnd.oasis.opendocument") {
            return Ok(Format::Unread(
                "c'est un document LibreOffice (OpenDocument), pas un classeur",
                EXPORT_AGAIN,
            ));
        }
    }
    Ok(if names.iter().any(|name| name.ends_with("workbook.bin")) {
        Format::Unread("c'est un classeur Excel binaire (.xlsb)", SAVE_AS)
    } else if is_in("word/") {
        Format::Unread("c'est un document Word, pas un classeur", EXPORT_AGAIN)
    } else if is_in("ppt/") {
        Format::Unread(
            "c'est une présentation PowerPoint, pas un classeur",
            EXPORT_AGAIN,
        )
    } else if has("[content_types].xml") || has("_rels/.rels") || has("xl/workbook.xml") {
        Format::Xlsx
    } else if names.iter().any(|name| name.starts_with("index/")) {
        Format::Unread(
            "c'est un document Apple (Numbers), pas un classeur Excel",
            "Exportez-le depuis Numbers en CSV ou en .xlsx",
        )
    } else {
        Format::Unread("c'est une archive zip", UNPACK)
    })
}

fn look_into_ole(file: &Source) -> io::Result<Format> {
    let mut container = CompoundFile::open(Frugal::on(file)?)?;
    if container.is_stream("/EncryptedPackage") || container.is_stream("/EncryptionInfo") {
        return Ok(PROTECTED);
    }
    let book = ["/Workbook", "/Book"]
        .into_iter()
        .find(|name| container.is_stream(name));
    if let Some(name) = book {
        let mut records = Vec::new();
        let stream = container.open_stream(name)?;
        stream.take(MOST_RECORDS).read_to_end(&mut records)?;
        return Ok(if old_format::is_encrypted(&records) {
            PROTECTED
        } else {
            Format::Xls
        });
    }
    Ok(if container.is_stream("/WordDocument") {
        Format::Unread("c'est un document Word, pas un classeur", EXPORT_AGAIN)
    } else {
        Format::Unread(
            "c'est un document Office qui n'est pas un classeur",
            EXPORT_AGAIN,
        )
    })
}
