//! Errors for a file without a header line, with advice.

use super::{MOST_LINES, Sought, delimiter_name};
use crate::canonical::{Table, text};
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::{self, Columns, MOST_HEADER_CHARS};
use crate::connectors::isavigne::sheet::{DELIMITERS, Line};
use crate::error::Error;

/// A line that may be meant as the header.
struct Candidate {
    line: Line,
    /// Number of cells that name a column of any table.
    known: usize,
}

/// Why no header was found.
pub(super) fn why(sought: &Sought<'_>) -> Error {
    let candidates = candidates(sought);
    if candidates.is_empty() {
        return nothing(sought);
    }
    let hidden = other_delimiter(sought)
        .or_else(|| whole_lines_in_quotes(sought))
        .or_else(|| unknown_delimiter(sought));
    if let Some(error) = hidden {
        return error;
    }
    let first = candidates.iter().map(|one| one.line.number).min();
    let has_header_line = sought.config.header_line.is_some();
    let best = candidates
        .into_iter()
        .rev()
        .max_by_key(|one| (one.known, one.line.cells.len().min(2)));
    let Some(best) = best else {
        return nothing(sought);
    };
    if best.known < 2 && !has_header_line && looks_like_data(&best.line) {
        return no_header(&best.line);
    }
    let error = if best.known > 0 || is_known(sought, &best.line) {
        sought.map(&best.line)
    } else {
        sought.map(&Line::default())
    };
    let error = error.err().unwrap_or_else(|| no_header(&best.line));
    let number = best.line.number;
    if has_header_line {
        return error.at(format!("ligne {number} (réglage HEADER_LINE)"));
    }
    let error = if best.known == 0 {
        error.and_hint(&format!(
            "Aucune des {MOST_LINES} premières lignes ne nomme une colonne connue ; le réglage HEADER_LINE indique la ligne d'en-tête"
        ))
    } else {
        error
    };
    if Some(number) == first {
        error
    } else {
        error.at(format!("ligne {number}"))
    }
}

/// Whether a table or a setting knows a header in `line`. A line without any may be of any file: it is not quoted, as
/// it may be confidential.
fn is_known(sought: &Sought<'_>, line: &Line) -> bool {
    let own = sought.config.overrides.of_table(sought.table);
    line.cells.iter().any(|cell| {
        let key = text::header_key(cells::peel(cell));
        let is_own = own.iter().any(|(_, own)| *own == key);
        is_own
            || Table::ALL
                .iter()
                .any(|&table| columns::is_known(table, &key))
    })
}

fn candidates(sought: &Sought<'_>) -> Vec<Candidate> {
    let lines = sought
        .delimiters()
        .into_iter()
        .flat_map(|delimiter| sought.lines(delimiter));
    lines
        .map(|line| Candidate {
            known: sought.known(&line),
            line,
        })
        .collect()
}

/// The error for an empty file, or for a header line number beyond its end.
fn nothing(sought: &Sought<'_>) -> Error {
    match sought.config.header_line {
        Some(number) if !sought.rows.sample(b';', 1, 1, None).is_empty() => Error::data(format!(
            "la ligne {number} (réglage HEADER_LINE) n'existe pas, ou elle est vide"
        ))
        .hint("Indiquez la ligne qui nomme les colonnes, ou auto"),
        _ => Error::data("le fichier est vide")
            .hint("Refaites l'export, ou retirez ce fichier du dossier"),
    }
}

/// `C1;Durand;Nice`: codes and figures instead of column names.
fn looks_like_data(line: &Line) -> bool {
    let mut cells = line.cells.iter().map(cells::peel);
    cells.any(|cell| cell.contains('@') || cell.bytes().any(|byte| byte.is_ascii_digit()))
}

fn no_header(line: &Line) -> Error {
    // A line without a known header may be confidential: it is not quoted.
    Error::data(format!(
        "pas de ligne d'en-tête : la première ligne (ligne {}) ressemble à des données, aucune ne nomme les colonnes",
        line.number
    ))
    .hint("Refaites l'export avec les noms des colonnes ; s'ils y sont plus bas, le réglage HEADER_LINE indique leur ligne")
}

/// The error when another delimiter than that of the setting or first line yields a header.
fn other_delimiter(sought: &Sought<'_>) -> Option<Error> {
    let imposed = sought.imposed_delimiter()?;
    let other = DELIMITERS.into_iter().find(|&delimiter| {
        delimiter != imposed
            && sought
                .lines(delimiter)
                .iter()
                .any(|line| sought.map(line).is_ok())
    })?;
    let by = match sought.config.delimiter {
        Some(_) => "réglage DELIMITER",
        None => "ligne « sep= »",
    };
    let error = Error::data(format!(
        "le séparateur imposé ({by}) est {}, mais l'en-tête est séparé par {}",
        delimiter_name(imposed),
        delimiter_name(other)
    ));
    Some(error.hint("Corrigez le réglage DELIMITER, ou remettez-le sur auto"))
}

/// The error for `"code_client;nom;ville"`: the whole line is in quotes.
fn whole_lines_in_quotes(sought: &Sought<'_>) -> Option<Error> {
    let lines = sought.rows.sample(b'\x1F', 1, MOST_LINES, None);
    let found = lines.iter().find(|line| {
        let is_quoted = line.has_quotes && line.cells.len() == 1 && line.broken_quote.is_none();
        let content = line.cells.get(0).unwrap_or_default().replace('"', "");
        is_quoted
            && DELIMITERS
                .iter()
                .any(|&delimiter| maps(sought, content.split(char::from(delimiter))))
    })?;
    let error = Error::data(format!(
        "chaque ligne est entre guillemets d'un bout à l'autre (ligne {}) : ses cellules ne sont pas séparées",
        found.number
    ));
    Some(
        error.hint(
            "Refaites l'export : les guillemets entourent chaque cellule, jamais toute la ligne",
        ),
    )
}

/// The error for `code_client~nom~ville`: an unsupported delimiter yields a header.
fn unknown_delimiter(sought: &Sought<'_>) -> Option<Error> {
    if sought.rows.is_workbook() {
        return None;
    }
    let lines = sought.rows.sample(b'\x1E', 1, MOST_LINES, None);
    for line in &lines {
        let raw = line.cells.whole();
        if let Some(separator) = separator_of(sought, raw) {
            let error = Error::data(format!(
                "séparateur inconnu « {separator} » (ligne {} : {})",
                line.number,
                text::excerpt(raw, MOST_HEADER_CHARS)
            ));
            return Some(error.hint(
                "Refaites l'export avec un point-virgule, une virgule, une tabulation ou « | » comme séparateur",
            ));
        }
    }
    None
}

/// The separator of the names in `line`, if it is not a supported delimiter.
fn separator_of(sought: &Sought<'_>, line: &str) -> Option<String> {
    let mut signs: Vec<char> = line
        .chars()
        .filter(|c| !c.is_alphanumeric() && !matches!(c, '_' | '"' | '\'' | ' ' | '.'))
        .filter(|c| !u8::try_from(*c).is_ok_and(|byte| DELIMITERS.contains(&byte)))
        .collect();
    signs.sort_unstable();
    signs.dedup();
    let doubled = [
        "  ", ";;", ",,", "||", "::", "~~", "|~|", "~|~", " | ", " - ", "->",
    ];
    let single = signs.iter().map(char::to_string);
    let all = doubled
        .iter()
        .map(|&sign| sign.to_owned())
        .chain(single)
        .chain([" ".to_owned()]);
    let has_delimiter = line.bytes().any(|byte| DELIMITERS.contains(&byte));
    for separator in all {
        // Blanks separate the words of a name where another character separates names.
        if has_delimiter && separator.trim().is_empty() {
            continue;
        }
        let cells = line.split(&separator).map(str::trim);
        if line.contains(&separator)
            && maps(
                sought,
                cells.filter(|cell| separator != "  " || !cell.is_empty()),
            )
        {
            return Some(match separator.as_str() {
                "  " => "plusieurs espaces".to_owned(),
                " " => "espace".to_owned(),
                other => other.escape_debug().to_string(),
            });
        }
    }
    None
}

fn maps<'c>(sought: &Sought<'_>, cells: impl Iterator<Item = &'c str>) -> bool {
    let names: Vec<String> = cells
        .map(|cell| text::clean(cell.trim_matches('"')).into_owned())
        .collect();
    names.len() > 1 && Columns::map(sought.table, &names, &sought.config.overrides).is_ok()
}
