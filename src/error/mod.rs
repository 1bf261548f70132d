//! The library's only error type: a kind for programs to match on, a French message for people, the setting
//! concerned, and what to do next.
//!
//! A message contains no command and no flag because the history and the pages show it too. What to do is an
//! [`Advice`], which the command line and the pages each show in their own way.

mod advice;

use std::fmt;

use tracing::error;

pub use advice::Advice;

use crate::message;

/// The kind of an error; the command line maps each kind to one exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No such connector, or no such run.
    NotFound,
    /// A name is taken, or a setting is missing or invalid.
    Config,
    /// Another process is syncing that connector.
    Busy,
    /// The source is unreachable or unreadable, or refused access.
    Source,
    /// The source was read, but its data is not acceptable.
    Data,
    /// The database or the home folder failed.
    Store,
    /// Stopped by a signal (POSIX signal number).
    Stopped(i32),
}

/// The error of every fallible function of the library.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    setting: Option<&'static str>,
    advice: Vec<Advice>,
    #[source]
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Result with the library's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` with a `message` (French, one sentence, no final dot needed).
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            setting: None,
            advice: Vec::new(),
            cause: None,
        }
    }

    /// An [`ErrorKind::Config`] error.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// An [`ErrorKind::Source`] error.
    pub fn source_failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Source, message)
    }

    /// An [`ErrorKind::Data`] error.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// An [`ErrorKind::Store`] error.
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Store, message)
    }

    /// The error of a run stopped by signal number `signal`.
    pub fn stopped(signal: i32) -> Self {
        Self::new(
            ErrorKind::Stopped(signal),
            "Synchronisation interrompue : rien n'est resté à moitié fait",
        )
        .hint("Relancez-la : elle reprendra où il faut")
    }

    /// The error of setting `key`; `predicate` describes its value: `« 0 » n'est pas un nombre`.
    pub fn of_setting(key: &'static str, predicate: impl fmt::Display) -> Self {
        Self {
            setting: Some(key),
            ..Self::config(format!("{key} {predicate}"))
        }
    }

    /// Replaces the advice by a sentence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.advice = vec![Advice::Text(hint.into())];
        self
    }

    /// Adds an advice.
    #[must_use]
    pub fn advise(mut self, advice: Advice) -> Self {
        self.advice.push(advice);
        self
    }

    /// Adds a sentence to the advice.
    #[must_use]
    pub fn and_hint(self, more: &str) -> Self {
        self.advise(Advice::Text(more.to_owned()))
    }

    /// The error when the system cannot create a thread.
    pub fn no_thread(error: std::io::Error) -> Self {
        let what = "Le système n'a plus de fil d'exécution à donner : rien n'a été changé";
        Self::store(what)
            .hint("Fermez d'autres programmes")
            .advise(Advice::FewerAtOnce)
            .because(error)
    }

    /// Sets the lower-level cause.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// Puts `place` before the message, as in `ventes.csv : colonne manquante`.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place} : {}", self.message);
        self
    }

    /// Replaces the promise that nothing was changed by `kept`, which says what was kept.
    #[must_use]
    pub fn keeping(mut self, kept: &str) -> Self {
        const PROMISE: &str = " : rien n'a été changé";
        self.message = format!("{} ; {kept}", self.message.replace(PROMISE, ""));
        for advice in &mut self.advice {
            if let Advice::Text(text) = advice {
                *text = text.replace(PROMISE, "");
            }
        }
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the source caused the error, rather than the database or a signal.
    pub fn is_of_source(&self) -> bool {
        matches!(self.kind, ErrorKind::Source | ErrorKind::Data)
    }

    /// The key of the invalid setting, and the predicate about its value: a form shows the setting's label.
    pub fn setting(&self) -> Option<(&'static str, &str)> {
        let key = self.setting?;
        let (_, after) = self.message.split_once(key)?;
        Some((key, after.trim_start()))
    }

    /// What to do next, step by step.
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }

    /// Logs the error of a request for `connector`, or for none.
    pub fn log(&self, connector: Option<&str>) {
        let cause = self.cause.as_ref().map(ToString::to_string);
        error!(connector, kind = ?self.kind, error = self.full_text(), cause, "failed");
    }

    /// Message and advice on one line, as stored in the history: a long message is cut before the advice.
    pub fn full_text(&self) -> String {
        if self.advice.is_empty() {
            return message::cut_message(&self.message).into_owned();
        }
        let steps = self.advice.iter();
        let steps: Vec<String> = steps
            .map(|advice| advice.to_string().trim_end_matches('.').to_owned())
            .collect();
        let advice = steps.join(". ");
        let advice = message::cut(&advice, MOST_ADVICE_BYTES);
        let most = message::MOST_MESSAGE_BYTES - advice.len() - ". .".len();
        let message = message::cut(&self.message, most);
        format!("{}. {advice}.", message.trim_end_matches('.'))
    }
}

/// Bytes reserved for the advice beside a message.
const MOST_ADVICE_BYTES: usize = 1024;

/// Why a file of the home folder is not used; the cause of an [`std::io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// A pipe would keep the program waiting.
    #[error("ce n'est pas un fichier ordinaire")]
    NotAFile,
    /// Its owner could read what is written there, or choose what is read.
    #[error("il appartient à un autre compte de cette machine")]
    OfAnother,
}

impl From<Unusable> for std::io::Error {
    fn from(why: Unusable) -> Self {
        Self::other(why)
    }
}

/// A French description of an I/O error, without the system's English.
pub fn io_reason(error: &std::io::Error) -> String {
    use std::io;
    let cause = error.get_ref();
    if let Some(why) = cause.and_then(|cause| cause.downcast_ref::<Unusable>()) {
        return why.to_string();
    }
    match error.kind() {
        io::ErrorKind::NotFound => "introuvable".into(),
        io::ErrorKind::PermissionDenied => "accès refusé".into(),
        io::ErrorKind::StorageFull => "disque plein".into(),
        io::ErrorKind::ReadOnlyFilesystem => "disque en lecture seule".into(),
        io::ErrorKind::NotADirectory => "ce n'est pas un dossier".into(),
        io::ErrorKind::IsADirectory => "c'est un dossier".into(),
        io::ErrorKind::TimedOut => "délai dépassé".into(),
        io::ErrorKind::FileTooLarge => {
            "la taille permise d'un fichier est atteinte (ulimit -f)".into()
        }
        io::ErrorKind::AlreadyExists => "autre chose porte déjà ce nom".into(),
        io::ErrorKind::QuotaExceeded => "quota de disque atteint".into(),
        io::ErrorKind::StaleNetworkFileHandle => "le partage réseau a changé ou disparu".into(),
        _ => match system_reason(error) {
            Some(reason) => reason.into(),
            None => format!("erreur du système, {error}"),
        },
    }
}

/// Common failures without an `io::ErrorKind` of their own.
#[cfg(unix)]
fn system_reason(error: &std::io::Error) -> Option<&'static str> {
    match error.raw_os_error()? {
        libc::EIO => Some("le disque ou le partage ne répond pas comme il faut"),
        libc::EMFILE | libc::ENFILE => Some("trop de fichiers ouverts à la fois"),
        libc::ENOLCK => Some("ce disque ne prête pas de verrou"),
        libc::ELOOP => Some("le lien ramène à lui-même"),
        _ => None,
    }
}

#[cfg(not(unix))]
fn system_reason(_error: &std::io::Error) -> Option<&'static str> {
    None
}
