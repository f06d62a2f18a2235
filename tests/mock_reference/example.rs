//! Examples: commands for a shell that call the platform with `curl`, and what comes of them.

use std::process::Stdio;
use std::sync::Arc;

use checkride::clock::Clock;
use checkride::mock::{Platform, start};
use checkride::project::built_in;
use futures::StreamExt as _;
use tokio::process::Command;

use crate::page::PREPARATIONS;

/// One example.
pub struct Example {
    /// The platform that is called.
    pub dialect: String,
    /// What it shows, for a failure's message.
    pub of: String,
    /// The commands; the last one is a `curl` that shows the answer.
    pub text: String,
    /// The answer's status.
    pub status: u16,
    /// A part of the answer.
    pub part: String,
}

impl Example {
    /// How it stands in a page.
    pub fn written(&self) -> String {
        let Self { text, status, part, .. } = self;
        let part = if part.is_empty() { String::new() } else { format!(", with `{part}`") };
        format!("```sh\n{}\n```\n\nAnswers {status}{part}.\n", text.trim_end())
    }

    async fn run(&self, home: &str) -> Result<(), String> {
        let dialect = built_in::dialect(&self.dialect).unwrap();
        let sandbox = built_in::sandbox(&self.dialect).unwrap();
        let platform = Platform::new(Arc::new(dialect), Arc::new(sandbox), Clock::system());
        let server = start(platform.unwrap()).await.unwrap();
        let script = format!("set -eu\n{}{}", prepared(&self.text), self.text);
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("CURL_HOME", home)
            .env("BASE", &server.base)
            .env("NO_PROXY", "*")
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        let (answer, status) = shown.trim_end().rsplit_once('\n').unwrap_or(("", &shown));
        if status == self.status.to_string() && answer.contains(&self.part) {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&output.stderr);
        let answer: String = answer.chars().take(LONGEST_SHOWN).collect();
        let Self { of, status: wanted, part, .. } = self;
        Err(format!("{of}: expected {wanted} with `{part}`, got {status}:\n{answer}\n{told}"))
    }
}

/// The preparations that set the variables of a text, and those that these need.
fn prepared(text: &str) -> String {
    let mut wanted = vec![text.to_owned()];
    let mut needed = Vec::new();
    for (_, names, commands) in PREPARATIONS.iter().rev() {
        let is_used = |name: &&&str| wanted.iter().any(|text| text.contains(&format!("${name}")));
        if names.iter().any(|name| is_used(&name)) {
            wanted.push((*commands).to_owned());
            needed.insert(0, *commands);
        }
    }
    needed.concat()
}

/// Runs all of them: what is wrong with those that do not answer as they say.
pub fn run_all(examples: &[Example]) -> Vec<String> {
    let curl = std::process::Command::new("curl").arg("--version").output();
    assert!(curl.is_ok(), "install `curl`: the examples of the reference are run with it");
    // The status comes in a last line of its own, without a word of it in the examples.
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".curlrc"), "silent\nwrite-out = \"\\n%{http_code}\"\n")
        .unwrap();
    let path = home.path().to_string_lossy().into_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let runs = futures::stream::iter(examples).map(|example| example.run(&path));
        let results: Vec<_> = runs.buffered(AT_ONCE).collect().await;
        results.into_iter().filter_map(Result::err).collect()
    })
}

/// The dialect of an example that names no other.
pub const ATHENAHEALTH: &str = "athenahealth";
const AT_ONCE: usize = 4;
/// Letters of a wrong answer.
const LONGEST_SHOWN: usize = 1000;
