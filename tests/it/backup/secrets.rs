//! No secret is in a backup, unless it was asked for.

use std::fs;
use std::path::Path;

use super::{back_up, back_up_with, elsewhere, restore, restoring, synced};
use crate::common::Estate;

const SECRET: &str = "s3cr3t-k3y-0f-the-3state";

fn estate() -> Estate {
    let estate = synced();
    let odoo = "CRMRECO_CONNECTOR__ODOO__";
    estate.env_lines(&format!(
        "# old key: {SECRET}\n{odoo}TYPE=odoo\n{odoo}URL=https://bot:{SECRET}@odoo.example\n{odoo}DB=prod\n\
         {odoo}USER=bot\n{odoo}API_KEY={SECRET}\nCRMRECO_SERVE_TOKEN={SECRET}\nSMTP={SECRET}\n\
         CRMRECO_CONNECTOR__CAVE__OLD={SECRET}\nCRMRECO_KEEP_DAYS=90\nnot a line {SECRET}"
    ));
    estate
}

fn unpacked(file: &Path) -> String {
    let bytes = zstd::decode_all(fs::File::open(file).unwrap()).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_backup_has_the_settings_and_none_of_their_secrets() {
    let estate = estate();
    let (answer, file) = back_up(&estate);
    assert_eq!(answer["has_secrets"], false);
    let text = unpacked(&file);
    assert!(!text.contains(SECRET));
    let odoo = "CRMRECO_CONNECTOR__ODOO__";
    let told = estate.crmreco(&["backup"]).exits(0);
    told.says(&[
        "Sans la valeur de 5 réglages",
        "CRMRECO_CONNECTOR__ODOO__API_KEY",
        "CRMRECO_CONNECTOR__ODOO__URL",
        "SMTP",
    ]);

    let other = elsewhere(&estate);
    let restored = restoring(&other, &file, &[]).exits(0);
    restored.says(&[
        "sans la valeur de",
        "SMTP",
        "set odoo --api-key-stdin < cle.txt",
    ]);
    let settings = other.env_text();
    for line in [
        &format!("{odoo}TYPE=odoo"),
        &format!("{odoo}DB=prod"),
        &format!("{odoo}USER=bot"),
        "CRMRECO_KEEP_DAYS=90",
        "CRMRECO_CONNECTOR__CAVE__MAX_REJECTS=100%",
        &format!("# {odoo}API_KEY=••••"),
        "# CRMRECO_SERVE_TOKEN=••••",
    ] {
        assert!(settings.contains(line), "{line}: {settings}");
    }
    // What is missing is asked for, rather than used as it is shown.
    other.crmreco(&["test", "odoo"]).exits(3).says(&["URL"]);
}

#[test]
fn secrets_are_kept_where_that_is_asked_for() {
    let estate = estate();
    let (answer, file) = back_up_with(&estate, &["--with-secrets"]);
    assert_eq!(answer["has_secrets"], true);
    let told = estate.crmreco(&["backup", "--with-secrets"]).exits(0);
    told.says(&["clés et jetons en clair"]);
    let other = elsewhere(&estate);
    let restored = restore(&other, &file);
    assert_eq!(restored["masked"], serde_json::json!([]));
    assert_eq!(other.env_text(), estate.env_text());
}

#[test]
fn a_home_without_settings_is_backed_up() {
    let estate = synced();
    fs::remove_file(estate.env_path()).unwrap();
    let (_, file) = back_up(&estate);
    let other = elsewhere(&estate);
    restoring(&other, &file, &[])
        .exits(0)
        .says(&["pas de réglages"]);
    assert!(!other.env_path().exists());
    assert_eq!(other.dump(), estate.dump());
}
