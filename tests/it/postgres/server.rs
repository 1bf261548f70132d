//! A private PostgreSQL server in a temporary folder: a Unix socket and a port of loopback, no durability, and a new
//! database for each test. It ends with the test process, however that ends.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start or stop on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The superuser of the server.
pub const SUPERUSER: &str = "postgres";

/// The role that owns the databases of tests: it is no superuser, so that missing rights are found.
pub const OWNER: &str = "crmreco";

/// Starts the server, and stops it when its standard input ends, as it does when the test process dies. A line names
/// the signal, and that the folder stays: the server may start again.
const WATCHDOG: &str = r#"
"$1" -D "$2/data" >>"$2/server.log" 2>&1 &
server=$!
read -r signal
kill "-${signal:-QUIT}" $server
# A shell has QUIT ignored by what it starts, until the server has its own way with signals.
[ -n "$signal" ] || kill -TERM $server
wait $server
[ -n "$signal" ] || rm -rf "$2"
"#;

/// How a server differs from the shared one.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// Lines of `pg_hba.conf` before those that trust everybody on this machine.
    pub access: Vec<String>,
    /// Lines of `postgresql.conf`.
    pub settings: Vec<String>,
    /// How it speaks TLS; without it, not at all.
    pub tls: Option<Tls>,
    /// The language of its messages, as `fr`; English without it.
    pub language: Option<&'static str>,
    /// Size of a disk of its own in [`Server::small_disk`], as `12m`; needs [`can_mount`].
    pub disk: Option<&'static str>,
}

/// Files in PEM form.
#[derive(Debug, Clone)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// The authority that signs the certificates of clients.
    pub clients: Option<PathBuf>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    port: u16,
    language: Option<&'static str>,
    disk: Option<&'static str>,
    watchdog: Mutex<Option<Child>>,
}

/// Whether these tests must be passed over: who has only Rust and a C compiler can run all the others.
pub fn is_missing() -> bool {
    let is_missing = binaries().is_none();
    let is_needed = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    assert!(
        !is_missing || !is_needed,
        "PostgreSQL is not installed: initdb and postgres were not found"
    );
    if is_missing {
        println!("passed over: PostgreSQL is not installed");
    }
    is_missing
}

/// The folder of `initdb` and `postgres`: that of `CRMRECO_TEST_POSTGRES`, else the newest of Debian's, else one of `PATH`.
fn binaries() -> Option<PathBuf> {
    let has_all = |folder: &PathBuf| {
        let is_there = |name| folder.join(name).is_file();
        ["initdb", "postgres", "psql"].into_iter().all(is_there)
    };
    if let Some(folder) = std::env::var_os("CRMRECO_TEST_POSTGRES") {
        return Some(PathBuf::from(folder));
    }
    let version = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.filter_map(|entry| Some(entry.ok()?.path()));
    let newest = versions.max_by_key(|folder| version(folder));
    let newest = newest.map(|folder| folder.join("bin")).filter(has_all);
    newest.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(has_all)
    })
}

/// The folder of the server's programs.
pub fn programs() -> PathBuf {
    binaries().expect("PostgreSQL is not installed")
}

fn binary(name: &str) -> PathBuf {
    programs().join(name)
}

/// A command in an environment without any setting of PostgreSQL.
fn clean(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C.UTF-8");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// The account that runs the server where the tests run as root, which PostgreSQL refuses: name, user, group.
fn account() -> Option<(String, u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let found = ["postgres", "nobody"].into_iter().find_map(|name| {
        let mut lines = accounts.lines().map(|line| line.split(':'));
        let mut line = lines.find(|line| line.clone().next() == Some(name))?;
        let user = line.nth(2)?.parse().ok()?;
        Some((name.to_owned(), user, line.next()?.parse().ok()?))
    });
    Some(found.expect("neither of the accounts postgres and nobody exists"))
}

/// A command run by the account of the server.
pub fn as_server(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let Some((_, user, group)) = account() else {
        return clean(program);
    };
    let mut command = clean("setpriv");
    command.args([
        format!("--reuid={user}"),
        format!("--regid={group}"),
        "--clear-groups".to_owned(),
        "--".to_owned(),
    ]);
    command.arg(program);
    command
}

/// Gives a file or a folder to the account of the server.
pub fn give_to_server(path: &Path) {
    if let Some((_, user, group)) = account() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}{errors}");
    text
}

/// Whether a disk of a small size can be mounted here, for [`Options::disk`].
pub fn can_mount() -> bool {
    let mut tried = clean("unshare");
    tried.args([
        "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt",
    ]);
    let can = tried.output().is_ok_and(|done| done.status.success()) && account().is_some();
    if !can {
        println!("passed over: no disk can be mounted here");
    }
    can
}

/// A port of loopback that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Server {
    /// The server of all tests of this process that need no server of their own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&Options::default()))
    }

    /// Starts a server of one's own.
    pub fn start(options: &Options) -> Self {
        let server = Self::in_new_folder(options);
        server.create_cluster();
        server.configure(options);
        let server = server.started();
        server.admin(&format!("CREATE ROLE {OWNER} LOGIN"));
        server
    }

    fn in_new_folder(options: &Options) -> Self {
        let folder = tempfile::Builder::new().prefix("pg").tempdir().unwrap();
        give_to_server(folder.path());
        Self {
            folder,
            port: 0,
            language: options.language,
            disk: options.disk,
            watchdog: Mutex::new(None),
        }
    }

    fn create_cluster(&self) {
        let initdb = |more: &[&str]| {
            let mut initdb = as_server(binary("initdb"));
            initdb.arg("-D").arg(self.data()).args(["-U", SUPERUSER]);
            initdb.args(["--auth=trust", "--no-sync", "--encoding=UTF8"]);
            initdb.args(["--locale=C.UTF-8"]).args(more);
            initdb
        };
        // An order of its own, so that a test fails where SQL forgets to name the order of bytes.
        let mut french = initdb(&["--locale-provider=icu", "--icu-locale=fr"]);
        if !french.output().unwrap().status.success() {
            run(&mut initdb(&[]));
        }
    }

    fn started(mut self) -> Self {
        // Somebody else may have taken the port meanwhile.
        for _ in 0..5 {
            self.port = free_port();
            self.write_port();
            if self.try_start() {
                return self;
            }
        }
        panic!("the server does not start: {}", self.log());
    }

    fn configure(&self, options: &Options) {
        let mut settings = vec![
            "listen_addresses = '127.0.0.1'".to_owned(),
            format!("unix_socket_directories = '{}'", self.socket().display()),
            "include 'port.conf'".to_owned(),
            "fsync = off".to_owned(),
            "synchronous_commit = off".to_owned(),
            "full_page_writes = off".to_owned(),
            "shared_buffers = 64MB".to_owned(),
            "max_wal_size = 4GB".to_owned(),
        ];
        if let Some(tls) = &options.tls {
            settings.push("ssl = on".to_owned());
            let clients = tls.clients.iter().map(|file| ("ssl_ca_file", file));
            let own = [
                ("ssl_cert_file", &tls.certificate),
                ("ssl_key_file", &tls.key),
            ];
            for (setting, file) in own.into_iter().chain(clients) {
                let copy = self.folder.path().join(setting);
                fs::copy(file, &copy).unwrap();
                fs::set_permissions(&copy, PermissionsExt::from_mode(0o600)).unwrap();
                give_to_server(&copy);
                settings.push(format!("{setting} = '{}'", copy.display()));
            }
        }
        settings.extend(options.settings.iter().cloned());
        self.append("postgresql.conf", &settings);
        let mut access = options.access.clone();
        access.push("local all all trust".to_owned());
        access.push("local replication all trust".to_owned());
        access.push("host all all 127.0.0.1/32 trust".to_owned());
        fs::write(self.data().join("pg_hba.conf"), "").unwrap();
        self.append("pg_hba.conf", &access);
    }

    fn append(&self, file: &str, lines: &[String]) {
        let path = self.data().join(file);
        let mut file = File::options().append(true).open(path).unwrap();
        writeln!(file, "\n{}", lines.join("\n")).unwrap();
    }

    fn write_port(&self) {
        let path = self.data().join("port.conf");
        fs::write(&path, format!("port = {}\n", self.port)).unwrap();
        give_to_server(&path);
    }

    /// Whether the server came up.
    fn try_start(&self) -> bool {
        let mut watchdog = as_server("sh");
        watchdog.args(["-c", WATCHDOG, "sh"]);
        watchdog.arg(binary("postgres")).arg(self.folder.path());
        if let Some(size) = self.disk {
            watchdog = self.with_disk(&watchdog, size);
        }
        watchdog.envs(self.language.map(|language| ("LANGUAGE", language)));
        watchdog.stdin(Stdio::piped());
        watchdog.stdout(Stdio::null()).stderr(Stdio::null());
        let child = watchdog.spawn().unwrap();
        let mut held = self.watchdog.lock().unwrap();
        let child = held.insert(child);
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.is_ready() {
                return true;
            }
            let has_ended = self.pid().is_none() && started.elapsed() > Duration::from_secs(10);
            let has_failed = self.log().contains("could not create any TCP/IP sockets");
            if has_ended || has_failed {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        drop(child.stdin.take().map(|mut said| said.write_all(b"QUIT\n")));
        child.wait().unwrap();
        false
    }

    /// The same command, with a small disk that ends with it.
    fn with_disk(&self, command: &Command, size: &str) -> Command {
        let small = self.small_disk();
        fs::create_dir_all(&small).unwrap();
        let (_, user, group) = account().expect("only root can mount a disk");
        let mut mounted = clean("unshare");
        mounted.args([
            "-m",
            "sh",
            "-c",
            "mount -t tmpfs -o \"$1\" tmpfs \"$2\"; shift 2; exec \"$@\"",
            "sh",
        ]);
        mounted
            .arg(format!("size={size},mode=0700,uid={user},gid={group}"))
            .arg(small);
        mounted.arg(command.get_program()).args(command.get_args());
        mounted
    }

    /// The folder of the small disk, for a tablespace.
    pub fn small_disk(&self) -> PathBuf {
        self.folder.path().join("small")
    }

    /// A hot standby of this server.
    pub fn standby(&self) -> Self {
        let standby = Self::in_new_folder(&Options::default());
        let mut copy = as_server(binary("pg_basebackup"));
        copy.arg("-D")
            .arg(standby.data())
            .args(["-R", "-X", "stream", "-c", "fast"]);
        copy.arg("-h")
            .arg(self.socket())
            .args(["-U", SUPERUSER, "-p"]);
        run(copy.arg(self.port.to_string()));
        let socket = format!("unix_socket_directories = '{}'", standby.socket().display());
        standby.append("postgresql.conf", &[socket]);
        standby.started()
    }

    fn is_ready(&self) -> bool {
        let status = fs::read_to_string(self.data().join("postmaster.pid"));
        status.is_ok_and(|status| {
            status
                .lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready")
        })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of the Unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The number of the server's main process, if it runs.
    pub fn pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// The address of a database for a role, over TCP.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgresql://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// The address of a database for a role, over the Unix socket.
    pub fn socket_url(&self, role: &str, database: &str) -> String {
        let folder = self.socket();
        let place = format!("host={}&port={}", folder.display(), self.port);
        format!("postgresql://{role}@/{database}?{place}")
    }

    /// The address of a new database, which [`OWNER`] owns.
    pub fn fresh_database(&self) -> String {
        self.url(OWNER, &self.fresh_name())
    }

    /// The name of a new database, which [`OWNER`] owns.
    pub fn fresh_name(&self) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
        name
    }

    /// Runs SQL as the superuser in the database `postgres`; the rows, a row as its cells between `|`.
    #[track_caller]
    pub fn admin(&self, sql: &str) -> Vec<String> {
        psql(&self.socket_url(SUPERUSER, "postgres"), sql)
    }

    /// Stops the server: `immediate` as in a crash, else it ends sessions in good order.
    pub fn stop(&self, is_immediate: bool) {
        let Some(mut child) = self.watchdog.lock().unwrap().take() else {
            return;
        };
        let word: &[u8] = if is_immediate { b"QUIT\n" } else { b"INT\n" };
        child.stdin.take().unwrap().write_all(word).unwrap();
        child.wait().unwrap();
    }

    /// Starts the server again after [`Server::stop`], on the same port.
    pub fn start_again(&self) {
        assert!(self.try_start(), "{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop(true);
    }
}

/// Runs SQL through `psql`; the rows, a row as its cells between `|`. Fails with the words of `psql`.
pub fn try_psql(url: &str, sql: &str) -> Result<Vec<String>, String> {
    psql_with(url, sql, &[])
}

/// The same with these variables.
pub fn psql_with(url: &str, sql: &str, variables: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let mut command = clean(binary("psql"));
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
    command.envs(variables.iter().copied());
    let done = command
        .args(["-w", "-d", url, "-c", sql])
        .stdin(Stdio::null());
    let done = done.output().unwrap();
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    let rows = String::from_utf8(done.stdout).unwrap();
    Ok(rows.lines().map(str::to_owned).collect())
}

/// The same; it must succeed.
#[track_caller]
pub fn psql(url: &str, sql: &str) -> Vec<String> {
    try_psql(url, sql).unwrap_or_else(|words| panic!("{url}: {sql}: {words}"))
}
