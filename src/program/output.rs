//! What a program says, kept within limits and without secrets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::secret::{Redactor, Secret};

/// The latest lines of a program's stdout and stderr, in the order in which they came; clones share
/// them.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<String>,
    size: usize,
    dropped: usize,
}

impl Output {
    /// What was said, redacted by all that is known by now; says so if earlier lines are kept no
    /// longer.
    pub fn text(&self, redactor: &Redactor) -> String {
        let lines = self.open();
        let mut text = String::new();
        if lines.dropped > 0 {
            text.push_str(&format!("({} earlier lines are left out)\n", lines.dropped));
        }
        for line in &lines.kept {
            text.push_str(line);
            text.push('\n');
        }
        redactor.redact(&text)
    }

    /// The last line that says something, redacted.
    pub fn last_words(&self, redactor: &Redactor) -> Option<String> {
        let lines = self.open();
        let last = lines.kept.iter().rev().find(|line| !line.trim().is_empty())?;
        Some(redactor.redact(last.trim()))
    }

    /// The same to end a sentence with: `; it said last: …`, or nothing.
    pub fn closing(&self, redactor: &Redactor) -> String {
        let words = self.last_words(redactor);
        words.map_or_else(String::new, |words| format!("; it said last: {words}"))
    }

    /// The first line of which this holds, as it was said: it may hold a secret.
    pub fn find(&self, holds: impl Fn(&str) -> bool) -> Option<Secret> {
        self.open().kept.iter().find(|line| holds(line)).map(|line| Secret::new(line.as_str()))
    }

    /// What follows these words in the lines that begin with them.
    pub fn after(&self, words: &str) -> Vec<String> {
        let lines = self.open();
        let after = lines.kept.iter().filter_map(|line| line.strip_prefix(words));
        after.map(str::to_owned).collect()
    }

    /// Whether a line was said.
    pub fn says(&self, wanted: &str) -> bool {
        self.open().kept.iter().any(|line| line == wanted)
    }

    /// Keeps what comes until its end.
    pub(super) async fn keep(self, mut from: impl AsyncRead + Unpin) {
        let mut buffer = [0; 8192];
        let mut unfinished = Vec::new();
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            for byte in &buffer[..read] {
                match byte {
                    b'\n' => self.add(&std::mem::take(&mut unfinished)),
                    _ if unfinished.len() < LONGEST_LINE => unfinished.push(*byte),
                    _ => {}
                }
            }
        }
        if !unfinished.is_empty() {
            self.add(&unfinished);
        }
    }

    fn add(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
        let mut lines = self.open();
        lines.size += line.len() + 1;
        lines.kept.push_back(line);
        while lines.size > MOST {
            let Some(oldest) = lines.kept.pop_front() else { break };
            lines.size -= oldest.len() + 1;
            lines.dropped += 1;
        }
    }

    fn open(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a line that are kept.
const LONGEST_LINE: usize = 16 * 1024;
/// Bytes that are kept in all: what a person reads, and no burden for a record.
const MOST: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[tokio::test]
    async fn the_latest_lines_are_kept_without_secrets() {
        let output = Output::default();
        let said = format!("{}the secret is s3cr3t-word\nlast\n\n", "x\n".repeat(MOST));
        output.clone().keep(said.as_bytes()).await;
        let redactor = Redactor::new();
        redactor.learn("client_secret", &Secret::new("s3cr3t-word"));
        let text = output.text(&redactor);
        assert!(text.len() < MOST + 100, "{}", text.len());
        assert!(text.starts_with("(") && text.contains("earlier lines are left out"), "{text:.60}");
        assert!(!text.contains("s3cr3t-word") && text.contains("the secret is"), "{text:.60}");
        assert_eq!(output.last_words(&redactor).as_deref(), Some("last"));
        assert!(output.says("last") && !output.says("las"));
    }
}
