//! Reads and edits a `.env` file so that `dotenvy` reads back exactly what was written.
//!
//! The file belongs to its owner: comments, blank lines and foreign variables keep every byte, including line ends
//! and byte-order mark. The grammar is `dotenvy`'s own; a line that it refuses is read as a person means it, if it has
//! one meaning ([`meant`]). A line without any does not keep the others from being read.
//!
//! Two properties of `dotenvy` 0.15:
//! - A variable assigned twice is yielded twice. Here the last assignment wins, whereas `dotenvy::dotenv()`
//!   keeps the first. [`EnvFile::set`] leaves one assignment, which all readers understand alike.
//! - It replaces an unescaped `$NAME` of a hand-written line by the process environment, then by the lines above, and
//!   by an empty text when it is unknown. Values written here are escaped and never replaced.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use layout::Layout;
use replace::{parent, remove_leftovers, write_atomically};
use tracing::info;

use crate::error::{Error, io_reason};
use crate::home;

mod layout;
mod line_feed;
mod meant;
mod replace;

/// An error of a `.env` file. No message shows a value or a line: either may be a secret.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum EnvFileError {
    /// The file exists but could not be read.
    #[error("lecture de {} impossible : {}", path.display(), io_reason(source))]
    Read { path: PathBuf, source: io::Error },
    /// The new file could not be written; the old one is unchanged.
    #[error("écriture de {} impossible (l'ancien fichier est intact) : {}", path.display(), io_reason(source))]
    Write { path: PathBuf, source: io::Error },
    /// A line is not an assignment, or a quote is not closed.
    #[error(
        "{}, ligne {line} : ni commentaire, ni affectation NOM=valeur lisible (guillemets à fermer ?)",
        path.display()
    )]
    Unparsable { path: PathBuf, line: usize },
    /// A line is not valid UTF-8.
    #[error("{}, ligne {line} : texte qui n'est pas en UTF-8 (fichier à enregistrer en UTF-8)", path.display())]
    NotUtf8 { path: PathBuf, line: usize },
    /// A variable name that a `.env` file cannot contain.
    #[error(
        "nom de variable « {name} » refusé : lettres sans accent, chiffres, « _ » et « . » attendus, sans chiffre au début"
    )]
    InvalidName { name: String },
    /// A value that a `.env` file or the environment cannot contain.
    #[error(
        "valeur de {name} refusée : elle contient un caractère nul, qu'un fichier .env ne peut pas porter"
    )]
    InvalidValue { name: String },
    /// Another process has locked the folder; nothing was written.
    #[error(
        "{} est tenu par un autre programme{} : rien n'a été changé",
        path.display(), holder.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default()
    )]
    Locked {
        path: PathBuf,
        holder: Option<String>,
    },
    /// The edited text would not yield the value; nothing was written.
    #[error("valeur de {name} refusée : elle serait relue autrement ({} est intact)", path.display())]
    NotReadBack { path: PathBuf, name: String },
}

impl From<EnvFileError> for Error {
    fn from(error: EnvFileError) -> Self {
        let message = error.to_string();
        match error {
            EnvFileError::Read { .. } | EnvFileError::Write { .. } => Self::store(message)
                .hint("Vérifiez les droits sur ce fichier et son dossier, et la place libre"),
            EnvFileError::Locked { .. } => Self::store(message)
                .hint("Attendez qu'il ait fini, ou arrêtez-le, puis recommencez"),
            EnvFileError::Unparsable { .. } | EnvFileError::NotUtf8 { .. } => {
                Self::config(message).hint("Corrigez cette ligne dans un éditeur de texte")
            }
            _ => Self::config(message),
        }
        .because(error)
    }
}

/// A `.env` file at a given path; it need not exist yet.
#[derive(Debug, Clone)]
pub struct EnvFile {
    path: PathBuf,
}

/// A text to write, and how many lines it sets and removes.
struct Rewritten {
    text: String,
    set: usize,
    removed: usize,
}

impl EnvFile {
    /// A handle for the file at `path`; reads and writes nothing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path as given, possibly a symbolic link.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every variable with its last value; empty when there is no file. Lines that cannot be read are left out.
    ///
    /// # Errors
    /// [`EnvFileError::Read`] or [`EnvFileError::NotUtf8`].
    pub fn read(&self) -> Result<BTreeMap<String, String>, EnvFileError> {
        Ok(Layout::of(&self.text()?).values())
    }

    /// The lines that cannot be read: number, counted from 1, and what stands where the variable should.
    ///
    /// # Errors
    /// Same as [`EnvFile::read`].
    pub fn unreadable_lines(&self) -> Result<Vec<(usize, String)>, EnvFileError> {
        Ok(Layout::of(&self.text()?).refused())
    }

    /// The error of a line that cannot be read.
    #[must_use]
    pub fn unparsable(&self, line: usize) -> EnvFileError {
        EnvFileError::Unparsable {
            path: self.path.clone(),
            line,
        }
    }

    /// Sets variables: the line of an existing variable is replaced in its position (with its `export` and trailing
    /// comment), new ones are appended in the given order, under `block_comment`.
    ///
    /// # Errors
    /// [`EnvFileError::InvalidName`], [`EnvFileError::InvalidValue`], the errors of [`EnvFile::read`],
    /// [`EnvFileError::NotReadBack`] or [`EnvFileError::Write`]. The old file is unchanged in every case.
    pub fn set(
        &self,
        block_comment: Option<&str>,
        assignments: &[(String, String)],
    ) -> Result<(), EnvFileError> {
        self.set_if(block_comment, assignments, |_| true).map(drop)
    }

    /// Like [`EnvFile::set`], if `suits` accepts the current variables; returns whether it did. The file is locked in
    /// between.
    ///
    /// # Errors
    /// Same as [`EnvFile::set`].
    pub fn set_if(
        &self,
        block_comment: Option<&str>,
        assignments: &[(String, String)],
        suits: impl FnOnce(BTreeMap<String, String>) -> bool,
    ) -> Result<bool, EnvFileError> {
        check_assignments(assignments)?;
        self.rewrite(|old| {
            let values = Layout::of(old).values();
            if !suits(values.clone()) {
                return Ok(None);
            }
            let text = Layout::of(old).with(block_comment, assignments, |_| false);
            self.check_reads_back(old, &text, &with_values(values, assignments))?;
            Ok(Some(Rewritten {
                text,
                set: assignments.len(),
                removed: 0,
            }))
        })
    }

    /// Sets `assignments` and removes the variables that `is_unset` accepts, in one step. New variables follow the
    /// existing ones that `is_neighbour` accepts; where there are none, nothing is changed. Returns whether there are.
    ///
    /// # Errors
    /// Same as [`EnvFile::set`].
    pub fn change(
        &self,
        assignments: &[(String, String)],
        is_unset: impl Fn(&str) -> bool,
        is_neighbour: impl Fn(&str) -> bool,
    ) -> Result<bool, EnvFileError> {
        check_assignments(assignments)?;
        self.rewrite(|old| {
            let mut values = Layout::of(old).values();
            if !values.keys().any(|name| is_neighbour(name)) {
                return Ok(None);
            }
            values.retain(|name, _| !is_unset(name));
            let with = Layout::of(old).with(None, assignments, is_neighbour);
            let (text, removed) = Layout::of(&with).without(None, is_unset);
            self.check_reads_back(old, &text, &with_values(values, assignments))?;
            Ok(Some(Rewritten {
                text,
                set: assignments.len(),
                removed: removed.len(),
            }))
        })
    }

    /// Gives variables other names, and sets or removes those of `more` beside them (`None` removes), in one step.
    /// `renamed` gives the new name of a variable; the comment `from` that [`EnvFile::set`] wrote above them becomes
    /// `to`. Nothing is changed unless `suits` accepts the current variables; returns whether it did.
    ///
    /// # Errors
    /// Same as [`EnvFile::set`].
    pub fn rename(
        &self,
        (from, to): (&str, &str),
        renamed: impl Fn(&str) -> Option<String>,
        more: &[(String, Option<String>)],
        suits: impl FnOnce(&BTreeMap<String, String>) -> bool,
    ) -> Result<bool, EnvFileError> {
        let is_removed = |name: &str| {
            let mut removed = more.iter().filter(|(_, value)| value.is_none());
            removed.any(|(one, _)| one == name)
        };
        let set = more.iter();
        let set: Vec<(String, String)> = set
            .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
            .collect();
        self.rewrite(|old| {
            let values = Layout::of(old).values();
            if !suits(&values) {
                return Ok(None);
            }
            let mut expected = BTreeMap::new();
            let mut new_names = Vec::new();
            for (name, value) in values {
                let new = renamed(&name);
                new_names.extend(new.clone());
                expected.insert(new.unwrap_or(name), value);
            }
            expected.retain(|name, _| !is_removed(name));
            let text = Layout::of(old).renamed((from, to), &renamed);
            let is_neighbour = |name: &str| new_names.iter().any(|new| new == name);
            let text = Layout::of(&text).with(None, &set, is_neighbour);
            let (text, removed) = Layout::of(&text).without(None, is_removed);
            self.check_reads_back("", &text, &with_values(expected, &set))?;
            Ok(Some(Rewritten {
                text,
                set: new_names.len() + set.len(),
                removed: removed.len(),
            }))
        })
    }

    /// Removes the assignments whose variable `is_ours` accepts, and the `block_comment` that [`EnvFile::set`] wrote
    /// above them; returns the removed variables. A file without any is not written.
    ///
    /// # Errors
    /// The errors of [`EnvFile::read`], or [`EnvFileError::Write`]. The old file is unchanged in every case.
    pub fn remove(
        &self,
        block_comment: Option<&str>,
        is_ours: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, EnvFileError> {
        let mut removed = Vec::new();
        self.rewrite(|old| {
            let (text, names) = Layout::of(old).without(block_comment, is_ours);
            removed = names;
            Ok((!removed.is_empty()).then_some(Rewritten {
                text,
                set: 0,
                removed: removed.len(),
            }))
        })?;
        Ok(removed)
    }

    /// Replaces the text by what `change` makes of it, under the lock of the folder; returns whether it made
    /// anything. An equal text is not written.
    fn rewrite(
        &self,
        change: impl FnOnce(&str) -> Result<Option<Rewritten>, EnvFileError>,
    ) -> Result<bool, EnvFileError> {
        let lock = self.lock()?;
        let old = self.text()?;
        let Some(new) = change(&old)? else {
            return Ok(false);
        };
        if new.text != old || !self.path.exists() {
            self.replace(&new.text, lock.as_ref())?;
            info!(
                path = self.path.display().to_string(),
                set = new.set,
                removed = new.removed,
                "settings rewritten"
            );
        }
        Ok(true)
    }

    fn text(&self) -> Result<String, EnvFileError> {
        let bytes = match read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                return Err(EnvFileError::Read {
                    path: self.path.clone(),
                    source,
                });
            }
        };
        String::from_utf8(bytes).map_err(|error| {
            let valid = error
                .as_bytes()
                .iter()
                .take(error.utf8_error().valid_up_to());
            EnvFileError::NotUtf8 {
                path: self.path.clone(),
                line: 1 + valid.filter(|byte| **byte == b'\n').count(),
            }
        })
    }

    /// Parses the text about to be written, and compares all its values. A value of the old text that refers to
    /// another variable may change with it: then only the others are compared.
    fn check_reads_back(
        &self,
        old: &str,
        new: &str,
        wanted: &BTreeMap<String, String>,
    ) -> Result<(), EnvFileError> {
        let values = Layout::of(new).values();
        let before = Layout::of(old).values();
        let may_differ = |name: &String| old.contains('$') && before.get(name) == wanted.get(name);
        let lost = wanted
            .iter()
            .find(|(name, value)| values.get(*name) != Some(*value) && !may_differ(name));
        let added = || values.keys().find(|name| !wanted.contains_key(*name));
        match lost.map(|(name, _)| name).or_else(added) {
            None => Ok(()),
            Some(name) => Err(EnvFileError::NotReadBack {
                path: self.path.clone(),
                name: name.clone(),
            }),
        }
    }

    /// Prevents two commands from editing at once and losing one edit. The lock is on the folder and leaves no file;
    /// where folders cannot be locked (Windows, some network drives) there is no lock. Any process that can open the
    /// folder can lock it too: the wait is limited to a few seconds.
    fn lock(&self) -> Result<Option<File>, EnvFileError> {
        let folder = home::linked(&self.path).and_then(|path| File::open(parent(&path)));
        let Ok(folder) = folder else {
            return Ok(None);
        };
        match home::lock(&folder) {
            Ok(true) => Ok(Some(folder)),
            Ok(false) => Err(EnvFileError::Locked {
                path: parent(&self.path).to_owned(),
                holder: home::holder(&folder),
            }),
            Err(_) => Ok(None),
        }
    }

    /// Replaces the file atomically: a full temporary file beside the old one, then a rename.
    fn replace(&self, text: &str, lock: Option<&File>) -> Result<(), EnvFileError> {
        let replaced = home::linked(&self.path).and_then(|target| {
            // Under the lock no other process writes one.
            if lock.is_some() {
                remove_leftovers(parent(&target));
            }
            write_atomically(&target, text)
        });
        replaced.map_err(|source| EnvFileError::Write {
            path: self.path.clone(),
            source,
        })
    }
}

/// The content of the file at `path`, which must be ours: another account could choose where keys are sent.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    home::open_ours(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `values` with those of `assignments`.
fn with_values(
    mut values: BTreeMap<String, String>,
    assignments: &[(String, String)],
) -> BTreeMap<String, String> {
    values.extend(assignments.iter().cloned());
    values
}

fn check_assignments(assignments: &[(String, String)]) -> Result<(), EnvFileError> {
    for (name, value) in assignments {
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts_well
            || !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
        {
            return Err(EnvFileError::InvalidName { name: name.clone() });
        }
        if value.contains('\0') {
            return Err(EnvFileError::InvalidValue { name: name.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use proptest::prelude::*;

    fn owned(assignments: &[(&str, &str)]) -> Vec<(String, String)> {
        assignments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn file_with(text: &[u8]) -> (tempfile::TempDir, EnvFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, text).unwrap();
        (folder, EnvFile::new(path))
    }

    #[test]
    fn no_file_reads_as_no_variable() {
        let folder = tempfile::tempdir().unwrap();
        let file = EnvFile::new(folder.path().join(".env"));
        assert!(file.read().unwrap().is_empty());
        assert!(file.remove(None, |_| true).unwrap().is_empty());
        assert!(!file.path().exists());
    }

    #[test]
    fn the_last_assignment_wins_and_the_environment_is_substituted() {
        let (_folder, file) = file_with(b"\xef\xbb\xbfA=1\nA=2\nB=${A}x\nP=$PATH");
        let values = file.read().unwrap();
        assert_eq!(values["A"], "2");
        assert_eq!(values["B"], "2x");
        assert_eq!(values["P"], std::env::var("PATH").unwrap());
    }

    #[test]
    fn an_unreadable_line_is_named_without_its_text_and_the_others_are_read() {
        let text = "A=1\n# x\nKEY=\"s3cret\nB=b c\n";
        let (_folder, file) = file_with(text.as_bytes());
        let expected = [("A", "1"), ("B", "b c")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(file.read().unwrap(), BTreeMap::from(expected));
        assert_eq!(file.unreadable_lines().unwrap(), [(3, "KEY".to_owned())]);
        let error = file.unparsable(3);
        assert!(!format!("{error} {error:?}").contains("s3cret"));
        file.set(None, &owned(&[("A", "2")])).unwrap();
        let new = fs::read_to_string(file.path()).unwrap();
        assert_eq!(new, text.replace("A=1", "A=2"));
        let (_folder, latin) = file_with(b"A=1\nB=\xe9\n");
        assert!(matches!(
            latin.read(),
            Err(EnvFileError::NotUtf8 { line: 2, .. })
        ));
    }

    #[test]
    fn settings_change_in_one_step_beside_their_neighbours() {
        let text = "# top\n\n# b\nB1=1\nB2=2 # two\n\nC=$B1\n";
        let (_folder, file) = file_with(text.as_bytes());
        let near = |name: &str| name.starts_with('B');
        let changes = owned(&[("B1", "9 9"), ("B3", "3")]);
        assert!(file.change(&changes, |name| name == "B2", near).unwrap());
        assert_eq!(
            fs::read_to_string(file.path()).unwrap(),
            "# top\n\n# b\nB1=\"9 9\"\nB3=3\n\nC=$B1\n"
        );
        let far = |name: &str| name.starts_with('X');
        assert!(!file.change(&changes, |_| false, far).unwrap());
    }

    #[test]
    fn a_rename_keeps_every_value_or_the_file() {
        let renamed = |name: &str| Some("N".to_owned() + name.strip_prefix('B')?);
        let (_folder, file) = file_with(b"A=1\n\n# b\nB1='x y'\nB2=l'a b\nB3=\"\n");
        let more = [("FROM".to_owned(), Some("b".to_owned()))];
        assert!(file.rename(("b", "n"), renamed, &more, |_| true).unwrap());
        assert_eq!(
            fs::read_to_string(file.path()).unwrap(),
            "A=1\n\n# n\nN1='x y'\nN2=l'a b\nFROM=b\nN3=\"\n"
        );
        let (_folder, file) = file_with(b"B1=x\nA=$B1\n");
        let error = file.rename(("b", "n"), renamed, &[], |_| true).unwrap_err();
        assert!(matches!(error, EnvFileError::NotReadBack { .. }));
        assert_eq!(fs::read(file.path()).unwrap(), b"B1=x\nA=$B1\n");
        assert!(!file.rename(("b", "n"), renamed, &[], |_| false).unwrap());
    }

    #[test]
    fn what_cannot_be_carried_is_refused() {
        let (_folder, file) = file_with(b"A=1\n");
        for name in ["", "1A", "A-B", "É", "A B", "A=B", ".A"] {
            assert!(
                matches!(
                    file.set(None, &owned(&[(name, "x")])),
                    Err(EnvFileError::InvalidName { .. })
                ),
                "{name}"
            );
        }
        assert!(matches!(
            file.set(None, &owned(&[("A", "x\0")])),
            Err(EnvFileError::InvalidValue { .. })
        ));
        assert_eq!(fs::read(file.path()).unwrap(), b"A=1\n");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it_and_nothing_is_left_beside() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, file) = file_with(b"A=1\n");
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        file.set(None, &owned(&[("A", "2")])).unwrap();
        assert_eq!(
            fs::metadata(file.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        let link = folder.path().join(".env");
        // The target does not exist yet.
        symlink("real/secrets", &link).unwrap();
        let file = EnvFile::new(&link);
        for value in ["1", "2"] {
            file.set(None, &owned(&[("A", value)])).unwrap();
            assert!(link.is_symlink());
            assert_eq!(
                fs::read_to_string(folder.path().join("real/secrets")).unwrap(),
                format!("A={value}\n")
            );
        }
        fs::remove_file(&link).unwrap();
        symlink(".env", &link).unwrap();
        assert!(matches!(
            file.set(None, &owned(&[("A", "3")])),
            Err(EnvFileError::Read { .. } | EnvFileError::Write { .. })
        ));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = EnvFile::new(folder.path().join("none/.env"));
        assert!(matches!(
            file.set(None, &owned(&[("A", "1")])),
            Err(EnvFileError::Write { .. })
        ));
    }

    #[test]
    fn edits_at_the_same_time_are_all_kept() {
        let (_folder, file) = file_with(b"");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let file = &file;
                scope.spawn(move || {
                    file.set(None, &[(format!("V{writer}"), "x".to_owned())])
                        .unwrap();
                });
            }
        });
        assert_eq!(file.read().unwrap().len(), 8);
    }

    /// Foreign lines.
    const FOREIGN: [&str; 16] = [
        "# l'accent, \"un guillemet",
        "",
        "   ",
        "OTHER=plain",
        "export OTHER2='single $HOME'",
        "OTHER3=\"several\nlines # no comment\n\"",
        "OTHER4 = x # it's",
        "OTHER5=$OTHER",
        "OTHER=twice",
        "OTHER6=a\\ b",
        "  OTHER7=é",
        "OTHER8=Mes exports # of mine",
        "OTHER9=l'export",
        "OTHER10='never closed",
        "OTHER11=\"never closed",
        "no assignment",
    ];

    #[derive(Debug, Clone)]
    enum Edit {
        Set(u8, String),
        Remove(u8),
    }

    fn value() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(vec![
            " ", "#", " #", "'", "\"", "$", "${A}", "\\", "\\n", "\n", "\r\n", "\r", "é",
            "export ", "=", "\t", "`",
        ]);
        prop_oneof![
            prop::collection::vec(nasty, 0..8).prop_map(|parts| parts.concat()),
            "[^\0]{0,12}"
        ]
    }

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let edit = prop_oneof![3 => (0..4u8, value()).prop_map(|(n, v)| Edit::Set(n, v)), 1 => (0..4u8).prop_map(Edit::Remove)];
        prop::collection::vec(edit, 1..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_edits_read_back_and_spare_the_other_lines(
            lines in prop::collection::vec(prop::sample::select(&FOREIGN[..]), 0..6),
            (bom, crlf, ended, comment) in any::<(bool, bool, bool, bool)>(),
            edits in edits(),
        ) {
            let mut text = lines.join("\n");
            if ended && !text.is_empty() { text.push('\n'); }
            if crlf { text = text.replace('\n', "\r\n"); }
            if bom { text.insert(0, '\u{feff}'); }
            let (_folder, file) = file_with(text.as_bytes());
            let foreign = file.read().unwrap();
            let mut expected = foreign.clone();
            for edit in &edits {
                match edit {
                    Edit::Set(n, value) => {
                        let name = format!("MINE_{n}");
                        file.set(comment.then_some("mine"), &[(name.clone(), value.clone())]).unwrap();
                        expected.insert(name, value.clone());
                    }
                    Edit::Remove(n) => {
                        let name = format!("MINE_{n}");
                        file.remove(comment.then_some("mine"), |each| each == name).unwrap();
                        expected.remove(&name);
                    }
                }
                prop_assert_eq!(&file.read().unwrap(), &expected);
                // The other lines come first, byte for byte; at most a missing line end was added.
                prop_assert!(fs::read_to_string(file.path()).unwrap().starts_with(&text));
            }
            let removed = file.remove(comment.then_some("mine"), |name| name.starts_with("MINE_")).unwrap();
            prop_assert_eq!(removed.len(), expected.len() - foreign.len());
            let left = fs::read_to_string(file.path()).unwrap();
            let rest = left.strip_prefix(&text).unwrap();
            prop_assert!(rest.is_empty() || (!text.ends_with('\n') && ["\n", "\r\n"].contains(&rest)), "{:?}", rest);
        }
    }
}
