//! The fenced blocks of a page, and the commands in them.

/// Languages a block may have. Commands stand in `console`, `cron` and `ini`.
const LANGUAGES: [&str; 4] = ["console", "cron", "ini", "env"];

/// Marks a `console` block that the tests do not run; the reason follows.
const NOT_RUN: &str = "not-run: ";

/// A command of a page, and the output shown under it.
#[derive(Debug)]
pub struct Example {
    pub command: String,
    pub output: String,
    /// Whether its block is marked `not-run`.
    pub is_skipped: bool,
}

/// Everything a page asks people to type, in order: sessions, cron lines, services.
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut language = "";
    let mut is_skipped = false;
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            (language, is_skipped) = block(info);
            continue;
        }
        let command = match language {
            "console" => line.strip_prefix("$ "),
            "cron" => line.splitn(6, ' ').nth(5),
            "ini" => line.strip_prefix("ExecStart="),
            _ => continue,
        };
        match command {
            Some(command) => examples.push(Example {
                command: command.to_owned(),
                output: String::new(),
                is_skipped,
            }),
            None if language == "console" => {
                let last = examples.last_mut().expect("output follows a command");
                last.output.push_str(line);
                last.output.push('\n');
            }
            None => {}
        }
    }
    examples
}

/// The lines of all `env` blocks of a page.
pub fn env_lines(page: &str) -> Vec<&str> {
    let mut language = "";
    let mut lines = Vec::new();
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            (language, _) = block(info);
        } else if language == "env" {
            lines.push(line);
        }
    }
    lines
}

/// The language of a fence, and whether the block is marked `not-run`. Both are empty for the end of a block.
fn block(info: &str) -> (&str, bool) {
    let (language, mark) = info.split_once(' ').unwrap_or((info, ""));
    assert!(
        language.is_empty() || LANGUAGES.contains(&language),
        "```{info}: unknown language"
    );
    let reason = mark.strip_prefix(NOT_RUN).map(str::trim);
    assert!(
        mark.is_empty() || (language == "console" && reason.is_some_and(|reason| reason.len() > 5)),
        "```{info}: the one mark is `not-run: <reason>`"
    );
    (language, reason.is_some())
}

/// The lines of a page that are neither in a fenced nor in an indented block.
pub fn prose(page: &str) -> Vec<&str> {
    let mut is_fenced = false;
    let mut prose = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced && !line.starts_with("    ") {
            prose.push(line);
        }
    }
    prose
}
