//! The settings of a connector: what is asked for, what was answered, and what of it may be shown.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::field::Field;
use super::flag::Flag;

/// What stands in place of a secret.
pub const MASK: &str = "••••";

/// Settings of one connector, by upper-case key without prefix (`EXPORT_PATH`). Shown to nobody as they are: a key
/// may be among them.
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
pub struct SettingSpec {
    /// Upper-case key, as in `.env` after the connector's name.
    pub key: &'static str,
    /// What to ask for, in French; `None`: never asked for.
    pub question: Option<&'static str>,
    /// How a form asks for it; `None`: never.
    pub field: Option<Field>,
    /// The flag of `add` that gives it; `None`: none does.
    pub flag: Option<Flag>,
    /// What it is when nobody says.
    pub default: Option<&'static str>,
    /// Whether there must be one.
    pub is_required: bool,
    /// Whether it must never be shown.
    pub is_secret: bool,
    /// Whether it is a web address: a password in it must never be shown.
    pub is_address: bool,
}

impl SettingSpec {
    /// A setting that nobody is asked for, for others to begin with.
    pub(crate) const OPTIONAL: Self = Self {
        key: "",
        question: None,
        field: None,
        flag: None,
        default: None,
        is_required: false,
        is_secret: false,
        is_address: false,
    };

    /// How a form names it.
    pub fn field_name(&self) -> String {
        self.key.to_ascii_lowercase()
    }
}

/// What `settings` say of `key`, else its default among `specs`, else nothing.
pub(super) fn value_of<'s>(specs: &[SettingSpec], settings: &'s Settings, key: &str) -> &'s str {
    let written = settings.get(key).map_or("", |value| value.trim());
    let spec = specs.iter().find(|spec| spec.key == key);
    match written {
        "" => spec.and_then(|spec| spec.default).unwrap_or_default(),
        written => written,
    }
}

/// An address without whoever, and whatever password, stands before its host.
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
