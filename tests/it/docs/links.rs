//! Links between pages lead to a file and a heading, and the README stays a front page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::blocks::prose;
use super::{ROOT, documentation, page};

/// The pages whose links are followed: the documentation, and the other Markdown files.
fn all_pages() -> Vec<PathBuf> {
    let others = [
        "CHANGELOG.md",
        "fuzz/README.md",
        "tests/cases/README.md",
        "tests/fixtures/README.md",
    ];
    let others = others.map(|name| Path::new(ROOT).join(name));
    documentation().into_iter().chain(others).collect()
}

/// The targets of all links and images of a page.
fn targets(text: &str) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let code = Regex::new(r"`[^`]*`").unwrap();
    let prose = prose(text).join("\n");
    let prose = code.replace_all(&prose, "");
    let found = link.captures_iter(&prose);
    found.map(|link| link[1].to_owned()).collect()
}

/// The anchors that GitHub gives to the headings of a page.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in prose(text).into_iter().filter(|line| line.starts_with('#')) {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let anchor: String = kept.collect::<String>().replace(' ', "-");
        let is_new = anchors.insert(anchor.clone());
        assert!(is_new, "two headings are called « {title} »");
    }
    anchors
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut followed = 0;
    for path in all_pages() {
        let text = fs::read_to_string(&path).unwrap();
        for target in targets(&text) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let linked = if file.is_empty() {
                path.clone()
            } else {
                path.parent().unwrap().join(file)
            };
            assert!(linked.exists(), "{}: {target}", path.display());
            if !anchor.is_empty() {
                let headings = anchors(&fs::read_to_string(&linked).unwrap());
                assert!(
                    headings.contains(anchor),
                    "{}: {target} is none of {headings:#?}",
                    path.display()
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 40, "only {followed} links were found");
}

#[test]
fn the_readme_links_every_page_and_is_short() {
    let readme = page("README.md");
    let lines = readme.lines().count();
    assert!(lines <= 200, "README.md has {lines} lines");
    let linked = targets(&readme);
    for path in documentation().iter().skip(1) {
        let name = format!("docs/{}", path.file_name().unwrap().to_string_lossy());
        assert!(linked.contains(&name), "README.md does not link {name}");
    }
    let images = readme
        .lines()
        .take(30)
        .filter(|line| line.starts_with("!["));
    assert_eq!(images.count(), 2, "the two pictures stand near the top");
}

#[test]
fn anchors_are_those_of_github() {
    let page = "# A `b` and --c\n## D'où ? Là-bas.\n```\n# no heading\n```\n";
    let expected = ["a-b-and---c", "doù--là-bas"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
}
