//! A server that only listens: what must not reach another host is looked for in what reached this one.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::http::{Incoming, Reply, Server};

#[derive(Debug)]
pub struct Spy {
    server: Server,
    heard: Arc<Mutex<Vec<Incoming>>>,
}

impl Spy {
    pub fn start() -> Self {
        let heard = Arc::default();
        let server = Server::start({
            let heard: Arc<Mutex<Vec<Incoming>>> = Arc::clone(&heard);
            move |incoming| {
                heard.lock().unwrap().push(incoming.clone());
                Reply::json(200, &json!([]))
            }
        });
        Self { server, heard }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn requests(&self) -> Vec<Incoming> {
        self.heard.lock().unwrap().clone()
    }

    /// Whether this text is anywhere in what was heard.
    pub fn heard(&self, text: &str) -> bool {
        self.requests().iter().any(|incoming| {
            let in_headers = incoming
                .headers
                .iter()
                .any(|(_, value)| value.contains(text));
            let body = String::from_utf8_lossy(&incoming.body);
            in_headers || incoming.path.contains(text) || body.contains(text)
        })
    }
}
