//! A proxy between the program and a real Odoo, which writes down what they say to each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ureq::Agent;
use ureq::http;

use super::exchange::{Exchange, Request, Response, earlier, load};
use super::http::{Incoming, Reply, Server};

/// Hop by hop, or of the proxy's own making: ureq's transport sets the first three, and bodies must come readable.
const NOT_FORWARDED: [&str; 4] = ["host", "content-length", "connection", "accept-encoding"];
/// An answer with a whole page of rows is longer than what ureq reads unless told.
const LONGEST_ANSWER: u64 = 1 << 30;

#[derive(Debug)]
pub struct Recorder {
    server: Server,
    phase: Arc<Mutex<Phase>>,
}

/// The file that is being written, and what the server was last known to answer.
#[derive(Debug)]
struct Phase {
    file: PathBuf,
    known: Vec<(Request, Response)>,
}

impl Recorder {
    /// Forwards to the server at this address, and writes a new file.
    #[track_caller]
    pub fn start(upstream: &str, file: &Path) -> Self {
        let phase = Arc::new(Mutex::new(Phase::begin(file)));
        let server = Server::start({
            let upstream = upstream.trim_end_matches('/').to_owned();
            let phase = Arc::clone(&phase);
            let agent = agent();
            move |incoming| {
                let answered = forward(&agent, &upstream, incoming);
                let (status, content_type, body) = match answered {
                    Ok(answered) => answered,
                    Err(error) => return Reply::new(502, "text/plain", error.to_string()),
                };
                // Under the lock, so that lines never mix.
                let exchange = Exchange::of(incoming, status, &content_type, &body);
                phase.lock().unwrap().keep(&exchange);
                Reply::new(status, &content_type, body)
            }
        });
        Self { server, phase }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What follows goes to another new file.
    #[track_caller]
    pub fn phase(&self, file: &Path) {
        *self.phase.lock().unwrap() = Phase::begin(file);
    }
}

impl Phase {
    /// An old recording is replaced, never continued; those before it by name are known.
    #[track_caller]
    fn begin(file: &Path) -> Self {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
        let mut phase = Self {
            file: file.to_owned(),
            known: Vec::new(),
        };
        for earlier in earlier(file).iter().rev() {
            for exchange in load(earlier) {
                phase.learn(&exchange);
            }
        }
        phase
    }

    fn keep(&mut self, exchange: &Exchange) {
        if self.learn(exchange) {
            exchange.append(&self.file);
        }
    }

    /// Whether the server was not known to answer so.
    fn learn(&mut self, exchange: &Exchange) -> bool {
        let Exchange { request, response } = exchange;
        let known = self.known.iter_mut().find(|(known, _)| known == request);
        match known {
            Some((_, known)) if known == response => false,
            Some((_, known)) => {
                response.clone_into(known);
                true
            }
            None => {
                self.known.push((request.clone(), response.clone()));
                true
            }
        }
    }
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
