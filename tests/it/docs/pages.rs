//! docs/pages.md names every endpoint.

use regex::Regex;

use super::{page, sources};

#[test]
fn the_page_of_endpoints_names_every_route() {
    let text = page("docs/pages.md");
    let route = Regex::new(r#"\.route\(\s*"([^"]+)""#).unwrap();
    let mut count = 0;
    for source in sources() {
        for found in route.captures_iter(&source) {
            let named = Regex::new(&format!(r"`(GET|POST) {}[`?]", regex::escape(&found[1])));
            assert!(named.unwrap().is_match(&text), "{}", &found[1]);
            count += 1;
        }
    }
    assert!(count >= 10, "{count} routes");
}
