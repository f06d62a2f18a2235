//! Finds the browser's program, and gets one where there is none.

use std::path::{Path, PathBuf};

use tokio::sync::Mutex;

use super::install::install;
use crate::browser::BrowserError;
use crate::browser::options::{Choice, Install, Options};

/// The program to start, installed now if there is none and the options allow it.
pub(super) async fn find_or_install(options: &Options) -> Result<PathBuf, BrowserError> {
    if let Choice::Executable(path) = &options.choice {
        return Ok(path.clone());
    }
    if let Some(found) = find(options) {
        return Ok(found);
    }
    match options.install {
        Install::Never => return Err(BrowserError::Missing { hint: HINT_NEVER }),
        Install::Ask => return Err(BrowserError::Missing { hint: HINT_ASK }),
        Install::Auto => {}
    }
    let _one_at_a_time = INSTALLING.lock().await;
    match find(options) {
        Some(found) => Ok(found),
        None => install(options).await,
    }
}

/// The first program that is there: known places, names in the search folders, downloads.
pub(in crate::browser) fn find(options: &Options) -> Option<PathBuf> {
    let known = PLACES.iter().map(PathBuf::from);
    let named = folders(options).flat_map(|folder| NAMES.iter().map(move |name| folder.join(name)));
    known
        .chain(named)
        .chain(downloaded(&options.download))
        .find(|path| path.is_file())
        .or_else(|| headless_chrome::browser::default_executable().ok())
}

/// Where programs are looked for.
pub(super) fn folders(options: &Options) -> impl Iterator<Item = PathBuf> + '_ {
    options.search.iter().cloned().chain(FOLDERS.iter().map(PathBuf::from))
}

/// The programs that were unpacked into the download folder.
pub(super) fn downloaded(folder: &Path) -> Vec<PathBuf> {
    let revisions = std::fs::read_dir(folder).into_iter().flatten().flatten();
    revisions
        .flat_map(|revision| DOWNLOADED.iter().map(move |inside| revision.path().join(inside)))
        .filter(|path| path.is_file())
        .collect()
}

/// One installation per process, however many scenarios ask for a browser at once.
static INSTALLING: Mutex<()> = Mutex::const_new(());

/// The shell without windows comes first: it shows the same pages for half the work. Debian's own
/// programs come before those on the path: its wrapper adds flags that a test must not have.
const PLACES: [&str; 7] = [
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib/chromium/chromium",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

const NAMES: [&str; 8] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
];

const FOLDERS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];

const DOWNLOADED: [&str; 2] =
    ["chrome-linux/chrome", "chrome-mac/Chromium.app/Contents/MacOS/Chromium"];

const HINT_NEVER: &str = "install Chromium (`apt-get install chromium`, `dnf install chromium`, `brew install --cask chromium`), \
     set `CHECKRIDE_BROWSER` to the path of a Chrome, or set `CHECKRIDE_BROWSER_INSTALL=auto` to have one installed";

const HINT_ASK: &str = "set `CHECKRIDE_BROWSER_INSTALL=auto` to have Chromium installed, or `CHECKRIDE_BROWSER` to the path of a Chrome";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_downloaded_browser_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        assert!(downloaded(folder.path()).is_empty());
        let program = folder.path().join("linux-1/chrome-linux/chrome");
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        std::fs::write(&program, "").unwrap();
        assert_eq!(downloaded(folder.path()), [program]);
    }

    #[tokio::test]
    async fn a_named_browser_is_taken_as_it_is() {
        let path = PathBuf::from("/nowhere/chrome");
        let options = Options {
            choice: Choice::Executable(path.clone()),
            ..Options::within(std::env::temp_dir())
        };
        assert_eq!(find_or_install(&options).await.unwrap(), path);
    }
}
