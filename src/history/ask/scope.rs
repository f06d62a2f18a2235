//! Among which runs something is asked.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row as _;

use super::super::cells::{Cell, rows};
use super::super::{History, HistoryError};

/// Among which runs something is asked; all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only those of this target.
    pub target: Option<String>,
    /// Only those of this app; the empty name stands for the platform itself.
    pub app: Option<String>,
    /// Only those about this release; the empty name stands for those that were about none.
    pub release: Option<String>,
    /// Only those of this plan, by its fingerprint.
    pub plan: Option<String>,
    /// Only those that had all scenarios of the project.
    pub whole: bool,
    /// Only those that began then or later.
    pub since: Option<Timestamp>,
    /// Only those that began before.
    pub before: Option<Timestamp>,
}

/// What runs can be compared with each other: those of one target, and of one app if it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Course {
    /// The target.
    pub target: String,
    /// The app that was judged, if it was not the platform.
    pub app: Option<String>,
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.app {
            Some(app) => write!(f, "{} ({app})", self.target),
            None => f.write_str(&self.target),
        }
    }
}

impl Scope {
    /// The same, among the runs of a course.
    #[must_use]
    pub fn of(&self, course: &Course) -> Self {
        Self {
            target: Some(course.target.clone()),
            app: Some(course.app.clone().unwrap_or_default()),
            ..self.clone()
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, app, release, plan, whole, since, before } = self;
        if let Some(target) = target {
            write!(f, ", on the target `{target}`")?;
        }
        match app.as_deref() {
            Some("") => f.write_str(", of the platform")?,
            Some(app) => write!(f, ", of the app `{app}`")?,
            None => {}
        }
        match release.as_deref() {
            Some("") => f.write_str(", about no release")?,
            Some(release) => write!(f, ", about the release `{release}`")?,
            None => {}
        }
        if plan.is_some() {
            f.write_str(", of the same plan")?;
        }
        if *whole {
            f.write_str(", with all scenarios")?;
        }
        if let Some(since) = since {
            write!(f, ", since {since}")?;
        }
        if let Some(before) = before {
            write!(f, ", before {before}")?;
        }
        Ok(())
    }
}

/// A question, while it is put together.
#[derive(Debug, Default)]
pub(in crate::history) struct Question<'a>(Vec<Cell<'a>>);

impl<'a> Question<'a> {
    /// The place of a value.
    pub(in crate::history) fn place(&mut self, cell: impl Into<Cell<'a>>) -> String {
        self.0.push(cell.into());
        format!("${}", self.0.len())
    }

    /// What is true of the rows of `run` that are in a scope.
    pub(in crate::history) fn among(&mut self, scope: &'a Scope) -> String {
        let Scope { target, app, release, plan, whole, since, before } = scope;
        let mut conditions = vec!["1 = 1".to_owned()];
        for (column, wanted) in
            [("target", target), ("app", app), ("release", release), ("plan", plan)]
        {
            if let Some(wanted) = wanted {
                conditions.push(format!("run.{column} = {}", self.place(wanted.as_str())));
            }
        }
        if *whole {
            conditions.push("run.whole = 1".to_owned());
        }
        if let Some(since) = since {
            conditions.push(format!("run.started >= {}", self.place(since.as_microsecond())));
        }
        if let Some(before) = before {
            conditions.push(format!("run.started < {}", self.place(before.as_microsecond())));
        }
        conditions.join(" AND ")
    }

    /// The newest runs of a scope, as a table `chosen`, in which `ordinal` counts them from the oldest.
    pub(super) fn chosen(&mut self, scope: &'a Scope, limit: u32) -> String {
        let among = self.among(scope);
        format!(
            "chosen AS (
                SELECT number, id, started, whole, duration_ms, completion,
                    ROW_NUMBER() OVER (ORDER BY started, number) AS ordinal
                FROM (
                    SELECT * FROM run WHERE {among}
                    ORDER BY started DESC, number DESC LIMIT {limit}
                ) AS newest
            )"
        )
    }

    pub(in crate::history) fn cells(&self) -> &[Cell<'a>] {
        &self.0
    }
}

impl History {
    /// The courses that runs of a scope belong to, first those with runs of all scenarios, then those with
    /// the newest runs.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn courses(&mut self, scope: &Scope) -> Result<Vec<Course>, HistoryError> {
        let mut asked = Question::default();
        let among = asked.among(scope);
        let text = format!(
            "SELECT target, app FROM run WHERE {among}
             GROUP BY target, app ORDER BY MAX(whole) DESC, MAX(started) DESC, target, app"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let courses = self.told(found)?.into_iter().map(|row| {
            let app: String = row.try_get("app")?;
            Ok(Course {
                target: row.try_get("target")?,
                app: Some(app).filter(|it| !it.is_empty()),
            })
        });
        self.told(courses.collect())
    }
}
