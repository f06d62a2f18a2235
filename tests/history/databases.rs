//! The databases that a history can be in: a file, and a server of PostgreSQL that is started for these
//! tests alone.
//!
//! The server needs Debian's `postgresql`, or another one whose programs are in a usual place. Where there
//! is none, its tests say so and prove nothing; `CHECKRIDE_POSTGRES=required`, which the build sets, forbids
//! that.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use checkride::history::Place;
use checkride::secret::Secret;
use tempfile::TempDir;

/// A place without a history, which is gone when this is dropped.
pub struct Empty {
    pub place: Place,
    /// The URL, of a server.
    pub url: Option<String>,
    pub folder: TempDir,
    _server: Option<Arc<Server>>,
}

/// A place in a file.
pub fn file() -> Option<Empty> {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("reports/history.sqlite"));
    Some(Empty { place, url: None, folder, _server: None })
}

/// A database of its own on the server, if there is one.
pub fn server() -> Option<Empty> {
    let server = Server::shared()?;
    let name = format!("history_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut make = server.program("createdb");
    make.env("PGPASSWORD", PASSWORD).args(["--host=127.0.0.1", "--no-password"]);
    make.args([format!("--port={}", server.port), format!("--username={USER}"), name.clone()]);
    succeeds(&mut make);
    let url = format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{name}", server.port);
    let place = Place::server(&Secret::new(url.as_str())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    Some(Empty { place, url: Some(url), folder, _server: Some(server) })
}

/// A server, which ends when it is dropped.
struct Server {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    owner: Option<(u32, u32)>,
}

impl Server {
    /// The server that tests of the same time share.
    fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let Some(programs) = programs() else {
            let required = std::env::var("CHECKRIDE_POSTGRES").is_ok_and(|it| it == "required");
            assert!(!required, "PostgreSQL is missing: `apt-get install postgresql`");
            eprintln!("left out: there is no PostgreSQL on this machine");
            return None;
        };
        let server = Arc::new(Self::start(programs));
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL does not run as root.
        let owner = rustix::process::geteuid().is_root().then(user_of_package);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { programs, folder, port, owner };
        let secret = server.folder.path().join("password");
        fs::write(&secret, PASSWORD).unwrap();
        if let Some((user, group)) = owner {
            for path in [server.folder.path(), &secret] {
                chown(path, Some(user), Some(group)).unwrap();
            }
        }
        succeeds(
            server
                .program("initdb")
                .args(["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--no-instructions"])
                .arg(format!("--username={USER}"))
                .arg(format!("--pwfile={}", secret.display()))
                .arg(server.data()),
        );
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={}",
            server.folder.path().display()
        );
        succeeds(server.control().args(["--wait", "--silent", "--options", &options, "start"]));
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn control(&self) -> Command {
        let mut control = self.program("pg_ctl");
        control.arg("--pgdata").arg(self.data());
        control.arg("--log").arg(self.folder.path().join("log"));
        control
    }

    fn program(&self, name: &str) -> Command {
        let mut program = Command::new(self.programs.join(name));
        program.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.owner {
            program.uid(user).gid(group);
        }
        program
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.control();
        let _ = stop.args(["--mode=immediate", "--silent", "stop"]).stderr(Stdio::null()).status();
    }
}

/// Where the newest of the server's programs are.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|it| it.path().join("bin")).collect();
    versions.sort();
    versions.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_path = std::env::split_paths(&path).collect::<Vec<_>>();
    versions.into_iter().chain(of_path).find(|it| is_whole(it))
}

fn is_whole(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres", "createdb"].iter().all(|name| folder.join(name).is_file())
}

/// The user and group that Debian's package has made.
fn user_of_package() -> (u32, u32) {
    let number = |option| {
        let told = Command::new("id").args([option, "postgres"]).output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        told.trim().parse().expect("there is a user `postgres`")
    };
    (number("-u"), number("-g"))
}

fn succeeds(program: &mut Command) {
    // What the server says goes to its own log; a pipe would stay open with it.
    let status = program.stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{program:?} ended with {status}");
}

static NEXT: AtomicUsize = AtomicUsize::new(1);
const USER: &str = "checkride";
pub const PASSWORD: &str = "canary-of-the-history";
