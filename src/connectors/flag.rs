//! How a setting is given on the command line, so that a new type of connector brings its own flags.

/// A flag of `crmreco add`.
#[derive(Debug)]
pub struct Flag {
    /// Without its dashes. Two types of connector may share a flag.
    pub name: &'static str,
    /// Its text in `--help` and the man page, in English, without the default of the setting.
    pub help: &'static str,
    /// What follows it.
    pub value: FlagValue,
}

/// What follows a flag; the text is what `--help` calls the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagValue {
    /// Any text.
    Text(&'static str),
    /// A folder; a relative path is relative to the working folder.
    Folder(&'static str),
    /// A web address.
    Address(&'static str),
    /// A whole number.
    Number(&'static str),
    /// Nothing: the setting becomes `true`.
    Yes,
    /// Nothing: the value is read from standard input. Secrets have no other flag, because other accounts can see
    /// command lines.
    StandardInput,
}

impl Flag {
    /// A flag that any text follows, called `value`.
    pub(crate) const fn text(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            value: FlagValue::Text(value),
        }
    }
}
