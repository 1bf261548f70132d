//! What pages are made of, and what they weigh.

use super::answer::attributes;
use super::served::{JSON, PAGE, Served};
use crate::common::Estate;

/// The pages of an estate of fifty connectors that were all synced, one with rejects.
fn estate() -> Estate {
    let estate = Estate::of_bad("row_lengths");
    for number in 1..50 {
        estate.connector(&format!("cave_{number}"), &estate.exports());
    }
    estate.sync();
    estate
}

#[test]
fn all_links_and_assets_of_a_page_exist() {
    let estate = estate();
    let served = Served::of(&estate);
    let mut seen = 0;
    for path in [
        "/connectors",
        "/connectors/new",
        "/connectors/cave",
        "/connectors/cave/rejects",
        "/connectors/cave/receipt",
        "/rejects",
        "/rejects?connector=cave&state=all",
        "/login",
        "/nowhere",
    ] {
        let page = served.page(path);
        let referred = attributes(page.text())
            .flatten()
            .filter(|(name, _)| name == "src" || name == "href");
        for (_, place) in referred {
            if let Some(id) = place.strip_prefix('#') {
                assert!(
                    page.text().contains(&format!("id=\"{id}\"")),
                    "{place} of {path}"
                );
            } else if !place.starts_with("/connectors/cave_") {
                served.page(&place.replace("&amp;", "&")).is(200);
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_history_says_how_long_it_is_kept() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    served.page("/connectors/cave").is(200).says(&[
        "gardés 400",
        "CRMRECO_KEEP_DAYS",
        "est effacé",
    ]);
    estate.env_lines("CRMRECO_KEEP_DAYS=30");
    served.page("/connectors/cave").says(&["gardés 30"]);
    estate.env_lines("CRMRECO_KEEP_DAYS=jamais");
    served.page("/connectors/cave").is(200);
}

#[test]
fn the_list_of_fifty_connectors_is_light() {
    let estate = estate();
    let served = Served::of(&estate);
    let list = served.page("/connectors").is(200);
    let mut bytes = list.bytes();
    let mut assets = 0;
    for (name, place) in attributes(list.text()).flatten() {
        if (name == "src" || name == "href") && place.starts_with("/assets/") {
            bytes += served.page(&place).is(200).bytes();
            assets += 1;
        }
    }
    // The icon stands in the head and in the banner.
    assert_eq!(assets, 3);
    assert!(bytes < 60 * 1000, "{bytes}");
}

#[test]
fn every_page_has_its_language_title_heading_and_a_way_past_the_banner() {
    let estate = estate();
    let served = Served::of(&estate);
    for path in [
        "/connectors",
        "/connectors/new",
        "/connectors/cave",
        "/connectors/cave/rejects",
        "/connectors/cave/receipt",
        "/rejects",
        "/rejects?connector=cave&state=all",
        "/login",
        "/nowhere",
    ] {
        let page = served.page(path);
        page.says(&[
            "<!DOCTYPE html><html lang=\"fr\">",
            " · crmreco</title>",
            "<h1",
            "href=\"#contenu\"",
        ]);
        let page = served.page(path);
        assert_eq!(page.text().matches("<h1").count(), 1, "{path}");
        let mut ids: Vec<_> = attributes(page.text())
            .flatten()
            .filter(|(name, _)| name == "id")
            .collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id stands twice in {path}");
    }
}

#[test]
fn each_page_allows_only_its_own_stylesheet() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    let nonce = || {
        let page = served.page("/connectors").is(200);
        let policy = page.header("content-security-policy").unwrap();
        let nonce = policy
            .split("style-src 'nonce-")
            .nth(1)
            .unwrap()
            .trim_end_matches('\'')
            .to_owned();
        assert!(
            nonce.len() >= 32 && page.text().contains(&format!("<style nonce=\"{nonce}\">")),
            "{page}"
        );
        nonce
    };
    assert_ne!(nonce(), nonce());
}

#[test]
fn assets_are_cached_for_ever_under_their_hashed_url() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    let list = served.page("/connectors");
    for (end, kind) in [
        ("script.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let mut places = attributes(list.text()).flatten();
        let (_, place) = places.find(|(_, place)| place.ends_with(end)).unwrap();
        let asset = served.ask("GET", &place).send().is(200);
        assert_eq!(asset.header("content-type"), Some(kind));
        assert_eq!(
            asset.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        // A refusal is not.
        let foreign = [&format!("GET {place} HTTP/1.1"), "Host: evil.example"];
        let refused = served.raw_head(&foreign);
        assert_eq!(refused.header("cache-control"), Some("no-store"));
        let other = served
            .page(&format!("/assets/0000000000000000/{end}"))
            .is(404);
        assert_eq!(other.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn nothing_else_is_cached() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for path in [
        "/",
        "/connectors",
        "/connectors/cave",
        "/connectors/api/status",
        "/healthz",
        "/login",
        "/nowhere",
    ] {
        for accepted in [PAGE, JSON] {
            let answer = served.ask("GET", path).header("Accept", accepted).send();
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
    let posted = served.post("/connectors/cave/test").send().is(200);
    assert_eq!(posted.header("cache-control"), Some("no-store"));
}
