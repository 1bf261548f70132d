//! Servers that are not there, say nothing, or are something else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::server::{OWNER, Server, free_port, is_missing};
use super::{address, connect, refusal, says};
use crate::error::ErrorKind;

/// The port of a listener that gives each connection to `talk`.
fn listen(talk: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().flatten().for_each(talk));
    port
}

/// Reads a packet of a client before the session: the length is its first word.
fn packet(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
    stream.read_exact(&mut body).unwrap();
    body
}

/// A message of a server.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind], &length[..], body].concat()
}

#[test]
fn a_server_that_is_not_there_is_named_with_its_port() {
    let port = free_port();
    let refused = refusal(&format!("postgresql://anne:secret@127.0.0.1:{port}/crm"));
    assert_eq!(refused.kind(), ErrorKind::Store);
    says(
        &refused,
        &[
            &format!("postgresql://anne@127.0.0.1:{port}/crm : PostgreSQL n'est pas joignable"),
            &format!("connexion refusée par 127.0.0.1:{port}"),
            "listen_addresses",
        ],
    );
    assert!(!refused.full_text().contains("secret"));
    let unknown = refusal("postgresql://anne@nulle-part.invalid/crm");
    says(
        &unknown,
        &[
            "nulle-part.invalid",
            "ce nom de serveur est introuvable",
            "CRMRECO_DATABASE",
        ],
    );
    let socket = refusal("postgresql://anne@/crm?host=/nonexistent&port=6543");
    says(
        &socket,
        &["aucun serveur n'écoute sur /nonexistent/.s.PGSQL.6543"],
    );
}

/// It accepts the connection, and never answers: the library's own limit ends with the connection of the socket.
#[test]
fn a_server_that_says_nothing_is_given_up() {
    let held = std::sync::Mutex::new(Vec::new());
    let port = listen(move |stream| held.lock().unwrap().push(stream));
    let started = Instant::now();
    let error = refusal(&format!(
        "postgresql://anne@127.0.0.1:{port}/crm?connect_timeout=1"
    ));
    says(
        &error,
        &["PostgreSQL n'a pas répondu en 1 s", "connect_timeout"],
    );
    let took = started.elapsed();
    assert!((1..5).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn what_is_no_postgresql_server_is_said_to_be_none() {
    let web = listen(|mut stream| {
        let mut asked = [0; 64];
        let _ = stream.read(&mut asked);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    });
    let hangs_up = listen(drop);
    for port in [web, hangs_up] {
        for mode in ["disable", "prefer"] {
            let url = format!("postgresql://anne@127.0.0.1:{port}/crm?sslmode={mode}");
            says(
                &refusal(&url),
                &["ce n'est peut-être pas PostgreSQL", "5432"],
            );
        }
    }
}

#[test]
fn a_server_older_than_13_is_refused() {
    let port = listen(|mut stream| {
        packet(&mut stream);
        let ready = message(b'Z', b"I");
        let welcome = [message(b'R', &[0; 4]), ready.clone()].concat();
        stream.write_all(&welcome).unwrap();
        let mut kind = [0];
        stream.read_exact(&mut kind).unwrap();
        packet(&mut stream);
        let column = [
            b"server_version_num\0",
            &[0; 6][..],
            &25_u32.to_be_bytes(),
            &[0xff; 6],
            &[0; 2],
        ]
        .concat();
        let answer = [
            message(b'T', &[&[0, 1], &column[..]].concat()),
            message(b'D', b"\0\x01\0\0\0\x06120017"),
            message(b'C', b"SHOW\0"),
            ready,
        ];
        stream.write_all(&answer.concat()).unwrap();
        let _ = stream.read(&mut kind);
    });
    let error = refusal(&format!(
        "postgresql://anne@127.0.0.1:{port}/crm?sslmode=disable"
    ));
    says(
        &error,
        &[
            "a la version 12",
            "la version 13 ou une plus récente",
            "pg_upgrade",
        ],
    );
}

#[test]
fn the_first_server_that_answers_is_taken() {
    if is_missing() {
        return;
    }
    let server = Server::shared();
    let (database, port, free) = (server.fresh_name(), server.port(), free_port());
    let silent = std::sync::Mutex::new(Vec::new());
    let silent = listen(move |stream| silent.lock().unwrap().push(stream));
    let hosts = format!("127.0.0.1:{free},127.0.0.1:{silent},127.0.0.1:{port}");
    for more in [
        "",
        "&load_balance_hosts=random",
        "&target_session_attrs=read-write",
        "&target_session_attrs=prefer-standby",
    ] {
        let url = format!("postgresql://{OWNER}@{hosts}/{database}?connect_timeout=1{more}");
        connect(&address(&url)).unwrap();
    }
    for (attribute, words) in [
        ("standby", "n'est pas une copie"),
        ("read-only", "accepte l'écriture"),
    ] {
        let url = format!(
            "postgresql://{OWNER}@127.0.0.1:{port}/{database}?target_session_attrs={attribute}"
        );
        says(&refusal(&url), &[words, "target_session_attrs"]);
        let both = format!(
            "postgresql://{OWNER}@127.0.0.1:{free},127.0.0.1:{port}/{database}?target_session_attrs={attribute}"
        );
        let reasons = [
            words,
            "connexion refusée",
            "Aucun des serveurs PostgreSQL ne convient",
        ];
        says(&refusal(&both), &reasons);
    }
    // A name with several addresses, and one address under another name.
    let url = format!("postgresql://{OWNER}@localhost:{port}/{database}");
    connect(&address(&url)).unwrap();
    let url =
        format!("postgresql://{OWNER}@nulle-part.invalid:{port}/{database}?hostaddr=127.0.0.1");
    connect(&address(&url)).unwrap();
    // A password is not tried at the next server.
    let started = Instant::now();
    let url = format!(
        "postgresql://personne@127.0.0.1:{port},127.0.0.1:{silent}/{database}?connect_timeout=20"
    );
    says(&refusal(&url), &["n'existe pas"]);
    assert!(started.elapsed() < Duration::from_secs(10));
}
