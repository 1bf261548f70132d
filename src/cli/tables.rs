//! The tables on the terminal.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle,
};

use super::table_width;
use super::ui::Ui;
use crate::canonical;
use crate::connectors::Words;
use crate::french::{self, Tone};
#[cfg(feature = "postgres")]
use crate::json::EstateAnswer;
use crate::json::{
    ByName, ByTable, CheckAnswer, ConnectorAnswer, CountsAnswer, GroupAnswer, InboxEntryAnswer,
    PhasesAnswer, RejectAnswer, SyncAnswer, UnitAnswer,
};
use crate::report::Phase;

/// One line under the header and no other: easy to copy into an e-mail.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Connectors, one per row.
pub(super) fn connectors(ui: &Ui, connectors: &ByName<ConnectorAnswer>) -> String {
    let mut table = framed(
        ui,
        &["Connecteur", "Type", "Statut", "Dernière sync", "Erreur"],
    );
    for (name, connector) in &connectors.0 {
        table.add_row([
            Cell::new(name),
            Cell::new(&connector.r#type),
            painted(ui, french::connector_status(connector.status)),
            Cell::new(
                connector
                    .last_sync
                    .as_deref()
                    .map_or("—".to_owned(), french::instant),
            ),
            Cell::new(connector.last_error.as_deref().unwrap_or("—")),
        ]);
    }
    text(table, &[1, 3, 4])
}

/// Connectors of several estates, one per row.
#[cfg(feature = "postgres")]
pub(super) fn estates(ui: &Ui, estates: &[EstateAnswer]) -> String {
    let headers = [
        "Domaine",
        "Connecteur",
        "Type",
        "Statut",
        "Dernier succès",
        "Erreur",
    ];
    let mut table = framed(ui, &headers);
    for estate in estates {
        for connector in &estate.connectors {
            table.add_row([
                Cell::new(&estate.estate),
                Cell::new(&connector.name),
                Cell::new(&connector.r#type),
                painted(ui, french::connector_status(connector.status)),
                Cell::new(
                    connector
                        .last_success
                        .as_deref()
                        .map_or("—".to_owned(), french::instant),
                ),
                Cell::new(connector.last_error.as_deref().unwrap_or("—")),
            ]);
        }
    }
    text(table, &[2, 4, 5])
}

/// Runs, one per row.
pub(super) fn runs(ui: &Ui, runs: &[SyncAnswer], with_connector: bool) -> String {
    let mut headers = vec![
        "N°",
        "Date",
        "Connecteur",
        "Statut",
        "Lignes",
        "Durée",
        "Erreurs",
        "Avertissements",
    ];
    if !with_connector {
        headers.remove(2);
    }
    let mut table = framed(ui, &headers);
    for run in runs {
        let mut row = vec![
            right(
                run.run_id
                    .map_or("—".to_owned(), |run_id| run_id.to_string()),
            ),
            Cell::new(french::instant(&run.timestamp)),
        ];
        if with_connector {
            row.push(Cell::new(&run.connector_name));
        }
        row.extend([
            painted(ui, french::run_status(run.status)),
            right(french::count(run.accepted())),
            right(french::duration(run.duration_seconds)),
            right(french::count(run.errors.len() as u64)),
            right(french::count(run.warnings.len() as u64)),
        ]);
        table.add_row(row);
    }
    // Warnings, duration and number go first, then errors, which the status shows, then rows.
    let last = headers.len() - 1;
    text(table, &[last, last - 2, 0, last - 1, last - 3])
}

/// Row counts of a run, one table per row, without tables that were not read.
pub(super) fn records(ui: &Ui, records: &ByTable<CountsAnswer>) -> String {
    let mut table = framed(ui, &[&["Table"][..], &french::COUNTED].concat());
    for (of, counts) in records.filled() {
        let label = std::iter::once(Cell::new(of.label()));
        let numbers = counts.numbers();
        table.add_row(label.chain(numbers.map(|number| right(french::count(number)))));
    }
    // Unchanged rows, then those read: the others tell what was done.
    text(table, &[4, 1])
}

/// Phases of a run, one table per row.
pub(super) fn phases(ui: &Ui, phases: &PhasesAnswer) -> String {
    let headers = Phase::OF_TABLE.map(phase);
    let mut table = framed(ui, &[&["Table"][..], &headers].concat());
    for (of, seconds) in &phases.tables.0 {
        let label = std::iter::once(Cell::new(of.label()));
        let times = seconds.0.iter().map(|(_, seconds)| *seconds);
        table.add_row(label.chain(times.map(|seconds| right(french::duration(seconds)))));
    }
    text(table, &[1, 6, 3])
}

/// French name of a phase.
pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Plan => "Préparation",
        Phase::Read => "Lecture",
        Phase::Wait => "Attente",
        Phase::Write => "Écriture",
        Phase::Figures => "Cumuls clients",
        Phase::Commit => "Validation",
        Phase::Segments => "Segments",
    }
}

/// Rows by table.
pub(super) fn rows_by_table(ui: &Ui, rows: &ByTable<u64>) -> String {
    let mut table = framed(ui, &["Table", "Lignes"]);
    for (of, count) in &rows.0 {
        table.add_row([Cell::new(of.label()), right(french::count(*count))]);
    }
    text(table, &[])
}

/// Results of `test`, by file or model.
pub(super) fn checks(ui: &Ui, words: Words, checks: &[CheckAnswer]) -> String {
    let mut table = framed(ui, &["", words.part, "Lignes", "Constat"]);
    for check in checks {
        let mark = if check.ok {
            ("✓", Tone::Good)
        } else {
            ("✗", Tone::Bad)
        };
        table.add_row([
            painted(ui, mark),
            Cell::new(&check.name),
            right(check.rows.map_or("—".to_owned(), french::count)),
            Cell::new(&check.detail),
        ]);
    }
    text(table, &[])
}

/// Rejects.
pub(super) fn rejects(ui: &Ui, words: Words, rejects: &[RejectAnswer]) -> String {
    let titles = [
        "Table",
        words.part,
        words.position,
        "Colonne",
        "Valeur",
        "Raison",
    ];
    let mut table = framed(ui, &titles);
    for reject in rejects {
        let label = canonical::Table::from_report_name(reject.table)
            .map_or(reject.table, canonical::Table::label);
        table.add_row([
            Cell::new(label),
            Cell::new(&reject.origin),
            right(reject.position.clone()),
            Cell::new(reject.column.as_deref().unwrap_or("—")),
            Cell::new(reject.value.as_deref().unwrap_or("—")),
            Cell::new(&reject.reason),
        ]);
    }
    // The file tells the table; file, line and column tell the value.
    text(table, &[0, 4, 3])
}

/// Receipts of files or models, one per row.
pub(super) fn receipt(ui: &Ui, words: Words, units: &[UnitAnswer]) -> String {
    let titles = [&["", "Table", words.part][..], &french::RECEIPT].concat();
    let mut table = framed(ui, &titles);
    for unit in units {
        let label = canonical::Table::from_report_name(unit.table)
            .map_or(unit.table, canonical::Table::label);
        let mark = if unit.balanced {
            ("✓", Tone::Good)
        } else {
            ("✗", Tone::Bad)
        };
        let cells = [painted(ui, mark), Cell::new(label), Cell::new(&unit.label)];
        let numbers = unit.numbers().map(|number| right(french::count(number)));
        table.add_row(cells.into_iter().chain(numbers));
    }
    // The file tells the table; then the lines that are no rows.
    text(table, &[1, 5, 4, 6, 7])
}

/// Entries of the inbox of rejected rows.
pub(super) fn inbox(ui: &Ui, entries: &[InboxEntryAnswer]) -> String {
    let titles = [
        "N°", "Table", "Fichier", "Place", "Colonne", "Valeur", "Raison", "État", "Fois",
    ];
    let mut table = framed(ui, &titles);
    for entry in entries {
        let label = canonical::Table::from_report_name(entry.table)
            .map_or(entry.table, canonical::Table::label);
        table.add_row([
            Cell::new(&entry.reject_id),
            Cell::new(label),
            Cell::new(&entry.origin),
            right(entry.position.clone()),
            Cell::new(entry.column.as_deref().unwrap_or("—")),
            Cell::new(entry.value.as_deref().unwrap_or("—")),
            Cell::new(&entry.reason),
            painted(ui, french::reject_state(entry.state)),
            right(french::count(entry.times)),
        ]);
    }
    text(table, &[8, 1, 5, 4])
}

/// Rejected rows by their fault.
pub(super) fn reject_groups(ui: &Ui, groups: &[GroupAnswer]) -> String {
    let mut table = framed(ui, &["Lignes", "Table", "Colonne", "Valeur", "Raison"]);
    for group in groups {
        let label = canonical::Table::from_report_name(group.table)
            .map_or(group.table, canonical::Table::label);
        table.add_row([
            right(french::count(group.count)),
            Cell::new(label),
            Cell::new(group.column.as_deref().unwrap_or("—")),
            Cell::new(group.value.as_deref().unwrap_or("—")),
            Cell::new(&group.reason),
        ]);
    }
    text(table, &[1, 2])
}

/// Rows of a query: names of the columns, and cells with whether each is a number.
pub(super) fn cells(ui: &Ui, names: &[String], rows: &[Vec<(String, bool)>]) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut table = framed(ui, &names);
    for row in rows {
        table.add_row(row.iter().map(|(text, is_number)| {
            if *is_number {
                right(text.clone())
            } else {
                Cell::new(text)
            }
        }));
    }
    text(table, &[])
}

/// Settings, one per row.
pub(super) fn settings(ui: &Ui, settings: &ByName<String>) -> String {
    settings_of(ui, "Réglage", settings)
}

/// Values by name, one per row.
pub(super) fn settings_of(ui: &Ui, title: &str, values: &ByName<String>) -> String {
    let mut table = framed(ui, &[title, "Valeur"]);
    for (key, value) in &values.0 {
        table.add_row([key, value]);
    }
    text(table, &[])
}

fn framed(ui: &Ui, headers: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = Ui::width() {
        table.set_width(width);
    }
    if ui.has_colour() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(headers.iter().map(|header| {
        let cell = Cell::new(header);
        if ui.has_colour() {
            cell.add_attribute(Attribute::Bold)
        } else {
            cell
        }
    }));
    table
}

/// `table` as lines without blanks at their ends. On a terminal too narrow for it, the columns of `expendable` go away, the
/// first one first.
fn text(mut table: Table, expendable: &[usize]) -> String {
    if let Some(width) = Ui::width() {
        table_width::fit(&mut table, width, expendable);
    }
    table.trim_fmt()
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn painted(ui: &Ui, (text, tone): (&str, Tone)) -> Cell {
    let cell = Cell::new(text);
    if !ui.has_colour() {
        return cell;
    }
    match tone {
        Tone::Good => cell.fg(Color::Green),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Busy => cell.fg(Color::Cyan),
        Tone::Warning => cell.fg(Color::Yellow),
        Tone::Faint => cell.add_attribute(Attribute::Dim),
        Tone::Strong => cell.add_attribute(Attribute::Bold),
    }
}
