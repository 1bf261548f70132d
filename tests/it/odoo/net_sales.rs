//! What was sold, net: credit notes, invoices without an order, discounts and services, on both bases.

use serde_json::json;

use super::books::{self, DELIVERY, DISCOUNT, book, order_line, to_draft};
use super::estate::assert_unchanged;
use super::fault::Fault;
use super::house::House;
use super::shop;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, messages, the_message};

/// Two orders of six bottles at 10 €, taxes included, and open books.
fn house() -> House {
    let mut house = House::of(2);
    books::open(&mut house);
    house
}

/// Both protocols, with these documents.
fn houses(change: fn(&mut House)) -> [House; 2] {
    let mut house = house();
    change(&mut house);
    [house.clone(), house.by_rpc()]
}

#[track_caller]
fn site(house: House, basis: &str) -> (Stub, Site) {
    let stub = Stub::at_home(house);
    let site = Site::of(&stub).setting("SALES_BASIS", basis);
    (stub, site)
}

/// Key, order, day, units, bottles and euros of each line, but for the second order's.
#[track_caller]
fn lines(site: &Site) -> Vec<String> {
    let columns = "sale_line_key, order_ref, date_sale, quantity_units, quantity_bottles_75cl_eq, price_total_eur";
    site.estate.sql(&format!(
        "SELECT {columns} FROM sales_lines WHERE sale_line_key <> 'odoo-2' ORDER BY sale_line_key"
    ))
}

/// The second sync changes nothing.
#[track_caller]
fn settles(site: &Site) {
    let rows = site.rows();
    assert_unchanged(&site.sync());
    assert_eq!(site.rows(), rows);
    assert_unchanged(&site.sync_with(&["--full"], 0));
    assert_eq!(site.rows(), rows);
}

/// Books the invoice of the first order, and a credit note on so many of its six bottles.
fn invoiced_and_credited(house: &mut House, day: &str, quantity: f64) {
    let whole = (Some(1), Some(1), 6.0, 60.0);
    book(house, 1, "out_invoice", "2026-03-05", &[whole]);
    let credited = (Some(1), Some(1), quantity, 10.0 * quantity);
    book(house, 2, "out_refund", day, &[credited]);
}

const SOLD: &str = "odoo-1|S00001|2026-03-02|6|6|60";

#[test]
fn six_sold_and_three_credited_are_three() {
    for house in houses(|house| invoiced_and_credited(house, "2026-04-01", 3.0)) {
        let (_stub, site) = site(house, "orders");
        site.sync();
        let credit = "odoo-credit-20|S00001|2026-04-01|-3|-3|-30";
        assert_eq!(lines(&site), [SOLD, credit]);
        let shown = site.estate.sql(
            "SELECT customer_key, product_key, price_unit_eur, notes FROM sales_lines
             WHERE sale_line_key = 'odoo-credit-20'",
        );
        assert_eq!(shown, ["odoo-1|odoo-1|10|Avoir RINV/2"]);
        let spent = site.estate.sql(
            "SELECT total_spent_eur, purchase_count FROM customers WHERE customer_key = 'odoo-1'",
        );
        assert_eq!(spent, ["30|1"]);
        settles(&site);
    }
}

#[test]
fn what_was_invoiced_again_is_not_taken_back() {
    for house in houses(|house| invoiced_and_credited(house, "2026-03-06", 6.0)) {
        let (stub, site) = site(house, "orders");
        site.sync();
        let credit = "odoo-credit-20|S00001|2026-03-06|-6|-6|-60";
        assert_eq!(lines(&site), [SOLD, credit]);
        // The invoice is written again: the credit note itself does not change.
        stub.rearrange(|house| {
            book(
                house,
                3,
                "out_invoice",
                "2026-03-07",
                &[(Some(1), Some(1), 6.0, 60.0)],
            );
        });
        let answer = site.sync();
        assert_eq!(lines(&site), [SOLD]);
        assert_eq!(counts(&answer, "SALES_LINES").deleted, 1);
        settles(&site);
        // The new invoice is reset to draft: the credit stands again.
        stub.rearrange(|house| to_draft(house, 3, "2026-04-01 10:00:00"));
        site.sync();
        assert_eq!(lines(&site), [SOLD, credit]);
        // So is the credit note.
        stub.rearrange(|house| to_draft(house, 2, "2026-04-02 10:00:00"));
        site.sync();
        assert_eq!(lines(&site), [SOLD]);
        settles(&site);
    }
}

#[test]
fn a_credit_note_changed_later_changes_its_line() {
    let [house, _] = houses(|house| invoiced_and_credited(house, "2026-04-01", 3.0));
    let (stub, site) = site(house, "orders");
    site.sync();
    stub.rearrange(|house| {
        let row = &mut house.rows("account.move.line")[1];
        (row["quantity"], row["price_total"]) = (json!(1.0), json!(10.0));
        row["write_date"] = json!("2026-04-03 10:00:00");
    });
    let answer = site.sync();
    assert_eq!(counts(&answer, "SALES_LINES").updated, 1);
    assert_eq!(
        lines(&site)[1],
        "odoo-credit-20|S00001|2026-04-01|-1|-1|-10"
    );
    // An order that is cancelled takes its credit note along.
    stub.rearrange(|house| {
        let row = &mut house.lines[0];
        (row["state"], row["write_date"]) = (json!("cancel"), json!("2026-04-04 10:00:00"));
    });
    site.sync();
    assert_eq!(lines(&site), [""; 0]);
    settles(&site);
}

#[test]
fn documents_without_an_order_count_once_they_are_posted() {
    for house in houses(|house| {
        book(
            house,
            1,
            "out_invoice",
            "2026-03-05",
            &[(None, Some(1), 12.0, 100.0)],
        );
        book(
            house,
            2,
            "out_refund",
            "2026-04-01",
            &[(None, Some(1), 2.0, 20.0)],
        );
        book(
            house,
            3,
            "out_receipt",
            "2026-04-02",
            &[(None, None, 1.0, 7.0)],
        );
        book(
            house,
            4,
            "out_invoice",
            "2026-04-03",
            &[(None, Some(1), 1.0, 10.0)],
        );
        to_draft(house, 4, "2020-01-01 10:00:00");
        book(
            house,
            5,
            "in_invoice",
            "2026-04-03",
            &[(None, Some(1), 1.0, 10.0)],
        );
    }) {
        let (stub, site) = site(house, "orders");
        site.sync();
        let expected = [
            SOLD,
            "odoo-inv-10|INV/1|2026-03-05|12|12|100",
            "odoo-inv-20|RINV/2|2026-04-01|-2|-2|-20",
            "odoo-inv-30|INV/3|2026-04-02|1|0|7",
        ];
        assert_eq!(lines(&site), expected);
        let nameless = "SELECT product_key FROM sales_lines WHERE sale_line_key = 'odoo-inv-30'";
        assert_eq!(site.estate.sql(nameless), ["odoo-sans-article"]);
        settles(&site);
        // Drafted and deleted documents leave no line.
        stub.rearrange(|house| {
            to_draft(house, 1, "2026-05-01 10:00:00");
            house
                .rows("account.move.line")
                .retain(|row| row["id"] != 20);
        });
        let answer = site.sync();
        assert_eq!(lines(&site), [SOLD, expected[3]]);
        assert_eq!(counts(&answer, "SALES_LINES").deleted, 2);
    }
}

#[test]
fn a_discount_keeps_its_euros_and_fills_no_bottle() {
    for house in houses(|house| {
        order_line(house, 11, DISCOUNT, 1.0, -6.0);
        order_line(house, 12, DELIVERY, 1.0, 12.5);
        let discounted = [
            (Some(1), Some(1), 6.0, 60.0),
            (Some(11), Some(DISCOUNT), 1.0, -6.0),
            (Some(12), Some(DELIVERY), 1.0, 12.5),
        ];
        book(house, 1, "out_invoice", "2026-03-05", &discounted);
        book(house, 2, "out_refund", "2026-03-06", &discounted);
    }) {
        let (_stub, site) = site(house, "orders");
        let answer = site.sync();
        let expected = [
            SOLD,
            "odoo-11|S00001|2026-03-02|1|0|-6",
            "odoo-credit-20|S00001|2026-03-06|-6|-6|-60",
            "odoo-credit-21|S00001|2026-03-06|-1|0|6",
        ];
        assert_eq!(lines(&site), expected);
        let said = the_message(&answer, "warnings", "de service");
        assert_says(&said, &["1 ligne de service", "(12,50 €)"]);
        settles(&site);
    }
}

#[test]
fn by_invoices_nothing_else_counts() {
    for house in houses(|house| {
        shop::open(house, 2);
        for order in house.rows("pos.order") {
            order["account_move"] = json!(false);
        }
        house.rows("pos.order")[0]["account_move"] = json!([3, "INV/3"]);
        house.rows("pos.order.line")[1]["order_id"] = json!([2, "Caveau/0002"]);
        book(
            house,
            1,
            "out_invoice",
            "2026-03-05",
            &[
                (Some(1), Some(1), 6.0, 60.0),
                (None, Some(DELIVERY), 1.0, 12.0),
            ],
        );
        book(
            house,
            2,
            "out_refund",
            "2026-04-01",
            &[(Some(1), Some(1), 3.0, 30.0)],
        );
        book(
            house,
            3,
            "out_invoice",
            "2026-03-02",
            &[(None, Some(1), 6.0, 60.0)],
        );
        house.rows("account.move")[2]["pos_order_ids"] = json!([1]);
    }) {
        let (_stub, site) = site(house, "invoices");
        let answer = site.sync();
        let expected = [
            "odoo-inv-10|INV/1|2026-03-05|6|6|60",
            "odoo-inv-20|RINV/2|2026-04-01|-3|-3|-30",
            "odoo-inv-30|INV/3|2026-03-02|6|6|60",
            "odoo-pos-2|Caveau/0002|2026-03-02|6|6|60",
        ];
        assert_eq!(lines(&site), expected);
        assert_says(
            &the_message(&answer, "warnings", "de service"),
            &["(12,00 € HT)"],
        );
        settles(&site);
    }
}

#[test]
fn an_invoice_of_the_shop_counts_as_its_ticket() {
    let [house, _] = houses(|house| {
        shop::open(house, 1);
        house.rows("pos.order")[0]["account_move"] = json!([3, "INV/3"]);
        book(
            house,
            3,
            "out_invoice",
            "2026-03-02",
            &[(None, Some(1), 6.0, 60.0)],
        );
        house.rows("account.move")[0]["pos_order_ids"] = json!([1]);
    });
    let (_stub, site) = site(house, "orders");
    site.sync();
    assert_eq!(
        lines(&site),
        [SOLD, "odoo-pos-1|Caveau/0001|2026-03-02|6|6|60"]
    );
}

#[test]
fn a_change_of_basis_replaces_all_sales() {
    let mut many = House::of(60);
    books::open(&mut many);
    book(
        &mut many,
        1,
        "out_invoice",
        "2026-03-05",
        &[(Some(1), Some(1), 6.0, 60.0)],
    );
    let stub = Stub::at_home(many);
    let by_orders = Site::of(&stub);
    let answer = by_orders.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 60);
    let orders = by_orders.rows();
    let site = by_orders.setting("SALES_BASIS", "invoices");
    let answer = site.sync();
    let sales = counts(&answer, "SALES_LINES");
    assert_eq!((sales.inserted, sales.deleted), (1, 60));
    assert_says(
        &the_message(&answer, "warnings", "SALES_BASIS"),
        &["60 lignes"],
    );
    assert_eq!(lines(&site), ["odoo-inv-10|INV/1|2026-03-05|6|6|60"]);
    settles(&site);
    let site = site.setting("SALES_BASIS", "orders");
    let answer = site.sync();
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 60);
    assert_eq!(site.rows().len(), orders.len());
    settles(&site);
}

#[test]
fn a_basis_that_is_neither_is_refused() {
    let (_stub, site) = site(house(), "livraisons");
    let outcome = site.run(&["sync", "cave"]).exits(3);
    outcome.says(&["SALES_BASIS", "livraisons", "orders", "invoices"]);
}

#[test]
fn amounts_in_another_currency_are_those_of_the_order() {
    let [house, _] = houses(|house| {
        let dollars = json!([2, "USD"]);
        house.orders[0]["currency_rate"] = json!(2.0);
        house.orders[0]["currency_id"] = dollars.clone();
        // The credit note is in dollars too, at another rate; another document is without an order.
        invoiced_and_credited(house, "2026-04-01", 3.0);
        book(
            house,
            3,
            "out_invoice",
            "2026-04-01",
            &[(None, Some(1), 3.0, 30.0)],
        );
        for (document, in_books) in house
            .rows("account.move")
            .iter_mut()
            .zip([30.0, 10.0, 10.0])
        {
            document["currency_id"] = dollars.clone();
            document["amount_total_signed"] = json!(in_books);
        }
    });
    let (_stub, site) = site(house, "orders");
    site.sync();
    let expected = [
        "odoo-1|S00001|2026-03-02|6|6|30",
        "odoo-credit-20|S00001|2026-04-01|-3|-3|-15",
        "odoo-inv-30|INV/3|2026-04-01|3|3|10",
    ];
    assert_eq!(lines(&site), expected);
}

#[test]
fn without_the_right_to_invoices_orders_go_on_and_say_so() {
    let denied = || Fault::access_error("Non.\n\n\t- Facturation/Facturation\n");
    let when = || When::call("account.move.line", "search_read").always();
    let [mut first, _] = houses(|house| {
        book(
            house,
            1,
            "out_invoice",
            "2026-03-05",
            &[(None, Some(1), 6.0, 60.0)],
        );
        book(
            house,
            2,
            "out_refund",
            "2026-04-01",
            &[(Some(1), Some(1), 3.0, 30.0)],
        );
    });
    let (stub, by_orders) = site(first.clone(), "orders");
    stub.fault(when(), denied());
    let answer = by_orders.sync();
    assert_eq!(lines(&by_orders), [SOLD]);
    let warnings = messages(&answer, "warnings");
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    let words = [
        "account.move.line",
        "pas comptés",
        "Facturation/Facturation",
    ];
    assert_says(&warnings[0], &words);
    let checked = by_orders.run(&["test", "cave"]).exits(0);
    checked.says(&["account.move.line", "sans ce droit", "pas comptés"]);
    // By invoices, there would be nothing left.
    first.rpc = false;
    let (stub, by_invoices) = site(first, "invoices");
    stub.fault(when(), denied());
    let answer = by_invoices.sync_with(&[], 1);
    let error = the_message(&answer, "errors", "Ventes");
    assert_says(&error, &["Facturation/Facturation"]);
}

#[test]
fn a_right_that_is_withdrawn_deletes_nothing() {
    let [house, _] = houses(|house| {
        book(
            house,
            1,
            "out_invoice",
            "2026-03-05",
            &[(None, Some(1), 6.0, 60.0)],
        );
    });
    let (stub, site) = site(house, "orders");
    site.sync();
    let rows = site.rows();
    let denied = Fault::access_error("Non.\n\n\t- Facturation/Facturation\n");
    stub.fault(
        When::call("account.move.line", "search_read").always(),
        denied,
    );
    let answer = site.sync_with(&[], 1);
    assert_says(
        &the_message(&answer, "errors", "Ventes"),
        &["Facturation/Facturation"],
    );
    assert_eq!(site.rows(), rows);
}

#[test]
fn sales_of_others_that_are_hidden_are_told() {
    for house in houses(|house| house.sees_own_only = true) {
        let (stub, by_orders) = site(house.clone(), "orders");
        let said = the_message(&by_orders.sync(), "warnings", "propres ventes");
        assert_says(&said, &["Ventes", "tous les documents"]);
        let checked = by_orders.run(&["test", "cave"]).exits(0);
        checked.says(&["sale.order.line", "ne voit que ses propres ventes"]);
        // No Odoo refuses anything.
        assert!(!stub.calls("res.users", "has_group").is_empty());
        let (_stub, by_invoices) = site(house, "invoices");
        let answer = by_invoices.sync_with(&[], 1);
        let error = the_message(&answer, "errors", "Ventes");
        assert_says(&error, &["propres ventes", "tous les documents"]);
        by_invoices.run(&["test", "cave"]).exits(1);
    }
}

#[test]
fn a_right_that_is_withdrawn_is_told_in_words_and_can_be_done_without() {
    // An estate with credit notes alone: of its other documents, none counts.
    let [house, _] = houses(|house| invoiced_and_credited(house, "2026-04-01", 3.0));
    let (stub, site) = site(house, "orders");
    site.sync();
    let denied = Fault::access_error("Non.\n\n\t- Facturation/Facturation\n");
    stub.fault(
        When::call("account.move.line", "search_read").always(),
        denied,
    );
    let answer = site.sync_with(&[], 1);
    let error = the_message(&answer, "errors", "Ventes");
    assert_says(&error, &["Non.", "Facturation/Facturation"]);
    let outcome = site.run(&["sync", "cave"]).exits(1);
    outcome.says(&["--allow-shrink"]);
    site.sync_with(&["--allow-shrink"], 0);
    assert_eq!(lines(&site), [SOLD]);
    // It was allowed once for all.
    assert_unchanged(&site.sync());
}

#[test]
fn a_credit_note_that_cannot_be_understood_is_rejected() {
    for (row, said) in [
        (1, "20|price_total|abc|n'est pas un nombre"),
        (0, "20|NULL|NULL|vient d'une ligne de commande"),
    ] {
        let [mut house, _] = houses(|house| invoiced_and_credited(house, "2026-04-01", 3.0));
        house.rows("account.move.line")[row]["price_total"] = json!("abc");
        let (stub, site) = site(house, "orders");
        let site = site.setting("MAX_REJECTS", "100%");
        stub.tells_the_time("2026-06-01T00:00:00Z".parse().unwrap());
        // A sync that finds nothing new says so too.
        for _ in 0..2 {
            let answer = site.sync();
            assert_eq!(counts(&answer, "SALES_LINES").rejected, 1, "{answer:#}");
            let rejects = site
                .estate
                .sql("SELECT position, column_name, value, reason FROM rejects ORDER BY run_id");
            assert!(rejects.last().unwrap().starts_with(said), "{rejects:#?}");
        }
    }
}

#[test]
fn an_order_without_a_rate_rejects_its_credit_notes_in_another_currency() {
    let [mut house, _] = houses(|house| invoiced_and_credited(house, "2026-04-01", 3.0));
    house.orders[0]["currency_rate"] = json!(0.0);
    house.rows("account.move")[1]["currency_id"] = json!([2, "USD"]);
    let (_stub, site) = site(house, "orders");
    let site = site.setting("MAX_REJECTS", "100%");
    site.sync();
    let rejects = site
        .estate
        .sql("SELECT position, reason FROM rejects ORDER BY position");
    assert_eq!(rejects.len(), 2, "{rejects:#?}");
    for (reject, position) in rejects.iter().zip(["1", "20"]) {
        let said = format!("{position}|la commande n'a pas de taux de change");
        assert!(reject.starts_with(&said), "{rejects:#?}");
    }
}
