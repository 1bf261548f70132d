//! Firms and their contacts, and who left mailing lists.

use serde_json::{Value, json};

use super::estate::assert_unchanged;
use super::fault::Fault;
use super::house::{House, partner, written};
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{assert_says, counts, the_message};

/// A firm, number 10, that never bought; its contacts are the first two customers.
fn house() -> House {
    let mut house = House::of(3);
    for field in ["child_ids", "commercial_partner_id", "sale_order_ids"] {
        house.more_fields.push(("res.partner", field));
    }
    house.partners.push(partner(10));
    for row in &mut house.partners {
        let id = row["id"].as_u64().unwrap();
        row["child_ids"] = json!([]);
        row["commercial_partner_id"] = json!([id, "Client"]);
        row["sale_order_ids"] = json!([id]);
        if id < 3 {
            row["parent_id"] = json!([10, "Client 10"]);
            row["commercial_partner_id"] = json!([10, "Client 10"]);
        }
    }
    let firm = house.partners.last_mut().unwrap();
    firm["is_company"] = json!(true);
    (firm["customer_rank"], firm["sale_order_ids"]) = (json!(0), json!([]));
    firm["child_ids"] = json!([1, 2]);
    // The first contact bought again, two years earlier.
    house.orders[1]["partner_id"] = json!([1, "Client 1"]);
    house.orders[1]["date_order"] = json!("2024-01-02 10:00:00");
    house
}

#[track_caller]
fn firms(site: &Site) -> Vec<String> {
    site.estate.sql(
        "SELECT customer_key, company_key, purchase_count, total_spent_eur, segment FROM customers
         ORDER BY customer_key",
    )
}

#[test]
fn a_firm_is_read_for_what_its_contacts_bought() {
    for house in [house(), house().by_rpc()] {
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        let expected = [
            "odoo-1|odoo-10|2|120|standard",
            "odoo-10|NULL|0|0|standard",
            "odoo-2|odoo-10|0|0|prospect",
            "odoo-3|NULL|1|60|standard",
        ];
        assert_eq!(firms(&site), expected);
        let rows = site.rows();
        for args in [&[][..], &["--full"]] {
            assert_unchanged(&site.sync_with(args, 0));
            assert_eq!(site.rows(), rows, "{args:?}");
        }
        // The contact leaves the firm, which has bought nothing then.
        stub.rearrange(|house| {
            let row = &mut house.partners[0];
            row["parent_id"] = json!(false);
            row["commercial_partner_id"] = json!([1, "Client 1"]);
            row["write_date"] = json!("2026-05-01 10:00:00");
        });
        site.sync();
        assert_eq!(firms(&site)[1], "odoo-10|NULL|0|0|prospect");
    }
}

/// List contacts: number, address, and of each list whether they left it.
fn lists(house: &mut House, contacts: &[(u64, &str, &[bool])]) {
    let model = if house.rpc {
        "mailing.contact.subscription"
    } else {
        "mailing.subscription"
    };
    let field = if house.rpc {
        "subscription_list_ids"
    } else {
        "subscription_ids"
    };
    let mut subscriptions: Vec<Value> = Vec::new();
    let mut rows = Vec::new();
    for (id, address, out) in contacts {
        let first = subscriptions.len() as u64 + 1;
        for (opt_out, number) in out.iter().zip(first..) {
            subscriptions
                .push(json!({"id": number, "contact_id": [id, address], "opt_out": opt_out}));
        }
        let own: Vec<u64> = (first..=subscriptions.len() as u64).collect();
        rows.push(
            json!({"id": id, "email_normalized": address, field: own, "write_date": written(1)}),
        );
    }
    house.more.insert("mailing.contact", rows);
    house.more.insert(model, subscriptions);
}

#[test]
fn who_left_all_lists_gets_no_mail() {
    for mut house in [House::of(4), House::of(4).by_rpc()] {
        lists(
            &mut house,
            &[
                (1, "c1@exemple.fr", &[true, true]),
                (2, "c2@exemple.fr", &[true, false]),
                // Twice on the lists, once still in.
                (3, "c3@exemple.fr", &[true]),
                (4, "c3@exemple.fr", &[false]),
                (5, "c4@exemple.fr", &[false]),
            ],
        );
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        let answer = site.sync();
        let out = || {
            site.estate
                .sql("SELECT customer_key FROM customers WHERE email_opt_out ORDER BY 1")
        };
        assert_eq!(out(), ["odoo-1"]);
        let said = the_message(&answer, "warnings", "désinscrites");
        assert_says(&said, &["2 adresses", "c2@exemple.fr", "c3@exemple.fr"]);
        assert_unchanged(&site.sync());
        // Somebody leaves the last list: no contact is written.
        stub.rearrange(|house| {
            let model = if house.rpc {
                "mailing.contact.subscription"
            } else {
                "mailing.subscription"
            };
            house.rows(model)[3]["opt_out"] = json!(true);
        });
        let answer = site.sync();
        assert_eq!(counts(&answer, "CUSTOMERS").updated, 1);
        assert_eq!(out(), ["odoo-1", "odoo-2"]);
    }
}

#[test]
fn lists_that_may_not_be_seen_are_named() {
    let mut house = House::of(2);
    lists(&mut house, &[(1, "c1@exemple.fr", &[true])]);
    let stub = Stub::at_home(house);
    let denied = Fault::access_error("Non.\n\n\t- Marketing par e-mail/Utilisateur\n");
    stub.fault(When::call("mailing.contact", "search_read"), denied);
    let answer = Site::of(&stub).sync();
    let said = the_message(&answer, "warnings", "Clients");
    assert_says(
        &said,
        &[
            "désinscriptions",
            "pas lues",
            "Marketing par e-mail/Utilisateur",
        ],
    );
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 2);
}
