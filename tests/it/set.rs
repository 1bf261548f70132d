//! `set` changes a connector as `add` made it: the settings hold together, or nothing is changed.

use std::fs;
use std::process::{Command, Stdio};

use crate::common::{Estate, Outcome, assert_says};
use crate::ordered::Shape;

const ODOO: &str = "CRMRECO_CONNECTOR__CLOUD__TYPE=odoo
CRMRECO_CONNECTOR__CLOUD__URL=https://cave.odoo.com
CRMRECO_CONNECTOR__CLOUD__DB=cave
CRMRECO_CONNECTOR__CLOUD__USER=crm@cave.fr
CRMRECO_CONNECTOR__CLOUD__API_KEY=0ldk3y";

fn set(estate: &Estate, args: &[&str]) -> Outcome {
    estate.crmreco(&[&["set", "cave"], args].concat())
}

fn config(estate: &Estate, name: &str, key: &str) -> Option<String> {
    let answer = estate.crmreco(&["show", name, "--json"]).exits(0).json();
    answer["config"][key].as_str().map(str::to_owned)
}

#[test]
fn settings_are_set_and_removed_in_one_step_where_they_stand() {
    let estate = Estate::of("plain").setting("CASE_SIZE", "6");
    estate.env_lines("# à nous\nOTHER=$HOME");
    let before = estate.env_text();
    let args = [
        "encoding=utf-8",
        "FILE_PATTERN=c *.csv",
        "--unset",
        "case_size",
    ];
    set(&estate, &args).exits(0).says(&[
        "✓ Connecteur 'cave' modifié : ENCODING=utf-8, FILE_PATTERN=c *.csv, CASE_SIZE retiré",
        "crmreco test cave",
    ]);
    let old = "CRMRECO_CONNECTOR__CAVE__CASE_SIZE=\"6\"\n";
    let new = "CRMRECO_CONNECTOR__CAVE__ENCODING=utf-8\nCRMRECO_CONNECTOR__CAVE__FILE_PATTERN=\"c *.csv\"\n";
    assert_eq!(estate.env_text(), before.replace(old, new));
    assert_eq!(config(&estate, "cave", "FILE_PATTERN").unwrap(), "c *.csv");
    assert_eq!(config(&estate, "cave", "CASE_SIZE"), None);
    set(&estate, &["ENCODING="])
        .exits(0)
        .says(&["ENCODING retiré"]);
    assert_eq!(config(&estate, "cave", "ENCODING"), None);
    let same = estate.env_text();
    set(&estate, &["FILE_PATTERN=c *.csv"])
        .exits(0)
        .says(&["Rien à changer : 'cave' a déjà ces réglages"]);
    set(&estate, &["--unset", "ENCODING"])
        .exits(0)
        .says(&["Rien à changer"]);
    assert_eq!(estate.env_text(), same);
}

#[test]
fn the_answer_has_the_keys_of_add() {
    let estate = Estate::of("plain");
    let outcome = set(&estate, &["CASE_SIZE=6", "--json"]).exits(0);
    let keys = ["success", "message", "connector_name", "env_file"];
    Shape::of(&outcome.stdout).starts_with(&keys);
    let answer = outcome.json();
    assert_eq!(answer["message"], "Connecteur 'cave' modifié : CASE_SIZE=6");
    assert_eq!(answer["env_file"], estate.env_path().display().to_string());
}

#[test]
fn what_does_not_hold_changes_nothing_and_the_message_gives_the_command() {
    let estate = Estate::of("plain");
    let before = estate.env_text();
    for (args, words) in [
        (
            &["ENCODNG=utf-8"][..],
            &[
                "ENCODNG n'est pas un réglage du type isavigne",
                "Vouliez-vous dire ENCODING ?",
                "crmreco set cave ENCODING=…",
            ][..],
        ),
        (&["PATH=/tmp"], &["Vouliez-vous dire EXPORT_PATH ?"]),
        (
            &["XYZ=1"],
            &[
                "XYZ n'est pas un réglage",
                "Réglages : EXPORT_PATH, FILE_PATTERN",
            ],
        ),
        (
            &["ENCODING=klingon"],
            &[
                "ENCODING « klingon » n'est pas connu",
                "crmreco set cave ENCODING=…",
            ],
        ),
        (
            &["CASE_SIZE=6", "MAX_REJECTS=beaucoup"],
            &["MAX_REJECTS « beaucoup »"],
        ),
        (&["FILE_PATTERN=["], &["n'est pas un motif"]),
        (
            &["COLUMN__CUSTOMERS__SHOE_SIZE=P"],
            &["ne désigne aucune colonne"],
        ),
        (
            &["--unset", "EXPORT_PATH"],
            &[
                "il manque un réglage : EXPORT_PATH",
                "crmreco set cave EXPORT_PATH=…",
            ],
        ),
        (&["EXPORT_PATH= "], &["il manque un réglage : EXPORT_PATH"]),
        (
            &["--unset", "SHOE_SIZE"],
            &["SHOE_SIZE n'est pas un réglage"],
        ),
        (
            &["--api-key-stdin"],
            &["--api-key-stdin", "n'est pas un réglage du type isavigne"],
        ),
    ] {
        set(&estate, args).exits(3).says(words);
        let answer = set(&estate, &[args, &["--json"]].concat()).exits(3).json();
        assert_eq!(answer["success"], false, "{args:?}");
        assert_eq!(answer["connector_name"], "cave", "{args:?}");
        assert_eq!(estate.env_text(), before, "{args:?}");
    }
    estate
        .crmreco(&["set", "cavee", "CASE_SIZE=6"])
        .exits(3)
        .says(&["Vouliez-vous dire « cave » ?"]);
}

#[test]
fn what_a_command_line_must_not_hold_is_refused_and_never_repeated() {
    let estate = Estate::of("plain");
    let before = estate.env_text();
    for (args, words) in [
        (
            &["API_KEY=s3cret"][..],
            &[
                "API_KEY is a secret",
                "crmreco set cave --api-key-stdin < key.txt",
            ][..],
        ),
        (&["api_key=s3cret"], &["API_KEY is a secret"]),
        (&["PASSWORD=s3cret"], &["PASSWORD is a secret"]),
        (
            &["TYPE=odoo"],
            &["TYPE cannot be changed", "crmreco remove cave"],
        ),
        (&["--unset", "TYPE"], &["TYPE cannot be changed"]),
        (&["s3cret"], &["expected SETTING=VALUE"]),
        (
            &["CASE_SIZE=6", "case_size=s3cret"],
            &["CASE_SIZE is given twice"],
        ),
        (
            &["CASE_SIZE=s3cret", "--unset", "CASE_SIZE"],
            &["both set and removed"],
        ),
        (&[], &["nothing to change"]),
    ] {
        for more in [&[][..], &["--json"]] {
            let outcome = set(&estate, &[args, more].concat()).exits(2).says(words);
            assert!(!outcome.text().contains("s3cret"), "{outcome:?}");
        }
    }
    assert_eq!(estate.env_text(), before);
}

fn with_key(estate: &Estate, key: &str, more: &[&str]) -> Outcome {
    let file = estate.root().join("key.txt");
    fs::write(&file, key).unwrap();
    let mut command: Command =
        estate.command(&[&["set", "cloud", "--api-key-stdin"], more].concat());
    Outcome::of(command.stdin(Stdio::from(fs::File::open(file).unwrap())))
}

#[test]
fn a_secret_comes_from_standard_input_and_is_masked() {
    let estate = Estate::bare();
    estate.env_lines(ODOO);
    let outcome = with_key(&estate, "n3wk3y\n", &["TIMEOUT=60"]).exits(0);
    assert_says(&outcome.text(), &["API_KEY=••••", "TIMEOUT=60"]);
    assert!(!outcome.text().contains("n3wk3y"), "{outcome:?}");
    assert!(estate.env_text().contains("__API_KEY=n3wk3y\n"));
    let before = estate.env_text();
    with_key(&estate, "", &[]).exits(3).says(&[
        "L'entrée standard est vide",
        "crmreco set cloud --api-key-stdin < cle.txt",
    ]);
    with_key(&estate, "two words", &[])
        .exits(3)
        .says(&["API_KEY"]);
    with_key(&estate, "n3wk3y", &["URL=http://cave.fr"])
        .exits(3)
        .says(&[
            "en clair",
            "crmreco set cloud URL=…",
            "crmreco set cloud ALLOW_HTTP=…",
        ]);
    assert_eq!(estate.env_text(), before);
}

#[test]
fn a_folder_is_relative_to_the_working_folder_and_may_have_blanks() {
    let estate = Estate::of("plain");
    let folder = estate.root().join("Mes exports d'été");
    fs::rename(estate.exports(), &folder).unwrap();
    set(&estate, &["EXPORT_PATH=Mes exports d'été"]).exits(0);
    let path = folder.display().to_string();
    assert_eq!(config(&estate, "cave", "EXPORT_PATH").unwrap(), path);
    estate.sync();
    let outcome = set(&estate, &["EXPORT_PATH=~/nulle part"]).exits(0);
    let path = estate.root().join("nulle part").display().to_string();
    assert_eq!(config(&estate, "cave", "EXPORT_PATH").unwrap(), path);
    assert_says(&outcome.stderr, &["n'existe pas pour le moment"]);
}

#[test]
fn what_the_environment_decides_is_said() {
    let estate = Estate::of("plain");
    let variable = "CRMRECO_CONNECTOR__CAVE__CASE_SIZE";
    let mut command = estate.command(&["set", "cave", "CASE_SIZE=6"]);
    let outcome = Outcome::of(command.env(variable, "12")).exits(0);
    assert_says(&outcome.stderr, &[variable, "l'emporte sur ce réglage"]);
    let bare = Estate::bare();
    let mut command = bare.command(&["set", "cave", "CASE_SIZE=6"]);
    command
        .env("CRMRECO_CONNECTOR__CAVE__TYPE", "isavigne")
        .env("CRMRECO_CONNECTOR__CAVE__EXPORT_PATH", "/tmp");
    Outcome::of(&mut command).exits(3).says(&[
        "il vient des variables d'environnement",
        "Changez les variables CRMRECO_CONNECTOR__CAVE__…",
    ]);
    assert!(!bare.env_path().exists());
}

#[test]
fn a_variable_in_lower_case_is_replaced() {
    let estate = Estate::of("plain");
    estate.env_lines("CRMRECO_CONNECTOR__cave__case_size=6");
    set(&estate, &["CASE_SIZE=7"]).exits(0);
    assert!(
        !estate.env_text().contains("case_size"),
        "{}",
        estate.env_text()
    );
    assert_eq!(config(&estate, "cave", "CASE_SIZE").unwrap(), "7");
}

#[test]
fn an_unquoted_value_with_blanks_is_read_as_it_is_meant() {
    for name in ["Mes exports", "l'export", "Mes exports d'été"] {
        let estate = Estate::bare();
        let folder = estate.root().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("clients.csv"), "code_client;nom\nC1;Dupont\n").unwrap();
        estate.env_lines(&format!(
            "CRMRECO_CONNECTOR__CAVE__EXPORT_PATH={} # le dossier\nCRMRECO_CONNECTOR__CAVE__TYPE=isavigne",
            folder.display()
        ));
        estate.sync();
        let path = folder.display().to_string();
        assert_eq!(config(&estate, "cave", "EXPORT_PATH").unwrap(), path);
    }
}

#[test]
fn a_line_that_cannot_be_read_stops_its_connector_alone() {
    let estate = Estate::of("plain");
    estate.env_lines(
        "pas une ligne\nCRMRECO_CONNECTOR__CHAI__TYPE=isavigne\nCRMRECO_CONNECTOR__CHAI__EXPORT_PATH=\"/nulle part\nCRMRECO_CONNECTOR__DEPOT__TYPE=isavigne\nCRMRECO_CONNECTOR__DEPOT__EXPORT_PATH=\"/tmp\"",
    );
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    let connectors = &list["connectors"];
    assert_eq!(connectors["cave"]["status"], "idle");
    assert_eq!(connectors["depot"]["status"], "idle");
    assert_eq!(connectors["chai"]["status"], "error");
    let why = ["ligne 5", "guillemets à fermer ?", "EXPORT_PATH"];
    assert_says(connectors["chai"]["last_error"].as_str().unwrap(), &why);
    estate.sync();
    for command in ["test", "sync"] {
        let outcome = estate.crmreco(&[command, "chai"]).exits(3).says(&why);
        assert!(!outcome.text().contains("nulle part"), "{outcome:?}");
        assert_says(&outcome.text(), &["crmreco set chai EXPORT_PATH=…"]);
    }
    estate
        .crmreco(&["set", "chai", "CASE_SIZE=6"])
        .exits(3)
        .says(&why);
    let mend = ["set", "chai", "EXPORT_PATH=/tmp"];
    estate.crmreco(&mend).exits(0);
    assert!(estate.env_text().contains("pas une ligne\n"));
    assert_eq!(config(&estate, "chai", "EXPORT_PATH").unwrap(), "/tmp");
}

#[test]
fn add_and_show_say_where_the_settings_are() {
    let estate = Estate::bare();
    let path = format!("Réglages : {}", estate.env_path().display());
    let add = ["add", "cave", "--type", "isavigne", "--path", "/tmp"];
    estate.crmreco(&add).exits(0).says(&[&path]);
    estate.crmreco(&["show", "cave"]).exits(0).says(&[&path]);
    let shown = estate.crmreco(&["show", "cave", "--json"]).exits(0).json();
    assert_eq!(shown["env_file"], estate.env_path().display().to_string());
}

#[test]
fn a_sync_that_names_a_setting_gives_the_command() {
    let estate = Estate::of("plain");
    estate.export("ventes.xlsx", "x");
    estate.crmreco(&["sync", "cave"]).exits(0).says(&[
        "→ Pour changer ce réglage : ",
        "crmreco set cave 'FILE_PATTERN=*'",
    ]);
    estate
        .crmreco(&["show", "cave"])
        .exits(0)
        .says(&["crmreco set cave 'FILE_PATTERN=*'"]);
    let quiet = estate.crmreco(&["sync", "cave", "--quiet"]).exits(0);
    assert_eq!(quiet.text(), "");
    let empty = Estate::empty();
    let outcome = empty.crmreco(&["sync", "cave", "--quiet"]).exits(1);
    assert_says(&outcome.stderr, &["crmreco set cave FILE_PATTERN=…"]);
}
