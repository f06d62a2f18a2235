//! Calls of the platform's API: those that an app declares, and those that it makes.

use std::collections::BTreeMap;

use serde::Serialize;
use url::Url;

use super::declared::taking_part;
use crate::record::endpoint::{Addresses, Endpoint, Kind};
use crate::record::{Exchange, Run, Sender};

/// What an app calls, or declares.
#[derive(Serialize)]
pub(super) struct Line<'run> {
    /// `GET Patient/{id}`, or as it is declared: `GET /fhir/r4/Patient/*`.
    call: String,
    is_declared: bool,
    /// How many requests there are of it.
    requests: usize,
    mark: Option<&'static str>,
    seen_in: Option<&'run str>,
}

/// The calls of an app under test, as it declares them, and those that it does not declare; nothing of a
/// run that judges a platform, where Checkride calls by itself.
pub(super) fn calls(run: &Run) -> Vec<Line<'_>> {
    if run.target.app.is_none() {
        return Vec::new();
    }
    let declared: Vec<&str> =
        taking_part(run).flat_map(|app| &app.endpoints).map(String::as_str).collect();
    let known = Addresses::of(run);
    let mut of_declared = vec![0; declared.len()];
    let mut others: BTreeMap<Endpoint, (usize, &str)> = BTreeMap::new();
    for scenario in &run.scenarios {
        for exchange in &scenario.exchanges {
            let Some(endpoint) = called(&known, exchange) else { continue };
            match declared.iter().position(|one| is_of(exchange, one)) {
                Some(place) => of_declared[place] += 1,
                None => others.entry(endpoint).or_insert((0, scenario.id.as_str())).0 += 1,
            }
        }
    }
    let lines = declared.iter().zip(of_declared).map(|(call, requests)| Line {
        call: (*call).to_owned(),
        is_declared: true,
        requests,
        mark: (requests == 0).then_some("declared, never called"),
        seen_in: None,
    });
    let others = others.into_iter().map(|(endpoint, (requests, scenario))| {
        let mark = (!declared.is_empty()).then_some("called, not declared");
        let seen_in = mark.map(|_| scenario);
        Line { call: endpoint.to_string(), is_declared: false, requests, mark, seen_in }
    });
    lines.chain(others).collect()
}

/// The endpoint of the API that an app or its pages ask, if that is what a request does.
fn called(known: &Addresses, exchange: &Exchange) -> Option<Endpoint> {
    let request = &exchange.request;
    let endpoint = known.endpoint(&request.method, &request.url);
    let counts = match (exchange.sender, endpoint.kind) {
        (Sender::App, Kind::Other) => !request.body.contains("grant_type="),
        (Sender::App | Sender::Browser, Kind::Fhir) => true,
        _ => false,
    };
    // What a browser asks by itself before the app's own request is no call of the app.
    (counts && request.method != "OPTIONS").then_some(endpoint)
}

/// Whether a request is one that is declared, where `*` stands for any one segment of the path: as the
/// scenarios that judge it do.
fn is_of(exchange: &Exchange, declared: &str) -> bool {
    let Some((method, path)) = declared.trim().split_once(char::is_whitespace) else {
        return false;
    };
    let Ok(url) = Url::parse(&exchange.request.url) else { return false };
    let mut segments = url.path().split('/');
    let fits = |wanted: &str| segments.next().is_some_and(|it| wanted == "*" || it == wanted);
    method.eq_ignore_ascii_case(&exchange.request.method)
        && path.trim().split('/').all(fits)
        && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::declared_run;
    use super::*;

    #[test]
    fn calls_are_compared_with_what_the_app_declares() {
        let run = declared_run();
        let lines = calls(&run);
        let seen: Vec<_> = lines.iter().map(|it| (&*it.call, it.requests, it.mark)).collect();
        assert_eq!(
            seen,
            [
                ("GET /fhir/r4/Patient/*", 2, None),
                ("GET /fhir/r4/Observation", 0, Some("declared, never called")),
                ("GET Encounter", 1, Some("called, not declared")),
            ]
        );
        let mut of_platform = run.clone();
        of_platform.target.app = None;
        assert!(calls(&of_platform).is_empty());
    }
}
