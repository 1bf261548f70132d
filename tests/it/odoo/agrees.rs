//! Whether the five tables are what SQL says of the server's own database.

use serde_json::{Map, Value, json};

use crate::common::Estate;

/// Compares every sum of `truth`; a sum that it does not hold is not compared.
#[track_caller]
pub fn assert_agrees(estate: &Estate, truth: &Value) {
    let found = json!({
        "CUSTOMERS": customers(estate),
        "PRODUCTS": products(estate),
        "SALES_LINES": sales(estate),
        "STOCK_LEVELS": stock(estate),
        "CONTACT_HISTORY": contacts(estate),
    });
    assert_same("", &found, truth);
}

#[track_caller]
fn assert_same(place: &str, found: &Value, truth: &Value) {
    let Some(parts) = found.as_object() else {
        return assert_eq!(found, truth, "{place}");
    };
    if ALL.contains(&place) {
        let expected = truth.as_object().unwrap();
        assert!(
            expected.keys().eq(parts.keys()),
            "{place}: {found:#} {truth:#}"
        );
    }
    for (name, part) in parts {
        // What SQL was not asked for.
        if !truth[name].is_null() {
            assert_same(&format!("{place} {name}"), part, &truth[name]);
        }
    }
}

/// Where the groups of one side must be those of the other.
const ALL: [&str; 4] = [
    " SALES_LINES months",
    " SALES_LINES documents",
    " STOCK_LEVELS places",
    " CONTACT_HISTORY statuses",
];

fn customers(estate: &Estate) -> Value {
    let best = "SELECT customer_key, printf('%.2f', total_spent_eur) FROM customers ORDER BY total_spent_eur DESC LIMIT 1";
    let best = estate.sql(best).concat();
    let (key, euros) = best.split_once('|').unwrap();
    json!({
        "rows": number(estate, "SELECT count(*) FROM customers"),
        "active": number(estate, "SELECT count(*) FROM customers WHERE active"),
        "email_opt_out": number(estate, "SELECT count(*) FROM customers WHERE email_opt_out"),
        "best": {"customer_key": key, "euros": euros},
        "contacts_of_firms": grouped(estate, "SELECT customer_key, company_key FROM customers WHERE company_key IS NOT NULL"),
    })
}

fn products(estate: &Estate) -> Value {
    json!({
        "rows": number(estate, "SELECT count(*) FROM product_catalog"),
        "active": number(estate, "SELECT count(*) FROM product_catalog WHERE active"),
        "list_prices": text(estate, "SELECT printf('%.2f', sum(list_price_eur)) FROM product_catalog"),
        // A bottle of unknown size counts as one of 75 cl.
        "formats_cl": counted(estate, "SELECT coalesce(format_cl, 75), count(*) FROM product_catalog GROUP BY 1"),
    })
}

fn sales(estate: &Estate) -> Value {
    let sum = |format: &str, column: &str, filter: &str| {
        text(
            estate,
            &format!(
                "SELECT printf('{format}', coalesce(sum({column}), 0)) FROM sales_lines WHERE {filter}"
            ),
        )
    };
    let rows = |filter: &str| {
        number(
            estate,
            &format!("SELECT count(*) FROM sales_lines WHERE {filter}"),
        )
    };
    json!({
        "rows": rows("true"),
        "units": sum("%.2f", "quantity_units", "true"),
        "bottles": sum("%.2f", "quantity_bottles_75cl_eq", "true"),
        "euros": sum("%.2f", "price_total_eur", "true"),
        "euros_excl_tax": sum("%.2f", "price_total_excl_tax_eur", "true"),
        "shop": rows("sale_line_key LIKE 'odoo-pos-%'"),
        "anonymous": sum("%.2f", "price_total_eur", "customer_key = 'odoo-pos'"),
        "returns": rows("quantity_units < 0"),
        "by_origin": by_origin(estate),
        "documents": grouped(estate, "SELECT order_ref, printf('%.2f', round(sum(price_total_eur), 2) + 0.0) FROM sales_lines GROUP BY 1"),
        "months": grouped(estate, "SELECT substr(date_sale, 1, 7), printf('%.2f', sum(price_total_eur)) FROM sales_lines GROUP BY 1"),
    })
}

/// Lines of orders, of the shop, of invoices and of credit notes.
fn by_origin(estate: &Estate) -> Value {
    let origins = [
        ("order", "odoo-[0-9]*"),
        ("shop", "odoo-pos-*"),
        ("invoice", "odoo-inv-*"),
        ("credit", "odoo-credit-*"),
    ];
    let sums = origins.into_iter().map(|(origin, keys)| {
        let query = format!(
            "SELECT count(*), printf('%.2f', coalesce(sum(price_total_eur), 0)) FROM sales_lines
             WHERE sale_line_key GLOB '{keys}'"
        );
        let row = text(estate, &query);
        let (rows, euros) = row.split_once('|').unwrap();
        let rows: u64 = rows.parse().unwrap();
        (origin.to_owned(), json!({"rows": rows, "euros": euros}))
    });
    sums.collect::<Map<_, _>>().into()
}

fn stock(estate: &Estate) -> Value {
    let query = "SELECT warehouse, count(*), printf('%.2f', sum(quantity_units)), printf('%.2f', sum(reserved_qty)),
                        printf('%.2f', sum(quantity_bottles_75cl_eq)) FROM stock_levels GROUP BY 1";
    let places = estate.sql(query).into_iter().map(|row| {
        let cells: Vec<_> = row.split('|').collect();
        let sums = json!({
            "rows": cells[1].parse::<u64>().unwrap(), "units": cells[2], "reserved": cells[3], "bottles": cells[4],
        });
        (cells[0].to_owned(), sums)
    });
    json!({
        "rows": number(estate, "SELECT count(*) FROM stock_levels"),
        "places": places.collect::<Map<_, _>>(),
    })
}

fn contacts(estate: &Estate) -> Value {
    json!({
        "rows": number(estate, "SELECT count(*) FROM contact_history"),
        "statuses": counted(estate, "SELECT status, count(*) FROM contact_history GROUP BY 1"),
    })
}

fn text(estate: &Estate, query: &str) -> String {
    estate.sql(query).concat()
}

fn number(estate: &Estate, query: &str) -> u64 {
    text(estate, query).parse().unwrap()
}

/// The rows of a query with two columns.
fn grouped(estate: &Estate, query: &str) -> Map<String, Value> {
    let rows = estate.sql(query).into_iter().map(|row| {
        let (group, value) = row.split_once('|').unwrap();
        (group.to_owned(), value.into())
    });
    rows.collect()
}

fn counted(estate: &Estate, query: &str) -> Map<String, Value> {
    let groups = grouped(estate, query).into_iter();
    let numbers = groups.map(|(group, count)| {
        (
            group,
            count.as_str().unwrap().parse::<u64>().unwrap().into(),
        )
    });
    numbers.collect()
}
