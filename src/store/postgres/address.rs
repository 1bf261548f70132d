//! The address of a PostgreSQL database: where it is, as whom to connect, and how.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use super::files::UserFiles;
use super::parameters::{Given, Lookup, Parameters, SETTING};
use super::passfile::{self, Wanted};
use super::tls::TlsSettings;
use super::{service, uri};
use crate::error::{Error, Result};

/// PostgreSQL's own port.
const PORT: u16 = 5432;

/// Time limit for a connection, where the address gives none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle seconds after which the other end is asked whether it still lives: the system's two hours would keep the lock of a
/// machine that died.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Folders of the Unix socket, where the address names no server: Debian's and the one PostgreSQL is built with.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// One server that the address names.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// A name, an IP address, or the folder of a Unix socket.
    pub(super) host: String,
    /// The IP address to use in place of what the name leads to.
    pub(super) ip: Option<std::net::IpAddr>,
    pub(super) port: u16,
}

impl Server {
    /// Whether it is reached through a Unix socket.
    pub(super) fn is_socket(&self) -> bool {
        cfg!(unix) && self.host.starts_with('/')
    }
}

/// Shows the host, and the port where it is not PostgreSQL's own.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if self.port == PORT {
            return Ok(());
        }
        write!(f, ":{}", self.port)
    }
}

/// What a session must allow for the server to be the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// Use of the TLS session's identity in the authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    Disable,
    Prefer,
    Require,
}

/// Checks whether the other end still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keepalives {
    pub(super) idle: Duration,
    pub(super) interval: Option<Duration>,
    pub(super) count: Option<u32>,
}

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
            binding: binding(given)?,
            session: session(given)?,
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
            keepalives: keepalives(given)?,
            user_timeout: positive(given, "tcp_user_timeout")?.map(Duration::from_millis),
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
    let origin = super::parameters::Origin::Variable(name);
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

/// A number above zero, none for zero. Fails where it is below.
fn positive(given: &Parameters, name: &str) -> Result<Option<u64>> {
    let Some(number) = given.number(name)? else {
        return Ok(None);
    };
    let number = u64::try_from(number).map_err(|_| {
        let value = given.get(name).cloned();
        let predicate = format!("« {number} » est négatif");
        value.map_or_else(
            || Error::config(&predicate),
            |value| value.error(name, &predicate),
        )
    })?;
    Ok((number > 0).then_some(number))
}

fn keepalives(given: &Parameters) -> Result<Option<Keepalives>> {
    let idle = positive(given, "keepalives_idle")?.map(Duration::from_secs);
    let interval = positive(given, "keepalives_interval")?.map(Duration::from_secs);
    let count = positive(given, "keepalives_count")?.and_then(|count| u32::try_from(count).ok());
    let keepalives = Keepalives {
        idle: idle.unwrap_or(KEEPALIVE),
        interval,
        count,
    };
    Ok((given.number("keepalives")? != Some(0)).then_some(keepalives))
}

fn binding(given: &Parameters) -> Result<Binding> {
    let choices = [
        ("disable", Binding::Disable),
        ("prefer", Binding::Prefer),
        ("require", Binding::Require),
    ];
    Ok(given
        .choice("channel_binding", &choices)?
        .unwrap_or(Binding::Prefer))
}

fn session(given: &Parameters) -> Result<Session> {
    let choices = [
        ("any", Session::Any),
        ("read-write", Session::ReadWrite),
        ("read-only", Session::ReadOnly),
        ("primary", Session::Primary),
        ("standby", Session::Standby),
        ("prefer-standby", Session::PreferStandby),
    ];
    Ok(given
        .choice("target_session_attrs", &choices)?
        .unwrap_or(Session::Any))
}

/// The servers in the order of the address. Ports are one for all, or one for each.
fn servers(given: &Parameters) -> Result<Vec<Server>> {
    let list = |name| {
        given
            .text(name)
            .map(|text| text.split(',').map(str::trim).collect::<Vec<_>>())
    };
    let (hosts, ips) = (list("host"), list("hostaddr"));
    let count = ips.as_ref().or(hosts.as_ref()).map_or(1, Vec::len);
    let counts_differ = |name: &str, found: usize| {
        let predicate = format!("donne {found} valeurs pour {count} serveurs");
        let given = given.get(name).map(|given| given.error(name, &predicate));
        given.unwrap_or_else(|| Error::config(predicate.clone()))
    };
    if let Some(hosts) = hosts.as_ref().filter(|hosts| hosts.len() != count) {
        return Err(counts_differ("host", hosts.len()));
    }
    let ports = list("port").unwrap_or_default();
    if ports.len() > 1 && ports.len() != count {
        return Err(counts_differ("port", ports.len()));
    }
    let mut servers = Vec::with_capacity(count);
    for number in 0..count {
        let ip = nth(ips.as_deref(), number)
            .map(|text| parse_ip(text, given))
            .transpose()?;
        let host = nth(hosts.as_deref(), number).map(str::to_owned);
        let port = ports
            .get(number)
            .or_else(|| ports.first())
            .copied()
            .unwrap_or_default();
        servers.push(Server {
            host: host
                .or_else(|| ip.map(|ip| ip.to_string()))
                .unwrap_or_else(default_host),
            ip,
            port: parse_port(port, given)?,
        });
    }
    Ok(servers)
}

/// A value of a list, unless it is empty.
fn nth<'a>(list: Option<&[&'a str]>, number: usize) -> Option<&'a str> {
    list?.get(number).copied().filter(|value| !value.is_empty())
}

/// Where a server is looked for that no one names: on this machine.
fn default_host() -> String {
    if cfg!(not(unix)) {
        return "localhost".to_owned();
    }
    let found = SOCKETS
        .into_iter()
        .find(|folder| Path::new(folder).is_dir());
    found.unwrap_or("/tmp").to_owned()
}

fn parse_ip(text: &str, given: &Parameters) -> Result<std::net::IpAddr> {
    text.parse().map_err(|_| {
        let predicate = format!("« {text} » n'est pas une adresse IP");
        let given = given.get("hostaddr");
        given.map_or_else(
            || Error::config(&predicate),
            |given| given.error("hostaddr", &predicate),
        )
    })
}

/// The message shows no value: a password that was not percent-encoded may stand where the port should.
fn parse_port(text: &str, given: &Parameters) -> Result<u16> {
    if text.is_empty() {
        return Ok(PORT);
    }
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        let predicate = "n'est pas un nombre de 1 à 65535";
        let error = given
            .get("port")
            .map(|given| given.error("le port", predicate));
        error
            .unwrap_or_else(|| Error::config(predicate))
            .hint(super::parameters::ENCODED)
    })
}
