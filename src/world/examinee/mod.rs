//! The app under test: registered at the scenario's platform, started, used like by its users, and
//! watched by what it sends.

mod begin;
mod control;
mod end;
mod examination;
mod more_use;
mod sent;
mod use_it;

pub use examination::Examination;
pub use sent::{Sent, Since};
pub use use_it::Work;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tempfile::NamedTempFile;
use url::Url;

use super::{Halt, Scene};
use crate::browser::Front;
use crate::program::Program;
use crate::project::AppUnderTest;
use crate::secret::Secret;

/// The app under test, as it is in one scenario.
#[derive(Debug)]
pub struct Examinee {
    /// How its owner describes it, the placeholders filled in.
    pub described: AppUnderTest,
    /// Its client id at the scenario's platform.
    pub client_id: String,
    /// Its client secret there, if that is its method.
    pub client_secret: Option<Secret>,
    /// What the placeholders of its description stand for.
    words: BTreeMap<&'static str, Secret>,
    program: Option<Program>,
    /// Its public keys, if they were registered.
    pub public_keys: Option<Value>,
    /// The file that holds its private key, for as long as it may be read.
    _private_key: Option<NamedTempFile>,
    /// The first entry of the platform's journal that sentences look at.
    since: usize,
    /// The tab that the app was last opened in before it was opened in another one.
    earlier_tab: Option<Front>,
    /// How the app was last made to work.
    work: Option<Work>,
    /// Whether the scenario's platform is not as the dialect has it.
    is_tempted: bool,
    /// The names of the flaws to whose places a job of the reference app came.
    reached: BTreeSet<String>,
}

impl Examinee {
    /// How long is waited for what it has to do.
    pub fn patience(&self) -> Duration {
        Duration::from_secs_f64(self.described.patience)
    }

    /// How long it is watched for what it must not do.
    pub fn watch(&self) -> Duration {
        Duration::from_secs_f64(self.described.watch)
    }

    /// Scheme, host and port that its users see, if it has pages.
    pub fn origin(&self) -> Option<String> {
        let pages = [&self.described.start_url, &self.described.launch_url];
        let address = pages.into_iter().flatten().next()?;
        Some(Url::parse(address).ok()?.origin().ascii_serialization())
    }

    /// The first line of its stdout and stderr of which this holds, as it wrote it.
    pub fn wrote(&self, holds: impl Fn(&str) -> bool) -> Option<Secret> {
        self.program.as_ref()?.output().find(holds)
    }
}

impl Scene {
    /// How the app was last made to work, and how that ended.
    ///
    /// # Errors
    /// [`Halt::Error`] if it was not.
    pub fn work(&self) -> Result<&Work, Halt> {
        let work = self.examinee.as_ref().and_then(|examinee| examinee.work.as_ref());
        work.ok_or_else(|| Halt::error("the app was not put to work yet"))
    }

    /// The app under test, if it still runs.
    ///
    /// # Errors
    /// [`Halt::NotMet`] if it ended by itself; [`Halt::Error`] if the scenario has none.
    pub fn examinee(&mut self) -> Result<&mut Examinee, Halt> {
        if let Some(how) = self.ended_by_itself() {
            self.must("the app keeps running")
                .hint("what it said is kept with the evidence of this scenario")
                .holds(false, "the app runs", how)?;
        }
        self.examinee.as_mut().ok_or_else(|| Halt::error(NONE))
    }

    /// How the app ended, though nobody ended it, and what it said last.
    pub(super) fn ended_by_itself(&mut self) -> Option<String> {
        let program = self.examinee.as_mut()?.program.as_mut()?;
        let status = program.ended()?;
        let said = program.output().closing(self.recorder.redactor());
        Some(format!("it ended by itself: {status}{said}"))
    }
}

/// How the reference app says that it comes to the place of a flaw.
const REACHED: &str = "reached ";
const NONE: &str = "the scenario has no app under test: it lacks `Given the app under test`";
