//! `checkride report`: makes reports of a run again, from its record, or checks that nobody changed it.

mod verify;

use std::path::{Path, PathBuf};

use super::args::format_parser;
use super::run::{project, shown};
use super::{Exit, Surroundings};
use crate::project::Mistake;
use crate::record;
use crate::report::{Format, write};
use verify::{Head, verify};

/// Make reports of a run again, in any format, from its record.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// The folder of the run, or its `record.json` [default: the last run of the project].
    #[arg(value_name = "RUN")]
    pub(super) run: Option<PathBuf>,

    /// The formats to write [default: html].
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format_parser())]
    pub(super) format: Vec<Format>,

    /// The folder to write to [default: that of the record]. Pictures are taken from where the record is.
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
    let place = match &args.run {
        Some(run) => surroundings.folder.join(run),
        None => {
            let project = project(surroundings, file)?;
            project.root.join(&project.config.reports).join("latest")
        }
    };
    if args.verify {
        let folder = if place.is_dir() { Some(place.as_path()) } else { place.parent() };
        let folder = folder.unwrap_or(Path::new("."));
        return verify(surroundings, folder, args.head.as_ref());
    }
    let run = record::read(&place).map_err(|error| {
        Mistake::new(format!("cannot read the record of `{}`: {error}", place.display()))
            .with_hint("name the folder that a run wrote its reports to, or its `record.json`")
    })?;
    let of_record = if place.is_dir() { Some(place.as_path()) } else { place.parent() };
    let of_record = of_record.unwrap_or(Path::new("."));
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
    Ok(Exit::Conforms)
}
