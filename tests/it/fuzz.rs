//! Every input that a fuzzer kept is tried again, and some mutations of each, through the very checks of the fuzz
//! targets: `fuzz/README.md`.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;
use std::sync::Once;
use std::thread;

use targets::Target;

/// Mutations of each input.
const MUTATIONS: u64 = 1;

/// What the parser of damaged workbooks says of them is no news.
static QUIET: Once = Once::new();

/// Inputs tried in parallel: most of the time is spent waiting for files and responses.
const HANDS: usize = 4;

/// Tries the corpus of `target`.
#[track_caller]
fn replay<T: Target>(target: &str) {
    QUIET.call_once(targets::let_workbooks_panic);
    let inputs = corpus(target);
    assert!(!inputs.is_empty(), "no corpus of {target}");
    thread::scope(|scope| {
        for hand in 0..HANDS {
            let inputs = &inputs;
            scope.spawn(move || {
                let subject = T::default();
                for (input, seed) in inputs.iter().zip(0..).skip(hand).step_by(HANDS) {
                    subject.check(input);
                    for number in 0..MUTATIONS {
                        subject.check(&mutated(input, inputs, Dice(seed * MUTATIONS + number)));
                    }
                }
                assert_ne!(subject.rows(), Some(0), "nothing but errors");
            });
        }
    });
}

/// The inputs of a target, always in one order.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let files = fs::read_dir(folder.join(target)).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort_unstable();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// The same numbers every time (`SplitMix64`): a test must not fail on some days alone.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap()
    }
}

/// `input` with some of its bytes changed, taken away, or taken from another input.
fn mutated(input: &[u8], others: &[Vec<u8>], mut dice: Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(8)).min(bytes.len());
        let other = &others[dice.below(others.len())];
        let from = dice.below(other.len() + 1);
        let to = (from + dice.below(16)).min(other.len());
        let replacement: Vec<u8> = match dice.below(3) {
            0 => other[from..to].to_vec(),
            1 => Vec::new(),
            _ => vec![u8::try_from(dice.below(256)).unwrap()],
        };
        bytes.splice(at..end, replacement);
    }
    bytes
}

#[test]
fn exports() {
    replay::<targets::Exports>("exports");
}

#[test]
fn workbooks() {
    replay::<targets::Workbooks>("workbooks");
}

#[test]
fn old_workbooks() {
    replay::<targets::OldWorkbooks>("old_workbooks");
}

#[test]
fn cells() {
    replay::<targets::Cells>("cells");
}

#[test]
fn values() {
    replay::<targets::Values>("values");
}

#[test]
fn env_file() {
    replay::<targets::Settings>("env_file");
}

#[test]
fn odoo() {
    replay::<targets::Answers>("odoo");
}
