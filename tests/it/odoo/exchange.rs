//! A question to Odoo and its answer, as they are kept in a file: without the key, without the server's tracebacks.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::http::{Incoming, Reply};
use crate::common::fixtures;

/// Stands for the API key in every file.
pub const PLACEHOLDER: &str = "CLE";
/// Stands for every traceback: a test that finds it in an output has found a leak.
pub const TRACEBACK: &str = "TRACEBACK of the server: jamais-montré";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub request: Request,
    pub response: Response,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    pub status: u16,
    pub content_type: String,
    /// A text where the server did not answer in JSON.
    pub body: Value,
}

impl Request {
    /// The request without its key and without its number, which are all that differ from one run to the next.
    pub fn of(incoming: &Incoming) -> Self {
        let mut body = incoming.json();
        if let Some(object) = body.as_object_mut() {
            object.remove("id");
        }
        if let Some(key) = key_position(&mut body) {
            *key = PLACEHOLDER.into();
        }
        Self {
            method: incoming.method.clone(),
            path: incoming.path.clone(),
            database: incoming.header("x-odoo-database").map(str::to_owned),
            body,
        }
    }

    pub fn is_rpc(&self) -> bool {
        self.path == "/jsonrpc"
    }

    pub fn is_json2(&self) -> bool {
        self.path.starts_with("/json/2/")
    }

    pub fn call(&self) -> Option<Call> {
        Call::of(&self.path, &self.body)
    }
}

/// The key that a request carries, by either protocol.
pub fn key_of(incoming: &Incoming) -> Option<String> {
    if let Some(authorization) = incoming.header("authorization") {
        let (scheme, key) = authorization.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| key.to_owned());
    }
    let mut body = incoming.json();
    let key = key_position(&mut body)?.as_str()?;
    Some(key.to_owned())
}

/// JSON-RPC has no header for the key: it is the third argument of every call that needs one.
fn key_position(body: &mut Value) -> Option<&mut Value> {
    let args = body.get_mut("params")?.get_mut("args")?;
    args.get_mut(2)
}

impl Response {
    pub fn json(body: Value) -> Self {
        Self {
            status: 200,
            content_type: "application/json".to_owned(),
            body,
        }
    }

    /// What the called method returned; None for an error or a page.
    pub fn result(&self, rpc: bool) -> Option<&Value> {
        if self.status != 200 || self.body.is_string() {
            return None;
        }
        if rpc {
            self.body.get("result")
        } else {
            Some(&self.body)
        }
    }

    #[must_use]
    pub fn with_result(mut self, rpc: bool, result: Value) -> Self {
        if rpc {
            self.body["result"] = result;
        } else {
            self.body = result;
        }
        self
    }

    /// JSON-RPC answers carry the number of their question.
    pub fn reply(&self, question: &Value) -> Reply {
        let mut body = self.body.clone();
        if let (Some(answer), Some(id)) = (body.as_object_mut(), question.get("id")) {
            answer.insert("id".to_owned(), id.clone());
        }
        let text = match body {
            Value::String(text) => text,
            json => json.to_string(),
        };
        Reply::new(self.status, &self.content_type, text)
    }
}

impl Exchange {
    /// What is kept of a question and its answer.
    pub fn of(incoming: &Incoming, status: u16, content_type: &str, body: &[u8]) -> Self {
        let request = Request::of(incoming);
        let mut body: Value = serde_json::from_slice(body)
            .unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into());
        if let Some(object) = body.as_object_mut().filter(|_| request.is_rpc()) {
            object.remove("id");
        }
        hide_traceback(&mut body, status);
        // A short one is no key of Odoo's, and may be a part of ordinary words.
        if let Some(key) = key_of(incoming).filter(|key| key.len() >= 16) {
            hide_key(&mut body, &key);
        }
        Self {
            request,
            response: Response {
                status,
                content_type: content_type.to_owned(),
                body,
            },
        }
    }

    /// By hand: a page such as `/web/version`.
    pub fn page(path: &str, answer: Value) -> Self {
        Self {
            request: Request {
                method: "GET".to_owned(),
                path: path.to_owned(),
                database: None,
                body: Value::Null,
            },
            response: Response::json(answer),
        }
    }

    /// By hand: a call by JSON-2.
    pub fn json2(database: &str, call: (&str, &str), arguments: Value, result: Value) -> Self {
        Self {
            request: Request {
                method: "POST".to_owned(),
                path: format!("/json/2/{}/{}", call.0, call.1),
                database: Some(database.to_owned()),
                body: arguments,
            },
            response: Response::json(result),
        }
    }

    /// By hand: a call by JSON-RPC; the third of the arguments is the placeholder where there is a key.
    pub fn rpc(service: &str, method: &str, args: Value, result: Value) -> Self {
        let mut body = json!({"jsonrpc": "2.0", "method": "call"});
        body["params"] = json!({"service": service, "method": method});
        body["params"]["args"] = args;
        let answer = Response::json(json!({"jsonrpc": "2.0"}));
        Self {
            request: Request {
                method: "POST".to_owned(),
                path: "/jsonrpc".to_owned(),
                database: None,
                body,
            },
            response: answer.with_result(true, result),
        }
    }

    pub fn append(&self, file: &Path) {
        let line = serde_json::to_string(self).unwrap() + "\n";
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(file)
            .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}

/// The file of a phase: `19.0/1-first` is `tests/fixtures/odoo/19.0/1-first.jsonl`.
pub fn file_of(phase: &str) -> PathBuf {
    fixtures().join("odoo").join(format!("{phase}.jsonl"))
}

/// The exchanges of a file, in their order.
#[track_caller]
pub fn load(file: &Path) -> Vec<Exchange> {
    let text = fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("{error}: no recording {}", file.display()));
    let numbered = text.lines().zip(1..);
    numbered
        .map(|(line, number)| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error}: {}, line {number}", file.display()))
        })
        .collect()
}

/// A phase and those of its folder that come before it by name, the newest first.
#[track_caller]
pub fn load_phases(phase: &str) -> Vec<Vec<Exchange>> {
    let file = file_of(phase);
    let mut phases = vec![load(&file)];
    phases.extend(earlier(&file).iter().map(|file| load(file)));
    phases
}

/// The recordings beside a file that come before it by name, the newest first.
pub fn earlier(file: &Path) -> Vec<PathBuf> {
    let beside = fs::read_dir(file.parent().unwrap()).unwrap();
    let mut files: Vec<_> = beside.map(|entry| entry.unwrap().path()).collect();
    files.retain(|other| {
        other
            .extension()
            .is_some_and(|extension| extension == "jsonl")
            && other.as_path() < file
    });
    files.sort_unstable();
    files.reverse();
    files
}

fn hide_traceback(body: &mut Value, status: u16) {
    let error = if status == 200 {
        body.pointer_mut("/error/data")
    } else {
        Some(body)
    };
    if let Some(debug) = error.and_then(|error| error.get_mut("debug")) {
        *debug = TRACEBACK.into();
    }
}

/// A server that quotes what it was sent would bring the key into the file.
fn hide_key(value: &mut Value, key: &str) {
    match value {
        Value::String(text) => *text = text.replace(key, PLACEHOLDER),
        Value::Array(items) => items.iter_mut().for_each(|item| hide_key(item, key)),
        Value::Object(pairs) => pairs.values_mut().for_each(|item| hide_key(item, key)),
        _ => {}
    }
}
