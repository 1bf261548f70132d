//! The Debian package: built from this program, installed into a copy of this machine, used, and purged.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::is_installed;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_crmreco");

/// Whether the tests must be passed over: not every machine is a Debian.
fn is_missing() -> bool {
    let missing = ["dpkg-deb", "objdump", "systemd-analyze", "unshare"]
        .into_iter()
        .find(|tool| !is_installed(tool));
    let is_needed = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    if let Some(tool) = missing {
        assert!(!is_needed, "{tool} is not installed");
        println!("passed over: {tool} is not installed");
    }
    missing.is_some()
}

/// Whether this account may mount a file system that only it sees, as root may outside of most containers.
fn may_mount() -> bool {
    let script = "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r &&
        mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r";
    let mut tried = Command::new("unshare");
    tried.args(["--mount", "--propagation", "private", "sh", "-c", script]);
    tried.output().is_ok_and(|done| done.status.success())
}

/// Runs a script of `packaging/`; what it prints.
#[track_caller]
fn packaging(script: &str, arguments: &[&str]) -> String {
    let done = Command::new(Path::new(ROOT).join("packaging").join(script))
        .args(arguments)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{script}: {printed}{errors}");
    printed
}

#[test]
fn the_debian_package_installs_syncs_backs_up_and_leaves_the_data() {
    if is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let package = packaging("deb", &[PROGRAM, folder.path().to_str().unwrap()]);
    let package = package.trim();
    let control = Command::new("dpkg-deb").args(["--field", package]).output();
    let control = String::from_utf8(control.unwrap().stdout).unwrap();
    let version = format!("Version: {}\n", env!("CARGO_PKG_VERSION"));
    for line in ["Package: crmreco\n", &version, "Depends: libc6 (>= 2."] {
        assert!(control.contains(line), "{line}: {control}");
    }
    if !may_mount() {
        println!("passed over: the package is not installed, this account may not mount");
        return;
    }
    let exports = Path::new(ROOT).join("examples/exports");
    let told = packaging("try-deb", &[package, exports.to_str().unwrap()]);
    for line in [
        "✓ Sauvegarde faite : /var/lib/crmreco/backups/",
        "✓ Sauvegarde saine",
        "Statuts           : ✓ Sain 1",
        "installed, synced, backed up and purged; data stays",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

/// What a unit runs is a command of the program, as it is documented.
#[test]
fn units_run_commands_of_this_program() {
    let units = fs::read_dir(Path::new(ROOT).join("packaging/systemd")).unwrap();
    let mut count = 0;
    for path in units.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|end| end != "service") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let command = text
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/crmreco "));
        let mut words: Vec<&str> = command.unwrap().split(' ').collect();
        words.push("--help");
        let help = Command::new(PROGRAM).args(&words).output().unwrap();
        assert!(help.status.success(), "{}", path.display());
        let page = format!("man:crmreco-{}(1)", words[0]);
        assert!(text.contains(&page), "{}: {page}", path.display());
        count += 1;
    }
    assert_eq!(count, 3);
}

/// What the workflows run is in the tree, and may be run.
#[test]
fn workflows_run_scripts_of_the_tree() {
    use std::os::unix::fs::PermissionsExt;
    let mut count = 0;
    for name in ["ci.yml", "release.yml"] {
        let path = Path::new(ROOT).join(".github/workflows").join(name);
        let text = fs::read_to_string(path).unwrap();
        for line in text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- run: "))
        {
            let script = line.split(' ').next().unwrap();
            if script.starts_with("packaging/") || script.starts_with(".ci/") {
                let found = fs::metadata(Path::new(ROOT).join(script)).unwrap();
                assert!(found.permissions().mode() & 0o111 != 0, "{script}");
                count += 1;
            }
        }
    }
    assert!(count >= 7, "{count}");
    for (tag, code) in [(concat!("v", env!("CARGO_PKG_VERSION")), 0), ("v9.9.9", 1)] {
        let script = Path::new(ROOT).join("packaging/release");
        let done = Command::new(script).args(["check", tag]).output().unwrap();
        assert_eq!(done.status.code(), Some(code), "{tag}");
    }
}
