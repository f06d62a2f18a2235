//! Reading one resource by its id.

use axum::http::header::{ETAG, IF_NONE_MATCH, LAST_MODIFIED};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::access::Reach;
use super::outcome::{Refusal, name_practice, resource};
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::scope::Access;

/// `GET {fhir}/{type}/{id}`.
pub(super) fn read(
    platform: &Platform,
    request: &Received,
    kind: &str,
    id: &str,
) -> Result<Response, Refusal> {
    let reach = Reach::of(platform, request, kind, Access::Read)?;
    // Whoever reaches a few records only is not told which others there are.
    let hidden = || match reach.only_records() {
        Some(_) if kind == "Patient" => Refusal::Forbidden,
        _ => Refusal::NotFound,
    };
    let store = platform.store();
    let entry = store.one(kind, id).ok_or_else(hidden)?;
    if !entry.practices.iter().any(|practice| reach.organization().holds(*practice)) {
        return Err(hidden());
    }
    if !reach.includes(platform, entry) {
        return Err(if reach.only_records().is_some() { hidden() } else { Refusal::Forbidden });
    }
    let version = entry.resource["meta"]["versionId"].as_str().unwrap_or_default();
    let tag = format!("W/\"{version}\"");
    let known = request.header(IF_NONE_MATCH.as_str()).is_some_and(|tags| {
        // Weak or not, the tags are compared by what is in them (RFC 9110 §13.1.2).
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        tags.split(',').any(|known| known.trim() == "*" || opaque(known) == opaque(&tag))
    });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        resource(StatusCode::OK, &entry.resource)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    let updated = entry.resource["meta"]["lastUpdated"].as_str();
    let updated = updated.and_then(|time| time.parse::<Timestamp>().ok());
    let printed =
        updated.and_then(|time| DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok());
    if let Some(value) = printed.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert(LAST_MODIFIED, value);
    }
    if let Some(practice) = entry.practices.first() {
        name_practice(platform, &mut response, *practice);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use serde_json::json;

    use crate::mock::testing::{Tester, two_legged};

    const ADA: &str = "/fhir/r4/Patient/a-195900.E-60178";

    #[tokio::test]
    async fn a_resource_has_a_version_that_spares_a_second_reading() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let bearer = format!("Bearer {}", tester.token_of_scope(&app, "system/*.read"));
        let own = ("authorization", bearer.as_str());
        let answer = tester.get(ADA, &[own]).await;
        assert_eq!(answer.headers["etag"], "W/\"1\"");
        assert_eq!(answer.headers["last-modified"], "Fri, 20 Nov 2026 20:00:00 GMT");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert_eq!(answer.headers["x-athenanet-practice-id"], "195900");
        assert_eq!(answer.json()["meta"]["versionId"], "1");
        for (known, status) in [("W/\"1\"", 304), ("\"0\", \"1\"", 304), ("W/\"2\"", 200)] {
            let answer = tester.get(ADA, &[own, ("if-none-match", known)]).await;
            assert_eq!(answer.status.as_u16(), status, "{known}");
            assert_eq!(answer.text.is_empty(), status == 304, "{known}");
        }
    }

    #[tokio::test]
    async fn the_format_is_json_under_the_name_that_was_asked_for() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let bearer = format!("Bearer {}", tester.token_of_scope(&app, "system/*.read"));
        let fhir = "application/fhir+json; charset=utf-8";
        let plain = "application/json; charset=utf-8";
        for (query, accept, status, format) in [
            ("", "application/fhir+json", 200, fhir),
            ("", "application/json", 200, plain),
            ("", "*/*", 200, fhir),
            ("", "application/fhir+xml", 406, fhir),
            ("?_format=json", "application/fhir+xml", 200, plain),
            ("?_format=application/fhir+json", "application/fhir+xml", 200, fhir),
            ("?_format=xml", "application/fhir+json", 406, fhir),
        ] {
            let headers = [("authorization", bearer.as_str()), ("accept", accept)];
            let answer = tester.get(&format!("{ADA}{query}"), &headers).await;
            let got = (answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap());
            assert_eq!(got, (status, format), "{query} {accept}");
        }
    }

    #[tokio::test]
    async fn what_the_server_does_not_do_is_said_in_an_outcome() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let bearer = format!("Bearer {}", tester.token_of_scope(&app, "system/*.read"));
        for (method, path, status) in [
            ("HEAD", ADA, 200),
            ("PUT", ADA, 405),
            ("PATCH", ADA, 405),
            ("DELETE", ADA, 405),
            ("POST", "/fhir/r4/Patient", 405),
            ("GET", "/fhir/r4/Patient/_search", 405),
            ("POST", "/fhir/r4", 501),
            ("GET", "/fhir/r4/Patient/a-195900.E-60178/_history", 501),
            ("GET", "/fhir/r4/Patient/a-195900.E-60178/$everything", 501),
            ("GET", "/fhir/r4/Patient/$export", 501),
            ("GET", "/fhir/r4/Patient/nobody", 404),
            ("GET", "/fhir/r4/Nonsense/1", 404),
            ("GET", "/fhir/r4/Nonsense", 404),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.header("authorization", &bearer).body(Body::empty()).unwrap();
            let answer = tester.send(request).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text);
            if method == "HEAD" {
                assert!(answer.text.is_empty());
            } else {
                assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{method} {path}");
            }
            assert_eq!(answer.headers.contains_key("allow"), status == 405, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn calls_above_the_limit_are_refused_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| {
            dialect.limits.api_calls_per_second = Some(2);
            dialect.limits.enforced = true;
        });
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, "system/*.read");
        for status in [200, 200, 429] {
            let answer = tester.read(ADA, &token).await;
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.headers["ratelimit-limit"], "2");
            if status == 429 {
                assert_eq!(answer.json(), json!({"error": "Quota Exceeded."}));
                assert_eq!(answer.headers["retry-after"], "1");
            }
        }
        tester.wait(60);
        assert_eq!(tester.read(ADA, &token).await.status.as_u16(), 200);
    }
}
