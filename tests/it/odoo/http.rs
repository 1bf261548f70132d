//! As much of an HTTP/1.1 server as the doubles of Odoo need: loopback, keep-alive, one thread a connection, and answers
//! that can be cut, trickled or withheld.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

/// A request as it came; the names of headers in lower case.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Incoming {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Null for no body; a body that is not JSON is its text, which equals nothing that was ever recorded.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into())
    }

    /// None where the client has left, or speaks TLS to this plain server.
    fn read(from: &mut impl BufRead) -> Option<Self> {
        let first = line(from)?;
        let mut words = first.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        loop {
            let text = line(from)?;
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':')?;
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut incoming = Self {
            method,
            path,
            headers,
            body: Vec::new(),
        };
        assert!(
            incoming.header("transfer-encoding").is_none(),
            "Odoo's own server does not read chunked requests, and neither does this one"
        );
        let length = incoming
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        incoming.body.resize(length, 0);
        from.read_exact(&mut incoming.body).ok()?;
        Some(incoming)
    }
}

fn line(from: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    let length = from.read_line(&mut text).ok()?;
    (length > 0).then(|| text.trim_end().to_owned())
}

/// How an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Whole,
    /// The whole length is announced, half of it is sent.
    Cut,
    /// The head at once, then so many bytes of the body at a time.
    Trickle(usize, Duration),
    /// No answer, and the connection stays open until the client leaves or the server stops.
    Never,
    /// No answer, and the connection is closed.
    Close,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub manner: Manner,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            manner: Manner::Whole,
        }
        .header("Content-Type", content_type)
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    pub fn html(status: u16, title: &str) -> Self {
        let page =
            format!("<!doctype html>\n<html lang=en>\n<title>{title}</title>\n<h1>{title}</h1>\n");
        Self::new(status, "text/html; charset=utf-8", page)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn sent(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }

    /// Whether the connection can serve another request.
    fn send(&self, stream: &mut TcpStream) -> io::Result<bool> {
        let mut message = format!("HTTP/1.1 {} Status\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            write!(message, "{name}: {value}\r\n")?;
        }
        write!(message, "Content-Length: {}\r\n\r\n", self.body.len())?;
        match self.manner {
            Manner::Whole => {
                message.extend(&self.body);
                stream.write_all(&message)?;
            }
            Manner::Cut => {
                message.extend(&self.body[..self.body.len() / 2]);
                stream.write_all(&message)?;
            }
            Manner::Trickle(bytes, interval) => {
                stream.write_all(&message)?;
                for drop in self.body.chunks(bytes) {
                    thread::sleep(interval);
                    stream.write_all(drop)?;
                }
            }
            // Both the client's leaving and the server's stopping end this reading.
            Manner::Never => drop(stream.read(&mut [0])),
            Manner::Close => {}
        }
        Ok(matches!(self.manner, Manner::Whole | Manner::Trickle(_, _)))
    }
}

/// A server on a free port of loopback, stopped when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Incoming) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = thread::spawn({
            let (shared, answer) = (Arc::clone(&shared), Arc::new(answer));
            move || {
                for stream in listener.incoming().map(Result::unwrap) {
                    if shared.stopping.load(Ordering::SeqCst) {
                        break;
                    }
                    let kept = stream.try_clone().unwrap();
                    shared.connections.lock().unwrap().push(kept);
                    let answer = Arc::clone(&answer);
                    thread::spawn(move || serve(stream, &*answer));
                }
            }
        });
        Self {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were ever opened.
    pub fn connections(&self) -> usize {
        self.shared.connections.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
        if let Ok(connections) = self.shared.connections.lock() {
            for connection in connections.iter() {
                drop(connection.shutdown(Shutdown::Both));
            }
        }
    }
}

fn serve(mut stream: TcpStream, answer: &(impl Fn(&Incoming) -> Reply + ?Sized)) {
    // The server keeps a clone of the stream, so that dropping this one would close nothing.
    let _closing = Closing(stream.try_clone().unwrap());
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(incoming) = Incoming::read(&mut reader) {
        if !answer(&incoming).send(&mut stream).unwrap_or(false) {
            break;
        }
    }
}

/// Closes the connection also where an answer panics: a client must not wait for a dead thread.
struct Closing(TcpStream);

impl Drop for Closing {
    fn drop(&mut self) {
        drop(self.0.shutdown(Shutdown::Both));
    }
}
