//! Why the browser could not do what was asked; the platform's own faults are never among these.

use std::path::PathBuf;
use std::time::Duration;

/// Why nothing can be said about a page.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// There is no browser on this machine, and none may be installed.
    #[error("find a Chromium or Chrome on this machine")]
    Missing {
        /// What to try.
        hint: &'static str,
    },
    /// No way to install a browser led to one.
    #[error("install a browser: {0}")]
    Install(String),
    /// The browser did not start.
    #[error("start `{}`: {why}", executable.display())]
    Launch {
        /// The browser's program.
        executable: PathBuf,
        /// The system's or the browser's last words.
        why: String,
    },
    /// The remote browser did not answer.
    #[error("reach the browser at `{address}`: {why}")]
    Connect {
        /// Its address, without what may let somebody in.
        address: String,
        /// The network's words.
        why: String,
    },
    /// The browser ended, or the connection to it.
    #[error("keep the browser: it has ended")]
    Gone,
    /// The tab's process died.
    #[error("keep the tab: it crashed")]
    Crashed,
    /// Something took too long.
    #[error("get {what} within {} s", after.as_secs_f32())]
    Deadline {
        /// What was waited for.
        what: String,
        /// How long.
        after: Duration,
    },
    /// A page could not be fetched.
    #[error("load `{address}`: {why}")]
    Unreachable {
        /// The address without its query.
        address: String,
        /// The browser's name for the reason, e.g. `net::ERR_CONNECTION_REFUSED`.
        why: String,
    },
    /// No element of a page matches.
    #[error("find `{selector}` on the page")]
    NoElement {
        /// The CSS selector.
        selector: String,
    },
    /// A script in the page failed, or gave something else than was asked for.
    #[error("run a script in the page: {0}")]
    Script(String),
    /// The browser refused a call.
    #[error("call `{method}`: {why}")]
    Refused {
        /// The DevTools method.
        method: &'static str,
        /// The browser's words.
        why: String,
    },
}

impl BrowserError {
    /// What to try, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { hint } => Some(hint),
            Self::Install(_) => Some(
                "install Chromium by hand, or set `CHECKRIDE_BROWSER` to the path of a Chrome, or to the `ws://` address of one",
            ),
            Self::Launch { .. } => {
                Some("start this program by hand with `--headless --no-first-run about:blank`")
            }
            Self::Connect { .. } => Some(
                "`CHECKRIDE_BROWSER` takes the `webSocketDebuggerUrl` that `http://<host>:<port>/json/version` shows",
            ),
            Self::Unreachable { why, .. } if why.starts_with("net::ERR_CERT_") => Some(
                "`certificate_authority` of the target names the authority that vouches for its hosts, and `login: hosts` those that it does not name itself; a browser at a `ws://` address has to trust it by itself",
            ),
            Self::Gone | Self::Crashed => {
                Some("run the scenario again; the next one gets a new tab")
            }
            _ => None,
        }
    }

    /// Whether the tab can be used no more.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(self, Self::Gone | Self::Crashed | Self::Deadline { .. })
    }
}
