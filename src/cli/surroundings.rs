//! What the program is told by the process it runs in: arguments, environment, terminal.
//!
//! The only reader of them; everything else gets what it needs handed in.

use std::env;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use crate::project::Judged;

/// What the program is told by the process it runs in.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// The program itself.
    pub program: PathBuf,
    /// The folder it was started in.
    pub folder: PathBuf,
    /// Whether the error stream is a terminal that can show a moving bar.
    pub interactive: bool,
    /// Whether colours are wanted.
    pub colours: bool,
    /// Folders in which programs are looked for.
    pub search: Vec<PathBuf>,
    /// Folder for what lives as long as a run.
    pub temporary: PathBuf,
    /// Folder for what may be kept between runs.
    pub cache: PathBuf,
    /// Processor cores.
    pub cores: usize,
}

impl Surroundings {
    /// How many scenarios run at the same time where nobody says: apps are mostly watched, which keeps
    /// no processor busy.
    pub fn jobs(&self, judged: Judged) -> usize {
        self.cores
            * match judged {
                Judged::Platform => 2,
                Judged::App => 6,
            }
    }

    /// The surroundings of this process.
    pub fn of_this_process() -> Self {
        let interactive = std::io::stderr().is_terminal() && env::var_os("CI").is_none();
        let temporary = env::temp_dir();
        let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).map(PathBuf::from);
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| home.map(|home| home.join(".cache")));
        Self {
            arguments: env::args_os().collect(),
            program: env::current_exe().unwrap_or_else(|_| PathBuf::from("checkride")),
            folder: env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            interactive,
            colours: std::io::stdout().is_terminal()
                && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            search: env::var_os("PATH")
                .map(|path| env::split_paths(&path).collect())
                .unwrap_or_default(),
            cache: cache.unwrap_or_else(|| temporary.clone()).join("checkride"),
            temporary,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// The value of an environment variable, if it is set to text.
    pub fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }

    /// Writes what was asked for to the output stream.
    pub fn tell(&self, text: &str) {
        // A closed stream, as behind `| head`, is no reason to fail.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// Writes what is beside the point to the error stream.
    pub fn remark(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}
