//! What a request asks of Odoo, whatever the protocol it comes by.

use serde_json::{Map, Value};

/// A method of a model with its arguments by name. JSON-RPC's `common` service counts as a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub model: String,
    pub method: String,
    pub arguments: Map<String, Value>,
}

impl Call {
    /// None for a page such as `/web/version`.
    pub fn of(path: &str, body: &Value) -> Option<Self> {
        if path == "/jsonrpc" {
            return Self::of_rpc(&body["params"]);
        }
        let (model, method) = path.strip_prefix("/json/2/")?.split_once('/')?;
        Some(Self {
            model: model.to_owned(),
            method: method.to_owned(),
            arguments: body.as_object().cloned().unwrap_or_default(),
        })
    }

    fn of_rpc(params: &Value) -> Option<Self> {
        let args = &params["args"];
        if params["method"] != "execute_kw" {
            return Some(Self {
                model: params["service"].as_str()?.to_owned(),
                method: params["method"].as_str()?.to_owned(),
                arguments: Map::new(),
            });
        }
        let method = args[4].as_str()?;
        let mut arguments = args[6].as_object().cloned().unwrap_or_default();
        let positional = args[5].as_array().cloned().unwrap_or_default();
        for (name, value) in positional_names(method).iter().zip(positional) {
            arguments.insert((*name).to_owned(), value);
        }
        Some(Self {
            model: args[3].as_str()?.to_owned(),
            method: method.to_owned(),
            arguments,
        })
    }

    pub fn is(&self, model: &str, method: &str) -> bool {
        (self.model.as_str(), self.method.as_str()) == (model, method)
    }

    /// Whether it reads rows.
    pub fn is_data(&self) -> bool {
        ["search_read", "search", "read"].contains(&self.method.as_str())
    }

    pub fn domain(&self) -> &[Value] {
        self.list("domain")
    }

    pub fn fields(&self) -> Vec<&str> {
        self.list("fields")
            .iter()
            .filter_map(Value::as_str)
            .collect()
    }

    pub fn order(&self) -> Option<&str> {
        self.arguments.get("order")?.as_str()
    }

    pub fn limit(&self) -> Option<u64> {
        self.arguments.get("limit")?.as_u64()
    }

    pub fn context(&self) -> &Value {
        self.arguments.get("context").unwrap_or(&Value::Null)
    }

    /// The N of the last `["id", ">", N]` of the domain.
    pub fn after(&self) -> Option<u64> {
        let last = self.domain().iter().rev().find(|term| is_after(term))?;
        last[2].as_u64()
    }

    fn list(&self, name: &str) -> &[Value] {
        let value = self.arguments.get(name).and_then(Value::as_array);
        value.map_or(&[], Vec::as_slice)
    }
}

/// Whether a term of a domain is `["id", ">", N]`.
pub fn is_after(term: &Value) -> bool {
    term[0] == "id" && term[1] == ">" && term[2].is_u64()
}

/// The names of the arguments that JSON-RPC may pass by position.
fn positional_names(method: &str) -> &'static [&'static str] {
    match method {
        "search" => &["domain", "offset", "limit", "order"],
        "search_read" => &["domain", "fields", "offset", "limit", "order"],
        "search_count" => &["domain", "limit"],
        "read" => &["ids", "fields"],
        "fields_get" => &["allfields", "attributes"],
        _ => &[],
    }
}
