//! JSON-RPC 2.0, up to Odoo 18: one address, the key in every call, status 200 even for errors
//! (`odoo/service/model.py`, `odoo/service/common.py`).

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Arguments, Protocol, json as bytes, json_header};
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::http::{Http, Reply, Request};
use crate::connectors::odoo::settings::Server;

pub(super) struct JsonRpc {
    pub(super) uid: u64,
}

impl Protocol for JsonRpc {
    fn name(&self) -> &'static str {
        "JSON-RPC"
    }

    fn request(&self, server: &Server, model: &str, method: &str, arguments: Arguments) -> Request {
        let arguments = json!([
            server.database,
            self.uid,
            server.key.expose_secret(),
            model,
            method,
            [],
            arguments
        ]);
        call(server, "object", "execute_kw", &arguments)
    }

    fn result(&self, reply: &Reply) -> Result<Value, Failure> {
        result(reply)
    }
}

/// Asks for the server's version; anybody may.
pub(in super::super) fn version(http: &Http, server: &Server) -> Result<Value, Failure> {
    result(&http.send(call(server, "common", "version", &json!([])))?)
}

/// The number of the user who holds the key.
pub(in super::super) fn authenticate(http: &Http, server: &Server) -> Result<u64, Failure> {
    let arguments = json!(
        [server.database, server.login, server.key.expose_secret(), {
        }]
    );
    let answer = http.send(call(server, "common", "authenticate", &arguments))?;
    // A refused login is `false`.
    result(&answer)?.as_u64().ok_or(Failure::KeyRefused)
}

fn call(server: &Server, service: &str, method: &str, arguments: &Value) -> Request {
    let body = json!({
        "jsonrpc": "2.0",
        "method": "call",
        "params": {"service": service, "method": method, "args": arguments},
    });
    Request {
        url: format!("{}/jsonrpc", server.url),
        body: Some(bytes(&body)),
        headers: vec![json_header()],
    }
}

fn result(reply: &Reply) -> Result<Value, Failure> {
    if reply.is_html || reply.status != 200 {
        return Err(Failure::NotOdoo(reply.status));
    }
    let mut value: Value = serde_json::from_slice(&reply.body).map_err(|_| Failure::Garbled)?;
    if let Some(error) = value.get("error") {
        let part = |key: &str| error.pointer(key).and_then(Value::as_str);
        let message = part("/data/message").or_else(|| part("/message"));
        return Err(Failure::of_exception(
            part("/data/name").unwrap_or_default(),
            message.unwrap_or_default(),
        ));
    }
    if value.get("jsonrpc").is_none() {
        return Err(Failure::Garbled);
    }
    // The result is absent where the method returned nothing.
    Ok(value.get_mut("result").map(Value::take).unwrap_or_default())
}
