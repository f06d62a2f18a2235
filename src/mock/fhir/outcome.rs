//! How the FHIR API answers: resources, and outcomes where it refuses.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::mock::bearer::BearerError;

/// What an endpoint of the FHIR API answers.
pub(super) type Answer = Result<Response, Refusal>;

/// Why the FHIR API refuses.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no good token.
    Bearer(BearerError),
    /// The token's scope does not allow this use of that resource type.
    Scope(String),
    /// The token does not reach that record or practice.
    Forbidden,
    /// There is no such resource.
    NotFound,
    /// The request is incomplete or wrong.
    Request(&'static str),
}

/// A FHIR resource as an answer.
pub(super) fn resource(status: StatusCode, resource: &Value) -> Response {
    let mut response = (status, resource.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/fhir+json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The result of a search (FHIR R4, Bundle).
pub(super) fn bundle(url: &str, resources: Vec<(String, Value)>) -> Response {
    let total = resources.len();
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|(url, resource)| {
            json!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
        })
        .collect();
    let mut bundle = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": "self", "url": url}],
    });
    // FHIR has no empty arrays.
    if !entries.is_empty() {
        bundle["entry"] = entries.into();
    }
    resource(StatusCode::OK, &bundle)
}

impl From<BearerError> for Refusal {
    fn from(error: BearerError) -> Self {
        Self::Bearer(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, text, expression) = match self {
            Self::Bearer(BearerError::TwoWays) => {
                (StatusCode::BAD_REQUEST, "invalid", "The token is sent in two ways", None)
            }
            Self::Bearer(BearerError::Missing) => {
                (StatusCode::UNAUTHORIZED, "login", "An access token is needed", None)
            }
            Self::Bearer(BearerError::Invalid) => {
                (StatusCode::UNAUTHORIZED, "login", "Invalid Access Token", None)
            }
            Self::Scope(ref kind) => {
                (StatusCode::FORBIDDEN, "forbidden", "Invalid Token Scope", Some(kind.clone()))
            }
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "The token does not reach this record", None)
            }
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not-found", "There is no such resource", None)
            }
            Self::Request(text) => (StatusCode::BAD_REQUEST, "required", text, None),
        };
        let mut issue = json!({"severity": "error", "code": code, "details": {"text": text}});
        if let Some(expression) = expression {
            issue["expression"] = json!([expression]);
        }
        let outcome = json!({"resourceType": "OperationOutcome", "issue": [issue]});
        let mut response = resource(status, &outcome);
        if let Some(challenge) = challenge(&self) {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// What a client has to bring instead (RFC 6750 §3): no error code if it brought nothing.
fn challenge(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::Bearer(BearerError::Missing) => Some(r#"Bearer realm="fhir""#),
        Refusal::Bearer(BearerError::Invalid) => {
            Some(r#"Bearer realm="fhir", error="invalid_token""#)
        }
        Refusal::Bearer(BearerError::TwoWays) => {
            Some(r#"Bearer realm="fhir", error="invalid_request""#)
        }
        Refusal::Scope(_) => Some(r#"Bearer realm="fhir", error="insufficient_scope""#),
        _ => None,
    }
}
