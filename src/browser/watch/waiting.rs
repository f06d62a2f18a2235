//! Waiting for a change of what is seen.

use std::sync::{Mutex, MutexGuard};

use super::{Sight, View};
use crate::browser::BrowserError;

/// The state of a tab; whoever waits for something in it is woken at each change.
pub(in crate::browser) struct Watch {
    seen: Mutex<Sight>,
    changed: tokio::sync::watch::Sender<()>,
}

impl Watch {
    pub(in crate::browser) fn new(own: View) -> Self {
        Self { seen: Mutex::new(Sight::new(own)), changed: tokio::sync::watch::Sender::new(()) }
    }

    /// Reads the state.
    pub(in crate::browser) fn look<T>(&self, read: impl FnOnce(&Sight) -> T) -> T {
        read(&self.lock())
    }

    /// Changes the state and wakes who waits.
    pub(in crate::browser) fn update<T>(&self, change: impl FnOnce(&mut Sight) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.send_replace(());
        result
    }

    /// Waits until `read` finds what it looks for.
    pub(in crate::browser) async fn until<T>(
        &self,
        mut read: impl FnMut(&Sight) -> Option<T>,
    ) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            if let Some(found) = self.look(&mut read) {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = changes.changed().await;
        }
    }

    /// Waits until the tab can be used no more, and says why.
    pub(in crate::browser) async fn trouble(&self) -> BrowserError {
        self.until(|sight| match sight {
            Sight { lost: true, .. } => Some(BrowserError::Gone),
            Sight { crashed: true, .. } => Some(BrowserError::Crashed),
            _ => None,
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Sight> {
        self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
