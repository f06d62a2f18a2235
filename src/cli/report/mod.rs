//! `checkride report`: makes reports of a run again, from its record, or checks that nobody changed it.

mod verify;

use std::path::{Path, PathBuf};

use super::args::format_parser;
use super::diff::{Asked, project_if_any};
use super::outcome::print;
use super::run::{project, shown};
use super::{Exit, Surroundings};
use crate::project::{Mistake, Project};
use crate::record::{self, Run};
use crate::report::{Format, write};
use verify::{Head, verify};

/// Make reports of a run again, in any format, from its record.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// The folder of the run, or its `record.json`; `last`, `last-green`, a day, a moment or the beginning
    /// of a run's name, as `checkride history` has it; `target:NAME` for the last run on a target
    /// [default: the run in the project's `reports/latest`].
    #[arg(value_name = "RUN")]
    pub(super) run: Option<String>,

    /// The formats to write [default: html].
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format_parser())]
    pub(super) format: Vec<Format>,

    /// The folder to write to [default: that of the record, or one of the run's name beside it where the
    /// history has the record]. Pictures are taken from where the record is.
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Write nothing: check that record and pictures are as the run left them, by its `evidence.sha256`.
    #[arg(long, conflicts_with_all = ["format", "out"])]
    pub(super) verify: bool,

    /// The head that the chain of evidence has to have, as the dossier of the run says it.
    #[arg(long, value_name = "HEX", requires = "verify")]
    pub(super) head: Option<Head>,
}

/// Writes reports of a record.
pub(super) fn report(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &ReportArgs,
) -> Result<Exit, Mistake> {
    let (of_record, kept) = meant(surroundings, file, args.run.as_deref())?;
    let folder = match of_record.is_file() {
        true => of_record.parent().unwrap_or(Path::new(".")),
        false => of_record.as_path(),
    };
    if args.verify {
        return verify(surroundings, folder, args.head.as_ref());
    }
    let run = match kept {
        Some(run) => *run,
        None => record::read(&of_record).map_err(|error| {
            let place = of_record.display();
            Mistake::new(format!("cannot read the record of `{place}`: {error}"))
                .with_hint("name the folder that a run wrote its reports to, or its `record.json`")
        })?,
    };
    let of_record = folder;
    let out = args.out.as_ref().map(|out| surroundings.folder.join(out));
    let out = out.as_deref().unwrap_or(of_record);
    std::fs::create_dir_all(out).map_err(|error| {
        Mistake::new(format!("cannot make the folder `{}`: {error}", out.display()))
            .with_hint("choose another one with `--out`")
    })?;
    let formats: &[Format] = if args.format.is_empty() { &[Format::Html] } else { &args.format };
    for format in formats {
        write(&run, *format, (of_record, out))
            .map_err(|error| Mistake::new(format!("cannot {error}")))?;
        surroundings.tell(&shown(surroundings, out, &[*format]).display().to_string());
    }
    let exit = print(surroundings, formats, out, Exit::Conforms);
    if formats.contains(&Format::Dossier) && exit == Exit::Conforms {
        let page = shown(surroundings, out, &[Format::Dossier]);
        surroundings.tell(&page.with_file_name(Format::DOSSIER_PDF).display().to_string());
    }
    Ok(exit)
}

/// Where the record and the pictures of the run are that is meant; and the run, if the history has it.
fn meant(
    surroundings: &Surroundings,
    file: Option<&Path>,
    words: Option<&str>,
) -> Result<(PathBuf, Option<Box<Run>>), Mistake> {
    let latest = |project: &Project| project.root.join(&project.config.reports).join("latest");
    let Some(words) = words else { return Ok((latest(&project(surroundings, file)?), None)) };
    let place = surroundings.folder.join(words);
    if place.exists() {
        return Ok((place, None));
    }
    let project = project_if_any(surroundings, file)?;
    let (target, release, before) = (None, None, None);
    let asked = Asked { surroundings, project: project.as_ref(), target, release, before };
    let run = asked.run(words)?;
    let latest = project.as_ref().map(latest).unwrap_or_default();
    // Pictures stay where the run has left them.
    let is_there = record::read(&latest).is_ok_and(|there| there.id == run.id);
    let folder = if is_there { latest } else { latest.with_file_name(&run.id) };
    Ok((folder, Some(Box::new(run))))
}
