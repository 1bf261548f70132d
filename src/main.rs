//! The `crmreco` command: parse, run, exit.

use std::process::ExitCode;
use std::{panic, thread};

use clap_complete::CompleteEnv;
use crmreco::cli;
use crmreco::connectors::isavigne::WORKBOOK_THREAD;

fn main() -> ExitCode {
    // When a shell asks for completions, prints them and exits.
    CompleteEnv::with_factory(cli::command).complete();
    silence_workbook_panics();
    let code = match cli::parse() {
        Ok(cli) => cli.run(),
        Err(code) => code,
    };
    ExitCode::from(code)
}

/// Silences the panic trace of the workbook parser: such a workbook is reported as damaged, like any other.
fn silence_workbook_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(WORKBOOK_THREAD) {
            usual(panic);
        }
    }));
}
