//! Progress of a sync: bars on a terminal, a line at intervals elsewhere, log events where there is a log, nothing
//! when quiet.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tracing::info;

use super::ui::Ui;
use crate::canonical::Table;
use crate::french;
use crate::sync::Progress;

/// Pause between two lines where no bar can be drawn.
const PAUSE: Duration = Duration::from_secs(10);

/// Frame rate of the bars.
const FRAMES_PER_SECOND: u8 = 10;

const TEMPLATE: &str = "{msg} {wide_bar} {volume} · {prefix} lignes/s · reste {eta}";

/// Template for a terminal narrower than [`WIDE`]: the bar keeps some twenty columns.
const NARROW_TEMPLATE: &str = "{msg:24!} {wide_bar} {percent:>3} % · reste {eta}";

/// Columns that [`TEMPLATE`] needs.
const WIDE: u16 = 100;

/// Template for an unknown number of rows.
const ENDLESS_TEMPLATE: &str = "{spinner} {msg} · {rows} lignes · {prefix} lignes/s";

/// Shows the progress of all running syncs.
pub(super) struct Reporter {
    mode: Mode,
}

enum Mode {
    Bars(MultiProgress),
    Lines,
    /// As log events: bars would break the log, and plain lines do not have its format.
    Events,
    Silent,
}

impl Reporter {
    pub(super) fn new(quiet: bool, has_log: bool) -> Self {
        let mode = match (quiet, Ui::can_draw()) {
            (true, _) => Mode::Silent,
            _ if has_log => Mode::Events,
            (false, true) => {
                let target = ProgressDrawTarget::stderr_with_hz(FRAMES_PER_SECOND);
                Mode::Bars(MultiProgress::with_draw_target(target))
            }
            (false, false) => Mode::Lines,
        };
        Self { mode }
    }

    /// The progress of one sync.
    pub(super) fn one(&self) -> OneSync<'_> {
        OneSync {
            mode: &self.mode,
            unit: Mutex::new(None),
        }
    }

    /// Removes the bars.
    pub(super) fn clear(&self) {
        if let Mode::Bars(bars) = &self.mode {
            // A terminal that cannot be cleared keeps its last bars.
            let _ = bars.clear();
        }
    }
}

/// The progress of one sync.
pub(super) struct OneSync<'a> {
    mode: &'a Mode,
    unit: Mutex<Option<Unit>>,
}

struct Unit {
    name: String,
    bytes: u64,
    begun: Instant,
    last_line: Instant,
    bar: Option<ProgressBar>,
}

impl OneSync<'_> {
    fn with_unit(&self, work: impl FnOnce(&mut Option<Unit>)) {
        work(&mut self.unit.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for OneSync<'_> {
    fn unit_started(&self, connector: &str, _table: Table, unit: &str, bytes: u64) {
        let name = format!("{connector} · {unit}");
        let bar = match self.mode {
            Mode::Bars(bars) => {
                let bar = bars.add(ProgressBar::new(bytes));
                let template = if bytes == 0 {
                    ENDLESS_TEMPLATE
                } else if Ui::progress_width() < WIDE {
                    NARROW_TEMPLATE
                } else {
                    TEMPLATE
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(
                        style
                            .with_key("volume", write_volume)
                            .with_key("rows", write_rows),
                    );
                }
                bar.set_message(name.clone());
                bar.set_prefix("0");
                Some(bar)
            }
            Mode::Lines | Mode::Events | Mode::Silent => None,
        };
        let now = Instant::now();
        self.with_unit(|slot| {
            *slot = Some(Unit {
                name,
                bytes,
                begun: now,
                last_line: now,
                bar,
            });
        });
    }

    fn advanced(&self, bytes: u64, rows: u64) {
        self.with_unit(|slot| {
            let Some(unit) = slot else { return };
            match (self.mode, &unit.bar) {
                (_, Some(bar)) => {
                    bar.set_position(if unit.bytes == 0 { rows } else { bytes });
                    bar.set_prefix(french::count(rows_per_second(rows, unit.begun)));
                }
                (Mode::Lines, None) if unit.last_line.elapsed() >= PAUSE => {
                    unit.last_line = Instant::now();
                    let percent = (bytes * 100).checked_div(unit.bytes);
                    let percent = percent.map_or(String::new(), |percent| format!("{percent} %, "));
                    super::ui::print_progress(&format!(
                        "{} : {percent}{} lignes, {} lignes/s",
                        unit.name,
                        french::count(rows),
                        french::count(rows_per_second(rows, unit.begun)),
                    ));
                }
                (Mode::Events, None) if unit.last_line.elapsed() >= PAUSE => {
                    unit.last_line = Instant::now();
                    info!(
                        unit = unit.name,
                        bytes,
                        rows,
                        of_bytes = unit.bytes,
                        "reading"
                    );
                }
                _ => {}
            }
        });
    }

    fn unit_finished(&self) {
        self.with_unit(|slot| {
            if let Some(bar) = slot.take().and_then(|unit| unit.bar) {
                bar.finish_and_clear();
            }
        });
    }
}

impl Drop for OneSync<'_> {
    fn drop(&mut self) {
        self.unit_finished();
    }
}

/// `13,5/20,4 Mo`
fn write_volume(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    let read = french::megabytes(state.pos());
    let all = french::megabytes(state.len().unwrap_or_default());
    // A bar that cannot be drawn is not an error.
    let _ = write!(out, "{read}/{all} Mo");
}

/// `13 500`
fn write_rows(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    let _ = write!(out, "{}", french::count(state.pos()));
}

fn rows_per_second(rows: u64, since: Instant) -> u64 {
    let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    (rows * 1000).checked_div(millis).unwrap_or(0)
}
