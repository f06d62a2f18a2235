//! The last record about a release: among the folders of reports and the runs of the history, and of a
//! run that is just ending.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::cli::Surroundings;
use crate::cli::history::{Keeping, keeping};
use crate::history::{Scope, Selector};
use crate::project::{Mistake, Project};
use crate::record::{self, RECORD, Run};

/// Where the records about releases are.
pub(super) struct Records<'a> {
    keeping: Option<Keeping>,
    /// The newest first.
    known: Vec<Known>,
    ending: Option<&'a Run>,
}

/// A record that was found.
pub(super) struct Found<'a> {
    pub(super) run: Cow<'a, Run>,
    /// Its folder, unless it is in the history alone.
    pub(super) folder: Option<PathBuf>,
}

struct Known {
    release: String,
    target: String,
    app: Option<String>,
    started: Timestamp,
    place: Place,
}

enum Place {
    Kept(String),
    Folder(PathBuf),
}

impl<'a> Records<'a> {
    /// Looks for them; second, why the history does not tell, if there is one that does not. `ending` is a
    /// run that is in neither of them yet.
    pub(super) fn of(
        surroundings: &Surroundings,
        project: &Project,
        ending: Option<&'a Run>,
    ) -> (Self, Option<Mistake>) {
        let reports = project.root.join(&project.config.reports);
        let mut known = in_folders(&reports, 0);
        let (keeping, silent) = match keeping(surroundings, project) {
            Ok(keeping) => (keeping, None),
            Err(mistake) => (None, Some(mistake)),
        };
        let kept = keeping.as_ref().map(Keeping::about_releases).transpose();
        let (kept, silent) = match kept {
            Ok(kept) => (kept.unwrap_or_default(), silent),
            Err(mistake) => (Vec::new(), Some(mistake)),
        };
        known.extend(kept.into_iter().map(|one| Known {
            release: one.release,
            target: one.course.target,
            app: one.course.app,
            started: one.started,
            place: Place::Kept(one.run),
        }));
        // The evidence of a run that is in both is in the folder.
        known.sort_by_key(|one| (one.started, matches!(one.place, Place::Folder(_))));
        known.reverse();
        (Self { keeping, known, ending }, silent)
    }

    /// The last record about a release, of a target or of an app on it.
    pub(super) fn last(&self, release: &str, target: &str, app: Option<&str>) -> Option<Found<'a>> {
        let is_meant = |run: &&Run| {
            let of = &run.target;
            (of.release.as_deref(), of.name.as_str(), of.app.as_deref())
                == (Some(release), target, app)
        };
        if let Some(run) = self.ending.filter(is_meant) {
            return Some(Found { run: Cow::Borrowed(run), folder: None });
        }
        let of_release = self.known.iter().filter(|one| {
            (one.release.as_str(), one.target.as_str(), one.app.as_deref())
                == (release, target, app)
        });
        of_release.filter_map(|one| self.read(&one.place)).next()
    }

    fn read(&self, place: &Place) -> Option<Found<'a>> {
        let (run, folder) = match place {
            Place::Folder(folder) => (record::read(folder).ok()?, Some(folder.clone())),
            Place::Kept(id) => {
                let name = Selector::Name(id.clone());
                let kept = self.keeping.as_ref()?.find(&name, &Scope::default(), true);
                (kept.ok()??, None)
            }
        };
        Some(Found { run: Cow::Owned(run), folder })
    }
}

/// The records about releases in a folder and in those below it.
fn in_folders(folder: &Path, depth: usize) -> Vec<Known> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = entries.map(|entry| entry.path()).filter(|path| path.is_dir() && depth < DEPTH);
    let mut found: Vec<Known> = below.flat_map(|path| in_folders(&path, depth + 1)).collect();
    let head = fs::read(folder.join(RECORD)).ok();
    let head = head.and_then(|bytes| serde_json::from_slice::<Head>(&bytes).ok());
    found.extend(head.and_then(|head| {
        Some(Known {
            release: head.target.release?,
            target: head.target.name,
            app: head.target.app,
            started: head.started,
            place: Place::Folder(folder.to_owned()),
        })
    }));
    found
}

/// As much of a record as tells whether it has to be read.
#[derive(Deserialize)]
struct Head {
    started: Timestamp,
    target: record::Target,
}

/// Folders between the folder of reports and a record, at most: `releases/<id>/<subject>`.
const DEPTH: usize = 3;
