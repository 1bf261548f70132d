//! `doctor`: what stands in the way of a sync, and the command that mends it.

use std::fs;
use std::time::Instant;

use serde_json::{Value, json};

use crate::common::{Estate, Outcome, assert_says, set_mode};
use crate::exit_codes::hold_lock;
use crate::ordered::Shape;

/// A home that is as `crmreco` makes it, with one synced connector.
fn well() -> Estate {
    let estate = Estate::of("plain");
    estate.sync();
    estate
}

fn doctor(estate: &Estate, args: &[&str], code: i32) -> Value {
    let args = [&["doctor", "--json"], args].concat();
    let answer = estate.crmreco(&args).exits(code).json();
    assert_eq!(answer["success"], code == 0, "{answer:#}");
    answer
}

/// State, detail and command of a check.
#[track_caller]
fn check(answer: &Value, name: &str) -> (String, String, String) {
    let checks = answer["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no check {name}: {answer:#}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("detail"), text("command"))
}

#[track_caller]
fn assert_check(answer: &Value, name: &str, state: &str, words: &[&str]) {
    let (found, detail, command) = check(answer, name);
    assert_eq!(found, state, "{name}: {answer:#}");
    assert_says(&format!("{detail} → {command}"), words);
    assert!(
        state == "ok" || !command.is_empty(),
        "{name} has no command"
    );
}

#[test]
fn a_home_that_works_has_nothing_that_fails() {
    let estate = well();
    for args in [&[][..], &["--quick"]] {
        let answer = doctor(&estate, args, 0);
        for name in [
            "home",
            "rights",
            "disk",
            "settings",
            "database",
            "clock",
            "locks",
            "source cave",
            "success cave",
        ] {
            assert_eq!(check(&answer, name).0, "ok", "{name}: {answer:#}");
        }
        // The home of a test is none that cron would find.
        assert_check(
            &answer,
            "cron",
            "warn",
            &["sync --all --quiet", "--home", "15 2 * * *"],
        );
    }
    let answer = doctor(&estate, &[], 0);
    assert_check(&answer, "database", "ok", &["saine", "13 lignes"]);
    assert_check(&answer, "source cave", "ok", &["13 lignes lisibles"]);
    let outcome = estate.crmreco(&["doctor", "--json"]).exits(0);
    let shape = Shape::of(&outcome.stdout);
    shape.starts_with(&["success", "checks"]);
    shape
        .at("checks")
        .at("0")
        .starts_with(&["name", "state", "detail", "command"]);
}

#[test]
fn people_read_marks_and_commands() {
    let estate = well();
    estate.connector("chai", &estate.root().join("nowhere"));
    let outcome = estate.crmreco(&["doctor"]).exits(1);
    for line in [
        "✓ Base de données : saine",
        "! Cron : ",
        "✗ Source de chai : ",
        "  → ",
        "! Dernière réussite de chai : jamais",
    ] {
        assert!(outcome.stdout.contains(line), "{line}: {outcome:#?}");
    }
}

#[test]
fn a_missing_home_is_said_and_not_created() {
    let estate = Estate::bare();
    fs::remove_dir(estate.home()).unwrap();
    for args in [&[][..], &["--quick"]] {
        let answer = doctor(&estate, args, 1);
        assert_check(
            &answer,
            "home",
            "fail",
            &["n'existe pas", "crmreco add NOM"],
        );
        assert_eq!(answer["checks"].as_array().unwrap().len(), 1);
        assert!(!estate.home().exists());
    }
    fs::write(estate.home(), "").unwrap();
    assert_check(
        &doctor(&estate, &[], 1),
        "home",
        "fail",
        &["n'est pas un dossier"],
    );
}

#[test]
fn an_empty_home_needs_a_connector_and_stays_empty() {
    let estate = Estate::bare();
    let answer = doctor(&estate, &[], 1);
    assert_check(
        &answer,
        "settings",
        "fail",
        &["Aucun connecteur", "crmreco add NOM"],
    );
    assert_check(
        &answer,
        "database",
        "warn",
        &["il n'y en a pas encore", "sync --all"],
    );
    assert_eq!(fs::read_dir(estate.home()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn rights_are_reported_and_not_changed() {
    use std::os::unix::fs::PermissionsExt;
    let estate = well();
    set_mode(&estate.env_path(), 0o644);
    let answer = doctor(&estate, &[], 0);
    assert_check(&answer, "rights", "warn", &[".env", "chmod go-rwx"]);
    let mode = fs::metadata(estate.env_path())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    let (_, _, command) = check(&answer, "rights");
    let done = std::process::Command::new("sh")
        .args(["-c", &command])
        .status();
    assert!(done.unwrap().success());
    assert_eq!(check(&doctor(&estate, &[], 0), "rights").0, "ok");
}

#[test]
fn a_line_that_cannot_be_read_is_numbered() {
    let estate = well();
    estate.env_lines("pas une ligne");
    assert_check(
        &doctor(&estate, &[], 0),
        "settings",
        "warn",
        &["ligne 3", "+3"],
    );
    estate.env_lines("CRMRECO_CONNECTOR__CAVE__ENCODING=\"utf-8");
    let answer = doctor(&estate, &["--quick"], 1);
    assert_check(
        &answer,
        "source cave",
        "fail",
        &["ligne 4", "crmreco set cave ENCODING=…"],
    );
    fs::write(estate.env_path(), b"A=\xe9\n").unwrap();
    assert_check(
        &doctor(&estate, &[], 1),
        "settings",
        "fail",
        &["ligne 1", "UTF-8", "EDITOR"],
    );
}

#[test]
fn a_wrong_setting_of_the_program_is_said() {
    let estate = well();
    estate.env_lines("CRMRECO_KEEP_DAYS=toujours");
    let answer = doctor(&estate, &[], 1);
    assert_check(
        &answer,
        "settings",
        "fail",
        &["CRMRECO_KEEP_DAYS", "EDITOR"],
    );
}

#[test]
fn settings_that_do_not_hold_give_the_command() {
    let estate = well().setting("ENCODING", "klingon");
    for args in [&[][..], &["--quick"]] {
        let answer = doctor(&estate, args, 1);
        assert_check(
            &answer,
            "source cave",
            "fail",
            &["ENCODING « klingon »", "crmreco set cave ENCODING=…"],
        );
    }
}

#[test]
fn a_source_that_cannot_be_read_is_said() {
    let estate = well();
    estate.export("ventes.csv", "x;y\n1;2\n");
    let answer = doctor(&estate, &[], 1);
    assert_check(&answer, "source cave", "fail", &["ventes.csv", "crmreco"]);
    assert_eq!(
        check(&doctor(&estate, &["--quick"], 0), "source cave").0,
        "ok"
    );
    fs::remove_dir_all(estate.exports()).unwrap();
    for args in [&[][..], &["--quick"]] {
        let answer = doctor(&estate, args, 1);
        assert_check(&answer, "source cave", "fail", &["exports", "crmreco"]);
    }
}

#[test]
fn syncs_that_fail_or_never_were_are_said() {
    let estate = well();
    estate.connector("chai", &estate.exports());
    let answer = doctor(&estate, &["--quick"], 0);
    assert_check(
        &answer,
        "success chai",
        "warn",
        &["jamais synchronisé", "crmreco sync chai"],
    );
    estate.export("clients.csv", "");
    estate.crmreco(&["sync", "cave"]).exits(1);
    estate.crmreco(&["sync", "chai"]).exits(1);
    let answer = doctor(&estate, &["--quick"], 1);
    assert_check(
        &answer,
        "success cave",
        "fail",
        &["depuis : clients.csv", "crmreco logs cave"],
    );
    assert_check(
        &answer,
        "success chai",
        "fail",
        &["aucune ; clients.csv", "crmreco sync chai"],
    );
}

fn change(estate: &Estate, sql: &str) {
    let db = rusqlite::Connection::open(estate.database()).unwrap();
    db.execute_batch(sql).unwrap();
}

#[test]
fn an_old_success_and_a_clock_that_is_late_are_said() {
    let estate = well();
    change(
        &estate,
        "UPDATE runs SET started_at = '2020-01-01T00:00:00Z', ended_at = '2020-01-01T00:00:01Z'",
    );
    let answer = doctor(&estate, &[], 0);
    assert_check(
        &answer,
        "success cave",
        "warn",
        &["01/01/2020", "plus d'une semaine"],
    );
    change(
        &estate,
        "UPDATE runs SET started_at = '2090-01-01T00:00:00Z'",
    );
    let answer = doctor(&estate, &[], 1);
    assert_check(
        &answer,
        "clock",
        "fail",
        &["elle retarde", "2090", "timedatectl"],
    );
}

#[test]
fn a_sync_under_way_and_one_that_hangs_are_told_apart() {
    let estate = well();
    let running = "INSERT INTO runs (source, connector_type, status, started_at) VALUES ('cave', 'isavigne', 'running', ";
    let _lock = hold_lock(&estate, "cave");
    change(
        &estate,
        &format!("{running} strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))"),
    );
    assert_check(
        &doctor(&estate, &[], 0),
        "locks",
        "ok",
        &["en cours : cave"],
    );
    change(&estate, "DELETE FROM runs WHERE status = 'running'");
    change(
        &estate,
        &format!("{running} strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 day'))"),
    );
    assert_check(
        &doctor(&estate, &[], 0),
        "locks",
        "warn",
        &["« cave »", "depuis"],
    );
}

#[test]
fn a_damaged_database_is_put_aside_by_the_command() {
    let estate = well();
    // SQLite checks the pages of a table when it reads them.
    let mut bytes = fs::read(estate.database()).unwrap();
    let end = bytes.len();
    bytes[8192 * 3..end].fill(0xA5);
    fs::write(estate.database(), &bytes).unwrap();
    let answer = doctor(&estate, &[], 1);
    assert_check(
        &answer,
        "database",
        "fail",
        &["abîmée", "mv ", "sync --all --full"],
    );
    fs::write(estate.database(), b"nonsense".repeat(1000)).unwrap();
    for args in [&[][..], &["--quick"]] {
        let answer = doctor(&estate, args, 1);
        assert_check(
            &answer,
            "database",
            "fail",
            &["abîmée", "sync --all --full"],
        );
        assert_eq!(check(&answer, "home").0, "ok");
    }
}

#[test]
fn what_removed_connectors_left_is_said() {
    let estate = well();
    estate.connector("chai", &estate.exports());
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    let answer = doctor(&estate, &["--quick"], 0);
    assert_check(
        &answer,
        "leftovers",
        "warn",
        &["cave", "crmreco remove cave --purge"],
    );
}

#[test]
fn a_program_that_holds_the_settings_is_said() {
    let estate = well();
    let folder = fs::File::open(estate.home()).unwrap();
    folder.lock().unwrap();
    let answer = doctor(&estate, &["--quick"], 1);
    assert_check(
        &answer,
        "settings",
        "fail",
        &["tenu par un autre programme"],
    );
    let (_, _, command) = check(&answer, "settings");
    assert_eq!(command, format!("fuser -v {}", estate.home().display()));
}

#[test]
fn the_life_of_a_key_is_told_by_the_server() {
    use crate::odoo::fault::Fault;
    use crate::odoo::stub::{KEY, Stub};
    use crate::odoo::when::When;
    for (days, state) in [(60, "ok"), (10, "warn")] {
        let odoo = Stub::replay("19.0/1-first");
        let expiry = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(days * 24 + 1);
        let expiry = jiff::tz::TimeZone::UTC.to_datetime(expiry);
        let expiry = expiry.strftime("%Y-%m-%d %H:%M:%S").to_string();
        odoo.fault(
            When::call("res.users.apikeys", "search_read"),
            Fault::replace(move |_| json!([{"id": 1, "expiration_date": expiry}])),
        );
        let estate = Estate::bare();
        let lines = [
            ("TYPE", "odoo"),
            ("URL", &odoo.url()),
            ("DB", &odoo.database()),
            ("USER", "crm@exemple.fr"),
            ("API_KEY", KEY),
        ];
        let lines = lines.map(|(key, value)| format!("CRMRECO_CONNECTOR__CLOUD__{key}={value}"));
        estate.env_lines(&lines.join("\n"));
        let answer = doctor(&estate, &[], 0);
        let words = [format!("{days} jours")];
        assert_check(&answer, "key cloud", state, &[&words[0]]);
        if state == "warn" {
            assert_check(
                &answer,
                "key cloud",
                state,
                &["crmreco set cloud --api-key-stdin < cle.txt"],
            );
        }
        assert!(!answer.to_string().contains(KEY));
        let quick = doctor(&estate, &["--quick"], 0);
        assert_eq!(check(&quick, "source cloud").0, "ok");
    }
}

#[test]
fn an_unreachable_server_fails_without_quick() {
    let estate = Estate::bare();
    let prefix = "CRMRECO_CONNECTOR__CLOUD__";
    estate.env_lines(&format!(
        "{prefix}TYPE=odoo\n{prefix}URL=http://127.0.0.1:9\n{prefix}DB=x\n{prefix}USER=x\n{prefix}API_KEY=s3cret"
    ));
    let outcome = estate.crmreco(&["doctor", "--json"]).exits(1);
    assert!(!outcome.text().contains("s3cret"));
    assert_check(
        &outcome.json(),
        "source cloud",
        "fail",
        &["127.0.0.1", "crmreco"],
    );
    doctor(&estate, &["--quick"], 0);
}

#[test]
fn quick_is_quick() {
    let estate = well();
    let run = || {
        let begun = Instant::now();
        Outcome::of(&mut estate.command(&["doctor", "--quick"])).exits(0);
        begun.elapsed().as_millis()
    };
    // The fastest of a few: other tests run meanwhile, and this program is not optimised.
    let fastest = (0..5).map(|_| run()).min().unwrap();
    assert!(fastest < 500, "{fastest} ms");
}
