use std::io::Write;

use super::*;

fn surveyed(bytes: &[u8], choice: EncodingChoice) -> Result<Survey> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    survey(&mut file.into(), choice)
}

fn auto(bytes: &[u8]) -> Survey {
    surveyed(bytes, EncodingChoice::Auto).unwrap()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

const TEXT: &str = "code_client;nom;ville\r\nC1;Bénéteau;Sélestat\r\nC2;Forêt;Nîmes\r\n";

#[test]
fn auto_finds_each_encoding() {
    let (windows, ..) = encoding_rs::WINDOWS_1252.encode(TEXT);
    let (macintosh, ..) = encoding_rs::MACINTOSH.encode(TEXT);
    let marked = format!("\u{FEFF}{TEXT}");
    for (bytes, encoding) in [
        (TEXT.as_bytes().to_vec(), TextEncoding::Utf8),
        (b"code;nom\nC1;Durand\n".to_vec(), TextEncoding::Utf8),
        (marked.as_bytes().to_vec(), TextEncoding::Utf8),
        (windows.into_owned(), TextEncoding::Windows1252),
        (macintosh.into_owned(), TextEncoding::Macintosh),
        (utf16(TEXT, u16::to_le_bytes), TextEncoding::Utf16Le),
        (utf16(TEXT, u16::to_be_bytes), TextEncoding::Utf16Be),
        (utf16(&marked, u16::to_le_bytes), TextEncoding::Utf16Le),
        (utf16(&marked, u16::to_be_bytes), TextEncoding::Utf16Be),
        (b"nom\nB\x82n\x82teau\n".to_vec(), TextEncoding::Cp850),
        (b"nom\nC\xbdur\n".to_vec(), TextEncoding::Iso8859_15),
    ] {
        let survey = auto(&bytes);
        assert_eq!(survey.encoding, encoding);
        assert!(survey.ends_with_line_end && !survey.ends_within_character);
        assert_eq!(survey.text_size, bytes.len() as u64);
        let is_usual = matches!(
            encoding,
            TextEncoding::Utf8
                | TextEncoding::Windows1252
                | TextEncoding::Utf16Le
                | TextEncoding::Utf16Be
        );
        assert_eq!(survey.remark().is_none(), is_usual, "{:?}", survey.remark());
    }
}

#[test]
fn a_few_bytes_that_are_not_utf_8_reject_their_rows_alone() {
    let survey = auto(b"nom\nB\xc3\xa9n\xc3\xa9teau\nM\xfcller\n");
    assert_eq!(survey.encoding, TextEncoding::Utf8);
    assert_eq!(survey.refuses("Bénéteau"), None);
    let reason = survey.refuses("M\u{FFFD}ller").unwrap();
    assert!(
        reason.contains("UTF-8") && reason.contains("réglage ENCODING"),
        "{reason}"
    );
    assert!(survey.remark().unwrap().contains("utf-8"));
}

#[test]
fn lost_accents_of_a_valid_file_are_no_bad_bytes() {
    let survey = auto("nom\nB\u{FFFD}n\n".as_bytes());
    assert_eq!(survey.refuses("B\u{FFFD}n"), None);
}

#[test]
fn rows_in_utf_8_of_another_encoding_are_rejected() {
    let survey = auto(b"nom\nRen\xe9;H\xe9l\xe8ne;No\xebl\nB\xc3\xa9n\n");
    assert_eq!(survey.encoding, TextEncoding::Windows1252);
    assert_eq!(survey.refuses("René;Hélène;Noël"), None);
    assert!(survey.refuses("BÃ©n").unwrap().contains("windows-1252"));
}

#[test]
fn a_doubt_between_two_encodings_names_both() {
    let survey = auto(b"notes\nPrix \x85 revoir\n");
    let remark = survey.remark().unwrap();
    assert!(
        remark.contains("cp850") && remark.contains("windows-1252"),
        "{remark}"
    );
    let letter = if survey.encoding == TextEncoding::Cp850 {
        "à"
    } else {
        "…"
    };
    assert!(survey.refuses(&format!("Prix {letter} revoir")).is_some());
    assert_eq!(survey.refuses("Prix a revoir"), None);
}

#[test]
fn a_configured_encoding_fails_at_a_byte_it_does_not_have() {
    use EncodingChoice::{Cp850, Iso8859_15, Macintosh, Utf8, Utf16, Windows1252};
    let half = [&utf16("a;b\nc", u16::to_le_bytes)[..], b"\x00\xD8d\0\n\0"].concat();
    for (bytes, choice, words) in [
        (
            &b"nom\nRen\xe9;a\n"[..],
            Utf8,
            &["ligne 2", "colonne 4", "ENCODING=windows-1252"][..],
        ),
        (
            b"nom\nB\x82n\x82teau\n",
            Utf8,
            &["ligne 2", "colonne 2", "ENCODING=cp850"],
        ),
        (
            b"nom\nB\xc3\xa9n\xc3\xa9\nM\xfcller\n",
            Utf8,
            &["ligne 3", "colonne 2", "auto"],
        ),
        (
            b"nom\r\nF\x90t\x82\r\n",
            Windows1252,
            &["90", "ligne 2", "colonne 2", "ENCODING=cp850"],
        ),
        (
            "nom\nÉtienne".as_bytes(),
            Iso8859_15,
            &["89", "ligne 2", "colonne 2", "ENCODING=utf-8"],
        ),
        (
            b"nom\rl\x92Isle\r",
            Iso8859_15,
            &["92", "ligne 2", "ENCODING=windows-1252"],
        ),
        (
            TEXT.as_bytes(),
            Cp850,
            &["B├®n├®teau", "Bénéteau", "ENCODING=utf-8"],
        ),
        (
            b"nom\nB\x82n\x82teau\n",
            Windows1252,
            &["B‚n‚teau", "Bénéteau", "ENCODING=cp850"],
        ),
        (
            b"nom\nB\xe9nard\n",
            Macintosh,
            &["BÈnard", "Bénard", "ENCODING=windows-1252"],
        ),
        (b"nom\nDurand\n", Utf16, &["UTF-16", "auto"]),
        (&half, Utf16, &["ligne 2", "colonne 2", "UTF-16"]),
        (
            &utf16("nom\n", u16::to_le_bytes),
            Windows1252,
            &["colonne 2", "ENCODING=utf-16"],
        ),
    ] {
        let Err(error) = surveyed(bytes, choice) else {
            panic!("{bytes:?} is read");
        };
        let text = error.full_text();
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
}

#[test]
fn a_configured_encoding_reads_what_it_has() {
    for (bytes, choice, encoding) in [
        (&b"\x82"[..], EncodingChoice::Cp850, TextEncoding::Cp850),
        (b"\x8e", EncodingChoice::Macintosh, TextEncoding::Macintosh),
        (
            b"v\xbdux;\xa4",
            EncodingChoice::Iso8859_15,
            TextEncoding::Iso8859_15,
        ),
        (
            b"\xe9",
            EncodingChoice::Windows1252,
            TextEncoding::Windows1252,
        ),
        (b"abc", EncodingChoice::Cp850, TextEncoding::Cp850),
        (
            b"\xff\xfea\0",
            EncodingChoice::Windows1252,
            TextEncoding::Utf16Le,
        ),
        (b"\xef\xbb\xbfa", EncodingChoice::Utf16, TextEncoding::Utf8),
        (b"a\0;\0", EncodingChoice::Utf16, TextEncoding::Utf16Le),
        (b"\0a\0;", EncodingChoice::Utf16, TextEncoding::Utf16Be),
        (b"", EncodingChoice::Utf16, TextEncoding::Utf16Le),
    ] {
        assert_eq!(
            surveyed(bytes, choice).unwrap().encoding,
            encoding,
            "{bytes:?}"
        );
    }
}

#[test]
fn few_letters_that_two_encodings_read_as_words_are_a_doubt_with_both_readings() {
    for (bytes, one, other, is_refused) in [
        (&b"nom\nP\xd4RE\n"[..], "PÔRE", "PÈRE", true),
        (b"nom\nO\x97\n", "O—", "Où", true),
        (b"nom\nWei\xe1\n", "Weiá", "Weiß", true),
        (b"nom\nPe\x96a;x\n", "Peûa", "Pe–a", true),
        (b"nom\nM. H\xd4TEL\nC\xd4TE\n", "HÔTEL", "HÈTEL", true),
        (b"nom\nC\x9cur\n", "Cœur", "Cúur", false),
        (b"nom\nFor\x88t\n", "Forêt", "Foràt", false),
    ] {
        let survey = auto(bytes);
        let warning = survey.warning().unwrap_or_default();
        for word in [one, other, "réglage ENCODING"] {
            assert!(warning.contains(word), "{word}: {warning}");
        }
        assert_eq!(survey.refuses(one).is_some(), is_refused, "{one}");
    }
    for bytes in [
        &b"nom\nRen\xe9\n"[..],
        b"nom\nS\xe9lestat;C\xd4TE\n",
        b"nom\nB\x82n\x82teau;P\xd4RE\n",
        b"nom\nC\xbdur\n",
        b"nom\nl\x92Isle\n",
    ] {
        assert_eq!(auto(bytes).warning(), None);
    }
    let survey = surveyed(b"nom\nP\xd4RE\n", EncodingChoice::Cp850).unwrap();
    assert_eq!(
        (survey.encoding, survey.warning()),
        (TextEncoding::Cp850, None)
    );
}

#[test]
fn a_tail_is_no_text() {
    for (tail, encoding) in [
        (&b"\x1a"[..], TextEncoding::Utf8),
        (&[0; 5000], TextEncoding::Utf8),
        (b"\x1a\r\n\0\0\0", TextEncoding::Utf8),
    ] {
        let survey = auto(&[b"a;b\r\n1;2\r\n", tail].concat());
        assert_eq!((survey.text_size, survey.encoding), (10, encoding));
        assert!(survey.ends_with_line_end && survey.format == Format::Text);
    }
    let survey = auto(
        &[
            &utf16("a;b\r\n1;2\r\n", u16::to_le_bytes)[..],
            b"\x1a\0\0\0\0\0",
        ]
        .concat(),
    );
    assert_eq!(
        (survey.text_size, survey.encoding),
        (20, TextEncoding::Utf16Le)
    );
    assert!(survey.ends_with_line_end);
    let survey = auto(b"a;b\n1;2\x1a");
    assert!(!survey.ends_with_line_end);
    let survey = auto(b"a;\x1ab\n");
    assert_eq!(survey.text_size, 5);
}

#[test]
fn a_file_cut_within_a_character_is_known() {
    assert!(auto(b"nom\nH\xc3\xa9l\xc3").ends_within_character);
    assert!(auto(b"n\0o\0m\0\n\0H").ends_within_character);
    let survey = auto(b"nom\nRen\xe9");
    assert!(!survey.ends_within_character);
    assert_eq!(survey.encoding, TextEncoding::Windows1252);
}

#[test]
fn evidence_is_found_far_into_a_file() {
    let mut bytes = b"nom\n".to_vec();
    while bytes.len() < 3 * BLOCK {
        bytes.extend_from_slice(b"Durand;Nice;12,50\n");
    }
    bytes.extend_from_slice(b"B\x82n\x82teau\n");
    assert_eq!(auto(&bytes).encoding, TextEncoding::Cp850);
    let text = surveyed(&bytes, EncodingChoice::Utf8)
        .unwrap_err()
        .full_text();
    let lines = memchr::memchr_iter(b'\n', &bytes).count();
    assert!(
        text.contains(&format!("ligne {lines}, colonne 2")),
        "{text}"
    );
}
