//! Secrets from standard input: a command line would show them to others.

use std::io::{self, IsTerminal, Read};

use super::prompt;
use crate::connectors::SettingSpec;
use crate::error::{Error, Result};

/// A key has some forty characters; a longer text is not a key.
const MOST_KEY_BYTES: u64 = 4096;

/// Reads a secret from a file or a pipe, or as hidden input. `command`: what an example begins with, such as `add …`.
pub(super) fn read(spec: &SettingSpec, command: &str) -> Result<String> {
    if io::stdin().is_terminal() {
        return prompt::setting(spec, spec.question.unwrap_or(spec.key));
    }
    let mut text = String::new();
    let read = io::stdin()
        .lock()
        .take(MOST_KEY_BYTES + 1)
        .read_to_string(&mut text);
    read.map_err(|error| Error::config("La clé API ne peut pas être lue").because(error))?;
    if text.len() as u64 > MOST_KEY_BYTES {
        return Err(
            Error::config("L'entrée standard est trop longue pour une clé API").hint(format!(
                "Ne donnez que la clé : crmreco {command} --api-key-stdin < cle.txt"
            )),
        );
    }
    match text.trim() {
        "" => Err(
            Error::config("L'entrée standard est vide : aucune clé API").hint(format!(
                "Par exemple : crmreco {command} --api-key-stdin < cle.txt"
            )),
        ),
        key => Ok(key.to_owned()),
    }
}
