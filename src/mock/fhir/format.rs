//! The format of answers: JSON, under the name that the client asked for.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::Response;

use super::outcome::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// Refuses what asks for another format than JSON, and names the format of the answer (FHIR R4,
/// http §3.1.0.1.9): `_format` counts more than `Accept`.
pub(super) async fn negotiate(
    Extension(platform): Extension<Platform>,
    Extension(received): Extension<Arc<Received>>,
    request: Request,
    next: Next,
) -> Response {
    let asked = received.query.get("_format").or_else(|| received.form.get("_format"));
    let format = match asked {
        // A plus in an address is a space once it is decoded.
        Some(asked) => named(&asked.replace(' ', "+")),
        None => {
            let header = received.header(ACCEPT.as_str()).filter(|it| !it.trim().is_empty());
            header.map_or(Some(FHIR_JSON), accepted)
        }
    };
    let Some(format) = format else { return Refusal::NotAcceptable.answer(&platform) };
    let mut response = next.run(request).await;
    if response.headers().get(CONTENT_TYPE).is_some_and(|own| own == FHIR_JSON) {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format));
    }
    response
}

/// The best of the formats that an `Accept` header lists (RFC 9110 §12.5.1).
fn accepted(header: &str) -> Option<&'static str> {
    let mut best: Option<(f32, &'static str)> = None;
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(format) = parts.next().and_then(named) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, format));
        }
    }
    best.map(|(_, format)| format)
}

/// What an answer is called if a client asks for that.
fn named(asked: &str) -> Option<&'static str> {
    let asked = asked.split(';').next().unwrap_or(asked).trim().to_ascii_lowercase();
    match asked.as_str() {
        "application/fhir+json" | "application/json+fhir" | "*/*" | "application/*" => {
            Some(FHIR_JSON)
        }
        "application/json" | "text/json" | "json" => Some(JSON),
        _ => None,
    }
}

pub(super) const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_called_what_the_client_calls_it() {
        for (header, expected) in [
            ("application/fhir+json", Some(FHIR_JSON)),
            ("application/json", Some(JSON)),
            ("*/*", Some(FHIR_JSON)),
            ("application/json;q=0.8, application/fhir+json", Some(FHIR_JSON)),
            ("application/fhir+xml, application/json;q=0.1", Some(JSON)),
            ("text/html,application/xml;q=0.9,*/*;q=0.8", Some(FHIR_JSON)),
            ("application/fhir+json; fhirVersion=4.0", Some(FHIR_JSON)),
            ("application/fhir+xml", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(accepted(header), expected, "{header}");
        }
    }
}
