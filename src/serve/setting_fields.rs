//! The settings of a connector in the fields of a form, and what is wrong with them, in the form's words.

use std::path::Path;

use super::advice;
use super::fields::Fields;
use super::pages::FormError;
use crate::connectors::{ConnectorKind, FormField, Input, SettingSpec, Settings};
use crate::error::Error;
use crate::registry::Changes;

/// Why settings were refused, and the invalid field, if it is one field.
pub(super) struct Fault {
    field: Option<String>,
    pub(super) error: Error,
    kind: Option<&'static ConnectorKind>,
}

impl Fault {
    pub(super) fn at(field: &str, error: Error) -> Self {
        Self {
            field: Some(field.to_owned()),
            error,
            kind: None,
        }
    }

    /// An error of the settings of a connector of type `kind`.
    pub(super) fn of(kind: &'static ConnectorKind, error: Error) -> Self {
        Self {
            field: None,
            error,
            kind: Some(kind),
        }
    }

    /// Replaces the key of a setting, which the library uses, by the label of its field.
    pub(super) fn in_words_of_form(&self) -> FormError {
        let mut message = self.error.to_string();
        let mut field = self.field.clone();
        let settings = self.kind.map_or(&[][..], |kind| kind.settings);
        if let Some((key, predicate)) = self.error.setting()
            && let Some(spec) = settings.iter().find(|spec| spec.key == key)
            && let Some(own) = &spec.field
        {
            message = format!("{} {predicate}", own.label);
            field = Some(spec.field_name());
        }
        FormError {
            field,
            message,
            advice: advice::on_page(self.error.advice()),
        }
    }
}

/// An error without an invalid field.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            field: None,
            error,
            kind: None,
        }
    }
}

/// The settings of a new connector in a form. Fields of other types of connector are ignored.
pub(super) fn settings(kind: &'static ConnectorKind, fields: &Fields) -> Result<Settings, Fault> {
    let mut settings = Settings::default();
    for (spec, field) in in_form(kind) {
        let value = if spec.is_required {
            Some(required(fields, &spec.field_name(), field.label)?)
        } else {
            fields.get(&spec.field_name()).or(spec.default)
        };
        // What few need is written where it says something.
        let value = value.filter(|value| !spec.is_advanced || spec.default != Some(*value));
        if let Some(value) = value {
            check_folder(spec, field, value)?;
            settings.insert(spec.key.to_owned(), value.to_owned());
        }
    }
    Ok(settings)
}

/// What a form changes of the settings `old`. An empty secret stays as it is; settings that the form does not show
/// stay too.
pub(super) fn changes(
    kind: &'static ConnectorKind,
    old: &Settings,
    fields: &Fields,
) -> Result<Changes, Fault> {
    let mut changes = Changes::default();
    for (spec, field) in in_form(kind) {
        let name = spec.field_name();
        let value = match fields.get(&name) {
            None if spec.is_secret => {
                check_addressee(kind, old, fields, &name, field)?;
                continue;
            }
            None if spec.is_required => return Err(missing(&name, field.label)),
            value => value.or(spec.default),
        };
        let value = value.filter(|value| !spec.is_advanced || spec.default != Some(*value));
        match value {
            Some(value) => {
                check_folder(spec, field, value)?;
                changes.set.insert(spec.key.to_owned(), value.to_owned());
            }
            None if old.contains_key(spec.key) => changes.unset.push(spec.key.to_owned()),
            None => {}
        }
    }
    Ok(changes)
}

/// The settings `old` with `changes`.
pub(super) fn changed(old: &Settings, changes: &Changes) -> Settings {
    let mut new = old.clone();
    new.retain(|key, _| !changes.unset.contains(key));
    new.extend(
        changes
            .set
            .iter()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    new
}

/// The settings as the fields of a form, without secrets.
pub(super) fn fields_of(kind: &ConnectorKind, settings: &Settings) -> Fields {
    let shown = settings.iter().filter(|(key, _)| !kind.is_secret(key));
    let pairs = shown.map(|(key, value)| (key.to_ascii_lowercase(), kind.shown(key, value)));
    Fields::of_pairs(pairs.collect())
}

/// The value of a field that must not be empty.
pub(super) fn required<'f>(fields: &'f Fields, name: &str, label: &str) -> Result<&'f str, Fault> {
    fields.get(name).ok_or_else(|| missing(name, label))
}

fn missing(name: &str, label: &str) -> Fault {
    Fault::at(name, Error::config(format!("Il manque : {label}")))
}

fn in_form(
    kind: &'static ConnectorKind,
) -> impl Iterator<Item = (&'static SettingSpec, &'static FormField)> {
    let specs = kind.settings.iter();
    specs.filter_map(|spec| Some((spec, spec.field.as_ref()?)))
}

/// The server resolves no path of a form: it may run anywhere.
fn check_folder(spec: &SettingSpec, field: &FormField, value: &str) -> Result<(), Fault> {
    if !matches!(field.input, Input::Folder) || Path::new(value).is_absolute() {
        return Ok(());
    }
    let what = format!("{} « {value} » n'est pas un chemin absolu", field.label);
    let hint = format!("Donnez-le depuis la racine, comme {}", field.example);
    Err(Fault::at(
        &spec.field_name(),
        Error::config(what).hint(hint),
    ))
}

/// A secret is not sent to another server than the one for which it was typed.
fn check_addressee(
    kind: &'static ConnectorKind,
    old: &Settings,
    fields: &Fields,
    name: &str,
    field: &FormField,
) -> Result<(), Fault> {
    let mut addresses = in_form(kind).filter(|(spec, _)| spec.is_address);
    let has_moved = addresses.any(|(spec, _)| {
        let new = fields.get(&spec.field_name()).unwrap_or_default();
        server_of(old.get(spec.key).map_or("", String::as_str)) != server_of(new)
    });
    if !has_moved {
        return Ok(());
    }
    let what = format!(
        "{} : à retaper, car l'adresse du serveur a changé",
        field.label
    );
    Err(Fault::at(name, Error::config(what)))
}

/// Scheme, host and port of a URL.
fn server_of(url: &str) -> String {
    let url = url.trim().to_ascii_lowercase();
    let begin = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(begin..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..begin + end).unwrap_or_default().to_owned()
}
