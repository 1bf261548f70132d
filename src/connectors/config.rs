//! The settings of a connector: their specification, their values, and the masking of secrets.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::field::FormField;
use super::flag::Flag;

/// Shown instead of a secret.
pub const MASK: &str = "••••";

/// Settings of one connector, by upper-case key without prefix (`EXPORT_PATH`). `Debug` hides the values: a key may
/// be among them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Deref for Settings {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Settings {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// One setting of a type of connector.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties, each written with its name"
)]
pub struct SettingSpec {
    /// Upper-case key, as in `.env` after the connector's name.
    pub key: &'static str,
    /// The question for its value, in French; `None`: never asked.
    pub question: Option<&'static str>,
    /// Its field in the form; `None`: not in the form.
    pub field: Option<FormField>,
    /// Its flag of `add`; `None`: no flag gives it.
    pub flag: Option<Flag>,
    /// Its default value.
    pub default: Option<&'static str>,
    /// Whether only few need it, when a message asks for it: the form folds it away.
    pub is_advanced: bool,
    /// Whether it is required.
    pub is_required: bool,
    /// Whether it is never shown.
    pub is_secret: bool,
    /// Whether it is a URL: a password in it is never shown.
    pub is_address: bool,
}

impl SettingSpec {
    /// An optional setting without a question, as a base for others.
    pub(crate) const OPTIONAL: Self = Self {
        key: "",
        question: None,
        field: None,
        flag: None,
        default: None,
        is_advanced: false,
        is_required: false,
        is_secret: false,
        is_address: false,
    };

    /// Name of its form field.
    pub fn field_name(&self) -> String {
        self.key.to_ascii_lowercase()
    }
}

/// The value of `key` in `settings`, or its default in `specs`, or an empty text.
pub(super) fn value_of<'s>(specs: &[SettingSpec], settings: &'s Settings, key: &str) -> &'s str {
    let written = settings.get(key).map_or("", |value| value.trim());
    let spec = specs.iter().find(|spec| spec.key == key);
    match written {
        "" => spec.and_then(|spec| spec.default).unwrap_or_default(),
        written => written,
    }
}

/// The URL without its credentials.
pub(super) fn without_password(address: &str) -> String {
    let begin = address.find("://").map_or(0, |scheme| scheme + 3);
    match address.rfind('@').filter(|&at| at >= begin) {
        Some(at) => {
            let (scheme, host) = (address.get(..begin), address.get(at..));
            format!(
                "{}{MASK}{}",
                scheme.unwrap_or_default(),
                host.unwrap_or_default()
            )
        }
        None => address.to_owned(),
    }
}
