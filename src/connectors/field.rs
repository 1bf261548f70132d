//! Form fields of settings, so that a new type of connector defines its own.

/// One field of the form that registers a connector.
#[derive(Debug)]
pub struct FormField {
    /// Label, in French.
    pub label: &'static str,
    /// Help text, in French.
    pub help: &'static str,
    /// Example value.
    pub example: &'static str,
    /// Type of input.
    pub input: Input,
}

/// Type of input in a field. The settings' own checks validate the value again.
#[derive(Debug)]
pub enum Input {
    /// Text that matches a regular expression as a whole (like `pattern` in HTML); any text when `None`.
    Text(Option<&'static str>),
    /// The absolute path of a folder.
    Folder,
    /// A URL that matches such a regular expression.
    Address(&'static str),
    /// A whole number, 1 or more.
    Number,
    /// One of these values, each with its label.
    Choice(&'static [(&'static str, &'static str)]),
}

/// The icon beside a heading of the form.
#[derive(Debug, Clone, Copy)]
pub enum KindIcon {
    /// A file.
    File,
    /// A piece of a puzzle: another program.
    Puzzle,
    /// A tool: something to set up.
    Wrench,
}

/// What to know before registering a connector of this type.
#[derive(Debug)]
pub struct Guide {
    /// Title, in French.
    pub title: &'static str,
    /// Icon beside the title.
    pub icon: KindIcon,
    /// Points, in French.
    pub points: &'static [&'static str],
    /// Whether the points are steps in order.
    pub is_ordered: bool,
}
