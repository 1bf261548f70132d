//! Where things live, and which of two settings wins.

use std::fs;

use crate::common::{Estate, Outcome, TABLES, assert_says, counts};

fn names(outcome: &Outcome) -> Vec<String> {
    outcome.json()["connectors"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn the_home_is_the_flag_then_the_variable() {
    let estate = Estate::of("plain");
    let other = estate.root().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(
        other.join(".env"),
        estate.env_text().replace("__CAVE__", "__CHAI__"),
    )
    .unwrap();

    assert_eq!(
        names(&estate.crmreco(&["list", "--json"]).exits(0)),
        ["cave"]
    );
    let flag = ["--home", other.to_str().unwrap(), "list", "--json"];
    assert_eq!(names(&estate.crmreco(&flag).exits(0)), ["chai"]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_default_home_is_the_data_folder_of_the_platform() {
    let estate = Estate::of("plain");
    let data = estate.root().join(".local/share/crmreco");
    fs::create_dir_all(&data).unwrap();
    fs::rename(estate.env_path(), data.join(".env")).unwrap();
    let outcome = Outcome::of(estate.command(&["sync", "cave"]).env_remove("CRMRECO_HOME"));
    outcome.exits(0);
    assert!(data.join("crmreco.db").exists());
}

#[test]
fn the_process_environment_wins_over_the_file() {
    let estate = Estate::of("plain");
    let other = estate.root().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("clients.csv"), "code_client;nom\nC1;Dupont\n").unwrap();
    let mut command = estate.command(&["sync", "cave", "--json"]);
    command.env("CRMRECO_CONNECTOR__CAVE__EXPORT_PATH", &other);
    let answer = Outcome::of(&mut command).exits(0).json();
    assert_eq!(
        (
            counts(&answer, "CUSTOMERS").read,
            counts(&answer, "PRODUCTS").read
        ),
        (1, 0)
    );

    let mut command = estate.command(&["show", "cave", "--json"]);
    command.env("CRMRECO_CONNECTOR__CAVE__EXPORT_PATH", &other);
    assert_says(
        &Outcome::of(&mut command).exits(0).json()["config"].to_string(),
        &[&other.display().to_string()],
    );
}

#[test]
fn a_relative_path_is_relative_to_the_home() {
    let estate = Estate::bare();
    estate.connector("cave", "../exports".as_ref());
    estate.export("clients.csv", "code_client;nom\nC1;Dupont\n");
    let elsewhere = estate.root().join("a/b/c");
    fs::create_dir_all(&elsewhere).unwrap();
    let outcome = Outcome::of(
        estate
            .command(&["sync", "cave", "--json"])
            .current_dir(&elsewhere),
    )
    .exits(0);
    assert_eq!(counts(&outcome.json(), "CUSTOMERS").inserted, 1);
}

#[test]
fn comments_and_other_variables_of_the_file_are_no_connectors() {
    let estate = Estate::of("plain");
    estate.env_lines("# CRMRECO_CONNECTOR__CHAI__TYPE=isavigne\nOTHER=1\nCRMRECO_LOG=debug");
    assert_eq!(
        names(&estate.crmreco(&["list", "--json"]).exits(0)),
        ["cave"]
    );
}

#[test]
fn the_home_contains_only_settings_database_and_locks() {
    let estate = Estate::of("plain");
    estate.sync();
    let mut names: Vec<_> = fs::read_dir(estate.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| !name.starts_with("crmreco.db"));
    names.sort();
    assert_eq!(names, [".env", "locks"]);
}

#[test]
fn the_exports_are_never_written() {
    let estate = Estate::of("plain");
    let listing = |estate: &Estate| {
        let mut files: Vec<_> = fs::read_dir(estate.exports())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (
                    path.clone(),
                    fs::read(&path).unwrap(),
                    fs::metadata(&path).unwrap().modified().unwrap(),
                )
            })
            .collect();
        files.sort();
        files
    };
    let before = listing(&estate);
    estate.sync();
    assert!(listing(&estate) == before, "the exports changed");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let estate = Estate::of("plain");
    estate.sync();
    rusqlite::Connection::open(estate.database())
        .unwrap()
        .pragma_update(None, "user_version", 9999)
        .unwrap();
    let before = estate.dump();
    let outcome = estate.crmreco(&["sync", "cave", "--full"]);
    assert!(matches!(outcome.code, Some(1 | 3)), "{outcome:?}");
    assert_eq!(estate.dump(), before);
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_unchanged() {
    let estate = Estate::of("plain");
    let nonsense = b"this is not a database ".repeat(100);
    fs::write(estate.database(), &nonsense).unwrap();
    for command in [&["list"][..], &["sync", "cave"]] {
        let outcome = estate.crmreco(command);
        assert!(matches!(outcome.code, Some(1 | 3)), "{outcome:?}");
        assert_says(&outcome.text(), &["crmreco.db"]);
    }
    assert!(
        fs::read(estate.database()).unwrap() == nonsense,
        "the file changed"
    );
}

/// Every version's database, as it left it. A new version adds its own; none is ever changed. Their files are read
/// once more, by the rules of today: keys of sales take another form, and no row comes twice.
#[test]
fn databases_of_every_version_open_and_their_files_are_read_once_more() {
    for version in ["v1", "v2", "v3", "v6"] {
        let estate = Estate::of("plain");
        let frozen = crate::common::fixtures().join(format!("databases/{version}.sql"));
        let sql = fs::read_to_string(frozen).unwrap();
        rusqlite::Connection::open(estate.database())
            .unwrap()
            .execute_batch(&sql)
            .unwrap();
        // Segments follow the calendar; everything else stays as that version wrote it.
        let lasting = "SELECT order_ref, date_sale, customer_key, product_key, quantity_units, price_total_eur, source_ref
                       FROM sales_lines ORDER BY source_ref";
        let sales = estate.sql(lasting);
        let list = estate.crmreco(&["list", "--json"]).exits(0).json();
        assert_eq!(list["connectors"]["cave"]["status"], "healthy", "{version}");
        assert_eq!(list["metrics"]["records_by_table"]["SALES_LINES"], 5);
        // Customers have one more column than in version 3, sales another key: both are written once more.
        let first = match version {
            "v6" => ([0; 5], [0; 5]),
            _ => ([3, 2, 5, 2, 1], [3, 0, 5, 0, 0]),
        };
        for (args, read, rewritten) in [
            (&[][..], first.0, first.1),
            (&[], [0; 5], [0; 5]),
            (&["--full"], [3, 2, 5, 2, 1], [0; 5]),
        ] {
            let answer = estate.sync_with(args, 0);
            assert_eq!(
                TABLES.map(|table| counts(&answer, table).read),
                read,
                "{version} {args:?}"
            );
            for (table, rewritten) in TABLES.into_iter().zip(rewritten) {
                let counts = counts(&answer, table);
                assert_eq!(
                    (counts.inserted, counts.updated, counts.deleted),
                    (0, rewritten, 0),
                    "{version} {table} {args:?}"
                );
            }
        }
        assert_eq!(estate.sql(lasting), sales, "{version}");
        let keys = estate.sql("SELECT sale_line_key FROM sales_lines ORDER BY 1");
        assert_eq!(keys.first().unwrap(), "isavigne-vente|FA1|2024|V00000001");
        assert_eq!(keys.len(), 5, "{version}");
    }
}
