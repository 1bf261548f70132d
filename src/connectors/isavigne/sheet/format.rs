//! Detects the format of a file by its first bytes, independent of its name.

mod container;
mod text;

use std::path::Path;

use crate::connectors::isavigne::folder::Source;
use crate::error::{Error, Result};

/// Number of first bytes that are examined.
pub(in super::super) const HEAD: usize = 4096;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Format {
    /// Text, delimited or not.
    Text,
    /// A workbook of Excel 2007 and later.
    Xlsx,
    /// A workbook of Excel 97 to 2003, and of Excel 5.
    Xls,
    /// An unsupported format: its name, and what to do, in French.
    Unread(&'static str, &'static str),
}

/// The advice for most files that are not tables.
const SAVE_AS: &str = "Ouvrez-le dans Excel et enregistrez-le en CSV ou en .xlsx";
const EXPORT_AGAIN: &str = "Refaites l'export en CSV ou en .xlsx, ou retirez ce fichier du dossier";
const UNPACK: &str = "Décompressez-la et déposez le fichier qu'elle contient";

/// First bytes of binary formats, and their names.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"\x1f\x8b", "c'est une archive compressée (gzip)", UNPACK),
    (b"BZh", "c'est une archive compressée (bzip2)", UNPACK),
    (b"\xfd7zXZ", "c'est une archive compressée (xz)", UNPACK),
    (
        b"\x28\xb5\x2f\xfd",
        "c'est une archive compressée (zstd)",
        UNPACK,
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        "c'est une archive compressée (7z)",
        UNPACK,
    ),
    (b"Rar!\x1a", "c'est une archive compressée (rar)", UNPACK),
    (b"%PDF-", "c'est un document PDF", EXPORT_AGAIN),
    (
        b"{\\rtf",
        "c'est un document RTF (traitement de texte)",
        EXPORT_AGAIN,
    ),
    (b"\x89PNG", "c'est une image PNG", EXPORT_AGAIN),
    (b"\xff\xd8\xff", "c'est une image JPEG", EXPORT_AGAIN),
    (b"GIF8", "c'est une image GIF", EXPORT_AGAIN),
    (
        b"SQLite format 3\0",
        "c'est une base de données SQLite",
        EXPORT_AGAIN,
    ),
    (
        b"\0\x01\0\0Standard ",
        "c'est une base de données Access",
        EXPORT_AGAIN,
    ),
    (b"PAR1", "c'est un fichier Parquet", EXPORT_AGAIN),
    (b"ID;PWXL", "c'est un classeur SYLK (.slk)", SAVE_AS),
    (
        b"\x09\x00\x04\x00",
        "c'est un classeur Excel d'avant 1993",
        SAVE_AS,
    ),
    (
        b"\x09\x02\x06\x00",
        "c'est un classeur Excel d'avant 1993",
        SAVE_AS,
    ),
    (
        b"\x09\x04\x06\x00",
        "c'est un classeur Excel d'avant 1993",
        SAVE_AS,
    ),
];

const UTF_32: Format = Format::Unread(
    "le texte est encodé en UTF-32, que crmreco ne lit pas",
    "Refaites l'export en UTF-8",
);

const BINARY: Format = Format::Unread(
    "ce n'est ni un texte ni un classeur, c'est un fichier binaire",
    EXPORT_AGAIN,
);

/// The format of `file`, whose first bytes are `head`. The position in the file is unspecified afterwards.
pub(in super::super) fn of(head: &[u8], file: &Source) -> Format {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return container::zip(file);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return container::ole(file);
    }
    let known = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic));
    match known {
        Some((_, what, advice)) => Format::Unread(what, advice),
        None => text::of(head),
    }
}

impl Format {
    /// Whether it is a supported workbook.
    pub(in super::super) fn is_workbook(self) -> bool {
        matches!(self, Self::Xlsx | Self::Xls)
    }

    /// The file extension of this format.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Xls => "xls",
            _ => "xlsx",
        }
    }

    /// Fails for an unsupported format, with its name.
    pub(super) fn check(self, path: &Path) -> Result<()> {
        let Self::Unread(what, advice) = self else {
            return Ok(());
        };
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        // The extension agrees with the format.
        let is_true = what.to_lowercase().contains(&ending.to_lowercase());
        let despite = match ending.to_ascii_lowercase().as_str() {
            "csv" | "txt" | "xls" | "xlsx" if what.starts_with("c'est") && !is_true => {
                format!(", malgré son nom en .{ending}")
            }
            _ => String::new(),
        };
        Err(Error::data(format!("{what}{despite}")).hint(advice))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn found(bytes: &[u8]) -> Format {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        of(bytes.get(..HEAD.min(bytes.len())).unwrap(), &file.into())
    }

    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in parts {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(*name, options).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn container(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut container = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        for (name, content) in streams {
            let mut stream = container.create_stream(name).unwrap();
            stream.write_all(content).unwrap();
        }
        container.flush().unwrap();
        container.into_inner().into_inner()
    }

    #[track_caller]
    fn assert_unread(bytes: &[u8], words: &[&str]) {
        let format = found(bytes);
        let Err(error) = format.check(Path::new("clients.csv")) else {
            panic!("{format:?}");
        };
        let text = error.full_text();
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    }

    #[test]
    fn workbooks_are_known_by_what_they_hold() {
        let xlsx = package(&[("[Content_Types].xml", ""), ("xl/workbook.xml", "")]);
        assert_eq!(found(&xlsx), Format::Xlsx);
        assert_eq!(found(b"PK\x03\x04 and no workbook"), Format::Xlsx);
        let begin = [0x09, 0x08, 2, 0, 0, 6];
        assert_eq!(found(&container(&[("/Workbook", &begin)])), Format::Xls);
        assert_eq!(found(&container(&[("/Book", &begin)])), Format::Xls);
    }

    #[test]
    fn what_is_no_table_is_named() {
        assert_unread(
            &package(&[("clients.csv", "a;b")]),
            &["archive zip", "Décompressez"],
        );
        assert_unread(&package(&[]), &["archive zip"]);
        let ods = package(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", ""),
        ]);
        assert_unread(&ods, &["LibreOffice", ".ods", ".xlsx"]);
        let odt = package(&[("mimetype", "application/vnd.oasis.opendocument.text")]);
        assert_unread(&odt, &["OpenDocument"]);
        let xlsb = package(&[("[Content_Types].xml", ""), ("xl/workbook.bin", "")]);
        assert_unread(&xlsb, &[".xlsb"]);
        let docx = package(&[("[Content_Types].xml", ""), ("word/document.xml", "")]);
        assert_unread(&docx, &["Word"]);
        assert_unread(&package(&[("Index/Document.iwa", "")]), &["Numbers"]);
        assert_unread(
            &container(&[("/EncryptedPackage", b"x")]),
            &["mot de passe"],
        );
        let locked = [0x09, 0x08, 2, 0, 0, 6, 0x2F, 0, 2, 0, 1, 0];
        assert_unread(&container(&[("/Workbook", &locked)]), &["mot de passe"]);
        assert_unread(&container(&[("/WordDocument", b"x")]), &["Word"]);
        assert_unread(b"\x1f\x8b\x08\0\0", &["gzip", "Décompressez"]);
        assert_unread(b"%PDF-1.7\n", &["PDF", "malgré son nom en .csv"]);
        assert_unread(b"{\\rtf1\\ansi", &["RTF"]);
        assert_unread(b"\xff\xfe\0\0a\0\0\0", &["UTF-32"]);
        assert_unread(b"a\0\0\0;\0\0\0b\0\0\0", &["UTF-32"]);
        assert_unread(b"\x01\x02\x03\x04\x05\x06\x07\x08code", &["binaire"]);
    }

    #[test]
    fn pages_and_documents_of_text_are_named() {
        for page in [
            "<html><body>",
            "  \r\n<!DOCTYPE html>\n<html>",
            "\u{FEFF}<HTML>",
            "<!-- saved --><html>",
            "<table><tr><td>code</td></tr></table>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\"><html>",
        ] {
            assert_unread(page.as_bytes(), &["page web", "HTML"]);
        }
        let utf16 = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16();
            units.flat_map(u16::to_le_bytes).collect()
        };
        assert_unread(&utf16("\u{FEFF}<html>"), &["HTML"]);
        let spreadsheet = "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>\n<Workbook \
            xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
        assert_unread(spreadsheet.as_bytes(), &["XML", "Excel 2003"]);
        assert_unread(
            b"<?xml version=\"1.0\"?><export><client/></export>",
            &["XML"],
        );
        assert_unread(b"<export>\n <client>C1</client>\n</export>", &["XML"]);
        for document in [
            "[{\"code\":1}]",
            "{\n \"clients\": []}",
            " [\n  []]",
            "[]",
            "{}",
        ] {
            assert_unread(document.as_bytes(), &["JSON"]);
        }
    }

    #[test]
    fn tables_are_text_whatever_they_begin_with() {
        for table in [
            "",
            "code;nom\n",
            "ID;Prenom;Nom\n",
            "\"code\";\"nom\"",
            "[Clients]\ncode;nom\n",
            "{code};nom",
            "<code>;<nom>\nC1;Durand\n",
            "code;nom\nC1;<b>Durand</b>\n",
            "sep=;\n",
            "<b>Clients</b>\ncode;nom\n",
            "\u{FEFF}code;nom\n",
            "a;b\n1;2\n\0\0\0\0\0\0\0\0\0\0\0\0\u{1A}\u{1A}",
            "a;b\n\u{1};2\nC1;Durand;3 rue Haute\n",
        ] {
            assert_eq!(found(table.as_bytes()), Format::Text, "{table}");
        }
        let units: Vec<u8> = "code;nom\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(found(&units), Format::Text);
        assert_eq!(found(b"C1;Ren\xe9"), Format::Text);
    }
}
