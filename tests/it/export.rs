//! `export`: a table as it is in the database, in each form, to a file that is there whole or not at all.

use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::process::Stdio;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;

use crate::common::{Estate, Outcome, SQL_TABLES, assert_says};
use crate::ordered::Shape;

/// Customers with all that a spreadsheet takes for something else.
fn hostile() -> Estate {
    let estate = Estate::of("plain");
    estate.export(
        "clients.csv",
        "code_client;nom;adresse;telephone\nC1;\"=HYPERLINK(\"\"http://x\"\")\";\"1, rue \"\"du\"\" Lac; bât. B\";03 88 00 00 01\nC2;@SUM(A1);'=1+1;\nC3;Lefèvre;-2;\n",
    );
    estate.sync();
    estate
}

fn synced() -> Estate {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    estate.crmreco(&["sync", "--all"]).exits(0);
    estate
}

/// A file that `export` wrote, read as CSV.
fn records(text: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).delimiter(delimiter);
    let records = reader.from_reader(text.as_bytes()).into_records();
    records
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// The rows of a table as `export` must write them, without the header.
fn rows(estate: &Estate, table: &str) -> Vec<Vec<String>> {
    let columns = columns(estate, table);
    let cells: Vec<String> = columns
        .iter()
        .map(|name| format!("coalesce(CAST({name} AS TEXT), '')"))
        .collect();
    let all = cells.join(" || '\u{1}' || ");
    let rows = estate.sql(&format!("SELECT {all} FROM {table} ORDER BY 1"));
    rows.iter()
        .map(|row| row.split('\u{1}').map(str::to_owned).collect())
        .collect()
}

fn columns(estate: &Estate, table: &str) -> Vec<String> {
    estate.sql(&format!("SELECT name FROM pragma_table_info('{table}')"))
}

#[test]
fn every_table_is_exported_as_it_is_in_the_database() {
    let estate = synced();
    for table in SQL_TABLES {
        let outcome = estate.crmreco(&["export", table]).exits(0);
        assert_eq!(outcome.stderr, "");
        let mut exported = records(&outcome.stdout, b',');
        assert_eq!(exported.remove(0), columns(&estate, table), "{table}");
        assert!(!exported.is_empty(), "{table}");
        let mut expected = rows(&estate, table);
        expected.sort();
        exported.sort();
        assert_eq!(exported, expected, "{table}");
    }
}

#[test]
fn tables_have_the_names_of_reports_and_of_the_database() {
    let estate = synced();
    let products = estate
        .crmreco(&["export", "product_catalog"])
        .exits(0)
        .stdout;
    for name in ["products", "PRODUCTS", "Product_Catalog"] {
        assert_eq!(
            estate.crmreco(&["export", name]).exits(0).stdout,
            products,
            "{name}"
        );
    }
    estate
        .crmreco(&["export", "vins"])
        .exits(2)
        .says(&["stock_levels"]);
    estate.crmreco(&["export", "runs"]).exits(2);
}

#[test]
fn one_connector_is_exported_alone_also_one_that_was_removed() {
    let estate = synced();
    let count = |estate: &Estate, name: &str| {
        let outcome = estate
            .crmreco(&["export", "sales_lines", "--connector", name])
            .exits(0);
        let records = records(&outcome.stdout, b',');
        assert!(records[1..].iter().all(|record| record[0] == name));
        records.len() - 1
    };
    assert_eq!(count(&estate, "cave"), 5);
    estate.crmreco(&["remove", "chai", "--yes"]).exits(0);
    assert_eq!(count(&estate, "chai"), 5);
    let unknown = ["export", "sales_lines", "--connector", "cavee"];
    estate
        .crmreco(&unknown)
        .exits(3)
        .says(&["« cavee »", "Vouliez-vous dire « cave » ?"]);
    estate.connector("neuf", &estate.exports());
    assert_eq!(count(&estate, "neuf"), 0);
}

#[test]
fn csv_keeps_every_text_and_excel_runs_none() {
    let estate = hostile();
    let plain = estate.crmreco(&["export", "customers"]).exits(0).stdout;
    let plain = records(&plain, b',');
    let at = |name: &str| plain[0].iter().position(|column| column == name).unwrap();
    let (name, address, phone) = (at("last_name"), at("address"), at("phone"));
    assert_eq!(plain[1][name], "=HYPERLINK(\"http://x\")");
    assert_eq!(plain[1][address], "1, rue \"du\" Lac; bât. B");
    assert_eq!(plain[1][phone], "+33388000001");

    let excel = estate
        .crmreco(&["export", "customers", "--excel"])
        .exits(0)
        .stdout;
    let excel = excel.strip_prefix('\u{feff}').expect("a byte-order mark");
    assert!(excel.lines().all(|line| !line.is_empty()) && excel.contains("\r\n"));
    let excel = records(excel, b';');
    assert_eq!(excel[0], plain[0]);
    let names: Vec<&String> = excel[1..].iter().map(|record| &record[name]).collect();
    assert_eq!(names, ["'=HYPERLINK(\"http://x\")", "'@SUM(A1)", "Lefèvre"]);
    let addresses: Vec<&String> = excel[1..].iter().map(|record| &record[address]).collect();
    assert_eq!(addresses, ["1, rue \"du\" Lac; bât. B", "'=1+1", "'-2"]);
    assert_eq!(excel[1][phone], "'+33388000001");
}

#[test]
fn numbers_have_a_point_in_csv_and_a_comma_in_excel() {
    let estate = Estate::of("plain");
    estate.sync();
    let price = |args: &[&str], delimiter| {
        let text = estate
            .crmreco(&[&["export", "sales_lines"], args].concat())
            .exits(0)
            .stdout;
        let records = records(text.trim_start_matches('\u{feff}'), delimiter);
        let at = |name: &str| records[0].iter().position(|one| one == name).unwrap();
        let (price, quantity) = (at("price_unit_eur"), at("quantity_units"));
        let prices = records[1..].iter().map(|one| one[price].clone());
        (prices.collect::<Vec<_>>(), records[1][quantity].clone())
    };
    let (points, whole) = price(&[], b',');
    let (commas, whole_in_excel) = price(&["--excel"], b';');
    assert!(points.contains(&"16.5".to_owned()), "{points:?}");
    assert!(whole.ends_with(".0") && !whole_in_excel.contains(','));
    let comma: Vec<String> = points
        .iter()
        .map(|one| one.trim_end_matches(".0").replace('.', ","))
        .collect();
    assert_eq!(commas, comma);
    let returned = estate.sql("SELECT count(*) FROM sales_lines WHERE quantity_units < 0");
    assert!(returned != ["0"] || !commas.iter().any(|one| one.starts_with('\'')));
}

#[test]
fn json_lines_keep_types() {
    let estate = hostile();
    let text = estate
        .crmreco(&["export", "customers", "--format", "jsonl"])
        .exits(0)
        .stdout;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["last_name"], "@SUM(A1)");
    assert_eq!(lines[1]["phone"], Value::Null);
    assert_eq!(lines[1]["active"], 1);
    assert!(lines[1]["total_spent_eur"].is_f64());
    let keys = columns(&estate, "customers");
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Shape::of(text.lines().next().unwrap()).starts_with(&keys);
}

#[test]
fn a_workbook_has_the_same_cells_and_no_formula() {
    let estate = hostile();
    let file = estate.root().join("clients.xlsx");
    let path = file.to_str().unwrap();
    estate
        .crmreco(&["export", "customers", "-o", path])
        .exits(0)
        .says(&["✓ Clients : 3 lignes écrites dans", path]);
    let mut book: Xlsx<_> = open_workbook(&file).unwrap();
    assert_eq!(book.sheet_names(), ["customers"]);
    let range = book.worksheet_range("customers").unwrap();
    let formulas = book.worksheet_formula("customers").unwrap();
    assert!(formulas.used_cells().next().is_none());
    let found: Vec<Vec<Data>> = range.rows().map(<[Data]>::to_vec).collect();
    let columns = columns(&estate, "customers");
    let header: Vec<String> = found[0].iter().map(ToString::to_string).collect();
    assert_eq!(header, columns);
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
    assert_eq!(
        found[1][at("last_name")],
        Data::String("=HYPERLINK(\"http://x\")".into())
    );
    assert_eq!(found[1][at("active")], Data::Float(1.0));
    assert_eq!(found[2][at("phone")], Data::Empty);
    let hashes = estate.sql("SELECT row_hash FROM customers ORDER BY customer_key");
    let exact = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        other => other.to_string(),
    };
    assert_eq!(exact(&found[1][at("row_hash")]), hashes[0]);
}

#[test]
fn the_name_of_the_file_says_the_form_unless_a_flag_does() {
    let estate = hostile();
    for (name, args, begin) in [
        ("a.csv", &[][..], "source,"),
        ("a.jsonl", &[], "{\"source\""),
        ("a.XLSX", &[], "PK"),
        ("a.txt", &[], "source,"),
        ("a", &["--excel"], "\u{feff}source;"),
        ("b.xlsx", &["--format", "csv"], "source,"),
    ] {
        let path = estate.root().join(name);
        let output = ["export", "customers", "-o", path.to_str().unwrap()];
        estate.crmreco(&[&output, args].concat()).exits(0);
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.starts_with(begin.as_bytes()), "{name}");
    }
}

#[test]
fn json_is_about_a_file() {
    let estate = synced();
    let path = estate.root().join("ventes.csv");
    let path = path.to_str().unwrap();
    let args = [
        "export",
        "sales_lines",
        "--connector",
        "cave",
        "-o",
        path,
        "--json",
    ];
    let outcome = estate.crmreco(&args).exits(0);
    Shape::of(&outcome.stdout).starts_with(&[
        "success",
        "message",
        "table",
        "connector_name",
        "format",
        "file",
        "rows",
    ]);
    let answer = outcome.json();
    assert_eq!(answer["rows"], 5);
    assert_eq!(answer["table"], "SALES_LINES");
    assert_eq!(answer["connector_name"], "cave");
    assert_eq!(answer["file"], path);
    for args in [
        &["export", "customers", "--json"][..],
        &["export", "customers", "--json", "-o", "-"],
    ] {
        estate.crmreco(args).exits(2).says(&["give -o FILE"]);
    }
    let excel = ["export", "customers", "--excel", "--format", "jsonl"];
    estate
        .crmreco(&excel)
        .exits(2)
        .says(&["--excel is for csv"]);
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owner_s_alone_and_there_whole_or_not_at_all() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let estate = synced();
    let folder = estate.root().join("sorties");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("clients.csv");
    fs::write(&file, "old").unwrap();
    let link = folder.join("lien.csv");
    symlink("clients.csv", &link).unwrap();
    estate
        .crmreco(&["export", "customers", "-o", link.to_str().unwrap()])
        .exits(0);
    assert!(link.is_symlink());
    let link = estate.root().join("later");
    symlink("later.csv", &link).unwrap();
    estate
        .crmreco(&["export", "customers", "-o", "later"])
        .exits(0);
    assert!(link.is_symlink() && estate.root().join("later.csv").is_file());
    assert!(fs::read_to_string(&file).unwrap().starts_with("source,"));
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);

    for (path, words) in [
        (folder.display().to_string(), "c'est un dossier"),
        ("/nulle/part.csv".to_owned(), "introuvable"),
        ("/dev/full".to_owned(), "disque plein"),
    ] {
        for format in ["csv", "jsonl", "xlsx"] {
            let args = ["export", "sales_lines", "--format", format, "-o", &path];
            estate
                .crmreco(&args)
                .exits(1)
                .says(&[&path, words, "→ Vérifiez"]);
            let json = estate
                .crmreco(&[&args[..], &["--json"]].concat())
                .exits(1)
                .json();
            assert_eq!(json["success"], false);
        }
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let estate = many();
    let file = estate.root().join("ventes.csv");
    fs::write(&file, "old").unwrap();
    for format in ["csv", "jsonl", "xlsx"] {
        let command = "ulimit -f 200; exec \"$0\" \"$@\"";
        let piped = estate.command(&[
            "export",
            "sales_lines",
            "--format",
            format,
            "-o",
            file.to_str().unwrap(),
        ]);
        let mut limited = std::process::Command::new("sh");
        limited
            .args(["-c", command])
            .arg(piped.get_program())
            .args(piped.get_args());
        limited.env_clear().envs(
            piped
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let outcome = Outcome::of(limited.current_dir(estate.root())).exits(1);
        assert_says(&outcome.stderr, &["Impossible d'écrire"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), "old", "{format}");
        let left = fs::read_dir(estate.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = left
            .filter(|name| name.to_string_lossy().contains(".tmp"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Sales enough to fill a pipe.
fn many() -> Estate {
    let estate = Estate::empty();
    let mut text =
        "num_ligne;num_piece;code_client;produit_key;date;quantite;montant_ttc\n".to_owned();
    for row in 0..5_000 {
        writeln!(text, "V{row:08};FA{row};C1;R;27/12/2024;2;25,00").unwrap();
    }
    estate.export("ventes.csv", text);
    estate.sync();
    estate
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let estate = many();
    for format in ["csv", "jsonl", "xlsx"] {
        let mut command = estate.command(&["export", "sales_lines", "--format", format]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (Some(0), ""),
            "{format}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_no_file() {
    use std::process::Command;
    let estate = many();
    let file = estate.root().join("ventes.csv");
    let mut command = estate.command(&["export", "sales_lines", "-o", file.to_str().unwrap()]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let code = child.wait().unwrap().code();
    let done = fs::read_to_string(&file).is_ok_and(|text| text.lines().count() == 5_001);
    assert!(
        code == Some(0) && done || code != Some(0) && !file.exists(),
        "{code:?}"
    );
    let left = fs::read_dir(estate.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    // A signal before it is listened to kills the program before it writes.
    assert!(
        !left
            .into_iter()
            .any(|name| name.to_string_lossy().contains(".tmp"))
    );
}

#[test]
fn an_empty_or_missing_home_exports_a_header_and_is_not_created() {
    let estate = Estate::bare();
    fs::remove_dir(estate.home()).unwrap();
    let outcome = estate.crmreco(&["export", "customers"]).exits(0);
    assert!(outcome.stdout.starts_with("source,customer_key,"));
    assert_eq!(outcome.stdout.lines().count(), 1);
    let jsonl = estate
        .crmreco(&["export", "customers", "--format", "jsonl"])
        .exits(0);
    assert_eq!(jsonl.text(), "");
    assert!(!estate.home().exists());
}

#[test]
fn a_file_that_is_no_database_is_said() {
    let estate = Estate::empty();
    fs::write(estate.database(), b"nonsense".repeat(1000)).unwrap();
    for args in [
        &["export", "customers"][..],
        &["query", "SELECT 1 FROM customers"],
    ] {
        estate
            .crmreco(args)
            .exits(1)
            .says(&["crmreco.db est abîmée"]);
    }
}
