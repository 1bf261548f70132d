//! Which requests a fault is for.

use super::call::Call;
use super::exchange::Request;

/// Which requests a fault is for.
#[derive(Clone, Debug)]
pub struct When {
    what: What,
    times: Times,
}

#[derive(Clone, Debug)]
enum What {
    Any,
    Data,
    Call(String, String),
    Path(String),
    LargePage(String, u64),
}

#[derive(Clone, Copy, Debug)]
enum Times {
    First(usize),
    Nth(usize),
    Always,
}

impl When {
    fn first(what: What) -> Self {
        Self {
            what,
            times: Times::First(1),
        }
    }

    /// The first request, whatever it asks.
    pub fn any() -> Self {
        Self::first(What::Any)
    }

    /// The first request for rows.
    pub fn data() -> Self {
        Self::first(What::Data)
    }

    /// The first call of a method of a model; `common` is the model of `version` and `authenticate`.
    pub fn call(model: &str, method: &str) -> Self {
        Self::first(What::Call(model.to_owned(), method.to_owned()))
    }

    pub fn path(path: &str) -> Self {
        Self::first(What::Path(path.to_owned()))
    }

    /// The first page of rows of a model that is larger than that.
    pub fn page_above(model: &str, rows: u64) -> Self {
        Self::first(What::LargePage(model.to_owned(), rows))
    }

    /// The first so many that no earlier fault took.
    pub fn times(self, times: usize) -> Self {
        let times = Times::First(times);
        Self { times, ..self }
    }

    /// Only the n-th of all that match, from 1, counted since the fault was set.
    pub fn nth(self, n: usize) -> Self {
        let times = Times::Nth(n);
        Self { times, ..self }
    }

    pub fn always(self) -> Self {
        let times = Times::Always;
        Self { times, ..self }
    }

    fn matches(&self, request: &Request, call: Option<&Call>) -> bool {
        match &self.what {
            What::Any => true,
            What::Data => call.is_some_and(Call::is_data),
            What::Call(model, method) => call.is_some_and(|call| call.is(model, method)),
            What::Path(path) => request.path == *path,
            What::LargePage(model, rows) => call.is_some_and(|call| {
                call.is(model, "search_read") && call.limit().is_some_and(|limit| limit > *rows)
            }),
        }
    }
}

/// A fault that waits for its request.
#[derive(Debug)]
pub struct Armed<F> {
    pub fault: F,
    pub when: When,
    seen: usize,
    pub taken: usize,
}

impl<F> Armed<F> {
    pub fn new(when: When, fault: F) -> Self {
        Self {
            fault,
            when,
            seen: 0,
            taken: 0,
        }
    }

    /// Whether this request is one for the fault. Asked of every fault for every request, so that it can count.
    pub fn wants(&mut self, request: &Request, call: Option<&Call>) -> bool {
        if !self.when.matches(request, call) {
            return false;
        }
        self.seen += 1;
        match self.when.times {
            Times::First(times) => self.taken < times,
            Times::Nth(n) => self.seen == n,
            Times::Always => true,
        }
    }
}
