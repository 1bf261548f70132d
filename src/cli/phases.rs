//! Where the time of a sync went, for those who ask with `-v`.

use super::tables;
use super::ui::Ui;
use crate::french::{self, Tone};
use crate::json::PhasesAnswer;

/// Tells what each phase took: those of the run, then table by table.
pub(super) fn tell(ui: &Ui, phases: &PhasesAnswer) {
    let run = phases.run.0.iter();
    let run =
        run.map(|&(phase, time)| format!("{} {}", tables::phase(phase), french::duration(time)));
    let run: Vec<String> = run.collect();
    ui.line(ui.paint(Tone::Strong, &format!("Durées : {}", run.join(", "))));
    if !phases.tables.0.is_empty() {
        ui.line(tables::phases(ui, phases).to_string());
    }
}
