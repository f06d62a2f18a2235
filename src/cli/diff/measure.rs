//! The earlier run that `run` and `merge` measure theirs by.

use super::side::Asked;
use crate::cli::Surroundings;
use crate::project::{Mistake, Project};
use crate::record::{Run, Target};
use crate::run::measurable;

/// By which earlier run a run is measured.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Measure {
    /// Measure by an earlier run, told as for `checkride diff`: a scenario that failed then for the same
    /// requirements is told as still failing, and alone does not end with exit code 1.
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
        let earlier = Asked { surroundings, project, target: judged, before }.run(words)?;
        measurable(target, &earlier)?;
        Ok(Some(earlier))
    }
}
