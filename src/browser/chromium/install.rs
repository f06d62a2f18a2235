//! Installs a Chromium: with the system's package manager, else by downloading one.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use headless_chrome::{FetcherOptions, LaunchOptions, Revision};
use tokio::process::Command;

use super::locate::{downloaded, find, folders};
use crate::browser::BrowserError;
use crate::browser::options::Options;

/// Installs a browser and gives its program.
pub(super) async fn install(options: &Options) -> Result<PathBuf, BrowserError> {
    let root = rustix::process::geteuid().is_root();
    let there: Vec<PathBuf> = folders(options).collect();
    let mut told = "no known package manager on this machine".to_owned();
    for manager in managers(&there) {
        options.say.line(&format!("installing Chromium with {}", manager.name));
        match packaged(manager, root, &there, options).await {
            Ok(program) => return Ok(program),
            Err(why) => told = why,
        }
    }
    options.say.line(&format!("{told}; downloading Chromium into {}", options.download.display()));
    match download(options.download.clone()).await {
        Ok(program) => Ok(program),
        Err(why) => {
            told.push_str("; download: ");
            told.push_str(&why);
            Err(BrowserError::Install(told))
        }
    }
}

async fn packaged(
    manager: &Manager,
    root: bool,
    folders: &[PathBuf],
    options: &Options,
) -> Result<PathBuf, String> {
    let mut told = String::new();
    // Another installation on the machine can spoil ours halfway; the second try completes it.
    for _ in 0..2 {
        match run_all(manager, root, folders, options).await {
            Ok(()) => match find(options) {
                Some(program) => return Ok(program),
                None => return Err(format!("{} left no browser behind", manager.name)),
            },
            Err(why) => told = why,
        }
    }
    Err(told)
}

async fn run_all(
    manager: &Manager,
    root: bool,
    folders: &[PathBuf],
    options: &Options,
) -> Result<(), String> {
    for line in manager.lines {
        let words = as_root(line, manager.needs_root && !root);
        let Some(program) = located(&words[0], folders) else {
            return Err(format!("`{}` is not on this machine", words[0]));
        };
        options.say.line(&words.join(" "));
        let ended = Command::new(program)
            .args(&words[1..])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| format!("`{}`: {error}", words[0]))?;
        if !ended.status.success() {
            let text = String::from_utf8_lossy(&ended.stderr).into_owned()
                + &String::from_utf8_lossy(&ended.stdout);
            let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no output");
            return Err(format!("`{}` ended with {}: {last}", words.join(" "), ended.status));
        }
    }
    Ok(())
}

/// The words of a command line, with `sudo` where it is needed; it never asks for a password.
fn as_root(line: &str, sudo: bool) -> Vec<String> {
    let prefix = if sudo { "sudo -n " } else { "" };
    format!("{prefix}{line}").split_whitespace().map(str::to_owned).collect()
}

/// The ways to install that this machine has, the best one first.
fn managers(folders: &[PathBuf]) -> impl Iterator<Item = &'static Manager> {
    MANAGERS.iter().filter(|manager| located(manager.name, folders).is_some())
}

fn located(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Has headless_chrome's fetcher unpack the latest build.
///
/// The fetcher runs only as a part of its own launch, so that browser is started for a moment.
async fn download(folder: PathBuf) -> Result<PathBuf, String> {
    let fetching = tokio::task::spawn_blocking(move || {
        let fetcher = FetcherOptions::default()
            .with_revision(Revision::Latest)
            .with_install_dir(Some(&folder))
            .with_allow_standard_dirs(false);
        let options = LaunchOptions {
            path: None,
            fetcher_options: fetcher,
            sandbox: false,
            ..LaunchOptions::default()
        };
        let told = headless_chrome::Browser::new(options).err().map(|error| error.to_string());
        newest(&folder).ok_or_else(|| told.unwrap_or_else(|| "nothing was unpacked".to_owned()))
    });
    fetching.await.map_err(|error| error.to_string())?
}

fn newest(folder: &Path) -> Option<PathBuf> {
    downloaded(folder).into_iter().max()
}

/// A package manager, and how it installs Chromium.
struct Manager {
    name: &'static str,
    needs_root: bool,
    lines: &'static [&'static str],
}

const MANAGERS: [Manager; 5] = [
    Manager {
        name: "apt-get",
        needs_root: true,
        lines: &[
            APT_UPDATE,
            "env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends chromium-headless-shell",
        ],
    },
    // Not every release has the shell without windows.
    Manager {
        name: "apt-get",
        needs_root: true,
        lines: &[
            APT_UPDATE,
            "env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends chromium",
        ],
    },
    Manager { name: "dnf", needs_root: true, lines: &["dnf install -y chromium"] },
    Manager { name: "pacman", needs_root: true, lines: &["pacman -Sy --noconfirm chromium"] },
    Manager { name: "brew", needs_root: false, lines: &["brew install --cask chromium"] },
];

const APT_UPDATE: &str = "apt-get -o DPkg::Lock::Timeout=300 update";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_package_managers_that_are_there_are_tried_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let names = || managers(&folders).map(|manager| manager.name).collect::<Vec<_>>();
        assert!(names().is_empty());
        std::fs::write(folder.path().join("pacman"), "").unwrap();
        assert_eq!(names(), ["pacman"]);
        std::fs::write(folder.path().join("apt-get"), "").unwrap();
        assert_eq!(names(), ["apt-get", "apt-get", "pacman"]);
    }

    #[test]
    fn sudo_is_asked_only_when_needed_and_never_waits_for_a_password() {
        assert_eq!(as_root("dnf install", true), ["sudo", "-n", "dnf", "install"]);
        assert_eq!(as_root("dnf install", false), ["dnf", "install"]);
    }

    #[tokio::test]
    async fn a_failed_installation_tells_the_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("brew");
        std::fs::write(&program, "#!/bin/sh\necho the disk is full >&2\nexit 3\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let folders = [folder.path().to_owned()];
        let brew = managers(&folders).next().unwrap();
        let told = run_all(brew, true, &folders, &Options::within(std::env::temp_dir()))
            .await
            .unwrap_err();
        assert!(told.contains("the disk is full") && told.contains("exit status: 3"), "{told}");
    }
}
