//! What a workbook may take of memory, counted while it is inflated.
//!
//! The parser keeps shared texts, styles and names; the sheet its filled cells: all of them draw on one budget. Beside
//! it, the parser holds the one piece it is at, which is bounded too.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;

use super::markup::{Found, Markup};
use crate::error::Error;

/// Bytes that the parser and the cells may keep, of the 256 MiB that a workbook may take: the rest is for one piece, for
/// inflating, and for the program itself.
const MOST_KEPT: u64 = 224 << 20;

/// Bytes of a tag, a text or a comment. Excel's longest text has 32,767 characters, of six bytes each at most.
const MOST_PIECE: u64 = 1 << 20;

/// Bytes of the texts of one cell, whose parts may differ in look.
const MOST_CELL: u64 = 4 << 20;

/// Bytes between two cells: rows without any.
const MOST_GAP: u64 = 64 << 20;

/// Bytes inflated in all: each sheet is gone through twice at most.
const MOST_INFLATED: u64 = 4 << 30;

/// Elements within elements.
const MOST_DEPTH: u64 = 200;

/// What is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum TooLarge {
    /// Texts, styles and cells together.
    Kept,
    /// One text, or one tag.
    Piece,
    /// Elements within elements.
    Depth,
    Rows,
    Gap,
    Inflated,
    Parts,
    /// It defines types of its own.
    Definition,
}

impl TooLarge {
    /// Why the workbook is not read, and what to do.
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

/// What a workbook has taken so far.
#[derive(Debug, Default)]
pub(in super::super) struct Meter {
    markup: RefCell<Markup>,
    kept: Cell<u64>,
    inflated: Cell<u64>,
    /// Of the open sheet, bytes since the last cell, and those of them that are text; none while the parser opens the
    /// workbook, when it keeps what it reads.
    since_cell: Cell<Option<(u64, u64)>>,
    /// The longest of what every style may name again: a number format, a font.
    longest_style: Cell<u64>,
    /// The longest path that every sheet may name again.
    longest_path: Cell<u64>,
    refused: Cell<Option<TooLarge>>,
}

impl Meter {
    /// Why the reading was ended, if it was.
    pub(in super::super) fn refused(&self) -> Option<TooLarge> {
        self.refused.get()
    }

    /// From now on cells are read.
    pub(in super::super) fn begin_cells(&self) {
        self.since_cell.set(Some((0, 0)));
    }

    /// A cell was read.
    pub(in super::super) fn cell(&self) {
        self.since_cell.set(Some((0, 0)));
    }

    /// `bytes` more are kept.
    pub(in super::super) fn keep(&self, bytes: u64) -> io::Result<()> {
        let kept = self.kept.get().saturating_add(bytes);
        self.kept.set(kept);
        if kept > MOST_KEPT {
            return Err(self.refuse(TooLarge::Kept));
        }
        Ok(())
    }

    /// The error that ends the reading.
    pub(in super::super) fn refuse(&self, why: TooLarge) -> io::Error {
        self.refused.set(Some(why));
        io::Error::other(why)
    }

    /// A part begins anew.
    pub(super) fn begin_part(&self) {
        self.markup.replace(Markup::default());
    }

    /// Looks at the next bytes of the part.
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
            // What the allocator adds, and rounds up to.
            (Found::Text(length), None) => self.keep(*length as u64 + 24),
            (Found::Open { .. }, _) if markup.depth() > MOST_DEPTH => {
                Err(self.refuse(TooLarge::Depth))
            }
            (Found::Open { .. }, Some(_)) => Ok(()),
            (Found::Open { name, length }, None) => self.keep(self.taken_by(name, *length)),
        }
    }

    /// Bytes that the parser keeps of an element, at most: what it makes of it, and a list that doubles as it grows.
    fn taken_by(&self, name: &[u8], length: u64) -> u64 {
        let longest = self.longest_style.get().max(self.longest_path.get());
        match name {
            b"" => 1000 + 3 * (length + longest),
            // Its place in a list that doubles.
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
            // Its text alone is kept.
            b"t" => 0,
            _ => 8,
        }
    }
}
