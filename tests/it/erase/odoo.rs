//! The same of Odoo, which shows all its customers at each sync.

use serde_json::json;

use super::{assert_gone, bytes, holds};
use crate::common::{counts, messages};
use crate::odoo::house::{House, partner};
use crate::odoo::site::Site;
use crate::odoo::stub::Stub;

fn house() -> House {
    let mut house = House::of(4);
    house.more_fields.push(("res.partner", "phone"));
    house.partners[1]["name"] = json!("Jean Zyxwvut");
    house.partners[1]["email"] = json!("Jean.Zyxwvut@example.fr");
    house.partners[1]["phone"] = json!("06 11 22 33 44");
    house
}

#[test]
fn a_partner_stays_out_of_every_later_sync() {
    for house in [house(), house().by_rpc()] {
        let stub = Stub::at_home(house.clone());
        let site = Site::of(&stub);
        site.sync();
        let erased = site
            .run(&["erase", "jean.zyxwvut@EXAMPLE.fr", "--yes", "--json"])
            .exits(0)
            .json();
        assert_eq!(erased["customer_key"], "odoo-2", "{erased:#}");
        assert_eq!(erased["erased"]["sales_lines"], 1);
        assert_gone(&site.estate);
        let before = site.rows();
        for args in [&[][..], &[], &["--full"]] {
            let answer = site.sync_with(args, 0);
            let customers = counts(&answer, "CUSTOMERS");
            assert_eq!(
                (customers.inserted, customers.updated, customers.deleted),
                (0, 0, 0),
                "{answer:#}"
            );
            assert_eq!(
                answer["records"]["CUSTOMERS"]["left_aside"], 1,
                "{answer:#}"
            );
            // Nor does the server's own count, in which the customer still is, make a warning.
            assert_eq!(
                messages(&answer, "warnings"),
                ["1 client effacé à sa demande reste en dehors"]
            );
            assert_eq!(site.rows(), before);
            assert_gone(&site.estate);
        }
    }
}

/// Created anew under another number, or with a field that cannot be understood.
#[test]
fn a_partner_created_anew_or_damaged_is_not_told_of() {
    let mut house = house();
    let stub = Stub::at_home(house.clone());
    let site = Site::of(&stub);
    site.sync();
    site.run(&["erase", "odoo-2", "--yes"]).exits(0);

    house.partners[1]["is_company"] = json!("Jean Zyxwvut");
    house.partners[1]["email"] = json!("Jean Zyxwvut@");
    let mut again = partner(5);
    again["name"] = json!("Jean Zyxwvut");
    again["email"] = json!("jean.zyxwvut@example.fr");
    again["is_company"] = json!("Jean");
    house.partners.push(again);
    let other = Stub::at_home(house);
    let site = Site {
        estate: site.estate.setting("URL", &other.url()),
    };
    let answer = site.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "CUSTOMERS").rejected, 0, "{answer:#}");
    assert_eq!(
        answer["records"]["CUSTOMERS"]["left_aside"], 2,
        "{answer:#}"
    );
    let text = String::from_utf8_lossy(&bytes(&site.estate)).to_lowercase();
    assert!(!text.contains("zyxwvut"));
}

/// Contacts of an erased firm stay, and name it no more.
#[test]
fn the_contacts_of_an_erased_firm_do_not_name_it() {
    let mut house = House::of(3);
    let field = "commercial_partner_id";
    house.more_fields.push(("res.partner", field));
    house.partners.push(partner(4711));
    for row in &mut house.partners {
        row[field] = json!([row["id"], "Client"]);
    }
    house.partners[0][field] = json!([4711, "Client"]);
    let stub = Stub::at_home(house);
    let site = Site::of(&stub);
    site.sync();
    let firms = "SELECT customer_key, company_key FROM customers ORDER BY 1";
    assert!(site.estate.sql(firms)[0].contains("odoo-4711"));
    site.run(&["erase", "odoo-4711", "--yes"]).exits(0);
    for args in [None, Some(&[][..]), Some(&["--full"])] {
        if let Some(args) = args {
            let answer = site.sync_with(args, 0);
            let customers = counts(&answer, "CUSTOMERS");
            assert_eq!(
                (customers.inserted, customers.updated, customers.deleted),
                (0, 0, 0),
                "{answer:#}"
            );
        }
        let expected = ["odoo-1|NULL", "odoo-2|NULL", "odoo-3|NULL"];
        assert_eq!(site.estate.sql(firms), expected, "{args:?}");
        assert!(!holds(&site.estate, "odoo-4711"), "{args:?}");
    }
}
