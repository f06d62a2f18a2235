//! What a run has to tell of the runs before it.

use super::{Keeping, within};
use crate::difference::{Rules, since};
use crate::history::{History, HistoryError, Listed, Scope, Selector};
use crate::record::{Past, Run};

impl Keeping {
    /// Notes in a run that has ended which runs of the same were before it, and what is another than in the
    /// last of them.
    ///
    /// Nothing is noted where no history has begun, or it cannot be had: that is told when the run is to be
    /// kept.
    pub(in crate::cli) fn recall(&self, run: &mut Run) {
        let Ok(rules) = Rules::built_in() else { return };
        let found = within(self.before(run));
        let Ok(Ok(Some((past, last)))) = found else { return };
        run.past = past.into_iter().rev().map(told).collect();
        run.since = last.map(|last| since(&last, run, &rules));
    }

    /// The runs before, newest first, and the record of the last one.
    ///
    /// Numbers of scenarios are those of runs of one plan, or of all scenarios; a single scenario can be
    /// compared with what it was in any run.
    async fn before(&self, run: &Run) -> Result<Option<(Vec<Listed>, Option<Run>)>, HistoryError> {
        let Some(mut history) = History::open_existing(&self.place).await? else {
            return Ok(None);
        };
        let extent = run.extent.as_ref();
        let any = Scope {
            target: Some(run.target.name.clone()),
            app: Some(run.target.app.clone().unwrap_or_default()),
            release: Some(run.target.release.clone().unwrap_or_default()),
            whole: extent.is_some_and(|extent| extent.whole),
            // What it goes on from has begun when it has.
            before: Some(run.started),
            ..Scope::default()
        };
        let plan = extent.filter(|extent| !extent.whole).map(|extent| extent.plan.clone());
        let like = Scope { plan, ..any.clone() };
        let past = history.newest(&like, MOST).await?;
        let last = match like == any {
            true => past.first().cloned(),
            false => history.newest(&any, 1).await?.pop(),
        };
        let last = match last {
            Some(last) => {
                let record = history.find(&Selector::Name(last.run), &Scope::default()).await;
                // A run that cannot be read any more is one that cannot be compared.
                record.ok()
            }
            None => None,
        };
        history.close().await;
        Ok(Some((past, last)))
    }
}

fn told(listed: Listed) -> Past {
    let tally = listed.tally.into_iter();
    Past {
        run: listed.run,
        started: listed.started,
        duration_ms: listed.duration_ms.try_into().unwrap_or_default(),
        tally: tally
            .map(|(verdict, count)| (verdict, count.try_into().unwrap_or_default()))
            .collect(),
    }
}

/// As many runs are shown one beside the other.
const MOST: u32 = 30;
