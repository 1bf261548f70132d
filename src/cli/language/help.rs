//! The help in French: replaces the texts of a built command by those of [`super::texts`].

use clap::builder::{Str, StyledStr};
use clap::{Arg, Command};

use super::texts::{ALL, EVERYWHERE, Texts, VALUE_NAMES};
use crate::cli::setting_flags;

/// Heading of the options of every command.
const GLOBAL: &str = "Options globales\u{a0}";

/// `command` with French texts, for a terminal.
pub(super) fn in_french(command: Command) -> Command {
    with_headings(translated(command))
}

/// `command` with French texts. Headings that clap writes itself stay English.
pub(super) fn translated(mut command: Command) -> Command {
    // Adds the flags and the subcommand for help, which are to be translated too.
    command.build();
    translate(command, "")
}

/// Translates a command and those below it; `name` is empty for the program itself. Texts without a translation stay
/// English.
fn translate(command: Command, name: &str) -> Command {
    let texts = ALL.iter().find(|texts| texts.command == name);
    let command = match texts {
        Some(texts) => with_texts(command, texts),
        None => command,
    };
    command
        .subcommand_value_name("COMMANDE")
        .mut_args(|argument| translate_argument(argument, texts))
        .mut_subcommands(|subcommand| {
            let name = full_name(name, &subcommand);
            translate(subcommand, &name)
        })
}

/// Name of `subcommand` below the command `parent`: `backup verify`. Those below `help` are called as the commands that
/// they are about.
fn full_name(parent: &str, subcommand: &Command) -> String {
    let parent = if parent == "help" { "" } else { parent };
    let name = format!("{parent} {}", subcommand.get_name());
    name.trim_start().to_owned()
}

fn with_texts(command: Command, texts: &Texts) -> Command {
    let after = match (texts.after, command.get_after_help()) {
        ("", Some(english)) => english.to_string().replace("Examples:", "Exemples :"),
        (after, _) => after.to_owned(),
    };
    let command = command.about(texts.about).after_help(after);
    match texts.details {
        "" => command.long_about(None),
        details => command.long_about(format!("{}\n\n{details}", texts.about)),
    }
}

fn translate_argument(argument: Arg, texts: Option<&Texts>) -> Arg {
    let id = argument.get_id().to_string();
    let own = texts.and_then(|texts| text_of(texts.arguments, &id));
    let text = own.or_else(|| text_of(EVERYWHERE, &id)).map(str::to_owned);
    let Some(text) = text.or_else(|| setting_flags::french_help(&id)) else {
        return argument;
    };
    let help = format!("{text}{}", remarks(&argument));
    let names = value_names(&argument);
    // What clap adds by itself is English.
    let argument = argument
        .help(help)
        .long_help(None)
        .hide_default_value(true)
        .hide_possible_values(true)
        .hide_env(true);
    if names.is_empty() {
        argument
    } else {
        argument.value_names(names)
    }
}

fn text_of(texts: &'static [(&str, &str)], id: &str) -> Option<&'static str> {
    let mut texts = texts.iter();
    texts.find(|(one, _)| *one == id).map(|(_, text)| *text)
}

/// Accepted values, default and variable of an option, in brackets.
fn remarks(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return String::new();
    }
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    let defaults = argument.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    let mut remarks = Vec::new();
    if !values.is_empty() {
        remarks.push(format!(" [valeurs\u{a0}: {}]", values.join(", ")));
    }
    if !defaults.is_empty() {
        remarks.push(format!(" [défaut\u{a0}: {}]", defaults.join(", ")));
    }
    if let Some(variable) = argument.get_env() {
        remarks.push(format!(" [variable\u{a0}: {}]", variable.to_string_lossy()));
    }
    remarks.concat()
}

fn value_names(argument: &Arg) -> Vec<Str> {
    let names = argument.get_value_names().unwrap_or_default().iter();
    let translated =
        |name: &Str| text_of(VALUE_NAMES, name).map_or_else(|| name.clone(), Str::from);
    names.map(translated).collect()
}

/// Headings with the blank that French has before a colon.
fn with_headings(command: Command) -> Command {
    let usage = command.get_styles().get_usage();
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{usage}Usage\u{a0}:{usage:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    );
    command
        .help_template(StyledStr::from(template))
        .subcommand_help_heading("Commandes\u{a0}")
        .mut_args(|argument| {
            let heading = match (argument.get_help_heading(), argument.is_positional()) {
                (Some(_), _) => GLOBAL,
                (None, true) => "Arguments\u{a0}",
                (None, false) => "Options\u{a0}",
            };
            argument.help_heading(heading)
        })
        .mut_subcommands(with_headings)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    /// The program and its commands, by name; the program's is empty.
    fn commands(command: &Command) -> Vec<(String, Command)> {
        let mut found = vec![(String::new(), command.clone())];
        let mut at = 0;
        while let Some((name, command)) = found.get(at).cloned() {
            let is_help = name == "help";
            let subcommands = command.get_subcommands();
            let subcommands = subcommands.filter(|one| !is_help && !one.is_hide_set());
            found.extend(subcommands.map(|one| (full_name(&name, one), one.clone())));
            at += 1;
        }
        found
    }

    fn english() -> Command {
        let mut command = Cli::command();
        command.build();
        command
    }

    #[test]
    fn every_command_and_argument_has_a_french_text() {
        for (name, command) in commands(&english()) {
            let texts = ALL.iter().find(|texts| texts.command == name);
            let texts = texts.unwrap_or_else(|| panic!("`{name}` has no French help"));
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                assert!(
                    text_of(texts.arguments, id)
                        .or_else(|| text_of(EVERYWHERE, id))
                        .is_some()
                        || setting_flags::french_help(id).is_some(),
                    "{id} of `{name}` has no French help"
                );
            }
            let is_long = command.get_long_about().is_some();
            assert_eq!(is_long, !texts.details.is_empty(), "details of `{name}`");
        }
    }

    #[test]
    fn no_french_text_is_left_over() {
        let commands = commands(&english());
        for texts in ALL {
            let command = commands.iter().find(|(name, _)| name == texts.command);
            let (name, command) = command.unwrap_or_else(|| panic!("no `{}`", texts.command));
            for (id, _) in texts.arguments {
                let mut arguments = command.get_arguments();
                assert!(
                    arguments.any(|argument| argument.get_id() == id),
                    "`{name}` has no {id}"
                );
            }
        }
        let named = |wanted: &str| {
            let mut all = commands
                .iter()
                .flat_map(|(_, command)| command.get_arguments());
            all.any(|argument| {
                let mut names = argument.get_value_names().unwrap_or_default().iter();
                names.any(|name| name.as_str() == wanted)
            })
        };
        for (name, _) in VALUE_NAMES {
            assert!(named(name), "no value is called {name}");
        }
    }

    /// Examples without their remarks, and all other lines that begin with a blank.
    fn examples(command: &Command) -> Vec<String> {
        let text = command.get_after_help().map(ToString::to_string);
        let text = text.unwrap_or_default();
        let examples = text.lines().filter(|line| line.contains("crmreco"));
        examples
            .filter(|line| line.starts_with("  "))
            .map(|line| {
                line.split("  #")
                    .next()
                    .unwrap_or(line)
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn french_help_has_the_examples_of_the_english_one() {
        let (english, french) = (english(), translated(Cli::command()));
        for ((name, english), (_, french)) in commands(&english).iter().zip(&commands(&french)) {
            assert_eq!(examples(english), examples(french), "`{name}`");
            let text = english.get_after_help().map(ToString::to_string);
            let text = text.unwrap_or_default();
            let has_prose = text.lines().any(|line| {
                line.contains("  #") || !(line.starts_with("  ") || line == "Examples:")
            });
            let texts = ALL.iter().find(|texts| texts.command == name).unwrap();
            assert!(
                !has_prose || !texts.after.is_empty(),
                "the remarks after the help of `{name}` stay English"
            );
        }
    }

    /// A wrapped example is two commands for a shell that it is pasted into.
    #[test]
    fn examples_fit_into_the_width_of_the_help() {
        for program in [english(), translated(Cli::command())] {
            for (name, command) in commands(&program) {
                let text = command.get_after_help().map(ToString::to_string);
                for line in text.unwrap_or_default().lines() {
                    assert!(line.chars().count() <= 100, "`{name}`: {line}");
                }
            }
        }
    }

    #[test]
    fn french_help_holds_no_english_word_of_the_parser() {
        let mut command = in_french(Cli::command());
        let mut pages = vec![command.render_long_help().to_string()];
        for subcommand in command.get_subcommands_mut() {
            if !subcommand.is_hide_set() {
                pages.push(subcommand.render_long_help().to_string());
                pages.push(subcommand.render_help().to_string());
            }
        }
        for page in pages {
            for word in [
                "Usage:",
                "Print ",
                "[default",
                "[possible",
                "Possible",
                "[env",
                "Options:",
                "Arguments:",
                "Commands",
            ] {
                assert!(!page.contains(word), "{word} in:\n{page}");
            }
        }
    }
}
