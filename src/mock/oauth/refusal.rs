//! How the endpoints for apps refuse (RFC 6749 §5.2), in the dialect's words.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::mock::platform::Platform;
use crate::protocol::{ErrorCode, OAuthError};

/// An error answer on its way to the client.
#[derive(Debug)]
pub(in crate::mock) struct Refusal {
    pub(super) error: OAuthError,
    /// What a client that tried HTTP authentication is told of the scheme to use.
    challenge: Option<String>,
}

/// What an endpoint for apps answers.
pub(super) type Answer = Result<Response, Refusal>;

impl Refusal {
    /// An error that follows RFC 6749's table of statuses.
    pub(in crate::mock) fn new(code: ErrorCode, description: &str) -> Self {
        OAuthError::new(code, description).into()
    }

    /// The one answer to every client that could not prove itself: it does not say what was wrong.
    pub(super) fn unknown_client(used_header: bool) -> Self {
        let description = "The client id or its secret is not valid.";
        let challenge = "Basic realm=\"token\", error=\"invalid_client\"";
        let challenge = used_header.then(|| challenge.to_owned());
        Self { error: OAuthError::new(ErrorCode::InvalidClient, description), challenge }
    }

    /// What is told to who should have brought another access token, or brought none; that one is
    /// told no error (RFC 6750 §3.1).
    pub(super) fn of_bearer(code: ErrorCode, why: &str, realm: &str, brought: bool) -> Self {
        let mut refusal = Self::new(code, why);
        let realm = format!("Bearer realm=\"{realm}\"");
        let error = format!("{realm}, error=\"{}\"", refusal.error.code);
        refusal.challenge = Some(if brought { error } else { realm });
        refusal
    }

    /// What the gateway says in place of the authorization server, where the dialect has it so.
    pub(super) fn by_policy() -> Self {
        let description = "Policy evaluation failed for this request, please check the policy \
                           configurations.";
        let mut error = OAuthError::new(ErrorCode::AccessDenied, description);
        error.status = StatusCode::UNAUTHORIZED.as_u16();
        error.into()
    }

    /// The answer, in the dialect's words and kept out of every cache.
    pub(in crate::mock) fn into_response(self, platform: &Platform) -> Response {
        let dialect = platform.dialect();
        let code = self.error.code.as_str();
        let mut phrases = dialect.errors.phrases.iter();
        let phrase = phrases.find(|(_, means)| dialect.errors.writes_phrases && *means == code);
        let mut body = json!({"error": phrase.map_or(code, |(phrase, _)| phrase)});
        let told = dialect.errors.client_refusal.clone();
        let told = told.filter(|_| self.error.code == ErrorCode::InvalidClient);
        if let Some(description) = told.or(self.error.description) {
            body[&dialect.errors.description_member] = description.into();
        }
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = uncached((status, Json(body)).into_response());
        if let Some(Ok(challenge)) = self.challenge.map(HeaderValue::try_from) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<OAuthError> for Refusal {
    fn from(error: OAuthError) -> Self {
        Self { error, challenge: None }
    }
}

/// The answer with the headers that keep it out of every cache (RFC 6749 §5.1).
pub(super) fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
