//! One pass over the rows of a file: skips lines that are not rows, rejects invalid rows, and passes the others to
//! the table's reader.

mod corrected;
mod escapes;
mod group_totals;
mod spoiled;
mod summed;
mod whose;
mod written_totals;

use std::thread;
use std::time::{Duration, SystemTime};

use jiff::civil::Date;

use self::corrected::FileCorrections;
use self::group_totals::{GroupTotals, Verdict};
use self::spoiled::Spoiled;
use self::written_totals::{Compared, WrittenTotals};
use super::key_columns::KeyColumns;
use super::non_rows::{NonRow, NonRows};
use super::row::file_evidence::FileEvidence;
use super::row::{Cells, Fault, Refusal};
use super::rows::Rows;
use super::shape;
use super::typed::Shifts;
use crate::canonical::bytes::Look;
use crate::canonical::{Corrections, RejectedRow, RowId, text};
use crate::connectors::Sink;
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::Columns;
use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::readers::RowReader;
use crate::connectors::isavigne::sheet::{BrokenQuote, CellKind, Layout, Line};
use crate::connectors::isavigne::survey::{self, Survey};
use crate::connectors::remarks::{Remark, Remarks};
use crate::error::Result;
use crate::report::UnitHeld;

/// A file without a final line end may still be growing: it is checked again once it has been unchanged for this
/// long.
const QUIET: Duration = Duration::from_secs(2);

/// Why a changing file waits.
const CHANGED: &str = "le fichier a changé pendant la lecture";

/// Why a file with an incomplete last line waits.
const CUT: &str = "la dernière ligne est coupée";

/// Why a row with cells under the wrong headers is rejected.
const SHIFTED: &str = "cellules décalées : un séparateur dans une cellule ?";

/// Rows between two progress reports.
const ROWS_PER_ADVANCE: u64 = 1024;

/// Result of a pass.
pub(super) enum Ending {
    /// The whole file was read.
    Whole,
    /// The file is incomplete or changed meanwhile: left for the next sync.
    NotYet(&'static str),
    /// The file must be read again with a newly found doubt.
    Again,
}

/// What to do with an incomplete last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CutLine {
    /// It may still be being written: the file waits.
    Waits,
    /// It will not be completed: the line is rejected.
    Rejected,
}

/// Input of a pass.
pub(super) struct Given<'a> {
    pub(super) cut_line: CutLine,
    pub(super) file: &'a ExportFile,
    pub(super) survey: &'a Survey,
    pub(super) columns: &'a Columns,
    pub(super) layout: Layout,
    /// Lines up to the header, and further lines that the header spans.
    pub(super) header_lines: (u64, u64),
    pub(super) evidence: &'a FileEvidence<'a>,
    pub(super) reader: Box<dyn RowReader + 'a>,
    pub(super) last_day: Date,
    pub(super) corrections: &'a Corrections,
}

impl<'a> Given<'a> {
    fn cells<'c>(&self, line: &'c Line) -> Cells<'c>
    where
        'a: 'c,
    {
        Cells {
            line,
            columns: self.columns,
            evidence: self.evidence,
            last_day: self.last_day,
        }
    }
}

/// One pass over the rows of one file.
pub(super) struct FilePass<'a> {
    given: Given<'a>,
    non_rows: NonRows<'a>,
    group_totals: GroupTotals,
    shifts: Shifts,
    keys: KeyColumns,
    remarks: Remarks,
    /// Number of rows, accepted or rejected.
    pub(super) rows: u64,
    /// Further lines of rows that span several.
    more_lines: u64,
    /// Number of lines that are not rows, by kind.
    skipped: [u64; NonRow::COUNT],
    /// Whether only the header was read so far.
    is_under_header: bool,
    /// Whether the line before was blank.
    is_behind_blank: bool,
    spoiled: Spoiled,
    written_totals: WrittenTotals,
    /// Result of their comparison with the rows.
    compared_totals: Compared,
    corrections: FileCorrections,
    /// The row being read as its file says it, where it is corrected.
    uncorrected: Option<RejectedRow>,
    /// Whether customers were erased: each row is then looked at for one of them.
    has_erased: bool,
}

/// Whether reading goes on after a row.
enum Next {
    Row,
    Again,
}

impl<'a> FilePass<'a> {
    pub(super) fn of(given: Given<'a>) -> Self {
        let columns = given.columns;
        Self {
            non_rows: NonRows::of(columns),
            group_totals: GroupTotals::of(columns),
            shifts: Shifts::of(columns, given.layout.shape.is_padded),
            keys: KeyColumns::of(columns),
            remarks: Remarks::on_lines(),
            rows: 0,
            more_lines: given.header_lines.1,
            skipped: [0; NonRow::COUNT],
            is_under_header: true,
            is_behind_blank: false,
            spoiled: Spoiled::default(),
            written_totals: WrittenTotals::default(),
            compared_totals: Compared::default(),
            has_erased: false,
            corrections: FileCorrections::of(given.corrections, columns),
            uncorrected: None,
            given,
        }
    }

    pub(super) fn read_rows(&mut self, rows: &mut Rows, sink: &mut dyn Sink) -> Result<Ending> {
        self.has_erased = sink.erased().is_some();
        let (mut one, mut other) = (Line::default(), Line::default());
        let (mut line, mut next) = (&mut one, &mut other);
        let mut has_line = rows.read(line)?;
        let (mut blanks, mut is_behind_blank) = (rows.empty_lines(), false);
        while has_line {
            self.more_lines += line.more_lines;
            self.is_behind_blank = is_behind_blank;
            has_line = rows.read(next)?;
            is_behind_blank = if rows.is_workbook() {
                // Blank rows are counted when the next one is read.
                next.number > line.number + 1
            } else {
                rows.empty_lines() > blanks
            };
            blanks = rows.empty_lines();
            if !has_line && self.is_cut(line, rows)? {
                match self.given.cut_line {
                    CutLine::Waits => return Ok(Ending::NotYet(CUT)),
                    CutLine::Rejected => self.reject_cut(line, sink)?,
                }
                break;
            }
            if let Next::Again = self.read_line(line, has_line.then_some(next), sink)? {
                return Ok(Ending::Again);
            }
            if self.rows.is_multiple_of(ROWS_PER_ADVANCE) {
                sink.advance(rows.bytes_read())?;
                if rows.bytes_read() > self.given.survey.size {
                    return Ok(Ending::NotYet(CHANGED)); // However fast it grows.
                }
            }
            std::mem::swap(&mut line, &mut next);
        }
        sink.advance(rows.bytes_read())?;
        let ending = self.ending(rows);
        if let Ending::Whole = ending {
            self.compare_totals()?;
        }
        Ok(ending)
    }

    fn is_open_ended(&self, rows: &Rows) -> bool {
        !self.given.survey.ends_with_line_end && !rows.is_workbook()
    }

    /// Whether `line`, the last one, is incomplete.
    fn is_cut(&self, line: &Line, rows: &Rows) -> Result<bool> {
        if !self.is_open_ended(rows) {
            return Ok(false);
        }
        let survey = self.given.survey;
        if survey.ends_within_character {
            return Ok(true);
        }
        let is_short = line.cells.len() < self.given.layout.shape.usual;
        Ok(line.broken_quote.is_some() || (is_short && self.non_rows.kind(line)?.is_none()))
    }

    fn reject_cut(&mut self, line: &Line, sink: &mut dyn Sink) -> Result<()> {
        self.rows += 1;
        let reason = "dernière ligne coupée : le fichier s'arrête avant sa fin".to_owned();
        let row = Some(self.kept_row(line));
        self.reject((Fault::of_row(reason), row), line.number, None, sink)
    }

    /// `line` as it is kept with its reject.
    fn kept_row(&self, line: &Line) -> RejectedRow {
        let columns = self.given.columns;
        let headers = (0..columns.width()).map(|at| columns.header(at).to_owned());
        let id = RowId::of_cells(columns.table(), line.cells.iter().map(cells::peel));
        RejectedRow::of(id, headers.collect(), line.cells.iter())
    }

    /// A line that cannot be cut into cells.
    fn kept_text(&self, text: &str) -> RejectedRow {
        let id = RowId::of_cells(self.given.columns.table(), [text].into_iter());
        RejectedRow::of(id, Vec::new(), [text].into_iter())
    }

    fn ending(&self, rows: &Rows) -> Ending {
        let survey = self.given.survey;
        if self.is_open_ended(rows) {
            let age = survey
                .modified
                .and_then(|at| SystemTime::now().duration_since(at).ok());
            thread::sleep(age.map_or(Duration::ZERO, |age| QUIET.saturating_sub(age)));
        }
        let has_changed = rows.hash().is_some_and(|hash| hash != survey.hash)
            || !survey::is_still(&self.given.file.path, survey);
        if has_changed {
            return Ending::NotYet(CHANGED);
        }
        Ending::Whole
    }

    /// Reads `line`; `below`: the next one.
    fn read_line(
        &mut self,
        line: &Line,
        below: Option<&Line>,
        sink: &mut dyn Sink,
    ) -> Result<Next> {
        if let Some(quote) = line.broken_quote {
            self.reject_quoted(line, quote, sink)?;
            return Ok(Next::Row);
        }
        if self.keys.hold_line_end(line) {
            let quote = BrokenQuote {
                opened: line.number,
                closed: Some(line.number + line.more_lines),
                is_escaped: false,
            };
            self.reject_quoted(line, quote, sink)?;
            return Ok(Next::Row);
        }
        let kind = if self.is_under_header {
            self.non_rows.kind_under_header(line)?
        } else if self.is_behind_blank || self.non_rows.may_begin_table(line) {
            self.non_rows.kind_behind_blank(line, below)?
        } else if self.non_rows.is_doubtful(line) {
            self.non_rows.kind(line)?
        } else {
            None
        };
        let kind = match kind {
            None if self.group_totals.is_doubtful(line) => self.group_total(line, sink)?,
            kind => kind,
        };
        if let Some(kind) = kind {
            self.skip(kind, line);
            return Ok(Next::Row);
        }
        self.is_under_header = false;
        self.read_row(line, below, sink)
    }

    /// Checks whether a line is the total of a group.
    fn group_total(&mut self, line: &Line, sink: &dyn Sink) -> Result<Option<NonRow>> {
        if !self.group_totals.are_known() {
            let (evidence, last_day) = (self.given.evidence, self.given.last_day);
            self.group_totals
                .find(|look| evidence.each_row(last_day, look))?;
        }
        Ok(match self.group_totals.verdict(line.number) {
            Some(Verdict::Total) => Some(NonRow::Total),
            // The name of an erased customer is in no message.
            Some(Verdict::Row) if self.is_erased(line, sink) => None,
            Some(Verdict::Row) => {
                let first = line.cells.iter().find(|cell| !cell.is_empty());
                self.remarks
                    .add(Remark::LikeTotal, line.number, first.unwrap_or_default());
                None
            }
            None => None,
        })
    }

    /// Skips a line that is not a row.
    fn skip(&mut self, kind: NonRow, line: &Line) {
        if let Some(count) = self.skipped.get_mut(kind as usize) {
            *count += 1;
        }
        match kind {
            NonRow::Total => self.written_totals.note(line, self.given.columns),
            NonRow::Header => self.is_under_header = true,
            NonRow::Footer | NonRow::SecondHeader => {}
        }
    }

    fn read_row(&mut self, line: &Line, below: Option<&Line>, sink: &mut dyn Sink) -> Result<Next> {
        self.rows += 1;
        if !self.corrections.is_empty() {
            self.uncorrected = None;
            if let Some(corrected) = self.corrections.apply(line, self.given.columns) {
                self.uncorrected = Some(self.kept_row(line));
                return self.read_cells(&corrected, below, sink);
            }
        }
        self.read_cells(line, below, sink)
    }

    fn read_cells(
        &mut self,
        line: &Line,
        below: Option<&Line>,
        sink: &mut dyn Sink,
    ) -> Result<Next> {
        let cells = self.given.cells(line);
        if self.has_erased && whose::keeps_out(self.given.columns.table(), &cells, sink)? {
            return Ok(Next::Row);
        }
        let look = Look::at(line.cells.whole(), spoiled::SIGNS);
        if let Err(fault) = self.check(line, look) {
            return self.refuse((line, below), fault, false, sink);
        }
        let is_odd = look.has_wanted || look.has_odd;
        if is_odd && !self.is_erased(line, sink) {
            self.spoiled.look(line, look, self.given.columns);
        }
        let read = self
            .given
            .reader
            .read(line.number, &cells, &mut self.remarks, sink);
        let Err(refusal) = read else {
            return Ok(Next::Row);
        };
        match *refusal {
            Refusal::Again => Ok(Next::Again),
            Refusal::Stop(error) => Err(error),
            Refusal::Row(fault) => self.refuse((line, below), fault, true, sink),
        }
    }

    /// Rejects `line` for `fault`, unless a full check finds that it is not a row, or finds the cause of the fault.
    fn refuse(
        &mut self,
        (line, below): (&Line, Option<&Line>),
        fault: Fault,
        was_read: bool,
        sink: &mut dyn Sink,
    ) -> Result<Next> {
        // Detects a second table without a blank line above it.
        if let Some(kind) = self.non_rows.kind_behind_blank(line, below)? {
            self.rows -= 1;
            self.skip(kind, line);
            return Ok(Next::Row);
        }
        if line.more_lines > 0 && shape::fault(&self.given.layout.shape, line).is_some() {
            let quote = BrokenQuote {
                opened: line.number,
                closed: Some(line.number + line.more_lines),
                is_escaped: false,
            };
            self.rows -= 1;
            self.reject_quoted(line, quote, sink)?;
            return Ok(Next::Row);
        }
        // A single odd cell is named rather than explained.
        let is_shifted = was_read && self.shifts.misfits(|column| line.cells.get(column)) > 1;
        let fault = if is_shifted {
            Fault::of_row(SHIFTED.to_owned())
        } else {
            fault
        };
        let is_erased = self.is_erased(line, sink);
        let fault = if is_erased {
            fault.without_value()
        } else {
            fault
        };
        // A key from the wrong column is not a key.
        let key = was_read && !is_shifted;
        let key = self.given.reader.refused_key().filter(|_| key);
        let key = key.map(|key| {
            if is_erased {
                whose::stored_key(key, &self.given.cells(line), sink)
            } else {
                key.to_owned()
            }
        });
        // Nothing of an erased customer is kept.
        let uncorrected = self.uncorrected.take();
        let row = || uncorrected.unwrap_or_else(|| self.kept_row(line));
        let row = (!is_erased).then(row);
        self.reject((fault, row), line.number, key.as_deref(), sink)?;
        Ok(Next::Row)
    }

    fn is_erased(&self, line: &Line, sink: &dyn Sink) -> bool {
        self.has_erased && whose::is_erased(&self.given.cells(line), sink)
    }

    fn reject(
        &self,
        (fault, row): (Fault, Option<RejectedRow>),
        number: u64,
        key: Option<&str>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let given = &self.given;
        let mut reject = fault.reject(given.columns.table(), &given.file.name, number);
        reject.row = row.map(Box::new);
        sink.reject(reject, key)
    }

    /// Rejects every line that an unclosed quote has swallowed.
    fn reject_quoted(
        &mut self,
        line: &Line,
        quote: BrokenQuote,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let opened = quote.opened;
        let reason = match quote.closed {
            None => format!("guillemet ouvert ligne {opened}, jamais fermé"),
            Some(closed) if closed == opened => format!(
                "guillemet ouvert ligne {opened}, non fermé là où la cellule finit : doublez les guillemets dans les cellules"
            ),
            Some(closed) => format!("guillemet ouvert ligne {opened}, fermé ligne {closed}"),
        };
        self.more_lines -= line.more_lines; // Each is a row.
        for (number, at) in (line.number..=line.number + line.more_lines).zip(0..) {
            self.rows += 1;
            // Each cell of a broken record is a line.
            let row = match line.cells.get(at).filter(|_| line.broken_quote.is_some()) {
                Some(text) => self.kept_text(text),
                None => self.kept_row(line),
            };
            self.reject(
                (Fault::of_row(reason.clone()), Some(row)),
                number,
                None,
                sink,
            )?;
        }
        Ok(())
    }

    /// Checks a row before its reader; `look` is the result of the quick check of its text.
    fn check(&self, line: &Line, look: Look) -> std::result::Result<(), Fault> {
        let columns = self.given.columns;
        if let Some(fault) = shape::fault(&self.given.layout.shape, line) {
            let entities = if spoiled::has_entity(line.cells.whole()) {
                " ; elle contient des entités HTML, dont chacune finit par un point-virgule"
            } else {
                ""
            };
            return Err(Fault::of_row(format!("{fault}{entities}")));
        }
        if let Some(column) = line.first_error() {
            let cell = line.cells.get(column).unwrap_or_default();
            let reason = match line.kind(column) {
                CellKind::Uncomputed => {
                    "est une formule jamais calculée : ouvrez le classeur dans Excel et enregistrez-le"
                }
                _ => "est une erreur d'Excel, pas une valeur",
            };
            return Err(Fault::of_field(
                columns.header(column),
                Some(cell),
                reason.to_owned(),
            ));
        }
        let whole = line.cells.whole();
        if (look.has_odd && cells::has_control(whole)) || whole.len() > cells::MAX_BYTES {
            self.check_cells(line)?;
        }
        if look.has_odd {
            if let Some(reason) = self.given.survey.refuses(whole) {
                return Err(Fault::of_row(reason));
            }
            if text::looks_decoded_twice(whole) {
                return Err(spoiled::decoded_twice(line, columns));
            }
        }
        if line.has_quotes && Self::lacks_delimiter_before_quote(line) {
            return Err(Fault::of_row(
                "il manque un séparateur avant un guillemet, ou le guillemet est de trop"
                    .to_owned(),
            ));
        }
        if look.has_quote || look.has_odd {
            self.check_keys(line)?;
        }
        if self.shifts.is_doubtful(|column| line.cells.get(column)) && self.is_shifted(line) {
            return Err(Fault::of_row(SHIFTED.to_owned()));
        }
        Ok(())
    }

    fn check_cells(&self, line: &Line) -> std::result::Result<(), Fault> {
        let faults = line.cells.iter().enumerate().find_map(|(column, cell)| {
            let reason = cells::suspicious(cell)?;
            let header = self.given.columns.header(column);
            Some(Fault::of_field(header, Some(cell), reason.to_string()))
        });
        faults.map_or(Ok(()), Err)
    }

    /// Whether the delimiter before a quoted cell is missing: the cell before it has an odd number of quotes, and a
    /// later one ends with a quote.
    fn lacks_delimiter_before_quote(line: &Line) -> bool {
        let is_odd = |cell: &str| memchr::memchr_iter(b'"', cell.as_bytes()).count() % 2 == 1;
        let mut odd = line.cells.iter().filter(|cell| is_odd(cell));
        odd.next().is_some() && odd.any(|cell| cell.trim_end().ends_with('"'))
    }

    /// A quote sign never enters a key.
    fn check_keys(&self, line: &Line) -> std::result::Result<(), Fault> {
        for (column, cell) in self.keys.cells(line) {
            let is_plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
            let bytes = cell.as_bytes();
            if is_plain(bytes.first()) && is_plain(bytes.last()) {
                continue;
            }
            if is_in_quotes(cells::peel(cell)) {
                return Err(Fault::of_field(
                    self.given.columns.header(column),
                    Some(cell),
                    "commence ou finit par un guillemet : aucun code n'en contient".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn is_shifted(&self, line: &Line) -> bool {
        let width = self.given.columns.width();
        self.shifts
            .is_shifted(|column| line.cells.get(column), width)
    }

    /// Compares the totals in the file with the sums of its rows, in one more pass.
    fn compare_totals(&mut self) -> Result<()> {
        if self.written_totals.is_empty() {
            return Ok(());
        }
        let given = &self.given;
        let mut rows = Rows::reopen(given.file, given.survey, &given.layout)?;
        let mark = |column| given.evidence.of(column, given.columns);
        let is_row = |line: &Line| {
            if self.group_totals.verdict(line.number) == Some(Verdict::Total) {
                return Ok(false);
            }
            Ok(!self.non_rows.is_doubtful(line) || self.non_rows.kind(line)?.is_none())
        };
        self.compared_totals =
            self.written_totals
                .compare(&mut rows, given.columns, is_row, mark)?;
        Ok(())
    }

    /// The reader of its rows.
    pub(super) fn reader(&self) -> &dyn RowReader {
        self.given.reader.as_ref()
    }

    /// What the completely read file held besides its rows.
    pub(super) fn held(&self, rows: &Rows) -> UnitHeld {
        let skipped = |kind: NonRow| self.skipped.get(kind as usize).copied().unwrap_or_default();
        let headers = skipped(NonRow::Header) + skipped(NonRow::SecondHeader);
        UnitHeld {
            lines: rows.lines().saturating_sub(self.more_lines),
            header: self.given.header_lines.0 + headers,
            empty: rows.empty_lines(),
            totals: skipped(NonRow::Total) + skipped(NonRow::Footer),
            closing: self.compared_totals.closing.clone(),
            ..UnitHeld::default()
        }
    }

    /// Sends the warnings about a completely read file.
    pub(super) fn send_warnings(&self, rows: &Rows, sink: &mut dyn Sink) {
        let name = &self.given.file.name;
        let is_open_ended = self
            .is_open_ended(rows)
            .then_some("la dernière ligne n'a pas de fin de ligne, vérifiez qu'elle est entière");
        let empty = match rows.empty_lines() {
            0 => None,
            1 => Some("1 ligne vide sautée".to_owned()),
            count => Some(format!("{count} lignes vides sautées")),
        };
        let kinds = [
            NonRow::Total,
            NonRow::Footer,
            NonRow::Header,
            NonRow::SecondHeader,
        ];
        let skipped = kinds.into_iter().filter_map(|kind| {
            let count = self.skipped.get(kind as usize).copied()?;
            (count > 0).then(|| kind.sentence(count))
        });
        let sentences = self
            .remarks
            .sentences()
            .chain(self.spoiled.sentences())
            .chain(is_open_ended.map(str::to_owned))
            .chain(empty)
            .chain(skipped)
            .chain(self.compared_totals.remark.clone());
        for sentence in sentences {
            sink.warn(format!("{name} : {sentence}"));
        }
    }
}

/// Whether `cell` begins or ends with any kind of quote, or is between apostrophes.
fn is_in_quotes(cell: &str) -> bool {
    let is_quote = |c: char| matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '‘');
    let is_apostrophe = |c: char| matches!(c, '\'' | '’' | '`');
    cell.starts_with(is_quote)
        || cell.ends_with(is_quote)
        || (cell.starts_with(is_apostrophe) && cell.ends_with(is_apostrophe))
}
