//! A web server on loopback that plays a script: one thread a connection, kept alive.
//!
//! Some answers make the connector pause before it asks again, for seconds: a caller that waits loses patience, and
//! asks it to stop. `check` cannot be stopped: it gets no such answers.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::house::{Answer, answer};
use super::script::Script;

/// How long somebody waits for the connector to ask again. Its shortest pause is half a second.
const PATIENCE: Duration = Duration::from_millis(30);

const INTERRUPT: usize = 2;

/// What all connections share.
#[derive(Default)]
struct Stage {
    script: Mutex<Script>,
    impatient: Mutex<Option<Arc<AtomicUsize>>>,
    asked: AtomicUsize,
}

pub(super) struct Server {
    url: String,
    stage: Arc<Stage>,
}

impl Server {
    /// Plays until the process ends.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address of its own");
        let stage = Arc::new(Stage::default());
        let shared = Arc::clone(&stage);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let stage = Arc::clone(&shared);
                thread::spawn(move || serve(&stage, stream));
            }
        });
        Self {
            url: format!("http://{address}"),
            stage,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Plays `script` from now on; `impatient` stops a connector that pauses.
    pub(super) fn play(&self, script: Script, impatient: Option<Arc<AtomicUsize>>) {
        *self.stage.script.lock().expect("no panic under the lock") = script;
        *self
            .stage
            .impatient
            .lock()
            .expect("no panic under the lock") = impatient;
    }
}

/// Serves one connection until the client leaves, or an answer is one that no other can follow.
fn serve(stage: &Stage, mut stream: TcpStream) {
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    while let Some((path, body)) = request(&mut reader) {
        let asked = stage.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = {
            let script = stage.script.lock().expect("no panic under the lock");
            answer(&script, &path, &body)
        };
        let impatient = stage
            .impatient
            .lock()
            .expect("no panic under the lock")
            .clone();
        let Some(stop) = impatient.filter(|_| is_weather(&answer)) else {
            if send(&mut stream, &without_weather(answer)).is_err() {
                return;
            }
            continue;
        };
        // The client may have left.
        let _ = send(&mut stream, &answer);
        let _ = stream.shutdown(std::net::Shutdown::Both);
        thread::sleep(PATIENCE);
        if stage.asked.load(Ordering::SeqCst) == asked {
            stop.store(INTERRUPT, Ordering::SeqCst);
        }
        return;
    }
}

/// Path and body of the next request.
fn request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let first = line(reader)?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let header = line(reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    let length = reader.read_line(&mut text).ok()?;
    (length > 0).then(|| text.trim_end().to_owned())
}

/// Whether the connector may pause after `answer`, or no other can follow on its connection.
fn is_weather(answer: &Answer) -> bool {
    match answer {
        Answer::Raw(_) => true,
        Answer::Http {
            status,
            headers,
            body,
        } => {
            matches!(status, ..200 | 204 | 304 | 1000..)
                || headers.iter().any(|header| !is_harmless(header))
                || body.windows(11).any(|word| word == b"MemoryError")
        }
    }
}

fn is_harmless(header: &[u8]) -> bool {
    let name = header
        .split(|byte| *byte == b':')
        .next()
        .unwrap_or_default();
    let is_known = [&b"Content-Type"[..], b"Location", b"Date"].contains(&name);
    is_known && header.contains(&b':') && header.iter().all(|byte| (b' '..0x7F).contains(byte))
}

/// `answer` such as can be waited for.
fn without_weather(answer: Answer) -> Answer {
    match answer {
        answer if !is_weather(&answer) => answer,
        Answer::Raw(body) | Answer::Http { body, .. } => Answer::Http {
            status: 200,
            headers: Vec::new(),
            body: if body.windows(11).any(|word| word == b"MemoryError") {
                Vec::new()
            } else {
                body
            },
        },
    }
}

fn send(stream: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let (status, headers, body) = match answer {
        Answer::Raw(bytes) => return stream.write_all(bytes),
        Answer::Http {
            status,
            headers,
            body,
        } => (status, headers, body),
    };
    let mut message = format!(
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n",
        body.len()
    )
    .into_bytes();
    for header in headers {
        message.extend(header);
        message.extend(b"\r\n");
    }
    let says = |name: &[u8]| headers.iter().any(|header| header.starts_with(name));
    if !says(b"Content-Type") {
        message.extend(b"Content-Type: application/json\r\n");
    }
    // No pause: the client may come back at once.
    if matches!(status, 429 | 502..=504) && !says(b"Retry-After") {
        message.extend(b"Retry-After: 0\r\n");
    }
    message.extend(b"\r\n");
    message.extend(body);
    stream.write_all(&message)
}
