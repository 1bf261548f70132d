//! A proxy between the program and a real Odoo, which writes down what they say to each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ureq::Agent;
use ureq::http;

use super::exchange::Exchange;
use super::http::{Incoming, Reply, Server};

/// Hop by hop, or of the proxy's own making: ureq's transport sets the first three, and bodies must come readable.
const NOT_FORWARDED: [&str; 4] = ["host", "content-length", "connection", "accept-encoding"];
/// An answer with a whole page of rows is longer than what ureq reads unless told.
const LONGEST_ANSWER: u64 = 1 << 30;

#[derive(Debug)]
pub struct Recorder {
    server: Server,
    file: Arc<Mutex<PathBuf>>,
}

impl Recorder {
    /// Forwards to the server at this address, and writes a new file.
    #[track_caller]
    pub fn start(upstream: &str, file: &Path) -> Self {
        renew(file);
        let file = Arc::new(Mutex::new(file.to_owned()));
        let server = Server::start({
            let (upstream, file) = (upstream.trim_end_matches('/').to_owned(), Arc::clone(&file));
            let agent = agent();
            move |incoming| {
                let answered = forward(&agent, &upstream, incoming);
                let (status, content_type, body) = match answered {
                    Ok(answered) => answered,
                    Err(error) => return Reply::new(502, "text/plain", error.to_string()),
                };
                // Under the lock, so that lines never mix.
                let file = file.lock().unwrap();
                Exchange::of(incoming, status, &content_type, &body).append(&file);
                Reply::new(status, &content_type, body)
            }
        });
        Self { server, file }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What follows goes to another new file.
    #[track_caller]
    pub fn phase(&self, file: &Path) {
        renew(file);
        file.clone_into(&mut self.file.lock().unwrap());
    }
}

/// An old recording is replaced, never continued.
#[track_caller]
fn renew(file: &Path) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, "").unwrap();
}

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(300)))
        .build()
        .into()
}

fn forward(
    agent: &Agent,
    upstream: &str,
    incoming: &Incoming,
) -> Result<(u16, String, Vec<u8>), ureq::Error> {
    let mut request = http::Request::builder()
        .method(incoming.method.as_str())
        .uri(format!("{upstream}{}", incoming.path))
        .header("accept-encoding", "identity");
    for (name, value) in &incoming.headers {
        if !NOT_FORWARDED.contains(&name.as_str()) {
            request = request.header(name, value);
        }
    }
    let mut response = if incoming.body.is_empty() {
        agent.run(request.body(())?)?
    } else {
        agent.run(request.body(incoming.body.as_slice())?)?
    };
    let content_type = response.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LONGEST_ANSWER);
    Ok((status, content_type, body.read_to_vec()?))
}
