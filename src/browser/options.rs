//! How a run's browser is found, started and used.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::chromium;

/// How a run's browser is found, started and used.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which browser.
    pub choice: Choice,
    /// What to do where there is none.
    pub install: Install,
    /// Folders in which programs are looked for (those of `PATH`), after the usual ones.
    pub search: Vec<PathBuf>,
    /// Folder for a browser that no package manager could install.
    pub download: PathBuf,
    /// Folder for the browser's profile, which is removed at the end.
    pub profiles: PathBuf,
    /// How many tabs work at the same time at most; who comes later waits.
    pub tabs: usize,
    /// How long one thing in a tab may take.
    pub deadline: Duration,
    /// How long a loaded page may take to show something that a script knows.
    pub patience: Duration,
    /// Whether a page that was given up is given up at once when it comes again. Pages of an app may
    /// go on by themselves the next time.
    pub remembers: bool,
    /// How long to wait for a free tab.
    pub queue: Duration,
    /// Keys of hosts whose certificates are taken as they are, though nobody that the browser knows
    /// vouches for them: the SHA-256 of each in base64.
    pub trusted_keys: BTreeSet<String>,
    /// How much of what pages do is followed.
    pub attention: Attention,
    /// Whether a small picture is kept of what the user sees at the end of each step.
    pub films: bool,
    /// Where progress is told.
    pub say: Say,
}

impl Options {
    /// Whether there is a browser to use, without installing one.
    pub fn finds_one(&self) -> bool {
        self.choice != Choice::Find || chromium::find(self).is_some()
    }

    /// The usual options, with everything that a run leaves for a while in this folder.
    pub fn within(temporary: PathBuf) -> Self {
        Self {
            choice: Choice::Find,
            install: Install::Never,
            search: Vec::new(),
            download: temporary.join("checkride-browser"),
            profiles: temporary,
            tabs: 4,
            deadline: Duration::from_secs(20),
            patience: Duration::from_secs(5),
            remembers: true,
            queue: Duration::from_secs(15 * 60),
            trusted_keys: BTreeSet::new(),
            attention: Attention::Flow,
            films: false,
            say: Say::nothing(),
        }
    }
}

/// Which browser to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The first one found on this machine.
    Find,
    /// This program.
    Executable(PathBuf),
    /// The one that listens at this `ws://` address. It is neither started nor ended.
    Remote(String),
}

impl From<&str> for Choice {
    /// Reads a path or a `ws://` address, as `CHECKRIDE_BROWSER` holds it.
    fn from(written: &str) -> Self {
        if written.starts_with("ws://") || written.starts_with("wss://") {
            Self::Remote(written.to_owned())
        } else {
            Self::Executable(PathBuf::from(written))
        }
    }
}

impl Choice {
    /// Where a remote browser is, as it may be shown.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Remote(address) => Some(without_credentials(address)),
            Self::Find | Self::Executable(_) => None,
        }
    }
}

/// An address without what may let somebody in: user, password, parameters.
pub(super) fn without_credentials(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return "ws://…".to_owned() };
    // One with a host takes both.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// How much of what pages do is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// One tab: its documents, and what scripts fetch. Tabs that pages open are closed at once, and
    /// links to a new tab open in the one that there is.
    Flow,
    /// All that pages send, and the tabs that they open, as far as they are not too many.
    Full,
}

/// What to do where no browser is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Install {
    /// Install one.
    Auto,
    /// Fail with a hint that it could be installed; whoever asks the user comes back with `Auto`.
    Ask,
    /// Fail.
    Never,
}

/// Takes lines about what is going on.
#[derive(Clone)]
pub struct Say(Arc<dyn Fn(&str) + Send + Sync>);

impl Say {
    /// Hands each line to `take`.
    pub fn to(take: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Tells nobody.
    pub fn nothing() -> Self {
        Self::to(|_| {})
    }

    pub(super) fn line(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for Say {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Say")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_remote_browser_is_tells_nothing_that_lets_somebody_in() {
        for (address, place) in [
            (
                "wss://jake:canary@b.example:9222/devtools/browser/1?token=canary#canary",
                "wss://b.example:9222/devtools/browser/1",
            ),
            ("ws://canary@127.0.0.1:9222", "ws://127.0.0.1:9222/"),
            ("ws://[canary", "ws://…"),
        ] {
            assert_eq!(Choice::from(address).place().as_deref(), Some(place));
        }
        assert_eq!(Choice::from("/usr/bin/chromium").place(), None);
    }
}
