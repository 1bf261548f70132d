//! Syncs to be killed: an estate as it stands before, and a command line.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use super::holdings::Holdings;
use crate::common::{Estate, copy_folder, fixtures};
use crate::strace::{self, CHANGES};

/// The tables, as `--source` names them, in the order of their loads.
const SOURCES: [&str; 5] = [
    "customers",
    "products",
    "sales_lines",
    "stock_levels",
    "contact_history",
];

/// A command on an estate, and what may be found after it was killed.
pub struct Scenario {
    pub name: &'static str,
    pub args: &'static [&'static str],
    /// What an undisturbed run exits with.
    pub code: i32,
    estate: Estate,
    connectors: &'static [&'static str],
    /// For each connector, what it holds before, and after each of its loads.
    states: Vec<Vec<Holdings>>,
    /// The same, table by table.
    tables: Vec<Vec<Holdings>>,
    /// By connector: its contents after an undisturbed run.
    pub truth: Vec<Holdings>,
}

impl Scenario {
    fn new(
        name: &'static str,
        args: &'static [&'static str],
        code: i32,
        connectors: &'static [&'static str],
        estate: Estate,
    ) -> Self {
        let stepwise = estate.copy();
        let mut states = vec![Vec::new(); connectors.len()];
        let mut tables = states.clone();
        let mut keep = || {
            for (at, source) in connectors.iter().enumerate() {
                states[at].push(Holdings::without_calendar(&stepwise, source));
                tables[at].push(Holdings::table_by_table(&stepwise, source));
            }
        };
        keep();
        // A first look brings an old database to the newest version, and loads nothing.
        stepwise.crmreco(&["list"]).exits(0);
        keep();
        for source in SOURCES {
            let one = stepwise.crmreco(&[args, &["--source", source]].concat());
            assert!(matches!(one.code, Some(0 | 1)), "{name}: {one:#?}");
            keep();
        }
        let whole = estate.copy();
        whole.crmreco(args).exits(code);
        for (source, states) in connectors.iter().zip(&states) {
            let held = Holdings::without_calendar(&whole, source);
            assert!(!held.is_empty());
            assert_eq!(states.last(), Some(&held), "{name}");
        }
        let truth = connectors
            .iter()
            .map(|source| Holdings::of(&whole, source))
            .collect();
        Self {
            name,
            args,
            code,
            estate,
            connectors,
            states,
            tables,
            truth,
        }
    }

    /// The estate as it stands before.
    pub fn estate(&self) -> Estate {
        self.estate.copy()
    }

    /// The next sync, like the first, and what it must leave.
    #[track_caller]
    pub fn assert_repaired(&self, estate: &Estate) {
        estate.crmreco(self.args).exits(self.code);
        for (connector, truth) in self.connectors.iter().zip(&self.truth) {
            let held = Holdings::of(estate, connector);
            assert!(held == *truth, "{}", held.differences(truth));
        }
    }

    /// Every connector's tables are as before or as after one of the loads, and those of before it are loaded.
    #[track_caller]
    pub fn assert_between_loads(&self, estate: &Estate) {
        for (connector, states) in self.connectors.iter().zip(&self.states) {
            let held = Holdings::without_calendar(estate, connector);
            let closest = states
                .iter()
                .map(|state| held.differences(state))
                .min_by_key(String::len)
                .unwrap_or_default();
            assert!(
                closest.is_empty(),
                "{connector} is between two states:\n{closest}"
            );
        }
    }

    /// Every table is as before or as after its load, whatever became of the others.
    #[track_caller]
    pub fn assert_tables_whole(&self, estate: &Estate) {
        for (connector, states) in self.connectors.iter().zip(&self.tables) {
            let held = Holdings::table_by_table(estate, connector);
            assert_eq!(held.stranger_to(states), None, "{held:#?}");
        }
    }

    /// The most that a thread of an undisturbed run makes of each call.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        let estate = self.estate();
        strace::count(&estate.command(self.args), &CHANGES)
    }

    /// Whether every table of `connector` is as an undisturbed run leaves it.
    pub fn is_done_for(&self, connector: &str, estate: &Estate) -> bool {
        let mut each = self.connectors.iter().zip(&self.truth);
        each.any(|(name, truth)| *name == connector && Holdings::of(estate, name) == *truth)
    }

    /// Whether that is so of all connectors.
    pub fn is_done(&self, estate: &Estate) -> bool {
        let mut each = self.connectors.iter();
        each.all(|connector| self.is_done_for(connector, estate))
    }
}

/// One connector over a few rows of every table, one of them spoiled.
fn small() -> Estate {
    let estate = Estate::bare();
    estate.connector("cave", "../exports".as_ref());
    let estate = estate.setting("MAX_REJECTS", "50%");
    copy_folder(&fixtures().join("isavigne/plain"), &estate.exports());
    let sales = estate.export_text("ventes.csv");
    estate.export(
        "ventes.csv",
        sales + "V9;FA9;C2;CREMANT-NM;31/02/2025;1;bouteille;16,50;16,50\n",
    );
    estate
}

/// Every file changes: rows are added, changed, and of the stock one is gone.
fn change(estate: &Estate) {
    let more = |name: &str, from: &str, to: &str, line: &str| {
        let old = estate.export_text(name);
        assert!(old.contains(from), "{name}: {old}");
        estate.export(name, old.replace(from, to) + line);
    };
    more("clients.csv", "Nice", "Cannes", "C4;Keller;Anna;Thann\n");
    more(
        "produits.csv",
        "16,50",
        "17,00",
        "PINOT-2021;Pinot Noir 2021;rouge;14,00\n",
    );
    more(
        "ventes.csv",
        "10/02/2025;3;bouteille;12,00;36,00",
        "10/02/2025;4;bouteille;12,00;48,00",
        "V10;FA10;C4;PINOT-2021;03/03/2025;6;bouteille;14,00;84,00\n",
    );
    more(
        "stock.csv",
        "CREMANT-NM;Principal;48;0\n",
        "",
        "PINOT-2021;Cave 2;60;6\n",
    );
    more(
        "contacts.csv",
        "opened",
        "clicked",
        "M2;C4;16/03/2025;email;Printemps;Le pinot;sent\n",
    );
}

fn synced_then_changed() -> Estate {
    let estate = small();
    estate.sync();
    change(&estate);
    estate
}

/// The first sync: the home holds no more than the settings.
pub fn first() -> Scenario {
    Scenario::new("first", &["sync", "cave"], 0, &["cave"], small())
}

/// What changed since the last sync, the snapshot of the stock among it.
pub fn changed() -> Scenario {
    let estate = synced_then_changed();
    Scenario::new("changed", &["sync", "cave"], 0, &["cave"], estate)
}

/// Everything again.
pub fn full() -> Scenario {
    let estate = synced_then_changed();
    Scenario::new("full", &["sync", "cave", "--full"], 0, &["cave"], estate)
}

/// A stock that is replaced by half of it.
pub fn shrunk() -> Scenario {
    let estate = small();
    let stock = |rows: usize| {
        let mut text = "produit_key;entrepot;quantite\n".to_owned();
        for row in 0..rows {
            writeln!(text, "RIESLING-2020;Cave {row};{rows}").unwrap();
        }
        text
    };
    estate.export("stock.csv", stock(80));
    estate.sync();
    estate.export("stock.csv", stock(40));
    let args = &["sync", "cave", "--allow-shrink"];
    Scenario::new("shrunk", args, 0, &["cave"], estate)
}

/// A database of the first version, to be brought to the newest.
pub fn migrated() -> Scenario {
    let estate = small();
    let frozen = fs::read_to_string(fixtures().join("databases/v1.sql")).unwrap();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    database.execute_batch(&frozen).unwrap();
    drop(database);
    change(&estate);
    Scenario::new("migrated", &["sync", "cave"], 0, &["cave"], estate)
}

/// A rejected row was corrected: its file is read again, with what changed.
pub fn corrected() -> Scenario {
    let estate = synced_then_changed();
    let rejects = estate.crmreco(&["rejects", "cave", "--json"]).json();
    let row = rejects["rejects"][0]["reject_id"].as_str().unwrap();
    let fix = ["rejects", "fix", "cave", row, "date=28/02/2025"];
    estate.crmreco(&fix).exits(0);
    Scenario::new("corrected", &["sync", "cave"], 0, &["cave"], estate)
}

/// One table fails and keeps its rejects; the others are loaded.
pub fn failing() -> Scenario {
    let estate = synced_then_changed().setting("MAX_REJECTS", "0");
    Scenario::new("failing", &["sync", "cave"], 1, &["cave"], estate)
}

/// Two connectors at once.
pub fn two() -> Scenario {
    let estate = small();
    estate.connector("chai", "../exports".as_ref());
    estate.env_lines("CRMRECO_CONNECTOR__CHAI__MAX_REJECTS=50%");
    let args = &["sync", "--all", "--jobs", "2"];
    Scenario::new("two", args, 0, &["cave", "chai"], estate)
}

/// Enough rows for a clock to hit any of its phases.
pub fn long() -> Scenario {
    let estate = small();
    fill(&estate, 0);
    Scenario::new("long", &["sync", "cave"], 0, &["cave"], estate)
}

/// As many rows, one in three of them changed since the last sync.
pub fn long_changed() -> Scenario {
    let estate = small();
    fill(&estate, 0);
    estate.sync();
    fill(&estate, 1);
    Scenario::new("long changed", &["sync", "cave"], 0, &["cave"], estate)
}

fn fill(estate: &Estate, change: usize) {
    const ROWS: usize = 2_400;
    let mut clients = "code_client;nom;ville\n".to_owned();
    let mut stock = "produit_key;entrepot;quantite\n".to_owned();
    let mut sales = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n".to_owned();
    for row in 0..ROWS {
        let changed = if row % 3 == 0 { change } else { 0 };
        if row % 6 == 0 {
            writeln!(clients, "C{row};Client {row};Ville {changed}").unwrap();
        }
        if row % 12 == 0 {
            writeln!(stock, "P{};Cave {row};{}", row % 40, row + changed).unwrap();
        }
        let quantity = 1 + changed;
        writeln!(
            sales,
            "V{row:06};FA{};C{};P{};27/12/2024;{quantity};bouteille;12,00;{},00",
            row / 3,
            row % 500,
            row % 40,
            12 * quantity
        )
        .unwrap();
    }
    estate.export("clients.csv", clients);
    estate.export("stock.csv", stock);
    estate.export("ventes.csv", sales);
}
