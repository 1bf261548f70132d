//! The first page: what needs attention comes first, how old the data is, and a way to find one connector among many.

use super::answer::{Answer, attributes};
use super::served::{PAGE, Served};
use crate::common::Estate;

/// The names on the cards, in their order.
fn cards(page: &Answer) -> Vec<String> {
    let cards = page.text().split("<h3>").skip(1);
    let names = cards.map(|card| card.split('<').next().unwrap().to_owned());
    names.collect()
}

/// `cave`, whose files can be read, and others whose folders are missing; all were synced.
fn estate(missing: usize) -> Estate {
    let estate = Estate::of("plain");
    for number in 1..=missing {
        let folder = estate.root().join(format!("absent_{number}"));
        estate.connector(&format!("zinc_{number}"), &folder);
    }
    estate.crmreco(&["sync", "--all", "--quiet"]);
    estate
}

#[test]
fn errors_come_first() {
    let estate = estate(2);
    let served = Served::of(&estate);
    let page = served.page("/connectors").is(200);
    assert_eq!(cards(&page), ["zinc_1", "zinc_2", "cave"]);
    // The JSON stays in the order of the names.
    let text = served.json("/connectors").text().to_owned();
    assert!(text.find("\"cave\"") < text.find("\"zinc_1\""), "{text}");
}

#[test]
fn a_failure_does_not_hide_the_last_success() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    served.page("/connectors").says(&["Dernière sync : jamais"]);
    estate.sync();
    let page = served.page("/connectors").is(200);
    let page = page.says(&[", à l'instant"]);
    assert!(!page.text().contains("Dernière réussite"), "{page}");
    estate.sql(
        "UPDATE runs SET ended_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3 days', '-1 hours')",
    );
    std::fs::remove_dir_all(estate.exports()).unwrap();
    estate.crmreco(&["sync", "cave"]).exits(1);
    let page = served.page("/connectors").is(200);
    page.says(&["à l'instant", "Dernière réussite : il y a 3 jours"]);
    let page = served.page("/connectors/cave").is(200);
    page.says(&["<dt>Dernière réussite</dt>", "</time>, il y a 3 jours"]);
    let state = served.json("/connectors/cave").document()["status"].clone();
    assert!(state["last_success"].as_str() < state["last_sync"].as_str());
}

#[test]
fn a_few_connectors_need_no_search() {
    let estate = estate(10);
    let served = Served::of(&estate);
    let page = served.page("/connectors").is(200);
    assert!(!page.text().contains("role=\"search\""), "{page}");
    estate.connector("zinc_11", &estate.exports());
    served.page("/connectors").says(&["role=\"search\""]);
}

#[test]
fn connectors_are_found_by_name_type_error_and_state_without_a_script() {
    let estate = estate(12);
    estate.connector("jamais_vu", &estate.exports());
    let served = Served::of(&estate);
    let found = |query: &str| cards(&served.page(&format!("/connectors?{query}")).is(200));
    assert_eq!(found("q=CAVE"), ["cave"]);
    assert_eq!(found("q=absent_12"), ["zinc_12"]);
    assert_eq!(found("q=isavigne").len(), 14);
    assert_eq!(found("status=healthy"), ["cave"]);
    assert_eq!(found("status=idle&q=vu"), ["jamais_vu"]);
    assert_eq!(found("q=&status="), found(""));
    let none = served.page("/connectors?q=%3Cscript%3E&status=error");
    let none = none.is(200).says(&[
        "0 connecteur trouvé sur 14",
        "value=\"&lt;script&gt;\"",
        "Tout montrer",
        "✗ Erreur (12)",
    ]);
    assert!(cards(&none).is_empty());
    served.page("/connectors?status=malade").is(400);
}

#[test]
fn more_than_fifty_connectors_are_on_several_pages() {
    let estate = estate(0);
    for number in 10..70 {
        estate.connector(&format!("zinc_{number}"), &estate.exports());
    }
    let served = Served::of(&estate);
    let first = served.page("/connectors").is(200);
    let first = first.says(&["1 à 50 sur 61", "href=\"/connectors?offset=50\""]);
    assert_eq!(cards(&first).len(), 50);
    let last = served.page("/connectors?offset=50").is(200);
    assert_eq!(cards(&last).len(), 11);
    let found = served.page("/connectors?q=zinc").is(200);
    found.says(&["href=\"/connectors?q=zinc&amp;offset=50\""]);
}

#[test]
fn each_row_of_the_latest_syncs_leads_to_its_run() {
    let estate = estate(1);
    let served = Served::of(&estate);
    let list = served.page("/connectors").is(200);
    for (name, run_id) in [("cave", 1), ("zinc_1", 2)] {
        let path = format!("/connectors/{name}?run={run_id}#sync-n-{run_id}");
        list_has(&list, &path);
        let page = served.page(path.split('#').next().unwrap()).is(200);
        let opened = format!("<details id=\"sync-n-{run_id}\" open>");
        page.says(&[&opened]);
    }
    // A removed connector has no page.
    estate.crmreco(&["remove", "zinc_1", "--yes"]).exits(0);
    let list = served.page("/connectors").is(200).says(&["zinc_1"]);
    assert!(!list.text().contains("/connectors/zinc_1"), "{list}");
}

#[track_caller]
fn list_has(page: &Answer, path: &str) {
    let mut places = attributes(page.text()).flatten();
    assert!(places.any(|(_, place)| place == path), "{path}: {page}");
}

#[test]
fn every_page_has_the_navigation_and_marks_itself_in_it() {
    let estate = estate(1);
    let served = Served::of(&estate);
    for (path, marks) in [
        ("/connectors", 1),
        ("/connectors/new", 1),
        ("/connectors/cave", 0),
        ("/connectors/cave/rejects", 0),
        ("/connectors/personne", 0),
        ("/nowhere", 0),
    ] {
        let page = served.page(path);
        list_has(&page, "/connectors/new");
        page.says(&["<nav aria-label=\"Principale\">"]);
        let page = served.page(path);
        let count = page.text().matches("aria-current=\"page\"").count();
        assert_eq!(count, marks, "{path}");
    }
    let login = served.ask_unknown("GET", "/login").header("Accept", PAGE);
    let login = login.send().is(200);
    assert!(!login.text().contains("<nav"), "{login}");
}
