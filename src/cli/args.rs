//! The arguments, as clap reads them.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use url::Url;

use crate::project::{Judged, Pictures};
use crate::report::Format;
use crate::run::Slot;

use super::bank::BankArgs;
use super::deadlines::DeadlinesArgs;
use super::demo_app::DemoAppArgs;
use super::diff::{DiffArgs, Measure};
use super::history::HistoryArgs;
use super::merge::MergeArgs;
use super::report::ReportArgs;
use super::run::slot;
use super::serve::ServeArgs;

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
    /// Judge a platform, or an app, by the scenarios of the project.
    Run(RunArgs),
    Merge(MergeArgs),
    History(HistoryArgs),
    Serve(ServeArgs),
    Diff(DiffArgs),
    Report(ReportArgs),
    /// Say what a run would do, and what it would cost the platform; nothing is sent.
    Plan(PlanArgs),
    /// Count the days to the announced changes of platforms, and say what is not tested for them.
    Deadlines(DeadlinesArgs),
    /// Find what is wrong with a configuration before a run: secrets, keys, scopes, addresses,
    /// certificates. Nothing is spoilt, and a token is asked for only where nothing else tells.
    Doctor(DoctorArgs),
    /// Begin a project: a project file, a scenario, and what git is to leave alone.
    Init(InitArgs),
    /// Show which requirements of a platform have scenarios, and what the last run said of them.
    Coverage(CoverageArgs),
    /// Prove that the scenarios notice what is wrong: play the mock with one defect after the other.
    Selftest(SelftestArgs),
    /// List the sentences that scenarios can be written with, each with an example.
    Steps(StepsArgs),
    Bank(BankArgs),
    /// Serve the mock platform by itself, for manual work and for other tools.
    Mock(MockArgs),
    DemoApp(DemoAppArgs),
    /// Show the answers that differ from their accepted snapshots; accept or reject them.
    Review(ReviewArgs),
}

/// Which scenarios a command is about.
#[derive(Debug, clap::Args)]
pub(super) struct Wanted {
    /// Feature files, folders of them, or `file:line` [default: all of the project].
    pub(super) paths: Vec<String>,

    /// Only scenarios with these tags, e.g. `@smoke and not @slow`.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) tags: Option<String>,

    /// Only scenarios whose title matches this regular expression.
    #[arg(long, value_name = "REGEX")]
    pub(super) name: Option<String>,

    /// A profile of the project file, for all that is not said here.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,

    /// An announced change of the platform: the mock is as the platform will be, as far as it is known,
    /// and elsewhere the scenarios about it are selected. `checkride deadlines` lists them.
    #[arg(long, value_name = "ID")]
    pub(super) release: Option<String>,
}

/// Who is judged.
#[derive(Debug, clap::Args)]
pub(super) struct Whom {
    /// Who is judged.
    #[arg(long, value_enum, value_name = "WHO", default_value_t = Who::Platform)]
    pub(super) subject: Who,

    /// The app to examine, by its name among the `apps` of the project file [default: the only one].
    #[arg(long, value_name = "NAME")]
    pub(super) app: Option<String>,
}

/// Who can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Who {
    /// The platform that the target is.
    Platform,
    /// An app, by what it does on the mock platform.
    App,
}

impl From<Who> for Judged {
    fn from(who: Who) -> Self {
        match who {
            Who::Platform => Self::Platform,
            Who::App => Self::App,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) wanted: Wanted,

    #[command(flatten)]
    pub(super) whom: Whom,

    /// The platform, by its name in the project file; can be given several times.
    #[arg(long = "target", value_name = "NAME")]
    pub(super) targets: Vec<String>,

    /// How it is written.
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    pub(super) format: Shape,
}

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    /// Who is examined: a target with what is registered there, or an app under test.
    #[arg(long, value_enum, value_name = "WHO", default_value_t = Who::Platform)]
    pub(super) subject: Who,

    /// The platform, by its name in the project file.
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,

    /// Only this app of it [default: all of them]; or the app under test of this name.
    #[arg(long, value_name = "NAME")]
    pub(super) app: Option<String>,

    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    pub(super) format: Shape,
}

#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// The folder of the new project [default: this one].
    pub(super) folder: Option<PathBuf>,

    /// A platform to be ready for, beside the mock; can be given several times.
    #[arg(long = "target", value_name = "NAME",
          value_parser = PossibleValuesParser::new(["preview", "1uphealth-sandbox"]))]
    pub(super) targets: Vec<String>,

    /// Ask nothing.
    #[arg(long)]
    pub(super) yes: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) wanted: Wanted,

    #[command(flatten)]
    pub(super) whom: Whom,

    /// How many scenarios run at the same time [default: two for each processor core,
    /// six where an app is judged].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,

    /// How often a scenario that did not pass is run again, on a target that others use; one that
    /// passes then is `flaky`.
    #[arg(long, value_name = "COUNT", default_value_t = 0,
          value_parser = clap::value_parser!(u16).range(0..=5))]
    pub(super) retries: u16,

    /// The platform to judge, by its name in the project file.
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,

    /// Give the mock this defect of the project, to see what turns red.
    #[arg(long, value_name = "NAME")]
    pub(super) defect: Option<String>,

    /// Reports to write beside the record [default: html,junit,json].
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format_parser())]
    pub(super) report: Vec<Format>,

    /// Keep pictures of the users' pages: of the last one where a scenario does not pass, or of each step
    /// on a page as well [default: what the profile or the project file says, else failures].
    #[arg(long, value_name = "WHICH", value_parser = pictures_parser())]
    pub(super) pictures: Option<Pictures>,

    /// Folder for record and reports [default: `latest` in the project's folder of reports; with
    /// `--release`, one of its own below `releases`].
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Write an entry of `waivers.yaml` for each requirement that is not met to the output stream;
    /// what else is said goes to the error stream.
    #[arg(long)]
    pub(super) print_waivers: bool,

    /// Accept every answer as the new snapshot.
    #[arg(long)]
    pub(super) update_snapshots: bool,

    /// Go on with the run in the folder of the record that was stopped or killed: run what it has not
    /// judged, and make one record of both.
    #[arg(long, conflicts_with = "rerun")]
    pub(super) resume: bool,

    /// Run again what had not passed in the run in the folder of the record, and put it in the place of
    /// what was found then; the report says so.
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(super) rerun: Option<Rerun>,

    /// Run one of the parts that the plan is divided into: `2/4`, the second of four; `auto` takes it
    /// from the environment of Kubernetes, GitLab, Buildkite, or `CHECKRIDE_SHARD`. `checkride merge` puts
    /// the records of all parts together.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(super) shard: Option<ShardWanted>,

    /// The `results.json` or `record.json` of an earlier run, by whose durations the parts are balanced:
    /// the same file on all machines.
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub(super) durations: Option<PathBuf>,

    /// Show the run in your browser while it goes, and let scenarios be run again from there; at this
    /// port of 127.0.0.1 [default: a free one]. The program goes on until Ctrl-C, or Stop on the page.
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true,
          default_missing_value = "0", conflicts_with = "shard")]
    pub(super) ui: Option<u16>,

    #[command(flatten)]
    pub(super) measure: Measure,
}

/// The shard of a plan that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShardWanted {
    /// This one.
    Of(Slot),
    /// The one that the environment tells.
    Auto,
}

/// Which scenarios are run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Rerun {
    /// Those that are `fail`, `error`, `inconclusive` or `waived`.
    Failed,
}

#[derive(Debug, clap::Args)]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    pub(super) whom: Whom,

    /// The platform, by its name in the project file.
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,

    /// The record whose verdicts are shown [default: the last run's].
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,

    /// Each requirement too, on a line of its own.
    #[arg(long)]
    pub(super) each: bool,

    /// How it is written.
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    pub(super) format: Shape,
}

#[derive(Debug, clap::Args)]
pub(super) struct StepsArgs {
    /// Only sentences that contain all of these words.
    pub(super) words: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SelftestArgs {
    #[command(flatten)]
    pub(super) whom: Whom,

    /// Only the defects of these names [default: all of the project].
    pub(super) names: Vec<String>,

    /// Only scenarios with these tags, e.g. `not @browser`; what only others could notice is left out.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) tags: Option<String>,

    /// How many times the intact mock is run before, to see that everything passes.
    #[arg(long, value_name = "COUNT", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) intact: u16,

    /// Put each defect before every scenario that it can reach, whatever its `before` names; slow.
    #[arg(long)]
    pub(super) everywhere: bool,

    /// The platform that is played, by its name in the project file.
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,

    /// How the outcome is written.
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    pub(super) format: Shape,
}

/// How an outcome is written to the output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shape {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct MockArgs {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8600)]
    pub(super) port: u16,

    /// The address to listen on; any but a loopback address lets other machines in.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(super) bind: IpAddr,

    /// Where clients find it, if that is elsewhere, as behind a proxy: scheme, host and port
    /// [default: where it listens].
    #[arg(long, value_name = "URL", value_parser = base)]
    pub(super) base: Option<Url>,

    /// A file with the token that the control API asks for [default: the variable
    /// `CHECKRIDE_CONTROL_TOKEN`; without it one is made up where other machines come in].
    #[arg(long, value_name = "FILE")]
    pub(super) control_token_file: Option<PathBuf>,

    /// Serve it over TLS, with a certificate of an authority of its own.
    #[arg(long)]
    pub(super) tls: bool,

    /// Keep that authority in this folder, to trust it once; without it a new one is made at every
    /// start. Implies `--tls`.
    #[arg(long, value_name = "FOLDER")]
    pub(super) tls_ca: Option<PathBuf>,

    /// The platform that it plays.
    #[arg(long, value_name = "NAME", default_value = "athenahealth")]
    pub(super) dialect: String,

    /// Change a setting of the dialect, e.g. `token.requests_per_minute=5`; the value is JSON.
    /// Can be given several times.
    #[arg(long, value_name = "SETTING=VALUE", value_parser = setting)]
    pub(super) set: Vec<(String, Value)>,

    /// Where its time begins, e.g. `2026-11-21T12:00:00Z` or `2026-11-21` [default: now].
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) at: Option<Timestamp>,

    /// Its time stands still until it is moved.
    #[arg(long)]
    pub(super) frozen: bool,
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

/// Scheme, host and port.
fn base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_plain = ["http", "https"].contains(&url.scheme())
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_plain.then_some(url).ok_or_else(|| "it takes scheme, host and port only".to_owned())
}

/// A kind of report.
fn pictures_parser() -> impl TypedValueParser<Value = Pictures> {
    let words = PossibleValuesParser::new(Pictures::ALL.map(Pictures::word));
    words.map(|word| match word == Pictures::Steps.word() {
        true => Pictures::Steps,
        false => Pictures::Failures,
    })
}

pub(super) fn format_parser() -> impl TypedValueParser<Value = Format> {
    let words = PossibleValuesParser::new(Format::ALL.map(Format::word));
    words.try_map(|word| word.parse::<Format>())
}

/// `2/4`, or `auto`.
fn shard(text: &str) -> Result<ShardWanted, String> {
    match text {
        "auto" => Ok(ShardWanted::Auto),
        text => slot(text).map(ShardWanted::Of),
    }
}

/// A path and a value with `=` between them; what is no JSON is a text.
fn setting(text: &str) -> Result<(String, Value), String> {
    let (path, value) = text.split_once('=').ok_or("it takes a setting, `=` and a value")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((path.to_owned(), value))
}

/// A moment with its offset from UTC, or the beginning of a day of UTC.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok();
    let moment = text.parse().ok().or_else(|| day().map(|day| day.timestamp()));
    moment.ok_or_else(|| "it takes a time such as `2026-11-21T12:00:00Z` or a day".to_owned())
}
