//! The environment: hosts and their TLS, versions, times, and announced changes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use url::Url;

use super::cover::is_mock;
use crate::clock::{day_in_words, day_of};
use crate::record::{Completion, Connection, How, Run, Sender};
use crate::report::coming;

/// The environment of a run.
#[derive(Serialize)]
pub(super) struct Surroundings {
    facts: Vec<(&'static str, String)>,
    /// Runs that the record is put together of.
    parts: Vec<(String, String, String)>,
    hosts: Vec<Host>,
    tls: Vec<Tls>,
    /// Deadlines of announced changes.
    coming: Vec<String>,
}

/// A host that requests went to.
#[derive(Serialize)]
struct Host {
    name: String,
    /// By the app or in its place, and by the user's browser.
    requests: (usize, usize),
}

/// What a host showed of its TLS.
#[derive(Serialize)]
struct Tls {
    host: String,
    version: String,
    speaks: String,
    certificate: Option<String>,
    trust: String,
}

pub(super) fn surroundings(run: &Run) -> Surroundings {
    let tool = &run.tool;
    let lasted = SignedDuration::from_millis(run.duration_ms.try_into().unwrap_or(i64::MAX));
    let ended = run.started.checked_add(lasted).unwrap_or(run.started);
    let mut facts = vec![
        ("Began", moment(run.started)),
        ("Ended", moment(ended)),
        ("To its end", if run.completion == Completion::Complete { "yes" } else { "no" }.into()),
        ("Checkride", tool.version.clone()),
        ("Machine", tool.platform.clone()),
        ("Browser", tool.browser.clone().unwrap_or_else(|| "none was used".to_owned())),
        ("At the same time", format!("{} at most", tool.jobs)),
        ("Shape of the record", run.schema.clone()),
    ];
    if let Some(extent) = &run.extent {
        let whole = if extent.whole { "all scenarios of the project" } else { "a selection" };
        facts.push(("Plan", format!("{whole}, {}", extent.plan)));
    }
    let parts = run.parts.iter().map(|part| {
        let how = match part.how {
            How::First => "the first one".to_owned(),
            How::Resumed => "went on with what was not judged".to_owned(),
            How::Rerun => "ran again what had not passed".to_owned(),
            How::Chosen => "ran again what somebody chose".to_owned(),
            How::Shard { number, of } => format!("shard {number} of {of}"),
        };
        (part.run.clone(), moment(part.started), format!("{how}, scenarios: {}", part.scenarios))
    });
    Surroundings {
        facts,
        parts: parts.collect(),
        hosts: hosts(run),
        tls: run.connections.iter().map(tls).collect(),
        coming: coming(run),
    }
}

/// The hosts that the app and its users spoke to; on the mock each scenario has its own.
fn hosts(run: &Run) -> Vec<Host> {
    let mut hosts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let exchanges = run.scenarios.iter().flat_map(|scenario| &scenario.exchanges);
    for exchange in exchanges.filter(|_| !is_mock(run)) {
        let Ok(url) = Url::parse(&exchange.request.url) else { continue };
        let count = hosts.entry(url.origin().ascii_serialization()).or_default();
        match exchange.sender {
            Sender::App => count.0 += 1,
            Sender::Browser => count.1 += 1,
            Sender::Platform | Sender::Developer => {}
        }
    }
    let hosts = hosts.into_iter().filter(|(_, requests)| *requests != (0, 0));
    hosts.map(|(name, requests)| Host { name, requests }).collect()
}

fn tls(connection: &Connection) -> Tls {
    let host = connection.host.clone();
    let Some(tls) = &connection.tls else {
        let trust = connection.unseen.clone().unwrap_or_else(|| "without TLS".to_owned());
        return Tls {
            host,
            version: "not seen".to_owned(),
            speaks: String::new(),
            certificate: None,
            trust,
        };
    };
    let certificate = tls.chain.first().map(|own| {
        let until = day_in_words(day_of(own.not_after));
        format!("{}, issued by {}, {}, until {until}", own.subject, own.issuer, own.key_kind)
    });
    Tls {
        host,
        version: tls.version.clone(),
        speaks: tls.speaks.join(", "),
        certificate,
        trust: match &tls.distrust {
            None => "trusted".to_owned(),
            Some(why) => format!("not trusted: {why}"),
        },
    }
}

fn moment(moment: Timestamp) -> String {
    moment.strftime("%-d %B %Y, %H:%M:%S UTC").to_string()
}
