//! Any bytes, in the folder a connector reads: planned, read and checked.
//!
//! The first byte picks the file's name, the second how it is read; the rest is the file.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Estate, Options, let_workbooks_panic};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 8] = [
    "clients.csv",
    "produits.csv",
    "ventes.csv",
    "stock.csv",
    "contacts.csv",
    "campagne_clients_2025-12-27.csv",
    "ventes.xlsx",
    "stock.xls",
];

static ESTATE: LazyLock<Estate> = LazyLock::new(|| Estate::new("exports"));

fuzz_target!(init: let_workbooks_panic(), |data: &[u8]| {
    if let [name, options, content @ ..] = data {
        let name = NAMES[usize::from(*name) % NAMES.len()];
        ESTATE.try_export(name, content, Options::of(*options));
    }
});
