//! The nine documented answers, key by key and in their order, and the same documents as the commands print.

use serde_json::{Value, json};

use super::served::{JSON, Served};
use crate::common::{Estate, TABLES, counts};
use crate::list_and_show::{LOG, STATE};
use crate::ordered::Shape;
use crate::status_and_metrics::{METRICS, STATUS};

/// A connector with rejects, one that fails, one never synced.
fn estate() -> Estate {
    let estate = Estate::of_bad("row_lengths");
    estate.connector("chai", &estate.root().join("nowhere"));
    estate.connector("depot", &estate.exports());
    estate.sync();
    estate.export(
        "clients_suite.csv",
        "code_client;nom\nC5;Dupont;en trop\nC6;Martin\n",
    );
    estate.sync();
    estate.crmreco(&["sync", "chai"]).exits(1);
    estate
}

/// Without the instants at which a document was made.
fn timeless(text: &str) -> Value {
    let mut document: Value = serde_json::from_str(text).unwrap();
    for of in ["", "/status", "/metrics"] {
        if let Some(Value::Object(object)) = document.pointer_mut(of)
            && object.get("run_id").is_none()
        {
            object.remove("timestamp");
        }
    }
    document
}

#[track_caller]
fn assert_same(served: &str, printed: &str) {
    assert_eq!(timeless(served), timeless(printed));
    assert_eq!(Shape::of(served), Shape::of(printed));
}

#[test]
fn endpoints_return_what_the_commands_print() {
    let estate = estate();
    let served = Served::of(&estate);
    for (path, command) in [
        ("/connectors", "list"),
        ("/connectors/cave", "show cave"),
        ("/connectors/chai", "show chai"),
        ("/connectors/depot", "show depot"),
        ("/connectors/cave/logs", "logs cave"),
        ("/connectors/chai/logs", "logs chai"),
        (
            "/connectors/cave/logs?limit=1&offset=1",
            "logs cave --limit 1 --offset 1",
        ),
        ("/connectors/cave/logs?limit=0", "logs cave --limit 0"),
        ("/connectors/cave/receipt", "receipt cave"),
        ("/connectors/cave/receipt?run=1", "receipt cave --run 1"),
        ("/connectors/cave/rejects", "logs cave --rejects"),
        ("/connectors/cave/rejects?run=1", "logs cave --rejects 1"),
        (
            "/connectors/cave/rejects?run=1&limit=1&offset=1",
            "logs cave --rejects 1 --limit 1 --offset 1",
        ),
        ("/connectors/api/status", "status"),
        ("/connectors/api/metrics", "metrics"),
    ] {
        let answer = served.json(path).is(200);
        let args: Vec<_> = command.split(' ').chain(["--json"]).collect();
        let printed = estate.crmreco(&args).exits(0).stdout;
        assert_same(answer.text(), &printed);
    }
}

#[test]
fn api_endpoints_need_no_accept_header() {
    let estate = estate();
    let served = Served::of(&estate);
    for path in [
        "/connectors/cave/logs",
        "/connectors/api/status",
        "/connectors/api/metrics",
        "/healthz",
    ] {
        let answer = served.ask("GET", path).send().is(200);
        assert_same(answer.text(), served.json(path).text());
    }
    assert_eq!(served.json("/healthz").document(), json!({"success": true}));
    let tested = served.post("/connectors/cave/test").send().is(200);
    assert_eq!(tested.document()["success"], true);
    let synced = served.post("/connectors/cave/sync").send().is(200);
    assert_eq!(synced.document()["success"], true);
}

#[test]
fn a_test_returns_what_the_command_prints() {
    let estate = estate();
    let served = Served::of(&estate);
    for (name, code, status) in [("cave", 0, 200), ("chai", 1, 502)] {
        let path = format!("/connectors/{name}/test");
        let answer = served.post(&path).header("Accept", JSON).send().is(status);
        let printed = estate.crmreco(&["test", name, "--json"]).exits(code).stdout;
        assert_same(answer.text(), &printed);
    }
}

#[test]
fn documented_keys_come_first_and_in_their_order() {
    let estate = estate();
    let served = Served::of(&estate);
    let shape = |path: &str| Shape::of(served.json(path).is(200).text());
    let list = shape("/connectors");
    list.starts_with(&["connectors", "status", "metrics", "recent_syncs"]);
    list.at("connectors").at("cave").starts_with(&STATE);
    list.at("status").starts_with(&STATUS);
    list.at("metrics").starts_with(&METRICS);
    list.at("recent_syncs").at("0").starts_with(&LOG);
    let show = shape("/connectors/cave");
    show.starts_with(&["connector_name", "status", "sync_logs", "config"]);
    show.at("status").starts_with(&STATE);
    show.at("sync_logs").at("0").starts_with(&LOG);
    let logs = shape("/connectors/cave/logs");
    logs.starts_with(&["connector_name", "total", "logs", "limit", "offset"]);
    logs.at("logs").at("0").starts_with(&LOG);
    shape("/connectors/api/status").starts_with(&STATUS);
    shape("/connectors/api/metrics").starts_with(&METRICS);
    let posted = |path: &str| Shape::of(served.post(path).send().is(200).text());
    let test = posted("/connectors/cave/test");
    test.starts_with(&["success", "message", "status", "checks"]);
    test.at("checks")
        .at("0")
        .starts_with(&["name", "ok", "detail", "rows"]);
    posted("/connectors/cave/sync").starts_with(&LOG);
}

#[test]
fn a_sync_loads_returns_and_stores_like_the_command() {
    let (here, there) = (Estate::of("plain"), Estate::of("plain"));
    let served = Served::of(&here);
    let answer = served
        .post("/connectors/cave/sync")
        .json(&json!({}))
        .send()
        .is(200);
    let printed = there.crmreco(&["sync", "cave", "--json"]).exits(0);
    assert_eq!(Shape::of(answer.text()), Shape::of(&printed.stdout));
    let (answer, printed) = (answer.document(), printed.json());
    for key in LOG
        .iter()
        .filter(|key| !["duration_seconds", "timestamp"].contains(key))
    {
        assert_eq!(answer[key], printed[key], "{key}");
    }
    let rows = |estate: &Estate| estate.sql("SELECT * FROM sales_lines ORDER BY 1, 2").len();
    assert_eq!((rows(&here), rows(&there)), (5, 5));
    let kept = served.json("/connectors/cave/logs").document()["logs"][0].clone();
    assert_eq!(kept, answer);
}

#[test]
fn a_sync_accepts_the_options_of_the_command() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let read = |body: Value| {
        let answer = served
            .post("/connectors/cave/sync")
            .json(&body)
            .send()
            .is(200)
            .document();
        TABLES.map(|table| counts(&answer, table).read > 0)
    };
    let customers_alone = [true, false, false, false, false];
    assert_eq!(read(json!({"source": "customers"})), customers_alone);
    assert_eq!(
        read(json!({"source": "stock_levels", "last_sync": null})),
        [false, false, false, true, false]
    );
    assert_eq!(
        read(json!({"source": null, "last_sync": ""})),
        [false, true, true, false, true]
    );
    // Files written since the year 2000 are all of them.
    assert_eq!(read(json!({"last_sync": "2000-01-01T00:00:00"})), [true; 5]);
    assert_eq!(
        read(json!({"last_sync": "2099-01-01T00:00:00Z"})),
        [false; 5]
    );
    let form = [
        ("source", "customers"),
        ("last_sync", "2000-01-01T00:00:00"),
    ];
    let answer = served
        .post("/connectors/cave/sync")
        .header("Accept", JSON)
        .form(&form);
    let answer = answer.send().is(200).document();
    assert_eq!(
        TABLES.map(|table| counts(&answer, table).read > 0),
        customers_alone
    );
}

#[test]
fn the_root_redirects_to_the_list() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    served.page("/").leads_to("/connectors");
    served.ask("GET", "/").send().leads_to("/connectors");
}

#[test]
fn added_and_removed_connectors_are_noticed() {
    let estate = Estate::bare();
    let served = Served::of(&estate);
    assert_eq!(
        served.json("/connectors").document()["connectors"],
        json!({})
    );
    let folder = estate.exports();
    let folder = folder.to_str().unwrap();
    estate
        .crmreco(&["add", "cave", "--type", "isavigne", "--path", folder])
        .exits(0);
    assert_eq!(
        served.json("/connectors").document()["connectors"]["cave"]["status"],
        "idle"
    );
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    served.json("/connectors/cave").fails(404, &["cave"]);
}

#[test]
fn a_connector_may_have_the_name_of_a_path_segment() {
    let estate = Estate::bare();
    let names = ["api", "logs", "test", "status"];
    for name in names {
        estate.connector(name, &estate.exports());
    }
    let served = Served::of(&estate);
    for name in names {
        let shown = served.json(&format!("/connectors/{name}")).is(200);
        assert_eq!(shown.document()["connector_name"], name);
        served
            .page(&format!("/connectors/{name}"))
            .is(200)
            .says(&[name]);
        served.page(&format!("/connectors/{name}/rejects")).is(200);
        served.page(&format!("/connectors/{name}/receipt")).is(200);
        let logs = served.ask("GET", &format!("/connectors/{name}/logs"));
        assert_eq!(logs.send().is(200).document()["connector_name"], name);
        served
            .post(&format!("/connectors/{name}/test"))
            .send()
            .is(502);
        served
            .post(&format!("/connectors/{name}/sync"))
            .send()
            .is(502);
    }
}
