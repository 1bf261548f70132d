//! What `crmreco sync` prints: for one connector its tables, for several one line each and a summary.

use super::{Context, advice, phases, setting_advice, tables};
use crate::error::{Advice, Result};
use crate::french::{self, Tone, listed};
use crate::json::SyncAnswer;
use crate::registry::Registry;
use crate::store::Store;
use crate::sync::{Failure, Outcome};

/// Prints the results of syncs.
pub(super) struct Report<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) registry: &'a Registry,
    /// Whether several connectors are synced.
    pub(super) has_several: bool,
    pub(super) is_dry_run: bool,
    /// Whether only failures are printed.
    pub(super) is_quiet: bool,
}

impl Report<'_> {
    /// Prints the result of one sync: failures first, then the rows, then what to do next.
    pub(super) fn print(&self, answer: &SyncAnswer, result: &Result<Outcome>) {
        match result {
            Ok(outcome) if outcome.stopped_by.is_some() => self.print_stopped(answer),
            Ok(outcome) => self.print_outcome(answer, outcome),
            Err(error) => {
                let command = |arguments: &str| self.context.command(arguments);
                self.context.ui.print_error_of_registered(error, command);
            }
        }
        self.print_settings(answer);
    }

    /// Prints how many of several connectors succeeded, and the names of the others.
    pub(super) fn print_summary(&self, answers: &[SyncAnswer]) {
        if !self.has_several {
            return;
        }
        let failed = answers.iter().filter(|answer| !answer.success);
        let failed: Vec<&str> = failed
            .map(|answer| answer.connector_name.as_str())
            .collect();
        let all = answers.len();
        let succeeded = (all - failed.len()) as u64;
        let done = french::plural(succeeded, "réussi", "réussis");
        let ui = self.context.ui;
        if !failed.is_empty() {
            ui.remark(format!(
                "✗ {all} connecteurs : {done}, {} en échec : {}",
                failed.len(),
                listed(&failed)
            ));
        } else if !self.is_quiet {
            ui.line(ui.paint(Tone::Good, &format!("✓ {all} connecteurs : {done}")));
        }
    }

    fn print_stopped(&self, answer: &SyncAnswer) {
        let ui = self.context.ui;
        ui.remark(format!(
            "✗ {} : synchronisation interrompue, rien n'est resté à moitié fait",
            answer.connector_name
        ));
        ui.remark("  → Relancez la même commande, elle reprendra où il faut");
    }

    fn print_outcome(&self, answer: &SyncAnswer, outcome: &Outcome) {
        let ui = self.context.ui;
        if !answer.success {
            self.print_failures(answer, outcome);
        }
        if self.is_quiet {
            return;
        }
        if self.has_several {
            self.print_line(answer);
        } else {
            self.print_tables(answer, outcome);
        }
        for warning in &answer.warnings {
            ui.line(format!("{} {warning}", ui.paint(Tone::Warning, "!")));
        }
        if !self.is_dry_run {
            self.print_next_steps(answer, &outcome.failures);
        }
    }

    fn print_failures(&self, answer: &SyncAnswer, outcome: &Outcome) {
        let ui = self.context.ui;
        ui.remark(format!(
            "✗ {} : la synchronisation a échoué",
            answer.connector_name
        ));
        for failure in &outcome.failures {
            let text = advice::with_advice(&failure.message, &failure.advice, |arguments| {
                self.context.command(arguments)
            });
            ui.remark(format!("  {text}"));
        }
    }

    /// The rows of a success in one line.
    fn print_line(&self, answer: &SyncAnswer) {
        if !answer.success {
            return;
        }
        let ui = self.context.ui;
        let seconds = french::duration(answer.duration_seconds);
        let what = if self.is_dry_run {
            "essai à blanc, "
        } else {
            ""
        };
        ui.line(ui.paint(
            Tone::Good,
            &format!(
                "✓ {} : {what}{} ({seconds})",
                answer.connector_name,
                changes(answer)
            ),
        ));
    }

    fn print_tables(&self, answer: &SyncAnswer, outcome: &Outcome) {
        let ui = self.context.ui;
        if answer.success {
            let done = if self.is_dry_run {
                "essai à blanc réussi, rien n'a été écrit"
            } else {
                "synchronisation réussie"
            };
            let seconds = french::duration(answer.duration_seconds);
            let line = format!("✓ {} : {done} en {seconds}", answer.connector_name);
            ui.line(ui.paint(Tone::Good, &line));
        }
        let has_rows = answer.records.filled().next().is_some();
        if has_rows {
            ui.line(tables::records(ui, &answer.records));
        }
        if outcome.already_read > 0 {
            let files = french::plural(
                outcome.already_read as u64,
                "fichier déjà lu, inchangé",
                "fichiers déjà lus, inchangés",
            );
            let is_all = answer.success && !has_rows;
            ui.line(if is_all {
                format!("Rien de nouveau : {files}")
            } else {
                files
            });
        }
        if let Some(phases) = answer.phases.as_ref().filter(|_| self.context.is_verbose) {
            phases::print(ui, phases);
        }
    }

    /// Prints the commands that change the settings that errors and warnings name.
    fn print_settings(&self, answer: &SyncAnswer) {
        let Ok(registration) = self.registry.get(&answer.connector_name) else {
            return;
        };
        let warnings = answer.warnings.iter().filter(|_| !self.is_quiet);
        let texts = answer.errors.iter().chain(warnings).map(String::as_str);
        for command in setting_advice::commands(&self.context.home, registration, texts) {
            let ui = self.context.ui;
            ui.remark(format!("  → Pour changer ce réglage : {command}"));
        }
    }

    /// Prints what to do next, without what the advice of `failures` said.
    fn print_next_steps(&self, answer: &SyncAnswer, failures: &[Failure]) {
        let Self { context, .. } = self;
        let ui = context.ui;
        let name = &answer.connector_name;
        if let Ok(place) = Store::shown_place(&context.home)
            && !self.has_several
        {
            ui.line(format!("Base de données : {place}"));
        }
        let shows_rejects = |step: &Advice| matches!(step, Advice::ShowRejects(_));
        let mut said = failures.iter().flat_map(|failure| &failure.advice);
        if answer.rejected() > 0 && !said.any(shows_rejects) {
            let command = context.command(&format!("logs {name} --rejects"));
            ui.line(format!("Voir les lignes rejetées : {command}"));
        }
        if !self.has_several {
            let command = context.command(&format!("show {name}"));
            ui.line(format!("Ensuite : {command}"));
        }
    }
}

/// What a run changed in all tables together: `1 230 ajoutées, 3 modifiées`.
fn changes(answer: &SyncAnswer) -> String {
    let mut sums = [0; french::COUNTED.len()];
    for (_, counts) in answer.records.filled() {
        for (sum, number) in sums.iter_mut().zip(counts.numbers()) {
            *sum += number;
        }
    }
    let named = french::COUNTED.iter().zip(sums);
    // Rows that were read or stayed as they were tell nothing new.
    let told = named.filter(|(name, sum)| *sum > 0 && !["Lues", "Inchangées"].contains(name));
    let told: Vec<String> = told
        .map(|(name, sum)| format!("{} {}", french::count(sum), name.to_lowercase()))
        .collect();
    if told.is_empty() {
        "rien de nouveau".to_owned()
    } else {
        told.join(", ")
    }
}
