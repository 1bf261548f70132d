//! The pictures of the pages: what they show, in words and in a table, and what pages with them weigh.

use super::answer::{Answer, attributes};
use super::served::Served;
use crate::common::Estate;

/// No page weighs more.
const MOST_BYTES: usize = 60 * 1000;

/// Sales of two months, one of them with a return.
const SALES: &str = "numero;date;code_client;code_produit;quantite;montant_ttc\n\
    F1;2025-10-03;C1;P1;2;100,40\nF2;2025-10-20;C1;P1;1;50\nF3;2025-12-01;C1;P1;1;1200,20\nF4;2025-12-02;C1;P1;-1;-0,50\n";

/// Customers of so many numbers.
fn customers(count: u32) -> String {
    let rows = (1..=count).map(|row| format!("C{row};Nom\n"));
    format!("code_client;nom\n{}", rows.collect::<String>())
}

fn estate() -> Estate {
    let estate = Estate::empty();
    estate.export("clients.csv", customers(10));
    estate.export("ventes.csv", SALES);
    estate.sync();
    estate.export("clients.csv", customers(25));
    estate.sync();
    estate.sync();
    estate
}

/// Each picture of the page that has a name.
fn titles(page: &Answer) -> Vec<String> {
    let text = page.text().replace(['\u{a0}', '\u{202f}'], " ");
    let drawn = text.split("role=\"img\"><title>").skip(1);
    let titles = drawn.map(|rest| rest.split("</title>").next().unwrap().to_owned());
    titles.collect()
}

#[test]
fn each_card_shows_the_rows_of_its_latest_syncs() {
    let estate = estate();
    estate.connector("chai", &estate.exports());
    let served = Served::of(&estate);
    let page = served.page("/connectors").is(200);
    assert_eq!(titles(&page), ["Lignes par sync : 14, 25, 0"]);
}

#[test]
fn a_connector_shows_its_rows_over_time_as_pictures_and_as_a_table() {
    let estate = estate();
    let day = "UPDATE runs SET ended_at = '2026-01-0' || run_id || 'T09:00:00Z'";
    estate.sql(day);
    let served = Served::of(&estate);
    let page = served.page("/connectors/cave").is(200);
    let titles = titles(&page);
    assert_eq!(
        titles[..2],
        [
            "Clients : 10 le 01/01/2026, 25 le 03/01/2026",
            "Ventes : 4 le 01/01/2026, 4 le 03/01/2026"
        ]
    );
    let rows = ["03/01/2026|25|4", "02/01/2026|25|4", "01/01/2026|10|4"];
    assert_eq!(table(&page, "Lignes en base par date"), rows);
}

#[test]
fn a_connector_shows_its_sales_by_month_as_a_picture_and_as_a_table() {
    let estate = estate();
    let served = Served::of(&estate);
    let page = served.page("/connectors/cave").is(200);
    let titles = titles(&page);
    assert_eq!(
        titles[2],
        "Ventes TTC par mois, de octobre 2025 à décembre 2025"
    );
    let rows = [
        "décembre 2025|1 200 €|2",
        "novembre 2025|0 €|0",
        "octobre 2025|150 €|2",
    ];
    assert_eq!(table(&page, "Montants par mois"), rows);
    page.says(&["<title>octobre 2025 : 150 €</title>"]);
    // After a sync it is drawn anew.
    let head = SALES.lines().next().unwrap();
    estate.export(
        "ventes_2.csv",
        format!("{head}\nF5;2025-10-21;C1;P1;1;60\n"),
    );
    estate.sync();
    let page = served.page("/connectors/cave").is(200);
    let rows = table(&page, "Montants par mois");
    assert_eq!(rows[2], "octobre 2025|210 €|3");
    // And when its rows are gone.
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes"])
        .exits(0);
    estate.connector("cave", &estate.exports());
    let page = served.page("/connectors/cave").is(200);
    assert!(!page.text().contains("Montants par mois"), "{page}");
}

/// The cells of each row of the table with this name.
fn table(page: &Answer, name: &str) -> Vec<String> {
    let text = page.text().replace(['\u{a0}', '\u{202f}'], " ");
    let begin = text
        .split(&format!("aria-label=\"{name}\""))
        .nth(1)
        .unwrap();
    let body = begin.split("<tbody>").nth(1).unwrap();
    let body = body.split("</tbody>").next().unwrap();
    let rows = body.split("<tr>").skip(1).map(|row| {
        let cells = row.split("</t").filter_map(|cell| cell.rsplit_once('>'));
        let cells = cells.map(|(_, cell)| cell).filter(|cell| !cell.is_empty());
        cells.collect::<Vec<_>>().join("|")
    });
    rows.collect()
}

/// Fifty connectors with a long history each; the newest sync of each failed.
fn busy_estate() -> Estate {
    let estate = Estate::of("plain");
    for number in 1..50 {
        estate.connector(&format!("cave_{number}"), &estate.exports());
    }
    estate.sync();
    let insert = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 549)
         INSERT INTO runs (source, connector_type, status, started_at, ended_at, duration_seconds)
         SELECT CASE n % 50 WHEN 0 THEN 'cave' ELSE 'cave_' || (n % 50) END, 'isavigne',
             CASE WHEN n < 500 THEN 'success' ELSE 'error' END,
             '2026-01-' || printf('%02d', 1 + n / 50) || 'T10:00:00Z',
             '2026-01-' || printf('%02d', 1 + n / 50) || 'T10:00:00Z', 12.5 FROM n";
    estate.sql(insert);
    let tables = [
        "CUSTOMERS",
        "PRODUCTS",
        "SALES_LINES",
        "STOCK_LEVELS",
        "CONTACT_HISTORY",
    ];
    for table in tables {
        estate.sql(&format!(
            "INSERT INTO run_tables SELECT run_id, '{table}', 123456 + run_id * 977, 1000 + run_id, 12, 100000, 7, 3, 0
             FROM runs WHERE run_id > 1"
        ));
    }
    estate.sql(
        "INSERT INTO run_messages SELECT run_id, 0, 'error', 'Le dossier d''exports /mnt/partage/isavigne/exports \
         n''est pas lisible : introuvable. Vérifiez qu''il existe, que le partage réseau est monté et que vous avez le \
         droit de le lire.' FROM runs WHERE status = 'error'",
    );
    estate
}

/// What the page weighs with its script and its icon.
fn weight(served: &Served, path: &str) -> usize {
    let page = served.page(path).is(200);
    let mut places: Vec<String> = attributes(page.text())
        .flatten()
        .filter(|(name, place)| (name == "src" || name == "href") && place.starts_with("/assets/"))
        .map(|(_, place)| place)
        .collect();
    places.sort();
    places.dedup();
    let assets = places
        .iter()
        .map(|place| served.page(place).is(200).bytes());
    page.bytes() + assets.sum::<usize>()
}

#[test]
fn pages_with_all_their_pictures_are_light() {
    let estate = busy_estate();
    let served = Served::of(&estate);
    let page = served.page("/connectors").is(200);
    assert_eq!(titles(&page).len(), 50);
    for path in [
        "/connectors",
        "/connectors/cave_7",
        "/connectors/cave_7?offset=10",
    ] {
        let bytes = weight(&served, path);
        assert!(bytes < MOST_BYTES, "{path}: {bytes}");
    }
}
