//! The `crmreco` command: parse, run, exit.

use std::process::ExitCode;
use std::{panic, thread};

use clap::{CommandFactory, Parser};
use clap_complete::CompleteEnv;
use crmreco::cli::{self, Cli};
use crmreco::connectors::isavigne::WORKBOOK_THREAD;

fn main() -> ExitCode {
    // When a shell asks what could be typed next, answer and leave.
    CompleteEnv::with_factory(Cli::command).complete();
    say_nothing_of_damaged_workbooks();
    let code = match Cli::try_parse() {
        Ok(cli) => cli.run(),
        Err(error) => cli::refuse(&error),
    };
    ExitCode::from(code)
}

/// A workbook that makes its parser panic is reported as damaged, like any other; a trace would only confuse.
fn say_nothing_of_damaged_workbooks() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(WORKBOOK_THREAD) {
            usual(panic);
        }
    }));
}
