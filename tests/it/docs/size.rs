//! The number of crates in docs/developing.md.

use std::process::Command;

use super::{ROOT, page};

/// The figure that anybody can check without building anything.
#[cfg(target_os = "linux")]
#[test]
fn the_page_for_developers_counts_the_crates() {
    let text = page("docs/developing.md");
    let (command, _) = text
        .lines()
        .find_map(|line| line.strip_prefix("$ cargo tree ")?.split_once(" | "))
        .unwrap();
    let tree = Command::new(env!("CARGO"))
        .arg("tree")
        .args(command.split(' '))
        .current_dir(ROOT)
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: std::collections::BTreeSet<&str> = tree.lines().collect();
    let said = format!("built of {} crates", crates.len());
    assert!(crates.len() > 50 && text.contains(&said), "{said}");
}
