//! A workbook is read as the CSV file that Excel would have saved.

use std::io::Write;

use crate::common::{Estate, counts};

/// Its rows: a date cell, a bare serial number, text that looks like a date, text that is no date.
fn estate() -> Estate {
    Estate::of_bad("excel_workbook").setting("FILE_PATTERN", "*.xlsx")
}

#[test]
fn cells_of_a_workbook_are_read_as_shown() {
    let estate = estate();
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.inserted, sales.rejected), (3, 1));
    let rows = estate.sql(
        "SELECT sale_line_key, customer_key, substr(date_sale, 1, 10), quantity_units, price_total_eur FROM sales_lines ORDER BY 1",
    );
    assert_eq!(
        rows,
        [
            "isavigne-vente|F1|2024|V1|isavigne-00123|2024-12-27|3|36.6",
            "isavigne-vente|F1|2024|V2|isavigne-42|2024-12-27|2|24.4",
            "isavigne-vente|F2|2024|V3|isavigne-00123|2024-12-27|1|12.2",
        ]
    );
}

#[test]
fn a_reject_of_a_workbook_names_its_row() {
    let estate = estate();
    estate.sync();
    assert_eq!(estate.rejects(), ["5|Date|31/02/2024"]);
}

#[test]
fn a_workbook_that_does_not_match_the_pattern_is_not_read() {
    let estate = Estate::of("excel_workbook");
    let answer = estate.crmreco(&["sync", "cave", "--json"]).json();
    assert_eq!(answer["connector_name"], "cave");
    assert_eq!(counts(&answer, "SALES_LINES").read, 0, "{answer:#}");
}

#[test]
fn a_broken_workbook_is_an_error_that_names_it() {
    let estate = estate();
    estate.export("clients.xlsx", b"PK\x03\x04 and no workbook");
    let answer = estate.sync_with(&[], 1);
    crate::common::the_message(&answer, "errors", "clients.xlsx");
    assert_eq!(
        counts(&answer, "SALES_LINES").inserted,
        3,
        "the other file is loaded"
    );
}

#[test]
fn numbers_of_a_workbook_are_certain_and_prove_nothing_about_texts() {
    let estate = Estate::of_bad("excel_numbers").setting("FILE_PATTERN", "*.xlsx");
    let products = counts(&estate.sync(), "PRODUCTS");
    assert_eq!((products.inserted, products.rejected), (2, 2));
    assert_eq!(
        estate.sql("SELECT product_key, list_price_eur, format_cl FROM product_catalog ORDER BY 1"),
        ["1.5|12|NULL", "P1|1.234|37.5"]
    );
    assert_eq!(
        estate.rejects(),
        ["3|prix|1,234", "4|code_produit|#N/A"],
        "a text stays ambiguous beside numbers, an error is no code"
    );
}

#[test]
fn a_stray_cell_in_the_last_corner_is_reported_and_not_allocated() {
    let estate = Estate::of("excel_stray_cell").setting("FILE_PATTERN", "*.xlsx");
    let answer = estate.sync_with(&[], 1);
    let error = crate::common::the_message(&answer, "errors", "produits.xlsx");
    assert!(error.contains("colonne 1000"), "{error}");
}

#[test]
fn a_workbook_of_the_old_format_is_read_too() {
    let estate = Estate::of("excel_old").setting("FILE_PATTERN", "*.xls");
    estate.sync();
    assert_eq!(
        estate.sql("SELECT sale_line_key, customer_key, date_sale, quantity_units, price_total_eur FROM sales_lines ORDER BY 1"),
        [
            "isavigne-vente|#V1|isavigne-00123|2024-12-27|3|36.6",
            "isavigne-vente|#V2|isavigne-42|2024-12-27|2|24.4",
        ]
    );
}

#[test]
fn a_stray_cell_of_the_old_format_is_reported_and_not_allocated() {
    let estate = Estate::of("excel_old_stray_cell").setting("FILE_PATTERN", "*.xls");
    let answer = estate.sync_with(&[], 1);
    let error = crate::common::the_message(&answer, "errors", "ventes.xls");
    assert!(error.contains("loin du tableau"), "{error}");
}

#[test]
fn a_sheet_of_the_old_format_with_a_wrong_size_is_read() {
    let estate = Estate::of("excel_old").setting("FILE_PATTERN", "*.xls");
    let mut file = std::fs::read(estate.exports().join("ventes.xls")).unwrap();
    // `Dimensions`, of fourteen bytes: first row, last row, first column, last column.
    let boasts = [&[0x00, 0x02, 0x0e, 0x00][..], &[0; 4]].concat();
    let at = file.windows(8).position(|record| record == boasts);
    let rows = at.expect("the sheet says how large it is") + 8;
    file[rows..rows + 4].fill(0xff);
    file[rows + 6..rows + 8].fill(0xff);
    estate.export("ventes.xls", file);
    assert_eq!(counts(&estate.sync(), "SALES_LINES").inserted, 2);
}

#[test]
fn a_workbook_with_a_wrong_number_of_texts_is_damaged() {
    for (count, reads) in [("4", true), ("7000000000000", false)] {
        let estate = Estate::empty().setting("FILE_PATTERN", "*.xlsx");
        estate.export("clients.xlsx", with_shared_texts(count));
        if reads {
            assert_eq!(counts(&estate.sync(), "CUSTOMERS").inserted, 1);
        } else {
            let answer = estate.sync_with(&[], 1);
            let error = crate::common::the_message(&answer, "errors", "clients.xlsx");
            assert!(error.contains("abîmé"), "{error}");
        }
    }
}

#[test]
fn a_workbook_without_a_sheet_to_read_is_a_warning_whatever_its_name() {
    for name in ["clients.xlsx", "export.xlsx"] {
        let estate = Estate::of("plain")
            .setting("FILE_PATTERN", "*")
            .setting("SHEET", "Ventes");
        estate.export(name, with_shared_texts("4"));
        let warning = crate::common::the_message(&estate.sync(), "warnings", name);
        assert!(warning.contains("réglage SHEET"), "{warning}");
    }
}

/// One customer, whose cells point to texts of which there are so many.
fn with_shared_texts(count: &str) -> Vec<u8> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relationships = |to: &str, kind_of: &str| {
        format!(
            r#"<Relationships><Relationship Id="r1" Type="{kind}/{kind_of}" Target="{to}"/></Relationships>"#
        )
    };
    let cell = |place: &str, text: u8| format!(r#"<c r="{place}" t="s"><v>{text}</v></c>"#);
    let row = |number: u8, first: u8| {
        let cells = [
            cell(&format!("A{number}"), first),
            cell(&format!("B{number}"), first + 1),
        ];
        format!(r#"<row r="{number}">{}</row>"#, cells.concat())
    };
    let texts =
        ["code_client", "nom", "C1", "Martin"].map(|text| format!("<si><t>{text}</t></si>"));
    let parts = [
        (
            "_rels/.rels",
            relationships("xl/workbook.xml", "officeDocument"),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns:r="{kind}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relationships("worksheets/sheet1.xml", "worksheet"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet><sheetData>{}{}</sheetData></worksheet>",
                row(1, 0),
                row(2, 2)
            ),
        ),
        (
            "xl/sharedStrings.xml",
            format!(r#"<sst uniqueCount="{count}">{}</sst>"#, texts.concat()),
        ),
    ];
    let mut package = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, part) in parts {
        let options = zip::write::SimpleFileOptions::default();
        package.start_file(path, options).unwrap();
        package.write_all(part.as_bytes()).unwrap();
    }
    package.finish().unwrap().into_inner()
}
