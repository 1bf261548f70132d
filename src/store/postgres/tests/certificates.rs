//! Certificates made by `openssl`, for servers and clients of one test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// An authority, in a folder with the certificates that it signs.
pub(super) struct Authority(TempDir);

#[track_caller]
fn openssl(folder: &Path, line: &str) {
    let mut command = Command::new("openssl");
    let output = command
        .current_dir(folder)
        .args(line.split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

impl Authority {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line =
            format!("req -x509 {KEY} -keyout ca.key -out ca.crt -days 30 -subj /CN=Autorité");
        openssl(folder.path(), &line);
        Self(folder)
    }

    /// The certificate of the authority.
    pub(super) fn root(&self) -> PathBuf {
        self.0.path().join("ca.crt")
    }

    /// A certificate of the authority and its key for `name`, with these alternative names, that is valid for `days`.
    pub(super) fn sign(&self, name: &str, alternatives: &str, days: u32) -> (PathBuf, PathBuf) {
        self.make(
            name,
            &format!("CA:FALSE\nsubjectAltName={alternatives}"),
            days,
            "-CA ca.crt -CAkey ca.key -CAcreateserial",
        )
    }

    /// A certificate that signs itself, as `openssl req -x509` makes it: one of an authority.
    pub(super) fn sign_itself(
        &self,
        name: &str,
        alternatives: &str,
        days: u32,
    ) -> (PathBuf, PathBuf) {
        self.make(
            name,
            &format!("CA:TRUE\nsubjectAltName={alternatives}"),
            days,
            &format!("-signkey {name}.key"),
        )
    }

    fn make(&self, name: &str, extensions: &str, days: u32, signer: &str) -> (PathBuf, PathBuf) {
        let folder = self.0.path();
        openssl(
            folder,
            &format!("req {KEY} -keyout {name}.key -out {name}.csr -subj /CN={name}"),
        );
        fs::write(
            folder.join("extensions"),
            format!("basicConstraints={extensions}\n"),
        )
        .unwrap();
        let request = format!("-req -in {name}.csr -out {name}.crt -days {days}");
        openssl(
            folder,
            &format!("x509 {request} {signer} -extfile extensions"),
        );
        self.pair(name)
    }

    fn pair(&self, name: &str) -> (PathBuf, PathBuf) {
        let key = self.0.path().join(format!("{name}.key"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        (self.0.path().join(format!("{name}.crt")), key)
    }
}
