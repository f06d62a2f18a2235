//! What went wrong, in words for the person who uses the app.

use std::time::Duration;

use super::platform::WireError;

/// What went wrong, and how to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What happened, as the title of a page.
    pub(super) title: &'static str,
    /// More about it; it may hold words of the platform, so it is never HTML.
    pub(super) text: String,
    /// How to go on.
    pub(super) way_out: WayOut,
}

/// How somebody can go on after something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayOut {
    /// Sign in again: what there was is over.
    SignIn,
    /// Try the same once more.
    TryAgain,
    /// Only somebody else can change it.
    None,
}

impl Trouble {
    pub(super) fn new(title: &'static str, text: impl Into<String>, way_out: WayOut) -> Self {
        Self { title, text: text.into(), way_out }
    }

    /// A sign-in that cannot be believed.
    pub(super) fn untrusted(why: impl Into<String>) -> Self {
        Self::new("The sign-in could not be verified", why, WayOut::SignIn)
    }

    /// An answer that nobody can read.
    pub(super) fn unreadable(what: &str) -> Self {
        let text = format!("{what} could not be read. Nothing was changed.");
        Self::new("The platform gave an answer that makes no sense", text, WayOut::TryAgain)
    }

    /// Access that is over.
    pub(super) fn ended(why: &str) -> Self {
        Self::new("Your session has ended", why, WayOut::SignIn)
    }

    /// A platform that has no time.
    pub(super) fn busy(wait: Option<Duration>) -> Self {
        let text = match wait {
            Some(wait) => {
                format!("It asks for patience: please try again in {} s.", wait.as_secs().max(1))
            }
            None => "It asks for patience: please try again in a minute.".to_owned(),
        };
        Self::new("The platform is busy", text, WayOut::TryAgain)
    }

    /// A status that says nothing more.
    pub(super) fn status(what: &str, status: u16) -> Self {
        let text = format!("{what} was answered with the status {status}.");
        Self::new("The platform has a problem", text, WayOut::TryAgain)
    }
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Late => Self::new(
                "The platform does not answer",
                "It took too long. Please try again in a moment.",
                WayOut::TryAgain,
            ),
            WireError::Unreachable(why) => Self::new(
                "The platform cannot be reached",
                format!("The connection failed ({why}). Please try again in a moment."),
                WayOut::TryAgain,
            ),
            WireError::Busy(wait) => Self::busy(Some(wait)),
        }
    }
}
