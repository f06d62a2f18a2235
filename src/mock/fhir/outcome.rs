//! How the FHIR API answers: resources, and outcomes where it refuses.

use axum::http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::format::FHIR_JSON;
use crate::dialect::PracticeParameter;
use crate::mock::bearer::BearerError;
use crate::mock::platform::Platform;

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
    /// There is no such resource type.
    UnknownType(String),
    /// The request is wrong; the code of the issue, and why.
    Request(&'static str, String),
    /// The search has none of these combinations of parameters.
    Combinations(Vec<Vec<String>>),
    /// The client wants another format than JSON.
    NotAcceptable,
    /// The resource is read only; the methods that it has.
    NotAllowed(&'static str),
    /// The server does not do that.
    NotSupported(String),
}

/// A FHIR resource as an answer.
pub(super) fn resource(status: StatusCode, resource: &Value) -> Response {
    let mut response = (status, resource.to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON));
    response
}

/// Names the practice that an answer is from, where the dialect does so.
pub(super) fn name_practice(platform: &Platform, response: &mut Response, practice: u32) {
    let name = platform.dialect().fhir.practice_header.clone();
    if let Some(name) = name.and_then(|name| HeaderName::try_from(name).ok()) {
        response.headers_mut().insert(name, practice.into());
    }
}

/// An issue of an OperationOutcome.
pub(super) fn issue(severity: &str, code: &str, text: &str) -> Value {
    json!({"severity": severity, "code": code, "details": {"text": text}})
}

impl From<BearerError> for Refusal {
    fn from(error: BearerError) -> Self {
        Self::Bearer(error)
    }
}

impl Refusal {
    /// A request that cannot be understood.
    pub(super) fn invalid(why: &str) -> Self {
        Self::Request("invalid", why.to_owned())
    }

    /// A search that names no practice, or not as it is named.
    pub(super) fn no_practice(rule: &PracticeParameter) -> Self {
        let why = format!(
            "Could not determine what practice the request was for. Add the `{}` search parameter \
             to your request.",
            rule.name
        );
        Self::Request("required", why)
    }

    /// The refusal as an OperationOutcome, in the dialect's shape.
    pub(super) fn answer(self, platform: &Platform) -> Response {
        let shape = platform.dialect().fhir.refusal.clone();
        let (status, code, text) = self.told(&shape.insufficient_scope);
        let forbidden = code == "forbidden";
        let severity = if forbidden { shape.severity.as_str() } else { "error" };
        let mut issue = issue(severity, code, &text);
        if shape.details_as_text {
            issue["details"] = text.into();
        }
        if let Self::Scope(kind) = &self {
            issue["expression"] = json!([kind]);
        }
        let outcome = json!({"resourceType": "OperationOutcome", "issue": [issue]});
        let mut response = resource(status, &outcome);
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Self::NotAllowed(methods) = self {
            headers.insert(ALLOW, HeaderValue::from_static(methods));
        }
        response
    }

    /// Status, code of the issue, and what it says.
    fn told(&self, insufficient_scope: &str) -> (StatusCode, &'static str, String) {
        let (status, code, text) = match self {
            Self::Bearer(BearerError::TwoWays) => {
                (StatusCode::BAD_REQUEST, "invalid", "The token is sent in two ways")
            }
            Self::Bearer(BearerError::Missing) => {
                (StatusCode::UNAUTHORIZED, "login", "An access token is needed")
            }
            Self::Bearer(BearerError::Invalid) => {
                (StatusCode::UNAUTHORIZED, "login", "Invalid Access Token")
            }
            Self::Scope(_) => (StatusCode::FORBIDDEN, "forbidden", insufficient_scope),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "The token does not reach this record")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such resource"),
            Self::UnknownType(kind) => {
                let text = format!("There is no resource type {kind}");
                return (StatusCode::NOT_FOUND, "not-supported", text);
            }
            Self::Request(code, text) => return (StatusCode::BAD_REQUEST, code, text.clone()),
            Self::Combinations(combinations) => {
                let named = combinations.iter().map(|names| format!("[{}]", names.join(",")));
                let text = format!(
                    "The search query could not be performed because one of the required \
                     parameter combinations [{}] was not provided.",
                    named.collect::<Vec<_>>().join(",")
                );
                return (StatusCode::BAD_REQUEST, "forbidden", text);
            }
            Self::NotAcceptable => {
                (StatusCode::NOT_ACCEPTABLE, "not-supported", "The only format is JSON")
            }
            Self::NotAllowed(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "not-supported", "It can only be read")
            }
            Self::NotSupported(what) => {
                let text = format!("{what} is not supported");
                return (StatusCode::NOT_IMPLEMENTED, "not-supported", text);
            }
        };
        (status, code, text.to_owned())
    }

    /// What a client has to bring instead (RFC 6750 §3): no error code if it brought nothing.
    fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::Bearer(BearerError::Missing) => Some(r#"Bearer realm="fhir""#),
            Self::Bearer(BearerError::Invalid) => {
                Some(r#"Bearer realm="fhir", error="invalid_token""#)
            }
            Self::Bearer(BearerError::TwoWays) => {
                Some(r#"Bearer realm="fhir", error="invalid_request""#)
            }
            Self::Scope(_) => Some(r#"Bearer realm="fhir", error="insufficient_scope""#),
            _ => None,
        }
    }
}
