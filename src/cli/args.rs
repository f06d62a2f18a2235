//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Parser, Subcommand};

use crate::report::Format;

/// The practical exam for health apps and the OAuth 2.0 / SMART on FHIR platforms they connect to.
#[derive(Debug, Parser)]
#[command(name = "checkride", version, max_term_width = 100)]
pub(super) struct Args {
    /// The project file [default: `checkride.yaml` here or in a folder above].
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) project: Option<PathBuf>,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge a platform by the scenarios of the project.
    Run(RunArgs),
    /// Serve the mock platform by itself, for manual work and for other tools.
    Mock(MockArgs),
    /// Show the answers that differ from their accepted snapshots; accept or reject them.
    Review(ReviewArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// Feature files, folders of them, or `file:line` [default: all of the project].
    pub(super) paths: Vec<String>,

    /// Only scenarios with these tags, e.g. `@smoke and not @slow`.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) tags: Option<String>,

    /// Only scenarios whose title matches this regular expression.
    #[arg(long, value_name = "REGEX")]
    pub(super) name: Option<String>,

    /// How many scenarios run at the same time [default: two for each processor core].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,

    /// The platform to judge, by its name in the project file.
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,

    /// Reports to write beside the record.
    #[arg(
        long,
        value_name = "FORMATS",
        value_delimiter = ',',
        default_value = "html,junit,json",
        value_parser = PossibleValuesParser::new(Format::ALL.map(Format::word))
            .try_map(|word| word.parse::<Format>())
    )]
    pub(super) report: Vec<Format>,

    /// Folder for record and reports [default: `latest` in the project's folder of reports].
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Accept every answer as the new snapshot.
    #[arg(long)]
    pub(super) update_snapshots: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct MockArgs {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8600)]
    pub(super) port: u16,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReviewArgs {
    /// Only snapshots whose name contains this text.
    pub(super) names: Vec<String>,

    /// Accept them.
    #[arg(long, conflicts_with = "reject")]
    pub(super) accept: bool,

    /// Reject them: the accepted snapshots stay.
    #[arg(long)]
    pub(super) reject: bool,
}
