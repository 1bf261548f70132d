//! A sync that `strace` holds at a call of its own, while the world about it changes.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{Estate, Outcome};

/// A sync held after its `nth` of `calls` on a file.
pub struct Held {
    tracer: Child,
    log: tempfile::NamedTempFile,
}

impl Held {
    /// `None` when the sync ended before.
    pub fn at(estate: &Estate, file: &Path, calls: &str, nth: usize) -> Option<Self> {
        let log = tempfile::NamedTempFile::new().unwrap();
        let command = estate.command(&["sync", "cave", "--json"]);
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qqq", "-s", "0", "-o"]).arg(log.path());
        strace.arg(format!("--trace={calls}"));
        strace.arg(format!("--inject={calls}:signal=STOP:when={nth}"));
        strace.arg(format!("--trace-path={}", file.display()));
        strace
            .arg("--")
            .arg(command.get_program())
            .args(command.get_args());
        strace.env_clear();
        for (name, value) in command.get_envs() {
            strace.env(name, value.unwrap());
        }
        let piped = strace.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut tracer = piped.stderr(Stdio::piped()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !fs::read_to_string(log.path())
            .unwrap()
            .contains("stopped by SIGSTOP")
        {
            if tracer.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(Instant::now() < deadline, "never held");
            thread::sleep(Duration::from_millis(5));
        }
        Some(Self { tracer, log })
    }

    /// Lets the sync go on to its end. Calls are counted thread by thread: others are held in their turn.
    pub fn goes_on(mut self) -> Outcome {
        let log = fs::read_to_string(self.log.path()).unwrap();
        let thread = log.split_whitespace().next().unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        while self.tracer.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it hangs: {log}");
            // Whichever thread is held, the signal is for all of them, if they have not gone meanwhile.
            let _ = Command::new("kill").args(["-CONT", thread]).output();
            thread::sleep(Duration::from_millis(20));
        }
        Outcome::from(self.tracer.wait_with_output().unwrap())
    }
}
