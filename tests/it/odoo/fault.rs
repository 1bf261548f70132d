//! What goes wrong between a program and a server.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

use super::exchange::{Request, TRACEBACK};
use super::http::{Manner, Reply};

type Replace = Box<dyn Fn(Value) -> Value + Send + Sync>;
type Callback = Box<dyn Fn() + Send + Sync>;

pub enum Fault {
    /// An answer of this status, with these headers and this body, whatever was recorded.
    Status(u16, Vec<(String, String)>, String),
    /// An error of Odoo's own, in the form of the protocol that the request came by.
    RpcError {
        name: String,
        message: String,
    },
    /// 404 and the like: not from Odoo, but from a web server in front of it.
    Html(u16),
    /// 429.
    TooMany(RetryAfter),
    /// Never answers, until the client leaves.
    Hang,
    /// Closes without an answer.
    Reset,
    /// The recorded answer, of which the second half is missing.
    CutBody,
    /// The recorded answer, so many bytes at each interval.
    Trickle(usize, Duration),
    /// The recorded answer, compressed; the client must have said that it can read it.
    Gzip,
    InvalidJson,
    /// 200, and a page for people.
    LoginPage,
    /// This status, and an address elsewhere.
    Redirect(u16, String),
    /// What the method returned, altered; the same for both protocols.
    ReplaceBody(Replace),
    /// Something happens before the recorded answer is given.
    Signal(Callback),
}

#[derive(Clone, Copy, Debug)]
pub enum RetryAfter {
    Unsaid,
    Seconds(u64),
    /// The same as a date, counted from the answer.
    Date(Duration),
}

impl Fault {
    pub fn rpc_error(name: &str, message: &str) -> Self {
        Self::RpcError {
            name: name.to_owned(),
            message: message.to_owned(),
        }
    }

    pub fn unauthorized() -> Self {
        Self::rpc_error("werkzeug.exceptions.Unauthorized", "Invalid apikey")
    }

    pub fn access_error(message: &str) -> Self {
        Self::rpc_error("odoo.exceptions.AccessError", message)
    }

    pub fn unprocessable(message: &str) -> Self {
        Self::rpc_error("werkzeug.exceptions.UnprocessableEntity", message)
    }

    pub fn value_error(message: &str) -> Self {
        Self::rpc_error("builtins.ValueError", message)
    }

    pub fn memory_error() -> Self {
        Self::rpc_error("builtins.MemoryError", "")
    }

    pub fn replace(alter: impl Fn(Value) -> Value + Send + Sync + 'static) -> Self {
        Self::ReplaceBody(Box::new(alter))
    }

    pub fn signal(callback: impl Fn() + Send + Sync + 'static) -> Self {
        Self::Signal(Box::new(callback))
    }

    /// The answer of a fault that needs no recorded one.
    pub fn reply(&self, request: &Request) -> Option<Reply> {
        Some(match self {
            Self::Status(status, headers, body) => given(*status, headers, body),
            Self::RpcError { name, message } => odoo_error(request.is_rpc(), name, message),
            Self::Html(status) => Reply::html(*status, "Not what you asked for"),
            Self::TooMany(wait) => too_many(*wait),
            Self::Hang => Reply::html(200, "never sent").sent(Manner::Never),
            Self::Reset => Reply::html(200, "never sent").sent(Manner::Close),
            Self::InvalidJson => Reply::new(200, "application/json", r#"[{"id": 1, "name": "Rie"#),
            Self::LoginPage => Reply::html(200, "Se connecter"),
            Self::Redirect(status, url) => {
                Reply::html(*status, "Redirecting").header("Location", url)
            }
            Self::CutBody
            | Self::Trickle(..)
            | Self::Gzip
            | Self::ReplaceBody(_)
            | Self::Signal(_) => return None,
        })
    }

    /// The recorded answer as this fault lets it through.
    pub fn bend(&self, reply: Reply) -> Reply {
        match self {
            Self::CutBody => reply.sent(Manner::Cut),
            Self::Trickle(bytes, interval) => reply.sent(Manner::Trickle(*bytes, *interval)),
            Self::Gzip => compressed(reply),
            _ => reply,
        }
    }
}

fn given(status: u16, headers: &[(String, String)], body: &str) -> Reply {
    let reply = Reply {
        status,
        headers: headers.to_vec(),
        body: body.into(),
        manner: Manner::Whole,
    };
    let typed = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if typed {
        reply
    } else {
        reply.header("Content-Type", "application/json")
    }
}

fn too_many(wait: RetryAfter) -> Reply {
    let reply = Reply::html(429, "Too Many Requests");
    match wait {
        RetryAfter::Unsaid => reply,
        RetryAfter::Seconds(seconds) => reply.header("Retry-After", &seconds.to_string()),
        RetryAfter::Date(later) => {
            let at = Timestamp::now() + later;
            reply.header("Retry-After", &http_date(at))
        }
    }
}

/// As HTTP writes dates.
pub fn http_date(at: Timestamp) -> String {
    let printed = DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
    printed.unwrap()
}

fn compressed(reply: Reply) -> Reply {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&reply.body).unwrap();
    let body = encoder.finish().unwrap();
    Reply { body, ..reply }.header("Content-Encoding", "gzip")
}

/// An error as Odoo gives it: by JSON-RPC the HTTP status is 200 whatever happened.
pub fn odoo_error(rpc: bool, name: &str, message: &str) -> Reply {
    let arguments = match status_of(name) {
        // A web error knows its own status.
        status @ (401 | 404 | 422) if name.starts_with("werkzeug") => json!([message, status]),
        _ if message.is_empty() => json!([]),
        _ => json!([message]),
    };
    let error = json!({
        "name": name, "message": message, "arguments": arguments, "context": {}, "debug": TRACEBACK,
    });
    if rpc {
        let error = json!({"code": 200, "message": "Odoo Server Error", "data": error});
        Reply::json(200, &json!({"jsonrpc": "2.0", "id": null, "error": error}))
    } else {
        Reply::json(status_of(name), &error)
    }
}

fn status_of(name: &str) -> u16 {
    match name.rsplit('.').next().unwrap_or_default() {
        "Unauthorized" => 401,
        "AccessError" | "AccessDenied" | "Forbidden" => 403,
        "MissingError" | "NotFound" => 404,
        "UserError" | "ValidationError" | "UnprocessableEntity" => 422,
        "TooManyRequests" => 429,
        _ => 500,
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Status(status, ..) | Self::Html(status) => write!(formatter, "Status({status})"),
            Self::RpcError { name, .. } => write!(formatter, "RpcError({name})"),
            Self::TooMany(wait) => write!(formatter, "TooMany({wait:?})"),
            Self::Hang => formatter.write_str("Hang"),
            Self::Reset => formatter.write_str("Reset"),
            Self::CutBody => formatter.write_str("CutBody"),
            Self::Trickle(..) => formatter.write_str("Trickle"),
            Self::Gzip => formatter.write_str("Gzip"),
            Self::InvalidJson => formatter.write_str("InvalidJson"),
            Self::LoginPage => formatter.write_str("LoginPage"),
            Self::Redirect(status, url) => write!(formatter, "Redirect({status}, {url})"),
            Self::ReplaceBody(_) => formatter.write_str("ReplaceBody"),
            Self::Signal(_) => formatter.write_str("Signal"),
        }
    }
}
