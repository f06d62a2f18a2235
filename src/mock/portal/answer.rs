//! How the portal says yes and no.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// What an endpoint of the portal answers.
pub(super) type Answer = Result<Response, Refusal>;

/// Why the portal refuses.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No session, or an unknown one.
    NotSignedIn,
    /// No such app of this account.
    NotFound,
    /// Something about one field is wrong.
    Field(&'static str, String),
}

impl Refusal {
    /// A field that is wrong, and why.
    pub(super) fn field(field: &'static str, why: impl Into<String>) -> Self {
        Self::Field(field, why.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::NotSignedIn => (
                StatusCode::UNAUTHORIZED,
                json!({"error": "not_signed_in",
                       "detailedmessage": "Sign in to the developer portal first."}),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                json!({"error": "not_found",
                       "detailedmessage": "This account has no such app."}),
            ),
            Self::Field(field, why) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                json!({"error": "invalid_field", "detailedmessage": why, "field": field}),
            ),
        };
        (status, Json(body)).into_response()
    }
}

/// The account of the developer who is signed in.
pub(super) fn developer(platform: &Platform, request: &Received) -> Result<String, Refusal> {
    let session = request.authorization("bearer").ok_or(Refusal::NotSignedIn)?;
    let account = platform.console().sessions.get(session).cloned();
    account.ok_or(Refusal::NotSignedIn)
}

/// The JSON object of a request's body.
pub(super) fn object(request: &Received) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::field("", "The body is not a JSON object."))
}

/// A member that is a text which is not empty.
pub(super) fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    body.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}
