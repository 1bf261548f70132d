//! A call of a method: under way, then answered.

use serde::Deserialize;
use serde_json::Value;
use tracing::debug;

use super::failure::Failure;
use super::protocol::Answer;
use crate::connectors::shared;
use crate::stopwatch::Stopwatch;

/// One attempt at a method of a model, and when it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'c> {
    pub(super) model: &'c str,
    pub(super) method: &'c str,
    attempt: usize,
    watch: Stopwatch,
}

/// A call that the server works on.
#[derive(Debug)]
pub(super) struct Pending<'c> {
    pub(super) call: Call<'c>,
    pub(super) exchange: shared::Pending,
}

/// A call, what it came to, and how long that took.
#[derive(Debug)]
pub(super) struct Answered<'c> {
    call: Call<'c>,
    answer: Answer,
    seconds: f64,
}

/// What may have rows to count.
pub(super) trait Counted {
    /// How many there are, where there may be any.
    fn rows(&self) -> Option<usize>;
}

impl<T> Counted for Vec<T> {
    fn rows(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl Counted for Value {
    fn rows(&self) -> Option<usize> {
        self.as_array().map(Vec::len)
    }
}

impl<'c> Call<'c> {
    /// `method` of `model`, called now; attempts count from 1.
    pub(super) fn new(model: &'c str, method: &'c str, attempt: usize) -> Self {
        Self {
            model,
            method,
            attempt,
            watch: Stopwatch::start(),
        }
    }
}

impl<'c> Answered<'c> {
    /// `call` is answered now.
    pub(super) fn new(call: Call<'c>, answer: Answer) -> Self {
        Self {
            call,
            answer,
            seconds: call.watch.seconds(),
        }
    }

    /// Reads the answer, texts in place, and logs it.
    pub(super) fn read<'a, T: Deserialize<'a> + Counted>(&'a self) -> Result<T, Failure> {
        let value: T = self.answer.read()?;
        debug!(
            model = self.call.model,
            method = self.call.method,
            rows = value.rows(),
            bytes = self.answer.size(),
            attempt = self.call.attempt,
            seconds = self.seconds,
            "Odoo answered"
        );
        Ok(value)
    }
}
