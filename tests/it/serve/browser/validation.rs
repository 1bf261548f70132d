//! The form accepts what the server accepts, and refuses what it refuses.

use serde_json::{Value, json};

use super::is_missing;
use super::person::Person;
use crate::common::Estate;
use crate::serve::served::Served;

/// Fields, and what may be typed into each.
const TYPED: &[(&str, &str, &[&str])] = &[
    (
        "isavigne",
        "connector_name",
        &[
            "",
            " ",
            "cave",
            " caveau ",
            "cave_2",
            "c",
            "Cave",
            "cavé",
            "2cave",
            "_cave",
            "cave_",
            "cave__2",
            "cave 2",
            "cave-2",
            "cave.2",
            "ca\u{a0}ve",
            "a23456789012345678901234567890123456789012345678901234567890123x",
            "a234567890123456789012345678901234567890123456789012345678901234x",
        ],
    ),
    ("isavigne", "connector_type", &["", "isavigne"]),
    (
        "isavigne",
        "export_path",
        &[
            "",
            " ",
            "/",
            "/mnt/shared/isavigne",
            " /mnt/shared ",
            "/mnt/Exports du père",
            "exports",
            "./exports",
            "~/exports",
            "../exports",
            "C:\\exports",
            "\\\\serveur\\exports",
            "//serveur/exports",
        ],
    ),
    (
        "isavigne",
        "file_pattern",
        &[
            "",
            " ",
            "*.csv",
            "*vente*.csv",
            "[",
            "[a-z]*.csv",
            "***",
            "a**b",
            "**",
            "export?.csv",
            "[]",
            "{a,b}",
        ],
    ),
    (
        "isavigne",
        "case_size",
        &[
            "", "1", "12", "999", "1000", "1001", "0", "012", "douze", "6.5",
        ],
    ),
    (
        "isavigne",
        "max_rejects",
        &[
            "",
            "auto",
            "0",
            "20",
            "1%",
            "0,5%",
            "0.5%",
            "100%",
            "101%",
            "-1",
            "20 lignes",
            "%",
        ],
    ),
    (
        "odoo",
        "timeout",
        &["", "1", "150", "3599", "3600", "3601", "0", "-5", "deux"],
    ),
    (
        "odoo",
        "url",
        &[
            "",
            " ",
            "https://cave.odoo.com",
            " https://cave.odoo.com ",
            "https://cave.odoo.com/",
            "https://cave.odoo.com/web",
            "https://cave.odoo.com/web#id=3",
            "https://cave.odoo.com/odoo/contacts",
            "https://cave.odoo.com/web?db=cave",
            "https://cave.odoo.com?db=cave",
            "https://cave.odoo.com/shop",
            "https://cave.odoo.com/webcam",
            "https://cave.odoo.com:8443",
            "https://cave.odoo.com:huit",
            "https://moi:secret@cave.odoo.com",
            "https://cavé.odoo.com",
            "https://192.168.1.4",
            "https://[::1]:8069",
            "http://localhost:8069",
            "http://localhost",
            "http://127.0.0.1:8069/",
            "http://127.0.0.1:8069/web",
            "http://[::1]:8069",
            "http://cave.odoo.com",
            "http://localhost.cave.fr",
            "cave.odoo.com",
            "https://",
            "https:///web",
            "ftp://cave.odoo.com",
            "HTTPS://cave.odoo.com",
            "Https://cave.odoo.com",
            "https://cave.odoo.com:",
            "https://cave.odoo.com:70000",
            "http://127.0.1.1",
            "https://cave.odoo.com/we b",
            "https://cave odoo.com",
            "https://cave_2.odoo.com",
        ],
    ),
    (
        "odoo",
        "db",
        &["", " ", "cave", " cave ", "cave de saverne"],
    ),
    ("odoo", "user", &["", "\t", "crm@cave.fr", "crm"]),
    (
        "odoo",
        "api_key",
        &[
            "",
            " ",
            "0123456789abcdef",
            " 0123456789abcdef ",
            "0123 4567",
            "clé",
            "a\u{a0}b",
            "!~",
        ],
    ),
    (
        "odoo",
        "company_id",
        &[
            "",
            " ",
            "1",
            " 2 ",
            "0",
            "00",
            "007",
            "-1",
            "1.5",
            "1,5",
            "1e3",
            "un",
            "+1",
            "2147483647",
            "99999999999999999999",
        ],
    ),
];

/// Types a value into a form that is right otherwise: whether the browser lets it through, and whether the server does.
const ATTEMPT: &str = "(async ([kind, field, value, name]) => {
    const form = document.getElementById('ajout');
    const type = document.getElementById('connector_type');
    type.value = kind;
    type.dispatchEvent(new Event('change', { bubbles: true }));
    const right = { connector_name: name, export_path: '/mnt/shared', file_pattern: '*.csv',
        url: 'https://cave.odoo.com', db: 'cave', user: 'crm', api_key: 'cle', company_id: '',
        case_size: '12', max_rejects: 'auto', timeout: '150' };
    for (const [key, value] of Object.entries(right)) {
        for (const input of form.querySelectorAll(`[name=${key}]`)) input.value = value;
    }
    const input = form.querySelector(`[name=${field}]:not(fieldset:disabled *)`);
    input.value = value;
    const sent = new URLSearchParams(new FormData(form));
    sent.set(field, value);
    const response = await fetch('/connectors', { method: 'POST', body: sent, headers: { Accept: 'text/html' } });
    const html = (await response.text()).replace(/<style[^]*?<\\/style>/, '');
    const page = new DOMParser().parseFromString(html, 'text/html');
    const faulty = page.querySelector('[aria-invalid]')?.name ?? null;
    const message = page.querySelector('[role=alert]')?.textContent ?? null;
    const fits = input.maxLength === undefined || input.maxLength < 0 || value.length <= input.maxLength;
    return { lets: fits && input.value.trim() === value.trim() && form.checkValidity(),
        status: response.status, faulty, message };
})(arguments[0])";

#[test]
fn browser_and_server_refuse_the_same_values() {
    if is_missing() {
        return;
    }
    let served = Served::of(&Estate::bare());
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors/new"));
    let mut differences = Vec::new();
    let mut number = 0;
    for (kind, field, values) in TYPED {
        for value in *values {
            number += 1;
            let name = format!("essai_{number}");
            let came = she
                .browser
                .promise(ATTEMPT, &json!([[kind, field, value, name]]));
            let is_taken = came["status"] == 200;
            let is_refused = came["status"] == 422 && came["faulty"] == *field;
            if came["lets"] != is_taken || !(is_taken || is_refused) {
                differences.push(format!("{field} « {value} »: {came}"));
            }
        }
    }
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(she.knows("typeof refresh"), Value::from("function"));
}
