//! Time spent in each phase of a sync, shown with `-v`.

use super::tables;
use super::ui::Ui;
use crate::french::{self, Tone};
use crate::json::PhasesAnswer;

/// Prints the phases of the run, then those of each table.
pub(super) fn print(ui: &Ui, phases: &PhasesAnswer) {
    let run = phases.run.0.iter();
    let run =
        run.map(|&(phase, time)| format!("{} {}", tables::phase(phase), french::duration(time)));
    let run: Vec<String> = run.collect();
    ui.line(ui.paint(Tone::Strong, &format!("Durées : {}", run.join(", "))));
    if !phases.tables.0.is_empty() {
        ui.line(tables::phases(ui, phases));
    }
}
