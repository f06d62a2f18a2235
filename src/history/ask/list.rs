//! The runs, and what has changed in each.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::super::cells::rows;
use super::super::row::number_of_run;
use super::super::{History, HistoryError, Selector};
use super::{Course, GREEN, JUDGED, Named, Question, RED, Scope, moment, verdict};
use crate::record::Verdict;

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
    /// Milliseconds from start to end.
    pub duration_ms: i64,
    /// Whether it came to its end.
    pub complete: bool,
    /// Whether it had all scenarios of the project.
    pub whole: bool,
    /// Whether everything was judged and nothing is wrong.
    pub green: bool,
    /// What was judged.
    #[serde(flatten)]
    pub course: Course,
    /// The announced release that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Verdicts that occurred, with their number.
    pub tally: Vec<(Verdict, i64)>,
    /// What has changed since the run before it on the same target; absent if there is none.
    pub turned: Option<Turned>,
}

/// How many scenarios are not what they were when they were judged before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// They fail, and did not.
    pub new: i64,
    /// They conform, and failed or were waived.
    pub fixed: i64,
}

/// The scenarios of a run that fail, or do so no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Turns {
    /// They fail, and did not when they were judged before.
    pub new: Vec<Named>,
    /// They fail, and did so before, or were waived.
    pub still: Vec<Named>,
    /// They conform, and failed or were waived before.
    pub fixed: Vec<Named>,
}

impl History {
    /// The newest runs of a scope, newest first.
    ///
    /// Each is compared with what was found before on the same target, for a run of all scenarios in runs of
    /// all scenarios, as far as the last runs tell.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn list(&mut self, scope: &Scope, limit: u32) -> Result<Vec<Listed>, HistoryError> {
        let mut asked = Question::default();
        let listed = asked.among(scope);
        let before = Scope { since: None, ..scope.clone() };
        let compared = compared(&mut asked, &before, limit);
        let text = format!(
            "WITH listed AS (
                SELECT * FROM run WHERE {listed} ORDER BY started DESC, number DESC LIMIT {limit}
            ), {compared}, turned AS (
                SELECT number, COUNT(earlier) AS compared,
                    SUM(CASE WHEN verdict = 'fail' AND (earlier IS NULL OR earlier NOT IN {RED})
                        THEN 1 ELSE 0 END) AS turned_red,
                    SUM(CASE WHEN verdict IN {GREEN} AND earlier IN {RED}
                        THEN 1 ELSE 0 END) AS turned_green
                FROM compared GROUP BY number
            )
            SELECT listed.*, turned.compared, turned.turned_red, turned.turned_green
            FROM listed LEFT JOIN turned ON turned.number = listed.number
            ORDER BY listed.started DESC, listed.number DESC"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let listed = self.told(found)?.iter().map(of_row).collect();
        self.told(listed)
    }

    /// The run that is meant, among those of a scope, without what has changed in it.
    ///
    /// # Errors
    /// [`HistoryError`] if there is none, or several have a name that begins so.
    pub async fn listed(
        &mut self,
        selector: &Selector,
        scope: &Scope,
    ) -> Result<Listed, HistoryError> {
        let id = self.id_of(selector, scope).await?;
        let text = "SELECT run.*, CAST(NULL AS BIGINT) AS compared FROM run WHERE id = $1";
        let found = rows(&mut self.connection, text, &[id.as_str().into()]).await;
        let listed = self.told(found)?.first().map(of_row).transpose();
        // Another program may have let go of it meanwhile.
        self.told(listed)?.ok_or_else(|| HistoryError::NoRun {
            wanted: format!("the run {id}"),
            scope: String::new(),
        })
    }

    /// Which scenarios fail in a run of a list, or do so no more.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn turns(&mut self, run: &Listed) -> Result<Turns, HistoryError> {
        let scope = Scope { whole: run.whole, ..Scope::default() }.of(&run.course);
        let mut asked = Question::default();
        // Nothing that began later is looked at.
        let last = asked.place(run.started.as_microsecond());
        let compared = compared_until(&mut asked, &scope, 1, &format!("run.started <= {last}"));
        let number = asked.place(number_of_run(&run.run));
        let text = format!(
            "WITH {compared}
            SELECT scenario.feature, scenario.name, compared.line, compared.verdict, compared.earlier
            FROM compared JOIN scenario ON scenario.number = compared.scenario
            WHERE compared.number = {number} AND (
                compared.verdict = 'fail' OR compared.verdict IN {GREEN} AND compared.earlier IN {RED}
            )
            ORDER BY scenario.feature, compared.line, scenario.number"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let mut turns = Turns::default();
        for row in self.told(found)? {
            let (named, failed) = self.told(turned(&row))?;
            match failed {
                (true, true) => turns.still.push(named),
                (true, false) => turns.new.push(named),
                (false, _) => turns.fixed.push(named),
            }
        }
        Ok(turns)
    }
}

/// A scenario, and whether it fails and was red before.
fn turned(row: &AnyRow) -> sqlx::Result<(Named, (bool, bool))> {
    let earlier: Option<String> = row.try_get("earlier")?;
    let was_red = earlier.is_some_and(|it| ["fail", "waived"].contains(&it.as_str()));
    Ok((Named::of(row)?, (verdict(row, "verdict")? == Verdict::Fail, was_red)))
}

/// A table `compared`: each judgement in the newest runs of a scope, with the one before it.
fn compared<'a>(asked: &mut Question<'a>, scope: &'a Scope, limit: u32) -> String {
    compared_until(asked, scope, limit, "1 = 1")
}

fn compared_until<'a>(
    asked: &mut Question<'a>,
    scope: &'a Scope,
    limit: u32,
    condition: &str,
) -> String {
    let among = asked.among(scope);
    let limit = limit.saturating_add(LOOK_BACK);
    format!(
        "seen AS (
            SELECT number, started, DENSE_RANK() OVER (ORDER BY target, app, release, whole) AS course
            FROM (
                SELECT * FROM run WHERE {among} AND {condition}
                ORDER BY started DESC, number DESC LIMIT {limit}
            ) AS newest
        ), compared AS (
            SELECT seen.number, judgement.scenario, judgement.line, judgement.verdict,
                LAG(judgement.verdict) OVER (
                    PARTITION BY seen.course, judgement.scenario ORDER BY seen.started, seen.number
                ) AS earlier
            FROM seen JOIN judgement ON judgement.run = seen.number
            WHERE judgement.verdict IN {JUDGED}
        )"
    )
}

pub(super) fn of_row(row: &AnyRow) -> sqlx::Result<Listed> {
    let named = |column| {
        let name: String = row.try_get(column)?;
        Ok::<_, sqlx::Error>(Some(name).filter(|it| !it.is_empty()))
    };
    let completion: String = row.try_get("completion")?;
    let is = |column| Ok::<bool, sqlx::Error>(row.try_get::<i64, _>(column)? == 1);
    let mut tally = Vec::new();
    for verdict in Verdict::ALL {
        match row.try_get(verdict.word())? {
            0 => {}
            count => tally.push((verdict, count)),
        }
    }
    // A run in which nothing was judged has no row of what has turned.
    let compared: Option<i64> = row.try_get("compared")?;
    let turned = match compared {
        Some(1..) => {
            Some(Turned { new: row.try_get("turned_red")?, fixed: row.try_get("turned_green")? })
        }
        _ => None,
    };
    Ok(Listed {
        run: row.try_get("id")?,
        started: moment(row, "started")?,
        duration_ms: row.try_get("duration_ms")?,
        complete: completion == "complete",
        whole: is("whole")?,
        green: is("green")?,
        course: Course { target: row.try_get("target")?, app: named("app")? },
        release: named("release")?,
        tally,
        turned,
    })
}

/// So many runs before the first of a list are looked at.
const LOOK_BACK: u32 = 50;
