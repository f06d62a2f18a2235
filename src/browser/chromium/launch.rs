//! Starts a Chromium that is sealed off from the user's own, and ends it with all it started.
//!
//! It is driven through a pipe: no port is open to others, and it ends by itself when this process
//! does, however that happens.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use headless_chrome::protocol::cdp::Browser as devtools;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::{Child, Command};

use super::locate::find_or_install;
use super::profile::Profile;
use crate::browser::BrowserError;
use crate::browser::options::{Choice, Options};
use crate::browser::transport::Connection;

/// A running browser.
pub(crate) struct Chromium {
    /// The line to it.
    pub(crate) connection: Connection,
    /// Its name and version.
    pub(crate) version: String,
    /// Absent for a remote browser, which is not ours to end.
    process: Mutex<Option<Process>>,
}

/// Starts a browser, or connects to the remote one.
pub(crate) async fn start(options: &Options) -> Result<Chromium, BrowserError> {
    let version = |connection: Connection| async move {
        let told = connection.call(None, devtools::GetVersion(None), STARTING).await?;
        Ok::<String, BrowserError>(told.product)
    };
    if let Choice::Remote(address) = &options.choice {
        let connection = Connection::through_socket(address, STARTING).await?;
        let version = version(connection.clone()).await?;
        return Ok(Chromium { connection, version, process: Mutex::new(None) });
    }
    let executable = find_or_install(options).await?;
    let failed = |why: String| BrowserError::Launch { executable: executable.clone(), why };
    let (process, connection) =
        Process::spawn(&executable, options).map_err(|error| failed(error.to_string()))?;
    match version(connection.clone()).await {
        Ok(version) => Ok(Chromium { connection, version, process: Mutex::new(Some(process)) }),
        Err(error) => {
            let words = std::fs::read_to_string(process.profile.log()).unwrap_or_default();
            let last = words.lines().rfind(|line| !line.trim().is_empty());
            Err(failed(last.map_or_else(|| error.to_string(), str::to_owned)))
        }
    }
}

impl Chromium {
    /// Whether it is ours, started with our flags.
    pub(crate) fn is_ours(&self) -> bool {
        self.process().is_some()
    }

    /// Process id of the browser, which is also the id of its process group.
    #[cfg(test)]
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process().as_ref().and_then(|process| process.child.id())
    }

    /// Ends it: asks, then insists; then removes its folder.
    pub(crate) async fn end(&self) {
        let Some(mut process) = self.process().take() else {
            self.connection.close();
            return;
        };
        let asked = self.connection.ask(None, devtools::Close(None), ENDING).await;
        self.connection.close();
        if asked.is_err() || !process.ends_within(ENDING).await {
            process.signal(Signal::TERM);
            process.ends_within(ENDING).await;
        }
        // Whatever it started and did not end itself; then the folder goes, off this thread.
        let _ = tokio::task::spawn_blocking(move || drop(process)).await;
    }

    fn process(&self) -> std::sync::MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.connection.close();
    }
}

/// The program and all that it started; ended by force and cleaned up when dropped.
struct Process {
    child: Child,
    group: Option<Pid>,
    profile: Profile,
}

impl Process {
    fn spawn(executable: &PathBuf, options: &Options) -> std::io::Result<(Self, Connection)> {
        let profile = Profile::make_in(&options.profiles)?;
        let log = File::create(profile.log())?;
        // The browser reads calls from file 3 and writes to file 4.
        let (calls, to) = std::io::pipe()?;
        let (from, answers) = std::io::pipe()?;
        let mut command = Command::new(executable);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .env("TMPDIR", profile.temporary())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true);
        if !options.trusted_keys.is_empty() {
            let keys = options.trusted_keys.iter().map(String::as_str).collect::<Vec<_>>();
            command.arg(format!("--ignore-certificate-errors-spki-list={}", keys.join(",")));
        }
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        if shared_memory_is_small() {
            command.arg("--disable-dev-shm-usage");
        }
        command
            .fd_mappings(vec![
                FdMapping { parent_fd: calls.into(), child_fd: 3 },
                FdMapping { parent_fd: answers.into(), child_fd: 4 },
            ])
            .map_err(std::io::Error::other)?;
        let spawned = command.spawn();
        // The command holds the browser's ends of the pipes: with them open, nobody would notice its end.
        drop(command);
        let child = spawned.inspect_err(|_| profile.remove())?;
        let group = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        let process = Self { child, group, profile };
        let connection = Connection::through_pipe(to, from)?;
        Ok((process, connection))
    }

    async fn ends_within(&mut self, deadline: Duration) -> bool {
        tokio::time::timeout(deadline, self.child.wait()).await.is_ok()
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It fails only where nobody is left to hear it.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        if let Some(group) = self.group {
            // Killed is not yet gone: on a busy machine the kernel takes a moment.
            for _ in 0..LAST_BREATHS {
                if test_kill_process_group(group).is_err() {
                    break;
                }
                std::thread::sleep(BREATH);
            }
        }
        self.profile.remove();
    }
}

/// Whether `/dev/shm` is too small for Chromium, as it is in a plain container.
fn shared_memory_is_small() -> bool {
    rustix::fs::statvfs("/dev/shm")
        .is_ok_and(|disk| disk.f_blocks.saturating_mul(disk.f_frsize) < SHARED_MEMORY)
}

const STARTING: Duration = Duration::from_secs(30);
const ENDING: Duration = Duration::from_secs(3);
const LAST_BREATHS: u32 = 50;
const BREATH: Duration = Duration::from_millis(10);
const SHARED_MEMORY: u64 = 512 * 1024 * 1024;

/// What makes it quiet, alone, and quick.
///
/// The three features named first make Chromium keep or swap a page's process at each navigation;
/// without them a login costs a third less. One process holds all frames of a tab (no site
/// isolation), so that one session sees everything that the tab does.
const FLAGS: [&str; 32] = [
    "--remote-debugging-pipe",
    "--headless=new",
    "--no-startup-window",
    "--disable-features=BackForwardCache,ProactivelySwapBrowsingInstance,RenderDocument,\
     IsolateOrigins,site-per-process,Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,\
     PasswordManagerOnboarding,PasswordLeakDetection,HttpsUpgrades,InterestFeedContentSuggestions",
    "--disable-site-isolation-trials",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--disable-gpu",
    "--disable-quic",
    "--disable-renderer-backgrounding",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--disable-translate",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=en-US",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
];
