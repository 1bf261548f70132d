use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// Interface of both implementations.
trait Opens: Sized {
    fn of(path: &Path) -> Self;
    fn count(&self, path: &Path) -> usize;
    fn kind(&self, path: &Path, name: &str) -> std::result::Result<EntryKind, Denied>;
    fn content(&self, path: &Path, name: &str) -> std::result::Result<String, Denied>;
}

macro_rules! opens {
    ($handle:ty) => {
        impl Opens for $handle {
            fn of(path: &Path) -> Self {
                Self::open(path).unwrap()
            }

            fn count(&self, path: &Path) -> usize {
                self.names(path).unwrap().len()
            }

            fn kind(&self, path: &Path, name: &str) -> std::result::Result<EntryKind, Denied> {
                self.look(path, OsStr::new(name)).map(|entry| entry.kind)
            }

            fn content(&self, path: &Path, name: &str) -> std::result::Result<String, Denied> {
                let mut content = String::new();
                let mut file = self.file(path, OsStr::new(name))?;
                file.read_to_string(&mut content)?;
                Ok(content)
            }
        }
    };
}

opens!(unix::Handle);
opens!(portable::Handle);

/// A folder with a file, a folder, and links to both, to nothing and to the outside.
fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("exports");
    fs::create_dir_all(folder.join("archive")).unwrap();
    fs::write(folder.join("a.csv"), "a").unwrap();
    fs::write(folder.join("archive/b.csv"), "b").unwrap();
    fs::write(root.path().join("secret.csv"), "secret").unwrap();
    symlink(root.path(), folder.join("archive/up")).unwrap();
    for (name, to) in [
        ("to_a", "a.csv".into()),
        ("to_link", "to_a".into()),
        ("to_b", "archive/b.csv".into()),
        ("to_b_in_full", folder.join("archive/b.csv")),
        ("to_folder", ".".into()),
        ("to_itself", "to_itself".into()),
        ("to_nothing", "nothing".into()),
        ("out", "../secret.csv".into()),
        ("out_in_full", root.path().join("secret.csv")),
        (
            "out_by_folder",
            Path::new("archive/up/secret.csv").to_owned(),
        ),
    ] {
        symlink(to, folder.join(name)).unwrap();
    }
    root
}

fn assert_opens<H: Opens>() {
    let root = folder();
    let path = root.path().join("exports");
    let handle = H::of(&path);
    assert_eq!(handle.count(&path), 12);
    for (name, content) in [
        ("a.csv", "a"),
        ("to_a", "a"),
        ("to_link", "a"),
        ("to_b", "b"),
        ("to_b_in_full", "b"),
    ] {
        assert_eq!(handle.kind(&path, name).unwrap(), EntryKind::File, "{name}");
        assert_eq!(handle.content(&path, name).unwrap(), content, "{name}");
    }
    for name in ["archive", "to_folder"] {
        assert_eq!(
            handle.kind(&path, name).unwrap(),
            EntryKind::Folder,
            "{name}"
        );
        assert!(handle.content(&path, name).is_err(), "{name}");
    }
    for name in ["to_itself", "to_nothing", "nothing"] {
        let found = handle.kind(&path, name);
        assert!(matches!(found, Err(Denied::Io(_))), "{name}: {found:?}");
        assert!(handle.content(&path, name).is_err(), "{name}");
    }
    for name in ["out", "out_in_full", "out_by_folder"] {
        let found = handle.kind(&path, name);
        assert!(matches!(found, Err(Denied::Outside)), "{name}: {found:?}");
        let opened = handle.content(&path, name);
        assert!(matches!(opened, Err(Denied::Outside)), "{name}: {opened:?}");
    }
}

#[test]
fn links_are_followed_within_the_folder() {
    assert_opens::<unix::Handle>();
}

#[test]
fn links_are_followed_within_the_folder_without_its_handle_too() {
    assert_opens::<portable::Handle>();
}

#[test]
fn a_folder_swapped_for_a_link_leads_nowhere_else() {
    let root = folder();
    let path = root.path().join("exports");
    let handle = unix::Handle::of(&path);
    fs::rename(&path, root.path().join("away")).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("a.csv"), "another").unwrap();
    assert_eq!(handle.content(&path, "a.csv").unwrap(), "a");
}

#[test]
fn a_pipe_keeps_nobody_waiting() {
    let root = folder();
    let path = root.path().join("exports");
    let made = std::process::Command::new("mkfifo")
        .arg(path.join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let handle = unix::Handle::of(&path);
    assert_eq!(handle.kind(&path, "pipe").unwrap(), EntryKind::Other);
    assert!(matches!(
        handle.content(&path, "pipe"),
        Err(Denied::NotAFile)
    ));
}

#[test]
fn reads_end_once_somebody_asks_to_stop() {
    let root = folder();
    let stop = Stop::default();
    let folder = ExportFolder::open(&root.path().join("exports"), &stop).unwrap();
    let mut file = folder.file(OsStr::new("a.csv")).unwrap();
    assert_eq!(file.read(&mut [0; 8]).unwrap(), 1);
    stop.flag().store(15, std::sync::atomic::Ordering::Relaxed);
    let error = unreadable(file.read(&mut [0; 8]).unwrap_err());
    assert_eq!(error.kind(), crate::error::ErrorKind::Stopped(15));
}
