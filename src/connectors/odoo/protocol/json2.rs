//! JSON-2, from Odoo 19 on: one address a method, the key in a header, HTTP statuses that mean something
//! (`odoo/addons/rpc/controllers/json2.py`).

use secrecy::ExposeSecret;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Answer, Arguments, Protocol, Wrapping, json, json_header};
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::settings::Server;
use crate::connectors::shared::{Reply, Request};

pub(super) struct Json2;

impl Protocol for Json2 {
    fn name(&self) -> &'static str {
        "JSON-2"
    }

    fn request(&self, server: &Server, model: &str, method: &str, arguments: Arguments) -> Request {
        Request {
            url: format!("{}/json/2/{model}/{method}", server.web.url),
            body: Some(json(&Value::Object(arguments))),
            headers: vec![
                json_header(),
                (
                    "Authorization",
                    format!("bearer {}", server.web.secret.expose_secret()),
                ),
                ("X-Odoo-Database", server.database.clone()),
            ],
        }
    }

    fn answer(&self, reply: Reply) -> Result<Answer, Failure> {
        if reply.is_html {
            // An unknown database has no such route: the server-wide 404 page answers.
            return Err(match reply.status {
                404 => Failure::NoDatabase,
                status => Failure::not_odoo(status),
            });
        }
        let (status, answer) = (
            reply.status,
            Answer {
                body: reply.body,
                wrapping: Wrapping::Bare,
            },
        );
        if status == 200 {
            // An answer that is cut is asked for again, and so must be found here.
            answer.read::<IgnoredAny>()?;
            return Ok(answer);
        }
        let error: Value = answer.read()?;
        let part = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
        Err(match (status, part("name")) {
            (401, _) => Failure::KeyRefused,
            (404, "werkzeug.exceptions.NotFound") => Failure::NoModel,
            (_, name) => Failure::of_exception(name, part("message")),
        })
    }
}
