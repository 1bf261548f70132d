//! JSON-RPC 2.0, up to Odoo 18: one address, the key in every call, status 200 even for errors
//! (`odoo/service/model.py`, `odoo/service/common.py`).

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Answer, Arguments, Protocol, RECORDS, Wrapping, json as bytes, json_header};
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::settings::Server;
use crate::connectors::shared::{Http, Reply, Request};

pub(super) struct JsonRpc {
    pub(super) uid: u64,
}

impl Protocol for JsonRpc {
    fn name(&self) -> &'static str {
        "JSON-RPC"
    }

    fn request(
        &self,
        server: &Server,
        model: &str,
        method: &str,
        mut arguments: Arguments,
    ) -> Request {
        // The records that a method is called on have no name here.
        let records: Vec<Value> = arguments.remove(RECORDS).into_iter().collect();
        let arguments = json!([
            server.database,
            self.uid,
            server.web.secret.expose_secret(),
            model,
            method,
            records,
            arguments
        ]);
        call(server, "object", "execute_kw", &arguments)
    }

    fn answer(&self, reply: Reply) -> Result<Answer, Failure> {
        answer(reply)
    }
}

/// What every answer is wrapped in.
#[derive(Deserialize)]
struct Envelope<T> {
    jsonrpc: Option<IgnoredAny>,
    error: Option<Value>,
    /// Absent where the method returned nothing.
    result: Option<T>,
}

/// Asks for the server's version; anybody may.
pub(in super::super) fn version(http: &Http, server: &Server) -> Result<Value, Failure> {
    answer(http.send(call(server, "common", "version", &json!([])))?)?.read()
}

/// The number of the user who holds the key.
pub(in super::super) fn authenticate(http: &Http, server: &Server) -> Result<u64, Failure> {
    let arguments = json!([
        server.database,
        server.login,
        server.web.secret.expose_secret(),
        {}
    ]);
    let reply = http.send(call(server, "common", "authenticate", &arguments))?;
    // A refused login is `false`.
    let user: Value = answer(reply)?.read()?;
    user.as_u64().ok_or(Failure::KeyRefused)
}

fn call(server: &Server, service: &str, method: &str, arguments: &Value) -> Request {
    let body = json!({
        "jsonrpc": "2.0",
        "method": "call",
        "params": {"service": service, "method": method, "args": arguments},
    });
    Request {
        url: format!("{}/jsonrpc", server.web.url),
        body: Some(bytes(&body)),
        headers: vec![json_header()],
    }
}

/// The answer in `reply`; fails when it reports an error.
fn answer(reply: Reply) -> Result<Answer, Failure> {
    if reply.is_html || reply.status != 200 {
        return Err(Failure::not_odoo(reply.status));
    }
    let envelope: Envelope<IgnoredAny> =
        serde_json::from_slice(&reply.body).map_err(|error| Failure::of_json(&error))?;
    if let Some(error) = envelope.error {
        let part = |key: &str| error.pointer(key).and_then(Value::as_str);
        let message = part("/data/message").or_else(|| part("/message"));
        return Err(Failure::of_exception(
            part("/data/name").unwrap_or_default(),
            message.unwrap_or_default(),
        ));
    }
    if envelope.jsonrpc.is_none() {
        return Err(Failure::GARBLED);
    }
    Ok(Answer {
        body: reply.body,
        wrapping: Wrapping::JsonRpc,
    })
}

/// What the envelope in `body` holds.
pub(super) fn result<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    let envelope: Envelope<T> = serde_json::from_slice(body).map_err(|_| Failure::GARBLED)?;
    envelope.result.ok_or(Failure::GARBLED)
}
