//! Whatever names, cells and messages hold, pages show it as text. That nothing of it runs, or refers elsewhere, is
//! checked of every page ([`super::answer`]).

use std::fs;

use super::served::{PAGE, Served};
use crate::common::Estate;

const EVIL: &str = "<script>alert(1)<img src=x onerror=alert(1)>\"'&amp;";
const SHOWN: &str = "&lt;script&gt;alert(1)&lt;img src=x onerror=alert(1)&gt;&quot;'&amp;amp;";

/// Neither a page nor a JSON document turns the text around a name, or moves a cursor.
#[test]
fn names_do_not_turn_the_text_around_them() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let harmful = [
        '\u{202e}', '\u{2066}', '\u{2028}', '\u{1b}', '\u{9b}', '\u{7}',
    ];
    let name = "%e2%80%ae%e2%81%a6%e2%80%a8%1b[31m%c2%9b%07";
    for path in ["", "/logs", "/rejects", "/receipt"] {
        let path = format!("/connectors/{name}{path}");
        for answer in [served.page(&path), served.json(&path)] {
            let text = answer.is(404).text().to_owned();
            assert!(!text.contains(harmful), "{path}: {text:?}");
        }
    }
    let name: String = harmful.iter().collect();
    let shown = estate.crmreco(&["show", &name, "--json"]).exits(3);
    assert!(!shown.text().contains(harmful), "{shown:?}");
    // Programs read it as it is.
    assert_eq!(shown.json()["connector_name"], name);
}

#[test]
fn names_of_files_cells_and_messages_are_escaped_everywhere() {
    let estate = Estate::bare();
    let folder = estate.root().join(EVIL);
    fs::create_dir(&folder).unwrap();
    let quoted = folder.display().to_string().replace('"', "\\\"");
    estate.env_lines(&format!(
        "CRMRECO_CONNECTOR__CAVE__TYPE=isavigne\nCRMRECO_CONNECTOR__CAVE__EXPORT_PATH=\"{quoted}\"\n\
         CRMRECO_CONNECTOR__CAVE__MAX_REJECTS=100%"
    ));
    let file = format!("ventes {EVIL}.csv");
    let row = format!(
        "V1;F1;C1;P1;{};2;12,50",
        EVIL.replace('"', "\"\"").replace("alert", "hier")
    );
    let cell = row
        .replace("<script", "\"<script")
        .replace("amp;;", "amp;\";");
    fs::write(
        folder.join(&file),
        format!(
            "num_ligne;num_piece;code_client;produit_key;date;quantite;prix_unitaire\n{cell}\n\
             V2;F2;C1;P1;27/12/2024;2;12,50\n"
        ),
    )
    .unwrap();
    let served = Served::of(&estate);
    let press = |path: &str| {
        let ask = served.post(path).header("Accept", PAGE);
        ask.header("Prefer", "wait=60").send()
    };
    press("/connectors/cave/test").says(&[SHOWN]);
    press("/connectors/cave/sync").is(200);
    served.page("/connectors/cave").is(200).says(&[SHOWN]);
    served
        .page("/connectors/cave/receipt?run=1")
        .is(200)
        .says(&[SHOWN]);
    served
        .page("/connectors/cave/rejects?run=1")
        .is(200)
        .says(&[SHOWN, &SHOWN.replace("alert", "hier")]);

    // An error that names the file, then one that names the folder.
    fs::write(folder.join(&file), "").unwrap();
    press("/connectors/cave/sync").is(502).says(&[SHOWN]);
    served.page("/connectors").is(200).says(&[SHOWN]);
    fs::remove_dir_all(&folder).unwrap();
    press("/connectors/cave/test").is(502).says(&[SHOWN]);
    press("/connectors/cave/sync").is(502);
    served.page("/connectors").is(200).says(&[SHOWN]);
    served.page("/connectors/cave").is(200).says(&[SHOWN]);
}

#[test]
fn requested_and_typed_texts_are_escaped() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let encoded = form_urlencoded::byte_serialize(EVIL.as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    served
        .page(&format!("/connectors/{encoded}"))
        .is(404)
        .says(&[SHOWN]);
    served
        .page(&format!("/connectors/new?connector_name={encoded}"))
        .is(200)
        .says(&[SHOWN]);
    let page = served.page(&format!("/login?next={encoded}")).is(200);
    assert!(!page.text().contains("alert(1)"), "{page}");
    served.page(&format!("/{encoded}")).is(404);
    for field in ["connector_name", "connector_type"] {
        let form = [("connector_name", "chai"), ("connector_type", "isavigne")];
        let mut form: Vec<_> = form
            .into_iter()
            .filter(|(name, _)| *name != field)
            .collect();
        form.push((field, EVIL));
        served
            .post("/connectors")
            .header("Accept", PAGE)
            .form(&form)
            .send()
            .is(422)
            .says(&[SHOWN]);
    }
    let form = [
        ("connector_name", "chai"),
        ("connector_type", "isavigne"),
        ("export_path", EVIL),
    ];
    served
        .post("/connectors")
        .header("Accept", PAGE)
        .form(&form)
        .send()
        .is(422)
        .says(&[SHOWN]);
}

#[test]
fn an_invalid_name_registers_nothing() {
    let estate = Estate::of("plain");
    // `add` accepts no such name, but variables of the process can contain one.
    let odd = ["É'\"<B>", "A B", "A/B", "..", "A?B#C", "%2E"];
    let variables = odd.map(|name| format!("CRMRECO_CONNECTOR__{name}__TYPE"));
    let variables: Vec<_> = variables
        .iter()
        .map(|name| (name.as_str(), "isavigne"))
        .collect();
    let served = Served::with(&estate, &[], &variables);
    served.page("/connectors").is(200);
    let listed = served.json("/connectors").is(200).document();
    let listed: Vec<_> = listed["connectors"].as_object().unwrap().keys().collect();
    assert_eq!(listed, ["cave"]);
}
