//! The terminal: the only file that writes to it and knows its properties.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, ErrorKind, IsTerminal, Write};

use console::Style;
use serde::Serialize;

use super::advice;
use crate::canonical::text::{turns_text, visible};
use crate::error::{Advice, Error, io_reason};
use crate::french::Tone;
use crate::json;

/// Standard output for results, standard error for everything else.
pub(super) struct Ui {
    json: bool,
    out_colour: bool,
    err_colour: bool,
    /// The first write error, reported at the end.
    failure: RefCell<Option<io::Error>>,
}

/// The colour of a tone.
fn style(tone: Tone) -> Style {
    // The streams were checked already: the style must not check them again.
    let style = Style::new().force_styling(true);
    match tone {
        Tone::Good => style.green(),
        Tone::Bad => style.red(),
        Tone::Busy => style.cyan(),
        Tone::Warning => style.yellow(),
        Tone::Faint => style.dim(),
        Tone::Strong => style.bold(),
    }
}

impl Ui {
    pub(super) fn new(json: bool) -> Self {
        // https://no-color.org: set and not empty means no colour.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            json,
            out_colour: io::stdout().is_terminal() && !refused,
            err_colour: io::stderr().is_terminal() && !refused,
            failure: RefCell::new(None),
        }
    }

    /// Whether the result is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether questions can be asked.
    pub(super) fn can_ask(&self) -> bool {
        !self.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether progress can be drawn.
    pub(super) fn can_draw() -> bool {
        io::stderr().is_terminal()
    }

    /// Whether tables may be coloured.
    pub(super) fn has_colour(&self) -> bool {
        self.out_colour
    }

    /// The width of the terminal, if standard output is one.
    pub(super) fn width() -> Option<u16> {
        console::Term::stdout()
            .size_checked()
            .map(|(_, columns)| columns)
    }

    /// The width of the terminal on which progress is drawn.
    pub(super) fn progress_width() -> u16 {
        console::Term::stderr().size().1
    }

    /// `text` in the colour of `tone`, for standard output.
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        if self.out_colour {
            style(tone).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Prints a line of the result; nothing with `--json`.
    pub(super) fn line(&self, text: impl AsRef<str>) {
        if !self.json {
            self.keep(writeln!(
                io::stdout().lock(),
                "{}",
                printable(text.as_ref())
            ));
        }
    }

    /// Prints a text of our own as it is: a script.
    pub(super) fn text(&self, text: &str) {
        self.keep(io::stdout().lock().write_all(text.as_bytes()));
    }

    /// Prints the JSON document.
    pub(super) fn document(&self, answer: &impl Serialize) {
        let text = json::document(answer).map_err(io::Error::from);
        self.keep(text.and_then(|text| writeln!(io::stdout().lock(), "{text}")));
    }

    /// Prints a remark beside the result.
    pub(super) fn remark(&self, text: impl AsRef<str>) {
        self.keep(writeln!(
            io::stderr().lock(),
            "{}",
            printable(text.as_ref())
        ));
    }

    /// Prints a warning beside the result.
    pub(super) fn warn(&self, text: &str) {
        self.remark(format!("{} {text}", self.mark(Tone::Warning, "!")));
    }

    /// Prints an error as text: the message, then what to do, one line each. `command`: a complete command line of
    /// arguments.
    pub(super) fn print_error(&self, error: &Error, command: impl Fn(&str) -> String) {
        self.print_error_with(error, error.advice(), command);
    }

    /// Like [`Ui::print_error`], for a registered connector: flags of `add` do not help there.
    pub(super) fn print_error_of_registered(
        &self,
        error: &Error,
        command: impl Fn(&str) -> String,
    ) {
        let is_of_add = |step: &&Advice| matches!(step, Advice::GiveSettings(..));
        let steps = error.advice().iter().filter(|step| !is_of_add(step));
        self.print_error_with(error, steps, command);
    }

    fn print_error_with<'s>(
        &self,
        error: &Error,
        steps: impl IntoIterator<Item = &'s Advice>,
        command: impl Fn(&str) -> String,
    ) {
        self.remark(format!("{} {error}", self.mark(Tone::Bad, "✗")));
        for step in steps {
            self.remark(format!("  → {}", advice::line(step, &command)));
        }
    }

    fn mark(&self, tone: Tone, mark: &str) -> String {
        if self.err_colour {
            style(tone).apply_to(mark).to_string()
        } else {
            mark.to_owned()
        }
    }

    /// Keeps a write error. A closed pipe (`crmreco … | head`) is not an error.
    fn keep(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.failure.borrow_mut().get_or_insert(error);
        }
    }

    /// Whether everything could be written. Reports the write error where that is still possible.
    pub(super) fn finish(&self) -> bool {
        self.keep(io::stdout().flush());
        let Some(failure) = self.failure.borrow_mut().take() else {
            return true;
        };
        let error = Error::store(format!(
            "La réponse n'a pas pu être écrite sur la sortie : {}",
            io_reason(&failure)
        ));
        let error =
            error.hint("Ce qui était demandé est fait ; libérez de la place, ou changez de sortie");
        self.print_error(&error, str::to_owned);
        false
    }
}

/// `text` without control characters, except line ends and our colours: it may contain text of a file, a server or
/// another user's settings.
fn printable(text: &str) -> Cow<'_, str> {
    let is_harmful = |one: char| one != '\n' && (one.is_control() || turns_text(one));
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_harmful) {
        let (before, found) = rest.split_at(at);
        tamed.push_str(before);
        let length = colour(found).unwrap_or_default();
        let (kept, after) = found.split_at(length);
        tamed.push_str(kept);
        rest = after;
        if length == 0 {
            let mut signs = found.chars();
            let shown = signs.next().map(String::from).unwrap_or_default();
            tamed.push_str(&visible(&shown));
            rest = signs.as_str();
        }
    }
    tamed.push_str(rest);
    Cow::Owned(tamed)
}

/// Parameters of the colours that we print (ECMA-48, 8.3.117): none hides text, or turns its background.
const COLOURS: &[&str] = &["0", "1", "2", "22", "31", "32", "33", "36", "39"];

/// Start of the parameters of a colour of the table's library, before its number.
const OF_TABLES: &str = "38;5;";

/// Length of the colour sequence at the start of `text`: the only escape sequence we print.
fn colour(text: &str) -> Option<usize> {
    let begun = text.strip_prefix("\u{1b}[")?;
    let end = begun.find(|one: char| !one.is_ascii_digit() && one != ';')?;
    let (colour, after) = begun.split_at(end);
    let is_ours = match colour.strip_prefix(OF_TABLES) {
        Some(number) => number
            .parse()
            .is_ok_and(|number: u8| (9..16).contains(&number)),
        None => colour.split(';').all(|one| COLOURS.contains(&one)),
    };
    (is_ours && after.starts_with('m')).then_some("\u{1b}[".len() + end + 1)
}

/// Prints a line of progress where no bar can be drawn. Called from threads without a [`Ui`]; write errors do not
/// matter.
pub(super) fn print_progress(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_given_text_lines_and_colours_only() {
        for (text, expected) in [
            ("Clients\nVentes", "Clients\nVentes"),
            ("\u{1b}[1;32m✓\u{1b}[0m", "\u{1b}[1;32m✓\u{1b}[0m"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}", "␛[2J␛]0;x␇"),
            ("a\rb\tc\u{8}", "a␍b␉c␈"),
            (
                "\u{202e}gpj.exe\u{2066}\u{200f}",
                "\u{fffd}gpj.exe\u{fffd}\u{fffd}",
            ),
            ("\u{9b}31m\u{2028}", "\u{fffd}31m\u{fffd}"),
            ("\u{1b}[38;5;10mSain", "\u{1b}[38;5;10mSain"),
            ("\u{1b}[8mcaché", "␛[8mcaché"),
            ("\u{1b}[30;40mcaché", "␛[30;40mcaché"),
            ("\u{1b}[38;5;0m", "␛[38;5;0m"),
            ("\u{1b}[1", "␛[1"),
            ("\u{1b}", "␛"),
        ] {
            assert_eq!(printable(text), expected, "{text:?}");
        }
    }
}
