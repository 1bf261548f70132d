//! TLS in its six modes, certificates of the server and of one's own, and channel binding.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::certificates::Authority;
use super::server::{OWNER, Options, SUPERUSER, Server, Tls, is_missing, try_psql};
use super::{address, connect, parse, refusal, says};
use crate::error::ErrorKind;

fn tls(pair: (PathBuf, PathBuf)) -> Tls {
    let (certificate, key) = pair;
    Tls {
        certificate,
        key,
        clients: None,
    }
}

/// Whether the connection that `url` leads to uses TLS.
#[track_caller]
fn is_encrypted(url: &str) -> bool {
    let mut client = connect(&address(url)).unwrap();
    let question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    client.query_typed_one(question, &[]).unwrap().get(0)
}

/// `psql` says the same of it.
#[track_caller]
fn agrees(url: &str) {
    let ours = parse(url, &[]).and_then(|address| connect(&address).map(|_| ()));
    let psql = try_psql(url, "SELECT 1").map(|_| ());
    assert_eq!(ours.is_ok(), psql.is_ok(), "{url}: {ours:?}, {psql:?}");
}

#[test]
fn each_mode_checks_what_it_checks_in_psql() {
    if is_missing() {
        return;
    }
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = Server::start(&Options {
        tls: Some(tls(ours.sign("cave", "DNS:localhost", 30))),
        ..Options::default()
    });
    let port = server.port();
    let roots = [String::new(), root(&ours), root(&theirs)];
    for mode in [
        "disable",
        "allow",
        "prefer",
        "require",
        "verify-ca",
        "verify-full",
    ] {
        for host in ["localhost", "127.0.0.1"] {
            for root in &roots {
                let url =
                    format!("postgresql://{OWNER}@{host}:{port}/postgres?sslmode={mode}{root}");
                agrees(&url);
            }
        }
    }
    let at = |host: &str, more: &str| format!("postgresql://{OWNER}@{host}:{port}/postgres?{more}");
    assert!(!is_encrypted(&at("127.0.0.1", "sslmode=disable")));
    assert!(!is_encrypted(&at("127.0.0.1", "sslmode=allow")));
    for mode in ["prefer", "require"] {
        assert!(is_encrypted(&at("127.0.0.1", &format!("sslmode={mode}"))));
    }
    // Where the certificate is not good, `prefer` goes on without TLS.
    assert!(!is_encrypted(&at(
        "localhost",
        &format!("sslmode=prefer{}", roots[2])
    )));
    assert!(is_encrypted(&at(
        "127.0.0.1",
        &format!("sslmode=verify-ca{}", roots[1])
    )));
    assert!(is_encrypted(&at(
        "localhost",
        &format!("sslmode=verify-full{}", roots[1])
    )));

    let name = refusal(&at(
        "127.0.0.1",
        &format!("sslmode=verify-full{}", roots[1]),
    ));
    says(&name, &["au nom d'un autre", "SAN", "verify-ca"]);
    assert_eq!(name.kind(), ErrorKind::Store);
    let issuer = refusal(&at(
        "localhost",
        &format!("sslmode=verify-full{}", roots[2]),
    ));
    says(&issuer, &["autorité inconnue", "sslrootcert"]);
    // Without a file, the authorities of the machine count.
    for text in ["sslmode=verify-full", "sslrootcert=system"] {
        says(&refusal(&at("localhost", text)), &["autorité inconnue"]);
    }
    let versions =
        "sslmode=require&ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2";
    assert_eq!(
        refusal(&at("localhost", versions)).kind(),
        ErrorKind::Config
    );
    assert!(is_encrypted(&at(
        "localhost",
        "sslmode=require&ssl_max_protocol_version=TLSv1.2"
    )));
    // A Unix socket has no TLS, whatever the mode.
    let socket = format!(
        "{}&sslmode=verify-full",
        server.socket_url(OWNER, "postgres")
    );
    agrees(&socket);
    assert!(!is_encrypted(&socket));
}

fn root(authority: &Authority) -> String {
    format!("&sslrootcert={}", authority.root().display())
}

#[test]
fn a_certificate_that_has_expired_or_is_its_own_authority() {
    if is_missing() {
        return;
    }
    let authority = Authority::new();
    let expired = authority.sign("perime", "DNS:localhost", 0);
    let (own, own_expired) = (
        authority.sign_itself("seul", "DNS:localhost", 30),
        authority.sign_itself("seul-perime", "DNS:localhost", 0),
    );
    // A certificate of no days is valid for the second in which it was made.
    thread::sleep(Duration::from_millis(2100));
    let at = |server: &Server, host: &str, root: &std::path::Path| {
        let place = format!("{OWNER}@{host}:{}/postgres", server.port());
        format!(
            "postgresql://{place}?sslmode=verify-full&sslrootcert={}",
            root.display()
        )
    };
    let start = |pair: &(PathBuf, PathBuf)| {
        Server::start(&Options {
            tls: Some(tls(pair.clone())),
            ..Options::default()
        })
    };
    let server = start(&expired);
    let url = at(&server, "localhost", &authority.root());
    agrees(&url);
    says(
        &refusal(&url),
        &["le certificat du serveur a expiré", "Renouvelez-le"],
    );

    let server = start(&own);
    let url = at(&server, "localhost", &own.0);
    agrees(&url);
    assert!(is_encrypted(&url));
    let other = at(&server, "127.0.0.1", &own.0);
    agrees(&other);
    says(&refusal(&other), &["au nom d'un autre"]);
    says(
        &refusal(&at(&server, "localhost", &authority.root())),
        &["autorité"],
    );

    let server = start(&own_expired);
    let url = at(&server, "localhost", &own_expired.0);
    agrees(&url);
    says(&refusal(&url), &["a expiré"]);
}

#[test]
fn a_server_without_tls_or_with_nothing_else() {
    if is_missing() {
        return;
    }
    let plain = Server::shared().url(OWNER, "postgres");
    for mode in ["disable", "allow", "prefer"] {
        assert!(!is_encrypted(&format!("{plain}?sslmode={mode}")));
    }
    for mode in ["require", "verify-full"] {
        let error = refusal(&format!("{plain}?sslmode={mode}"));
        says(&error, &["ne chiffre pas ses connexions (TLS)", "ssl = on"]);
    }
    let authority = Authority::new();
    let access = [
        "hostssl all crmreco 127.0.0.1/32 trust",
        "hostnossl all crmreco 127.0.0.1/32 reject",
        "hostssl all postgres 127.0.0.1/32 reject",
        "hostnossl all postgres 127.0.0.1/32 trust",
        "host all personne 127.0.0.1/32 reject",
    ];
    let server = Server::start(&Options {
        tls: Some(tls(authority.sign("cave", "DNS:localhost", 30))),
        access: access.map(str::to_owned).to_vec(),
        ..Options::default()
    });
    server.admin("CREATE ROLE personne LOGIN");
    for mode in ["disable", "allow", "prefer", "require"] {
        for role in [OWNER, SUPERUSER, "personne"] {
            agrees(&format!("{}?sslmode={mode}", server.url(role, "postgres")));
        }
    }
    assert!(is_encrypted(&format!(
        "{}?sslmode=allow",
        server.url(OWNER, "postgres")
    )));
    assert!(!is_encrypted(&format!(
        "{}?sslmode=prefer",
        server.url(SUPERUSER, "postgres")
    )));
    let refused = refusal(&format!(
        "{}?sslmode=disable",
        server.url(OWNER, "postgres")
    ));
    says(
        &refused,
        &["n'admet pas cette connexion", "pg_hba.conf", "127.0.0.1"],
    );
}

#[test]
fn a_password_is_bound_to_the_session_and_a_certificate_replaces_it() {
    if is_missing() {
        return;
    }
    let authority = Authority::new();
    let (certificate, key) = authority.sign("cave", "DNS:localhost", 30);
    let access = [
        "host all scram 127.0.0.1/32 scram-sha-256",
        "host all md5 127.0.0.1/32 md5",
        "hostssl all anne 127.0.0.1/32 cert",
    ];
    let server = Server::start(&Options {
        tls: Some(Tls {
            certificate,
            key,
            clients: Some(authority.root()),
        }),
        access: access.map(str::to_owned).to_vec(),
        ..Options::default()
    });
    server.admin("CREATE ROLE scram LOGIN PASSWORD 'secret'; CREATE ROLE anne LOGIN");
    server.admin("SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD 'secret'");
    let at = |role: &str, more: &str| format!("{}?{more}", server.url(role, "postgres"));
    for binding in ["disable", "prefer", "require"] {
        for mode in ["disable", "require"] {
            for role in ["scram:secret", "md5:secret", OWNER] {
                agrees(&at(
                    role,
                    &format!("sslmode={mode}&channel_binding={binding}"),
                ));
            }
        }
    }
    assert!(is_encrypted(&at(
        "scram:secret",
        "sslmode=require&channel_binding=require"
    )));
    for role in ["md5:secret", OWNER] {
        let error = refusal(&at(role, "sslmode=require&channel_binding=require"));
        says(&error, &["n'a pas lié le mot de passe", "scram-sha-256"]);
    }

    let (certificate, key) = authority.sign("anne", "DNS:anne", 30);
    let pair = format!("sslmode=require&sslcert={}&sslkey=", certificate.display());
    let own = format!("{pair}{}", key.display());
    agrees(&at("anne", &own));
    assert!(is_encrypted(&at("anne", &own)));
    agrees(&at(OWNER, &own));
    says(
        &refusal(&at("anne", "sslmode=require")),
        &["n'admet pas cette connexion"],
    );
    let theirs = Authority::new();
    let (stranger, its_key) = theirs.sign("anne", "DNS:anne", 30);
    let (stranger, its_key) = (stranger.display(), its_key.display());
    let strange = at(
        "anne",
        &format!("sslmode=require&sslcert={stranger}&sslkey={its_key}"),
    );
    agrees(&strange);
    says(
        &refusal(&strange),
        &["le serveur refuse notre certificat", "sslcert"],
    );
    let missing = refusal(&at("anne", &format!("{pair}/rien.key")));
    says(
        &missing,
        &["sslkey : /rien.key n'est pas lisible (introuvable)"],
    );
    assert_eq!(missing.kind(), ErrorKind::Config);
    let wrong = refusal(&at("anne", &format!("{pair}{}", certificate.display())));
    says(&wrong, &["sslkey", "chmod 600"]);
}
