//! Which page is asked for, and what is said where there is none.

use std::path::PathBuf;
use std::sync::Arc;

use minijinja::{Value, context};

use super::draw::Draw;
use super::{compare, one, over_time, runs};
use crate::difference::{DeclaredApp, WriteError};
use crate::history::{Course, History, HistoryError, Place, Scope};
use crate::live::{Answer, Ask};
use crate::report::ReportError;

/// What pages are made of.
pub(super) struct Browse {
    place: Place,
    /// The folder of reports, in which the pictures of the last runs are.
    pub(super) reports: PathBuf,
    pub(super) apps: Vec<DeclaredApp>,
    pub(super) draw: Draw,
}

/// Why there is no page.
pub(super) enum Lost {
    /// What is asked for is not there.
    Missing(String),
    /// The history, or this program, is out of order.
    Broken(String),
}

impl Browse {
    pub(super) fn new(
        place: Place,
        reports: PathBuf,
        apps: Vec<DeclaredApp>,
    ) -> Result<Self, minijinja::Error> {
        Ok(Self { place, reports, apps, draw: Draw::new()? })
    }

    /// The page of an address.
    pub(super) async fn answer(self: Arc<Self>, ask: Ask) -> Answer {
        if ask.path == "/style.css" {
            return Answer::style(Draw::STYLE.concat());
        }
        let (lost, is_missing) = match self.found(&ask).await {
            Ok(answer) => return answer,
            Err(Lost::Missing(why)) => (why, true),
            Err(Lost::Broken(why)) => (why, false),
        };
        let page = self.draw.page("lost.html", context! { title => "Not found", lost, is_missing });
        let page = Answer::page(page.unwrap_or(lost));
        if is_missing { page.missing() } else { page.broken() }
    }

    async fn found(self: &Arc<Self>, ask: &Ask) -> Result<Answer, Lost> {
        if !PATHS.contains(&ask.path.as_str()) {
            return Err(Lost::Missing(format!("there is no page {}", ask.path)));
        }
        // It may have begun, or may have been moved away, since the last page.
        let Some(mut history) = History::open_existing(&self.place).await? else {
            let page = context! { title => "Runs", path => "/", nothing => true };
            return Ok(Answer::page(self.draw.page("runs.html", page)?));
        };
        let found = self.told(ask, &mut history).await;
        history.close().await;
        found
    }

    async fn told(self: &Arc<Self>, ask: &Ask, history: &mut History) -> Result<Answer, Lost> {
        match ask.path.as_str() {
            "/run" => one::run(self, ask, history).await,
            "/report" => one::report(self, ask, history).await,
            "/record.json" => one::record(ask, history).await,
            "/compare" => compare::compare(self, ask, history).await,
            path => {
                let courses = history.courses(&Scope::default()).await?;
                let asked = Asked::of(ask, &courses)?;
                let told = match path {
                    "/requirements" => over_time::requirements(&asked, history).await?,
                    "/requirement" => over_time::requirement(&asked, history).await?,
                    "/failing" => over_time::failing(&asked, history).await?,
                    "/flaky" => over_time::flaky(&asked, history).await?,
                    "/slow" => over_time::slow(&asked, history).await?,
                    _ => runs::runs(&asked, history).await?,
                };
                let (template, told) = told;
                let frame = context! {
                    path, of => asked.chosen(), last => asked.last,
                    courses => courses.iter().map(Course::to_string).collect::<Vec<_>>(),
                    ..told
                };
                Ok(Answer::page(self.draw.page(template, frame)?))
            }
        }
    }
}

/// A template, and what it shows.
pub(super) type Told = (&'static str, Value);

/// What a page about many runs is asked about.
pub(super) struct Asked<'a> {
    ask: &'a Ask,
    chosen: Option<&'a Course>,
    /// The one that is told where none is chosen.
    usual: Option<&'a Course>,
    /// How many of the newest runs are looked at.
    pub(super) last: u32,
}

impl<'a> Asked<'a> {
    fn of(ask: &'a Ask, courses: &'a [Course]) -> Result<Self, Lost> {
        let wanted = ask.value("of");
        let chosen = courses.iter().find(|course| Some(course.to_string().as_str()) == wanted);
        if let (Some(unknown), None) = (wanted, chosen) {
            return Err(Lost::Missing(format!("no run of `{unknown}` is in the history")));
        }
        let last = ask.value("last").and_then(|last| last.parse().ok());
        let last = last.filter(|last| (1..=MOST_RUNS).contains(last)).unwrap_or(RUNS);
        Ok(Self { ask, chosen, usual: courses.first(), last })
    }

    /// The target and app that were chosen.
    fn chosen(&self) -> Option<String> {
        self.chosen.map(Course::to_string)
    }

    /// The runs of what was chosen, or all.
    pub(super) fn scope(&self) -> Scope {
        self.chosen.map_or_else(Scope::default, |course| Scope::default().of(course))
    }

    /// The runs of one target and app: what was chosen, or what has run whole last.
    pub(super) fn course(&self) -> Result<(String, Scope), Lost> {
        let course = self.chosen.or(self.usual);
        let course = course.ok_or_else(|| Lost::Missing("no run is in the history".to_owned()))?;
        Ok((course.to_string(), Scope::default().of(course)))
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.ask.value(name)
    }
}

impl From<HistoryError> for Lost {
    fn from(error: HistoryError) -> Self {
        let why = format!("cannot {error}");
        match error {
            HistoryError::NoRun { .. } | HistoryError::Ambiguous { .. } => Self::Missing(why),
            _ => Self::Broken(format!("{why}; {}", error.hint())),
        }
    }
}

impl From<minijinja::Error> for Lost {
    fn from(error: minijinja::Error) -> Self {
        Self::Broken(format!("cannot put the page together: {error:#}"))
    }
}

impl From<ReportError> for Lost {
    fn from(error: ReportError) -> Self {
        Self::Broken(format!("cannot {error}"))
    }
}

impl From<WriteError> for Lost {
    fn from(error: WriteError) -> Self {
        Self::Broken(format!("cannot {error}"))
    }
}

impl From<tokio::task::JoinError> for Lost {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Broken(format!("cannot put the page together: {error}"))
    }
}

/// So many runs say what is usual.
const RUNS: u32 = 50;
const MOST_RUNS: u32 = 1000;
const PATHS: [&str; 10] = [
    "/",
    "/run",
    "/report",
    "/record.json",
    "/compare",
    "/requirements",
    "/requirement",
    "/failing",
    "/flaky",
    "/slow",
];
