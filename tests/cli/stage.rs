//! A project in a folder of its own, and the program run in it as a user would.

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use checkride::record::{Run, Verdict};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A project, and a folder for temporary files that nobody else uses.
pub struct Stage {
    folder: TempDir,
}

/// How the program ended.
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to the output stream.
    pub stdout: String,
    /// What it wrote to the error stream.
    pub stderr: String,
}

impl Stage {
    /// A folder without any file.
    pub fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let stage = Self { folder };
        fs::create_dir(stage.project()).unwrap();
        fs::create_dir(stage.temporary()).unwrap();
        stage
    }

    /// A project on the embedded mock, with these feature files and this repository's snapshots.
    pub fn with_features(features: &[(&str, &str)]) -> Self {
        let stage = Self::empty();
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&repository.join("snapshots"), &stage.project().join("snapshots"));
        fs::copy(repository.join("checkride.yaml"), stage.project().join("checkride.yaml"))
            .unwrap();
        for (path, text) in features {
            stage.write(&format!("features/{path}"), text);
        }
        stage
    }

    /// A copy of this repository's own project.
    pub fn of_this_repository() -> Self {
        let stage = Self::with_features(&[]);
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&repository.join("features"), &stage.project().join("features"));
        stage
    }

    /// The folder of the project, as the program names it.
    pub fn project(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("project")
    }

    /// The program's folder for temporary files. Its name is short: sockets are made in it.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("t")
    }

    /// Writes a file of the project, which nobody else can read.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.project().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Reads a file of the project.
    pub fn read(&self, path: &str) -> String {
        let path = self.project().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The files below a folder of the project, in order.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let root = self.project().join(folder);
        let shown = |file: &PathBuf| file.strip_prefix(&root).unwrap().display().to_string();
        files(&root).iter().map(shown).collect()
    }

    /// The record of the last run with its reports in the usual folder.
    pub fn record(&self) -> Run {
        record(&self.project().join("reports/latest"))
    }

    /// The program, about to be started in the project in surroundings that never differ.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CHECKRIDE_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.project())
            .env_remove("CI")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .env("TMPDIR", self.temporary())
            .env("CHECKRIDE_BROWSER_INSTALL", "auto")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        wait(self.command(arguments).spawn().unwrap())
    }

    /// Runs the program to its end, which has to be this one.
    pub fn ends(&self, code: i32, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(code), "`checkride {}`: {ended}", arguments.join(" "));
        ended
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "it ended with {:?}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}

/// Waits for a program's end, and ends it when it has none.
pub fn wait(child: Child) -> Ended {
    let id = child.id();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait_with_output()));
    let Ok(output) = told.recv_timeout(LONGEST_RUN) else {
        signal(id, Signal::KILL);
        panic!("the program did not end within {LONGEST_RUN:?}");
    };
    let Output { status, stdout, stderr } = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Sends a signal to a process that a test started.
pub fn signal(id: u32, signal: Signal) {
    kill_process(Pid::from_raw(id.try_into().unwrap()).unwrap(), signal).unwrap();
}

/// Looks again and again until something is there, which it has to be soon.
pub fn soon<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < SOON, "not within {SOON:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The record in a folder of reports.
pub fn record(folder: &Path) -> Run {
    let text = std::fs::read_to_string(folder.join("record.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The verdict of each scenario of a run.
pub fn verdicts(run: &Run) -> BTreeMap<String, Verdict> {
    run.scenarios.iter().map(|one| (one.id.clone(), one.verdict)).collect()
}

/// The files below a folder, in order; none where there is no such folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Copies a folder and all below it.
pub fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let copy = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(file, copy).unwrap();
    }
}

/// A run on a fresh machine installs a browser first.
const LONGEST_RUN: Duration = Duration::from_secs(300);
const SOON: Duration = Duration::from_secs(60);
