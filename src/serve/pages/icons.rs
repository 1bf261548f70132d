//! Icons beside headings, drawn inline: the pages load nothing from other hosts. Screen readers skip them.

use maud::{Markup, html};

/// An icon, in a square of 24 units.
#[derive(Debug, Clone, Copy)]
pub(super) enum Icon {
    Database,
    Chart,
    Books,
    File,
    Puzzle,
    Wrench,
    Clipboard,
}

impl Icon {
    /// The line that is drawn (SVG path data).
    fn path(self) -> &'static str {
        match self {
            Self::Database => "M4 6c0 4 16 4 16 0S4 2 4 6v12c0 4 16 4 16 0V6M4 12c0 4 16 4 16 0",
            Self::Chart => "M3 3v18h18M7 15l4-5 3 3 6-8",
            Self::Books => "M4 3h4v18H4zM8 3h5v18H8zM14 4l4-1 3 17-4 1z",
            Self::File => "M6 2h8l5 5v15H6zM14 2v5h5M9 13h7M9 17h7",
            Self::Puzzle => "M4 8h4c-2-6 6-6 4 0h5v5c6-2 6 6 0 4v5H4v-5c5 2 5-6 0-4z",
            Self::Wrench => "M15 3a5 5 0 0 0-5 7l-7 7 4 4 7-7a5 5 0 0 0 7-6l-3 3-4-1-1-4z",
            Self::Clipboard => "M9 4H5v18h14V4h-4M9 2h6v4H9zM8 11h8M8 16h8",
        }
    }

    pub(super) fn draw(self) -> Markup {
        html! { svg.icon viewBox="0 0 24 24" aria-hidden="true" { path d=(self.path()) {} } }
    }
}
