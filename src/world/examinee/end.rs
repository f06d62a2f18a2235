//! The app is ended, with everything that it started, and what it said is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::begin::command;
use super::{Examination, REACHED, sent};
use crate::program::{Output, Program};
use crate::project::StartCommand;
use crate::secret::Secret;
use crate::world::Scene;

impl Scene {
    /// Ends the app under test, and keeps what it sent and said with the evidence. Gives the names of
    /// the flaws to whose places it came, if it is the reference app and says so.
    pub(in crate::world) async fn dismiss(&mut self) -> BTreeSet<String> {
        let Some(mut examinee) = self.examinee.take() else { return BTreeSet::new() };
        if let Some(program) = examinee.program.take() {
            let start = examinee.described.start.as_ref();
            let output = self.end_program(program, start, &examinee.words).await;
            examinee.reached.extend(output.after(REACHED));
        }
        if let Ok(journal) = self.journal() {
            for entry in journal.requests().iter().filter(|entry| sent::is_from_the_app(entry)) {
                sent::note(&self.recorder, &self.fhir_base, entry);
            }
        }
        examinee.reached
    }

    /// Ends the app's program: by its owner's command, if there is one, and then in any case. What it
    /// said is kept with the evidence, and what went wrong.
    pub(super) async fn end_program(
        &self,
        program: Program,
        start: Option<&StartCommand>,
        words: &BTreeMap<&'static str, Secret>,
    ) -> Output {
        let examination = self.context.examination.as_ref();
        let stop = start.filter(|start| !start.stop.is_empty()).zip(examination);
        let trouble = match stop {
            Some((start, examination)) => self.stop(examination, start, words).await.err(),
            None => None,
        };
        let output = program.output().clone();
        program.end().await;
        self.recorder.output(&output.text(self.recorder.redactor()));
        if let Some(why) = trouble {
            self.recorder.output(&format!("(the stop command {why})\n"));
        }
        output
    }

    /// Carries out the owner's command that ends the app; or why that came to nothing.
    async fn stop(
        &self,
        examination: &Examination,
        start: &StartCommand,
        words: &BTreeMap<&'static str, Secret>,
    ) -> Result<(), String> {
        let outcome = self.carried_out(examination, start, words).await;
        if let Err(why) = &outcome {
            examination.not_stopped(why);
        }
        outcome
    }

    async fn carried_out(
        &self,
        examination: &Examination,
        start: &StartCommand,
        words: &BTreeMap<&'static str, Secret>,
    ) -> Result<(), String> {
        let command = command(examination, start, &start.stop, words)
            .map_err(|_| "could not be written out".to_owned())?;
        let started = Program::start(&command);
        let mut program = started.map_err(|error| format!("failed to {error}"))?;
        let ended = program.ends_within(STOPPING).await;
        let (name, output) = (program.name().to_owned(), program.output().clone());
        program.end().await;
        let said = output.closing(self.recorder.redactor());
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("`{name}` ended with {status}{said}")),
            None => Err(format!("`{name}` did not end within {} s{said}", STOPPING.as_secs())),
        }
    }
}

/// How long the owner's command may take.
const STOPPING: Duration = Duration::from_secs(10);
