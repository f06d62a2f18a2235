//! Keeps a run when it has ended.

use std::path::Path;

use jiff::Timestamp;

use super::{mistake, within};
use crate::cli::{Exit, Surroundings, show_error};
use crate::history::{AboutRelease, History, HistoryError, Keep, Place, Scope, Selector, Stored};
use crate::project::{DatabaseUrl, Mistake, Project};
use crate::record::{RECORD, Run};
use crate::secret::Secret;

/// Where a project's runs are kept, and how long.
pub(in crate::cli) struct Keeping {
    pub(in crate::cli) place: Place,
    pub(super) keep: Keep,
}

/// Where the runs of this project are kept, for somebody who asks for them.
///
/// # Errors
/// A [`Mistake`] if none are kept, or as for [`keeping`].
pub(in crate::cli) fn kept(
    surroundings: &Surroundings,
    project: &Project,
) -> Result<Keeping, Mistake> {
    keeping(surroundings, project)?.ok_or_else(|| {
        project
            .mistake_at("enabled", "no runs are kept: the project file says so")
            .with_hint("take `enabled: false` out of `history:`")
    })
}

/// Where the runs of this project are kept, if they are.
///
/// # Errors
/// A [`Mistake`] if the URL of the database cannot be read.
pub(in crate::cli) fn keeping(
    surroundings: &Surroundings,
    project: &Project,
) -> Result<Option<Keeping>, Mistake> {
    let said = &project.config.history;
    if !said.enabled {
        return Ok(None);
    }
    let url = match &said.url {
        None => None,
        Some(DatabaseUrl::Written(url)) => Some(Secret::new(url.as_str())),
        Some(DatabaseUrl::Kept(reference)) => {
            let environment = |name: &str| surroundings.variable(name);
            Some(project.secret("the URL of the history", reference, &environment)?)
        }
    };
    let place = match url {
        None => {
            let reports = project.root.join(&project.config.reports);
            Place::File(surroundings.folder.join(reports).join(FILE))
        }
        Some(url) => Place::server(&url).map_err(|error| {
            project
                .mistake_at("history", format!("cannot use the URL of the history: {error}"))
                .with_hint("for example `postgres://name:password@host/database`")
        })?,
    };
    let keep = Keep { days: said.keep.days, runs: said.keep.runs };
    Ok(Some(Keeping { place, keep }))
}

impl Keeping {
    /// The run that is meant, with its whole record; nothing where no history has begun, or where it has no
    /// such run and `may_lack` it.
    ///
    /// # Errors
    /// A [`Mistake`] if there is no such run, or the history cannot be had.
    pub(in crate::cli) fn find(
        &self,
        selector: &Selector,
        scope: &Scope,
        may_lack: bool,
    ) -> Result<Option<Run>, Mistake> {
        let found = within(async {
            let Some(mut history) = History::open_existing(&self.place).await? else {
                return Ok(None);
            };
            let found = history.find(selector, scope).await;
            history.close().await;
            found.map(Some)
        })?;
        match found {
            Err(HistoryError::NoRun { .. }) if may_lack => Ok(None),
            found => found.map_err(|error| mistake(&error)),
        }
    }

    /// Of each release, target and app the last run that was about it.
    ///
    /// # Errors
    /// A [`Mistake`] if the history cannot be had.
    pub(in crate::cli) fn about_releases(&self) -> Result<Vec<AboutRelease>, Mistake> {
        let found = within(async {
            let Some(mut history) = History::open_existing(&self.place).await? else {
                return Ok(Vec::new());
            };
            let found = history.about_releases().await;
            history.close().await;
            found
        })?;
        found.map_err(|error: HistoryError| mistake(&error))
    }

    /// Keeps a run whose record is in a folder, and lets go of old ones.
    ///
    /// Its verdict stands, whatever happens; but where a team relies on a server, a run that is missing there
    /// is not to be overlooked.
    pub(in crate::cli) fn keep(
        &self,
        surroundings: &Surroundings,
        run: &Run,
        folder: &Path,
        exit: Exit,
    ) -> Exit {
        match self.kept(run, folder) {
            Ok(Stored::New | Stored::Replaced) => exit,
            Ok(Stored::PartOf(other)) => {
                surroundings.remark(&format!("the history has this run as a part of {other}"));
                exit
            }
            Err(mistake) => {
                let folder = folder.strip_prefix(&surroundings.folder).unwrap_or(folder);
                let again = format!(
                    "the verdicts stand; `checkride history import {}` keeps the run later; {}",
                    folder.display(),
                    mistake.hint.clone().unwrap_or_default()
                );
                show_error::show(surroundings, &mistake.with_hint(again));
                match (&self.place, exit) {
                    (Place::Server(_), Exit::Conforms | Exit::Unreviewed) => Exit::NotJudged,
                    _ => exit,
                }
            }
        }
    }

    fn kept(&self, run: &Run, folder: &Path) -> Result<Stored, Mistake> {
        let file = folder.join(RECORD);
        let record = std::fs::read(&file).map_err(|error| {
            Mistake::new(format!("cannot read `{}` to keep it: {error}", file.display()))
        })?;
        let kept = within(async {
            let mut history = History::open(&self.place).await?;
            let stored = history.store(run, &record).await?;
            history.prune(self.keep, Timestamp::now()).await?;
            history.close().await;
            Ok::<_, HistoryError>(stored)
        })?;
        kept.map_err(|error| mistake(&error))
    }
}

/// Name of the file in the folder of reports.
const FILE: &str = "history.sqlite";
