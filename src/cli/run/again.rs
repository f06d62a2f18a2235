//! The earlier run that `--resume` and `--rerun` go on from.

use std::path::Path;

use crate::cli::args::RunArgs;
use crate::project::Mistake;
use crate::record::{self, Completion, Run, Unreadable};
use crate::run::Again;

/// The record to go on from, and with what of it, if the run is not to begin anew.
///
/// # Errors
/// A [`Mistake`] if there is none in the folder that can be gone on from.
pub(super) fn earlier(args: &RunArgs, out: &Path) -> Result<Option<(Run, Again)>, Mistake> {
    let again = match (args.resume, args.rerun) {
        (true, _) => Again::Unfinished,
        (false, Some(_)) => Again::Failed,
        (false, None) => return Ok(None),
    };
    let shown = out.display();
    match record::read(out) {
        Ok(run) if again == Again::Unfinished && run.completion == Completion::Complete => {
            Err(Mistake::new(format!("there is no run to resume: the one in `{shown}` came to its end"))
                .with_hint("`--rerun failed` runs again what had not passed in it"))
        }
        Ok(run) => Ok(Some((run, again))),
        Err(Unreadable::Absent) => {
            Err(Mistake::new(format!("there is no run in `{shown}` to go on from"))
                .with_hint("`--out` names the folder of another one; without `--resume` and `--rerun` a run begins"))
        }
        Err(error) => Err(Mistake::new(format!("cannot read the record in `{shown}`: {error}"))),
    }
}
