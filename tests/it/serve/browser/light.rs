//! What a page weighs.

use super::is_missing;
use super::person::Person;
use crate::common::Estate;
use crate::serve::served::Served;

const CONNECTORS: usize = 50;

/// The list, its stylesheet, its script and its pictures together.
const MOST_BYTES: u64 = 60_000;

#[test]
fn a_list_of_fifty_connectors_is_light_and_loads_nothing_from_other_hosts() {
    if is_missing() {
        return;
    }
    let estate = Estate::of("plain");
    for number in 1..CONNECTORS {
        // An error is the most that a card can have to say.
        let absent = estate.root().join("partage").join(number.to_string());
        estate.connector(&format!("cave_{number}"), &absent);
    }
    estate.crmreco(&["sync", "--all", "--quiet"]).exits(1);
    let served = Served::of(&estate);
    let she = Person::new();
    she.comes_in(&served);
    she.opens(&served.url("/connectors"));
    assert_eq!(
        she.knows("document.querySelectorAll('.card').length"),
        CONNECTORS
    );
    she.finds("performance.getEntriesByType('resource').length >= 2");
    let loaded = she.knows(
        "['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))
         .filter((one) => !one.name.endsWith('/events')).map((one) => [one.name, one.decodedBodySize])",
    );
    let loaded = loaded.as_array().unwrap();
    let sizes = loaded.iter().map(|one| one[1].as_u64().unwrap());
    assert!(sizes.clone().all(|size| size > 0), "{loaded:?}");
    assert!(sizes.sum::<u64>() < MOST_BYTES, "{loaded:?}");
    let origin = served.url("/");
    assert!(
        loaded
            .iter()
            .all(|one| one[0].as_str().unwrap().starts_with(&origin)),
        "{loaded:?}"
    );
    she.is_at_ease("25-list-fifty");
}
