//! How the control says yes and no: like the portal, with the member that is wrong as `field`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::mock::request::Received;

/// What a route of the control answers.
pub(super) type Answer = Result<Response, Refusal>;

/// Why the control refuses.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    why: String,
    field: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: &'static str, why: impl Into<String>) -> Self {
        Self { status, error, why: why.into(), field: None }
    }

    /// Whoever calls may not.
    pub(super) fn forbidden(why: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", why)
    }

    /// The platform itself failed.
    pub(super) fn unable(why: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "unable", why)
    }

    /// There is no such thing.
    pub(super) fn not_found(why: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", why)
    }

    /// A member, named by its path, has a value that cannot be used.
    pub(super) fn field(path: impl Into<String>, why: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", why);
        Self { field: Some(path.into()), ..refusal }
    }

    /// The same about another place: a value that was read by itself.
    pub(super) fn about(self, path: &str) -> Self {
        Self { field: Some(path.to_owned()), ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({"error": self.error, "detailedmessage": self.why});
        if let Some(field) = self.field {
            body["field"] = field.into();
        }
        (self.status, Json(body)).into_response()
    }
}

/// A value as the answer.
pub(super) fn shown(value: Value) -> Answer {
    Ok(Json(value).into_response())
}

/// The JSON of a request's body; nothing at all stands for `{}`.
pub(super) fn json_body(request: &Received) -> Result<Value, Refusal> {
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&request.body).map_err(|error| {
        let why = format!("The body is not JSON: {error}.");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid_json", why)
    })
}

/// A typed value out of JSON; what is wrong is named by its path.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Refusal::field(if path == "." { String::new() } else { path }, error.inner().to_string())
    })
}

/// What is answered where the control has no route.
pub(super) async fn nowhere() -> Refusal {
    Refusal::not_found("The control has no such route; docs/reference/mock lists them.")
}
