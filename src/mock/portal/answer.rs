//! How the portal says yes and no.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::access::Condition;
use crate::mock::request::Received;

/// What an endpoint of the portal answers.
pub(super) type Answer = Result<Response, Refusal>;

/// Why the portal refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No session, or an unknown one.
    NotSignedIn,
    /// No such app of this account, no such practice, …
    NotFound(&'static str),
    /// Fields that are wrong, and why; at least one.
    Fields(Vec<Fault>),
    /// What is asked for is there already.
    Conflict(&'static str),
    /// Something has to happen first.
    TooEarly(Vec<Condition>),
}

/// A field that is wrong, and why.
pub(super) type Fault = (&'static str, String);

/// What is wrong so far; every rule is heard before the developer is told.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Refusal {
    /// A field that is wrong, and why.
    pub(super) fn field(field: &'static str, why: impl Into<String>) -> Self {
        Self::Fields(vec![(field, why.into())])
    }

    /// What a person is told, where no single field is meant.
    pub(super) fn wording(&self) -> String {
        match self {
            Self::NotSignedIn => "Sign in to the developer portal first.".to_owned(),
            Self::NotFound(what) => format!("There is no such {what}."),
            Self::Fields(faults) => faults.first().map_or("", |(_, why)| why).to_owned(),
            Self::Conflict(why) => (*why).to_owned(),
            Self::TooEarly(missing) => {
                let missing: Vec<&str> = missing.iter().map(|one| one.wording()).collect();
                format!("This needs {}.", missing.join(", and "))
            }
        }
    }
}

impl Faults {
    /// The value, or a note of what is wrong with it.
    pub(super) fn keep<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(Refusal::Fields(faults)) => {
                self.0.extend(faults);
                None
            }
            Err(_) => None,
        }
    }

    /// What was wrong, if anything was.
    pub(super) fn refusal(self) -> Refusal {
        Refusal::Fields(self.0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match &self {
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::Fields(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_field"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::TooEarly(_) => (StatusCode::FORBIDDEN, "not_yet"),
        };
        let mut body = json!({"error": error, "detailedmessage": self.wording()});
        match self {
            Self::Fields(faults) => {
                body["field"] = faults.first().map_or("", |(field, _)| field).into();
                let told = faults.iter().map(|(field, why)| json!({"field": field, "why": why}));
                body["fields"] = told.collect();
            }
            Self::TooEarly(missing) => {
                body["missing"] = missing.iter().map(|one| one.name()).collect();
            }
            _ => {}
        }
        (status, Json(body)).into_response()
    }
}

/// The JSON object of a request's body.
pub(super) fn object(request: &Received) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::field("", "The body is not a JSON object."))
}

/// The JSON object of a request's body, empty if there is no body.
pub(super) fn optional_object(request: &Received) -> Result<Map<String, Value>, Refusal> {
    if request.body.is_empty() { Ok(Map::new()) } else { object(request) }
}

/// A member that is a text which is not empty.
pub(super) fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    body.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}
