//! What the app sent, as the platform received it.

use std::fmt;
use std::time::Duration;

use tokio::time::timeout;
use url::Url;

use crate::mock::{Endpoint, Entry, Journal};
use crate::record::{Recorder, Request, Response, Sender};
use crate::world::{Halt, Scene};

/// Requests of the app to one or more endpoints, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Sent(pub Vec<Entry>);

/// From when on requests count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From the start of the app.
    TheStart,
    /// From the moment that [`Scene::look_from_here`] was last called.
    LastLook,
}

impl Sent {
    /// The last one.
    pub fn last(&self) -> Option<&Entry> {
        self.0.last()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The requests in short, to be told what was seen: `POST /oauth2/v1/token 200`, at most a few.
impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let shown: Vec<String> = self.0.iter().take(MOST_SHOWN).map(brief).collect();
        f.write_str(&shown.join(", "))?;
        match self.0.len().checked_sub(MOST_SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

/// A request in short, without its parameters.
fn brief(entry: &Entry) -> String {
    let Entry { request, status, .. } = entry;
    let status = status.map_or_else(|| "unanswered".to_owned(), |it| it.as_u16().to_string());
    format!("{} {} {status}", request.method, request.path)
}

impl Scene {
    /// The journal of the scenario's platform.
    ///
    /// # Errors
    /// [`Halt::Error`] if the platform is not the mock.
    pub fn journal(&self) -> Result<&Journal, Halt> {
        let server = self.mock.as_ref();
        let server = server.ok_or_else(|| Halt::error("an app is examined against the mock"))?;
        Ok(server.platform.journal())
    }

    /// From now on [`Since::LastLook`] counts.
    ///
    /// # Errors
    /// As for [`Scene::examinee`].
    pub fn look_from_here(&mut self) -> Result<(), Halt> {
        let next = self.journal()?.next();
        self.examinee()?.since = next;
        Ok(())
    }

    /// What the app and its pages sent to these endpoints.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has no app under test.
    pub fn sent(&self, endpoints: &[Endpoint], since: Since) -> Result<Sent, Halt> {
        let first = self.first(since)?;
        let entries = self.journal()?.requests().into_iter();
        Ok(Sent(entries.filter(|entry| counts(entry, endpoints, first)).collect()))
    }

    /// Waits until as many requests to these endpoints were answered, as long as the app's patience
    /// lasts; gives all that came by then.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has no app under test.
    pub async fn await_sent(
        &self,
        endpoints: &[Endpoint],
        since: Since,
        count: usize,
    ) -> Result<Sent, Halt> {
        let first = self.first(since)?;
        let enough = self.journal()?.until(|entries| {
            let answered =
                |entry: &&Entry| counts(entry, endpoints, first) && entry.status.is_some();
            (entries.iter().filter(answered).count() >= count).then_some(())
        });
        // Whoever comes too late is missed by the caller's claim.
        let _ = timeout(self.described()?.patience(), enough).await;
        self.sent(endpoints, since)
    }

    /// Watches for a request to these endpoints that must not come: what came, and how long it was
    /// looked.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has no app under test.
    pub async fn watch_for(
        &self,
        endpoints: &[Endpoint],
        since: Since,
    ) -> Result<(Sent, Duration), Halt> {
        let first = self.first(since)?;
        let came = self.journal()?.until(|entries| {
            entries.iter().any(|entry| counts(entry, endpoints, first)).then_some(())
        });
        let watch = self.described()?.watch();
        let _ = timeout(watch, came).await;
        Ok((self.sent(endpoints, since)?, watch))
    }

    fn first(&self, since: Since) -> Result<usize, Halt> {
        Ok(match since {
            Since::TheStart => 0,
            Since::LastLook => self.described()?.since,
        })
    }

    /// The app under test, whether it still runs or not.
    pub(super) fn described(&self) -> Result<&super::Examinee, Halt> {
        self.examinee.as_ref().ok_or_else(|| Halt::error(super::NONE))
    }
}

/// Whether a request came from the app itself, not from a page in the browser, whose requests the
/// browser notes (Fetch §"Sec-Fetch-Mode").
pub(super) fn is_from_the_app(entry: &Entry) -> bool {
    entry.request.header("sec-fetch-mode").is_none()
        && !matches!(entry.endpoint, Endpoint::Control | Endpoint::Portal | Endpoint::Login)
}

/// Keeps a request of the app with the evidence.
pub(super) fn note(recorder: &Recorder, base: &Url, entry: &Entry) {
    let received = &entry.request;
    let mut url = base.clone();
    url.set_path(&received.path);
    url.set_query(None);
    if received.query.iter().next().is_some() {
        url.query_pairs_mut().extend_pairs(received.query.iter());
    }
    let request = Request {
        method: received.method.to_string(),
        url: url.into(),
        headers: received.header_lines(),
        body: String::from_utf8_lossy(&received.body).into_owned(),
    };
    let response = entry.status.map(|status| Response {
        status: status.as_u16(),
        headers: entry.header_lines(),
        body: String::from_utf8_lossy(&entry.body).into_owned(),
    });
    let took = entry.took.unwrap_or_default();
    let outcome = response.ok_or_else(|| "the connection ended before the answer".to_owned());
    recorder.exchange_at(Sender::App, (entry.came, entry.time), took, request, outcome);
}

fn counts(entry: &Entry, endpoints: &[Endpoint], first: usize) -> bool {
    let is_preflight = entry.request.method == "OPTIONS";
    entry.number >= first && !is_preflight && endpoints.contains(&entry.endpoint)
}

/// Requests that are told one by one.
const MOST_SHOWN: usize = 5;
