//! Which browser a command uses, and whether one may be installed.

use std::io::BufRead as _;

use super::Surroundings;
use crate::browser::{Choice, Install, Options, Say};
use crate::run::Progress;

/// The browser as the surroundings want it.
///
/// Where none is found and nobody has decided, a person at the terminal is asked.
pub(super) fn options(surroundings: &Surroundings, needed: bool, progress: &Progress) -> Options {
    let variable = |name: &str| surroundings.variable(name).filter(|value| !value.is_empty());
    let install = match variable("CHECKRIDE_BROWSER_INSTALL").as_deref() {
        Some("auto") => Install::Auto,
        Some("never") => Install::Never,
        _ => Install::Ask,
    };
    let progress = progress.clone();
    let options = Options {
        choice: variable("CHECKRIDE_BROWSER").map_or(Choice::Find, |it| Choice::from(it.as_str())),
        install,
        search: surroundings.search.clone(),
        download: surroundings.cache.join("browser"),
        tabs: surroundings.cores.max(2),
        say: Say::to(move |line| progress.say(line)),
        ..Options::within(surroundings.temporary.clone())
    };
    let undecided = options.install == Install::Ask && surroundings.interactive;
    if needed && undecided && !options.finds_one() && agrees(surroundings) {
        return Options { install: Install::Auto, ..options };
    }
    options
}

fn agrees(surroundings: &Surroundings) -> bool {
    surroundings.remark("No Chromium or Chrome was found. Install Chromium now? [y/N]");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
