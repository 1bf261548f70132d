//! The imports of the sources go one way, and in no circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

/// The modules of the library from left to right: none imports one to its left.
const ORDER: &[&str] = &[
    "cli",
    "serve",
    "queries",
    "json",
    "export",
    "backup",
    "sync",
    "registry",
    "retention",
    "connectors",
    "store",
    "report",
    "canonical",
    "env_file",
    "home",
    "french",
    "tally",
    "stopwatch",
    "stop",
    "error",
    "message",
];

/// Modules that do not know each other, though one stands to the right of the other.
const STRANGERS: &[(&str, &str)] = &[
    ("connectors", "store"),
    ("sync", "json"),
    ("canonical", "home"),
];

/// A module by its path: `store/figures/line`.
type Module = String;

/// The modules of `src` and the files that hold them.
fn modules() -> BTreeMap<Module, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                let name = name.to_str().unwrap().replace('\\', "/");
                let name = name.strip_suffix("/mod").unwrap_or(&name).to_owned();
                found.insert(name, path);
            }
        }
    }
    found.retain(|name, _| !["lib", "main"].contains(&name.as_str()) && !is_test(name));
    found
}

fn is_test(module: &str) -> bool {
    module.split('/').any(|part| part == "tests")
}

/// A source without its comments and without its unit tests, which may import what they like.
fn code_of(path: &Path) -> String {
    let source = std::fs::read_to_string(path).unwrap();
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let comment = Regex::new(r"(?m)//.*$").unwrap();
    comment.replace_all(code, "").into_owned()
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expanded(tree: &str) -> Vec<String> {
    let Some((before, list)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap();
        return vec![path.trim().to_owned()];
    };
    let list = list.trim().strip_suffix('}').unwrap();
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, sign) in list.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| expanded(&format!("{}{}", before.trim(), part.trim())))
        .collect()
}

/// What `module` imports of the library, by `use` or by a path in its code.
fn imports(module: &str, code: &str, known: &BTreeMap<Module, PathBuf>) -> BTreeSet<Module> {
    let uses = Regex::new(r"\buse\s+([^;]+);").unwrap();
    let paths = Regex::new(r"\b(?:crate|super)(?:::\w+)+").unwrap();
    let trees = uses
        .captures_iter(code)
        .flat_map(|found| expanded(&found[1]));
    let rest = uses.replace_all(code, "");
    let inline = paths.find_iter(&rest).map(|path| path.as_str().to_owned());
    let named: Vec<String> = trees.chain(inline).collect();
    let named = named.iter().filter_map(|path| {
        let mut parts: Vec<&str> = path.split("::").collect();
        let mut at: Vec<&str> = module.split('/').collect();
        match parts[0] {
            "crate" => at.clear(),
            "super" | "self" => {}
            child => {
                let child = format!("{module}/{child}");
                return known.contains_key(&child).then_some(child);
            }
        }
        parts.retain(|part| match *part {
            "super" => at.pop().is_none(),
            part => part != "crate" && part != "self",
        });
        let mut whole: Vec<&str> = at.into_iter().chain(parts).collect();
        while !whole.is_empty() && !known.contains_key(&whole.join("/")) {
            whole.pop();
        }
        (!whole.is_empty()).then(|| whole.join("/"))
    });
    named.filter(|target| target != module).collect()
}

/// What each module imports.
fn graph() -> BTreeMap<Module, BTreeSet<Module>> {
    let known = modules();
    let of = |(module, path): (&Module, &PathBuf)| {
        (module.clone(), imports(module, &code_of(path), &known))
    };
    known.iter().map(of).collect()
}

#[test]
fn imports_go_from_left_to_right() {
    let top = |module: &str| module.split('/').next().unwrap().to_owned();
    let place = |module: &str| {
        let place = ORDER.iter().position(|one| *one == module);
        place.unwrap_or_else(|| panic!("where does {module} stand in the order?"))
    };
    let mut wrong = Vec::new();
    for (module, imported) in graph() {
        for target in imported {
            let (from, to) = (top(&module), top(&target));
            let is_strange = STRANGERS.contains(&(from.as_str(), to.as_str()));
            if from != to && (place(&from) > place(&to) || is_strange) {
                wrong.push(format!("{module} imports {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let related = |one: &str, other: &str| {
        one.starts_with(&format!("{other}/")) || other.starts_with(&format!("{one}/"))
    };
    let mut left: BTreeMap<Module, BTreeSet<Module>> = graph();
    for (module, imported) in &mut left {
        imported.retain(|target| !related(module, target));
    }
    // A module that imports no remaining module is in no circle.
    loop {
        let names: BTreeSet<Module> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, imported| imported.iter().any(|target| names.contains(target)));
        if left.len() == before {
            break;
        }
    }
    // Nor is a module that no remaining module imports.
    loop {
        let imported: BTreeSet<Module> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|module, _| imported.contains(module));
        if left.len() == before {
            break;
        }
    }
    let names: BTreeSet<Module> = left.keys().cloned().collect();
    let circles: Vec<_> = left
        .iter()
        .map(|(module, imported)| (module, imported & &names))
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}
