//! Assigns a table to each file of a folder, and to each sheet of a workbook.

use super::Isavigne;
use super::file_reading;
use super::files::{self, ExportFile};
use super::names::{Foreign, Name};
use super::sheet::{self, SheetInfo};
use super::survey::{self, Survey};
use crate::canonical::{Table, text};
use crate::error::{Error, Result};
use crate::french::listed;

/// Most unassigned files named one by one. The wrong folder may contain thousands.
const MOST_NAMED: usize = 20;

/// Names of sheets that summarize the others.
const PIVOTS: &[&str] = &["tcd", "pivot", "tableau_croise", "tableau_croise_dynamique"];

/// A file, or a sheet, with its table.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) table: Table,
    pub(super) file: ExportFile,
    /// Survey of the file, unless its table was found by its name alone.
    survey: Option<Survey>,
}

impl Assigned {
    /// The survey of the file.
    pub(super) fn survey(&self, config: &Isavigne) -> Result<Survey> {
        match &self.survey {
            Some(survey) => Ok(survey.clone()),
            None => survey::of(&self.file, config),
        }
    }
}

/// Contents of a folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// The oldest first.
    pub(super) units: Vec<Assigned>,
    /// Why files are skipped.
    pub(super) warnings: Vec<String>,
    /// Files that look like exports but do not match the pattern.
    left_out: Vec<String>,
}

impl Folder {
    /// ` (laissés de côté par le réglage FILE_PATTERN : ventes.xlsx)`, where there are such files.
    pub(super) fn left_out_in_brackets(&self) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        format!(
            " (laissés de côté par le réglage FILE_PATTERN : {})",
            listed(&self.left_out)
        )
    }

    fn leave_aside(&mut self, name: &str, why: &str) {
        self.warnings.push(format!("{name} : {why}"));
    }
}

/// Lists the folder and assigns a table to each file; warns of files without one. Fails where there is nothing to
/// read.
pub(super) fn assign(config: &Isavigne) -> Result<Folder> {
    let listing = files::list(&config.folder, &config.pattern, &config.stop)?;
    let mut folder = Folder {
        warnings: listing.warnings,
        left_out: listing.left_out,
        ..Folder::default()
    };
    let names: Vec<String> = listing.files.iter().map(|file| file.name.clone()).collect();
    for file in listing.files {
        config.stop.check()?;
        assign_file(config, file, &mut folder)?;
    }
    if folder.units.is_empty() {
        return Err(nothing(config, &names, &folder));
    }
    if folder.warnings.len() > MOST_NAMED + 1 {
        let others = folder.warnings.split_off(MOST_NAMED).len();
        folder
            .warnings
            .push(format!("{others} autres fichiers : ignorés eux aussi"));
    }
    if !folder.left_out.is_empty() {
        let pattern = config.pattern.as_str();
        folder.warnings.push(format!(
            "laissé de côté par le réglage FILE_PATTERN={pattern} : {} ; FILE_PATTERN=* les lirait",
            listed(&folder.left_out)
        ));
    }
    Ok(folder)
}

fn nothing(config: &Isavigne, names: &[String], folder: &Folder) -> Error {
    let mut message = if names.is_empty() {
        format!(
            "Aucun fichier {} dans {}",
            config.pattern.as_str(),
            config.folder.display()
        )
    } else {
        format!(
            "Aucun fichier n'est reconnu dans {} : {}",
            config.folder.display(),
            listed(names)
        )
    };
    message.push_str(&folder.left_out_in_brackets());
    if !folder.warnings.is_empty() {
        message = format!("{message} ({})", listed(&folder.warnings));
    }
    Error::source_failed(message).hint(
        "Vérifiez que l'export d'iSaVigne a bien déposé ses fichiers, et le motif FILE_PATTERN. Le nom d'un fichier dit \
         ce qu'il contient : client, produit ou article, vente ou facture, stock, contact ou campagne",
    )
}

fn assign_file(config: &Isavigne, file: ExportFile, folder: &mut Folder) -> Result<()> {
    if let Some(foreign) = Name::of(&file.name).foreign()
        && file
            .tables
            .iter()
            .all(|table| is_foreign_to(*table, foreign))
    {
        folder.leave_aside(
            &file.name,
            &format!(
                "laissé de côté, d'après son nom ({}) : ce n'est pas ce qui est lu ici",
                foreign.label()
            ),
        );
        return Ok(());
    }
    let survey = survey::of(&file, config);
    config.stop.check()?;
    let Ok(survey) = survey else {
        // A file that cannot be opened fails later under the table of its name: it must not go unnoticed.
        assign_by_name(file, folder);
        return Ok(());
    };
    if survey.format.is_workbook() {
        assign_sheets(config, &file, &survey, folder);
        return config.stop.check();
    }
    let table = match file.tables.as_slice() {
        [table] => Some(*table),
        tables => by_header(config, &file, &survey, tables).or(tables.first().copied()),
    };
    match table {
        Some(table) => folder.units.push(Assigned {
            table,
            file,
            survey: Some(survey),
        }),
        None => leave_unknown(&file.name, folder),
    }
    Ok(())
}

/// Whether `foreign` contents exclude `table`: lists of articles or customers may mention purchases.
fn is_foreign_to(table: Table, foreign: Foreign) -> bool {
    match table {
        Table::SalesLines => true,
        Table::StockLevels => matches!(
            foreign,
            Foreign::Movements | Foreign::Forecasts | Foreign::Deleted
        ),
        Table::Customers | Table::Products => foreign == Foreign::Deleted,
        Table::ContactHistory => false,
    }
}

fn assign_by_name(file: ExportFile, folder: &mut Folder) {
    match file.tables.first() {
        Some(&table) => folder.units.push(Assigned {
            table,
            file,
            survey: None,
        }),
        None => leave_unknown(&file.name, folder),
    }
}

fn leave_unknown(name: &str, folder: &mut Folder) {
    folder.leave_aside(
        name,
        "fichier ignoré, ni son nom ni son en-tête ne disent ce qu'il contient (client, produit, vente, stock, contact)",
    );
}

/// The table that matches the file's header. `named`: the tables that the file's name suggests; all if it suggests
/// none.
fn by_header(
    config: &Isavigne,
    file: &ExportFile,
    survey: &Survey,
    named: &[Table],
) -> Option<Table> {
    let rows = file_reading::first_rows(file, survey).ok()?;
    by_header_among(config, &rows, named)
}

fn by_header_among(config: &Isavigne, rows: &file_reading::Rows, named: &[Table]) -> Option<Table> {
    let candidates = if named.is_empty() { &Table::ALL } else { named };
    let understood = candidates.iter().filter_map(|&table| {
        let columns = file_reading::columns(rows, table, config).ok()?;
        Some((table, columns.understood()))
    });
    let understood: Vec<(Table, usize)> = understood.collect();
    // A header with all columns of a sale is one: stock and contacts need only some of them.
    if understood
        .iter()
        .any(|(table, _)| *table == Table::SalesLines)
    {
        return Some(Table::SalesLines);
    }
    match understood.as_slice() {
        [(table, _)] => Some(*table),
        // The name suggests several: the one with the most known columns.
        _ if !named.is_empty() => {
            let most = understood.iter().map(|(_, columns)| *columns).max()?;
            let mut best = understood.iter().filter(|(_, columns)| *columns == most);
            let first = best.next()?;
            best.next().is_none().then_some(first.0)
        }
        _ => None,
    }
}

/// Assigns every sheet with a table: by its name, else by its header, else by the name of the workbook.
fn assign_sheets(config: &Isavigne, book: &ExportFile, survey: &Survey, folder: &mut Folder) {
    let sheets = book
        .open()
        .and_then(|content| sheet::sheets(&content, survey));
    let Ok(sheets) = sheets else {
        return assign_by_name(book.clone(), folder);
    };
    let wanted = sheets.iter().filter(|sheet| match &config.sheet {
        Some(only) => sheet.name.trim().eq_ignore_ascii_case(only.trim()),
        None => !sheet.is_hidden && !sheet.is_empty,
    });
    let before = folder.units.len();
    let mut unknown = Vec::new();
    for info in wanted {
        let file = book.sheet(&info.name);
        match table_of_sheet(config, book, &file, &info.name, survey) {
            Some(table) => folder.units.push(Assigned {
                table,
                file,
                survey: Some(survey.clone()),
            }),
            None => unknown.push(file),
        }
    }
    if folder.units.len() == before {
        assign_no_sheet(config, book, unknown, &sheets, survey, folder);
    } else {
        leave_unknown_sheets(&unknown, folder);
    }
}

/// Reports a workbook without a known table in the sheets to read, which are `unknown`, of all its `sheets`.
fn assign_no_sheet(
    config: &Isavigne,
    book: &ExportFile,
    unknown: Vec<ExportFile>,
    sheets: &[SheetInfo],
    survey: &Survey,
    folder: &mut Folder,
) {
    if let Some(hidden) = hidden_table(config, book, sheets, survey) {
        let why = format!(
            "classeur ignoré, ses feuilles visibles n'ont pas de tableau connu, sa feuille masquée « {hidden} » en a un : \
             affichez-la dans Excel, ou indiquez-la (réglage SHEET)"
        );
        return folder.leave_aside(&book.name, &why);
    }
    if unknown.is_empty() {
        return folder.leave_aside(&book.name, &no_sheet_to_read(config, sheets));
    }
    let Some(&table) = book.tables.first() else {
        return leave_unknown_sheets(&unknown, folder);
    };
    // The first one fails with the columns that its header lacks.
    folder
        .units
        .extend(unknown.into_iter().take(1).map(|file| Assigned {
            table,
            file,
            survey: Some(survey.clone()),
        }));
}

fn leave_unknown_sheets(sheets: &[ExportFile], folder: &mut Folder) {
    for sheet in sheets {
        folder.leave_aside(
            &sheet.name,
            "feuille ignorée, elle ne contient pas de tableau connu",
        );
    }
}

/// Why no sheet of a workbook is read, not even to find its table.
fn no_sheet_to_read(config: &Isavigne, sheets: &[SheetInfo]) -> String {
    let Some(only) = &config.sheet else {
        return "classeur ignoré, toutes ses feuilles sont vides ou masquées".to_owned();
    };
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    format!(
        "classeur ignoré, il n'a pas de feuille « {only} » (réglage SHEET) ; ses feuilles : {}",
        listed(&names)
    )
}

/// The first hidden sheet with a table; `None` where the setting names a sheet.
fn hidden_table<'s>(
    config: &Isavigne,
    book: &ExportFile,
    sheets: &'s [SheetInfo],
    survey: &Survey,
) -> Option<&'s str> {
    let mut hidden = sheets
        .iter()
        .filter(|sheet| config.sheet.is_none() && sheet.is_hidden && !sheet.is_empty);
    let found = hidden.find(|sheet| {
        let file = book.sheet(&sheet.name);
        table_of_sheet(config, book, &file, &sheet.name, survey).is_some()
    });
    found.map(|sheet| sheet.name.as_str())
}

fn table_of_sheet(
    config: &Isavigne,
    book: &ExportFile,
    file: &ExportFile,
    sheet: &str,
    survey: &Survey,
) -> Option<Table> {
    if Name::of(sheet).foreign().is_some() || PIVOTS.contains(&text::header_key(sheet).as_str()) {
        return None;
    }
    let rows = file_reading::first_rows(file, survey).ok()?;
    let reads = |table: &Table| file_reading::columns(&rows, *table, config).is_ok();
    let own = Name::of(sheet).tables();
    let by_name = own
        .iter()
        .chain(&book.tables)
        .copied()
        .find(|table| reads(table));
    match own.as_slice() {
        [table] if reads(table) => Some(*table),
        [] if book.tables.len() == 1 && by_name.is_some() => by_name,
        _ => by_header_among(config, &rows, &[]).or(by_name),
    }
}
