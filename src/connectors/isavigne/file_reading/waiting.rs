//! Incomplete files: how long they wait.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::pass::CutLine;
use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::state::{self, Waiting};
use crate::connectors::isavigne::survey::Survey;
use crate::connectors::{Known, Sink};
use crate::error::{Error, Result};

/// A file unchanged for this long will not be completed.
const SETTLED: Duration = Duration::from_secs(10 * 60);

/// A file that waits longer fails the sync.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// What to do with an incomplete last line.
pub(super) fn cut_line(file: &ExportFile, survey: &Survey, known: &Known) -> CutLine {
    let now = SystemTime::now();
    // A change time in the future counts as now.
    let age = survey
        .modified
        .and_then(|at| now.duration_since(at).ok())
        .unwrap_or_default();
    let has_waited = Waiting::of(known, &file.name).is_some_and(|waiting| {
        waiting.content == state::content(file, survey)
            && seconds_since(waiting.still_since) >= SETTLED
    });
    if age >= SETTLED || has_waited {
        CutLine::Rejected
    } else {
        CutLine::Waits
    }
}

/// Records that `file` waits; fails the sync after a day.
pub(super) fn remember(
    file: &ExportFile,
    survey: &Survey,
    known: &Known,
    why: &str,
    sink: &mut dyn Sink,
) -> Result<()> {
    let content = state::content(file, survey);
    let before = Waiting::of(known, &file.name);
    let now = Timestamp::now().as_second();
    let since = before.as_ref().map_or(now, |waiting| waiting.since);
    let still_since = match before {
        Some(waiting) if waiting.content == content => waiting.still_since,
        _ => now,
    };
    if seconds_since(since) >= PATIENCE {
        sink.fail(
            Error::data(format!(
                "{} : {why}, et attend depuis plus de 24 heures",
                file.name
            ))
            .hint("Refaites cet export, ou retirez le fichier du dossier"),
        );
    }
    let waiting = Waiting {
        since,
        still_since,
        content,
    };
    sink.remember(waiting.cursor(&file.name))
}

/// Time since `second`, counted from 1970.
fn seconds_since(second: i64) -> Duration {
    let passed = Timestamp::now().as_second().saturating_sub(second);
    Duration::from_secs(u64::try_from(passed).unwrap_or_default())
}
