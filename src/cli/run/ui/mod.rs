//! `checkride run --ui`: the run in a browser while it goes, and a way to run scenarios of it again.

mod page;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::stopped;
use crate::cli::Surroundings;
use crate::cli::serve::listen;
use crate::live::{Board, Server, Site};
use crate::project::Mistake;
use crate::record::{Requirements, Run, Scenario, Verdict, Waiver};
use crate::run::{Happening, Watch, waive};
use page::Page;

/// Who looks at a run hears here what has to be waited for; nobody does before the run is planned.
#[derive(Clone, Default)]
pub(super) struct Notice(Arc<OnceLock<Arc<Board>>>);

impl Notice {
    /// Tells what has to be waited for.
    pub(super) fn waits(&self, what: &str) {
        if let Some(board) = self.0.get() {
            board.waits(what, Timestamp::now());
        }
    }
}

/// A port that is had before anything is written.
pub(super) struct Port(Server);

impl Port {
    /// The port that is wanted, if one is.
    ///
    /// # Errors
    /// A [`Mistake`] if it cannot be had.
    pub(super) fn of(runtime: &Runtime, wanted: Option<u16>) -> Result<Option<Self>, Mistake> {
        wanted.map(|port| runtime.block_on(listen(port)).map(Self)).transpose()
    }

    /// Serves a run of which no scenario has begun, and whose record will be in this folder.
    pub(super) fn serve(
        self,
        (runtime, surroundings): (&Runtime, &Surroundings),
        (record, out): (&Run, &Path),
        notice: &Notice,
    ) -> Ui {
        let page = Page { folder: surroundings.folder.join(out) };
        let board = Arc::new(Board::new(record.clone(), Box::new(page)));
        // There is one run in a program.
        let _ = notice.0.set(Arc::clone(&board));
        surroundings.remark(&format!("the run can be seen at {}", self.0.address()));
        let (site, closed) = (Site::of_run(Arc::clone(&board)), Arc::clone(&board));
        let serving = runtime.spawn(self.0.serve(site, async move { closed.closed().await }));
        let asked = Arc::clone(&board);
        let _within = runtime.enter();
        // It is heard from now on, whatever is under way.
        let stop = stopped();
        runtime.spawn(async move {
            stop.await;
            asked.stop();
        });
        let frame = Run {
            requirements: Requirements::new(),
            uncited: Requirements::new(),
            strict: Requirements::new(),
            scenarios: Vec::new(),
            elsewhere: Vec::new(),
            ..record.clone()
        };
        Ui { board, serving, frame }
    }
}

/// A run that people look at.
pub(super) struct Ui {
    board: Arc<Board>,
    serving: JoinHandle<()>,
    /// The run without what is known of scenarios.
    frame: Run,
}

impl Ui {
    /// Notes on the board what happens in the run; what is waived on this day is so at once.
    pub(super) fn watch(&self, waivers: &[Waiver], today: Date) -> Watch {
        let (board, frame) = (Arc::clone(&self.board), self.frame.clone());
        let waivers = waivers.to_vec();
        Watch::by(move |happening| match happening {
            Happening::Began(id) => board.began(id, Timestamp::now()),
            Happening::Ended(scenario) => board.ended(settled(&frame, scenario, &waivers, today)),
        })
    }

    /// Resolves when somebody wants the program to end.
    pub(super) fn stop(&self) -> impl Future<Output = ()> + use<> {
        let board = Arc::clone(&self.board);
        async move { board.stop_wanted().await }
    }

    /// Shows the record of what has ended, and waits for scenarios that are to be run again; gives their
    /// ids, and nothing if the program is to end.
    pub(super) fn next(&self, runtime: &Runtime, run: &Run) -> Option<BTreeSet<String>> {
        self.board.settled(run);
        let wanted = runtime.block_on(self.board.wanted());
        if wanted.is_some() {
            self.board.goes_on();
        }
        wanted
    }

    /// Tells those who look that nothing more will come, and lets the port go.
    pub(super) fn end(&mut self, runtime: &Runtime) {
        self.board.close();
        // Nobody is left to tell of a page that was lost.
        let _ = runtime.block_on(&mut self.serving);
    }
}

/// A scenario as it will stand in the record.
fn settled(frame: &Run, scenario: &Scenario, waivers: &[Waiver], today: Date) -> Scenario {
    if waivers.is_empty() || ![Verdict::Fail, Verdict::Warn].contains(&scenario.verdict) {
        return scenario.clone();
    }
    let mut alone = Run { scenarios: vec![scenario.clone()], ..frame.clone() };
    waive(&mut alone, waivers, today, false);
    alone.scenarios.pop().unwrap_or_else(|| scenario.clone())
}
