//! On a machine of several accounts, who comes in is who sees the terminal: by the address that it shows, once, or by
//! its code.

use std::fs;

use serde_json::json;

use super::answer::{Answer, TOKEN};
use super::served::{JSON, PAGE, Served};
use crate::common::{Estate, Outcome};

/// Each kind of path that tells or does something.
const PATHS: [&str; 11] = [
    "/",
    "/connectors",
    "/connectors/new",
    "/connectors/cave",
    "/connectors/cave/logs",
    "/connectors/cave/rejects",
    "/connectors/cave/receipt",
    "/rejects",
    "/connectors/api/status",
    "/connectors/api/metrics",
    "/connectors/api/events",
];

fn told<'s>(served: &'s Served, key: &str) -> &'s str {
    served.told()[key].as_str().unwrap()
}

fn types(served: &Served, code: &str) -> Answer {
    let form = [
        ("csrf_token", served.forgery_token()),
        ("code", code),
        ("next", "/connectors/cave"),
    ];
    let ask = served.ask_unknown("POST", "/login").header("Accept", PAGE);
    ask.form(&form).send()
}

#[test]
fn another_account_of_the_machine_has_no_access() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let token = served.forgery_token();
    for path in PATHS {
        let encoded = path.replace('/', "%2F");
        let page = served.ask_unknown("GET", path).header("Accept", PAGE);
        page.send().leads_to(&format!("/login?next={encoded}"));
        let document = served.ask_unknown("GET", path).header("Accept", JSON);
        let refused = document.send().fails(401, &["terminal", "/login"]);
        assert_eq!(refused.header("set-cookie"), None);
    }
    for path in [
        "/connectors",
        "/connectors/cave/sync",
        "/connectors/cave/test",
    ] {
        // Even with the mark of a page that everybody may read.
        let sent = served
            .ask_unknown("POST", path)
            .header("X-CSRF-Token", token);
        sent.json(&json!({})).send().fails(401, &[]);
        let bearer = served
            .ask_unknown("POST", path)
            .header("Authorization", "Bearer ");
        bearer.json(&json!({})).send().fails(401, &[]);
    }
    assert_eq!(served.json("/connectors/cave/logs").document()["total"], 0);
    served.ask_unknown("GET", "/healthz").send().is(200);
    let login = served.ask_unknown("GET", "/login").send().is(200);
    login.says(&["Code", "terminal", "crmreco serve"]);
}

#[test]
fn the_url_logs_in_once_and_sets_a_cookie_of_this_server() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let (name, value) = served.cookie().unwrap().split_once('=').unwrap();
    assert_eq!(name, format!("crmreco_session_{}", served.address().port()));
    assert_eq!(value.len(), 64);
    let path = told(&served, "login_url").split_once("/login").unwrap().1;
    let path = format!("/login{path}");
    // A second time it is the way of who has not come in.
    let again = served
        .ask_unknown("GET", &path)
        .header("Accept", PAGE)
        .send();
    let again = again.is(401).says(&["a déjà servi", "code"]);
    assert_eq!(again.header("set-cookie"), None);
    // The browser that came in by it may reload it.
    served.page(&path).is(200).says(&["Vous êtes connecté"]);
    served.page("/connectors").is(200).says(&["Se déconnecter"]);
    // Another server does not know who came in here.
    let other = Served::of(&estate);
    let asked = other
        .ask_unknown("GET", "/connectors")
        .header("Accept", JSON);
    asked
        .header("Cookie", served.cookie().unwrap())
        .send()
        .is(401);
}

#[test]
fn a_head_request_does_not_use_up_the_login_url() {
    let estate = Estate::of("plain");
    let mut command = estate.command(&["serve", "--json", "--addr", "127.0.0.1:0"]);
    let served = Served::start_unknown(&mut command);
    let path = told(&served, "login_url").split_once("/login").unwrap().1;
    let path = format!("/login{path}");
    for _ in 0..3 {
        let looked = served.ask_unknown("HEAD", &path).send().is(200);
        assert_eq!(looked.header("set-cookie"), None);
    }
    for wrong in ["/login?ticket=x", &path[..path.len() - 1]] {
        served
            .ask_unknown("GET", wrong)
            .header("Accept", PAGE)
            .send()
            .is(401);
    }
    let entered = served.ask_unknown("GET", &path).send().is(200);
    let cookie = entered.header("set-cookie").unwrap();
    for word in ["; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    // A redirect would be begun by the page that led here, and the cookie stay behind.
    assert!(
        entered
            .text()
            .contains("http-equiv=\"refresh\" content=\"0; url=/connectors\"")
    );
}

#[test]
fn the_code_is_accepted_in_any_case_and_spacing() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let code = told(&served, "login_code");
    for typed in [code.to_owned(), code.to_lowercase(), code.replace('-', " ")] {
        let entered = types(&served, &typed).leads_to("/connectors/cave");
        let cookie = entered.header("set-cookie").unwrap();
        let cookie = cookie.split(';').next().unwrap();
        let inside = served
            .ask_unknown("GET", "/connectors")
            .header("Accept", PAGE);
        inside.header("Cookie", cookie).send().is(200);
    }
    let wrong = types(&served, &code[1..])
        .is(401)
        .says(&["Ce n'est pas le code"]);
    assert_eq!(wrong.header("set-cookie"), None);
}

#[test]
fn failed_logins_are_limited_even_before_a_right_code() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let code = told(&served, "login_code");
    for _ in 0..10 {
        types(&served, "AAAA-AAAA").is(401);
    }
    for typed in ["AAAA-AAAA", code] {
        let refused = types(&served, typed).is(429).says(&["Trop d'essais"]);
        let pause: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=61).contains(&pause), "{pause}");
    }
    // Who is inside works on.
    served.page("/connectors").is(200);
}

#[test]
fn failed_logins_do_not_lock_out_a_token() {
    let estate = Estate::of("plain");
    let served = Served::with(&estate, &[], &[("CRMRECO_SERVE_TOKEN", TOKEN)]);
    assert_eq!(served.told()["login_url"], json!(null));
    assert_eq!(served.told()["login_code"], json!(null));
    let types = |token: &str| {
        let form = [("csrf_token", served.forgery_token()), ("token", token)];
        served
            .ask("POST", "/login")
            .header("Accept", PAGE)
            .form(&form)
            .send()
    };
    for _ in 0..10 {
        types("x").is(401);
    }
    types("x").is(429);
    types(TOKEN).leads_to("/connectors");
    served.page("/login?ticket=x").leads_to("/login");
}

#[test]
fn without_login_only_this_machine_has_access() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    assert_eq!(served.told()["login_url"], json!(null));
    assert_eq!(served.told()["login_code"], json!(null));
    let page = served.page("/connectors").is(200);
    assert!(!page.text().contains("Se déconnecter"));
    // What changes anything still comes from a page of ours.
    served.ask("POST", "/connectors/cave/sync").send().is(403);
    served.post("/connectors/cave/sync").send().is(200);
    for args in [&["--addr", "0.0.0.0:0"][..], &["--host", "crm.example"]] {
        let args = [&["serve", "--no-login"], args].concat();
        estate.crmreco(&args).exits(3).says(&["jeton"]);
    }
    let mut both = estate.command(&["serve", "--no-login", "--addr", "127.0.0.1:0"]);
    let refused = Outcome::of(both.env("CRMRECO_SERVE_TOKEN", TOKEN)).exits(3);
    assert!(!refused.text().contains(TOKEN));
    refused.says(&["sans rien demander", "CRMRECO_SERVE_TOKEN"]);
}

#[test]
fn login_secrets_are_only_in_the_terminal() {
    let estate = Estate::of("plain");
    let served = Served::with(&estate, &["-vv"], &[]);
    let code = told(&served, "login_code").to_owned();
    let ticket = told(&served, "login_url")
        .split_once("ticket=")
        .unwrap()
        .1
        .to_owned();
    for page in ["/login", "/connectors", "/connectors/cave"] {
        let text = served.page(page).is(200).text().to_owned();
        assert!(!text.contains(&code) && !text.contains(&ticket), "{text}");
    }
    types(&served, &code).is(303);
    let cookie = served
        .cookie()
        .unwrap()
        .split_once('=')
        .unwrap()
        .1
        .to_owned();
    let log = served.log();
    assert!(log.contains("answered"), "{log}");
    for secret in [&code, &code.replace('-', ""), &ticket, &cookie] {
        assert!(!log.contains(secret.as_str()), "{log}");
        for file in fs::read_dir(estate.home()).unwrap().map(Result::unwrap) {
            if file.path().is_file() {
                let bytes = fs::read(file.path()).unwrap();
                assert!(!String::from_utf8_lossy(&bytes).contains(secret.as_str()));
            }
        }
    }
}

/// A browser that writes down what it was given: the command line, and the page behind it.
#[cfg(target_os = "linux")]
#[test]
fn the_browser_is_opened_without_the_secret_on_any_command_line() {
    use std::os::unix::fs::PermissionsExt;
    let estate = Estate::of("plain");
    let tools = estate.root().join("tools");
    fs::create_dir(&tools).unwrap();
    let browser = tools.join("xdg-open");
    let root = estate.root().display();
    fs::write(
        &browser,
        format!(
            "#!/bin/sh\ncp \"$1\" {root}/page\nstat -c %a \"$1\" > {root}/mode\necho \"$*\" > {root}/.line && mv {root}/.line {root}/line\n"
        ),
    )
    .unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut command = estate.command(&["serve", "--json", "--addr", "127.0.0.1:0", "--open"]);
    let mut served = Served::start_unknown(command.env("PATH", path));
    let line = loop {
        if let Ok(line) = fs::read_to_string(estate.root().join("line")) {
            break line;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let url = told(&served, "login_url").to_owned();
    assert!(!line.contains("ticket"), "{line}");
    let page = fs::read_to_string(estate.root().join("page")).unwrap();
    assert!(page.contains(&format!("0; url={url}\"")), "{page}");
    assert_eq!(
        fs::read_to_string(estate.root().join("mode")).unwrap(),
        "600\n"
    );
    served.signal("-TERM");
    assert_eq!(served.ended().0, Some(143));
    assert!(!fs::exists(line.trim()).unwrap(), "{line}");
}
