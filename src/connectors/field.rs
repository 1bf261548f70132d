//! How a setting is asked for in a form, so that a new type of connector brings its own fields.

/// One field of the form that registers a connector.
#[derive(Debug)]
pub struct Field {
    /// What it is called, in French.
    pub label: &'static str,
    /// What to know before filling it, in French.
    pub help: &'static str,
    /// A value that could stand there.
    pub example: &'static str,
    /// What can be typed or chosen.
    pub input: Input,
}

/// What can be typed or chosen in a field. Whatever these let through the settings' own checks look at again.
#[derive(Debug)]
pub enum Input {
    /// Text that matches a regular expression from end to end (as HTML's `pattern` has them); whatever is typed when `None`.
    Text(Option<&'static str>),
    /// The absolute path of a folder.
    Folder,
    /// A web address that matches such a regular expression.
    Address(&'static str),
    /// A whole number, 1 or more.
    Number,
    /// One of these values, each with what it is called.
    Choice(&'static [(&'static str, &'static str)]),
}

/// What else to know before a connector of some type is registered.
#[derive(Debug)]
pub struct Guide {
    /// Its title, in French.
    pub title: &'static str,
    /// What it says, point by point, in French.
    pub points: &'static [&'static str],
    /// Whether the points are steps to be taken one after the other.
    pub is_ordered: bool,
}
