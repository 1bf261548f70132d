//! Under which names browsers may ask, and what of another site's doing is refused.

use super::served::{JSON, PAGE, Served};
use crate::common::Estate;

/// Each kind of path there is: none answers under a foreign name.
const PATHS: [&str; 9] = [
    "/",
    "/connectors",
    "/connectors/cave",
    "/connectors/cave/logs",
    "/connectors/api/status",
    "/connectors/api/events",
    "/login",
    "/healthz",
    "/nowhere",
];

fn host(served: &Served, path: &str, host: &str) -> super::answer::Answer {
    served.raw_head(&[&format!("GET {path} HTTP/1.1"), &format!("Host: {host}")])
}

#[test]
fn a_foreign_host_name_is_refused_on_every_path() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let list = served.page("/connectors");
    let assets = super::answer::attributes(list.text()).flatten();
    let assets: Vec<_> = assets
        .map(|(_, place)| place)
        .filter(|place| place.starts_with("/assets/"))
        .collect();
    assert!(!assets.is_empty());
    for path in PATHS.into_iter().chain(assets.iter().map(String::as_str)) {
        let refused = host(&served, path, "evil.example:5000");
        refused
            .is(403)
            .says(&["ne répond pas sous ce nom", "ce nom"]);
    }
    let port = served.address().port();
    for foreign in [
        "evil.example",
        &format!("evil.example:{port}"),
        "localhost.evil.example",
        "localhost@evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io",
        "xn--localhost-.example",
        "192.168.1.20",
        "0.0.0.0",
        "[2001:db8::1]",
        "[::ffff:10.0.0.1]",
        "",
        ":5000",
        "local host",
        "localhost/",
        "localhost, evil.example",
        "2130706433",
    ] {
        let refused = host(&served, "/connectors", foreign);
        assert!([400, 403].contains(&refused.status), "{foreign}: {refused}");
    }
}

#[test]
fn our_host_names_are_accepted_with_any_port() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for ours in [
        "localhost",
        "LocalHost",
        "localhost:1",
        "127.0.0.1",
        "127.0.0.1:65535",
        "127.1.2.3:80",
        "[::1]",
        "[::1]:8080",
    ] {
        host(&served, "/connectors", ours).is(200);
        host(&served, "/healthz", ours).is(200);
    }
}

#[test]
fn a_request_must_have_exactly_one_host() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let own = format!("Host: {}", served.address());
    for lines in [
        &["GET /connectors HTTP/1.1"][..],
        &["GET /connectors HTTP/1.0"],
        &["GET /connectors HTTP/1.1", &own, &own],
        &["GET /connectors HTTP/1.1", &own, "Host: evil.example"],
        &["GET /connectors HTTP/1.1", "Host: evil.example", &own],
    ] {
        served.raw_head(lines).is(400);
    }
    served.raw_head(&["GET /connectors HTTP/1.0", &own]).is(200);
}

#[test]
fn an_absolute_uri_must_have_our_host() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let own = served.address().to_string();
    let ask = |authority: &str, host: &str| {
        let line = format!("GET http://{authority}/connectors HTTP/1.1");
        served.raw_head(&[&line, &format!("Host: {host}")]).status
    };
    assert_eq!(ask(&own, &own), 200);
    assert_eq!(ask("localhost", &own), 200);
    assert_eq!(ask("evil.example", &own), 403);
    assert_eq!(ask(&own, "evil.example"), 403);
    assert_eq!(ask("evil.example", "evil.example"), 403);
    let tunnel = served.raw_head(&[
        "CONNECT evil.example:443 HTTP/1.1",
        "Host: evil.example:443",
    ]);
    assert!((400..500).contains(&tunnel.status), "{tunnel}");
    let tunnel = served.raw_head(&[&format!("CONNECT {own} HTTP/1.1"), &format!("Host: {own}")]);
    assert!((400..500).contains(&tunnel.status), "{tunnel}");
}

#[test]
fn host_names_of_the_command_line_are_accepted() {
    let estate = Estate::of("plain");
    let token = [("CRMRECO_SERVE_TOKEN", super::answer::TOKEN)];
    let args = ["--host", "crm.Domaine.example", "--host", "cave.local"];
    let served = Served::with(&estate, &args, &token);
    for ours in [
        "crm.domaine.example",
        "CRM.domaine.example:443",
        "cave.local",
        "localhost",
    ] {
        host(&served, "/healthz", ours).is(200);
    }
    for foreign in [
        "domaine.example",
        "x.crm.domaine.example",
        "evil.example",
        "10.0.0.1",
    ] {
        host(&served, "/healthz", foreign).is(403);
    }
}

#[test]
fn requests_from_another_site_are_refused() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let own = format!("http://{}", served.address());
    for (name, value) in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Origin", ""),
        ("Origin", "http://127.0.0.1:1"),
        ("Origin", &format!("{own}.evil.example")),
        ("Origin", &format!("{own}/")),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        for path in [
            "/connectors",
            "/connectors/cave/sync",
            "/connectors/cave/test",
            "/logout",
            "/nowhere",
        ] {
            let refused = served.post(path).header(name, value).header("Accept", JSON);
            refused.send().fails(403, &["autre site"]);
        }
    }
    assert_eq!(served.json("/connectors/cave/logs").document()["total"], 0);
    for (name, value) in [
        ("Origin", own.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none"),
    ] {
        let accepted = served.post("/connectors/cave/test").header(name, value);
        accepted.send().is(200);
    }
    // Looking changes nothing: a link of another site may lead here.
    let led = served
        .ask("GET", "/connectors")
        .header("Sec-Fetch-Site", "cross-site");
    led.header("Accept", PAGE).send().is(200);
}

#[test]
fn no_cors_header_is_sent() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for path in PATHS.into_iter().filter(|path| !path.ends_with("events")) {
        // That no answer has a header that would allow it is checked of every answer.
        let asked = served
            .ask("GET", path)
            .header("Origin", "http://evil.example");
        asked.send();
        let before = served
            .ask("OPTIONS", path)
            .header("Origin", "http://evil.example");
        let before = before
            .header("Access-Control-Request-Method", "POST")
            .send();
        assert_eq!(before.status, 403, "{before}");
    }
}
