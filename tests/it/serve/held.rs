//! An estate whose connector `cave` reads an Odoo that keeps its sync waiting until it is let go.

use std::sync::{Arc, Condvar, Mutex};

use super::served::PATIENCE;
use crate::common::Estate;
use crate::odoo::estate::replayed;
use crate::odoo::fault::Fault;
use crate::odoo::stub::Stub;
use crate::odoo::when::When;

pub struct Held {
    gate: Arc<Gate>,
    pub estate: Estate,
    _odoo: Stub,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: usize,
    is_open: bool,
}

impl Held {
    /// From the first rows on.
    pub fn new() -> Self {
        Self::at(When::data().always())
    }

    pub fn at(when: When) -> Self {
        let (odoo, estate) = replayed("19.0/1-first");
        let gate = Arc::new(Gate::default());
        let kept = Arc::clone(&gate);
        odoo.fault(when, Fault::signal(move || kept.pass()));
        Self {
            gate,
            estate,
            _odoo: odoo,
        }
    }

    /// One more connector that reads the same server.
    pub fn and(&self, name: &str) {
        let own = self.estate.env_text();
        let own = own.lines().filter(|line| line.contains("__CAVE__"));
        let others: Vec<_> = own
            .map(|line| line.replace("__CAVE__", &format!("__{}__", name.to_uppercase())))
            .collect();
        self.estate.env_lines(&others.join("\n"));
    }

    /// Returns once a sync is under way and waits.
    #[track_caller]
    pub fn is_under_way(&self) {
        self.are_under_way(1);
    }

    #[track_caller]
    pub fn are_under_way(&self, syncs: usize) {
        self.gate.wait(|state| state.waiting >= syncs);
    }

    /// From now on the server answers.
    pub fn let_go(&self) {
        self.gate.set(|state| state.is_open = true);
    }
}

impl Gate {
    /// No longer than the test, which opens it at its end.
    fn pass(&self) {
        self.set(|state| state.waiting += 1);
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| !state.is_open));
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    #[track_caller]
    fn wait(&self, until: impl Fn(&State) -> bool) {
        let state = self.state.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !until(state));
        assert!(!waited.unwrap().1.timed_out(), "the sync never came so far");
    }
}

/// A waiting request must end with the test.
impl Drop for Held {
    fn drop(&mut self) {
        self.let_go();
    }
}
