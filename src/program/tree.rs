//! All that a program started, found by a mark in the environment.

use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// The mark of one program's tree: who started it, and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    owner: u32,
    number: u32,
}

impl Mark {
    pub(super) fn new() -> Self {
        Self { owner: std::process::id(), number: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    pub(super) fn value(self) -> String {
        format!("{}-{}", self.owner, self.number)
    }

    fn read(value: &str) -> Option<Self> {
        let (owner, number) = value.split_once('-')?;
        Some(Self { owner: owner.parse().ok()?, number: number.parse().ok()? })
    }

    /// Sends a signal to every process with this mark.
    pub(super) fn signal(self, signal: Signal) {
        for (pid, _) in marked().filter(|(_, mark)| *mark == self) {
            // It may have ended meanwhile.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Ends what runs of this program that were killed left behind.
pub fn sweep() {
    let is_gone = |owner: u32| {
        let pid = i32::try_from(owner).ok().and_then(Pid::from_raw);
        pid.is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
    };
    for (pid, _) in marked().filter(|(_, mark)| is_gone(mark.owner)) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The processes of this user that have a mark, where the system shows processes' environments.
fn marked() -> impl Iterator<Item = (Pid, Mark)> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let value = variables.find_map(|pair| pair.strip_prefix(PREFIX))?;
        Some((Pid::from_raw(pid)?, Mark::read(std::str::from_utf8(value).ok()?)?))
    })
}

/// The variable with the mark.
pub(super) const MARK: &str = "CHECKRIDE_EXAMINATION";
const PREFIX: &[u8] = b"CHECKRIDE_EXAMINATION=";
static NEXT: AtomicU32 = AtomicU32::new(0);

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::program::{Command, Program};
    use crate::secret::Redactor;

    fn shell(script: &str) -> Program {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        let command = Command { words, folder: PathBuf::from("/"), ..Command::default() };
        Program::start(&command).unwrap()
    }

    fn tree_of(program: &Program) -> Vec<Pid> {
        marked().filter(|(_, mark)| *mark == program.mark()).map(|(pid, _)| pid).collect()
    }

    #[tokio::test]
    async fn what_left_the_group_and_heeds_no_signal_is_ended_too() {
        let script = "trap '' TERM; (setsid sh -c \"trap '' TERM; sleep 60\" &); echo up; sleep 60";
        let mut program = shell(script);
        while !program.output().says("up") {
            assert_eq!(program.ends_within(Duration::from_millis(20)).await, None);
        }
        let tree = tree_of(&program);
        assert!(tree.len() >= 2, "{tree:?}");
        program.end().await;
        let alive = |pid: &Pid| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            status.is_ok_and(|text| !text.contains(") Z "))
        };
        // A killed process needs a moment to be gone.
        for _ in 0..1000 {
            if !tree.iter().any(alive) {
                return;
            }
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        assert!(!tree.iter().any(alive), "{tree:?}");
    }

    #[tokio::test]
    async fn what_a_program_says_last_is_kept_with_its_exit_code() {
        let mut program = shell("echo first; echo last >&2; exit 7");
        let ended = program.ends_within(Duration::from_secs(10)).await.unwrap();
        assert_eq!(ended.code(), Some(7));
        let output = program.output().clone();
        program.end().await;
        assert!(output.says("first") && output.says("last"), "{}", output.text(&Redactor::new()));
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark::new();
        assert_eq!(Mark::read(&mark.value()), Some(mark));
        assert_eq!(Mark::read("1"), None);
    }
}
