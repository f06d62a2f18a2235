//! The run's browser: started when the first scenario needs it, and its tabs, lent and wiped.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::chromium::{Chromium, start};
use super::ears::Tabs;
use super::options::Choice;
use super::script::Puzzles;
use super::tab::Tab;
use super::{BrowserError, Options, Session};
use crate::record::Recorder;

/// The browser of a run; clones share it.
///
/// Nothing is started until the first [`lease`](Browser::lease). A browser that died is replaced at
/// the next one. When the last clone is dropped the browser ends, but without
/// [`close`](Browser::close) nobody waits for it.
#[derive(Clone)]
pub struct Browser(Arc<House>);

/// Whether a scenario may get a tab that served another one before and was wiped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// A new tab in a new incognito context.
    Yes,
    /// A wiped one, which costs less than half.
    No,
}

struct House {
    options: Options,
    running: tokio::sync::Mutex<Option<Running>>,
    version: Mutex<Option<String>>,
    idle: Mutex<Vec<Tab>>,
    permits: Arc<Semaphore>,
    puzzles: Puzzles,
}

#[derive(Clone)]
struct Running {
    chromium: Arc<Chromium>,
    tabs: Tabs,
}

/// The right to one of the tabs that may work at the same time, and the way back into the pool.
pub(super) struct Place {
    browser: Browser,
    _permit: OwnedSemaphorePermit,
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Browser")
    }
}

impl Browser {
    /// A browser that starts when it is needed.
    pub fn new(options: Options) -> Self {
        let permits = Arc::new(Semaphore::new(options.tabs.max(1)));
        Self(Arc::new(House {
            options,
            running: tokio::sync::Mutex::default(),
            version: Mutex::default(),
            idle: Mutex::default(),
            permits,
            puzzles: Puzzles::default(),
        }))
    }

    /// Lends a tab to a scenario; waits while all are in use.
    ///
    /// # Errors
    /// No browser could be found, installed or started, or no tab became free in time.
    pub async fn lease(&self, recorder: Recorder, fresh: Fresh) -> Result<Session, BrowserError> {
        let queue = self.0.options.queue;
        let permit = tokio::time::timeout(queue, self.0.permits.clone().acquire_owned())
            .await
            .map_err(|_| BrowserError::Deadline { what: "a free tab".into(), after: queue })?
            .map_err(|_| BrowserError::Gone)?;
        let running = self.running().await?;
        let idle = match fresh {
            Fresh::Yes => None,
            Fresh::No => self.idle_tab(&running.chromium),
        };
        let tab = match idle {
            Some(tab) => tab,
            None => Tab::open(running.chromium, running.tabs, self.0.options.deadline).await?,
        };
        tab.lend(recorder.clone());
        let place = Place { browser: self.clone(), _permit: permit };
        Ok(Session::new(tab, place, recorder, fresh))
    }

    /// Whether the browser's own machine is this one.
    pub fn is_on_this_machine(&self) -> bool {
        !matches!(self.0.options.choice, Choice::Remote(_))
    }

    /// Starts the browser now, and gives its name and version.
    ///
    /// # Errors
    /// No browser could be found, installed or started.
    pub async fn start(&self) -> Result<String, BrowserError> {
        Ok(self.running().await?.chromium.version.clone())
    }

    /// Name and version of the browser that was started, e.g. `HeadlessChrome/156.0.8078.79`.
    pub fn version(&self) -> Option<String> {
        lock(&self.0.version).clone()
    }

    /// Ends the browser and waits until nothing is left of it: no process, no file.
    ///
    /// Sessions that are still lent answer with [`BrowserError::Gone`].
    pub async fn close(&self) {
        let running = self.0.running.lock().await.take();
        lock(&self.0.idle).clear();
        if let Some(running) = running {
            running.chromium.end().await;
        }
    }

    /// Process id of the running browser.
    #[cfg(test)]
    pub(super) async fn pid(&self) -> Option<u32> {
        self.0.running.lock().await.as_ref().and_then(|running| running.chromium.pid())
    }

    async fn running(&self) -> Result<Running, BrowserError> {
        let mut running = self.0.running.lock().await;
        if let Some(running) = running.as_ref()
            && running.chromium.connection.is_open()
        {
            return Ok(running.clone());
        }
        if let Some(dead) = running.take() {
            lock(&self.0.idle).clear();
            dead.chromium.end().await;
        }
        let options = &self.0.options;
        let chromium = Arc::new(start(options).await?);
        let tabs = Tabs::follow(&chromium.connection, options.attention, options.deadline).await?;
        *lock(&self.0.version) = Some(chromium.version.clone());
        Ok(running.insert(Running { chromium, tabs }).clone())
    }

    fn idle_tab(&self, chromium: &Arc<Chromium>) -> Option<Tab> {
        let mut idle = lock(&self.0.idle);
        idle.retain(|tab| tab.is_alive() && tab.belongs_to(chromium));
        idle.pop()
    }
}

impl Place {
    /// The run's options.
    pub(super) fn options(&self) -> &Options {
        &self.browser.0.options
    }

    /// The pages that were given up in this run, if they are to be remembered.
    pub(super) fn puzzles(&self) -> Option<&Puzzles> {
        self.options().remembers.then_some(&self.browser.0.puzzles)
    }

    /// Takes a tab back: wiped for the next scenario, or thrown away.
    pub(super) async fn take_back(self, tab: Tab, fresh: Fresh) {
        if fresh == Fresh::Yes {
            tab.settle().await;
            return;
        }
        // A tab that cannot be wiped is dropped, and its context with it.
        if let Ok(tab) = tab.wipe().await {
            lock(&self.browser.0.idle).push(tab);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
