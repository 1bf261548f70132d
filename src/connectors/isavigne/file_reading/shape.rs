//! The number of cells of a file's rows.

use super::super::columns::Columns;
use super::super::sheet::{Line, Shape};
use super::non_rows::NonRows;

/// The shape of the header `line` and the first rows below it.
pub(super) fn of(header: &Line, columns: &Columns, below: &[Line]) -> Shape {
    let non_rows = NonRows::of(columns);
    let rows: Vec<&Line> = below
        .iter()
        .filter(|line| line.broken_quote.is_none())
        .filter(|line| {
            !(non_rows.is_doubtful(line) && matches!(non_rows.kind(line), Ok(Some(_)) | Err(_)))
        })
        .collect();
    let width = columns.width();
    let mut shape = Shape {
        is_padded: is_padded(header),
        ..Shape::of_width(width)
    };
    let counts: Vec<usize> = rows.iter().map(|line| line.cells.len()).collect();
    if let Some(usual) = usual(&counts) {
        shape.usual = usual.max(width);
    }
    let spare = counts.iter().filter(|count| **count > width).count();
    let is_usual = spare > 0 && spare * 10 >= counts.len() * 9;
    shape.takes_spare = is_usual || header.cells.len() > width;
    shape.takes_short = takes_short(&rows, width);
    shape
}

/// The number of cells of nearly all rows.
fn usual(counts: &[usize]) -> Option<usize> {
    let with = |count: usize| counts.iter().filter(|other| **other == count).count();
    let usual = counts.iter().copied().max_by_key(|count| with(*count))?;
    let rows = with(usual);
    (rows >= 3 && rows * 4 >= counts.len() * 3).then_some(usual)
}

/// Whether the exporter omits empty cells at the end: many rows are short, others are complete, and none ends with an
/// empty cell.
fn takes_short(rows: &[&Line], width: usize) -> bool {
    let short = rows.iter().filter(|line| line.cells.len() < width).count();
    let whole = rows.iter().filter(|line| line.cells.len() == width).count();
    let ends_empty = |line: &&&Line| {
        let last = line.cells.iter().next_back();
        last.is_none_or(|cell| cell.trim().is_empty())
    };
    short >= 3
        && short * 10 >= rows.len()
        && whole > 0
        && !rows.iter().any(|line| ends_empty(&line))
}

/// Whether blanks follow the delimiters of the header.
pub(super) fn is_padded(header: &Line) -> bool {
    let mut cells = header.cells.iter().skip(1).filter(|cell| !cell.is_empty());
    cells.next().is_some_and(|cell| cell.starts_with(' '))
}

/// The French predicate about a wrong number of cells of `line`, if it is wrong.
#[inline]
pub(super) fn fault(shape: &Shape, line: &Line) -> Option<String> {
    let count = line.cells.len();
    let is_usual = count == shape.usual && count == shape.width;
    if is_usual { None } else { unusual(shape, line) }
}

fn unusual(shape: &Shape, line: &Line) -> Option<String> {
    let count = line.cells.len();
    let width = shape.width;
    let filled = line.cells.iter().rposition(|cell| !cell.trim().is_empty());
    let filled = filled.map_or(0, |last| last + 1);
    let cells = |count: usize| match count {
        1 => "1 cellule".to_owned(),
        _ => format!("{count} cellules"),
    };
    if filled > width {
        return Some(format!(
            "a {} au lieu de {width} (séparateur dans une cellule ?)",
            cells(filled)
        ));
    }
    if count < width {
        let why = if count == 1 {
            ""
        } else {
            " (séparateur oublié ?)"
        };
        let is_fine = shape.takes_short && count > 1;
        return (!is_fine).then(|| format!("a {} au lieu de {width}{why}", cells(count)));
    }
    if count == shape.usual || (shape.takes_spare && shape.usual == width) {
        return None;
    }
    let usual = shape.usual;
    let why = if count > usual {
        "séparateur dans une cellule ?"
    } else {
        "séparateur oublié ?"
    };
    Some(format!("a {} au lieu de {usual} ({why})", cells(count)))
}
