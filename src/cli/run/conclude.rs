//! What is done when a run has ended, or some of it has been run again: the record is settled and written,
//! and all who are to know are told.

use std::path::Path;

use jiff::civil::Date;

use super::likely::Known;
use super::write;
use crate::cli::deadlines::note_readiness;
use crate::cli::history::Keeping;
use crate::cli::outcome::{Herald, print, summarised};
use crate::cli::{Exit, Surroundings, show_error};
use crate::difference::settle;
use crate::project::Project;
use crate::record::{Run, Waiver};
use crate::report;
use crate::run::{Logbook, waive};

/// What is known before of how a run ends.
pub(super) struct Conclusion<'a> {
    pub(super) surroundings: &'a Surroundings,
    pub(super) waivers: &'a [Waiver],
    pub(super) today: Date,
    /// Whether it is of all scenarios of the project.
    pub(super) is_whole: bool,
    pub(super) baseline: Option<Run>,
    pub(super) kept: Option<Keeping>,
    pub(super) herald: Option<Herald>,
    pub(super) formats: Vec<report::Format>,
    pub(super) out: &'a Path,
    pub(super) print_waivers: bool,
    /// What a failure may come from.
    pub(super) causes: Known<'a>,
    /// The project, if it is to be said who is ready for the releases to come.
    pub(super) readiness: Option<&'a Project>,
}

impl Conclusion<'_> {
    /// Ends the record, writes the reports, and says what the run came to; without a run if it could not be
    /// written.
    pub(super) fn draw(&self, logbook: Logbook) -> (Exit, Option<Run>) {
        logbook.settle(|run| {
            waive(run, self.waivers, self.today, self.is_whole);
            self.causes.note(run);
            self.baseline.iter().for_each(|earlier| settle(run, earlier));
            self.kept.iter().for_each(|kept| kept.recall(run));
            if let Some(project) = self.readiness {
                note_readiness(self.surroundings, project, run);
            }
        });
        let run = match write(logbook, &self.formats, self.out) {
            Ok(run) => run,
            // Everything was sent by now, so this is no mistake of the project.
            Err(unwritten) => {
                show_error::show(self.surroundings, &unwritten);
                return (Exit::NotJudged, None);
            }
        };
        let page = super::shown(self.surroundings, self.out, &self.formats);
        let said = summarised(self.surroundings, &run, &page);
        if self.print_waivers {
            self.surroundings.remark(said.trim_end());
            let entries = report::waivers_for(&run);
            if !entries.is_empty() {
                self.surroundings.tell(entries.trim_end());
            }
        } else {
            self.surroundings.tell(said.trim_end());
        }
        let exit = print(self.surroundings, &self.formats, self.out, Exit::of(&run));
        self.herald.iter().for_each(|herald| herald.tell(self.surroundings, &run));
        let kept = self.kept.as_ref();
        let exit = kept.map_or(exit, |it| it.keep(self.surroundings, &run, self.out, exit));
        (exit, Some(run))
    }
}
