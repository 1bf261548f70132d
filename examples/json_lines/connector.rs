//! The connector: a folder with `customers.jsonl`, one customer per line:
//! `{"id": 7, "name": "Lefèvre", "email": "zoe@exemple.fr"}`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crmreco::canonical::customer::Customer;
use crmreco::canonical::email::email;
use crmreco::canonical::{Catalog, Cursor, Reject, Table};
use crmreco::connectors::{Connector, Plan, Reading, RejectLimit, Request, Sink, Words};
use crmreco::error::{Error, Result, io_reason};
use crmreco::report::Check;
use crmreco::stop::Stop;
use serde::Deserialize;

/// The one file that is read.
const CUSTOMERS: &str = "customers.jsonl";

/// What messages call its parts.
pub(crate) const WORDS: Words = Words {
    part: "Fichier",
    position: "Ligne",
};

/// A folder of JSON lines.
pub(crate) struct JsonLines {
    /// The folder.
    pub(crate) folder: PathBuf,
}

impl Connector for JsonLines {
    fn check(&self, _stop: &Stop) -> Result<Vec<Check>> {
        let path = self.folder.join(CUSTOMERS);
        let lines = open(&path)?.lines().count();
        Ok(vec![Check {
            name: CUSTOMERS.to_owned(),
            ok: true,
            detail: "lisible".to_owned(),
            rows: u64::try_from(lines).ok(),
        }])
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        let mut plan = Plan::default();
        if request.tables.contains(&Table::Customers) {
            let path = self.folder.join(CUSTOMERS);
            plan.readings.push(Box::new(Customers { path }));
        }
        Ok(plan)
    }

    fn reject_limit(&self) -> RejectLimit {
        RejectLimit::Percent(50.0)
    }
}

/// The customers of the folder, read whole at each sync.
struct Customers {
    path: PathBuf,
}

/// A line.
#[derive(Deserialize)]
struct Line {
    id: u64,
    name: String,
    email: Option<String>,
}

impl Reading for Customers {
    fn table(&self) -> Table {
        Table::Customers
    }

    fn is_snapshot(&self) -> bool {
        true
    }

    fn size(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    fn read(&mut self, _catalog: &Catalog, sink: &mut dyn Sink) -> Result<()> {
        let lines = open(&self.path)?.lines();
        sink.begin_unit(CUSTOMERS, self.size())?;
        let (mut position, mut bytes) = (0, 0);
        for line in lines {
            let line = line.map_err(|error| unreadable(&self.path, error))?;
            position += 1;
            bytes += line.len() as u64 + 1;
            match serde_json::from_str::<Line>(&line) {
                Ok(line) => read_line(position, &line, sink)?,
                Err(_) => sink.reject(rejected(position, &line), None)?,
            }
            sink.advance(bytes)?;
        }
        sink.keep_unit(Cursor {
            mark: CUSTOMERS.to_owned(),
            label: format!("{position} lignes"),
        })
    }
}

fn read_line(position: u64, line: &Line, sink: &mut dyn Sink) -> Result<()> {
    let key = format!("jsonl-{}", line.id);
    let email = line.email.as_deref().and_then(email);
    let customer = Customer {
        customer_key: &key,
        first_name: None,
        last_name: Some(&line.name),
        company_name: None,
        email: email.as_deref(),
        phone: None,
        mobile: None,
        company_key: None,
        address: None,
        zip_code: None,
        city: None,
        country: None,
        email_opt_out: false,
        sms_opt_out: false,
        phone_opt_out: false,
        active: true,
    };
    sink.row(position, &customer)
}

fn rejected(position: u64, line: &str) -> Reject {
    Reject {
        table: Table::Customers,
        origin: CUSTOMERS.to_owned(),
        position: position.to_string(),
        column: None,
        value: Some(line.to_owned()),
        reason: "n'est pas un client en JSON".to_owned(),
        row: None,
    }
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    Ok(BufReader::new(file))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::source_failed(format!(
        "{} ne peut pas être lu : {}",
        path.display(),
        io_reason(&error)
    ))
    .hint("Vérifiez le dossier")
    .because(error)
}
