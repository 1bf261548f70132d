//! docs/database.md names every table and column of the schema, in its order.

use std::collections::BTreeMap;

use super::page;
use super::tables::tables;
use crate::common::Estate;

#[test]
fn the_database_page_names_every_column() {
    let estate = Estate::of("plain");
    estate.sync();
    let text = page("docs/database.md");
    let documented: BTreeMap<String, Vec<String>> = tables(&text)
        .into_iter()
        .filter(|table| table.first_column == "column")
        .map(|table| {
            let names = table.names().into_iter().map(str::to_owned).collect();
            (table.heading.trim_matches('`').to_owned(), names)
        })
        .collect();
    let names = estate.sql(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    );
    let schema: BTreeMap<String, Vec<String>> = names
        .into_iter()
        .map(|name| {
            let columns = estate.sql(&format!("SELECT name FROM pragma_table_info('{name}')"));
            (name, columns)
        })
        .collect();
    assert!(schema.len() >= 12, "{schema:?}");
    assert_eq!(documented, schema);
}
