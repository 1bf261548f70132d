//! Which addresses of an Odoo are taken, and what is said of those that are not.

use super::add::{add_at, refused, setting};
use super::stub::KEY;
use crate::common::{Estate, assert_says};

#[test]
fn a_key_is_not_sent_in_the_clear_by_default() {
    let estate = Estate::bare();
    for url in [
        "http://odoo.cave.fr:8069",
        "http://192.168.1.20",
        "http://127.0.0.1.cave.fr",
        "http://[2001:db8::1]",
    ] {
        let outcome = add_at(&estate, url, &[]);
        refused(
            outcome,
            &estate,
            &[url, "en clair", "https://", "--allow-http", "ALLOW_HTTP"],
        );
    }
    add_at(&estate, "http://odoo.cave.fr:8069", &["--allow-http"]).exits(0);
    assert_eq!(setting(&estate, "ALLOW_HTTP"), "true");
}

#[test]
fn the_settings_file_can_allow_plain_http() {
    for (allowed, code) in [("true", 1), ("oui", 1), ("false", 3), ("peut-être", 3)] {
        let estate = Estate::bare();
        let prefix = "CRMRECO_CONNECTOR__CAVE__";
        estate.env_lines(&format!(
            "{prefix}TYPE=odoo\n{prefix}URL=http://odoo.invalid\n{prefix}DB=cave\n{prefix}USER=crm\n{prefix}API_KEY={KEY}"
        ));
        let estate = estate.setting("ALLOW_HTTP", allowed);
        let outcome = estate.crmreco(&["test", "cave"]);
        assert_eq!(outcome.code, Some(code), "{allowed}: {outcome:?}");
        let word = if code == 1 { "injoignable" } else { "http" };
        assert_says(&outcome.text(), &[word]);
    }
}

#[test]
fn plain_http_is_allowed_to_this_machine() {
    for url in [
        "http://127.0.0.1:8069",
        "http://localhost:8069",
        "http://LOCALHOST",
        "http://[::1]:8069",
    ] {
        let estate = Estate::bare();
        add_at(&estate, url, &[]).exits(0);
        assert_eq!(setting(&estate, "URL"), url);
    }
}

#[test]
fn a_url_copied_from_a_browser_is_accepted() {
    for url in [
        "https://cave.odoo.com/",
        "https://cave.odoo.com/web",
        "https://cave.odoo.com/web#action=12&model=res.partner",
        "https://cave.odoo.com/odoo/contacts/7",
        "https://cave.odoo.com/web/login?db=cave",
        "HTTPS://cave.odoo.com:8443/odoo",
    ] {
        add_at(&Estate::bare(), url, &[]).exits(0);
    }
}

#[test]
fn an_invalid_url_is_refused_with_an_example() {
    let estate = Estate::bare();
    for (url, why) in [
        ("cave.odoo.com", "adresse"),
        ("localhost:8069", "adresse"),
        ("//cave.odoo.com", "adresse"),
        ("la cave", "adresse"),
        ("ftp://cave.odoo.com", "https://"),
        ("https://cave.odoo.com/boutique", "une page"),
        ("https://cave.odoo.com/website", "une page"),
    ] {
        refused(
            add_at(&estate, url, &[]),
            &estate,
            &[url, why, "https://cave.odoo.com"],
        );
    }
}

#[test]
fn a_password_in_a_url_is_refused_and_never_printed() {
    for url in [
        "https://crm:s3cr3t@cave.odoo.com",
        "https://crm:s3@cr3t@cave.odoo.com",
        "http://crm:s3cr3t@127.0.0.1",
        "crm:s3cr3t@cave.odoo.com",
        "https://crm:s3cr3t @cave.odoo.com",
    ] {
        let estate = Estate::bare();
        let outcome = add_at(&estate, url, &[]);
        for part in ["s3cr3t", "cr3t"] {
            assert!(!outcome.text().contains(part), "{url}: {outcome:?}");
        }
        refused(outcome, &estate, &["URL"]);
        // The user may have written it there.
        estate.connector("cave", &estate.exports());
        let estate = estate.setting("TYPE", "odoo").setting("URL", url);
        for command in [
            &["show", "cave"][..],
            &["show", "cave", "--json"],
            &["test", "cave"],
            &["sync", "cave"],
        ] {
            let outcome = estate.crmreco(command);
            assert!(!outcome.text().contains("cr3t"), "{url}: {outcome:?}");
        }
    }
}

#[test]
fn addresses_of_metadata_services_are_refused() {
    let estate = Estate::bare();
    for url in [
        "https://169.254.169.254",
        "https://169.254.1.1:8069",
        "https://[fe80::1]",
        "https://[fd00:ec2::254]",
        "https://[::ffff:a9fe:a9fe]",
        "https://metadata.google.internal",
        "https://Metadata.Google.Internal.",
    ] {
        let outcome = add_at(&estate, url, &["--allow-http"]);
        refused(outcome, &estate, &[url, "adresse de service"]);
    }
}

/// A name that resolves to such an address stands there for one that a name server gives: the system takes a number
/// for the name of a host.
#[test]
fn a_name_that_resolves_to_them_is_refused() {
    for name in ["2852039166", "0xa9fea9fe", "169.254.43518"] {
        let estate = Estate::bare();
        let url = format!("https://{name}");
        add_at(&estate, &url, &[]).exits(0);
        for command in ["test", "sync"] {
            let failed = estate.crmreco(&[command, "cave"]).exits(1);
            failed.says(&[
                "169.254.169.254",
                "adresse de service",
                "rien n'a été envoyé",
            ]);
        }
    }
}

#[test]
fn an_odoo_on_this_machine_gives_a_remark() {
    let estate = Estate::bare();
    let told = add_at(&estate, "http://127.0.0.1:9", &[]).exits(0);
    assert_says(&told.stderr, &["cette machine même", "clé API"]);
    let tested = estate.crmreco(&["test", "cave", "--json"]).exits(1);
    assert_says(&tested.stderr, &["cette machine même"]);
    assert_eq!(tested.json()["success"], false);
    let listed = estate.crmreco(&["list"]).exits(0);
    assert!(!listed.text().contains("cette machine même"), "{listed:?}");
    let elsewhere = Estate::bare();
    let told = add_at(&elsewhere, "https://cave.odoo.com", &[]).exits(0);
    assert!(!told.text().contains("cette machine"), "{told:?}");
}
