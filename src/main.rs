//! The `crmreco` command: parse, run, exit.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use clap_complete::CompleteEnv;
use crmreco::cli::Cli;

fn main() -> anyhow::Result<ExitCode> {
    // When a shell asks what could be typed next, answer and leave.
    CompleteEnv::with_factory(Cli::command).complete();
    let cli = Cli::parse();
    let code = cli.run()?;
    Ok(ExitCode::from(code))
}
