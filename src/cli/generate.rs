//! `crmreco generate` (hidden): the files that packages ship, generated from the definition of the command line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap_complete::env::Shells;

use super::exit::Exit;
use super::language;

/// Write shell completions and man pages
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(super) struct Args {
    /// Folder to write completions to
    #[arg(long, value_name = "DIR")]
    completions: PathBuf,

    /// Folder to write man pages to
    #[arg(long, value_name = "DIR")]
    man: PathBuf,
}

/// Shells with completions, and the file name each expects.
const SHELLS: [(&str, &str); 3] = [
    ("bash", "crmreco.bash"),
    ("zsh", "_crmreco"),
    ("fish", "crmreco.fish"),
];

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let shells = Shells::builtins();
    for (shell, file) in SHELLS {
        let mut script = Vec::new();
        let completer = shells
            .completer(shell)
            .with_context(|| format!("{shell} : aucune complétion pour cet interpréteur"))?;
        // The completion script calls the program itself, so that connector names complete too.
        let written =
            completer.write_registration("COMPLETE", "crmreco", "crmreco", "crmreco", &mut script);
        let path = args.completions.join(file);
        written
            .and_then(|()| fs::write(&path, script))
            .with_context(|| unwritten(&path))?;
    }
    language::write_manual(&args.man).with_context(|| unwritten(&args.man))?;
    Ok(Exit::DONE)
}

fn unwritten(path: &Path) -> String {
    format!("{} ne peut pas être écrit", path.display())
}
