//! Adding a connector: the form without its script, and the same as JSON.

use serde_json::{Value, json};

use super::answer::attributes;
use super::served::{JSON, PAGE, Served};
use crate::common::Estate;
use crate::odoo::stub::KEY;
use crate::ordered::Shape;

/// A sign longer than a name may be.
const LONG: &str = "a1234567890123456789012345678901234567890123456789012345678901234";

type Form<'f> = Vec<(&'f str, &'f str)>;

fn isavigne<'f>(name: &'f str, path: &'f str) -> Form<'f> {
    vec![
        ("connector_name", name),
        ("connector_type", "isavigne"),
        ("export_path", path),
    ]
}

fn odoo<'f>(name: &'f str, url: &'f str) -> Form<'f> {
    vec![
        ("connector_name", name),
        ("connector_type", "odoo"),
        ("url", url),
        ("db", "cave"),
        ("user", "crm@exemple.fr"),
        ("api_key", KEY),
    ]
}

/// The form with another value of a field; without the field where the value is empty.
fn but<'f>(form: &Form<'f>, field: &str, value: &'f str) -> Form<'f> {
    let kept = form
        .iter()
        .filter(|(name, _)| *name != field || !value.is_empty());
    let changed = kept.map(|(name, old)| (*name, if *name == field { value } else { *old }));
    changed.collect()
}

#[test]
fn a_submitted_form_registers_a_connector_and_redirects_to_its_page() {
    let estate = Estate::bare();
    estate.env_lines("# À garder\nAUTRE=1");
    let served = Served::of(&estate);
    let path = estate.exports();
    let path = path.to_str().unwrap();
    let mut form = isavigne(" chai ", path);
    form.extend([
        ("file_pattern", "*.txt"),
        ("encoding", "windows-1252"),
        ("url", "http://x"),
    ]);
    form.extend([("csrf_token", served.forgery_token())]);
    let added = served
        .ask("POST", "/connectors")
        .header("Accept", PAGE)
        .form(&form)
        .send();
    let added = added.leads_to("/connectors/chai?enregistre=1");
    served
        .page(added.header("location").unwrap())
        .is(200)
        .says(&["Connecteur 'chai' enregistré avec succès"]);
    let again = served.page("/connectors/chai").is(200);
    assert!(!again.text().contains("avec succès"), "{again}");
    let config = served.json("/connectors/chai").document()["config"].clone();
    let by_command = estate.crmreco(&["show", "chai", "--json"]).exits(0).json()["config"].clone();
    assert_eq!(config, by_command);
    assert_eq!(
        (
            &config["EXPORT_PATH"],
            &config["FILE_PATTERN"],
            &config["ENCODING"],
            &config["URL"]
        ),
        (
            &json!(path),
            &json!("*.txt"),
            &json!("windows-1252"),
            &Value::Null
        )
    );
    assert!(estate.env_text().starts_with("# À garder\nAUTRE=1\n"));
}

#[test]
fn an_odoo_is_registered_and_its_key_is_in_the_settings_file_alone() {
    let estate = Estate::bare();
    let served = Served::with(&estate, &["-vv"], &[]);
    let mut form = odoo("odoo_prod", "https://cave.odoo.com/web");
    form.push(("company_id", "2"));
    served
        .post("/connectors")
        .form(&form)
        .send()
        .leads_to("/connectors/odoo_prod?enregistre=1");
    let shown = served.json("/connectors/odoo_prod").document();
    assert_eq!(shown["config"]["API_KEY"], "••••");
    assert_eq!(shown["config"]["COMPANY_ID"], "2");
    served.page("/connectors/odoo_prod").is(200).says(&["••••"]);
    assert!(estate.env_text().contains(KEY));
    assert!(!served.log().is_empty());
}

#[test]
fn a_json_client_gets_201_and_what_the_command_prints() {
    let (here, there) = (Estate::bare(), Estate::bare());
    let served = Served::of(&here);
    let body = json!({"connector_name": "chai", "connector_type": "isavigne", "export_path": "/srv/exports"});
    let answer = served.post("/connectors").json(&body).send().is(201);
    assert_eq!(answer.header("location"), Some("/connectors/chai"));
    let args = [
        "add",
        "chai",
        "--type",
        "isavigne",
        "--path",
        "/srv/exports",
        "--json",
    ];
    let printed = there.crmreco(&args).exits(0);
    let mut expected = printed.json();
    expected["env_file"] = here.env_path().display().to_string().into();
    assert_eq!(answer.document(), expected);
    Shape::of(answer.text()).starts_with(&["success", "message", "connector_name"]);
    assert_eq!(Shape::of(answer.text()), Shape::of(&printed.stdout));
    // A form from who reads JSON is the same.
    let form = isavigne("cave", "/srv/exports");
    served
        .post("/connectors")
        .header("Accept", JSON)
        .form(&form)
        .send()
        .is(201);
    let mut companies = serde_json::Map::new();
    for (name, value) in odoo("odoo", "https://cave.odoo.com") {
        companies.insert(name.to_owned(), json!(value));
    }
    companies.insert("company_id".to_owned(), json!(3));
    served
        .post("/connectors")
        .json(&Value::Object(companies))
        .send()
        .is(201);
    let config = served.json("/connectors/odoo").document()["config"].clone();
    assert_eq!(config["COMPANY_ID"], "3");
}

/// A form with something wrong, the field at fault (where one is), and what is said of it.
fn wrong_forms<'f>() -> Vec<(Form<'f>, &'f str, &'f str)> {
    let cave = [
        isavigne("chai", "/srv/exports"),
        vec![("encoding", "auto"), ("file_pattern", "*.csv")],
    ]
    .concat();
    let cloud = [
        odoo("chai", "https://cave.odoo.com"),
        vec![("company_id", "1")],
    ]
    .concat();
    let wrong = |form: &Form<'f>, wrong: &[(&'f str, &'f str, &'f str)]| {
        let forms = wrong.iter().map(|(field, value, words)| {
            let (field, is_marked) = field
                .strip_suffix('?')
                .map_or((*field, true), |field| (field, false));
            (
                but(form, field, value),
                if is_marked { field } else { "" },
                *words,
            )
        });
        forms.collect::<Vec<_>>()
    };
    let of_cave = wrong(
        &cave,
        &[
            ("connector_name", "", "Nom du connecteur"),
            ("connector_name", "  ", "Nom du connecteur"),
            ("connector_name", "Chai", "« Chai »"),
            ("connector_name", "a__b", "« a__b »"),
            ("connector_name", "../x", "« ../x »"),
            ("connector_name", LONG, "64"),
            ("connector_name", "new", "réservé"),
            ("connector_name", "cave", "déjà pris"),
            ("connector_type", "", "Type de connecteur"),
            ("connector_type", "sage", "« sage »"),
            ("export_path", "", "Chemin d'export"),
            ("export_path", "exports", "absolu"),
            ("export_path", "../exports", "absolu"),
            ("export_path?", "/srv/\0", ""),
            ("encoding?", "klingon", "klingon"),
            ("file_pattern?", "[", "["),
        ],
    );
    let of_cloud = wrong(
        &cloud,
        &[
            ("url", "", "URL Odoo"),
            ("db", "", "Base de données"),
            ("user", "", "Utilisateur"),
            ("api_key", "", "Clé API"),
            ("api_key?", "clé", ""),
            ("url", "http://cave.odoo.com", "en clair"),
            ("url", "cave.odoo.com", "URL"),
            ("url", "javascript:alert(1)", "URL"),
            ("url", "https://moi:secret@cave.odoo.com", "mot de passe"),
            ("company_id", "0", ""),
            ("company_id", "deux", ""),
        ],
    );
    let nothing = (Vec::new(), "connector_name", "Nom du connecteur");
    [vec![nothing], of_cave, of_cloud].concat()
}

#[test]
fn form_errors_are_shown_at_their_field_and_input_is_kept() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let before = estate.env_text();
    for (form, field, words) in wrong_forms() {
        let page = served
            .post("/connectors")
            .header("Accept", PAGE)
            .form(&form)
            .send();
        let page = page.is(422).says(&[words, "Enregistrer"]);
        let at_fault: Vec<_> = attributes(page.text())
            .filter(|tag| tag.contains(&("aria-invalid".to_owned(), "true".to_owned())))
            .flatten()
            .filter(|(name, _)| name == "name")
            .map(|(_, name)| name)
            .collect();
        if !field.is_empty() {
            assert_eq!(at_fault, [field], "{form:?}: {page}");
        }
        for (name, typed) in form {
            let is_kept = ["db", "user", "file_pattern"].contains(&name);
            let kept = format!("value=\"{typed}\"");
            assert!(!is_kept || page.text().contains(&kept), "{name}: {page}");
        }
        assert!(!page.text().contains("secret@"), "{page}");
        assert!(!page.text().contains(KEY), "{page}");
    }
    assert_eq!(estate.env_text(), before);
}

#[test]
fn errors_in_json_are_422_in_one_sentence() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let before = estate.env_text();
    for (form, _, words) in wrong_forms() {
        let fields: serde_json::Map<_, _> = form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let answer = served.post("/connectors").json(&Value::Object(fields));
        answer.send().fails(422, &[words]);
    }
    assert_eq!(estate.env_text(), before);
}

#[test]
fn the_form_shows_the_fields_of_the_type_that_was_chosen() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    let page = served
        .page("/connectors/new?connector_type=odoo&connector_name=chai&api_key=vu")
        .is(200);
    page.says(&["value=\"chai\"", "ID société"]);
    let page = served
        .page("/connectors/new?connector_type=odoo&api_key=cle-vue")
        .is(200);
    assert!(!page.text().contains("cle-vue"), "{page}");
    let hidden = |query: &str| {
        let page = served.page(&format!("/connectors/new{query}")).is(200);
        let text = page.text().to_owned();
        ["isavigne", "odoo"].map(|kind| {
            let begun = text
                .split(&format!("<fieldset data-kind=\"{kind}\""))
                .nth(1)
                .unwrap();
            begun.split('>').next().unwrap().contains("hidden")
        })
    };
    assert_eq!(hidden(""), [true, true]);
    assert_eq!(hidden("?connector_type=odoo"), [true, false]);
    assert_eq!(hidden("?connector_type=isavigne"), [false, true]);
    assert_eq!(hidden("?connector_type=sage"), [true, true]);
}

#[test]
fn two_simultaneous_registrations_of_one_name_do_not_both_succeed() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    served.forgery_token();
    let add = |path: &'static str| {
        served
            .post("/connectors")
            .form(&isavigne("chai", path))
            .send()
            .status
    };
    let statuses = std::thread::scope(|scope| {
        let others: Vec<_> = ["/a", "/b", "/c", "/d"]
            .map(|path| scope.spawn(move || add(path)))
            .into();
        let mut statuses: Vec<_> = others
            .into_iter()
            .map(|other| other.join().unwrap())
            .collect();
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [303, 422, 422, 422], "{}", estate.env_text());
}

#[test]
fn without_script_the_fields_of_a_type_show_without_a_key_in_the_url() {
    let served = Served::of(&Estate::bare());
    let form = served.page("/connectors/new");
    assert!(!form.text().contains("formmethod"), "{}", form.text());
    let typed = [
        odoo("chai", "https://cave.odoo.com"),
        vec![("csrf_token", served.forgery_token())],
    ];
    let again = served.ask("POST", "/connectors/new").form(&typed.concat());
    let again = again.header("Accept", PAGE).send().is(200);
    let again = again.says(&["https://cave.odoo.com"]);
    let key = typed[0].iter().find(|(name, _)| *name == "api_key");
    assert!(!again.text().contains(key.unwrap().1));
}
