//! `query` reads, and nothing else, for a limited time.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::{Estate, Outcome, assert_says};

fn synced() -> Estate {
    let estate = Estate::of("plain");
    estate.sync();
    estate
}

fn query(estate: &Estate, sql: &str, args: &[&str]) -> Outcome {
    estate.crmreco(&[&["query", sql], args].concat())
}

const ENDLESS: &str =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

#[test]
fn rows_come_as_a_table_as_csv_or_as_an_array() {
    let estate = synced();
    let sql = "SELECT customer_key AS 'clé', 1.5 AS prix, 3 AS n, NULL AS vide FROM customers ORDER BY 1 LIMIT 2";
    let table = query(&estate, sql, &[]).exits(0);
    assert_says(&table.stdout, &["clé", "isavigne-C1", "1,5", "—"]);
    let csv = query(&estate, sql, &["--format", "csv"]).exits(0);
    assert_eq!(
        csv.stdout,
        "clé,prix,n,vide\nisavigne-C1,1.5,3,\nisavigne-C2,1.5,3,\n"
    );
    let expected = json!([
        {"clé": "isavigne-C1", "prix": 1.5, "n": 3, "vide": null},
        {"clé": "isavigne-C2", "prix": 1.5, "n": 3, "vide": null},
    ]);
    for args in [
        &["--format", "json"][..],
        &["--json"],
        &["--format", "csv", "--json"],
    ] {
        assert_eq!(query(&estate, sql, args).exits(0).json(), expected);
    }
    let none = "SELECT 1 AS a FROM customers WHERE 0";
    assert_eq!(query(&estate, none, &["--json"]).exits(0).json(), json!([]));
    assert_eq!(
        query(&estate, none, &["--format", "csv"]).exits(0).stdout,
        "a\n"
    );
    let twice = query(&estate, "SELECT 1 AS a, 2 AS a, x'00ff' AS b", &["--json"]).exits(0);
    assert_eq!(twice.json(), json!([{"a": 1, "a_2": 2, "b": "x'00ff'"}]));
}

#[test]
fn whatever_would_write_is_refused_and_nothing_changes() {
    let estate = synced();
    let beside = estate.root().join("x.db").display().to_string();
    let before = (estate.dump(), fs::read(estate.database()).unwrap());
    for sql in [
        "DELETE FROM customers",
        "delete from customers returning *",
        "UPDATE customers SET city = 'x'",
        "INSERT INTO runs DEFAULT VALUES",
        "WITH a AS (SELECT 1) DELETE FROM customers RETURNING 1",
        "REPLACE INTO segmented VALUES ('a', 'b')",
        "DROP TABLE customers",
        "ALTER TABLE customers ADD COLUMN x",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE VIRTUAL TABLE x USING fts5(a)",
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END",
        &format!("ATTACH '{beside}' AS x"),
        &format!("VACUUM INTO '{beside}'"),
        "DETACH main",
        "VACUUM",
        "ANALYZE",
        "REINDEX",
        "BEGIN EXCLUSIVE",
        "COMMIT",
        "SAVEPOINT a",
        "PRAGMA user_version = 1",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA journal_mode",
        "PRAGMA writable_schema = 1",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA query_only = 0",
        "PRAGMA optimize",
        "PRAGMA temp_store_directory = '/tmp'",
        "SELECT load_extension('/tmp/x')",
        "EXPLAIN DELETE FROM customers",
        "SELECT 1; DELETE FROM customers",
    ] {
        query(&estate, sql, &[])
            .exits(1)
            .says(&["ne fait pas que lire : rien n'a été changé", "→"]);
        let json = query(&estate, sql, &["--json"]).exits(1).json();
        assert_eq!(json["success"], false, "{sql}");
    }
    assert!(before == (estate.dump(), fs::read(estate.database()).unwrap()));
    assert!(!estate.root().join("x.db").exists());
}

#[test]
fn an_error_of_sql_is_1_and_says_where() {
    let estate = synced();
    for (sql, words) in [
        ("SELEC 1", &["au signe 1", "syntax error"][..]),
        (
            "SELECT é, foo FROM customers",
            &["no such column", "pragma_table_info"],
        ),
        ("SELECT 1 FROM nulle_part", &["no such table: nulle_part"]),
        ("SELECT 1; SELECT 2", &["Une seule requête à la fois"]),
        ("SELECT ?1", &["a des paramètres"]),
        ("SELECT zeroblob(1000000000)", &["plus de 16 Mio"]),
        ("SELECT printf('%.*c', 100000000, 'x')", &["plus de 16 Mio"]),
        ("/* rien */", &["ne demande aucune colonne"]),
        ("SELECT abs(-9223372036854775808)", &["integer overflow"]),
    ] {
        for format in ["table", "csv", "json"] {
            query(&estate, sql, &["--format", format])
                .exits(1)
                .says(words);
        }
        let outcome = query(&estate, sql, &["--json"]).exits(1);
        assert_says(outcome.json()["message"].as_str().unwrap(), words);
    }
}

#[test]
fn a_command_line_without_a_query_is_2() {
    let estate = synced();
    for args in [
        &["query"][..],
        &["query", ""],
        &["query", "  "],
        &["query", "SELECT 1", "--format", "xml"],
        &["query", "SELECT 1", "--timeout", "0"],
        &["query", "SELECT 1", "--timeout", "bientôt"],
    ] {
        estate.crmreco(args).exits(2);
    }
}

#[test]
fn a_query_ends_after_its_time() {
    let estate = synced();
    let begun = Instant::now();
    for args in [&["--timeout", "1"][..], &["--timeout", "1", "--json"]] {
        query(&estate, ENDLESS, args)
            .exits(1)
            .says(&["arrêtée après 1 s", "plus de temps"]);
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
    // Rows that come one by one are stopped too.
    let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
    let outcome = query(&estate, rows, &["--timeout", "1", "--json"]).exits(1);
    assert_eq!(outcome.json()["success"], false);
}

#[test]
fn a_table_shows_the_first_thousand_rows() {
    let estate = synced();
    let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
    let outcome = query(&estate, rows, &[]).exits(0);
    assert_eq!(outcome.stdout.lines().count(), 1002);
    assert_says(
        &outcome.stderr,
        &["premières lignes ; toutes", "--format csv"],
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_query() {
    use std::process::{Command, Stdio};
    let estate = synced();
    let mut command = estate.command(&["query", ENDLESS, "--timeout", "600"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let outcome = Outcome::from(child.wait_with_output().unwrap()).exits(130);
    assert_says(&outcome.stderr, &["Requête interrompue"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::io::Read;
    use std::process::Stdio;
    let estate = synced();
    let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 200000) SELECT x FROM c";
    for format in ["csv", "json"] {
        let mut command = estate.command(&["query", rows, "--format", format]);
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

#[test]
fn a_missing_home_reads_as_empty_tables_and_is_not_created() {
    let estate = Estate::bare();
    fs::remove_dir(estate.home()).unwrap();
    let outcome = query(&estate, "SELECT count(*) AS n FROM customers", &["--json"]).exits(0);
    assert_eq!(outcome.json(), json!([{"n": 0}]));
    query(&estate, "DELETE FROM customers", &[])
        .exits(1)
        .says(&["rien n'a été changé"]);
    assert!(!estate.home().exists());
}

#[test]
fn a_query_runs_while_another_process_writes() {
    let estate = synced();
    let db = rusqlite::Connection::open(estate.database()).unwrap();
    db.execute_batch("BEGIN EXCLUSIVE; DELETE FROM customers")
        .unwrap();
    let count = "SELECT count(*) AS n FROM customers";
    let outcome = query(&estate, count, &["--json"]).exits(0);
    assert_eq!(outcome.json(), json!([{"n": 3}]));
    drop(db);
}

#[test]
fn functions_and_the_schema_can_be_read() {
    let estate = synced();
    for sql in [
        "SELECT name FROM pragma_table_info('customers')",
        "SELECT name FROM pragma_table_list",
        "PRAGMA table_info(customers)",
        "PRAGMA user_version",
        "SELECT name FROM sqlite_schema",
        "EXPLAIN QUERY PLAN SELECT * FROM customers",
        "VALUES (1), (2)",
        "SELECT strftime('%Y', date_sale), sum(price_total_eur) OVER (ORDER BY date_sale) FROM sales_lines",
        "SELECT json_extract('{\"a\":1}', '$.a'), upper('é'), group_concat(city) FROM customers",
    ] {
        query(&estate, sql, &[]).exits(0);
    }
}
