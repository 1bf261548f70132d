//! Service files: groups of connection parameters by name, in `~/.pg_service.conf` and the file of the machine.
//!
//! Rules: "The Connection Service File" of the manual of PostgreSQL, chapter libpq.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::parameters::{Given, Lookup, Origin, Parameters};
use crate::error::{Error, Result, io_reason};

/// Folders of the machine's own file, where `PGSYSCONFDIR` names none: those of Debian, and of a build from source.
const MACHINE: [&str; 3] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc"];

/// The parameters of the service that `service` names. `file`: the user's own file; `given_file`: it was asked for.
pub(super) fn read(
    service: &Given,
    file: &Path,
    is_given: bool,
    lookup: Lookup,
) -> Result<Parameters> {
    let mut tried = vec![file.to_owned()];
    let folders = lookup("PGSYSCONFDIR").filter(|folder| !folder.is_empty());
    let folders = folders.map_or_else(
        || MACHINE.map(PathBuf::from).to_vec(),
        |one| vec![one.into()],
    );
    tried.extend(folders.iter().map(|folder| folder.join("pg_service.conf")));
    for (number, path) in tried.iter().enumerate() {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !(is_given && number == 0) => {
                continue;
            }
            Err(error) => {
                let what = format!(
                    "Le fichier de services {} n'est pas lisible",
                    path.display()
                );
                return Err(Error::config(format!("{what} : {}", io_reason(&error)))
                    .hint("Vérifiez PGSERVICEFILE et les droits sur ce fichier"));
            }
        };
        if let Some(found) = section(&text, &service.text, path)? {
            return Ok(found);
        }
    }
    let error = service.error("service", format!("« {} » n'existe pas", service.text));
    Err(error.hint(format!(
        "Ajoutez [{}] et ses paramètres dans {}",
        service.text,
        file.display()
    )))
}

/// The parameters of the section `[name]` of `text`, if it has one.
fn section(text: &str, name: &str, path: &Path) -> Result<Option<Parameters>> {
    let origin = Origin::Service(path.to_owned());
    let mut found = None;
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        let invalid = |what: &str| {
            let place = format!("{}, ligne {number}", path.display());
            Error::config(what)
                .at(place)
                .hint("Écrivez paramètre=valeur, sous [service]")
        };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            // The first section of a name counts.
            if found.is_some() {
                break;
            }
            found = (line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                == Some(name))
            .then(Parameters::default);
            continue;
        }
        let Some(found) = &mut found else {
            continue;
        };
        if line.starts_with("ldap") {
            return Err(invalid("un service LDAP n'est pas pris en charge"));
        }
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| invalid("ni commentaire, ni paramètre"))?;
        if key == "service" || key == "servicefile" {
            return Err(invalid("un service ne peut pas en désigner un autre"));
        }
        found.set(key, value, &origin)?;
    }
    Ok(found)
}
