//! Answers that no Odoo should give: what a row says wrongly is rejected with its place and its reason, what a page says
//! wrongly fails its table.

use serde_json::{Value, json};

use super::call::Call;
use super::fault::Fault;
use super::house::{House, product, quant};
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, the_message};

const LINES: &str = "sale.order.line";

/// Two hundred rows in each table: three bad rows are accepted, four are not.
pub fn house() -> House {
    let mut house = House::of(200);
    house.products = (1..=200).map(product).collect();
    house.quants = (1..=200)
        .map(|id| {
            let mut row = quant(id);
            row["product_id"] = json!([id, "Riesling"]);
            row
        })
        .collect();
    house
}

/// Model, number, field, what it holds, what is kept of that, and the reason.
fn bad_cells() -> Vec<(
    &'static str,
    u64,
    &'static str,
    Value,
    &'static str,
    &'static str,
)> {
    let number = "n'est pas un nombre";
    let record = "ne désigne pas un enregistrement";
    let empty = "est vide, une valeur est obligatoire";
    vec![
        (
            "res.partner",
            3,
            "name",
            json!(12),
            "12",
            "n'est pas un texte",
        ),
        (
            "res.partner",
            4,
            "is_company",
            json!("oui"),
            "oui",
            "n'est ni oui ni non",
        ),
        (
            "res.partner",
            5,
            "active",
            json!(1),
            "1",
            "n'est ni oui ni non",
        ),
        ("res.partner", 6, "parent_id", json!(7), "7", record),
        (
            "product.product",
            3,
            "name",
            json!([1]),
            "[1]",
            "n'est pas un texte",
        ),
        ("product.product", 4, "name", json!(false), "NULL", empty),
        (
            "product.product",
            5,
            "list_price",
            json!("dix"),
            "dix",
            number,
        ),
        (LINES, 3, "product_uom_qty", json!("six"), "six", number),
        (LINES, 4, "product_uom_qty", json!(true), "true", number),
        (LINES, 5, "price_total", json!("60.0"), "60.0", number),
        (LINES, 6, "price_total", json!("NaN"), "NaN", number),
        (
            LINES,
            7,
            "price_total",
            json!(1e300),
            "1e+300",
            "dépasse mille milliards",
        ),
        (LINES, 8, "product_id", json!(7), "7", record),
        (
            LINES,
            9,
            "product_id",
            json!(["7", "x"]),
            "[\"7\",\"x\"]",
            record,
        ),
        (
            LINES,
            10,
            "product_id",
            json!([-7, "x"]),
            "[-7,\"x\"]",
            record,
        ),
        (LINES, 11, "product_id", json!(false), "NULL", empty),
        (LINES, 12, "price_unit", json!({}), "{}", number),
        (
            LINES,
            13,
            "order_id",
            json!([9_999, "x"]),
            "[9999,\"x\"]",
            "ne voit pas",
        ),
        (
            "stock.quant",
            3,
            "quantity",
            json!("beaucoup"),
            "beaucoup",
            number,
        ),
        ("stock.quant", 4, "quantity", json!(null), "NULL", empty),
    ]
}

#[test]
fn an_invalid_value_is_rejected_and_the_existing_row_kept() {
    for rpc in [false, true] {
        let mut house = house();
        house.rpc = rpc;
        let stub = Stub::at_home(house);
        let site = Site::of(&stub).setting("MAX_REJECTS", "20");
        site.sync();
        let before = site.estate.dump();
        stub.rearrange(|house| {
            for (model, id, field, value, ..) in bad_cells() {
                let row = house.rows(model).iter_mut().find(|row| row["id"] == id);
                row.unwrap()[field] = value;
            }
        });
        let answer = site.sync_with(&["--full"], 0);
        assert_eq!(counts(&answer, "SALES_LINES").rejected, 11);
        let rejects = site
            .estate
            .sql("SELECT origin, position, column_name, value, reason FROM rejects");
        let mut expected = bad_cells().into_iter();
        assert_eq!(rejects.len(), expected.len(), "{rejects:#?}");
        for (model, id, field, _, kept, reason) in &mut expected {
            let begin = format!("{model}|{id}|{field}|{kept}|");
            let reject = rejects.iter().find(|reject| reject.starts_with(&begin));
            assert_says(
                reject.unwrap_or_else(|| panic!("{begin}: {rejects:#?}")),
                &[reason],
            );
        }
        let mut after = site.estate.dump();
        after.retain(|row| !row.starts_with("rejects|"));
        assert_eq!(after, before);
        let shown = site.run(&["logs", "cave", "--rejects"]).exits(0);
        shown.says(&["Modèle", LINES, "price_total", "NaN", "n'est pas un nombre"]);
    }
}

#[test]
fn an_invalid_order_rejects_its_lines_with_the_reason() {
    let stub = Stub::at_home(house());
    let site = Site::of(&stub);
    stub.rearrange(|house| house.orders[4]["date_order"] = json!("hier"));
    site.sync();
    let rejects = site
        .estate
        .sql("SELECT origin, position, column_name, value, reason FROM rejects");
    assert_eq!(rejects.len(), 1, "{rejects:#?}");
    assert_says(
        &rejects[0],
        &[
            "sale.order.line|5|",
            "date_order",
            "hier",
            "n'est pas une date",
        ],
    );
}

#[test]
fn too_many_rejects_fail_the_table_with_the_first_of_them() {
    let stub = Stub::at_home(house());
    let site = Site::of(&stub);
    stub.rearrange(|house| {
        for line in &mut house.lines[10..14] {
            line["product_uom_qty"] = json!("six");
        }
    });
    let answer = site.sync_with(&[], 1);
    let words = [
        "4 lignes rejetées sur 200",
        "1 % et trois lignes",
        "sale.order.line, n° 11",
        "product_uom_qty « six »",
        "Voyez toutes les lignes rejetées",
    ];
    assert_says(&the_message(&answer, "errors", "Ventes"), &words);
    let inserted = ["CUSTOMERS", "PRODUCTS", "SALES_LINES", "STOCK_LEVELS"];
    assert_eq!(
        inserted.map(|table| counts(&answer, table).inserted),
        [200, 200, 0, 200]
    );
    stub.rearrange(|house| house.lines[10]["product_uom_qty"] = json!(6));
    assert_eq!(
        counts(&site.sync(), "SALES_LINES").inserted,
        197,
        "three pass"
    );
}

/// The page of lines is altered so; the table fails with these words and nothing of it is loaded, the others are.
#[track_caller]
fn page_fails(alter: impl Fn(Value) -> Value + Send + Sync + 'static, words: &[&str]) {
    let stub = Stub::at_home(house());
    let page = When::call(LINES, "search_read").nth(2);
    stub.fault(page, Fault::replace(alter));
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(&the_message(&answer, "errors", "Ventes"), words);
    let inserted = ["CUSTOMERS", "SALES_LINES", "STOCK_LEVELS"];
    assert_eq!(
        inserted.map(|table| counts(&answer, table).inserted),
        [200, 0, 200]
    );
}

#[test]
fn a_page_that_is_no_list_of_rows_fails_its_table() {
    for page in [
        json!(null),
        json!({}),
        json!(7),
        json!("x"),
        json!([1, 2]),
        json!([[]]),
        json!([{}]),
        json!([{"id": "7"}]),
    ] {
        page_fails(move |_| page.clone(), &["est illisible"]);
    }
}

#[test]
fn a_row_without_id_fails_its_table() {
    page_fails(
        |mut rows| {
            rows[100].as_object_mut().unwrap().remove("id");
            rows
        },
        &["est illisible"],
    );
}

#[test]
fn rows_out_of_order_fail_the_table() {
    let reversed = |rows: Value| rows.as_array().unwrap().iter().rev().cloned().collect();
    page_fails(reversed, &["en désordre", "mandataire"]);
    let twice = |mut rows: Value| {
        rows[100] = rows[99].clone();
        rows
    };
    page_fails(twice, &["déjà lues", "mandataire"]);
}

#[test]
fn a_repeated_page_does_not_loop() {
    let house = House::of(1_200);
    let first: Value = house.lines[..1_000].iter().cloned().collect();
    let stub = Stub::at_home(house);
    let pages = When::call(LINES, "search_read").nth(3);
    stub.fault(pages, Fault::replace(move |_| first.clone()));
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(&the_message(&answer, "errors", "Ventes"), &["déjà lues"]);
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 0);
}

#[test]
fn a_page_longer_than_requested_is_read_completely() {
    let house = House::of(1_200);
    let all: Value = house.lines.iter().cloned().collect();
    let stub = Stub::at_home(house);
    stub.fault(
        When::call(LINES, "search_read").nth(2),
        Fault::replace(move |_| all.clone()),
    );
    assert_eq!(
        counts(&Site::of(&stub).sync(), "SALES_LINES").inserted,
        1_200
    );
}

#[test]
fn an_invalid_deletion_sweep_deletes_nothing() {
    for answer in [
        json!(null),
        json!({}),
        json!(["7"]),
        json!([-1]),
        json!([3, 2, 1]),
        json!([{"id": 1}]),
    ] {
        let stub = Stub::at_home(house());
        let site = Site::of(&stub);
        site.sync();
        let before = site.estate.dump();
        stub.fault(
            When::call(LINES, "search"),
            Fault::replace(move |_| answer.clone()),
        );
        let answer = site.sync_with(&[], 1);
        the_message(&answer, "errors", "Ventes");
        assert_eq!(site.estate.dump(), before);
    }
}

#[test]
fn an_invalid_count_is_reported() {
    let stub = Stub::at_home(house());
    stub.fault(
        When::call(LINES, "formatted_read_group"),
        Fault::replace(|_| json!("beaucoup")),
    );
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &["est illisible"],
    );
}

#[test]
fn endless_nesting_is_refused() {
    let stub = Stub::at_home(house());
    let deep = "[".repeat(200_000);
    let page = When::call(LINES, "search_read").nth(2);
    stub.fault(page, Fault::Status(200, Vec::new(), deep));
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &["est illisible"],
    );
}

#[test]
fn an_endless_response_is_refused() {
    let stub = Stub::at_home(house());
    let flood = " ".repeat(70 << 20);
    stub.fault(
        When::call("stock.quant", "search_read").always(),
        Fault::Status(200, Vec::new(), flood),
    );
    let answer = Site::of(&stub).sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Stock"),
        &["démesurée", "administrateur"],
    );
    let asked = stub.calls("stock.quant", "search_read");
    let limits: Vec<_> = asked.iter().filter_map(Call::limit).collect();
    assert_eq!(limits, [1_000, 500, 250, 125, 62]);
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 200);
}

/// A number of two bytes takes thirty-two once it is read: 60 MiB of them would be a gigabyte.
#[cfg(target_os = "linux")]
#[test]
fn a_response_with_too_many_ids_is_refused() {
    use std::process::Command;
    for flood in ["[0", "[[]", "[{}"] {
        let stub = Stub::at_home(house());
        let next = &flood[1..];
        let flood = format!(
            "{flood}{}]",
            format!(",{next}").repeat((60 << 20) / (next.len() + 1))
        );
        stub.fault(
            When::call("stock.quant", "search_read").always(),
            Fault::Status(200, Vec::new(), flood),
        );
        let site = Site::of(&stub);
        let command = site.estate.command(&["sync", "cave", "--json"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 700000; exec \"$0\" \"$@\""]);
        shell.arg(command.get_program()).args(command.get_args());
        shell.env_clear();
        for (name, value) in command.get_envs() {
            shell.env(name, value.unwrap());
        }
        let answer = crate::common::Outcome::of(&mut shell).exits(1).json();
        assert_says(&the_message(&answer, "errors", "Stock"), &["démesurée"]);
        assert_eq!(counts(&answer, "SALES_LINES").inserted, 200);
    }
}
