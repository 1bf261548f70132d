//! The address of a PostgreSQL database: where it is, as whom to connect, and how.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use super::files::UserFiles;
use super::parameters::{Given, Lookup, Origin, Parameters, SETTING};
use super::passfile::{self, Wanted};
use super::servers::{PORT, SOCKETS, Server, servers};
use super::session::{Binding, Keepalives, Session};
use super::tls::TlsSettings;
use super::{service, uri};
use crate::error::{Error, Result};

/// Time limit for a connection, where the address gives none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The address of a PostgreSQL database. `Display` and `Debug` show it without its password.
#[derive(Clone)]
pub(crate) struct Address {
    pub(super) servers: Vec<Server>,
    pub(super) user: String,
    pub(super) database: String,
    password: Option<SecretString>,
    passfile: Option<String>,
    /// Why the password file is not used.
    pub(super) passfile_fault: Option<String>,
    pub(super) tls: TlsSettings,
    pub(super) binding: Binding,
    pub(super) session: Session,
    pub(super) in_random_order: bool,
    pub(super) options: Option<String>,
    pub(super) application: String,
    /// No limit where there is none.
    pub(super) connect_timeout: Option<Duration>,
    pub(super) keepalives: Option<Keepalives>,
    pub(super) user_timeout: Option<Duration>,
}

impl Address {
    /// The address that `text` gives, an URL or `host=… dbname=…`, completed from the service it names, from `PG*` variables
    /// and the password file, in this order, as `psql` does. Relative paths are relative to `folder`. Fails where a
    /// parameter is unknown, invalid, or cannot be obeyed.
    pub(crate) fn parse(text: &str, lookup: Lookup, folder: &Path) -> Result<Self> {
        let mut given = uri::parse(text)?;
        let user_files = UserFiles { lookup, folder };
        let asked = given
            .get("service")
            .cloned()
            .or_else(|| variable("PGSERVICE", lookup));
        if let Some(asked) = asked {
            let named = given.get("servicefile").cloned();
            let named = named.or_else(|| variable("PGSERVICEFILE", lookup));
            let file = match &named {
                Some(named) => folder.join(&named.text),
                None => user_files.default(".pg_service.conf", "pg_service.conf"),
            };
            given.complete_from(service::read(&asked, &file, named.is_some(), lookup)?);
        }
        given.complete(lookup)?;
        Self::of(&given, &user_files)
    }

    fn of(given: &Parameters, files: &UserFiles) -> Result<Self> {
        let user = match given.text("user") {
            Some(user) => user.to_owned(),
            None => account()?,
        };
        check_unused(given)?;
        let password = given.text("password").map(SecretString::from);
        let passfile = match given.text("passfile") {
            Some(path) => files.folder.join(path),
            None => files.default(".pgpass", "pgpass.conf"),
        };
        let (passfile, passfile_fault) = match passfile::read(&passfile) {
            Ok(lines) => (lines, None),
            Err(why) => (
                None,
                Some(format!("{} est ignoré : {why}", passfile.display())),
            ),
        };
        let application = given.text("application_name");
        let application = application.or_else(|| given.text("fallback_application_name"));
        Ok(Self {
            servers: servers(given)?,
            database: given.text("dbname").unwrap_or(&user).to_owned(),
            user,
            password,
            passfile,
            passfile_fault,
            tls: TlsSettings::of(given, files)?,
            binding: Binding::of(given)?,
            session: Session::of(given)?,
            in_random_order: given
                .choice(
                    "load_balance_hosts",
                    &[("disable", false), ("random", true)],
                )?
                .unwrap_or_default(),
            options: given.text("options").map(str::to_owned),
            application: application.unwrap_or("crmreco").to_owned(),
            connect_timeout: match given.number("connect_timeout")? {
                None => Some(CONNECT_TIMEOUT),
                Some(seconds) => u64::try_from(seconds)
                    .ok()
                    .filter(|seconds| *seconds > 0)
                    .map(Duration::from_secs),
            },
            keepalives: Keepalives::of(given)?,
            user_timeout: given
                .positive("tcp_user_timeout")?
                .map(Duration::from_millis),
        })
    }

    /// The password for a server: the one given, else that of the password file.
    pub(super) fn password_for(&self, server: &Server) -> Option<SecretString> {
        self.password.clone().or_else(|| {
            let is_default_socket = SOCKETS.contains(&server.host.as_str());
            let wanted = Wanted {
                host: if is_default_socket {
                    "localhost"
                } else {
                    &server.host
                },
                port: server.port,
                database: &self.database,
                user: &self.user,
            };
            passfile::find(self.passfile.as_deref()?, &wanted)
        })
    }
}

/// `postgresql://user@host/database`
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}@", self.user)?;
        let hosts = self.servers.iter().filter(|server| !server.is_socket());
        let hosts: Vec<String> = hosts.map(ToString::to_string).collect();
        write!(f, "{}/{}", hosts.join(","), self.database)?;
        if let Some(socket) = self.servers.iter().find(|server| server.is_socket()) {
            write!(f, "?host={}", socket.host)?;
            if socket.port != PORT {
                write!(f, "&port={}", socket.port)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn variable(name: &'static str, lookup: Lookup) -> Option<Given> {
    let text = lookup(name).filter(|text| !text.is_empty())?;
    let origin = Origin::Variable(name);
    Some(Given { text, origin })
}

/// The account that runs the program, PostgreSQL's default for the role.
fn account() -> Result<String> {
    whoami::username().map_err(|error| {
        Error::of_setting(
            SETTING,
            "ne dit pas quel rôle se connecte, et le compte de la machine n'a pas de nom",
        )
        .hint("Ajoutez-le : postgresql://role@serveur/base")
        .because(error)
    })
}

/// Parameters whose other values would ask for what the program does not do.
fn check_unused(given: &Parameters) -> Result<()> {
    given.choice("gssencmode", &[("disable", ()), ("prefer", ())])?;
    given.choice("sslcompression", &[("0", ())])?;
    if let Some(encoding) = given.get("client_encoding") {
        let plain = encoding.text.to_ascii_lowercase().replace('-', "");
        if !["utf8", "auto", "unicode"].contains(&plain.as_str()) {
            let predicate = format!("« {} » n'est pas pris en charge", encoding.text);
            return Err(encoding
                .error("client_encoding", predicate)
                .hint("Retirez-le : UTF8 est employé"));
        }
    }
    Ok(())
}
