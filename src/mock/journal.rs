//! What a platform received, and what it fetched itself.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use tokio::sync::watch;

use super::endpoint::Endpoint;
use super::fault::Struck;
use super::request::{Received, lines};

/// The platform's memory of its traffic, kept in memory only; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Pages>>, watch::Sender<()>);

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
    /// Counted from 0, also when earlier entries are kept no longer.
    pub number: usize,
    /// The request as it was sent.
    pub request: Arc<Received>,
    /// The part of the platform that it was for.
    pub endpoint: Endpoint,
    /// The app that it names, proven or not.
    pub client_id: Option<String>,
    /// The answer's status, once there is one.
    pub status: Option<StatusCode>,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body, if it is short.
    pub body: Bytes,
    /// The faults that struck it.
    pub faults: Vec<Struck>,
    /// When it came, by the clock on the wall; the platform's own time may be another.
    pub came: SystemTime,
    /// The platform's own time then.
    pub time: Timestamp,
    /// How long the answer took, once there is one.
    pub took: Option<Duration>,
}

/// One time that the platform fetched an app's hosted key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFetch {
    /// The number that the next entry had then.
    pub before: usize,
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

    /// Waits until something of the requests is so, as often as there is news of them.
    pub async fn until<T>(&self, mut look: impl FnMut(&[Entry]) -> Option<T>) -> T {
        let mut news = self.1.subscribe();
        loop {
            news.mark_unchanged();
            if let Some(found) = look(&self.requests()) {
                return found;
            }
            // The sender is our own, so it cannot be gone.
            let _ = news.changed().await;
        }
    }

    /// The number of the next entry.
    pub fn next(&self) -> usize {
        self.open().next()
    }

    /// Forgets all entries; their numbers go on.
    pub fn clear(&self) {
        let mut pages = self.open();
        let first = pages.next();
        *pages = Pages { first, ..Pages::default() };
    }

    pub(super) fn received(
        &self,
        request: Arc<Received>,
        endpoint: Endpoint,
        client_id: Option<String>,
        time: Timestamp,
    ) -> usize {
        let mut pages = self.open();
        let number = pages.next();
        let entry = Entry {
            number,
            request,
            endpoint,
            client_id,
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            faults: Vec::new(),
            came: SystemTime::now(),
            time,
            took: None,
        };
        pages.size += entry.size();
        pages.entries.push_back(entry);
        pages.keep_within_limits();
        drop(pages);
        self.1.send_replace(());
        number
    }

    pub(super) fn answered(
        &self,
        entry: usize,
        response: &Response,
        body: Bytes,
        faults: Vec<Struck>,
    ) {
        let mut pages = self.open();
        let index = entry.checked_sub(pages.first);
        let Some(entry) = index.and_then(|index| pages.entries.get_mut(index)) else { return };
        let before = entry.size();
        entry.status = Some(response.status());
        entry.headers = response.headers().clone();
        entry.body = body;
        entry.faults = faults;
        entry.took = entry.came.elapsed().ok();
        let grown = entry.size() - before;
        pages.size += grown;
        pages.keep_within_limits();
        drop(pages);
        self.1.send_replace(());
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

impl Pages {
    fn next(&self) -> usize {
        self.first + self.entries.len()
    }

    fn keep_within_limits(&mut self) {
        while self.entries.len() > LONGEST || self.size > LARGEST {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.size -= oldest.size();
            self.first += 1;
        }
    }
}

impl Entry {
    /// The answer's headers as lines: names in lower case, values as text.
    pub fn header_lines(&self) -> Vec<(String, String)> {
        lines(&self.headers)
    }

    /// About how many bytes of memory it takes.
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        self.request.size() + headers.sum::<usize>() + self.body.len()
    }
}

/// Requests that are kept: more than a scenario makes, and no burden under load.
pub(super) const LONGEST: usize = 10_000;
/// Bytes of the requests that are kept.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

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
        let size: usize = kept.iter().map(Entry::size).sum();
        assert!(size <= LARGEST, "{size}");
        assert!(size > LARGEST / 2, "{size}");
        let latest = kept.last().unwrap();
        assert_eq!(latest.request.path, "/nowhere/199");
        assert_eq!(latest.status, Some(StatusCode::NOT_FOUND));
    }
}
