//! Many estates in one database: each is synced and shown alone, and a reader of one sees no row of another.

use super::server::{Server, is_missing, psql, try_psql};
use crate::common::{Estate, Outcome};

/// A database with the estates `dupont` and `martin`, each with the same rows.
fn two() -> (String, Estate, Estate) {
    let url = Server::shared().fresh_database();
    let estate = |name: &str| {
        let estate = Estate::of("plain");
        estate.env_lines(&format!(
            "CRMRECO_DATABASE={url}\nCRMRECO_ESTATE={name}\nCRMRECO_SCHEMA=crmreco"
        ));
        estate.sync_with(&[], 0);
        estate
    };
    let (dupont, martin) = (estate("dupont"), estate("martin"));
    (url, dupont, martin)
}

fn is_skipped() -> bool {
    is_missing() || std::env::var_os("CRMRECO_TEST_DATABASE").is_some()
}

#[test]
fn each_estate_is_alone_and_all_are_listed() {
    if is_skipped() {
        return;
    }
    let (url, dupont, martin) = two();
    let count = |estate: &Estate| {
        let answer = estate.crmreco(&["metrics", "--json"]).exits(0).json();
        answer["records_by_table"].clone()
    };
    let before = count(&martin);
    assert_eq!(count(&dupont), before);
    dupont.crmreco(&["rename", "cave", "chai"]).exits(0);
    dupont
        .crmreco(&["remove", "chai", "--purge", "--yes"])
        .exits(0);
    assert_eq!(count(&martin), before);
    let rows = psql(&url, "SELECT DISTINCT estate FROM crmreco.customers");
    assert_eq!(rows, ["martin"]);
    let answer = dupont.crmreco(&["list", "--all-estates", "--json"]);
    let answer = answer.exits(0).json();
    let estates = answer["estates"].as_array().unwrap();
    assert_eq!(estates.len(), 1, "{answer:#}");
    assert_eq!(estates[0]["estate"], "martin");
    let connector = &estates[0]["connectors"][0];
    assert_eq!(connector["name"], "cave");
    assert_eq!(connector["status"], "healthy");
    martin
        .crmreco(&["list", "--all-estates"])
        .exits(0)
        .says(&["martin", "cave", "Sain"]);
    // A query would show both.
    dupont.connector("cave", &dupont.exports());
    dupont.sync_with(&[], 0);
    martin
        .crmreco(&["query", "SELECT count(*) FROM customers"])
        .exits(3)
        .says(&["plusieurs domaines"]);
    let file = Estate::of("plain");
    file.crmreco(&["list", "--all-estates"])
        .exits(3)
        .says(&["CRMRECO_DATABASE"]);
}

#[test]
fn a_reader_sees_one_estate_whatever_it_sets() {
    if is_skipped() {
        return;
    }
    let (url, dupont, martin) = two();
    let server = Server::shared();
    let database = url.rsplit('/').next().unwrap();
    let role = format!("reader_{database}");
    dupont
        .crmreco(&["database", "grant-reader", &role])
        .exits(3)
        .says(&["Aucun rôle", "CREATE ROLE"]);
    server.admin(&format!("CREATE ROLE {role} LOGIN"));
    dupont
        .crmreco(&["database", "grant-reader", "postgres"])
        .exits(3)
        .says(&["SUPERUSER"]);
    for _ in 0..2 {
        dupont
            .crmreco(&["database", "grant-reader", &role])
            .exits(0)
            .says(&["dupont"]);
    }
    let reader = server.url(&role, database);
    let tables = psql(
        &url,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'estate'
         WHERE n.nspname = 'crmreco' AND c.relkind IN ('r', 'v', 'm', 'p')",
    );
    assert!(tables.len() > 15, "{tables:?}");
    for table in &tables {
        for before in [
            "",
            "SET crmreco.estate = 'martin';",
            "SET ROLE NONE;",
            "SET search_path = crmreco;",
        ] {
            let sql = format!("{before} SELECT DISTINCT estate FROM crmreco.{table}");
            match try_psql(&reader, &sql) {
                Ok(rows) => assert!(rows.iter().all(|row| row != "martin"), "{table}: {rows:?}"),
                Err(refused) => assert!(refused.contains("permission denied"), "{refused}"),
            }
        }
        let off = format!("SET row_security = off; SELECT count(*) FROM crmreco.{table}");
        assert!(try_psql(&reader, &off).is_err(), "{table}");
    }
    let written = "UPDATE crmreco.customers SET city = 'x'";
    assert!(try_psql(&reader, written).is_err());
    assert_eq!(
        psql(&reader, "SELECT count(*) > 0 FROM crmreco.customers"),
        ["t"]
    );
    // The program reads as that role too; what it cannot tidy is passed over.
    let as_reader = |args: &[&str]| {
        let mut command = dupont.command(args);
        Outcome::of(command.env("CRMRECO_DATABASE", &reader))
    };
    as_reader(&["list"]).exits(0).says(&["cave", "Sain"]);
    as_reader(&["logs", "cave"]).exits(0);
    as_reader(&["query", "SELECT count(*) FROM customers"]).exits(0);
    as_reader(&["sync", "cave"]).exits(1).says(&["droit"]);
    // The owner loads as before, and the other estate too.
    martin.sync_with(&["--full"], 0);
    martin
        .crmreco(&["database", "revoke-reader", &role])
        .exits(0);
    assert!(try_psql(&reader, "SELECT 1 FROM crmreco.customers").is_err());
}
