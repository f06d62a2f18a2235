//! The announced changes of a target's platform, and the one that a run is about.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dialect::Dialect;
use crate::mock::Fault;
use crate::project::{About, Mistake, Platform, Project, Release, Stage, Target, releases};
use crate::record::Run;
use crate::world::Subject;

/// The announced changes of a target's platform.
pub(in crate::cli) struct Announced {
    all: Vec<Release<Fault>>,
    /// The one that is asked for.
    wanted: Option<(Release<Fault>, Stage)>,
}

impl Announced {
    /// Those of a target, and the one of this id.
    ///
    /// # Errors
    /// A [`Mistake`] if there is none, or the project's own ones cannot be read.
    pub(in crate::cli) fn of(
        project: &Project,
        target: &Target,
        wanted: Option<&str>,
    ) -> Result<Self, Mistake> {
        let all = releases::<Fault>(project, &target.dialect)?;
        let wanted = wanted.map(|id| Release::find(&all, &target.dialect, id)).transpose()?;
        let wanted = wanted.map(|release| {
            let stage = match target.platform {
                Platform::At(_) => Stage::Live,
                Platform::Embedded if release.can_be_played() => Stage::Played,
                Platform::Embedded => Stage::Rehearsed,
            };
            (release, stage)
        });
        Ok(Self { all, wanted })
    }

    /// What a selection of scenarios has to know of it.
    pub(in crate::cli) fn about(&self) -> Option<About> {
        let (release, stage) = self.wanted.as_ref()?;
        Some(About { id: release.id.clone(), stage: *stage })
    }

    /// Why a run about it selects nothing, if that is because there is nothing to be seen on the mock.
    pub(super) fn nothing_to_see(&self) -> Option<String> {
        let (release, stage) = self.wanted.as_ref()?;
        (*stage == Stage::Rehearsed).then(|| {
            format!(
                "nothing of `{}` can be played on the mock, and no scenario is about it: judge a live \
                 environment that has it already",
                release.id
            )
        })
    }

    /// What the platform promises when it is judged as it will be.
    ///
    /// # Errors
    /// A [`Mistake`] if a setting does not fit it.
    pub(in crate::cli) fn promised(&self, dialect: Dialect) -> Result<Dialect, Mistake> {
        match &self.wanted {
            Some((release, Stage::Played)) => release.patched(&dialect),
            _ => Ok(dialect),
        }
    }

    /// Lets the mock be as the platform will be; what the platform promises then.
    ///
    /// # Errors
    /// A [`Mistake`] if that is not possible.
    pub(in crate::cli) fn play(
        &self,
        subject: &mut Subject,
        dialect: Dialect,
    ) -> Result<Dialect, Mistake> {
        let (Some((release, Stage::Played)), Subject::Embedded(embedded)) = (&self.wanted, subject)
        else {
            return Ok(dialect);
        };
        let dialect = self.promised(dialect)?;
        embedded.dialect = Arc::new(dialect.clone());
        embedded.faults = release.faults();
        Ok(dialect)
    }

    /// Writes into a record what was announced, and which of it the run is about.
    pub(super) fn note(&self, run: &mut Run) {
        run.releases = self.all.iter().map(Release::recorded).collect();
        if let Some((release, stage)) = &self.wanted {
            run.target.release = Some(release.id.clone());
            run.target.is_as_released = *stage == Stage::Played;
        }
    }

    /// The folder for the reports on it, which those of other runs do not take: of this target or app.
    pub(super) fn folder(&self, reports: &Path, subject: &str) -> Option<PathBuf> {
        let (release, _) = self.wanted.as_ref()?;
        let plain = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
        let subject = subject.replace(|letter| !plain(letter), "-");
        Some(reports.join("releases").join(&release.id).join(subject))
    }
}
