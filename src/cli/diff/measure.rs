//! The earlier run that `run` and `merge` measure theirs by.

use super::side::{Asked, LAST_GREEN};
use crate::cli::Surroundings;
use crate::project::{Mistake, Project};
use crate::record::{Run, Target};
use crate::run::measurable;

/// By which earlier run a run is measured.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Measure {
    /// Measure by an earlier run, told as for `checkride diff`: a scenario that failed then for the same
    /// requirements is told as still failing, and alone does not end with exit code 1. As long as there is
    /// no `last-green` run, everything counts as new.
    #[arg(long, value_name = "RUN")]
    baseline: Option<String>,
}

impl Measure {
    /// The earlier run, if one is wanted.
    ///
    /// # Errors
    /// A [`Mistake`] if it is not there, or has judged something else.
    pub(in crate::cli) fn baseline(
        &self,
        surroundings: &Surroundings,
        project: Option<&Project>,
        target: &Target,
    ) -> Result<Option<Run>, Mistake> {
        let Some(words) = &self.baseline else { return Ok(None) };
        let (judged, before) = (Some(target.clone()), None);
        let release = Some(target.release.clone().unwrap_or_default());
        let asked = Asked { surroundings, project, target: judged, release, before };
        let earlier = match words == LAST_GREEN {
            true => asked.run_if_any(words)?,
            false => Some(asked.run(words)?),
        };
        match &earlier {
            Some(earlier) => measurable(target, earlier)?,
            None => surroundings.remark("no green run yet: everything counts as new"),
        }
        Ok(earlier)
    }
}
