//! What changes anything shows the token that our pages alone carry.

use serde_json::json;

use super::served::{JSON, PAGE, Served};
use crate::common::Estate;

const CHANGING: [&str; 11] = [
    "/connectors",
    "/connectors/new/test",
    "/connectors/cave/edit",
    "/connectors/cave/edit/test",
    "/connectors/cave/remove",
    "/connectors/cave/test",
    "/connectors/cave/sync",
    "/connectors/cave/stop",
    "/connectors/api/sync-all",
    "/login",
    "/logout",
];

#[test]
fn requests_without_a_csrf_token_are_refused() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let before = estate.env_text();
    let other = Served::of(&estate).forgery_token().to_owned();
    let wrong = [
        "",
        "x",
        &other,
        &served.forgery_token()[1..],
        &format!("{}0", served.forgery_token()),
    ];
    for path in CHANGING {
        let bare = served.ask("POST", path).header("Accept", JSON);
        bare.send().fails(403, &["rien n'a été fait", "Rechargez"]);
        for token in wrong {
            let by_header = served.ask("POST", path).header("X-CSRF-Token", token);
            by_header
                .header("Accept", PAGE)
                .send()
                .is(403)
                .says(&["rien n'a été fait"]);
            let form = [
                ("csrf_token", token),
                ("connector_name", "chai"),
                ("connector_type", "isavigne"),
                ("export_path", "/srv"),
            ];
            let by_form = served.ask("POST", path).header("Accept", PAGE).form(&form);
            by_form.send().is(403);
        }
        let in_address = format!("{path}?csrf_token={}", served.forgery_token());
        served.ask("POST", &in_address).send().is(403);
        let cookie = format!("csrf_token={}", served.forgery_token());
        served
            .ask("POST", path)
            .header("Cookie", &cookie)
            .send()
            .is(403);
    }
    assert_eq!(estate.env_text(), before);
    assert_eq!(served.json("/connectors/cave/logs").document()["total"], 0);
}

#[test]
fn the_csrf_token_is_accepted_in_a_header_a_form_or_json() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let token = served.forgery_token();
    let test = || served.ask("POST", "/connectors/cave/test");
    test().header("X-CSRF-Token", token).send().is(200);
    test().form(&[("csrf_token", token)]).send().is(200);
    test().json(&json!({"csrf_token": token})).send().is(200);
    // A wrong header is not mended by a right field.
    test()
        .header("X-CSRF-Token", "x")
        .form(&[("csrf_token", token)])
        .send()
        .is(403);
}

#[test]
fn every_page_with_a_form_contains_the_csrf_token() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let field = format!("name=\"csrf_token\" value=\"{}\"", served.forgery_token());
    assert_eq!(served.forgery_token().len(), 64);
    for path in [
        "/connectors",
        "/connectors/new",
        "/connectors/cave",
        "/connectors/cave/edit",
        "/connectors/cave/remove",
        "/login",
    ] {
        let page = served.page(path).is(200);
        let forms = page.text().matches("method=\"post\"").count();
        assert_eq!(page.text().matches(&field).count(), forms, "{path}");
        assert!(forms > 0, "{path}");
    }
    // JSON, which a foreign page might be made to read some day, does not.
    for path in [
        "/connectors",
        "/connectors/cave",
        "/connectors/api/status",
        "/healthz",
    ] {
        assert!(!served.json(path).text().contains(served.forgery_token()));
    }
}

#[test]
fn get_requests_change_nothing() {
    let estate = Estate::of("plain");
    estate.sync();
    let served = Served::of(&estate);
    let (rows, settings) = (estate.dump(), estate.env_text());
    for path in [
        "/connectors",
        "/connectors?connector_name=chai&connector_type=isavigne&export_path=/srv",
        "/connectors/new?connector_name=chai&connector_type=isavigne&export_path=/srv",
        "/connectors/cave?enregistre=1",
        "/connectors/cave/edit?encoding=utf-8",
        "/connectors/cave/remove?purge=1",
        "/connectors/cave/stop",
        "/connectors/cave/sync",
        "/connectors/cave/test",
        "/connectors/cave/logs",
        "/connectors/api/sync-all",
        "/logout",
    ] {
        for method in ["GET", "HEAD"] {
            served.ask(method, path).send();
        }
    }
    assert_eq!((estate.dump(), estate.env_text()), (rows, settings));
    assert_eq!(served.json("/connectors/cave/logs").document()["total"], 1);
}
