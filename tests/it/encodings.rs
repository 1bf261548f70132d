//! Every encoding gives the same text; undecodable bytes are reported with their place.

use crate::common::{Estate, assert_says, counts, the_message};

const TEXT: &str = "code_client;nom;ville;adresse\nC1;Œuvrard;Saint-Émilion;3 rue à 5 €\nC2;Müller;Besançon;4 rue Haute\n";

fn windows_1252(text: &str) -> Vec<u8> {
    let byte = |c| match c {
        '€' => 0x80,
        'Œ' => 0x8c,
        'œ' => 0x9c,
        c => u8::try_from(u32::from(c)).unwrap(),
    };
    text.chars().map(byte).collect()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(bytes)
        .collect()
}

#[track_caller]
fn assert_read(estate: &Estate) {
    estate.sync();
    let rows = estate.sql("SELECT last_name, city, address FROM customers ORDER BY customer_key");
    assert_eq!(
        rows,
        [
            "Œuvrard|Saint-Émilion|3 rue à 5 €",
            "Müller|Besançon|4 rue Haute"
        ]
    );
}

#[test]
fn auto_finds_the_encoding() {
    let cases = [
        ("utf-8", TEXT.as_bytes().to_vec()),
        ("utf-8 with a mark", format!("\u{feff}{TEXT}").into_bytes()),
        ("windows-1252", windows_1252(TEXT)),
        ("utf-16 little-endian", utf_16(TEXT, u16::to_le_bytes)),
        ("utf-16 big-endian", utf_16(TEXT, u16::to_be_bytes)),
    ];
    for (label, bytes) in cases {
        println!("{label}");
        let estate = Estate::empty();
        estate.export("clients.csv", bytes);
        assert_read(&estate);
    }
}

#[test]
fn each_configured_encoding_reads_its_files() {
    let windows = windows_1252(TEXT);
    let utf_16 = utf_16(TEXT, u16::to_le_bytes);
    let cases = [
        ("utf-8", TEXT.as_bytes()),
        ("auto", TEXT.as_bytes()),
        // As browsers do: the euro and the œ exist there.
        ("latin-1", &windows),
        ("iso-8859-1", &windows),
        ("windows-1252", &windows),
        ("Windows-1252", &windows),
        ("utf-16", &utf_16),
    ];
    for (label, bytes) in cases {
        println!("{label}");
        let estate = Estate::empty().setting("ENCODING", label);
        estate.export("clients.csv", bytes);
        assert_read(&estate);
    }
}

#[test]
fn rows_that_a_configured_encoding_garbles_are_rejected() {
    let estate = Estate::empty().setting("ENCODING", "windows-1252");
    estate.export(
        "clients.csv",
        "code_client;nom;ville\nC1;Müller;Colmar\nC2;Martin;Nice\n",
    );
    let answer = estate.sync();
    let message = the_message(&answer, "warnings", "clients.csv");
    assert_says(&message, &["ligne 2", "nom", "décodé deux fois"]);
    assert_eq!(
        estate.sql("SELECT customer_key, last_name FROM customers"),
        ["isavigne-C2|Martin"]
    );
}

#[test]
fn an_invalid_byte_under_a_configured_utf_8_fails_with_line_column_and_the_encoding_that_works() {
    let estate = Estate::of("plain").setting("ENCODING", "utf-8");
    estate.export(
        "clients.csv",
        windows_1252("code_client;nom;ville\nC1;Dupont;Nice\nC2;Martin;Besançon\n"),
    );
    let answer = estate.sync_with(&[], 1);
    let message = the_message(&answer, "errors", "clients.csv");
    assert_says(&message, &["ligne 3", "colonne", "windows-1252"]);
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 0);
    assert_eq!(
        counts(&answer, "PRODUCTS").inserted,
        2,
        "the other files are loaded"
    );
}

#[test]
fn text_decoded_twice_rejects_its_row_and_names_the_cell() {
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        "code_client;nom;ville\nC1;Dupont;Nice\nC2;MÃ¼ller;BesanÃ§on\n",
    );
    let answer = estate.sync();
    let message = the_message(&answer, "warnings", "clients.csv");
    assert_says(&message, &["nom", "ligne 3", "décodé deux fois"]);
    assert_eq!(estate.rejects(), ["3|nom|MÃ¼ller"]);
    assert_eq!(
        estate.sql("SELECT customer_key FROM customers"),
        ["isavigne-C1"],
        "nothing garbled is kept"
    );
}

#[test]
fn an_unknown_encoding_is_a_configuration_error() {
    let estate = Estate::of("plain").setting("ENCODING", "ebcdic");
    estate
        .crmreco(&["sync", "cave", "--json"])
        .exits(3)
        .says(&["ebcdic", "windows-1252"]);
}

#[test]
fn a_file_cut_within_a_character_waits_instead_of_changing_its_encoding() {
    let estate = Estate::empty();
    let whole = "code_client;nom\nC1;Hélène\nC2;Élodé\n".as_bytes();
    let cut = whole.len() - 2;
    estate.export("clients.csv", &whole[..cut]);
    let answer = estate.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").read, 0, "{answer:#}");
    estate.export("clients.csv", whole);
    estate.sync();
    assert_eq!(
        estate.sql("SELECT last_name FROM customers ORDER BY 1"),
        ["Hélène", "Élodé"]
    );
}

#[test]
fn an_accent_may_end_a_windows_1252_file() {
    let estate = Estate::empty();
    estate.export("clients.csv", b"code_client;nom\nC1;Ren\xe9");
    estate.sync();
    assert_eq!(estate.sql("SELECT last_name FROM customers"), ["René"]);
}
