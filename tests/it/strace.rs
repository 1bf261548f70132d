//! The program under `strace`, which stops it, or fails what it asks of the system, at a chosen call: a way to be
//! there at every instant at which anything outside the program's memory changes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Calls that change a file or a folder, or take the lock of a connector. Not every machine knows all of them: `?` lets
/// `strace` pass over.
pub const CHANGES: [&str; 13] = [
    "openat",
    "?mkdir,?mkdirat",
    "write",
    "pwrite64",
    "ftruncate",
    "?fallocate",
    "fsync",
    "fdatasync",
    "?rename,?renameat,?renameat2",
    "?unlink,?unlinkat",
    "fchmod",
    "?flock",
    "exit_group",
];

/// Whether these tests must be passed over: who has only Rust and a C compiler can run all the others.
pub fn is_missing() -> bool {
    let mut tried = Command::new("strace");
    tried.args(["-qq", "-o", "/dev/null", "true"]);
    let works = tried.output().is_ok_and(|done| done.status.success());
    let is_needed = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    assert!(
        works || !is_needed,
        "strace is not installed, or may not trace"
    );
    if !works {
        println!("passed over: strace is not installed, or may not trace");
    }
    !works
}

/// What is done to the program, and when.
#[derive(Clone)]
pub struct Injection {
    calls: String,
    what: String,
    when: String,
    paths: Vec<PathBuf>,
}

impl Injection {
    /// `what` is done at the `nth` of `calls` that a thread makes: `signal=KILL`, `error=ENOSPC`, `retval=0`.
    pub fn at(calls: &str, what: &str, nth: usize) -> Self {
        Self {
            calls: calls.to_owned(),
            what: what.to_owned(),
            when: nth.to_string(),
            paths: Vec::new(),
        }
    }

    /// The same, at every such call from then on.
    pub fn and_after(self) -> Self {
        Self {
            when: format!("{}+", self.when),
            ..self
        }
    }

    /// The same, of calls on these files alone.
    pub fn on(self, paths: &[PathBuf]) -> Self {
        Self {
            paths: paths.to_vec(),
            ..self
        }
    }
}

/// How a traced run ended.
pub struct Traced {
    pub output: Output,
    /// Whether it lived to be injected.
    pub was_hit: bool,
}

impl Traced {
    /// Runs `command` under `injection`.
    pub fn run(command: &Command, injection: &Injection) -> Self {
        let mut options = vec![
            format!("--trace={}", injection.calls),
            format!(
                "--inject={}:{}:when={}",
                injection.calls, injection.what, injection.when
            ),
        ];
        for path in &injection.paths {
            options.push(format!("--trace-path={}", path.display()));
        }
        let (output, log) = trace(command, &options);
        let was_injected = log.contains("(INJECTED)") || log.contains("--- SIG");
        let was_hit = was_injected || output.status.signal().is_some();
        Self { output, was_hit }
    }

    /// Whether a signal ended it, rather than itself.
    pub fn signal(&self) -> Option<i32> {
        self.output.status.signal()
    }
}

/// How often `command` makes each of `calls`: the most that any of its threads does, for threads are counted apart.
pub fn count(command: &Command, calls: &[&str]) -> BTreeMap<String, usize> {
    let (_, log) = trace(command, &[format!("--trace={}", calls.join(","))]);
    let mut by_thread: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in log.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        if let Some((call, _)) = rest.trim_start().split_once('(') {
            *by_thread.entry((call, thread)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((call, _), count) in by_thread {
        let most: &mut usize = most.entry(call.to_owned()).or_default();
        *most = count.max(*most);
    }
    most
}

/// Runs `command` under `strace` with these options; what it left, and what was written of its calls.
fn trace(command: &Command, options: &[String]) -> (Output, String) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qqq", "-s", "0", "-o"]).arg(log.path());
    strace.args(options).arg("--").arg(command.get_program());
    strace.args(command.get_args());
    strace.env_clear().stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            strace.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    let output = strace.output().unwrap();
    let log = fs::read(log.path()).unwrap();
    (output, String::from_utf8_lossy(&log).into_owned())
}
