//! Pages by key: rows may come and go while they are read, and none is skipped or read twice.

use std::cell::Cell;

use super::retry::{Retryable, retry};
use crate::stop::Stop;

/// Pages of one size that are answered before a larger one is tried.
const GOOD_PAGES: usize = 5;

/// No page gets smaller: what fails with so few rows fails for another reason.
const FEWEST: usize = 25;

/// How many rows to ask for: half where the server is overloaded, and twice as many after some answered pages. Doubled at
/// once, every other page would fail, each time after a timeout.
#[derive(Debug)]
struct PageSize {
    now: Cell<usize>,
    /// Pages answered since it last changed.
    good: Cell<usize>,
    most: usize,
}

impl PageSize {
    fn of(most: usize) -> Self {
        Self {
            now: Cell::new(most),
            good: Cell::new(0),
            most,
        }
    }

    fn shrink(&self) {
        self.now.set((self.now.get() / 2).max(FEWEST));
        self.good.set(0);
    }

    fn answered(&self) {
        self.good.set(self.good.get() + 1);
        if self.good.get() >= GOOD_PAGES {
            self.now.set((self.now.get() * 2).min(self.most));
            self.good.set(0);
        }
    }
}

/// A list that a server gives page by page, in the order of its keys.
pub(in crate::connectors) trait KeyedPages {
    /// A page that the server works on.
    type Pending;
    /// A page as it came.
    type Answer;
    /// Why there is none.
    type Failure: Retryable;

    /// What is listed, for the log.
    fn name(&self) -> &str;

    /// Asks for at most `limit` rows whose keys are greater than `after`. `attempt` counts from 1.
    fn ask(&self, after: u64, limit: usize, attempt: usize)
    -> Result<Self::Pending, Self::Failure>;

    /// Waits for the page.
    fn finish(&self, pending: &Self::Pending) -> Result<Self::Answer, Self::Failure>;

    /// The failure of a server that sends rows again or out of order.
    fn out_of_order(&self) -> Self::Failure;
}

/// The pages of a list. While one is read, the server may already be asked for the next.
pub(in crate::connectors) struct Pages<'s, L: KeyedPages> {
    list: L,
    stop: &'s Stop,
    size: PageSize,
    /// The last key seen.
    last: u64,
    /// Rows still to come at most, where that is known.
    left: Option<usize>,
    /// The next page, where it has been asked for.
    pending: Option<L::Pending>,
    /// How many rows were asked for last.
    asked: Cell<usize>,
    is_over: bool,
}

impl<'s, L: KeyedPages> Pages<'s, L> {
    /// The pages of `list`, of `most` rows each.
    pub(in crate::connectors) fn new(list: L, most: usize, stop: &'s Stop) -> Self {
        Self {
            list,
            stop,
            size: PageSize::of(most),
            last: 0,
            left: None,
            pending: None,
            asked: Cell::new(0),
            is_over: false,
        }
    }

    /// There are no more than `rows`: once they are there, no further page is asked for.
    #[must_use]
    pub(in crate::connectors) fn at_most(self, rows: usize) -> Self {
        Self {
            left: Some(rows),
            is_over: rows == 0,
            ..self
        }
    }

    /// The next page, once it is there; nothing after the last.
    pub(in crate::connectors) fn next(&mut self) -> Result<Option<L::Answer>, L::Failure> {
        if self.is_over {
            return Ok(None);
        }
        let mut pending = self.pending.take();
        let answer = retry(
            self.stop,
            self.list.name(),
            |attempt| {
                let pending = pending.take().map_or_else(|| self.ask(attempt), Ok)?;
                self.list.finish(&pending)
            },
            |failure| {
                if failure.is_overload() {
                    self.size.shrink();
                }
            },
        )?;
        self.size.answered();
        Ok(Some(answer))
    }

    /// Takes the keys of the page that came last, and asks for the page after it unless it is the last: the server
    /// then works on it while this one is read. Fails where the keys do not rise.
    pub(in crate::connectors) fn go_on(
        &mut self,
        keys: impl Iterator<Item = Result<u64, L::Failure>>,
    ) -> Result<(), L::Failure> {
        let mut rows = 0;
        for key in keys {
            let key = key?;
            // Rows that come again would never end, and one out of order would hide those between.
            if key <= self.last {
                return Err(self.list.out_of_order());
            }
            self.last = key;
            rows += 1;
        }
        self.left = self.left.map(|left| left.saturating_sub(rows));
        self.is_over = rows < self.asked.get() || self.left == Some(0);
        if !self.is_over {
            self.pending = Some(self.ask(1)?);
        }
        Ok(())
    }

    fn ask(&self, attempt: usize) -> Result<L::Pending, L::Failure> {
        let limit = self.size.now.get();
        self.asked.set(limit);
        self.list.ask(self.last, limit, attempt)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Failed {
        Overloaded,
        OutOfOrder,
    }

    impl Retryable for Failed {
        fn is_passing(&self) -> bool {
            self.is_overload()
        }

        fn is_overload(&self) -> bool {
            *self == Self::Overloaded
        }

        fn retry_after(&self) -> Option<Duration> {
            Some(Duration::ZERO)
        }
    }

    /// The numbers up to `rows`, from a server that answers no more than `bearable` at a time.
    struct Numbers {
        rows: u64,
        bearable: usize,
        asked: RefCell<Vec<usize>>,
    }

    impl KeyedPages for &Numbers {
        type Pending = (u64, usize);
        type Answer = Vec<u64>;
        type Failure = Failed;

        fn name(&self) -> &'static str {
            "numbers"
        }

        fn ask(&self, after: u64, limit: usize, _attempt: usize) -> Result<(u64, usize), Failed> {
            self.asked.borrow_mut().push(limit);
            Ok((after, limit))
        }

        fn finish(&self, &(after, limit): &(u64, usize)) -> Result<Vec<u64>, Failed> {
            if limit > self.bearable {
                return Err(Failed::Overloaded);
            }
            Ok((after + 1..=self.rows).take(limit).collect())
        }

        fn out_of_order(&self) -> Failed {
            Failed::OutOfOrder
        }
    }

    fn numbers(rows: u64, bearable: usize) -> Numbers {
        Numbers {
            rows,
            bearable,
            asked: RefCell::default(),
        }
    }

    fn all(pages: &mut Pages<'_, &Numbers>) -> Result<Vec<u64>, Failed> {
        let mut read = Vec::new();
        while let Some(page) = pages.next()? {
            pages.go_on(page.iter().copied().map(Ok))?;
            read.extend(page);
        }
        Ok(read)
    }

    #[test]
    fn pages_shrink_under_load_and_grow_again() {
        let (server, stop) = (numbers(700, 100), Stop::default());
        let read = all(&mut Pages::new(&server, 200, &stop)).unwrap();
        assert_eq!(read, (1..=700).collect::<Vec<_>>());
        // Five good pages, one too large, the rest; the last one is short.
        let asked = [200, 100, 100, 100, 100, 100, 200, 100, 100, 100];
        assert_eq!(*server.asked.borrow(), asked);
    }

    #[test]
    fn no_page_is_asked_for_once_all_rows_are_there() {
        let (server, stop) = (numbers(100, 100), Stop::default());
        let read = all(&mut Pages::new(&server, 50, &stop).at_most(100)).unwrap();
        assert_eq!((read.len(), server.asked.borrow().len()), (100, 2));
        assert_eq!(
            all(&mut Pages::new(&server, 50, &stop).at_most(0)),
            Ok(vec![])
        );
    }

    #[test]
    fn keys_that_do_not_rise_are_a_failure() {
        let (server, stop) = (numbers(100, 100), Stop::default());
        for keys in [vec![0], vec![1, 1], vec![2, 1]] {
            let mut pages = Pages::new(&server, 50, &stop);
            let failed = pages.go_on(keys.into_iter().map(Ok));
            assert_eq!(failed, Err(Failed::OutOfOrder));
        }
    }
}
