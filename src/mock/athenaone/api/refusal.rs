//! How the athenaOne API refuses: `error`, and what there is to say about it.

use axum::Json;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::mock::bearer::BearerError;

/// Why the API refuses.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no good token.
    Bearer(BearerError),
    /// The token has no scope for this API.
    Scope,
    /// The app may call Certified APIs only.
    NotCertified,
    /// The token does not reach the practice or the record.
    OtherPractice,
    /// A ping to a practice out of reach has a status of its own.
    NoPing(StatusCode),
    /// There is no such practice, patient, ….
    NoSuch(&'static str),
    /// There is no such path.
    NoSuchPath,
    /// The path is there for other methods.
    WrongMethod,
    /// These parameters are needed.
    Missing(&'static [&'static str]),
    /// A parameter is not what it should be; its name.
    Invalid(String),
    /// The search would find everybody.
    TooMany,
    /// The appointment is not open, or not booked.
    Taken(&'static str),
}

impl Refusal {
    /// A parameter that is not what it should be.
    pub(super) fn invalid(name: &str) -> Self {
        Self::Invalid(name.to_owned())
    }

    /// Status, `error` and `detailedmessage`.
    fn told(&self) -> (StatusCode, String, String) {
        let (status, error, why) = match self {
            Self::Bearer(BearerError::Missing) => {
                (StatusCode::UNAUTHORIZED, "Developer Inactive", "The request has no access token.")
            }
            Self::Bearer(BearerError::Invalid) => (
                StatusCode::UNAUTHORIZED,
                "Invalid Access Token.",
                "The access token provided is not valid. It is unknown, expired or revoked.",
            ),
            Self::Bearer(BearerError::TwoWays) => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The access token is sent in two ways.",
            ),
            Self::Scope => (
                StatusCode::FORBIDDEN,
                "Insufficient scope",
                "The access token has no scope for this API.",
            ),
            Self::NotCertified => {
                (StatusCode::FORBIDDEN, "Forbidden", "This app may call Certified APIs only.")
            }
            Self::OtherPractice => (
                StatusCode::FORBIDDEN,
                "Incorrect permissions.",
                "You do not have access to this context.",
            ),
            Self::NoPing(status) => (*status, "Incorrect permissions.", "Bad auth."),
            Self::NoSuch("practice") => {
                (StatusCode::NOT_FOUND, "Invalid practice.", "The practice ID does not exist.")
            }
            Self::NoSuch(what) => {
                let why = format!("The {what} ID does not exist in this practice.");
                return (StatusCode::NOT_FOUND, format!("Invalid {what}."), why);
            }
            Self::NoSuchPath => {
                (StatusCode::NOT_FOUND, "Not Found", "An unknown API path was called.")
            }
            Self::WrongMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Method Not Allowed",
                "The API path is there for other methods.",
            ),
            Self::Missing(_) => (StatusCode::BAD_REQUEST, "Additional fields are required.", ""),
            Self::Invalid(name) => {
                let why = format!("The value of {name} is not valid.");
                return (StatusCode::BAD_REQUEST, "The data provided is invalid.".to_owned(), why);
            }
            Self::TooMany => (
                StatusCode::BAD_REQUEST,
                "The given search parameters would produce a total data set larger than 1000 \
                 records.  Please refine your search and try again.",
                "",
            ),
            Self::Taken(why) => (StatusCode::CONFLICT, "The appointment is not available.", *why),
        };
        (status, error.to_owned(), why.to_owned())
    }

    /// What a client has to bring instead (RFC 6750 §3).
    fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::Bearer(BearerError::Missing) => Some(r#"Bearer realm="athenaone""#),
            Self::Bearer(BearerError::Invalid) => {
                Some(r#"Bearer realm="athenaone", error="invalid_token""#)
            }
            Self::Bearer(BearerError::TwoWays) => {
                Some(r#"Bearer realm="athenaone", error="invalid_request""#)
            }
            Self::Scope => Some(r#"Bearer realm="athenaone", error="insufficient_scope""#),
            // Each 401 has a challenge (RFC 9110 §15.5.2).
            Self::NoPing(StatusCode::UNAUTHORIZED) => Some(r#"Bearer realm="athenaone""#),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, why) = self.told();
        let mut body = json!({"error": error});
        if !why.is_empty() {
            body["detailedmessage"] = why.into();
        }
        if let Self::Missing(names) = self {
            body["missingfields"] = json!(names);
        }
        let mut response = (status, Json(body)).into_response();
        if let Some(challenge) = self.challenge() {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{Tester, two_legged, with};

    #[tokio::test]
    async fn an_athenaone_call_says_what_is_wrong_in_its_own_words() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let certified = with(two_legged(), &[("level", json!("certified"))]);
        let certified = tester.register(certified).await;
        let mdp = "athena/service/Athenanet.MDP.*";
        let token = tester.system_token(&app, mdp).await;
        let fhir_only = tester.system_token(&app, "system/Patient.read").await;
        let restricted = tester.system_token(&certified, mdp).await;
        for (path, token, status, error) in [
            ("/v1/195900/ping", Some(&token), 200, ""),
            ("/v1/195900/ping", Some(&restricted), 200, ""),
            ("/v1/195900/ping", None, 401, "Developer Inactive"),
            ("/v1/195900/ping", Some(&"garbage".to_owned()), 401, "Invalid Access Token."),
            ("/v1/195900/ping", Some(&fhir_only), 403, "Insufficient scope"),
            ("/v1/12345/ping", Some(&token), 404, "Invalid practice."),
            ("/v1/900100/ping", Some(&token), 401, "Incorrect permissions."),
            ("/v1/900100/patients/1", Some(&token), 403, "Incorrect permissions."),
            ("/v1/195900/patients/60178", Some(&token), 200, ""),
            ("/v1/195900/patients/60178", Some(&restricted), 403, "Forbidden"),
            ("/v1/195900/patients/1", Some(&token), 404, "Invalid patient."),
            ("/v1/195900/nothing", Some(&token), 404, "Not Found"),
        ] {
            let answer = match token {
                Some(token) => tester.read(path, token).await,
                None => tester.get(path, &[]).await,
            };
            assert_eq!(answer.error(), (status, error.to_owned()), "{path}: {}", answer.text);
            assert!(status != 401 || answer.headers.contains_key("www-authenticate"), "{path}");
            assert!(answer.headers.contains_key("ratelimit-remaining"), "{path}");
            assert!(answer.headers.contains_key("x-request-id"), "{path}");
        }
    }
}
