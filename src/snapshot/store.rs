//! Compares an answer with the accepted one, and leaves a file to review where they differ.

use std::path::{Path, PathBuf};

use serde_json::Value;
use similar::TextDiff;

use super::drift::drift;
use super::fidelity::fidelity;
use super::file::remove;
use super::shape::shape;
use super::{Normaliser, SnapshotError, SnapshotName, compare};
use crate::record::{Fidelity, Snapshot, SnapshotState};

/// The folder of a project's accepted answers.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    project: PathBuf,
    mode: Mode,
    /// Whether values of answers do not matter, only their shapes.
    shapes: bool,
    /// The target whose accepted answers are the mock's.
    mock: Option<String>,
}

/// What becomes of an answer that differs from the accepted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It waits beside the accepted one until somebody reviews it.
    Review,
    /// It is the accepted one from now on.
    Update,
    /// Nothing: no file is written or removed.
    Compare,
}

impl Store {
    /// The snapshots under `root`; the folder need not exist.
    pub fn new(root: PathBuf, mode: Mode) -> Self {
        Self { root, project: PathBuf::new(), mode, shapes: false, mock: None }
    }

    /// Names files in the record as they are called from `project`.
    pub fn relative_to(mut self, project: &Path) -> Self {
        self.project = project.to_owned();
        self
    }

    /// Compares shapes alone, for a system whose data others change, and also with what was accepted
    /// of the mock, which is this target.
    #[must_use]
    pub fn of_shapes(self, mock: Option<String>) -> Self {
        Self { shapes: true, mock, ..self }
    }

    /// The target that is the mock, if answers are compared with its too.
    pub fn mock(&self) -> Option<&str> {
        self.mock.as_deref()
    }

    /// Compares `value` with what was accepted under `name`.
    ///
    /// `source` is the `path:line` of the sentence that compares. In [`Mode::Review`] an answer
    /// that differs, or is new, is written beside the accepted file as `.snap.new`; one that
    /// matches takes an older such file away. Different names may be compared at the same time.
    ///
    /// # Errors
    /// When the accepted file is not a snapshot, a file cannot be written, or a selector of a
    /// volatile value is not one.
    pub fn compare(
        &self,
        name: &SnapshotName,
        source: &str,
        value: &Value,
        normaliser: &Normaliser,
    ) -> Result<Snapshot, SnapshotError> {
        let value = if self.shapes { shape(value) } else { value.clone() };
        let seen = compare::render(&normaliser.apply(&value), normaliser.selectors())?;
        let seen = normaliser.redact_left_over(seen);
        let file = self.root.join(name.file());
        let waiting = waiting_beside(&file);
        let accepted = if file.exists() { Some(compare::read(&file)?) } else { None };

        let title = normaliser.redact(&name.title());
        let state = match (&accepted, self.mode) {
            (Some(accepted), _) if compare::same(accepted, &seen) => {
                if self.mode != Mode::Compare {
                    remove(&waiting)?;
                }
                SnapshotState::Matched
            }
            (_, Mode::Update) => {
                compare::write_accepted(&file, source, &title, &seen)?;
                remove(&waiting)?;
                SnapshotState::Updated
            }
            (accepted, mode) => {
                if mode == Mode::Review {
                    compare::write_pending(&waiting, source, &title, &seen)?;
                }
                match accepted {
                    Some(_) => SnapshotState::Changed,
                    None => SnapshotState::New,
                }
            }
        };
        let diff = match state {
            SnapshotState::Matched => String::new(),
            _ => normaliser.redact_left_over(diff(accepted.as_deref().unwrap_or_default(), &seen)),
        };
        let mut drift = accepted.map(|accepted| drift(&accepted, &seen)).unwrap_or_default();
        for line in drift.broken.iter_mut().chain(&mut drift.added) {
            *line = normaliser.redact_left_over(std::mem::take(line));
        }
        let fidelity = self.fidelity(name, &normaliser.apply(&value))?.map(|mut found| {
            for line in found.lines_mut() {
                *line = normaliser.redact_left_over(std::mem::take(line));
            }
            found
        });
        let (name, file) = (name.stem(), self.shown(&file));
        Ok(Snapshot { step: None, name, file, state, diff, drift, fidelity })
    }

    /// How a platform's answer differs from the mock's, if that was accepted.
    fn fidelity(
        &self,
        name: &SnapshotName,
        seen: &Value,
    ) -> Result<Option<Fidelity>, SnapshotError> {
        let Some(mock) = &self.mock else { return Ok(None) };
        let of_mock = SnapshotName { target: mock.clone(), ..name.clone() };
        let file = self.root.join(of_mock.file());
        if !file.exists() {
            return Ok(None);
        }
        Ok(fidelity(self.shown(&file), seen, &compare::read(&file)?))
    }

    /// A file as it is called from the project.
    fn shown(&self, file: &Path) -> String {
        let shown = file.strip_prefix(&self.project).unwrap_or(file);
        shown.to_string_lossy().replace('\\', "/")
    }
}

/// The file that waits for review of an accepted one: `x.snap` gives `x.snap.new`.
fn waiting_beside(accepted: &Path) -> PathBuf {
    accepted.with_extension("snap.new")
}

/// Differences of two answers as a unified diff.
pub(super) fn diff(accepted: &str, seen: &str) -> String {
    let ended = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
    let (accepted, seen) = (ended(accepted), ended(seen));
    TextDiff::from_lines(&accepted, &seen).unified_diff().header("accepted", "seen").to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::secret::{Redactor, Secret};
    use crate::snapshot::{accept, pending, reject};

    struct Shelf {
        folder: TempDir,
        normaliser: Normaliser,
    }

    impl Shelf {
        fn empty() -> Self {
            let redactor = Redactor::new();
            redactor.learn("client_secret", &Secret::new("canary-secret"));
            Self { folder: TempDir::new().unwrap(), normaliser: Normaliser::new(&redactor) }
        }

        fn root(&self) -> PathBuf {
            self.folder.path().join("snapshots")
        }

        fn compare(&self, mode: Mode, value: &Value) -> Snapshot {
            let store = Store::new(self.root(), mode).relative_to(self.folder.path());
            store.compare(&name(), "features/x.feature:12", value, &self.normaliser).unwrap()
        }

        fn files(&self) -> Vec<String> {
            let folder = self.root().join("mock/token");
            let mut names: Vec<String> = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    fn name() -> SnapshotName {
        SnapshotName {
            target: "mock".into(),
            capability: "token".into(),
            scenario: "A token".into(),
            step: "answer".into(),
        }
    }

    #[test]
    fn an_answer_matches_once_it_was_accepted() {
        let shelf = Shelf::empty();
        let first = shelf.compare(Mode::Review, &json!({"a": 1}));
        assert_eq!(first.state, SnapshotState::New);
        assert_eq!(first.file, "snapshots/mock/token/a-token__answer.snap");
        assert!(first.diff.contains("+  \"a\": 1"), "{}", first.diff);
        assert_eq!(shelf.files(), ["a-token__answer.snap.new"]);

        let waiting = pending(&shelf.root()).unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].name, "mock/token/a-token__answer");
        assert_eq!(waiting[0].accepted, None);
        assert_eq!(waiting[0].diff, first.diff);
        accept(&waiting[0]).unwrap();
        assert_eq!(shelf.files(), ["a-token__answer.snap"]);
        assert_eq!(shelf.compare(Mode::Review, &json!({"a": 1})).state, SnapshotState::Matched);
        assert!(pending(&shelf.root()).unwrap().is_empty());
    }

    #[test]
    fn a_change_is_shown_and_waits_for_review() {
        let shelf = Shelf::empty();
        shelf.compare(Mode::Update, &json!({"a": 1, "b": 2}));
        let changed = shelf.compare(Mode::Review, &json!({"b": 2, "a": "1"}));
        assert_eq!(changed.state, SnapshotState::Changed);
        assert!(changed.diff.contains("-  \"a\": 1,\n+  \"a\": \"1\",\n"), "{}", changed.diff);

        let waiting = pending(&shelf.root()).unwrap();
        assert!(waiting[0].accepted.is_some());
        assert_eq!(waiting[0].diff, changed.diff);
        reject(&waiting[0]).unwrap();
        assert_eq!(shelf.files(), ["a-token__answer.snap"]);
        let again = shelf.compare(Mode::Review, &json!({"b": 2, "a": 1}));
        assert_eq!(again.state, SnapshotState::Matched);
    }

    #[test]
    fn a_match_takes_an_older_question_away() {
        let shelf = Shelf::empty();
        shelf.compare(Mode::Update, &json!(1));
        shelf.compare(Mode::Review, &json!(2));
        assert_eq!(shelf.files().len(), 2);
        shelf.compare(Mode::Review, &json!(1));
        assert_eq!(shelf.files(), ["a-token__answer.snap"]);
    }

    #[test]
    fn an_update_accepts_at_once() {
        let shelf = Shelf::empty();
        shelf.compare(Mode::Review, &json!(1));
        let updated = shelf.compare(Mode::Update, &json!(2));
        assert_eq!(updated.state, SnapshotState::Updated);
        assert_eq!(shelf.files(), ["a-token__answer.snap"]);
        assert_eq!(shelf.compare(Mode::Update, &json!(2)).state, SnapshotState::Matched);
    }

    #[test]
    fn no_secret_reaches_a_file_or_the_record() {
        let shelf = Shelf::empty();
        let answer = json!({
            "access_token": "canary-secret",
            "refresh_token": "canary-unlearned",
            "canary-secret": "Y2FuYXJ5LXNlY3JldA==",
            "list": ["x canary-secret"],
        });
        let seen = shelf.compare(Mode::Review, &answer);
        let file = shelf.root().join("mock/token/a-token__answer.snap.new");
        let text = format!("{}{}", seen.diff, fs::read_to_string(file).unwrap());
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
    }

    #[test]
    fn a_broken_accepted_file_is_an_error_and_stays() {
        let shelf = Shelf::empty();
        shelf.compare(Mode::Update, &json!(1));
        let file = shelf.root().join("mock/token/a-token__answer.snap");
        fs::write(&file, "<<<<<<< ours").unwrap();
        let store = Store::new(shelf.root(), Mode::Update);
        let error = store.compare(&name(), "x:1", &json!(1), &shelf.normaliser).unwrap_err();
        assert!(error.to_string().contains("a-token__answer.snap"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "<<<<<<< ours");
    }

    #[test]
    fn scenarios_are_compared_at_the_same_time() {
        let shelf = Shelf::empty();
        std::thread::scope(|scope| {
            for index in 0..16 {
                let (shelf, name) =
                    (&shelf, SnapshotName { scenario: format!("Scenario {index}"), ..name() });
                scope.spawn(move || {
                    let store = Store::new(shelf.root(), Mode::Update);
                    let seen = store.compare(&name, "x:1", &json!(index), &shelf.normaliser);
                    assert_eq!(seen.unwrap().state, SnapshotState::Updated);
                });
            }
        });
        assert_eq!(shelf.files().len(), 16);
    }
}
