//! Whether there is a browser for the scenarios in which somebody signs in.

use super::case::Case;
use super::finding::{Finding, Severity, Sheet};
use crate::browser::{Browser, BrowserError, Choice, Install, Options};
use crate::cli::browser;
use crate::run::Progress;

/// Starts the browser that a run would use, and ends it. None is installed.
pub(super) async fn examine(case: &Case<'_>, sheet: &mut Sheet) {
    let options = browser::options(case.surroundings, false, &Progress::lines());
    let (wanted, choice) = (options.install, options.choice.clone());
    let browser = Browser::new(Options { install: Install::Never, ..options });
    let started = browser.start().await;
    browser.close().await;
    let error = match started {
        Ok(version) => {
            let place = choice.place().map(|place| format!(", at `{place}`")).unwrap_or_default();
            sheet.well("the browser", format!("{version}{place}"));
            return;
        }
        Err(error) => error,
    };
    let missing = matches!(error, BrowserError::Missing { .. });
    let finding = if missing && wanted == Install::Auto {
        Finding::new(
            Severity::Note,
            "the browser",
            "no Chromium or Chrome was found",
            "there is none in the usual places and on the search path",
            "nothing: `CHECKRIDE_BROWSER_INSTALL=auto` lets the first run that needs it install one",
        )
    } else {
        let cause = match &choice {
            Choice::Find if missing => "there is none in the usual places and on the search path",
            Choice::Find => "the browser that was found does not start",
            Choice::Executable(_) => "`CHECKRIDE_BROWSER` names a program that does not start",
            Choice::Remote(_) => "`CHECKRIDE_BROWSER` names a browser that does not answer",
        };
        let fix = error.hint().unwrap_or("start it by hand to see what it says");
        Finding::new(
            Severity::Warning,
            "the browser",
            format!("failed to {error}; scenarios with a sign-in would be inconclusive"),
            cause,
            fix,
        )
    };
    sheet.find(finding);
}
