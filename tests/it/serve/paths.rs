//! Addresses made to lead astray: no file is served, nothing breaks.

use super::served::Served;
use crate::common::Estate;

const SECRET: &str = "rien-qui-se-lise-ailleurs";

#[test]
fn no_path_leads_out_of_the_routes() {
    let estate = Estate::of("plain").setting("API_KEY", SECRET);
    estate.sync();
    let served = Served::of(&estate);
    let host = format!("Host: {}", served.address());
    let long = format!("/connectors/{}", "x".repeat(8000));
    for path in [
        "/connectors/../.env",
        "/connectors/../../../../etc/passwd",
        "/connectors/%2e%2e%2f.env",
        "/connectors/..%2f.env",
        "/connectors/..%2f.env/logs",
        "/connectors/..%2f..%2f/logs",
        "/connectors/..%5c.env",
        "/connectors/.env",
        "/connectors/./cave",
        "/connectors/cave/",
        "/connectors/cave/../cave",
        "/connectors/cave%00",
        "/connectors/%00/logs",
        "/connectors/cave%0d%0aX:%20y",
        "/connectors/%FF%FE",
        "/connectors/%zz",
        "/connectors/%",
        "/connectors/cave%2flogs",
        "/connectors/CAVE",
        "/connectors/cave;x=1",
        "/connectors//logs",
        "/connectors//cave",
        "/connectors/",
        "//connectors",
        "///",
        "//evil.example/connectors",
        "/\\evil.example",
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fcrmreco.db/script.js",
        "/assets/%2e%2e/script.js",
        "/assets/x/y/z",
        "/assets/",
        "/.env",
        "/crmreco.db",
        "/healthz/",
        "/login/..",
        "*",
        &long,
        &format!("{long}/logs"),
    ] {
        for accept in ["Accept: text/html", "Accept: application/json"] {
            let line = format!("GET {path} HTTP/1.1");
            let answer = served.raw_head(&[&line, &host, accept]);
            assert!([400, 404, 405].contains(&answer.status), "{path}: {answer}");
            assert!(!answer.text().contains(SECRET), "{path}: {answer}");
        }
    }
    for path in [
        "/connectors/..%2f.env/test",
        "/connectors/%00/sync",
        "/connectors/%00/test",
        "/connectors/../x/sync",
    ] {
        let token = format!("X-CSRF-Token: {}", served.forgery_token());
        let line = format!("POST {path} HTTP/1.1");
        served
            .raw_head(&[&line, &host, &token, "Content-Length: 0"])
            .is(404);
    }
    served.json("/connectors").is(200);
}
