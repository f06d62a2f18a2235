//! A program that runs.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::tree::{MARK, Mark};
use super::{Command, Output, ProgramError};

/// A program that was started; dropping it ends it at once, with all that it started.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    group: Option<Pid>,
    mark: Mark,
    output: Output,
    readers: Vec<JoinHandle<()>>,
    ended: Option<ExitStatus>,
}

impl Program {
    /// Starts a program. It reads nothing from this program's terminal.
    ///
    /// # Errors
    /// [`ProgramError`] if the system does not start it.
    pub fn start(command: &Command) -> Result<Self, ProgramError> {
        let name = command.words.first().cloned().unwrap_or_default();
        let failed = |why: String| ProgramError { program: name.clone(), why };
        let mark = Mark::new();
        let mut starting = tokio::process::Command::new(&name);
        starting
            .args(command.words.iter().skip(1))
            .current_dir(&command.folder)
            .envs(&command.environment)
            .env(MARK, mark.value())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0);
        let mut child = starting.spawn().map_err(|error| failed(error.to_string()))?;
        let output = Output::default();
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(tokio::spawn(output.clone().keep(stdout)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(tokio::spawn(output.clone().keep(stderr)));
        }
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        Ok(Self { name, child, group, mark, output, readers, ended: None })
    }

    /// The program, without its arguments.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// How it ended, as soon as it has; nothing if it still runs after this time.
    pub async fn ends_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = timeout(patience, self.child.wait()).await.ok().and_then(Result::ok);
            if self.ended.is_some() {
                self.hear_out().await;
            }
        }
        self.ended
    }

    /// What was said last is read to its end, unless somebody holds the pipe.
    async fn hear_out(&mut self) {
        for reader in self.readers.drain(..) {
            let _ = timeout(LAST_WORDS, reader).await;
        }
    }

    /// Ends it and all that it started: asks first, and does not wait for long.
    pub async fn end(mut self) {
        self.signal(Signal::TERM);
        self.ends_within(GRACE).await;
        self.signal(Signal::KILL);
        self.ends_within(GRACE).await;
        self.hear_out().await;
    }

    #[cfg(test)]
    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group may be gone already.
            let _ = kill_process_group(group, signal);
        }
        self.mark.signal(signal);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// How long a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);
const LAST_WORDS: Duration = Duration::from_millis(200);
