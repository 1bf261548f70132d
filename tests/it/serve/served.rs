//! The real server over an estate, on a port that the system chooses.

use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Deserializer, Value};

use crate::common::Estate;

/// Killed when dropped.
pub struct Served {
    process: Child,
    /// Kept open: whoever writes to a closed one ends.
    _stdout: ChildStdout,
    /// `http://127.0.0.1:40123`
    origin: String,
}

impl Served {
    pub fn start(estate: &Estate) -> Self {
        Self::with(estate, &[])
    }

    /// With more variables in its environment.
    pub fn with(estate: &Estate, variables: &[(&str, &str)]) -> Self {
        let mut command = estate.command(&["serve", "--addr", "127.0.0.1:0", "--json"]);
        command.envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut stdout = process.stdout.take().unwrap();
        let mut documents = Deserializer::from_reader(&mut stdout).into_iter::<Value>();
        let document = documents.next().expect("the server ended").unwrap();
        let url = document["url"].as_str().unwrap();
        let origin = url.trim_end_matches("/connectors").to_owned();
        Self {
            process,
            _stdout: stdout,
            origin,
        }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already ended where a test ended it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
