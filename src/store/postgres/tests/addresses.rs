//! What an address means, without a server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::ExposeSecret;

use super::{address, parse, says};
use crate::error::ErrorKind;
use crate::store::postgres::address::Address;

/// The address as it is shown: without its password.
fn shown(text: &str) -> String {
    let address = address(text);
    assert_eq!(format!("{address}"), format!("{address:?}"));
    address.to_string()
}

/// The password for the first server.
fn password(address: &Address) -> Option<String> {
    let password = address.password_for(address.servers.first().unwrap())?;
    Some(password.expose_secret().to_owned())
}

#[test]
fn an_address_is_shown_without_its_password() {
    let shown_as = [
        (
            "postgresql://anne@db.cave.fr/crm",
            "postgresql://anne@db.cave.fr/crm",
        ),
        (
            "postgres://anne:s%40cret@db/crm?sslmode=require",
            "postgresql://anne@db/crm",
        ),
        (
            "postgresql://anne@db:6543/crm",
            "postgresql://anne@db:6543/crm",
        ),
        ("postgresql://anne@db", "postgresql://anne@db/anne"),
        (
            "postgresql://anne@[2001:db8::1]:6543/crm",
            "postgresql://anne@[2001:db8::1]:6543/crm",
        ),
        (
            "postgresql://anne@a,b:6543,c/crm",
            "postgresql://anne@a,b:6543,c/crm",
        ),
        (
            "postgresql://anne@/crm?host=/run/pg&port=6543",
            "postgresql://anne@/crm?host=/run/pg&port=6543",
        ),
        (
            "postgresql://anne@%2Frun%2Fpg/crm",
            "postgresql://anne@/crm?host=/run/pg",
        ),
        (
            "postgresql://anne@db/cave%20du%20lac",
            "postgresql://anne@db/cave du lac",
        ),
        (
            "postgresql:///crm?user=anne&password=secret&host=db",
            "postgresql://anne@db/crm",
        ),
        (
            "host=db user=anne password=secret dbname='cave du lac'",
            "postgresql://anne@db/cave du lac",
        ),
        (
            r"host = db user=a\'b dbname='it\'s'",
            "postgresql://a'b@db/it's",
        ),
        ("  postgresql://anne@db/crm\n", "postgresql://anne@db/crm"),
    ];
    for (text, expected) in shown_as {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn passwords_are_percent_decoded() {
    let passwords = [
        ("postgresql://anne:p%40%2F%3A%25%20w@db", Some("p@/:% w")),
        ("postgresql://anne:p:w@db", Some("p:w")),
        ("postgresql://anne:p?w=1&x@db", Some("p?w=1&x")),
        ("postgresql://anne:@db", None),
        ("postgresql://anne@db?password=p%26w", Some("p&w")),
        (r"host=db user=anne password='p w\'\\'", Some(r"p w'\")),
        ("postgresql://anne@db", None),
    ];
    for (text, expected) in passwords {
        assert_eq!(password(&address(text)).as_deref(), expected, "{text}");
    }
}

/// A password whose signs are not encoded leads astray: no message may show a part of it.
#[test]
fn a_password_that_is_not_encoded_is_refused_and_not_shown() {
    for text in [
        "postgresql://anne:sec@ret@db/crm",
        "postgresql://anne:sec/ret@db/crm",
        "postgresql://anne:1/sec/ret@db/crm",
        "postgresql://anne:1/secret@db/crm",
        "postgresql://anne:1/sec?ret@db/crm",
        "postgresql://anne:1/x?secret=ret@db/crm",
        "postgresql://anne:sec%ret@db/crm",
        "postgresql://anne:sec%@db/crm",
        "postgresql://anne:%ff%feret@db/crm",
        "postgresql://anne:sec%00ret@db/crm",
        "host=db password='secret",
        "host=db password=sec ret",
        "secret",
    ] {
        let error = parse(text, &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text}");
        let words = format!("{error:?} {}", error.full_text());
        assert!(words.contains("CRMRECO_DATABASE"), "{words}");
        for part in ["sec", "ret"] {
            assert!(
                !words.replace("secrets", "").contains(part),
                "{text}: {words}"
            );
        }
    }
}

#[test]
fn other_addresses_are_refused_with_an_example() {
    for (text, words) in [
        (
            "mysql://anne:secret@db/crm",
            &["mysql://", "seul PostgreSQL", "postgresql://"][..],
        ),
        ("", &["n'est pas une adresse PostgreSQL"]),
        ("crm", &["n'est pas une adresse PostgreSQL", "SQLite"]),
    ] {
        let error = parse(text, &[]).unwrap_err();
        says(&error, words);
        assert!(!error.full_text().contains("secret"));
    }
}

#[test]
fn parameters_that_do_not_hold_are_named() {
    for (query, words) in [
        (
            "sslmod=require",
            &["le paramètre « sslmod » n'existe pas"][..],
        ),
        ("pgbouncer=true", &["« pgbouncer »"]),
        (
            "sslmode=verify",
            &["sslmode « verify » est inconnu", "verify-full"],
        ),
        ("sslmode", &["sans valeur"]),
        ("port=0", &["port", "1 à 65535"]),
        ("port=65536", &["port", "1 à 65535"]),
        ("port=1,2", &["port", "2 valeurs pour 1 serveur"]),
        ("hostaddr=db", &["hostaddr « db » n'est pas une adresse IP"]),
        (
            "connect_timeout=vite",
            &["connect_timeout « vite »", "nombre entier"],
        ),
        (
            "keepalives_idle=-1",
            &["keepalives_idle « -1 » est négatif"],
        ),
        (
            "channel_binding=oui",
            &["channel_binding « oui »", "require"],
        ),
        (
            "target_session_attrs=master",
            &["target_session_attrs « master »", "read-write"],
        ),
        (
            "sslcrl=/x",
            &["sslcrl n'est pas pris en charge", "Retirez-le"],
        ),
        (
            "require_auth=scram-sha-256",
            &["require_auth n'est pas pris en charge"],
        ),
        ("gssencmode=require", &["gssencmode « require »"]),
        (
            "client_encoding=LATIN1",
            &["client_encoding « LATIN1 »", "UTF8"],
        ),
        ("sslmode=verify-ca", &["sslmode=verify-ca", "sslrootcert"]),
        (
            "sslrootcert=/rien.pem",
            &["sslrootcert « /rien.pem » n'est pas un fichier"],
        ),
        (
            "sslmode=require&sslrootcert=system",
            &["sslrootcert « system »", "verify-full"],
        ),
        (
            "sslnegotiation=direct",
            &["sslnegotiation « direct » impose TLS"],
        ),
    ] {
        let error = parse(&format!("postgresql://anne@db/crm?{query}"), &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{query}");
        says(&error, &["CRMRECO_DATABASE"]);
        says(&error, words);
    }
}

/// What is asked for in the address counts before the service, then come the variables, then the password file.
#[test]
fn the_address_wins_over_the_service_and_that_over_variables() {
    let folder = tempfile::tempdir().unwrap();
    let services = folder.path().join("services.conf");
    fs::write(
        &services,
        "# ours\n[autre]\nhost=non\n\n[cave]\nhost=srv\nport=6543\nuser=serviceuser\n\n[fin]\nhost=non\n",
    )
    .unwrap();
    let services = services.display().to_string();
    let variables = [
        ("PGSERVICEFILE", services.as_str()),
        ("PGHOST", "variable"),
        ("PGUSER", "variable"),
        ("PGDATABASE", "base"),
        ("PGPASSWORD", "secret"),
        ("PGAPPNAME", ""),
    ];
    let read = |text: &str| parse(text, &variables).unwrap();
    assert_eq!(
        read("postgresql://").to_string(),
        "postgresql://variable@variable/base"
    );
    assert_eq!(
        read("postgresql://?service=cave").to_string(),
        "postgresql://serviceuser@srv:6543/base"
    );
    let all = read("postgresql://anne@db:1/crm?service=cave");
    assert_eq!(all.to_string(), "postgresql://anne@db:1/crm");
    assert_eq!(password(&all).as_deref(), Some("secret"));
    assert_eq!(all.application, "crmreco");
    let named = [&variables[..], &[("PGSERVICE", "cave")]].concat();
    let named = parse("postgresql://anne@/", &named).unwrap();
    assert_eq!(named.to_string(), "postgresql://anne@srv:6543/base");

    let unknown = parse("postgresql://?service=rien", &variables).unwrap_err();
    says(
        &unknown,
        &[
            "CRMRECO_DATABASE",
            "service « rien » n'existe pas",
            "[rien]",
            &services,
        ],
    );
    let invalid = [("PGSSLMODE", "oui")];
    let invalid = parse("postgresql://anne@db", &invalid).unwrap_err();
    says(&invalid, &["PGSSLMODE « oui » est inconnu"]);
    assert_eq!(invalid.setting().map(|(key, _)| key), Some("PGSSLMODE"));
    let refused = parse("postgresql://anne@db", &[("PGREQUIREAUTH", "none")]).unwrap_err();
    says(&refused, &["PGREQUIREAUTH", "n'est pas pris en charge"]);
}

#[test]
fn a_service_file_that_does_not_hold_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("services.conf");
    let path = file.display().to_string();
    let error = |text: &str| {
        fs::write(&file, text).unwrap();
        parse("postgresql://?service=cave", &[("PGSERVICEFILE", &path)]).unwrap_err()
    };
    says(
        &error("[cave]\nhost\n"),
        &[&path, "ligne 2", "ni commentaire, ni paramètre"],
    );
    says(&error("[cave]\nservice=x\n"), &["ligne 2", "un autre"]);
    says(&error("[cave]\nldap://x/y\n"), &["ligne 2", "LDAP"]);
    says(
        &error("[cave]\nhots=x\n"),
        &[&path, "« hots » n'existe pas"],
    );
    says(&error("[cave]\nport=x\n"), &[&path, "port", "1 à 65535"]);
    fs::remove_file(&file).unwrap();
    let missing = parse("postgresql://?service=cave", &[("PGSERVICEFILE", &path)]).unwrap_err();
    says(&missing, &[&path, "introuvable", "PGSERVICEFILE"]);
}

/// Each server has the password of its own line. A file that others may read is not used, and the message of a missing
/// password says so.
#[test]
fn a_password_file_gives_each_server_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".pgpass");
    fs::write(
        &file,
        "a:5432:crm:anne:of a\nb:*:*:anne:of b\nlocalhost:*:*:*:of the socket\n",
    )
    .unwrap();
    let home = folder.path().display().to_string();
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let read = |text: &str| parse(text, &[("HOME", &home)]).unwrap();
    mode(0o600);
    let two = read("postgresql://anne@a,b/crm");
    let passwords = two
        .servers
        .iter()
        .map(|server| two.password_for(server).unwrap());
    let passwords: Vec<String> = passwords
        .map(|one| one.expose_secret().to_owned())
        .collect();
    assert_eq!(passwords, ["of a", "of b"]);
    assert_eq!(password(&read("postgresql://anne@c/crm")), None);
    let socket = read("postgresql://anne@/crm?host=/var/run/postgresql");
    assert_eq!(password(&socket).as_deref(), Some("of the socket"));
    assert_eq!(
        password(&read("postgresql://anne:given@a/crm")).as_deref(),
        Some("given")
    );

    mode(0o640);
    let open = read("postgresql://anne@a/crm");
    assert_eq!(password(&open), None);
    let fault = open.passfile_fault.unwrap();
    assert!(
        fault.contains(".pgpass est ignoré") && fault.contains("chmod 600"),
        "{fault}"
    );
    fs::remove_file(&file).unwrap();
    assert_eq!(read("postgresql://anne@a/crm").passfile_fault, None);

    // Another name of the file, relative to the folder of the settings.
    fs::write(folder.path().join("mine"), "*:*:*:*:mine\n").unwrap();
    fs::set_permissions(
        folder.path().join("mine"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let text = "postgresql://anne@a/crm?passfile=mine";
    let named = Address::parse(text, &|_| None, folder.path()).unwrap();
    assert_eq!(password(&named).as_deref(), Some("mine"));
    let none = Address::parse(text, &|_| None, Path::new("/nonexistent")).unwrap();
    assert_eq!(password(&none), None);
}
