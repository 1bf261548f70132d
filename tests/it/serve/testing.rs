//! Tests of sources that take their time.

use std::thread;

use super::held::Held;
use super::served::{JSON, Served};
use crate::common::fixtures;
use crate::odoo::when::When;

#[test]
fn a_source_is_tested_once_at_a_time_and_a_stop_ends_the_test() {
    let held = Held::at(When::any().always());
    let exports = fixtures().join("isavigne/plain");
    held.estate.connector("chai", &exports);
    let mut served = Served::of(&held.estate);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let test = served.post("/connectors/cave/test");
            test.header("Accept", JSON).send()
        });
        held.is_under_way();
        let again = served.post("/connectors/cave/test").header("Accept", JSON);
        again
            .send()
            .fails(409, &["cave", "déjà en train d'être testé"]);
        // Others are tested meanwhile.
        served.post("/connectors/chai/test").send().is(200);
        served.signal("-TERM");
        let told = waiting.join().unwrap();
        told.fails(503, &["Le serveur s'arrête"]);
    });
    assert_eq!(served.ended().0, Some(143));
}
