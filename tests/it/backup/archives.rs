//! Archives that are cut, changed, or made to do harm: each is refused with a reason, and nothing is changed.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::{assert_no_leftovers, back_up, elsewhere, kept, names, restoring, synced};
use crate::common::{Estate, assert_says};

/// The files of an archive, as bytes.
struct Unpacked {
    manifest: Value,
    database: Vec<u8>,
    sums: Value,
    settings: Vec<u8>,
}

impl Unpacked {
    fn of(file: &Path) -> Self {
        let bytes = zstd::decode_all(fs::File::open(file).unwrap()).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut files = archive.entries().unwrap().map(|entry| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry.unwrap(), &mut bytes).unwrap();
            bytes
        });
        let manifest = serde_json::from_slice(&files.next().unwrap()).unwrap();
        Self {
            manifest,
            database: files.next().unwrap(),
            sums: serde_json::from_slice(&files.next().unwrap()).unwrap(),
            settings: files.next().unwrap(),
        }
    }

    fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("manifest.json", self.manifest.to_string().into_bytes()),
            ("crmreco.db", self.database.clone()),
            ("sums.json", self.sums.to_string().into_bytes()),
            ("settings.env", self.settings.clone()),
        ]
    }

    /// The database changed by `sql`, with a manifest that owns to it.
    fn with_database(mut self, sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        fs::write(&path, &self.database).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        self.database = fs::read(&path).unwrap();
        self.own_to_bytes();
        self
    }

    fn own_to_bytes(&mut self) {
        let hash = ring::digest::digest(&ring::digest::SHA256, &self.database);
        let hash = hash.as_ref().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        self.sums["sha256"] = json!(hash);
        self.manifest["bytes"] = json!(self.database.len());
    }
}

fn header(bytes: usize, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_size(bytes as u64);
    header
}

fn packed(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = header(bytes.len(), EntryType::Regular);
        // Not by `set_path`, which refuses what a hostile name does.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    zstd::encode_all(tar.into_inner().unwrap().as_slice(), 1).unwrap()
}

fn written(estate: &Estate, bytes: impl AsRef<[u8]>) -> PathBuf {
    let file = estate.root().join("given.tar.zst");
    fs::write(&file, bytes).unwrap();
    file
}

/// Verify and restore refuse `file` with these words, in a home with data and in a new one, and change nothing.
#[track_caller]
fn assert_refused(estate: &Estate, file: &Path, words: &[&str]) {
    let before = estate.dump();
    let files = names(&estate.home());
    for args in [&[][..], &["--dry-run"]] {
        let outcome = restoring(estate, file, args).exits(1);
        assert_says(&outcome.text(), words);
    }
    let verify = ["backup", "verify", file.to_str().unwrap(), "--json"];
    let answer = estate.crmreco(&verify).exits(1).json();
    assert_eq!(answer["success"], false);
    assert_says(answer["message"].as_str().unwrap(), words);
    assert_eq!(estate.dump(), before);
    assert!(kept(estate).is_empty());
    let mut left = names(&estate.home());
    left.retain(|name| name != "crmreco.backup.lock");
    let mut files = files;
    files.retain(|name| name != "crmreco.backup.lock");
    assert_eq!(left, files);

    let new = elsewhere(estate);
    fs::remove_dir(new.home()).unwrap();
    restoring(&new, file, &[]).exits(1);
    assert!(!new.home().exists(), "{:?}", names(&new.home()));
}

#[test]
fn a_backup_cut_anywhere_is_refused() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let whole = fs::read(&file).unwrap();
    let ends = [
        0,
        1,
        4,
        100,
        whole.len() / 2,
        whole.len() - 20,
        whole.len() - 4,
        whole.len() - 1,
    ];
    for end in ends {
        let cut = written(&estate, &whole[..end]);
        assert_refused(
            &estate,
            &cut,
            &["given.tar.zst n'est pas une sauvegarde entière"],
        );
    }
    assert_no_leftovers(&estate);
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let whole = fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        let changed = written(&estate, &changed);
        let outcome = restoring(&estate, &changed, &["--dry-run"]).exits(1);
        assert_says(&outcome.text(), &["given.tar.zst", "→"]);
    }
}

#[test]
fn what_is_no_archive_is_refused() {
    let estate = synced();
    for bytes in [&b"PK\x03\x04"[..], b"code_client;nom\n", &[0; 2000]] {
        let file = written(&estate, bytes);
        assert_refused(&estate, &file, &["d'un autre programme"]);
    }
    let zeros = written(&estate, zstd::encode_all(&[0; 4096][..], 1).unwrap());
    assert_refused(&estate, &zeros, &["n'est pas une sauvegarde de crmreco"]);
}

#[test]
fn only_the_files_of_a_backup_are_accepted() {
    let estate = synced();
    let good = Unpacked::of(&back_up(&estate).1);
    let files = good.files();
    let outside = estate.root().join("outside");
    for name in [
        "../outside",
        "/tmp/outside",
        "crmreco.db/../../outside",
        "CRMRECO.DB",
        "",
    ] {
        for at in 0..files.len() {
            let mut files = files.clone();
            files[at].0 = name;
            let file = written(&estate, packed(&files));
            assert_refused(&estate, &file, &["elle contient d'autres fichiers"]);
            assert!(!outside.exists() && !Path::new("/tmp/outside").exists());
        }
    }
    let mut more = files.clone();
    more.push(("crmreco.db", good.database.clone()));
    let file = written(&estate, packed(&more));
    assert_refused(&estate, &file, &["elle contient d'autres fichiers"]);
    for count in [1, 2] {
        let file = written(&estate, packed(&files[..count]));
        assert_refused(&estate, &file, &["n'est pas une sauvegarde entière"]);
    }
    // Without settings it is one of a home without any.
    let file = written(&estate, packed(&files[..3]));
    restoring(&estate, &file, &["--dry-run"]).exits(0);
}

#[test]
fn links_and_names_of_other_systems_are_not_followed() {
    let estate = synced();
    let good = Unpacked::of(&back_up(&estate).1);
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::GNULongName,
        EntryType::XHeader,
        EntryType::GNUSparse,
        EntryType::Directory,
        EntryType::Fifo,
    ] {
        let mut tar = Builder::new(Vec::new());
        let manifest = good.manifest.to_string();
        let mut first = header(manifest.len(), EntryType::Regular);
        tar.append_data(&mut first, "manifest.json", manifest.as_bytes())
            .unwrap();
        let mut second = header(0, kind);
        second.as_old_mut().name[..10].copy_from_slice(b"crmreco.db");
        second.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
        second.set_cksum();
        tar.append(&second, &[][..]).unwrap();
        let bytes = zstd::encode_all(tar.into_inner().unwrap().as_slice(), 1).unwrap();
        let file = written(&estate, bytes);
        assert_refused(&estate, &file, &["elle contient d'autres fichiers"]);
    }
}

#[test]
fn no_more_is_unpacked_than_the_manifest_says() {
    let estate = synced();
    let good = Unpacked::of(&back_up(&estate).1);
    for bytes in [
        0,
        1,
        good.database.len() - 1,
        good.database.len() + 1,
        1 << 40,
    ] {
        let mut files = good.files();
        let mut manifest = good.manifest.clone();
        manifest["bytes"] = json!(bytes);
        files[0].1 = manifest.to_string().into_bytes();
        let file = written(&estate, packed(&files));
        assert_refused(&estate, &file, &["n'est pas celle de son manifeste"]);
    }
    // A database that says it is as large as the disk, and is not there.
    let mut tar = Vec::new();
    let mut manifest = good.manifest.clone();
    manifest["bytes"] = json!(1_u64 << 40);
    let manifest = manifest.to_string();
    let mut first = header(manifest.len(), EntryType::Regular);
    first.set_path("manifest.json").unwrap();
    first.set_cksum();
    tar.write_all(first.as_bytes()).unwrap();
    tar.write_all(manifest.as_bytes()).unwrap();
    tar.resize(tar.len().next_multiple_of(512), 0);
    let mut second = header(1 << 40, EntryType::Regular);
    second.set_path("crmreco.db").unwrap();
    second.set_cksum();
    tar.write_all(second.as_bytes()).unwrap();
    let file = written(&estate, zstd::encode_all(tar.as_slice(), 1).unwrap());
    assert_refused(&estate, &file, &["n'est pas une sauvegarde entière"]);
    // A manifest as large as memory.
    let huge = vec![b' '; 5 << 20];
    let file = written(&estate, packed(&[("manifest.json", huge)]));
    assert_refused(&estate, &file, &["elle contient d'autres fichiers"]);
}

#[test]
fn a_database_that_is_not_that_of_its_manifest_is_refused() {
    let estate = synced();
    let file = back_up(&estate).1;
    let good = || Unpacked::of(&file);
    let told = "n'est pas celle de son manifeste";
    let cases = [
        (good().with_database("DELETE FROM customers"), told),
        (
            good().with_database("UPDATE customers SET last_name = 'X'"),
            told,
        ),
        (good().with_database("CREATE TABLE more (x)"), told),
        (good().with_database("PRAGMA user_version = 1"), told),
        (
            good().with_database("PRAGMA user_version = 99"),
            "version plus récente",
        ),
        (
            good().with_database("PRAGMA application_id = 1"),
            "autre programme",
        ),
    ];
    for (unpacked, words) in cases {
        let file = written(&estate, packed(&unpacked.files()));
        assert_refused(&estate, &file, &["given.tar.zst", words]);
    }
    let mut damaged = good();
    for byte in &mut damaged.database[9000..40_000] {
        *byte = 0x5a;
    }
    damaged.own_to_bytes();
    let file = written(&estate, packed(&damaged.files()));
    assert_refused(&estate, &file, &["given.tar.zst", "abîmée"]);
    damaged.database = b"no database at all".to_vec();
    damaged.own_to_bytes();
    let file = written(&estate, packed(&damaged.files()));
    assert_refused(&estate, &file, &["given.tar.zst"]);
}

#[test]
fn a_manifest_that_cannot_be_read_or_is_of_a_newer_format_is_refused() {
    let estate = synced();
    let good = Unpacked::of(&back_up(&estate).1);
    let mut newer = good.manifest.clone();
    newer["format"] = json!(2);
    newer["bytes"] = json!({ "of": "parts" });
    for (manifest, words) in [
        (newer.to_string(), "version plus récente de crmreco"),
        ("{}".to_owned(), "manifeste de la sauvegarde est illisible"),
        (
            "[".repeat(100_000),
            "manifeste de la sauvegarde est illisible",
        ),
    ] {
        let mut files = good.files();
        files[0].1 = manifest.into_bytes();
        let file = written(&estate, packed(&files));
        assert_refused(&estate, &file, &["given.tar.zst", words]);
    }
}

/// A backup of an older crmreco is migrated before it takes its place.
#[test]
fn a_backup_of_an_older_schema_is_migrated() {
    let estate = synced();
    let mut old = Unpacked::of(&back_up(&estate).1).with_database(
        "DROP TABLE run_phases; DROP TABLE erasure_secret; DROP TABLE erasures; DROP TABLE erasure_marks;
         DROP INDEX customers_by_company; PRAGMA user_version = 0",
    );
    // What each version had is in the migrations: version 1 alone is made anew here.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let first = include_str!("../../../src/store/sqlite/migrations/0001_initial.sql");
    let db = Connection::open(&path).unwrap();
    db.execute_batch(first).unwrap();
    db.execute_batch("PRAGMA application_id = 0x63726d72; PRAGMA user_version = 1")
        .unwrap();
    db.execute_batch("INSERT INTO runs (source, connector_type, started_at, status) VALUES ('cave', 'isavigne', '2020-01-01T00:00:00Z', 'success')").unwrap();
    drop(db);
    old.database = fs::read(&path).unwrap();
    old.own_to_bytes();
    old.manifest["schema"] = json!(1);
    let file = written(&estate, packed(&old.files()));
    // Its sums are those of other tables.
    assert_refused(&estate, &file, &["n'est pas celle de son manifeste"]);
    old.sums["tables"] = sums(&old.database);
    let file = written(&estate, packed(&old.files()));
    restoring(&estate, &file, &[]).exits(0);
    assert_eq!(
        estate.sql("SELECT count(*), min(source) FROM runs"),
        ["1|cave"]
    );
    assert_eq!(estate.sql("SELECT count(*) FROM erasures"), ["0"]);
    estate.sync();
}

/// The sums of a database as the library counts them.
fn sums(database: &[u8]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    fs::write(&path, database).unwrap();
    let copy = crmreco::store::DatabaseCopy::open(&path).unwrap();
    serde_json::to_value(copy.sums(|| Ok(())).unwrap()).unwrap()
}
