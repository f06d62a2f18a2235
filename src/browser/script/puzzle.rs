//! Pages that nobody could make anything of: who meets one again does not wait for it as long.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::Wants;
use crate::browser::Session;

/// The shapes of pages that were given up in this run.
#[derive(Debug, Default)]
pub(in crate::browser) struct Puzzles(Mutex<BTreeSet<u64>>);

impl Puzzles {
    fn open(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Notes that the shown page was given up, so that the next one who comes there hears it at once.
    pub(super) async fn give_up_page(&self, wants: &Wants<'_>) {
        let Some(puzzles) = self.puzzles() else { return };
        // A page that cannot be asked is none that could be told apart.
        if let Ok(Some(shape)) = self.run_in_page::<Option<u64>>(SHAPE, &json!([wants])).await {
            puzzles.open().insert(shape);
        }
    }

    /// Resolves once a page is shown that was given up before, and stays as it is for a moment; never,
    /// if none is.
    pub(super) async fn meets_puzzle(&self, wants: &Wants<'_>, patience: Duration) {
        let known = self.puzzles().map(|puzzles| puzzles.open().clone()).unwrap_or_default();
        let Ok(tab) = self.tab() else { return pending().await };
        while !known.is_empty() {
            let shown = tab.watch.look(|sight| sight.views.progress());
            let arguments = json!([known, MOMENT.as_millis(), patience.as_millis(), wants]);
            if matches!(self.run_in_page::<bool>(MEET, &arguments).await, Ok(true)) {
                return;
            }
            tab.watch.until(|sight| (sight.views.progress() != shown).then_some(())).await;
        }
        pending().await
    }
}

/// Longer than a page that is understood takes to be so.
const MOMENT: Duration = Duration::from_millis(500);
const SHAPE: &str =
    concat!("(", include_str!("../js/shape.js"), ")(", include_str!("../js/deep.js"), ")");
const MEET: &str = concat!(
    "(",
    include_str!("../js/meet.js"),
    ")((",
    include_str!("../js/shape.js"),
    ")(",
    include_str!("../js/deep.js"),
    "))"
);
