//! Syncs of other processes, and their progress.

use std::process::Stdio;
use std::sync::{Arc, Condvar, Mutex};

use super::is_missing;
use super::keys::ESCAPE;
use super::person::Person;
use crate::common::Estate;
use crate::odoo::estate::reader_of;
use crate::odoo::fault::Fault;
use crate::odoo::stub::Stub;
use crate::odoo::when::When;
use crate::serve::served::Served;

/// An Odoo that keeps silent about rows until it is told to go on.
struct Slow {
    stub: Stub,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl Slow {
    fn new() -> Self {
        let stub = Stub::replay("19.0/1-first");
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let waits = Arc::clone(&gate);
        let wait = move || {
            let (is_open, opened) = &*waits;
            let held = is_open.lock().unwrap();
            drop(opened.wait_while(held, |is_open| !*is_open).unwrap());
        };
        stub.fault(
            When::call("sale.order.line", "search_read").always(),
            Fault::Signal(Box::new(wait)),
        );
        Self { stub, gate }
    }

    fn goes_on(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        // A waiting request would keep the server of the stub running.
        self.goes_on();
    }
}

fn slow() -> (Slow, Estate) {
    let slow = Slow::new();
    let estate = reader_of(&slow.stub);
    (slow, estate)
}

/// Clicks *Sync* on the list, and returns once rows are being read.
fn syncs(she: &Person, served: &Served) {
    she.comes_in(served);
    she.opens(&served.url("/connectors"));
    she.clicks("Sync de cave");
    she.reads("dialog[open]", &["sale.order.line"]);
}

#[test]
fn an_open_page_shows_a_sync_of_another_process() {
    if is_missing() {
        return;
    }
    let (slow, estate) = slow();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors"));
    she.reads(".card", &["Jamais synchronisé"]);
    she.marks_the_page();
    let mut cron = estate.command(&["sync", "cave", "--quiet"]);
    let mut cron = cron.stdout(Stdio::null()).spawn().unwrap();
    she.reads(".card", &["En cours", "Synchronisation en cours"]);
    she.finds("document.querySelector('.card progress')?.checkVisibility()");
    she.is_at_ease("21-list-syncing");
    slow.goes_on();
    assert!(cron.wait().unwrap().success());
    she.reads(".card", &["✓ Sain"]);
    assert_eq!(
        she.knows("document.querySelector('.card progress')"),
        serde_json::Value::Null
    );
    she.is_on_the_page_she_marked();
}

#[test]
fn a_dialog_shows_the_progress_of_a_sync() {
    if is_missing() {
        return;
    }
    let (slow, estate) = slow();
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors/cave"));
    she.clicks("Sync de cave");
    she.reads(
        "dialog[open]",
        &[
            "Synchronisation en cours : cave",
            "Ventes (sale.order.line) : 0 ligne lue",
        ],
    );
    she.reads("main", &["En cours"]);
    she.is_at_ease("22-dialog-syncing");
    slow.goes_on();
    she.reads("dialog[open]", &["✓ Synchronisation réussie", "Ventes"]);
    she.reads("main", &["✓ Sain"]);
    she.clicks("Fermer");
    she.finds("document.activeElement.formAction?.endsWith('/cave/sync')");
}

#[test]
fn a_dialog_that_was_closed_stays_closed() {
    if is_missing() {
        return;
    }
    let (slow, estate) = slow();
    let served = Served::of(&estate);
    let she = Person::new();
    syncs(&she, &served);
    she.browser.press(&[&[ESCAPE]]);
    she.finds("document.activeElement.formAction?.endsWith('/cave/sync')");
    she.reads(".card", &["En cours", "sale.order.line"]);
    // A second one at the same time is refused, and says why.
    she.clicks("Sync de cave");
    she.reads("dialog[open]", &["Déjà en cours"]);
    she.clicks("Fermer");
    slow.goes_on();
    she.reads(".card", &["✓ Sain"]);
    // The answer to the first has come too.
    she.finds(
        "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/sync')).length === 2",
    );
    she.finds("document.activeElement.formAction?.endsWith('/cave/sync')");
    assert_eq!(she.knows("document.querySelector('dialog').open"), false);
}

#[test]
fn a_sync_is_stopped_from_its_dialog() {
    if is_missing() {
        return;
    }
    let (slow, estate) = slow();
    let served = Served::of(&estate);
    let she = Person::new();
    syncs(&she, &served);
    she.clicks_at("//dialog//button[. = 'Arrêter']");
    slow.goes_on();
    she.reads(
        "dialog[open]",
        &["✗ Synchronisation interrompue, rien n'est resté à moitié fait"],
    );
    she.clicks("Fermer");
    she.finds("document.activeElement.formAction?.endsWith('/cave/sync')");
    she.reads(".card", &["✗ Erreur", "Synchronisation interrompue"]);
}

#[test]
fn a_sync_is_stopped_from_its_card() {
    if is_missing() {
        return;
    }
    let (slow, estate) = slow();
    let served = Served::of(&estate);
    let she = Person::new();
    syncs(&she, &served);
    she.browser.press(&[&[ESCAPE]]);
    she.reads(".card", &["sale.order.line", "Arrêter"]);
    she.is_at_ease("26-list-stop");
    she.clicks_at("//li//button[contains(., 'Arrêter')]");
    slow.goes_on();
    she.reads(".card", &["✗ Erreur", "Synchronisation interrompue"]);
    assert_eq!(estate.sql("SELECT status FROM runs"), ["interrupted"]);
}
