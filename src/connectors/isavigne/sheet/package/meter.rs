//! Memory limits of a workbook, checked while it is inflated.
//!
//! The parser keeps shared texts, styles and names, and the sheet its filled cells: they share one budget. In
//! addition, the parser holds the current piece, which has its own limit.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;

use super::markup::{Found, Markup};
use crate::error::Error;

/// Limit of bytes kept by the parser and the cells, of the 256 MiB limit of a workbook: the rest is for one piece,
/// for inflating, and for the program itself.
const MOST_KEPT: u64 = 224 << 20;

/// Limit of a tag, a text or a comment. Excel's longest text has 32,767 characters of at most six bytes.
const MOST_PIECE: u64 = 1 << 20;

/// Limit of the texts of one cell, whose parts may have different styles.
const MOST_CELL: u64 = 4 << 20;

/// Limit between two cells: rows without cells.
const MOST_GAP: u64 = 64 << 20;

/// Limit of all inflated bytes: each sheet is read at most twice.
const MOST_INFLATED: u64 = 4 << 30;

/// Limit of nested elements.
const MOST_DEPTH: u64 = 200;

/// The exceeded limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum TooLarge {
    /// Texts, styles and cells together.
    Kept,
    /// One text or tag.
    Piece,
    /// Nested elements.
    Depth,
    Rows,
    Gap,
    Inflated,
    Parts,
    Sheets,
    /// A document type definition.
    Definition,
}

impl TooLarge {
    /// The error for the exceeded limit, with advice.
    pub(in super::super) fn into_error(self) -> Error {
        let what = match self {
            Self::Kept => "ses textes et ses cellules prendraient plus de 256 Mio de mémoire",
            Self::Piece => {
                "un texte ou une balise dépasse 1 Mio, le plus long texte d'Excel a 32 767 signes"
            }
            Self::Depth => "ses balises sont imbriquées sans fin",
            Self::Rows => "une feuille a plus de 1 048 576 lignes, la limite d'Excel",
            Self::Gap => "des millions de lignes vides séparent deux cellules",
            Self::Inflated => "il contient plus de 4 Gio une fois décompressé",
            Self::Parts => "il contient plus de 10 000 parties",
            Self::Sheets => "il a plus de 1 000 feuilles",
            Self::Definition => "il définit ses propres balises, ce qu'aucun classeur ne fait",
        };
        Error::data(format!("classeur refusé, {what}"))
            .hint("Refaites l'export en CSV, ou en plusieurs classeurs plus petits")
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "too large: {self:?}")
    }
}

impl std::error::Error for TooLarge {}

/// Memory used by a workbook so far.
#[derive(Debug, Default)]
pub(in super::super) struct Meter {
    markup: RefCell<Markup>,
    kept: Cell<u64>,
    inflated: Cell<u64>,
    /// In the open sheet, bytes since the last cell, and how many of them are text; `None` while the parser opens the
    /// workbook and keeps what it reads.
    since_cell: Cell<Option<(u64, u64)>>,
    /// The longest item that each style may refer to: a number format, a font.
    longest_style: Cell<u64>,
    /// The longest path that each sheet may refer to.
    longest_path: Cell<u64>,
    refused: Cell<Option<TooLarge>>,
}

impl Meter {
    /// The exceeded limit that ended the reading, if any.
    pub(in super::super) fn refused(&self) -> Option<TooLarge> {
        self.refused.get()
    }

    /// Starts the cells.
    pub(in super::super) fn begin_cells(&self) {
        self.since_cell.set(Some((0, 0)));
    }

    /// Records a read cell.
    pub(in super::super) fn cell(&self) {
        self.since_cell.set(Some((0, 0)));
    }

    /// Adds `bytes` to the kept memory.
    pub(in super::super) fn keep(&self, bytes: u64) -> io::Result<()> {
        let kept = self.kept.get().saturating_add(bytes);
        self.kept.set(kept);
        if kept > MOST_KEPT {
            return Err(self.refuse(TooLarge::Kept));
        }
        Ok(())
    }

    /// Records the exceeded limit; returns the error that ends the reading.
    pub(in super::super) fn refuse(&self, why: TooLarge) -> io::Error {
        self.refused.set(Some(why));
        io::Error::other(why)
    }

    /// Starts a part.
    pub(super) fn begin_part(&self) {
        self.markup.replace(Markup::default());
    }

    /// Checks the next bytes of the part.
    pub(super) fn look(&self, block: &[u8]) -> io::Result<()> {
        let inflated = self.inflated.get() + block.len() as u64;
        self.inflated.set(inflated);
        if inflated > MOST_INFLATED {
            return Err(self.refuse(TooLarge::Inflated));
        }
        if let Some((bytes, text)) = self.since_cell.get() {
            let bytes = bytes + block.len() as u64;
            self.since_cell.set(Some((bytes, text)));
            if bytes > MOST_GAP {
                return Err(self.refuse(TooLarge::Gap));
            }
        }
        let mut markup = self.markup.borrow_mut();
        markup.look(block, |markup, found| self.look_at(markup, &found))
    }

    fn look_at(&self, markup: &Markup, found: &Found<'_>) -> io::Result<()> {
        if markup.length() > MOST_PIECE {
            return Err(self.refuse(TooLarge::Piece));
        }
        match (found, self.since_cell.get()) {
            (Found::Definition, _) => Err(self.refuse(TooLarge::Definition)),
            (Found::Text(0), _) => Ok(()),
            (Found::Text(length), Some((bytes, text))) => {
                let text = text + *length as u64;
                self.since_cell.set(Some((bytes, text)));
                if text > MOST_CELL {
                    return Err(self.refuse(TooLarge::Piece));
                }
                Ok(())
            }
            // The allocator's overhead and rounding.
            (Found::Text(length), None) => self.keep(*length as u64 + 24),
            (Found::Open { .. }, _) if markup.depth() > MOST_DEPTH => {
                Err(self.refuse(TooLarge::Depth))
            }
            (Found::Open { .. }, Some(_)) => Ok(()),
            (Found::Open { name, length }, None) => self.keep(self.taken_by(name, *length)),
        }
    }

    /// Bytes that the parser keeps of an element, at most: its structure, and a list that doubles when it grows.
    fn taken_by(&self, name: &[u8], length: u64) -> u64 {
        let longest = self.longest_style.get().max(self.longest_path.get());
        match name {
            b"" => 1000 + 3 * (length + longest),
            // Its entry in a list that doubles.
            b"si" => 48,
            b"xf" => 600 + 2 * self.longest_style.get(),
            b"sheet" => 300 + 3 * length + 2 * self.longest_path.get(),
            b"numFmt" | b"name" | b"rFont" => {
                self.longest_style.set(self.longest_style.get().max(length));
                200 + length
            }
            b"Relationship" => {
                self.longest_path.set(self.longest_path.get().max(length));
                300 + length
            }
            b"font" | b"fill" | b"border" | b"definedName" => 400 + length,
            // Only its text is kept.
            b"t" => 0,
            _ => 8,
        }
    }
}
