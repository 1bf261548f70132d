//! Access from other machines needs a token.

use std::fs;

use serde_json::json;

use super::answer::{Answer, TOKEN, assert_discreet};
use super::served::{JSON, PAGE, Served};
use crate::common::Estate;
use crate::odoo::stub::KEY;

const VARIABLE: &str = "CRMRECO_SERVE_TOKEN";

/// An estate whose settings hold an Odoo's key beside `cave`.
fn estate() -> Estate {
    let estate = Estate::of("plain");
    let odoo = "CRMRECO_CONNECTOR__ODOO__";
    estate.env_lines(&format!(
        "{odoo}TYPE=odoo\n{odoo}URL=http://127.0.0.1:9\n{odoo}DB=prod\n{odoo}USER=bot\n{odoo}API_KEY={KEY}"
    ));
    estate
}

fn guarded(estate: &Estate) -> Served {
    Served::with(estate, &["-vv"], &[(VARIABLE, TOKEN)])
}

fn log_in(served: &Served, token: &str, next: &str) -> Answer {
    let form = [
        ("csrf_token", served.forgery_token()),
        ("token", token),
        ("next", next),
    ];
    served
        .ask("POST", "/login")
        .header("Accept", PAGE)
        .form(&form)
        .send()
}

/// The cookie that an answer sets, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap();
    set.split(';').next().unwrap().to_owned()
}

#[test]
fn other_machines_have_no_access_without_a_token() {
    let estate = Estate::of("plain");
    for args in [
        &["--addr", "0.0.0.0:0"][..],
        &["--addr", "[::]:0"],
        &["--addr", "192.0.2.1:0"],
        &["--addr", "127.0.0.1:0", "--host", "crm.domaine.example"],
    ] {
        let args = [&["serve"], args].concat();
        let refused = estate.crmreco(&args).exits(3);
        refused.says(&["jeton", "CRMRECO_SERVE_TOKEN=$(openssl rand -hex 32)"]);
        let told = estate
            .crmreco(&[&args[..], &["--json"]].concat())
            .exits(3)
            .json();
        assert_eq!(told["success"], false);
    }
}

#[test]
fn a_weak_token_is_refused_in_environment_and_settings() {
    let estate = Estate::of("plain");
    let addresses = ["127.0.0.1:0", "0.0.0.0:0"];
    for weak in [
        "secret",
        "0123456789abcdef0123456789abcde",
        &"ab".repeat(40),
        "pas de blancs 0123456789abcdef",
    ] {
        for address in addresses {
            let mut command = estate.command(&["serve", "--addr", address]);
            let refused = crate::common::Outcome::of(command.env(VARIABLE, weak)).exits(3);
            assert!(!refused.text().contains(weak), "{refused:?}");
            refused.says(&["trop facile à deviner", "openssl rand -hex 32"]);
        }
    }
    estate.env_lines(&format!("{VARIABLE}=secret"));
    estate
        .crmreco(&["serve", "--addr", "127.0.0.1:0"])
        .exits(3)
        .says(&["trop facile"]);
}

#[test]
fn requests_without_credentials_get_nothing() {
    let estate = estate();
    let served = guarded(&estate);
    for path in [
        "/",
        "/connectors",
        "/connectors/cave",
        "/connectors/nobody",
        "/connectors/api/events",
        "/nowhere",
    ] {
        let encoded = path.replace('/', "%2F");
        served
            .page(path)
            .leads_to(&format!("/login?next={encoded}"));
        served.json(path).fails(401, &["/login", "Bearer"]);
        served.ask("GET", path).send().is(401);
        served
            .ask("HEAD", path)
            .header("Accept", PAGE)
            .send()
            .is(401);
        served
            .post(path)
            .header("Accept", JSON)
            .send()
            .fails(401, &[]);
        served.post(path).header("Accept", PAGE).send().is(401);
    }
    for wrong in [
        "",
        "x",
        &TOKEN[1..],
        &format!("{TOKEN}x"),
        &TOKEN.to_lowercase(),
    ] {
        let bearer = format!("Bearer {wrong}");
        served.json("/connectors").is(401);
        let asked = served.ask("GET", "/connectors").header("Accept", JSON);
        asked.header("Authorization", &bearer).send().is(401);
    }
    for scheme in ["Basic", "Token", "Bearer:"] {
        let shown = format!("{scheme} {TOKEN}");
        let asked = served.ask("GET", "/connectors").header("Accept", JSON);
        asked.header("Authorization", &shown).send().is(401);
    }
    let in_address = format!("/connectors?token={TOKEN}");
    served.json(&in_address).is(401);
    let logs = served
        .ask("GET", "/connectors/cave/logs")
        .header("Authorization", &format!("Bearer {TOKEN}"))
        .send()
        .document();
    assert_eq!(logs["total"], 0, "{logs:#}");
    // Whether it lives, and what the login page is drawn with, is for all.
    assert_eq!(
        served.json("/healthz").is(200).document(),
        json!({"success": true})
    );
    let login = served.page("/login").is(200);
    for (_, place) in super::answer::attributes(login.text()).flatten() {
        if place.starts_with("/assets/") {
            served.page(&place).is(200);
        }
    }
}

#[test]
fn a_script_authenticates_with_a_bearer_token() {
    let estate = estate();
    let served = guarded(&estate);
    let bearer = |method: &str, path: &str| {
        let ask = served.ask(method, path).header("Accept", JSON);
        ask.header("Authorization", &format!("Bearer {TOKEN}"))
            .send()
    };
    for path in [
        "/connectors",
        "/connectors/cave",
        "/connectors/odoo",
        "/connectors/api/metrics",
    ] {
        bearer("GET", path).is(200);
    }
    // Browsers never send that header by themselves: it proves what the token of our pages would.
    bearer("POST", "/connectors/cave/test").is(200);
    bearer("POST", "/connectors/cave/sync").is(200);
    bearer("POST", "/connectors/odoo/sync").is(502);
    let lower = served
        .ask("GET", "/connectors")
        .header("Authorization", &format!("bearer  {TOKEN} "));
    lower.header("Accept", JSON).send().is(200);
    let foreign = served
        .ask("POST", "/connectors/cave/sync")
        .header("Origin", "http://evil.example");
    foreign
        .header("Authorization", &format!("Bearer {TOKEN}"))
        .send()
        .is(403);
}

#[test]
fn a_person_logs_in_works_and_logs_out() {
    let estate = estate();
    let served = guarded(&estate);
    for wrong in ["", "x", &TOKEN[1..]] {
        let refused = log_in(&served, wrong, "/connectors")
            .is(401)
            .says(&["Ce n'est pas le jeton"]);
        assert_eq!(refused.header("set-cookie"), None);
    }
    let entered =
        log_in(&served, TOKEN, "/connectors/cave?offset=0").leads_to("/connectors/cave?offset=0");
    let set = entered.header("set-cookie").unwrap();
    for word in [
        "; Path=/",
        "; HttpOnly",
        "; SameSite=Strict",
        "; Max-Age=43200",
    ] {
        assert!(set.contains(word), "{set}");
    }
    let cookie = cookie(&entered);
    let inside = |method: &str, path: &str| {
        let ask = served
            .ask(method, path)
            .header("Cookie", &format!("autre=1; {cookie}"));
        ask.header("Accept", PAGE)
    };
    inside("GET", "/connectors")
        .send()
        .is(200)
        .says(&["Se déconnecter"]);
    inside("GET", "/connectors/odoo")
        .send()
        .is(200)
        .says(&["••••", "cette machine même"]);
    // A cookie alone changes nothing: browsers send it by themselves.
    inside("POST", "/connectors/cave/test").send().is(403);
    let token = served.forgery_token();
    inside("POST", "/connectors/cave/test")
        .header("X-CSRF-Token", token)
        .send()
        .is(200);

    let left = inside("POST", "/logout")
        .header("X-CSRF-Token", token)
        .send()
        .leads_to("/login");
    assert!(
        left.header("set-cookie").unwrap().contains("Max-Age=0"),
        "{left}"
    );
    inside("GET", "/connectors")
        .send()
        .leads_to("/login?next=%2Fconnectors");
    let name = cookie.split_once('=').unwrap().0;
    let made_up = format!("{name}={}", "0".repeat(64));
    let asked = served.ask("GET", "/connectors").header("Cookie", &made_up);
    asked.header("Accept", JSON).send().is(401);
}

#[test]
fn a_login_never_redirects_to_another_site() {
    let estate = Estate::of("plain");
    let served = guarded(&estate);
    for next in [
        "",
        "https://evil.example/",
        "//evil.example/connectors",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/connectors.evil.example",
        "/connectors/../../evil\r\nSet-Cookie: a=b",
        "/connectors/\u{e9}",
        "/login",
        "connectors",
    ] {
        log_in(&served, TOKEN, next).leads_to("/connectors");
        let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = served.page(&format!("/login?next={encoded}")).is(200);
        page.says(&["name=\"next\" value=\"/connectors\""]);
    }
}

#[test]
fn the_token_may_be_in_the_settings_file_and_the_environment_wins() {
    let estate = Estate::of("plain");
    estate.env_lines(&format!("{VARIABLE}={TOKEN}"));
    let bearer = |served: &Served, token: &str| {
        let ask = served.ask("GET", "/connectors").header("Accept", JSON);
        ask.header("Authorization", &format!("Bearer {token}"))
            .send()
            .status
    };
    let served = Served::of(&estate);
    assert_eq!((bearer(&served, TOKEN), bearer(&served, "x")), (200, 401));
    let other = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let served = Served::with(&estate, &[], &[(VARIABLE, other)]);
    assert_eq!((bearer(&served, TOKEN), bearer(&served, other)), (401, 200));
    estate.crmreco(&["list"]).exits(0);
}

/// Asked over loopback only.
#[test]
fn with_a_token_the_server_listens_on_any_address() {
    let estate = Estate::of("plain");
    let served = Served::with(&estate, &[], &[(VARIABLE, TOKEN)]);
    drop(served);
    let mut command = estate.command(&["serve", "--json", "--addr", "0.0.0.0:0"]);
    let served = Served::start(command.env(VARIABLE, TOKEN));
    let asked = |host: &str| {
        let host = format!("Host: {host}");
        let lines = [
            "GET /connectors HTTP/1.1",
            &host,
            "Accept: application/json",
        ];
        served
            .raw_head(&[&lines[..], &[&format!("Authorization: Bearer {TOKEN}")]].concat())
            .status
    };
    for ours in [
        "192.168.1.20:5000",
        "127.0.0.1",
        "[2001:db8::1]",
        "localhost",
    ] {
        assert_eq!(asked(ours), 200, "{ours}");
    }
    assert_eq!(asked("evil.example"), 403);
    served.json("/connectors").is(401);
}

#[test]
fn no_response_contains_a_secret() {
    let estate = estate();
    let served = guarded(&estate);
    let entered = cookie(&log_in(&served, TOKEN, "/connectors"));
    let token = served.forgery_token();
    for (method, path) in [
        ("GET", "/connectors"),
        ("GET", "/connectors/odoo"),
        ("GET", "/connectors/odoo/logs"),
        ("GET", "/connectors/new?api_key=x&connector_type=odoo"),
        ("POST", "/connectors/odoo/test"),
        ("POST", "/connectors/odoo/sync"),
        ("GET", "/connectors/odoo"),
        ("GET", &format!("/connectors/odoo?token={TOKEN}")),
    ] {
        for accepted in [PAGE, JSON] {
            // What each answer tells is looked through as it comes.
            let ask = served
                .ask(method, path)
                .header("Accept", accepted)
                .header("Prefer", "wait=60");
            let ask = ask.header("X-CSRF-Token", token);
            ask.header("Cookie", &entered).send();
        }
    }
    let log = served.log();
    assert!(log.contains("answered"), "{log}");
    for secret in [entered.split('=').nth(1).unwrap(), token] {
        assert!(!log.contains(secret), "{log}");
    }
    #[cfg(target_os = "linux")]
    {
        let listed = fs::read(format!("/proc/{}/cmdline", served.process_id())).unwrap();
        assert_discreet(&String::from_utf8_lossy(&listed));
    }
    for file in fs::read_dir(estate.home()).unwrap().map(Result::unwrap) {
        if file.path().is_file() && file.file_name() != ".env" {
            assert_discreet(&String::from_utf8_lossy(&fs::read(file.path()).unwrap()));
        }
    }
}
