//! What the app declares: scopes and endpoints that the platform has, for apps of its category.

use super::super::app::scopes::{self, Asked};
use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::project::{AppUnderTest, nearest};
use crate::protocol::scope::resource_type::RESOURCE_TYPES;

/// Looks at each scope and each endpoint that an app declares.
pub(super) fn examine(case: &Case<'_>, (name, app): (&str, &AppUnderTest), sheet: &mut Sheet) {
    let place = || case.place_in_apps(&[name, "scopes"]);
    let asked = Asked { name, category: app.category, scopes: &app.scopes, place: &place };
    scopes::examine(case, None, &asked, sheet);
    let found = sheet.findings.len();
    for declared in &app.endpoints {
        if let Some((severity, seen, cause, fix)) = endpoint(case, declared) {
            let about = format!("the endpoints of `{name}`");
            let finding = Finding::new(severity, about, seen, cause, fix);
            sheet.find(finding.at(case.place_in_apps(&[name, "endpoints"])));
        }
    }
    if sheet.findings.len() == found && !app.endpoints.is_empty() {
        sheet.well(format!("the endpoints of `{name}`"), "spelt as the platform has them");
    }
}

type Words = (Severity, String, &'static str, String);

/// What is wrong with a declared endpoint, so that no call would ever be one of it.
fn endpoint(case: &Case<'_>, declared: &str) -> Option<Words> {
    let wrong = |what: &str, cause, fix| {
        Some((Severity::Wrong, format!("`{declared}` {what}"), cause, fix))
    };
    let paths = &case.dialect.paths;
    let fhir = &paths.fhir;
    let Some((method, path)) = declared.split_once(' ').map(|(it, rest)| (it, rest.trim())) else {
        let path = declared.trim_start_matches('/');
        let fix = format!("write `GET /{path}`, or another method");
        return wrong("names no method", "an endpoint is a method and a path", fix);
    };
    if !METHODS.contains(&method) {
        let fix = match nearest(&method.to_uppercase(), METHODS) {
            Some(near) => format!("write `{near} {path}`"),
            None => format!("the methods are {}", METHODS.join(", ")),
        };
        return wrong("begins with no method", "methods are written in capital letters", fix);
    }
    if !path.starts_with('/') {
        let fix = match path.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
            Some((_, rest)) => format!("write `{method} /{rest}`"),
            None => format!("write `{method} {fhir}/{path}`"),
        };
        return wrong("names no path", "a path begins with `/`, and has no host before it", fix);
    }
    if path.contains(['?', '#']) {
        let fix = format!("write `{method} {}`", path.split(['?', '#']).next().unwrap_or_default());
        return wrong("has a query", "calls are compared by method and path alone", fix);
    }
    let Some((_, rest)) = path.split_once(fhir.as_str()) else {
        let mut others = vec![paths.oauth.as_str()];
        others.extend(paths.user_management.as_deref());
        others.extend(case.dialect.practice_api.as_ref().map(|api| api.path.as_str()));
        if others.iter().any(|known| path.starts_with(known)) {
            return None;
        }
        others.insert(0, fhir);
        let seen = format!("`{declared}` is below none of {}", listed(&others));
        let cause =
            "what the mock platform has is below these paths; a call elsewhere is no call of it";
        let fix = format!("if it is of the FHIR API, write `{method} {fhir}{path}`");
        return Some((Severity::Warning, seen, cause, fix));
    };
    let kind = rest.split('/').nth(1).unwrap_or_default();
    let is_type = kind.starts_with(|first: char| first.is_ascii_alphabetic()) && kind != "metadata";
    if is_type && !RESOURCE_TYPES.contains(&kind) {
        let fix = match nearest(kind, RESOURCE_TYPES) {
            Some(near) => format!("did you mean `{}`?", declared.replacen(kind, near, 1)),
            None => "write a resource type of FHIR R4".to_owned(),
        };
        return wrong("names a resource type that FHIR R4 does not have", "it is misspelt", fix);
    }
    None
}

fn listed(paths: &[&str]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
