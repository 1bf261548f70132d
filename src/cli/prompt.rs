//! Questions on the terminal, in French.

use dialoguer::theme::ColorfulTheme;
use dialoguer::{Input, Password, Select};

use crate::connectors::{ConnectorKind, KINDS, SettingSpec};
use crate::error::{Error, Result};

/// Asks for the type of connector.
pub(super) fn kind() -> Result<&'static ConnectorKind> {
    let labels: Vec<&str> = KINDS.iter().map(|kind| kind.label).collect();
    let chosen = Select::with_theme(&ColorfulTheme::default())
        .with_prompt("Type de connecteur")
        .items(&labels)
        .default(0)
        .interact()
        .map_err(unanswered)?;
    KINDS
        .get(chosen)
        .ok_or_else(|| Error::config("Aucun type de connecteur choisi"))
}

/// Asks for the name of a connector.
pub(super) fn name() -> Result<String> {
    let theme = ColorfulTheme::default();
    let input = Input::<String>::with_theme(&theme);
    let input = input.with_prompt("Nom du connecteur (par exemple isavigne_prod)");
    input.interact_text().map_err(unanswered)
}

/// Asks for the value of a setting; the input of a secret is hidden.
pub(super) fn setting(spec: &SettingSpec, question: &str) -> Result<String> {
    let theme = ColorfulTheme::default();
    if spec.is_secret {
        let input = Password::with_theme(&theme).with_prompt(question);
        return input.interact().map_err(unanswered);
    }
    let mut input = Input::<String>::with_theme(&theme).with_prompt(question);
    if let Some(default) = spec.default {
        input = input.default(default.to_owned());
    }
    input.interact_text().map_err(unanswered)
}

/// Asks for the value of a setting that is `value` today, or its default when it is not set. An empty answer to a
/// secret keeps it.
pub(super) fn changed(spec: &SettingSpec, question: &str, value: Option<&str>) -> Result<String> {
    let theme = ColorfulTheme::default();
    if spec.is_secret {
        let question = format!("{question}, vide pour garder celle d'aujourd'hui");
        let input = Password::with_theme(&theme).with_prompt(question);
        return input
            .allow_empty_password(true)
            .interact()
            .map_err(unanswered);
    }
    let input = Input::<String>::with_theme(&theme).with_prompt(question);
    let today = value.or(spec.default).unwrap_or_default();
    let input = input.with_initial_text(today).allow_empty(true);
    input.interact_text().map_err(unanswered)
}

/// Asks a yes/no question, in French; the default is no.
pub(super) fn confirm(question: &str) -> Result<bool> {
    yes_or_no(question, "n")
}

/// Asks a yes/no question, in French; the default is yes.
pub(super) fn agree(question: &str) -> Result<bool> {
    yes_or_no(question, "o")
}

fn yes_or_no(question: &str, default: &str) -> Result<bool> {
    let answer: String = Input::with_theme(&ColorfulTheme::default())
        .with_prompt(format!("{question} (o/n)"))
        .default(default.to_owned())
        .show_default(false)
        .interact_text()
        .map_err(unanswered)?;
    Ok(["o", "oui"].contains(&answer.trim().to_lowercase().as_str()))
}

fn unanswered(error: dialoguer::Error) -> Error {
    Error::config("Question restée sans réponse : rien n'a été changé").because(error)
}
