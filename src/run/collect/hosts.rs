//! The hosts that a run talked to: what of their TLS is kept as evidence.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use url::Url;

use crate::dialect::login::LoginScript;
use crate::http::Connector;
use crate::record::{Connection, Exchange, Run, Sender};
use crate::world::{Context, Subject};

/// The hosts of the platform that a record has answers of over TLS, each by one address: those that the
/// app asked, and those on which users signed in.
pub(in crate::run) fn spoken_to(run: &Run, login: &LoginScript) -> Vec<Url> {
    let answered = |it: &&Exchange| it.response.is_some();
    let exchanges = run.scenarios.iter().flat_map(|one| &one.exchanges).filter(answered);
    let address = |it: &Exchange| Url::parse(&it.request.url).ok();
    let of = |sender| exchanges.clone().filter(move |it| it.sender == sender).filter_map(address);
    let of_users = of(Sender::Browser).filter(|url| login.trusts(url));
    let mut origins = BTreeSet::new();
    let over_tls = of(Sender::App).chain(of_users).filter(|url| url.scheme() == "https");
    over_tls.filter(|url| origins.insert(url.origin().ascii_serialization())).collect()
}

/// What connections to these hosts show now, beside all requests. A proxy is not made use of.
pub(in crate::run) async fn look_at(context: &Context, hosts: Vec<Url>) -> Vec<Connection> {
    let authority = context.authority.as_deref();
    match (&context.subject, Connector::new(PATIENCE, authority)) {
        (Subject::Remote(_), Ok(connector)) => {
            let at = Timestamp::now();
            join_all(hosts.iter().map(|url| connector.evidence(url, at))).await
        }
        // Each scenario on the mock had one of its own, which is gone.
        _ => Vec::new(),
    }
}

/// How long each step of a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hosts_are_those_that_the_app_asked_and_that_users_signed_in_on() {
        let exchange = |sender: &str, url: &str, is_answered: bool| {
            let response = is_answered.then(|| json!({ "status": 200, "headers": [] }));
            json!({
                "number": 1, "sender": sender, "started_ms": 0, "duration_ms": 0,
                "request": { "method": "GET", "url": url, "headers": [] }, "response": response,
            })
        };
        let scenario = json!({
            "id": "a.feature:1", "feature": "a.feature", "feature_name": "A", "line": 1, "name": "x",
            "tags": [], "requirements": [], "verdict": "pass", "started_ms": 0, "duration_ms": 0,
            "steps": [], "snapshots": [], "pictures": [],
            "exchanges": [
                exchange("app", "https://api.example/fhir/Patient?x=[redacted:code]", true),
                exchange("app", "https://api.example:443/token", true),
                exchange("app", "https://gone.example/", false),
                exchange("app", "http://plain.example/token", true),
                exchange("browser", "https://login.example:8443/authorize", true),
                exchange("browser", "https://fonts.example/a.woff", true),
                exchange("developer", "https://portal.example/", true),
            ],
        });
        let run = json!({
            "schema": "checkride.record/1", "id": "a", "started": "2026-11-22T08:00:00Z",
            "duration_ms": 0, "completion": "complete", "requirements": {},
            "target": { "name": "preview", "dialect": "smart", "fhir_base": "https://api.example/fhir" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": [scenario],
        });
        let run = serde_json::from_value(run).unwrap();
        let hosts = vec!["login.example:8443".to_owned()];
        let login = LoginScript { hosts, pages: Vec::new(), error: Vec::new() };
        let found = spoken_to(&run, &login);
        let found: Vec<&str> = found.iter().filter_map(Url::host_str).collect();
        assert_eq!(found, ["api.example", "login.example"]);
    }
}
