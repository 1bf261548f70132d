//! The man pages, in both languages.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::help;
use crate::cli::Cli;

/// Headings that the generator writes in English, and the French ones.
const HEADINGS: [(&str, &str); 3] = [
    (".SH NAME", ".SH NOM"),
    (".SH SUBCOMMANDS", ".SH COMMANDES"),
    (".SH EXTRA", ".SH EXEMPLES"),
];

/// Writes the man pages of the program and its commands: English to `folder`, French to `fr` in it.
pub(in crate::cli) fn write_manual(folder: &Path) -> io::Result<()> {
    let mut english = Cli::command().disable_help_subcommand(true);
    english.build();
    write_pages(&english, folder, &[])?;
    let french = help::translated(Cli::command().disable_help_subcommand(true));
    let french_folder = folder.join("fr");
    fs::create_dir_all(&french_folder)?;
    write_pages(&french, &french_folder, &HEADINGS)
}

fn write_pages(command: &Command, folder: &Path, headings: &[(&str, &str)]) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        write_pages(subcommand, folder, headings)?;
    }
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    let mut text = String::from_utf8(text).map_err(io::Error::other)?;
    for (english, other) in headings {
        text = text.replace(&format!("{english}\n"), &format!("{other}\n"));
    }
    fs::write(folder.join(page.get_filename()), text)
}
