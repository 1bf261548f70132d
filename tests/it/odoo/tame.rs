//! Texts of the server are cut and printed without control characters.

use serde_json::json;

use super::fault::Fault;
use super::hostile_answers::house;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, messages};

const LINES: &str = "sale.order.line";

#[test]
fn a_very_long_text_is_stored_and_cut_in_messages() {
    let stub = Stub::at_home(house());
    let site = Site::of(&stub);
    let long = "É".repeat(1 << 20);
    let (name, quantity) = (long.clone(), long.clone());
    stub.rearrange(move |house| {
        house.partners[0]["is_company"] = json!(true);
        house.partners[0]["name"] = json!(name);
        house.partners[1]["email"] = json!(name);
        house.lines[0]["product_uom_qty"] = json!(quantity);
    });
    let outcome = site.run(&["sync", "cave"]).exits(0);
    assert!(outcome.text().len() < 20_000, "{}", outcome.text().len());
    let kept = site
        .estate
        .sql("SELECT max(length(company_name)) FROM customers");
    assert_eq!(kept, [(1 << 20).to_string()]);
    let value = site.estate.sql("SELECT max(length(value)) FROM rejects");
    assert_eq!(value, ["201"], "two hundred and a sign that there was more");
    let error = Fault::value_error(&long);
    stub.fault(When::call(LINES, "search_read").always(), error);
    let outcome = site.run(&["sync", "cave", "--full"]).exits(1);
    assert!(outcome.text().len() < 20_000, "{}", outcome.text().len());
}

/// Clears the screen, rings, and begins with a return that would hide what stands before it.
const NASTY: &str = "\r\u{1b}[2J\u{1b}]0;titre\u{7}\u{9b}31mRouge";

#[track_caller]
fn assert_tame(text: &str) {
    let bad = text.chars().find(|one| one.is_control() && *one != '\n');
    assert_eq!(bad, None, "{text:?}");
}

#[test]
fn control_characters_of_the_server_are_not_printed() {
    let stub = Stub::at_home(house());
    let site = Site::of(&stub);
    stub.rearrange(|house| {
        house.company = NASTY;
        house.login = NASTY;
        house.partners[0]["email"] = json!(NASTY);
        house.partners[1]["name"] = json!(NASTY);
        house.products[0]["list_price"] = json!(NASTY);
        house.lines[0]["product_uom_id"] = json!([99, NASTY]);
        house.lines[1]["product_uom_qty"] = json!(NASTY);
        house.quants[0]["location_id"] = json!([8, NASTY]);
    });
    let see = |args: &[&str]| {
        let outcome = site.run(args);
        assert_tame(&outcome.text());
        outcome
    };
    assert_says(&see(&["test", "cave"]).exits(0).text(), &["Rouge"]);
    assert_says(&see(&["sync", "cave"]).exits(0).text(), &["Rouge"]);
    for args in [
        &["logs", "cave"][..],
        &["logs", "cave", "--rejects"],
        &["show", "cave"],
        &["list"],
        &["sync", "cave", "--json"],
    ] {
        see(args);
    }
    let denied = format!("{NASTY}\n\t- {NASTY}");
    let page = || When::call(LINES, "search_read");
    for fault in [
        Fault::access_error(&denied),
        Fault::value_error(NASTY),
        Fault::rpc_error(NASTY, NASTY),
    ] {
        stub.fault(page(), fault);
        assert_says(
            &see(&["sync", "cave", "--full", "--source", "sales_lines"]).text(),
            &["Rouge"],
        );
    }
    stub.rearrange(|house| house.currency = NASTY);
    assert_says(&see(&["sync", "cave"]).exits(1).text(), &["Rouge"]);
}

#[test]
fn control_characters_in_the_version_are_not_printed() {
    let stub = Stub::at_home(house());
    let version = json!({"version": format!("19.0{NASTY}")});
    stub.fault(
        When::path("/web/version").always(),
        Fault::replace(move |_| version.clone()),
    );
    let outcome = Site::of(&stub)
        .run(&["test", "cave"])
        .exits(0)
        .says(&["Odoo 19.0"]);
    assert_tame(&outcome.text());
    assert!(messages(&Site::of(&stub).sync(), "errors").is_empty());
}

#[test]
fn a_long_list_of_groups_is_cut() {
    let stub = Stub::at_home(house());
    let groups: Vec<_> = (0..5_000).map(|n| format!("\t- Groupe/{n}")).collect();
    let denied = Fault::access_error(&format!("Non.\n\n{}", groups.join("\n")));
    stub.fault(When::call(LINES, "search_read").always(), denied);
    let outcome = Site::of(&stub)
        .run(&["sync", "cave"])
        .exits(1)
        .says(&["« Groupe/0 »", "…"]);
    assert!(outcome.text().len() < 5_000, "{}", outcome.text().len());
}
