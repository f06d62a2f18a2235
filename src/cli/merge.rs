//! `checkride merge`: makes one record and one report of the records of all shards.

use std::path::{Path, PathBuf};

use super::args::format_parser;
use super::deadlines::note_readiness;
use super::diff::{Measure, project_if_any};
use super::history::keeping;
use super::outcome::herald;
use super::outcome::{counted, print, summarised};
use super::run::{shown, write};
use super::{Exit, Surroundings, show_error};
use crate::difference::settle;
use crate::project::Mistake;
use crate::record::{self, How, Unreadable};
use crate::report::Format;
use crate::run::{Gathered, merge as merged, prepare};

/// Make one record and one report of the records of all shards of a run.
#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// The folders that the shards wrote their records to.
    #[arg(required = true, value_name = "FOLDER")]
    pub(super) folders: Vec<PathBuf>,

    /// Reports to write beside the record [default: html,junit,json].
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format_parser())]
    pub(super) report: Vec<Format>,

    /// Folder for record and reports.
    #[arg(long, value_name = "FOLDER", default_value = "reports/merged")]
    pub(super) out: PathBuf,

    #[command(flatten)]
    measure: Measure,
}

/// Merges the records in these folders.
pub(super) fn merge(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &MergeArgs,
) -> Result<Exit, Mistake> {
    let project = project_if_any(surroundings, file)?;
    // It takes no project to merge, but only a project has a history.
    let keeping =
        project.as_ref().map(|project| keeping(surroundings, project)).transpose()?.flatten();
    let herald = project.as_ref().map(|project| herald(surroundings, project)).transpose()?;
    let out = surroundings.folder.join(&args.out);
    let mut gathered = Vec::new();
    for folder in &args.folders {
        let place = surroundings.folder.join(folder);
        let shown = folder.display();
        let is_out = || Some(place.canonicalize().ok()? == out.canonicalize().ok()?);
        if is_out() == Some(true) {
            return Err(Mistake::new(format!("cannot merge `{shown}` into itself"))
                .with_hint("name another folder with `--out`"));
        }
        match record::read(&place) {
            Ok(run) => gathered.push(Gathered { folder: folder.clone(), run }),
            // It will be missed by its number.
            Err(Unreadable::Absent) if place.is_dir() => {
                surroundings.remark(&format!("there is no record in `{shown}`"));
            }
            Err(error) => {
                return Err(Mistake::new(format!("cannot read the record in `{shown}`: {error}"))
                    .with_hint("give the folders that `checkride run --shard` wrote to"));
            }
        }
    }
    for shard in &mut gathered {
        shard.folder = surroundings.folder.join(&shard.folder);
    }
    let baseline = match gathered.first() {
        Some(first) => args.measure.baseline(surroundings, project.as_ref(), &first.run.target)?,
        None => None,
    };
    prepare(&out)?;
    let logbook = merged(gathered, &out)?;
    logbook.settle(|run| {
        baseline.iter().for_each(|earlier| settle(run, earlier));
        // One that a defect was played in says nothing of the target.
        if run.target.defect.is_none() {
            keeping.iter().for_each(|keeping| keeping.recall(run));
            project.iter().for_each(|project| note_readiness(surroundings, project, run));
        }
    });
    let formats = match args.report.as_slice() {
        [] => Format::USUAL.to_vec(),
        said => said.to_vec(),
    };
    match write(logbook, &formats, &out) {
        Ok(run) => {
            for part in &run.parts {
                if let How::Shard { number, of } = part.how {
                    let (scenarios, started) = (counted(part.scenarios, "scenario"), part.started);
                    let started = started.strftime("%Y-%m-%d %H:%M UTC");
                    surroundings.remark(&format!("shard {number} of {of}: {scenarios}, {started}"));
                }
            }
            let said = summarised(surroundings, &run, &shown(surroundings, &out, &formats));
            surroundings.tell(said.trim_end());
            let exit = print(surroundings, &formats, &out, Exit::of(&run));
            if run.target.defect.is_some() {
                return Ok(exit);
            }
            herald.flatten().iter().for_each(|herald| herald.tell(surroundings, &run));
            Ok(keeping.map_or(exit, |keeping| keeping.keep(surroundings, &run, &out, exit)))
        }
        Err(unwritten) => {
            show_error::show(surroundings, &unwritten);
            Ok(Exit::NotJudged)
        }
    }
}
