//! From rows of whole files to records.

use std::io::Write;

use jiff::civil::date;

use super::*;
use crate::canonical::rows::{Column, ColumnSet, Record, Rows, Value};
use crate::canonical::{Cursor, Decimal, Reject, customer, product, sale};
use crate::connectors::RejectLimit;
use crate::connectors::isavigne::columns::Overrides;
use crate::connectors::isavigne::file_reading::row::Refusal;
use crate::connectors::isavigne::file_reading::{FileEvidence, open};
use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::settings::{EncodingChoice, SalesFiles, SalesKey};
use crate::connectors::isavigne::sheet::Line;
use crate::connectors::isavigne::survey;
use crate::error::{Error, Result};

/// Result of a reading.
#[derive(Default)]
struct Outcome {
    table: Option<Table>,
    rows: Rows,
    absent: Vec<ColumnSet>,
    rejected: Vec<String>,
    remarks: Vec<String>,
    left_aside: u32,
    readings: u32,
}

impl Outcome {
    /// The cells of row `at` called `names`, as text.
    fn row(&self, at: usize, names: &[&str]) -> Vec<String> {
        let table = self.table.unwrap();
        let row = self.rows.iter().nth(at).expect("a row");
        let values: Vec<_> = row.values().collect();
        names
            .iter()
            .map(|name| {
                let place = table.columns().iter().position(|column| column == name);
                match values[place.unwrap()] {
                    Value::Null => "-".to_owned(),
                    Value::Integer(value) => value.to_string(),
                    Value::Decimal(value) => value.to_string(),
                    Value::Text(value) => value.to_owned(),
                }
            })
            .collect()
    }

    /// Whether the source of row `at` does not have `column`.
    fn is_absent(&self, at: usize, column: Column) -> bool {
        self.absent[at].contains(column)
    }

    fn said(&self) -> String {
        [self.rejected.join("\n"), self.remarks.join("\n")].join("\n")
    }
}

impl Sink for Outcome {
    fn begin_unit(&mut self, _: &str, _: u64) -> Result<()> {
        Ok(())
    }
    fn row(&mut self, position: u64, record: &dyn Record) -> Result<()> {
        self.table = Some(record.table());
        self.absent.push(record.absent());
        self.rows.push("file", position, record);
        Ok(())
    }
    fn reject(&mut self, _: Reject, _: Option<&str>) -> Result<()> {
        Ok(())
    }
    fn remove_all(&mut self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    fn covers(&mut self, _: Date, _: Date) -> Result<()> {
        Ok(())
    }

    fn remember(&mut self, _: Cursor) -> Result<()> {
        Ok(())
    }

    fn forget(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn fail(&mut self, _: Error) {}
    fn left_aside(&mut self, _: Option<(&str, &str)>) -> Result<()> {
        self.left_aside += 1;
        Ok(())
    }
    fn present(&mut self, _: Vec<String>) -> Result<()> {
        Ok(())
    }
    fn missing(&mut self, _: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn keeps_old_rows(&mut self) -> Result<bool> {
        Ok(false)
    }
    fn advance(&mut self, _: u64) -> Result<()> {
        Ok(())
    }
    fn keep_unit(&mut self, _: Cursor) -> Result<()> {
        Ok(())
    }
    fn discard_unit(&mut self) -> Result<()> {
        Ok(())
    }
    fn warn(&mut self, _: String) {}
}

fn defaults() -> Isavigne {
    Isavigne {
        folder: std::path::PathBuf::new(),
        pattern: glob::Pattern::new("*.csv").unwrap(),
        encoding: EncodingChoice::Auto,
        delimiter: None,
        header_line: None,
        decimal_mark: None,
        date_form: None,
        sheet: None,
        sales_key: SalesKey::Auto,
        sales_files: SalesFiles::Increment,
        fiscal_year_start: (1, 1),
        case_size: 12,
        reject_limit: RejectLimit::Rows(0),
        max_file_size: u64::MAX,
        stop: crate::stop::Stop::default(),
        overrides: Overrides::default(),
    }
}

fn read(table: Table, text: &str) -> Outcome {
    read_with(&defaults(), table, text)
}

/// Reads `text` as a file of `table`, again if a doubt requires it.
fn read_with(config: &Isavigne, table: Table, text: &str) -> Outcome {
    let mut content = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    content.write_all(text.as_bytes()).unwrap();
    let file = ExportFile::of_table(content.path(), table);
    let survey = survey::of(&file, config).unwrap();
    let evidence = FileEvidence::of_file(&file, &survey, table, config);
    let mut readings = 0;
    loop {
        readings += 1;
        assert!(readings < 5, "a file is read again for each doubt once");
        if let Some(mut outcome) = read_once(config, &file, &survey, &evidence) {
            outcome.readings = readings;
            return outcome;
        }
    }
}

fn read_once(
    config: &Isavigne,
    file: &ExportFile,
    survey: &survey::Survey,
    evidence: &FileEvidence<'_>,
) -> Option<Outcome> {
    let table = *file.tables.first().unwrap();
    let mut opened = open(file, survey, table, config).unwrap();
    let catalog = Catalog::default();
    let context = Context {
        catalog: &catalog,
        config,
        documents: file.documents,
        invoices: &Invoices::new(false, || false),
        file: &file.name,
        today: date(2026, 1, 15),
    };
    let mut reader = reader(&opened.columns, context);
    let mut outcome = Outcome::default();
    let mut remarks = Remarks::on_lines();
    let mut line = Line::default();
    while opened.sheet.read(&mut line).unwrap() {
        let cells = Cells {
            line: &line,
            columns: &opened.columns,
            evidence,
            last_day: date(2026, 1, 16),
        };
        match reader.read(line.number, &cells, &mut remarks, &mut outcome) {
            Ok(()) => {}
            Err(refusal) => match *refusal {
                Refusal::Again => return None,
                Refusal::Row(fault) => outcome.rejected.push(format!("{fault:?}")),
                Refusal::Stop(error) => panic!("{error}"),
            },
        }
    }
    outcome.remarks = remarks.sentences().collect();
    Some(outcome)
}

const SALE: &str = "num_piece;code_client;produit_key;date;quantite";

/// One sale of six on 1 October 2025 with additional `columns`.
fn sale(columns: &str, cells: &str) -> Outcome {
    let text = format!("{SALE};{columns}\nF1;C1;P1;01/10/2025;6;{cells}\n");
    read(Table::SalesLines, &text)
}

/// Unit price, total and total before tax.
fn prices(outcome: &Outcome) -> Vec<String> {
    let columns = [
        "price_unit_eur",
        "price_total_eur",
        "price_total_excl_tax_eur",
    ];
    outcome.row(0, &columns)
}

#[test]
fn a_price_before_tax_is_never_a_total_with_tax() {
    let cases = [
        // Header and cells; unit price, total, total before tax.
        ("pu_ht;taux_tva", "10,00;20", ["12", "72", "60"]),
        ("pu_ht;tva", "10,00;20 %", ["12", "72", "60"]),
        ("pu_ht;tva", "10,00;0,2", ["12", "72", "60"]),
        ("montant_ht;tva", "54,00;10,80", ["10.8", "64.8", "54"]),
        (
            "montant_ht;montant_tva",
            "54,00;10,80",
            ["10.8", "64.8", "54"],
        ),
        ("prix_unitaire;montant_ht", "10,00;60,00", ["-", "-", "60"]),
        (
            "pu_ht;remise;montant_ht",
            "10,00;10%;54,00",
            ["-", "-", "54"],
        ),
        ("pu_ht;montant", "9,00;54,00", ["-", "-", "54"]),
        (
            "prix_unitaire;montant_ht;montant_ttc",
            "9,00;54,00;64,80",
            ["10.8", "64.8", "54"],
        ),
        (
            "prix_unitaire;montant_ht;montant_ttc",
            "10,80;54,00;64,80",
            ["10.8", "64.8", "54"],
        ),
        (
            "prix_unitaire;montant_ht",
            "10,80;54,00",
            ["10.8", "64.8", "54"],
        ),
        (
            "prix_unitaire;tva;montant_ttc",
            "9,00;20;64,80",
            ["10.8", "64.8", "54"],
        ),
        (
            "prix_unitaire;montant_ttc",
            "10,00;60,00",
            ["10", "60", "-"],
        ),
    ];
    for (columns, cells, expected) in cases {
        assert_eq!(prices(&sale(columns, cells)), expected, "{columns} {cells}");
    }
    assert!(sale("pu_ht", "10,00").said().contains("hors taxe (HT)"));
}

#[test]
fn the_rows_together_show_whether_a_price_is_before_tax() {
    let text = format!(
        "{SALE};prix_unitaire;montant_ht\n\
         F1;C1;P1;01/10/2025;6;10,00;60,00\n\
         F2;C1;P1;01/10/2025;6;10,00;60,00\n\
         F3;C1;P1;01/10/2025;6;10,00;55,00\n"
    );
    let outcome = read(Table::SalesLines, &text);
    assert_eq!(outcome.row(2, &["price_total_eur"]), ["-"]);
}

#[test]
fn a_discount_is_taken_off_or_the_given_total_wins() {
    let cases = [
        ("prix_unitaire;remise", "10,00;10 %", "54"),
        ("prix_unitaire;remise", "10,00;6 €", "54"),
        ("prix_unitaire;montant_remise", "10,00;6,00", "54"),
        ("prix_unitaire;taux_remise", "10,00;10", "54"),
        ("prix_unitaire;remise;net_ttc", "10,00;10;54,00", "54"),
        ("prix_unitaire;remise", "10,00;0", "60"),
    ];
    for (columns, cells, total) in cases {
        let outcome = sale(columns, cells);
        assert_eq!(
            outcome.row(0, &["price_total_eur"]),
            [total],
            "{columns} {cells}"
        );
        assert_eq!(outcome.remarks.len(), 0, "{:?}", outcome.remarks);
    }
    let unclear = sale("prix_unitaire;remise", "10,00;10");
    assert!(unclear.rows.is_empty() && unclear.said().contains("remise"));
}

#[test]
fn returns_are_negative_however_they_are_written() {
    for (quantity, total) in [("6", "60,00"), ("-6", "-60,00"), ("6", "-60,00")] {
        let text = format!(
            "type_piece;{SALE};montant_ttc\nAvoir;A1;C1;P1;01/10/2025;{quantity};{total}\n"
        );
        let outcome = read(Table::SalesLines, &text);
        let row = outcome.row(0, &["quantity_units", "price_unit_eur", "price_total_eur"]);
        assert_eq!(row, ["-6", "10", "-60"], "{quantity} {total}");
        let was_told = outcome.said().contains("avoirs") || outcome.said().contains("avoir ");
        assert_eq!(was_told, quantity == "6");
    }
}

#[test]
fn what_was_not_sold_is_left_aside_and_told() {
    let text = format!(
        "type_piece;statut;{SALE}\n\
         Devis;;D1;C1;P1;01/10/2025;6\n\
         Facture;Brouillon;F1;C1;P1;;6\n\
         Facture;Annulée;F2;C1;P1;01/10/2025;6\n\
         Facture;Payée;F3;C1;P1;01/10/2025;6\n"
    );
    let outcome = read(Table::SalesLines, &text);
    assert_eq!((outcome.rows.len(), outcome.left_aside), (1, 3));
    for word in ["devis", "brouillon", "annulée"] {
        assert!(outcome.said().contains(word), "{word}");
    }
}

#[test]
fn a_dash_is_no_type() {
    let text =
        format!("type_piece;{SALE}\n-;F1;C1;P1;01/10/2025;6\nFacture;F2;C1;P1;01/10/2025;6\n");
    let outcome = read(Table::SalesLines, &text);
    assert_eq!(outcome.row(0, &["order_ref"]), ["F1"]);
    assert_eq!(outcome.row(1, &["order_ref"]), ["Facture-F2"]);
}

#[test]
fn orders_count_until_an_invoice_shows() {
    let orders =
        format!("type_piece;{SALE}\nCommande;C1;C1;P1;01/10/2025;6\nBL;B1;C1;P1;01/10/2025;6\n");
    let outcome = read(Table::SalesLines, &orders);
    assert_eq!((outcome.rows.len(), outcome.readings), (2, 1));
    let outcome = read(
        Table::SalesLines,
        &format!("{orders}Facture;F1;C1;P1;02/10/2025;6\n"),
    );
    assert_eq!(
        (outcome.rows.len(), outcome.readings, outcome.left_aside),
        (1, 2, 2)
    );
}

#[test]
fn other_currencies_are_refused() {
    for euro in ["EUR", "€", "Euros", ""] {
        assert_eq!(
            sale("montant_ttc;devise", &format!("60;{euro}")).rows.len(),
            1,
            "{euro}"
        );
    }
    let foreign = sale("montant_ttc;devise", "60;CHF");
    assert!(foreign.rows.is_empty() && foreign.said().contains("devise"));
}

#[test]
fn a_proof_of_another_order_makes_like_dates_doubtful() {
    let mut text = format!("{SALE}\n");
    for day in ["03/04/2025", "04/04/2025", "27/05/2025", "12/27/2025"] {
        text = format!("{text}F1;C1;P1;{day};6\n");
    }
    let outcome = read(Table::SalesLines, &text);
    assert_eq!(outcome.readings, 2);
    let days: Vec<_> = (0..outcome.rows.len())
        .map(|at| outcome.row(at, &["date_sale"]).concat())
        .collect();
    assert_eq!(days, ["2025-04-04", "2025-05-27"]);
    assert_eq!(outcome.said().matches("DATE_FORM").count(), 2);
}

#[test]
fn years_of_two_digits_that_come_first_are_not_read_as_days() {
    let text = format!("{SALE}\nF1;C1;P1;25-01-05;6\nF2;C1;P1;25-03-28;6\n");
    let outcome = read(Table::SalesLines, &text);
    assert!(outcome.rows.is_empty(), "{}", outcome.said());
    // A year mistyped once among days proves nothing: the 30th is not a year.
    let text = format!("{SALE}\nF1;C1;P1;05-01-25;6\nF2;C1;P1;30-03-25;6\nF3;C1;P1;05-01-27;6\n");
    let outcome = read(Table::SalesLines, &text);
    assert_eq!((outcome.rows.len(), outcome.rejected.len()), (2, 1));
}

#[test]
fn three_decimals_throughout_take_the_mark_of_other_columns() {
    let outcome = sale("prix_unitaire;montant_ttc", "10,50;63,00");
    assert_eq!(outcome.row(0, &["quantity_units"]), ["6"]);
    let text = format!("{SALE};montant_ttc\nF1;C1;P1;01/10/2025;6,000;63,00\n");
    let outcome = read(Table::SalesLines, &text);
    assert_eq!(outcome.row(0, &["quantity_units"]), ["6"]);
    let stock = "code_produit;quantite\nP1;6,000\nP2;12,000\n";
    let outcome = read(Table::StockLevels, stock);
    assert!(outcome.rows.is_empty() && outcome.said().contains("DECIMAL_MARK"));
    let comma = Isavigne {
        decimal_mark: Some(crate::connectors::isavigne::cells::DecimalMark::Comma),
        ..defaults()
    };
    let outcome = read_with(&comma, Table::StockLevels, stock);
    assert_eq!(outcome.row(1, &["quantity_units"]), ["12"]);
}

#[test]
fn codes_a_spreadsheet_spoiled_are_mended_or_refused() {
    let text = "code_client;nom\n42.0;A\n3,76E+12;B\nC\"1;C\n";
    let outcome = read(Table::Customers, text);
    assert_eq!(outcome.row(0, &["customer_key"]), ["isavigne-42"]);
    assert_eq!((outcome.rows.len(), outcome.rejected.len()), (1, 2));
    let text = "code_article;designation;ean\nP1;A;3,76012E+12\nP2;B;3760120000017.0\n";
    let outcome = read(Table::Products, text);
    assert_eq!(outcome.row(0, &["barcode"]), ["-"]);
    assert_eq!(outcome.row(1, &["barcode"]), ["3760120000017"]);
    assert!(outcome.said().contains("scientifique"));
}

#[test]
fn french_postal_codes_get_their_lost_zero_back() {
    let zips = |text: &str| {
        let outcome = read(
            Table::Customers,
            &format!("code_client;nom;cp;pays\n{text}"),
        );
        let rows = 0..outcome.rows.len();
        rows.map(|at| outcome.row(at, &["zip_code"]).concat())
            .collect::<Vec<_>>()
    };
    let lost = "C1;A;1000;France\nC2;B;67000;\nC3;C;1000;Belgique\n";
    assert_eq!(zips(lost), ["01000", "67000", "1000"]);
    // One leading zero is there: none was removed.
    assert_eq!(zips("C1;A;1000;\nC2;B;06000;\n"), ["1000", "06000"]);
}

#[test]
fn consent_is_read_by_its_sense() {
    let opt_outs = |header: &str, rows: &str| {
        let outcome = read(
            Table::Customers,
            &format!("code_client;nom;{header}\n{rows}"),
        );
        let rows = 0..outcome.rows.len();
        rows.map(|at| outcome.row(at, &["email_opt_out"]).concat())
            .collect::<String>()
    };
    assert_eq!(
        opt_outs("Accepte les e-mails", "C1;A;non\nC2;B;oui\n"),
        "10"
    );
    assert_eq!(opt_outs("desinscrit", "C1;A;oui\nC2;B;\n"), "10");
    // With a written no, an empty cell means not asked; without any, it means no.
    assert_eq!(opt_outs("newsletter", "C1;A;non\nC2;B;\nC3;C;oui\n"), "100");
    assert_eq!(opt_outs("newsletter", "C1;A;x\nC2;B;\n"), "01");
    assert_eq!(
        opt_outs("newsletter", "C1;A;accord\nC2;B;refus\nC3;C;\n"),
        "010"
    );
    // The no may be in any of several columns.
    assert_eq!(opt_outs("newsletter;optin", "C1;A;oui;non\nC2;B;;\n"), "10");
    // The refusal wins.
    assert_eq!(
        opt_outs("optin;desinscrit", "C1;A;1;oui\nC2;B;0;non\nC3;C;1;non\n"),
        "110"
    );
}

#[test]
fn an_absent_column_says_nothing() {
    let outcome = read(
        Table::Customers,
        "code_client;nom\nC1;Dupont\nC2;Jean DUPONT\n",
    );
    for column in [
        customer::COLUMN.first_name,
        customer::COLUMN.company_name,
        customer::COLUMN.country,
        customer::COLUMN.active,
        customer::COLUMN.email_opt_out,
    ] {
        assert!(outcome.is_absent(0, column), "{column:?}");
    }
    assert!(!outcome.is_absent(0, customer::COLUMN.last_name));
    assert!(
        !outcome.is_absent(1, customer::COLUMN.first_name),
        "the name told one"
    );
    let outcome = read(
        Table::Products,
        "code_article;designation;tarif\nP1;Magnum rouge 2020;32\n",
    );
    for column in [
        product::COLUMN.category,
        product::COLUMN.vintage,
        product::COLUMN.format_cl,
        product::COLUMN.active,
        product::COLUMN.cost_price_eur,
    ] {
        assert!(outcome.is_absent(0, column), "{column:?}");
    }
    for column in [
        product::COLUMN.name,
        product::COLUMN.list_price_eur,
        product::COLUMN.price_segment,
    ] {
        assert!(!outcome.is_absent(0, column), "{column:?}");
    }
    let outcome = sale("pu_ht", "10,00");
    for column in [
        sale::COLUMN.unit,
        sale::COLUMN.quantity_bottles_75cl_eq,
        sale::COLUMN.price_total_eur,
        sale::COLUMN.channel,
    ] {
        assert!(outcome.is_absent(0, column), "{column:?}");
    }
    assert!(!outcome.is_absent(0, sale::COLUMN.price_total_excl_tax_eur));
}

#[test]
fn lots_and_places_are_parts_of_the_key_of_a_stock() {
    let text = "code_produit;depot;lot;quantite\nP1;Chai;L1;100\nP1;Chai;L2;50\nP@1;;;3\n";
    let outcome = read(Table::StockLevels, text);
    let keys: Vec<_> = (0..3)
        .map(|at| outcome.row(at, &["stock_key"]).concat())
        .collect();
    assert_eq!(
        keys,
        [
            "isavigne-P1@Chai#L1",
            "isavigne-P1@Chai#L2",
            r"isavigne-P\@1"
        ]
    );
}

#[test]
fn the_first_filled_of_several_addresses_wins() {
    let text = "code_client;nom;email;mail\nC1;A;;z@exemple.fr\nC2;B;a@exemple.fr;b@exemple.fr\n";
    let outcome = read(Table::Customers, text);
    assert_eq!(outcome.row(0, &["email"]), ["z@exemple.fr"]);
    assert_eq!(outcome.row(1, &["email"]), ["a@exemple.fr"]);
    assert!(outcome.said().contains("b@exemple.fr"));
}

#[test]
fn litres_become_centilitres() {
    let text = "code;nom;contenance en litres\nP1;A;1,5\nP2;B;0,75\nP3;C;75 cl\n";
    let outcome = read(Table::Products, text);
    let formats: Vec<_> = (0..3)
        .map(|at| outcome.row(at, &["format_cl"]).concat())
        .collect();
    assert_eq!(formats, ["150", "75", "75"]);
    assert_eq!(Decimal::HUNDRED.to_string(), "100");
}
