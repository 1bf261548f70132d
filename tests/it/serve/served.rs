//! The server as a person starts it, on a port that the system chooses, and clients of it.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::NamedTempFile;
use ureq::Agent;
use ureq::http::{Request, Response, request};

use super::answer::{self, Answer, attributes};
use crate::common::Estate;

/// More than any answer takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
pub const JSON: &str = "application/json";

/// A server that ends with this value. What it wrote to stderr must hold no panic and no secret.
pub struct Served {
    process: Child,
    stdout: BufReader<ChildStdout>,
    log: NamedTempFile,
    address: SocketAddr,
    agent: Agent,
    /// The document it wrote to stdout.
    told: Value,
    /// Of who came in by the address that it told, as a person does.
    cookie: Option<String>,
    forgery_token: OnceLock<String>,
}

impl Served {
    #[track_caller]
    pub fn of(estate: &Estate) -> Self {
        Self::with(estate, &[], &[])
    }

    /// Where every account of the machine may come in: for tests of HTTP itself.
    #[track_caller]
    pub fn open(estate: &Estate) -> Self {
        Self::with(estate, &["--no-login"], &[])
    }

    /// With more arguments and variables.
    #[track_caller]
    pub fn with(estate: &Estate, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let args = [&["serve", "--json", "--addr", "127.0.0.1:0"], args].concat();
        let mut command = estate.command(&args);
        command.envs(variables.iter().copied());
        Self::start(&mut command)
    }

    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let mut served = Self::start_unknown(command);
        served.come_in();
        served
    }

    /// As [`Served::start`], of who does not come in.
    #[track_caller]
    pub fn start_unknown(command: &mut Command) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let told = serde_json::Deserializer::from_reader(&mut stdout)
            .into_iter::<Value>()
            .next();
        let Some(Ok(told)) = told else {
            let _ = process.kill();
            let _ = process.wait();
            panic!("{told:?}: {}", fs::read_to_string(log.path()).unwrap());
        };
        let url = told["url"].as_str().unwrap();
        let authority = url.strip_prefix("http://").unwrap();
        let authority = authority.strip_suffix("/connectors").unwrap();
        let mut address: SocketAddr = authority.parse().unwrap();
        // Who listens everywhere is asked on loopback.
        address.set_ip([127, 0, 0, 1].into());
        Self {
            process,
            stdout,
            log,
            address,
            agent: agent(),
            told,
            cookie: None,
            forgery_token: OnceLock::new(),
        }
    }

    /// Uses the address that lets in once, where there is one.
    #[track_caller]
    fn come_in(&mut self) {
        let Some(url) = self.told["login_url"].as_str() else {
            return;
        };
        let path = url.split_once("/login").unwrap().1;
        let entered = self.page(&format!("/login{path}")).is(200);
        let set = entered.header("set-cookie").unwrap();
        self.cookie = set.split(';').next().map(str::to_owned);
    }

    /// The document it wrote to stdout.
    pub fn told(&self) -> &Value {
        &self.told
    }

    /// What the browser of who came in sends along, as a line of a request's head.
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Where a browser finds a path.
    #[cfg(unix)]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it wrote to stderr so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap()
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The most memory it ever held, in KiB.
    #[cfg(target_os = "linux")]
    pub fn peak_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process_id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let figure = line.unwrap().split_whitespace().next().unwrap();
        figure.parse().unwrap()
    }

    #[cfg(unix)]
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.process_id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Its exit status once it has ended by itself, and what stdout held after the one document.
    pub fn ended(&mut self) -> (Option<i32>, String) {
        let status = self.process.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }

    /// A request of who came in.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let ask = self.ask_unknown(method, path);
        match &self.cookie {
            Some(cookie) => ask.header("Cookie", cookie),
            None => ask,
        }
    }

    /// A request of who did not.
    pub fn ask_unknown(&self, method: &str, path: &str) -> Ask<'_> {
        let url = format!("http://{}{path}", self.address);
        Ask {
            served: self,
            request: Request::builder().method(method).uri(url),
            body: Vec::new(),
        }
    }

    #[track_caller]
    pub fn page(&self, path: &str) -> Answer {
        self.ask("GET", path).header("Accept", PAGE).send()
    }

    #[track_caller]
    pub fn json(&self, path: &str) -> Answer {
        self.ask("GET", path).header("Accept", JSON).send()
    }

    /// A request that shows the token of our pages.
    pub fn post(&self, path: &str) -> Ask<'_> {
        let token = self.forgery_token();
        self.ask("POST", path).header("X-CSRF-Token", token)
    }

    /// What a page's form carries.
    pub fn forgery_token(&self) -> &str {
        self.forgery_token.get_or_init(|| {
            let page = self.page("/login").is(200);
            let field = attributes(page.text())
                .find(|tag| tag.contains(&("name".to_owned(), "csrf_token".to_owned())))
                .unwrap();
            let value = field.into_iter().find(|(name, _)| name == "value");
            value.unwrap().1
        })
    }

    /// Sends these bytes as they are; the answers that came until the server closed.
    #[track_caller]
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
        let mut stream = self.connect();
        // It may refuse, and close, before it has read all of it.
        let _ = stream.write_all(bytes.as_ref());
        answer::until_closed(stream)
    }

    /// A request with exactly these lines, and the cookie of who came in, after which the connection is closed; its one
    /// answer.
    #[track_caller]
    pub fn raw_head(&self, lines: &[&str]) -> Answer {
        let cookie = self
            .cookie
            .as_ref()
            .map(|cookie| format!("Cookie: {cookie}"));
        let cookie: Vec<&str> = cookie.iter().map(String::as_str).collect();
        let head = [lines, &cookie, &["Connection: close", "", ""]].concat();
        let mut answers = self.raw(head.join("\r\n"));
        assert_eq!(answers.len(), 1, "{lines:?}: {answers:#?}");
        answers.remove(0)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .allow_non_standard_methods(true)
        .build()
        .into()
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !thread::panicking() {
            let log = self.log();
            assert!(!log.contains("panicked"), "{log}");
            answer::assert_discreet(&log);
        }
    }
}

/// A request that is being made up.
pub struct Ask<'s> {
    served: &'s Served,
    request: request::Builder,
    body: Vec<u8>,
}

impl Ask<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", media_type)
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.body("application/x-www-form-urlencoded", encoded)
    }

    /// With JSON in the body, and for an answer in JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body(JSON, body.to_string()).header("Accept", JSON)
    }

    #[track_caller]
    pub fn send(self) -> Answer {
        let agent = &self.served.agent;
        let sent = if self.body.is_empty() {
            agent.run(self.request.body(()).unwrap())
        } else {
            agent.run(self.request.body(self.body).unwrap())
        };
        answer_of(sent.unwrap())
    }
}

fn answer_of(mut response: Response<ureq::Body>) -> Answer {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let body = response.body_mut().read_to_vec().unwrap();
    Answer::checked(status, headers, body)
}
