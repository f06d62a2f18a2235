//! The folder of one browser: its profile and temporary files, removed when it ends.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fs, io};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

/// A folder `checkride-chrome-<our process>-<number>`.
#[derive(Debug)]
pub(super) struct Profile {
    path: PathBuf,
}

impl Profile {
    /// Makes a new folder, and removes those of processes that are dead.
    pub(super) fn make_in(parent: &Path) -> io::Result<Self> {
        sweep(parent);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
        fs::create_dir_all(path.join(TEMPORARY))?;
        Ok(Self { path })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder for the browser's temporary files.
    pub(super) fn temporary(&self) -> PathBuf {
        // A short name: a socket in it has at most 107 characters of path.
        self.path.join(TEMPORARY)
    }

    /// The file that takes the browser's words.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Removes the folder. A browser that is just ending may still write into it, so it tries again.
    pub(super) fn remove(&self) {
        for _ in 0..TRIES {
            match fs::remove_dir_all(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(PAUSE),
                _ => return,
            }
        }
        // What is left now is swept when the next browser starts.
    }
}

/// Removes the folders of processes that were ended by force.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(owner);
        if owner.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH)) {
            // What cannot be removed now is swept the next time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn owner(name: &str) -> Option<Pid> {
    let (pid, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    Pid::from_raw(pid.parse().ok()?)
}

static COUNT: AtomicU32 = AtomicU32::new(1);
const PREFIX: &str = "checkride-chrome-";
const TEMPORARY: &str = "t";
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_the_dead_are_swept_and_those_of_the_living_stay() {
        let parent = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let dead = parent.path().join(format!("{PREFIX}{}-1", child.id()));
        let other = parent.path().join("checkride-chrome-notes");
        fs::create_dir_all(dead.join("Default")).unwrap();
        fs::create_dir_all(&other).unwrap();
        let first = Profile::make_in(parent.path()).unwrap();
        let second = Profile::make_in(parent.path()).unwrap();
        assert!(!dead.exists());
        assert!(other.exists() && first.path().exists() && second.path().exists());
        first.remove();
        assert!(!first.path().exists() && second.path().exists());
    }
}
