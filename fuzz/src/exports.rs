//! Any bytes, in the folder a connector reads: planned, read and checked.
//!
//! The first byte picks the file's name, the second how it is read; the rest is the file.

use super::Target;
use super::estate::{Estate, Options};

const NAMES: [&str; 16] = [
    "clients.csv",
    "produits.csv",
    "ventes.csv",
    "stock.csv",
    "contacts.csv",
    "campagne_clients_2025-12-27.csv",
    "ventes.xlsx",
    "stock.xls",
    "journal_des_ventes_2025-12.csv",
    "avoirs.csv",
    "commandes.csv",
    "bons_de_livraison_2025.csv",
    "export.csv",
    "inventaire_2025-12-27.csv",
    "tarifs.csv",
    "newsletter.csv",
];

/// A folder of exports.
pub struct Exports {
    estate: Estate,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            estate: Estate::new("exports"),
        }
    }
}

impl Target for Exports {
    fn check(&self, data: &[u8]) {
        if let [name, options, content @ ..] = data {
            let name = NAMES[usize::from(*name) % NAMES.len()];
            self.estate.try_export(name, content, Options::of(*options));
        }
    }

    fn rows(&self) -> Option<u64> {
        Some(self.estate.rows())
    }
}
