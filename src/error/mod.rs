//! The library's one error: a kind that a program can match on, a French message that a person can read, the setting
//! concerned, and what to do next.
//!
//! A message names no command and no flag: it is kept in the history and shown on pages too. What to do is an
//! [`Advice`], which the command line and the pages each show in their own way.

mod advice;

use std::fmt;

use tracing::error;

pub use advice::Advice;

use crate::message;

/// What sort of failure this is; the command line maps each kind to one exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No such connector, or no such run.
    NotFound,
    /// A name already taken, a setting missing or invalid.
    Config,
    /// Another process is syncing that connector.
    Busy,
    /// The source is unreachable, unreadable or refused us.
    Source,
    /// The source was read, but what it says cannot be accepted.
    Data,
    /// The database or the home folder failed us.
    Store,
    /// Stopped by a signal (its number, as POSIX counts them).
    Stopped(i32),
}

/// Every fallible function of the library returns this.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    message: String,
    setting: Option<&'static str>,
    advice: Vec<Advice>,
    #[source]
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` that says `message` (French, one sentence, no final dot needed).
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            setting: None,
            advice: Vec::new(),
            cause: None,
        }
    }

    /// A [`Kind::Config`] error.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// A [`Kind::Source`] error.
    pub fn source_failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Source, message)
    }

    /// A [`Kind::Data`] error.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Kind::Data, message)
    }

    /// A [`Kind::Store`] error.
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(Kind::Store, message)
    }

    /// The error of a run that signal number `signal` stopped.
    pub fn stopped(signal: i32) -> Self {
        Self::new(
            Kind::Stopped(signal),
            "Synchronisation interrompue : rien n'est resté à moitié fait",
        )
        .hint("Relancez la même commande, elle reprendra où il faut")
    }

    /// The error of setting `key`, whose value `predicate` describes: `« 0 » n'est pas un nombre`.
    pub fn of_setting(key: &'static str, predicate: impl fmt::Display) -> Self {
        Self {
            setting: Some(key),
            ..Self::config(format!("{key} {predicate}"))
        }
    }

    /// Says what the reader should do next, in place of what was said before.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.advice = vec![Advice::Text(hint.into())];
        self
    }

    /// Adds one more thing to do.
    #[must_use]
    pub fn advise(mut self, advice: Advice) -> Self {
        self.advice.push(advice);
        self
    }

    /// Adds one more thing to know or to do, in words.
    #[must_use]
    pub fn and_hint(self, more: &str) -> Self {
        self.advise(Advice::Text(more.to_owned()))
    }

    /// The system has no more threads to give.
    pub fn no_thread(error: std::io::Error) -> Self {
        let what = "Le système n'a plus de fil d'exécution à donner : rien n'a été changé";
        Self::store(what)
            .hint("Fermez d'autres programmes")
            .advise(Advice::FewerAtOnce)
            .because(error)
    }

    /// Keeps the lower-level error this one was made from.
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

    /// Says what was kept in spite of it, in the place of a promise that nothing was changed.
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

    /// What sort of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the source is at fault: not the database, not a signal.
    pub fn is_of_source(&self) -> bool {
        matches!(self.kind, Kind::Source | Kind::Data)
    }

    /// The setting that is wrong, and the predicate that says how: a form names it by its label.
    pub fn setting(&self) -> Option<(&'static str, &str)> {
        let key = self.setting?;
        let (_, after) = self.message.split_once(key)?;
        Some((key, after.trim_start()))
    }

    /// What to do next, step by step.
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }

    /// Says in the log what somebody who asked for `connector`, or for none, failed of.
    pub fn log(&self, connector: Option<&str>) {
        let cause = self.cause.as_ref().map(ToString::to_string);
        error!(connector, kind = ?self.kind, error = self.full_text(), cause, "failed");
    }

    /// Message and advice on one line, as the history keeps them: a long message does not cut off what to do.
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
        let said = message::cut(&self.message, most);
        format!("{}. {advice}.", said.trim_end_matches('.'))
    }
}

/// Bytes of the advice beside a message.
const MOST_ADVICE_BYTES: usize = 1024;

/// What an I/O failure means to a reader of French, without the system's English.
pub fn io_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "introuvable".into(),
        ErrorKind::PermissionDenied => "accès refusé".into(),
        ErrorKind::StorageFull => "disque plein".into(),
        ErrorKind::ReadOnlyFilesystem => "disque en lecture seule".into(),
        ErrorKind::NotADirectory => "ce n'est pas un dossier".into(),
        ErrorKind::IsADirectory => "c'est un dossier".into(),
        ErrorKind::TimedOut => "délai dépassé".into(),
        ErrorKind::FileTooLarge => "la taille permise d'un fichier est atteinte (ulimit -f)".into(),
        ErrorKind::AlreadyExists => "autre chose porte déjà ce nom".into(),
        ErrorKind::QuotaExceeded => "quota de disque atteint".into(),
        ErrorKind::StaleNetworkFileHandle => "le partage réseau a changé ou disparu".into(),
        _ => match system_reason(error) {
            Some(reason) => reason.into(),
            None => format!("erreur du système, {error}"),
        },
    }
}

/// Of the failures that have no kind of their own, those that are met.
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
