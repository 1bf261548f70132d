//! `crmreco completions`

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap_complete::env::Shells;

use super::Context;
use super::exit::Exit;
use crate::json::CompletionsAnswer;

/// Shells with completions.
const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// Print the completion script of a shell
///
/// The script calls crmreco itself, so that names of connectors, settings and their values complete too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco completions bash > ~/.local/share/bash-completion/completions/crmreco
  crmreco completions zsh > ~/.zfunc/_crmreco        # a folder of $fpath
  crmreco completions fish > ~/.config/fish/completions/crmreco.fish
  crmreco completions powershell >> $PROFILE
  crmreco completions elvish >> ~/.config/elvish/rc.elv")]
pub(super) struct Args {
    /// Shell that is to complete
    #[arg(value_parser = PossibleValuesParser::new(SHELLS))]
    shell: String,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let script = script(&args.shell)?;
    if context.ui.is_json() {
        context.ui.document(&CompletionsAnswer {
            success: true,
            shell: args.shell.clone(),
            script,
        });
    } else {
        context.ui.text(&script);
    }
    Ok(Exit::DONE)
}

/// The script that registers the completions of `shell`.
pub(super) fn script(shell: &str) -> anyhow::Result<String> {
    let shells = Shells::builtins();
    let completer = shells
        .completer(shell)
        .with_context(|| format!("{shell} : aucune complétion pour cet interpréteur"))?;
    let mut script = Vec::new();
    completer
        .write_registration("COMPLETE", "crmreco", "crmreco", "crmreco", &mut script)
        .with_context(|| format!("{shell} : complétion impossible"))?;
    String::from_utf8(script).with_context(|| format!("{shell} : complétion illisible"))
}
