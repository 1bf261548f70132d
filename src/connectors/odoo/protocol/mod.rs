//! How a method of a model is called, and what came back, in either of Odoo's two languages.

mod json2;
mod json_rpc;

use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use json_rpc::{authenticate, version};

use super::failure::Failure;
use super::settings::Server;
use crate::connectors::shared::{Reply, Request};

/// The argument that holds the numbers of the records a method is called on.
pub(super) const RECORDS: &str = "ids";

/// Named arguments of a call.
pub(super) type Arguments = Map<String, Value>;

/// One of Odoo's two remote protocols.
pub(super) trait Protocol: Send + Sync {
    /// What it calls itself.
    fn name(&self) -> &'static str;

    /// The request that calls `method` of `model`.
    fn request(&self, server: &Server, model: &str, method: &str, arguments: Arguments) -> Request;

    /// What the method returned.
    fn answer(&self, reply: Reply) -> Result<Answer, Failure>;
}

/// What a method returned, as it came.
#[derive(Debug)]
pub(super) struct Answer {
    body: Vec<u8>,
    wrapping: Wrapping,
}

/// What an answer is wrapped in.
#[derive(Debug, Clone, Copy)]
enum Wrapping {
    Bare,
    JsonRpc,
}

impl Answer {
    /// Bytes of it.
    pub(super) fn size(&self) -> usize {
        self.body.len()
    }

    /// Reads it, texts in place.
    pub(super) fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        match self.wrapping {
            Wrapping::Bare => {
                serde_json::from_slice(&self.body).map_err(|error| Failure::of_json(&error))
            }
            Wrapping::JsonRpc => json_rpc::result(&self.body),
        }
    }
}

/// The protocol of Odoo 19 and later.
pub(super) fn json2() -> Box<dyn Protocol> {
    Box::new(json2::Json2)
}

/// The protocol of the versions before, for the user numbered `uid`.
pub(super) fn json_rpc(uid: u64) -> Box<dyn Protocol> {
    Box::new(json_rpc::JsonRpc { uid })
}

fn json(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn json_header() -> (&'static str, String) {
    ("Content-Type", "application/json".to_owned())
}
