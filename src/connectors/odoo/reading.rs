//! One table, model by model: what changed since the cursor, then all ids, to delete rows that are gone and to read
//! rows that were missed.
//!
//! `write_date` is the instant at which the writer's transaction began, cut to the second: a transaction that
//! commits late lands behind a cursor. So each reading begins [`OVERLAP`] before it. The new cursor is the latest
//! `write_date` there was before the first page was asked for: what changes while pages are read, on a page
//! already read, is behind the next cursor's overlap at the latest.

use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::domain::{Domain, condition};
use super::failure::Failure;
use super::model::{Fields, Model};
use super::model_cursor::ModelCursor;
use super::pages;
use super::readers::{KEY_PREFIX, ModelReader, Scene, read_page};
use super::record::INSTANT;
use super::references::{Basis, Common};
use super::row::Row;
use super::sales_basis::BasisChange;
use super::session::{Newest, Session};
use super::totals;
use crate::canonical::{Catalog, Cursors, Table};
use crate::connectors::{Reading, Sink};
use crate::error::{Advice, Result};
use crate::report::{Expected, SourceTotals, UnitHeld};

/// How long a transaction may take from its first statement to its commit.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// The models of one table, ready to be read.
pub(super) struct TableReading {
    pub(super) session: Arc<Session>,
    pub(super) common: Arc<Common>,
    pub(super) table: Table,
    pub(super) models: Vec<(Box<dyn ModelReader>, Fields)>,
    /// Models that were read before and whose applications are gone, each with its cursor's mark.
    pub(super) gone: Vec<(&'static Model, &'static str)>,
    /// All existing sales are replaced, because others count now.
    pub(super) change: Option<BasisChange>,
    pub(super) cursors: Cursors,
    /// Read what changed since then, in place of what the cursors say.
    pub(super) since: Option<Timestamp>,
    pub(super) full: bool,
    pub(super) allow_shrink: bool,
    pub(super) next_year: i16,
}

impl Reading for TableReading {
    fn table(&self) -> Table {
        self.table
    }

    fn is_snapshot(&self) -> bool {
        true
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn size(&self) -> u64 {
        0
    }

    fn read(&mut self, catalog: &Catalog, sink: &mut dyn Sink) -> Result<()> {
        let (session, common) = (Arc::clone(&self.session), Arc::clone(&self.common));
        let mut models = std::mem::take(&mut self.models);
        self.begin_change(&models, sink)?;
        let mut denied = None;
        for (reader, fields) in &mut models {
            let scene = Scene {
                session: &session,
                common: &common,
                fields,
                catalog,
                next_year: self.next_year,
            };
            let mut unit = Unit {
                table: self.table,
                reader: reader.as_mut(),
                scene,
                sink,
                rows: 0,
                held: UnitHeld::default(),
                has_news: true,
                has_rejects: false,
                denied,
            };
            denied = unit
                .read_or_do_without(self)
                .map_err(|failure| failure.into_error(&session.server).at(self.table.label()))?;
        }
        for (model, mark) in &self.gone {
            sink.begin_unit(model.name, 0)?;
            sink.keep_unit(ModelCursor::of_nothing().cursor(mark))?;
        }
        Ok(())
    }
}

impl TableReading {
    /// Where other sales count now, removes the existing ones, in the same transaction that loads the others.
    fn begin_change(
        &self,
        models: &[(Box<dyn ModelReader>, Fields)],
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let Some(change) = &self.change else {
            return Ok(());
        };
        let is_read = |mark: &str| models.iter().any(|(reader, _)| reader.mark() == mark);
        sink.remove_all(KEY_PREFIX, CHANGED_BASIS)?;
        for mark in change.outdated(is_read) {
            sink.forget(mark)?;
        }
        sink.remember(change.cursor())
    }
}

/// Follows the number of sales that a change of setting removed.
const CHANGED_BASIS: &str =
    "lignes de vente remplacées : le réglage SALES_BASIS a changé, ce qui compte comme vente aussi";

fn instant_of(newest: &Newest) -> Option<DateTime> {
    let newest = newest.at.as_deref();
    newest.and_then(|newest| DateTime::strptime(INSTANT, newest).ok())
}

/// One model of a table being read.
struct Unit<'a> {
    table: Table,
    reader: &'a mut dyn ModelReader,
    scene: Scene<'a>,
    sink: &'a mut dyn Sink,
    /// Rows read, or found present.
    rows: u64,
    /// What was read in all.
    held: UnitHeld,
    /// Whether anything was written since the last sync.
    has_news: bool,
    has_rejects: bool,
    denied: Option<Denied>,
}

/// A model that the user may not see, and Odoo's own words.
struct Denied {
    model: &'static str,
    words: String,
}

impl Unit<'_> {
    /// Reads the model; where the user may not see it and others say enough, a warning says what is not counted. Returns
    /// the model that he may not see, for the readers that follow.
    fn read_or_do_without(
        &mut self,
        asked: &TableReading,
    ) -> std::result::Result<Option<Denied>, Failure> {
        let model = self.reader.model().name;
        let known = self.denied.take().filter(|denied| denied.model == model);
        let is_known = known.is_some();
        let read = match known {
            Some(denied) => Err(Failure::Denied(denied.words)),
            None => self.read(asked),
        };
        let (words, without) = match (read, self.reader.can_do_without()) {
            (Err(Failure::Denied(words)), Some(without)) => (words, without),
            (read, _) => return read.map(|()| None),
        };
        let error = Failure::Denied(words.clone()).into_error(&self.scene.session.server);
        // A right that was withdrawn must not look like a deletion.
        let mark = self.reader.mark();
        let had_rows = ModelCursor::of(mark, &asked.cursors).is_some_and(|known| known.rows > 0);
        if had_rows && !asked.allow_shrink {
            return Err(error.advise(Advice::AllowShrink).into());
        }
        if !is_known {
            self.sink.discard_unit()?;
            self.warn(&format!("{without} ({})", error.full_text()));
        }
        if had_rows {
            // Their deletion was allowed once for all.
            self.sink.remember(ModelCursor::of_nothing().cursor(mark))?;
        }
        Ok(Some(Denied { model, words }))
    }

    fn read(&mut self, asked: &TableReading) -> std::result::Result<(), Failure> {
        let model = self.reader.model().name;
        self.sink.begin_unit(model, 0)?;
        let mut basis = Basis::of(self.scene.session);
        basis.add(&self.scene.fields.to_value());
        self.reader.prepare(&self.scene, &mut basis)?;
        let newest = self.newest()?;
        let digest = basis.digest();
        let mark = ModelCursor::of(self.reader.mark(), &asked.cursors);
        let since = match (asked.since, &mark) {
            (Some(since), Some(_)) => Some(TimeZone::UTC.to_datetime(since)),
            (None, Some(mark)) if !asked.full && mark.basis == digest => mark.instant,
            // What was never read is read whole, whatever was asked: every row would be missing.
            _ => None,
        };
        let instant = instant_of(&newest);
        let is_quiet = |mark: &ModelCursor| {
            let is_asked = asked.since.is_some() || since.is_none();
            mark.is_settled && mark.instant == instant && !newest.has_undated && !is_asked
        };
        self.has_news = since.is_none() || mark.as_ref().and_then(|mark| mark.instant) != instant;
        let before = self.announced()?;
        match since.and_then(|since| since.checked_sub(OVERLAP).ok()) {
            Some(_) if mark.as_ref().is_some_and(is_quiet) => {
                self.sweep()?;
                // The same rows as before: those that give nothing are missing as they were.
                let is_as_before = mark.as_ref().is_some_and(|mark| mark.rows == self.rows);
                if self.reader.is_countable() || !is_as_before {
                    self.find_missing()?;
                }
            }
            Some(since) => {
                self.read_changes(&since.strftime(INSTANT).to_string(), &newest)?;
            }
            None => self.read_all()?,
        }
        if let Some(mark) = mark.as_ref().filter(|_| !asked.allow_shrink) {
            let may_vanish = self.reader.can_do_without().is_some();
            mark.check_rows(self.rows, self.reader.model(), may_vanish)?;
        }
        self.expect(before)?;
        self.tell();
        let fresh = ModelCursor {
            instant,
            basis: digest,
            rows: self.rows,
            // What a rejected row lacks may be granted without a trace on it: it is read again.
            is_settled: self.is_settled(instant) && !self.has_rejects,
        };
        let next = self.next_mark(mark, fresh, since, asked.since.is_some())?;
        self.sink.held(std::mem::take(&mut self.held))?;
        self.sink.keep_unit(next.cursor(self.reader.mark()))?;
        Ok(())
    }

    /// What the server says of the rows; nothing where not every row gives a record.
    fn announced(&self) -> std::result::Result<Option<SourceTotals>, Failure> {
        if !self.reader.is_countable() {
            return Ok(None);
        }
        let domain = self.reader.domain(&self.scene);
        let (session, model) = (self.scene.session, self.reader.model().name);
        let sum = self.reader.sum().map(|(sum, _)| sum);
        let found = totals::of(session, model, &domain, sum)?;
        Ok(Some(SourceTotals {
            rows: found.rows,
            euros: found.euros(),
        }))
    }

    /// Has the stored rows compared with what the server said `before` they were read, and says now.
    fn expect(&mut self, before: Option<SourceTotals>) -> std::result::Result<(), Failure> {
        let Some(before) = before else {
            return Ok(());
        };
        // What nobody wrote since the last sync has not moved meanwhile.
        let after = if self.has_news {
            self.announced()?
        } else {
            None
        };
        let prefix = self.reader.prefix();
        let expected = Expected {
            origin: self.reader.mark().to_owned(),
            // Numbers begin with a digit; a colon follows the last one.
            keys: (format!("{prefix}0"), format!("{prefix}:")),
            column: self.reader.sum().map(|(_, column)| column.to_owned()),
            after: after.unwrap_or_else(|| before.clone()),
            before,
        };
        Ok(self.sink.expect(expected)?)
    }

    /// The cursor of what was read. Rows that `--last-sync` left out, and rejected rows whose old values stay in the
    /// table, are read again until they can be loaded.
    fn next_mark(
        &mut self,
        old: Option<ModelCursor>,
        fresh: ModelCursor,
        since: Option<DateTime>,
        is_asked: bool,
    ) -> std::result::Result<ModelCursor, Failure> {
        let Some(old) = old else {
            return Ok(fresh);
        };
        let leaves_gap = is_asked && (old.basis != fresh.basis || since > old.instant);
        if leaves_gap {
            return Ok(ModelCursor {
                rows: fresh.rows,
                ..old
            });
        }
        if self.sink.keeps_old_rows()? {
            // Not later than what this sync read: the row may not have changed. Without an instant, all is read again.
            return Ok(ModelCursor {
                instant: since.min(old.instant),
                is_settled: false,
                ..fresh
            });
        }
        Ok(fresh)
    }

    /// The latest `write_date` of the rows and of what they are made of.
    fn newest(&self) -> std::result::Result<Newest, Failure> {
        let mut newest = self.scene.session.newest(self.reader.model().name)?;
        for part in self.reader.parts() {
            // As text they sort as in time.
            newest.at = newest.at.max(self.scene.session.newest(part.model)?.at);
        }
        Ok(newest)
    }

    /// Whether, by the server's clock, a transaction that began at `instant` or before has ended.
    fn is_settled(&self, instant: Option<DateTime>) -> bool {
        let clock = self.scene.session.server_clock();
        let clock = clock.and_then(|clock| DateTime::strptime(INSTANT, clock).ok());
        let end = instant.and_then(|instant| instant.checked_add(OVERLAP).ok());
        // Until the next second, the instant may still be that of a row to come.
        clock.is_some() && end.is_some() && clock > end
    }

    fn read_all(&mut self) -> std::result::Result<(), Failure> {
        let domain = self.reader.domain(&self.scene);
        self.read_rows(&domain)?;
        self.count_left_out(None)
    }

    fn read_changes(&mut self, since: &str, newest: &Newest) -> std::result::Result<(), Failure> {
        let parts = self.reader.parts();
        let parts = parts.iter().map(|part| format!("{}.write_date", part.path));
        let changed = ["write_date".to_owned()].into_iter().chain(parts);
        let changed = changed.map(|field| condition(&field, ">=", since));
        // Rows written by SQL may have no date, and may have changed.
        let undated = newest
            .has_undated
            .then(|| condition("write_date", "=", false));
        let changed = changed.chain(undated).collect();
        let domain = self.reader.domain(&self.scene).and_any(changed);
        self.read_rows(&domain)?;
        // Those of before were counted by an earlier sync.
        if self.has_news {
            self.count_left_out(Some(since))?;
        }
        self.find_others()
    }

    /// Finds the rows that are gone, and those that are missing in the table.
    fn find_others(&mut self) -> std::result::Result<(), Failure> {
        self.rows = 0;
        self.sweep()?;
        self.find_missing()
    }

    /// Reads rows that are missing in the table; they were counted by the sweep.
    fn find_missing(&mut self) -> std::result::Result<(), Failure> {
        let swept = self.rows;
        self.read_missing()?;
        self.rows = swept;
        Ok(())
    }

    fn read_rows(&mut self, domain: &Domain) -> std::result::Result<(), Failure> {
        let Self {
            table,
            reader,
            scene,
            sink,
            rows,
            held,
            has_rejects,
            ..
        } = self;
        let fields = scene.fields.to_value();
        let model = reader.model().name;
        let mut pages = pages::pages_of_rows(scene.session, model, domain, &fields);
        while let Some(answer) = pages.next()? {
            let page: Vec<Row<'_>> = answer.read()?;
            reader.begin_page(scene, &page)?;
            // One call at a time: the next page is asked for once nothing else is, and worked on while this one is
            // read.
            pages.go_on(page.iter().map(Row::id))?;
            let read = read_page(*reader, *table, scene, &page, *sink)?;
            *has_rejects |= read.has_rejects;
            held.lines += read.records;
            held.unused += read.unused;
            *rows += page.len() as u64;
            sink.advance(0)?;
        }
        Ok(())
    }

    /// Reports the ids of all rows.
    fn sweep(&mut self) -> std::result::Result<(), Failure> {
        let Self {
            reader,
            scene,
            sink,
            rows,
            ..
        } = self;
        let domain = reader.domain(scene);
        pages::each_id_page(scene.session, reader.model().name, &domain, |ids| {
            *rows += ids.len() as u64;
            let rows = ids.iter().filter(|&&id| !reader.gives_nothing(id));
            sink.present(rows.map(|&id| reader.key(id)).collect())?;
            Ok(sink.advance(0)?)
        })
    }

    /// Reads rows that are missing in the table although they have not changed: a contact who became a customer by
    /// the first order, a line that a right hid until now, a line that was rejected.
    fn read_missing(&mut self) -> std::result::Result<(), Failure> {
        let mut after = String::new();
        loop {
            let missing = self.sink.missing(&after)?;
            let Some(last) = missing.last() else {
                return Ok(());
            };
            let ids: Vec<u64> = missing
                .iter()
                .filter_map(|key| self.reader.id_of(key))
                .collect();
            if !ids.is_empty() {
                let domain = self.reader.domain(&self.scene).and("id", "in", ids);
                self.read_rows(&domain)?;
            }
            after.clone_from(last);
        }
    }

    /// Counts the changed records that are left out. Unchanged ones were reported by an earlier sync.
    fn count_left_out(&mut self, since: Option<&str>) -> std::result::Result<(), Failure> {
        for left_out in self.reader.left_out(&self.scene) {
            let domain = match since {
                Some(since) => left_out.domain.and("write_date", ">=", since),
                None => left_out.domain,
            };
            let model = self.reader.model().name;
            let found = totals::of(self.scene.session, model, &domain, left_out.sum)?;
            let sums = found.in_brackets();
            match found.rows {
                0 => {}
                1 => self.warn(&format!("1 {}{sums}", left_out.one)),
                rows => self.warn(&format!("{rows} {}{sums}", left_out.several)),
            }
        }
        Ok(())
    }

    fn warn(&mut self, sentence: &str) {
        let model = self.reader.model().name;
        self.sink
            .warn(format!("{} ({model}) : {sentence}", self.table.label()));
    }

    fn tell(&mut self) {
        let sentences = self.reader.remarks().sentences();
        let warnings = self.reader.warnings().iter().cloned();
        let sentences: Vec<String> = warnings.chain(sentences).collect();
        for sentence in sentences {
            self.warn(&sentence);
        }
        // An estate may well have no credit notes.
        if self.rows == 0 && self.reader.can_do_without().is_none() {
            let login = &self.scene.session.server.login;
            self.warn(&format!("Odoo ne montre aucune ligne à « {login} »"));
        }
    }
}
