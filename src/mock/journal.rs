//! What a platform received, and what it fetched itself.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use jiff::Timestamp;

use super::request::Received;

/// The platform's memory of its traffic, kept in memory only; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    /// Number of the oldest entry that is kept.
    first: usize,
    entries: VecDeque<Entry>,
    /// Bytes of the entries.
    size: usize,
    key_fetches: VecDeque<KeyFetch>,
}

/// One request and how it was answered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The request as it was sent.
    pub request: Arc<Received>,
    /// The answer's status, once there is one.
    pub status: Option<StatusCode>,
}

/// One time that the platform fetched an app's hosted key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFetch {
    /// The platform's time.
    pub time: Timestamp,
    /// The app.
    pub client_id: String,
    /// The address that was fetched.
    pub url: String,
    /// What was wrong with the answer, if anything was.
    pub fault: Option<String>,
}

impl Journal {
    /// The requests so far, oldest first; of very many only the latest are kept.
    pub fn requests(&self) -> Vec<Entry> {
        self.open().entries.iter().cloned().collect()
    }

    /// The fetches of hosted key sets so far, oldest first; of very many only the latest are kept.
    pub fn key_fetches(&self) -> Vec<KeyFetch> {
        self.open().key_fetches.iter().cloned().collect()
    }

    pub(super) fn received(&self, request: Arc<Received>) -> usize {
        let mut pages = self.open();
        pages.size += request.size();
        pages.entries.push_back(Entry { request, status: None });
        while pages.entries.len() > LONGEST || pages.size > LARGEST {
            let Some(oldest) = pages.entries.pop_front() else { break };
            pages.size -= oldest.request.size();
            pages.first += 1;
        }
        pages.first + pages.entries.len() - 1
    }

    pub(super) fn answered(&self, entry: usize, status: StatusCode) {
        let mut pages = self.open();
        let index = entry.checked_sub(pages.first);
        if let Some(entry) = index.and_then(|index| pages.entries.get_mut(index)) {
            entry.status = Some(status);
        }
    }

    pub(super) fn fetched(&self, fetch: KeyFetch) {
        let mut pages = self.open();
        if pages.key_fetches.len() == LONGEST {
            pages.key_fetches.pop_front();
        }
        pages.key_fetches.push_back(fetch);
    }

    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests that are kept: more than a scenario makes, and no burden under load.
const LONGEST: usize = 10_000;
/// Bytes of the requests that are kept.
const LARGEST: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::testing::Tester;

    #[tokio::test]
    async fn of_large_requests_the_latest_are_kept() {
        let tester = Tester::new();
        let large = "a".repeat(200_000);
        for number in 0..200 {
            let path = format!("/nowhere/{number}");
            tester.post(&path, &[], &[("large", &large)]).await;
        }
        let kept = tester.platform.journal().requests();
        let size: usize = kept.iter().map(|entry| entry.request.size()).sum();
        assert!(size <= LARGEST, "{size}");
        assert!(size > LARGEST / 2, "{size}");
        let latest = kept.last().unwrap();
        assert_eq!(latest.request.path, "/nowhere/199");
        assert_eq!(latest.status, Some(StatusCode::NOT_FOUND));
    }
}
