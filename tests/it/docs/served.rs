//! A `crmreco serve` that a page of the documentation starts.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A server that runs.
pub struct Served {
    child: Child,
    printed: String,
}

impl Served {
    /// Starts it and waits until it listens.
    pub fn by(command: &mut Command) -> Self {
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        while !printed.contains("arrêter") {
            let line = lines.next().expect("the server ended").unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
        Self { child, printed }
    }

    pub fn origin(&self) -> String {
        let mut words = self.printed.split_whitespace();
        let url = words.find(|word| word.starts_with("http://"));
        url.unwrap().trim_end_matches("/connectors").to_owned()
    }

    /// Stops it as systemd does, and returns what it printed.
    pub fn until_stopped(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(143));
        std::mem::take(&mut self.printed)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
