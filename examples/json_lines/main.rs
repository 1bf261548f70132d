//! A connector of one's own, outside the program: a folder of JSON lines, synced into a database.
//!
//! ```console
//! $ cargo run --example json_lines -- FOLDER HOME
//! ```

mod connector;

use std::env;
use std::error::Error;
use std::path::Path;

use crmreco::canonical::Table;
use crmreco::home::Home;
use crmreco::stop::Stop;
use crmreco::store::Store;
use crmreco::sync::{NamedConnector, Options, Outcome, Silent, sync_connector};

use connector::{JsonLines, WORDS};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, home] = arguments.as_slice() else {
        return Err("expected a folder of JSON lines and a home folder".into());
    };
    let home = Home::at(home);
    let outcome = sync_folder(Path::new(folder), &home)?;
    for message in &outcome.log.messages {
        println!("{message:?}");
    }
    let totals = Store::open_to_read(&home)?.table_totals()?;
    let customers = totals.rows.get(&Table::Customers).copied();
    println!("{} customers", customers.unwrap_or_default());
    Ok(())
}

/// Syncs the JSON lines of `folder` into the database of `home`.
fn sync_folder(folder: &Path, home: &Home) -> crmreco::error::Result<Outcome> {
    let connector = JsonLines {
        folder: folder.to_owned(),
    };
    let one = NamedConnector {
        name: "json_lines",
        kind: "json_lines",
        words: WORDS,
        connector: &connector,
    };
    sync_connector(home, &one, &Options::default(), &Silent, &Stop::default())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crmreco::connectors::Connector;
    use crmreco::error::ErrorKind;
    use crmreco::report::{Counts, Message, RunStatus};

    use super::*;

    const THREE: &str = "{\"id\": 1, \"name\": \"Lefèvre\", \"email\": \"Zoe@Exemple.fr\"}\n\
        {\"id\": 2, \"name\": \"Martin\", \"email\": null}\n\
        {\"id\": \"trois\"}\n";

    fn counts(outcome: &Outcome) -> Counts {
        let (table, counts) = outcome.log.counts[0];
        assert_eq!(table, Table::Customers);
        counts
    }

    #[test]
    fn a_connector_outside_the_program_is_synced_like_those_inside() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home"));
        let file = folder.path().join("customers.jsonl");

        fs::write(&file, THREE).unwrap();
        let outcome = sync_folder(folder.path(), &home).unwrap();
        assert_eq!(outcome.log.status, RunStatus::Success);
        let expected = Counts {
            read: 3,
            inserted: 2,
            rejected: 1,
            ..Counts::default()
        };
        assert_eq!(counts(&outcome), expected);
        let store = Store::open_to_read(&home).unwrap();
        let page = store.rejects("json_lines", None, 10, 0).unwrap();
        assert_eq!(page.rejects[0].position, "3");
        assert_eq!(page.rejects[0].reason, "n'est pas un client en JSON");

        // Read again: one changed, one gone.
        fs::write(
            &file,
            "{\"id\": 2, \"name\": \"Martin-Roy\", \"email\": null}\n",
        )
        .unwrap();
        let outcome = sync_folder(folder.path(), &home).unwrap();
        let expected = Counts {
            read: 1,
            updated: 1,
            deleted: 1,
            ..Counts::default()
        };
        assert_eq!(counts(&outcome), expected);
    }

    #[test]
    fn what_the_connector_cannot_read_fails_the_run_and_keeps_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home"));
        fs::write(folder.path().join("customers.jsonl"), THREE).unwrap();
        sync_folder(folder.path(), &home).unwrap();

        fs::remove_file(folder.path().join("customers.jsonl")).unwrap();
        let outcome = sync_folder(folder.path(), &home).unwrap();
        assert_eq!(outcome.log.status, RunStatus::Error);
        let Message::Error(text) = &outcome.log.messages[0] else {
            panic!("{:?}", outcome.log.messages)
        };
        assert!(
            text.contains("customers.jsonl ne peut pas être lu : introuvable"),
            "{text}"
        );
        let store = Store::open_to_read(&home).unwrap();
        assert_eq!(store.table_totals().unwrap().rows[&Table::Customers], 2);
    }

    #[test]
    fn a_name_that_could_not_be_registered_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home"));
        let connector = JsonLines {
            folder: folder.path().to_owned(),
        };
        assert_eq!(
            connector.check(&Stop::default()).unwrap_err().kind(),
            ErrorKind::Source
        );
        for name in ["../evil", "new connector", ""] {
            let one = NamedConnector {
                name,
                kind: "json_lines",
                words: WORDS,
                connector: &connector,
            };
            let refused =
                sync_connector(&home, &one, &Options::default(), &Silent, &Stop::default());
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::Config, "{name}");
            assert!(!home.folder().exists());
        }
    }
}
