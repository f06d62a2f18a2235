//! `checkride history`: the runs that were kept, and what became of things over time.

mod failing;
mod flaky;
mod import;
mod keep;
mod list;
mod recall;
mod requirement;
mod show;
mod slow;

use std::future::Future;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

pub(super) use keep::{Keeping, keeping, kept};

use super::args::{Shape, moment};
use super::run::{project, runtime};
use super::{Exit, Surroundings, show_error};
use crate::history::{Course, History, HistoryError, Scope};
use crate::project::{Mistake, nearest};

/// List the runs that were kept, and say what became of things over time: what fails and since when,
/// what is not reliable, what is slow.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    among: Among,

    #[command(subcommand)]
    about: Option<About>,
}

/// Among which runs something is asked.
#[derive(Debug, clap::Args)]
struct Among {
    /// Only runs on this target.
    #[arg(long, global = true, value_name = "NAME")]
    target: Option<String>,

    /// Only runs that have examined this app.
    #[arg(long, global = true, value_name = "NAME")]
    app: Option<String>,

    /// Only runs that began then or later, e.g. `2026-11-21`.
    #[arg(long, global = true, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,

    /// Only runs of all scenarios.
    #[arg(long, global = true)]
    whole: bool,

    /// How many of the newest runs are looked at [default: 20 in the list, 40 of requirements, 50
    /// elsewhere].
    #[arg(long, global = true, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    last: Option<u32>,

    /// How it is written.
    #[arg(long, global = true, value_enum, default_value_t = Shape::Text)]
    format: Shape,
}

#[derive(Debug, Subcommand)]
enum About {
    /// List the runs, newest first; so does `history` alone.
    List,
    /// Show what a run has found, and what changed in it; with `--format json` its whole record.
    Show {
        /// `last`, `last-green`, the beginning of a name, or a day or time: the last run by then.
        #[arg(default_value = "last")]
        run: String,
    },
    /// Show what the runs said of requirements, one after the other.
    Requirements {
        /// These only, with their scenarios [default: all that were not met, or not judged, in one of the
        /// runs].
        ids: Vec<String>,

        /// Those that were always met, too.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// List what fails: since which run, and when it conformed last.
    Failing,
    /// List the scenarios that are not reliable, the least reliable first.
    Flaky,
    /// List the slowest scenarios, and those that take longer than they did.
    Slow,
    /// Keep runs of before: `record.json` files, or folders with them in it or below it.
    Import {
        /// Files and folders. A run that is kept already is passed over.
        #[arg(required = true, value_name = "PATH")]
        places: Vec<PathBuf>,
    },
    /// Let go of old runs now, as happens after every run.
    Prune {
        /// Days that runs are kept [default: what the project file says].
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,

        /// Runs that are kept of each target and app [default: what the project file says].
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
        runs: Option<u32>,
    },
}

/// Tells what is asked of the project's history.
pub(super) fn history(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &HistoryArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let keeping = kept(surroundings, &project)?;
    let asked = Asked { surroundings, args: &args.among };
    match &args.about {
        Some(About::Import { places }) => import::import(surroundings, &keeping, places),
        Some(About::Prune { days, runs }) => {
            let mut keep = keeping.keep;
            keep.days = days.unwrap_or(keep.days);
            keep.runs = runs.unwrap_or(keep.runs);
            asked.of(&keeping, async |history| {
                let gone = history.prune(keep, Timestamp::now()).await?;
                history.shrink().await?;
                Ok(asked.told(&json!({ "runs": gone }), || match gone {
                    0 => "no run is that old".to_owned(),
                    1 => "1 run was let go".to_owned(),
                    gone => format!("{gone} runs were let go"),
                }))
            })
        }
        Some(About::Show { run }) => {
            asked.of(&keeping, async |history| show::show(&asked, history, run).await)
        }
        None | Some(About::List) => {
            asked.of(&keeping, async |history| list::list(&asked, history).await)
        }
        Some(About::Requirements { ids, all }) => asked.of(&keeping, async |history| {
            requirement::requirements(&asked, history, ids, *all).await
        }),
        Some(About::Failing) => {
            asked.of(&keeping, async |history| failing::failing(&asked, history).await)
        }
        Some(About::Flaky) => {
            asked.of(&keeping, async |history| flaky::flaky(&asked, history).await)
        }
        Some(About::Slow) => asked.of(&keeping, async |history| slow::slow(&asked, history).await),
    }
}

/// Why something cannot be told.
enum Untold {
    History(HistoryError),
    Asked(Mistake),
}

impl From<HistoryError> for Untold {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

/// What is asked, and who asks.
struct Asked<'a> {
    surroundings: &'a Surroundings,
    args: &'a Among,
}

impl Asked<'_> {
    /// Opens the history, if one has begun, asks it, and writes what it tells.
    fn of(
        &self,
        keeping: &Keeping,
        ask: impl AsyncFnOnce(&mut History) -> Result<String, Untold>,
    ) -> Result<Exit, Mistake> {
        let told = runtime()?.block_on(async {
            let Some(mut history) = History::open_existing(&keeping.place).await? else {
                return Ok(None);
            };
            let told = ask(&mut history).await;
            history.close().await;
            told.map(Some)
        });
        match told {
            Ok(Some(told)) => self.surroundings.tell(told.trim_end()),
            Ok(None) if self.args.format == Shape::Json => self.surroundings.tell("null"),
            Ok(None) => self.surroundings.remark(NOTHING_YET),
            Err(Untold::Asked(mistake)) => return Err(mistake),
            Err(Untold::History(error)) if error.is_outage() => {
                show_error::show(self.surroundings, &mistake(&error));
                return Ok(Exit::NotJudged);
            }
            Err(Untold::History(error)) => return Err(mistake(&error)),
        }
        Ok(Exit::Conforms)
    }

    /// What is told, in the shape that is wanted.
    fn told(&self, json: &impl Serialize, text: impl FnOnce() -> String) -> String {
        match self.args.format {
            Shape::Text => text(),
            Shape::Json => format!("{:#}", json!(json)),
        }
    }

    fn last(&self, default: u32) -> u32 {
        self.args.last.unwrap_or(default)
    }

    /// The runs that are looked at.
    fn scope(&self) -> Scope {
        let Among { target, app, since, whole, .. } = self.args;
        let (target, app) = (target.clone(), app.clone());
        Scope { target, app, whole: *whole, since: *since, ..Scope::default() }
    }

    /// The runs that are looked at, on one target: that with the newest run of all scenarios if none is
    /// named. Others are mentioned.
    async fn course(&self, history: &mut History) -> Result<(Course, Scope), Untold> {
        let mut courses = self.courses(history).await?.into_iter();
        let Some(course) = courses.next() else { return Err(Untold::Asked(self.no_run())) };
        let others: Vec<String> = courses.map(|course| course.to_string()).collect();
        if !others.is_empty() && self.args.format == Shape::Text {
            let others = others.join(", ");
            self.surroundings.remark(&format!(
                "of `{course}`; `--target` and `--app` choose among others: {others}"
            ));
        }
        let scope = self.scope().of(&course);
        Ok((course, scope))
    }

    /// What the runs that are looked at have judged.
    ///
    /// # Errors
    /// A [`Mistake`] that names the known targets and apps if there is no such run, though there are others.
    async fn courses(&self, history: &mut History) -> Result<Vec<Course>, Untold> {
        let found = history.courses(&self.scope()).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        let all = history.courses(&Scope::default()).await?;
        let Among { target, app, .. } = self.args;
        let targets: Vec<&str> = all.iter().map(|course| course.target.as_str()).collect();
        let apps: Vec<&str> = all.iter().filter_map(|course| course.app.as_deref()).collect();
        for (what, name, known) in [("target", target, targets), ("app", app, apps)] {
            let Some(name) = name else { continue };
            if all.is_empty() || known.contains(&name.as_str()) {
                continue;
            }
            let mut names: Vec<&str> = known.clone();
            names.sort_unstable();
            names.dedup();
            let mistake = Mistake::new(format!("no run of the {what} `{name}` is in the history"));
            let there_are = match names.join(", ") {
                names if names.is_empty() => "there are none of any".to_owned(),
                names => format!("there are runs of: {names}"),
            };
            return Err(Untold::Asked(mistake.with_hint(match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`? {there_are}"),
                None => there_are,
            })));
        }
        Ok(Vec::new())
    }

    fn no_run(&self) -> Mistake {
        let scope = self.scope();
        match scope == Scope::default() {
            true => Mistake::new("no run is in the history").with_hint(
                "runs are kept when they end; `checkride history import` keeps older ones",
            ),
            false => Mistake::new(format!("no such run is in the history{scope}"))
                .with_hint("`checkride history` lists the runs"),
        }
    }
}

/// Why the history cannot be used, as it is shown.
fn mistake(error: &HistoryError) -> Mistake {
    Mistake::new(format!("cannot {error}")).with_hint(error.hint())
}

/// Does what takes a history.
fn within<T>(work: impl Future<Output = T>) -> Result<T, Mistake> {
    Ok(runtime()?.block_on(work))
}

/// `2026-11-21 02:00`.
fn when(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `39.4 s`, or minutes.
fn long(milliseconds: i64) -> String {
    let seconds = milliseconds as f64 / 1000.0;
    if milliseconds < 600_000 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

/// So many runs say what is usual.
const RUNS: u32 = 50;
const NOTHING_YET: &str = "no run is kept yet";
