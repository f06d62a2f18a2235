//! Addresses: what the platform's documents and the registration name, and where requests went.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use url::{Host, Url, form_urlencoded};

use super::cover::is_mock;
use super::declared::taking_part;
use crate::record::endpoint::{Addresses, Kind};
use crate::record::{Exchange, Run, Sender};

/// An address of one kind.
#[derive(Serialize)]
pub(super) struct Line<'run> {
    /// Its name in discovery documents, or what it is.
    name: &'static str,
    address: String,
    /// Who declares it.
    declared: Vec<&'static str>,
    /// How many requests went there.
    requests: usize,
    mark: Option<&'static str>,
    seen_in: Option<&'run str>,
}

/// The endpoints of the platform that discovery documents or the project file name, and those that
/// requests of the same kind went to.
pub(super) fn addresses(run: &Run) -> Vec<Line<'_>> {
    let known = Addresses::of(run);
    let mut lines: BTreeMap<(usize, String), Line<'_>> = BTreeMap::new();
    let fresh = |name| {
        move |address: &String| Line {
            name,
            address: address.clone(),
            declared: Vec::new(),
            requests: 0,
            mark: None,
            seen_in: None,
        }
    };
    for (member, address, source) in declared(run) {
        let Some(place) = MEMBERS.iter().position(|(name, _)| *name == member) else { continue };
        let address = shown(run, &address);
        let new = fresh(MEMBERS[place].0);
        let line = lines.entry((place, address.clone())).or_insert_with(|| new(&address));
        if !line.declared.contains(&source) {
            line.declared.push(source);
        }
    }
    for scenario in &run.scenarios {
        for exchange in &scenario.exchanges {
            let Some(kind) = asked(&known, exchange) else { continue };
            let Some(place) = MEMBERS.iter().position(|(_, of)| *of == kind) else { continue };
            let address = shown(run, &exchange.request.url);
            let new = fresh(MEMBERS[place].0);
            let line = lines.entry((place, address.clone())).or_insert_with(|| new(&address));
            line.requests += 1;
            line.seen_in.get_or_insert(&scenario.id);
        }
    }
    lines.into_values().map(marked).collect()
}

/// The post-login addresses that were registered, and those that requests for authorization named.
pub(super) fn redirects(run: &Run) -> Vec<Line<'_>> {
    let declared = taking_part(run).flat_map(|app| &app.redirect_uris);
    let declared: Vec<&str> = declared.map(String::as_str).collect();
    if declared.is_empty() {
        return Vec::new();
    }
    let line = |address: &str, declared: Vec<&'static str>| Line {
        name: "redirect URI",
        address: address.to_owned(),
        declared,
        requests: 0,
        mark: None,
        seen_in: None,
    };
    let mut lines: Vec<Line<'_>> = Vec::new();
    for uri in declared {
        if !lines.iter().any(|line| line.address == uri) {
            lines.push(line(uri, vec!["registration"]));
        }
    }
    for scenario in &run.scenarios {
        for uri in scenario.exchanges.iter().filter_map(redirect_uri) {
            let place = lines.iter().position(|line| fits(&uri, &line.address));
            let place = place.unwrap_or_else(|| {
                lines.push(line(&uri, Vec::new()));
                lines.len() - 1
            });
            lines[place].requests += 1;
            lines[place].seen_in.get_or_insert(&scenario.id);
        }
    }
    lines.into_iter().map(marked).collect()
}

fn marked(line: Line<'_>) -> Line<'_> {
    let mark = match (line.declared.is_empty(), line.requests) {
        (true, _) => Some("used, not declared"),
        (false, 0) => Some("declared, never used"),
        (false, _) => None,
    };
    Line { mark, seen_in: line.seen_in.filter(|_| mark.is_some()), ..line }
}

/// The addresses that somebody declared: member, address, and who did.
fn declared(run: &Run) -> Vec<(String, String, &'static str)> {
    let exchanges = run.scenarios.iter().flat_map(|scenario| &scenario.exchanges);
    let mut found = Vec::new();
    for exchange in exchanges.filter(|it| it.request.url.contains("/.well-known/")) {
        let Some(response) = exchange.response.as_ref().filter(|it| it.status == 200) else {
            continue;
        };
        let Ok(Value::Object(members)) = serde_json::from_str(&response.body) else { continue };
        for (name, value) in &members {
            if let Some(address) = value.as_str() {
                found.push((name.clone(), address.to_owned(), "discovery"));
            }
        }
    }
    let of_project = run.registration.iter().flat_map(|it| &it.endpoints);
    found.extend(of_project.map(|(name, url)| (name.clone(), url.clone(), "project file")));
    found
}

/// The kind of endpoint that a request is meant for, by what it asks: it may go elsewhere than the
/// documents say.
fn asked(known: &Addresses, exchange: &Exchange) -> Option<Kind> {
    if !matches!(exchange.sender, Sender::App | Sender::Browser) {
        return None;
    }
    let request = &exchange.request;
    let kind = known.endpoint(&request.method, &request.url).kind;
    if MEMBERS.iter().any(|(_, of)| *of == kind) {
        return Some(kind);
    }
    // What is posted to an address of an authorization is a page's form.
    Kind::asked_by(request).filter(|kind| *kind == Kind::Token || request.method == "GET")
}

/// The address without its parameters. On the mock, which has another port in each scenario, it is the
/// path.
fn shown(run: &Run, address: &str) -> String {
    let Ok(url) = Url::parse(address) else {
        return address.split(['?', '#']).next().unwrap_or_default().to_owned();
    };
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => true,
    };
    let path = url.path();
    match is_mock(run) && is_here {
        true => path.to_owned(),
        false => format!("{}{path}", url.origin().ascii_serialization()),
    }
}

fn redirect_uri(exchange: &Exchange) -> Option<String> {
    let (_, query) = exchange.request.url.split_once('?')?;
    let find = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|it| it.0 == wanted).map(|it| it.1)
    };
    find("response_type")?;
    (exchange.sender == Sender::Browser).then(|| find("redirect_uri")).flatten().map(Into::into)
}

/// Whether an address is one that was declared, where a word in curly brackets stands for anything
/// without a slash.
fn fits(address: &str, declared: &str) -> bool {
    let Some((before, rest)) = declared.split_once('{') else { return address == declared };
    let Some((_, after)) = rest.split_once('}') else { return address == declared };
    let Some(rest) = address.strip_prefix(before) else { return false };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    let mut ends = ends.take_while(|at| !rest[..*at].contains('/'));
    ends.any(|at| at > 0 && fits(&rest[at..], after))
}

/// What discovery documents call the endpoints (RFC 8414 §2), in the order in which they are told.
const MEMBERS: [(&str, Kind); 7] = [
    ("authorization_endpoint", Kind::Authorization),
    ("token_endpoint", Kind::Token),
    ("introspection_endpoint", Kind::Introspection),
    ("revocation_endpoint", Kind::Revocation),
    ("jwks_uri", Kind::Keys),
    ("userinfo_endpoint", Kind::Userinfo),
    ("end_session_endpoint", Kind::Logout),
];

#[cfg(test)]
mod tests {
    use super::super::page::tests::declared_run;
    use super::*;

    #[test]
    fn a_request_that_goes_elsewhere_than_declared_is_marked() {
        let run = declared_run();
        let lines = addresses(&run);
        let seen: Vec<_> =
            lines.iter().map(|it| (it.name, &*it.address, it.requests, it.mark)).collect();
        assert_eq!(
            seen,
            [
                ("authorization_endpoint", "https://as.example/authorize", 1, None),
                ("token_endpoint", "https://as.example/token", 1, None),
                ("token_endpoint", "https://old.example/token", 1, Some("used, not declared")),
                (
                    "revocation_endpoint",
                    "https://as.example/revoke",
                    0,
                    Some("declared, never used")
                ),
            ]
        );
        assert_eq!(lines[3].declared, ["project file"]);
    }

    #[test]
    fn a_redirect_uri_is_found_with_whatever_port_it_had() {
        let run = declared_run();
        let lines = redirects(&run);
        let seen: Vec<_> = lines.iter().map(|it| (&*it.address, it.requests, it.mark)).collect();
        assert_eq!(seen, [("http://127.0.0.1:{port}/callback", 1, None)]);
        let declared = "http://127.0.0.1:{port}/{x}/callback";
        assert!(fits("http://127.0.0.1:4010/a/callback", declared));
        assert!(!fits("http://127.0.0.1:4010/a/b/callback", declared));
        assert!(!fits("http://127.0.0.1:/a/callback", declared));
        assert!(!fits("http://127.0.0.1:4010/a/callback/", declared));
    }
}
