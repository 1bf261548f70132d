//! How a person comes in.

use std::fs;

use super::is_missing;
use super::person::Person;
use crate::common::Estate;
use crate::serve::served::Served;

fn unknown(estate: &Estate) -> Served {
    let mut command = estate.command(&["serve", "--json", "--addr", "127.0.0.1:0"]);
    Served::start_unknown(&mut command)
}

#[test]
fn the_code_of_the_terminal_is_typed_once() {
    if is_missing() {
        return;
    }
    let estate = Estate::of("plain");
    let served = unknown(&estate);
    let code = served.told()["login_code"].as_str().unwrap();
    let she = Person::new();
    she.opens(&served.url("/connectors/cave"));
    she.reads("main", &["Connexion", "Code", "terminal"]);
    she.is_at_ease("26-login-code");
    she.fills("code", "AAAA-AAAA");
    she.clicks("Entrer");
    she.reads("[role=alert]", &["Ce n'est pas le code"]);
    she.is_at_ease("27-login-wrong-code");
    she.fills("code", &code.to_lowercase());
    she.clicks("Entrer");
    // Where she wanted to go.
    she.reads("h1", &["cave"]);
    she.clicks("Se déconnecter");
    she.reads("main", &["Connexion"]);
}

/// As `--open` does it: no cookie is sent with a request that a file has begun.
#[test]
fn a_page_on_disk_logs_in() {
    if is_missing() {
        return;
    }
    let estate = Estate::of("plain");
    let served = unknown(&estate);
    let url = served.told()["login_url"].as_str().unwrap();
    let page = estate.root().join("page.html");
    fs::write(
        &page,
        format!("<meta http-equiv=\"refresh\" content=\"0; url={url}\">"),
    )
    .unwrap();
    let she = Person::new();
    she.opens(&format!("file://{}", page.display()));
    she.reads("h1", &["Sources de données"]);
    she.opens(&served.url("/connectors/cave"));
    she.reads("h1", &["cave"]);
}
