//! The second day of a connector: its settings are tested before they are saved, changed, and removed.

use serde_json::json;

use super::answer::{Answer, attributes};
use super::served::{JSON, PAGE, Served};
use crate::common::Estate;
use crate::odoo::stub::KEY;

/// Presses a button of a form without a script.
fn send(served: &Served, path: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = [fields, &[("csrf_token", served.forgery_token())]].concat();
    let ask = served.ask("POST", path).form(&fields);
    ask.header("Accept", PAGE).send()
}

/// The value of a field of a page.
fn value(page: &Answer, name: &str) -> Option<String> {
    let has = |tag: &Vec<(String, String)>| tag.contains(&("name".to_owned(), name.to_owned()));
    let tag = attributes(page.text()).find(has).unwrap();
    tag.into_iter()
        .find(|(key, _)| key == "value")
        .map(|(_, value)| value)
}

#[test]
fn settings_are_tested_before_they_are_saved() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let before = estate.env_text();
    let exports = estate.exports();
    let exports = exports.to_str().unwrap();
    let form = [
        ("connector_name", "chai"),
        ("connector_type", "isavigne"),
        ("export_path", exports),
        ("encoding", "utf-8"),
    ];
    let page = send(&served, "/connectors/new/test", &form).is(200);
    let page = page.says(&[
        "✓ Connexion OK",
        "clients.csv",
        "Rien n'est enregistré encore",
        "id=\"resultat\"",
        "<option value=\"utf-8\" selected>",
    ]);
    assert_eq!(value(&page, "connector_name").as_deref(), Some("chai"));
    assert_eq!(value(&page, "export_path").as_deref(), Some(exports));
    let absent = form.map(|(name, value)| {
        (
            name,
            if name == "export_path" {
                "/nowhere"
            } else {
                value
            },
        )
    });
    send(&served, "/connectors/new/test", &absent)
        .is(502)
        .says(&["✗", "/nowhere", "introuvable"]);
    // What does not hold is said at its field.
    let wrong = [&form[..], &[("header_line", "zéro")]].concat();
    let page = send(&served, "/connectors/new/test", &wrong).is(422);
    page.says(&[
        "Ligne des en-têtes",
        "<details class=\"advanced\" id=\"isavigne-avance\" open>",
    ]);
    let taken = form.map(|(name, value)| {
        (
            name,
            if name == "connector_name" {
                "cave"
            } else {
                value
            },
        )
    });
    send(&served, "/connectors/new/test", &taken)
        .is(422)
        .says(&["déjà pris"]);
    let machine =
        json!({"connector_name": "chai", "connector_type": "isavigne", "export_path": exports});
    let answer = served
        .post("/connectors/new/test")
        .json(&machine)
        .header("Accept", JSON);
    let answer = answer.send().is(200).document();
    assert_eq!(
        (&answer["success"], &answer["status"]),
        (&json!(true), &json!("idle"))
    );
    assert_eq!(estate.env_text(), before);
}

#[test]
fn a_test_before_saving_never_returns_the_key() {
    let served = Served::of(&Estate::bare());
    let form = [
        ("connector_name", "cloud"),
        ("connector_type", "odoo"),
        ("url", "http://127.0.0.1:9"),
        ("db", "cave"),
        ("user", "crm"),
        ("api_key", KEY),
        ("timeout", "1"),
    ];
    // Every answer is searched for the key.
    let page = send(&served, "/connectors/new/test", &form).is(502);
    let page = page.says(&["✗", "Une clé n'est jamais renvoyée"]);
    assert_eq!(value(&page, "api_key"), None);
    assert_eq!(value(&page, "db").as_deref(), Some("cave"));
}

#[test]
fn rarely_needed_settings_are_folded_away_unless_one_is_set() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let page = served
        .page("/connectors/new?connector_type=isavigne")
        .is(200);
    page.says(&[
        "Réglages avancés",
        "<details class=\"advanced\" id=\"isavigne-avance\"><summary>",
    ]);
    let page = served.page("/connectors/cave/edit").is(200);
    assert!(!page.text().contains("isavigne-avance\" open"), "{page}");
    let estate = estate.setting("SALES_KEY", "line");
    let page = served.page("/connectors/cave/edit").is(200);
    page.says(&[
        "id=\"isavigne-avance\" open",
        "<option value=\"line\" selected>",
    ]);
    drop(estate);
}

#[test]
fn a_connector_is_changed_by_its_form() {
    let estate = Estate::of("plain").setting("COLUMN__CUSTOMERS__CITY", "ville");
    estate.env_lines("# À garder\nAUTRE=1");
    let served = Served::of(&estate);
    served
        .page("/connectors/cave")
        .says(&["href=\"/connectors/cave/edit\""]);
    let page = served.page("/connectors/cave/edit").is(200);
    let page = page.says(&["Modifier cave", "Type : iSaVigne"]);
    let exports = value(&page, "export_path").unwrap();
    assert!(!page.text().contains("name=\"connector_name\""), "{page}");
    let form = [
        ("export_path", exports.as_str()),
        ("file_pattern", "*.csv"),
        ("encoding", "windows-1252"),
        ("sales_key", "line"),
        ("max_rejects", "5%"),
    ];
    let changed = send(&served, "/connectors/cave/edit", &form);
    let changed = changed.leads_to("/connectors/cave?modifie=1");
    served
        .page(changed.header("location").unwrap())
        .says(&["✓ Connecteur 'cave' modifié"]);
    let text = estate.env_text();
    for line in [
        "ENCODING=windows-1252",
        "SALES_KEY=line",
        "MAX_REJECTS=5%",
        "CITY=\"ville\"",
        "# À garder\nAUTRE=1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    // A setting back at its default is a setting less.
    send(&served, "/connectors/cave/edit", &form[..3]).leads_to("/connectors/cave?modifie=1");
    let text = estate.env_text();
    assert!(
        !text.contains("SALES_KEY") && !text.contains("MAX_REJECTS"),
        "{text}"
    );
    // What does not hold changes nothing, and stays in the form.
    let wrong = [&form[..3], &[("header_line", "zéro")]].concat();
    let page = send(&served, "/connectors/cave/edit", &wrong).is(422);
    let page = page.says(&["Modifier cave", "Ligne des en-têtes"]);
    assert_eq!(value(&page, "header_line").as_deref(), Some("zéro"));
    let relative = [("export_path", "exports")];
    send(&served, "/connectors/cave/edit", &relative)
        .is(422)
        .says(&["absolu"]);
    send(&served, "/connectors/cave/edit", &[])
        .is(422)
        .says(&["Il manque : Chemin d'export"]);
    assert_eq!(estate.env_text(), text);
    let absent = [("export_path", "/nowhere")];
    send(&served, "/connectors/cave/edit/test", &absent)
        .is(502)
        .says(&["/nowhere", "Modifier cave"]);
    assert_eq!(estate.env_text(), text);
    // Saved all the same, it is warned of.
    let saved = send(&served, "/connectors/cave/edit", &absent).is(303);
    served
        .page(saved.header("location").unwrap())
        .says(&["/nowhere n'existe pas pour le moment"]);
    let unknown = served.page("/connectors/personne/edit").is(404);
    unknown.says(&["« personne »"]);
    let json = served
        .post("/connectors/cave/edit")
        .json(&json!({"export_path": exports}));
    let json = json.header("Accept", JSON).send().is(200).document();
    assert_eq!(json["message"], "Connecteur 'cave' modifié");
}

#[test]
fn an_empty_key_stays_unless_it_would_go_to_another_server() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    let form = [
        ("connector_name", "cloud"),
        ("connector_type", "odoo"),
        ("url", "https://cave.odoo.com"),
        ("db", "cave"),
        ("user", "crm"),
        ("api_key", KEY),
    ];
    send(&served, "/connectors", &form).is(303);
    let page = served.page("/connectors/cloud/edit").is(200);
    let page = page.says(&["Laissez vide pour garder celle d'aujourd'hui"]);
    assert_eq!(value(&page, "api_key"), None);
    let kept = [
        ("url", "https://cave.odoo.com/web"),
        ("db", "cave2"),
        ("user", "crm"),
        ("company_id", "3"),
    ];
    send(&served, "/connectors/cloud/edit", &kept).is(303);
    let text = estate.env_text();
    assert!(
        text.contains(KEY) && text.contains("DB=cave2") && text.contains("COMPANY_ID=3"),
        "{text}"
    );
    for url in [
        "https://ailleurs.example",
        "http://cave.odoo.com",
        "https://cave.odoo.com:444",
        "https://cave.odoo.com.ailleurs.fr",
    ] {
        let moved = kept.map(|(name, value)| (name, if name == "url" { url } else { value }));
        for path in ["/connectors/cloud/edit", "/connectors/cloud/edit/test"] {
            let page = send(&served, path, &moved).is(422);
            page.says(&["Clé API : à retaper"]);
        }
    }
    assert_eq!(estate.env_text(), text);
    let moved = [
        ("url", "https://ailleurs.example"),
        ("db", "cave"),
        ("user", "crm"),
        ("api_key", "autre-cle-1234"),
    ];
    send(&served, "/connectors/cloud/edit", &moved).is(303);
    let text = estate.env_text();
    assert!(
        text.contains("autre-cle-1234") && !text.contains("COMPANY_ID"),
        "{text}"
    );
}

#[test]
fn a_variable_of_the_environment_is_named_before_it_is_changed_in_vain() {
    let estate = Estate::of("plain");
    let variable = "CRMRECO_CONNECTOR__CAVE__ENCODING";
    let served = Served::with(&estate, &[], &[(variable, "utf-8")]);
    served
        .page("/connectors/cave/edit")
        .is(200)
        .says(&[variable, "l'emporte"]);
}

#[test]
fn a_connector_is_removed_after_a_question_and_its_rows_may_stay() {
    let estate = Estate::of("plain");
    estate.sync();
    let rows = estate.sql("SELECT count(*) FROM customers");
    let served = Served::of(&estate);
    let page = served.page("/connectors/cave/remove").is(200);
    page.says(&["Supprimer cave ?", "garder les lignes", "Annuler"]);
    assert!(estate.env_text().contains("CAVE"));
    let removed = send(&served, "/connectors/cave/remove", &[]).leads_to("/connectors?retire=cave");
    assert!(!estate.env_text().contains("CAVE"));
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), rows);
    let list = served.page(removed.header("location").unwrap()).is(200);
    list.says(&[
        "✓ 'cave' retiré",
        "Lignes de connecteurs retirés",
        "<strong>cave</strong> : 13 lignes",
        "href=\"/connectors/cave/remove\"",
    ]);
    // What it left is deleted after another question.
    let page = served.page("/connectors/cave/remove").is(200);
    let page = page.says(&["Effacer les lignes de cave ?"]);
    assert!(!page.text().contains("garder"), "{page}");
    send(&served, "/connectors/cave/remove", &[("purge", "1")]).is(303);
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["0"]);
    let list = served.page("/connectors").is(200);
    assert!(!list.text().contains("connecteurs retirés"), "{list}");
    served.page("/connectors/cave/remove").is(404);
    send(&served, "/connectors/cave/remove", &[("purge", "1")]).is(404);
    // A link cannot say that something was removed which is there, or never had a name.
    for name in ["%3Cb%3Ex", "Cave"] {
        let list = served.page(&format!("/connectors?retire={name}")).is(200);
        assert!(!list.text().contains("retiré<"), "{list}");
    }
}

#[test]
fn a_connector_is_removed_with_its_rows() {
    let estate = Estate::of("plain");
    estate.sync();
    let served = Served::of(&estate);
    let removed = served
        .post("/connectors/cave/remove")
        .json(&json!({"purge": true}));
    let removed = removed.header("Accept", JSON).send().is(200).document();
    assert_eq!(
        removed["message"],
        "Connecteur 'cave' retiré, avec ses lignes et son historique"
    );
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["0"]);
    assert_eq!(estate.sql("SELECT count(*) FROM runs"), ["0"]);
}

#[test]
fn a_connector_is_not_removed_while_it_syncs() {
    let held = super::held::Held::new();
    let served = Served::of(&held.estate);
    served.forgery_token();
    std::thread::scope(|scope| {
        let sync = scope.spawn(|| served.post("/connectors/cave/sync").json(&json!({})).send());
        held.is_under_way();
        send(&served, "/connectors/cave/remove", &[("purge", "1")]).is(409);
        held.let_go();
        sync.join().unwrap().is(200);
    });
    assert!(held.estate.env_text().contains("CAVE"));
}

#[test]
fn a_message_of_the_history_names_settings_as_the_form_does() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.sql(
        "INSERT INTO run_messages SELECT max(run_id), 90, 'warning', 'numéro réutilisé ? réglage SALES_KEY' FROM runs",
    );
    let served = Served::of(&estate);
    let page = served.page("/connectors/cave").is(200);
    let page = page.says(&["numéro réutilisé ? réglage « Numéros des ventes »"]);
    assert!(!page.text().contains("SALES_KEY"), "{page}");
}
