//! The athenaOne API: calls of 2-legged apps to one practice.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use crate::mock::bearer::{Bearer, BearerError};
use crate::mock::platform::Platform;
use crate::mock::portal::Level;
use crate::mock::request::Received;
use crate::protocol::scope::Kind;

/// Why the API refuses.
pub(super) enum Refusal {
    Bearer(BearerError),
    Scope,
    NotCertified,
    NoSuchPractice,
    OtherPractice,
    /// A ping to a practice out of reach has a status of its own.
    NoPing(StatusCode),
    NoSuchPatient,
    NoSuchPath,
}

/// `GET /v1/{practice}/ping`: the API is up, and the app has access to the practice.
pub(super) async fn ping(
    Extension(platform): Extension<Platform>,
    Path(practice): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Result<Response, Refusal> {
    let bearer = caller(&platform, &request)?;
    let practice = reached(&platform, &bearer, &practice).map_err(|refusal| match refusal {
        Refusal::OtherPractice => {
            let rules = &platform.dialect().practice_api;
            let status = rules.as_ref().map(|rules| rules.ping_without_access);
            let status = status.and_then(|status| StatusCode::from_u16(status).ok());
            Refusal::NoPing(status.unwrap_or(StatusCode::FORBIDDEN))
        }
        refusal => refusal,
    })?;
    Ok(at(practice, Json(json!({"pong": "true"})).into_response()))
}

/// `GET /v1/{practice}/patients/{id}`: a patient by the number in the practice.
pub(super) async fn patient(
    Extension(platform): Extension<Platform>,
    Path((practice, id)): Path<(String, String)>,
    Extension(request): Extension<Arc<Received>>,
) -> Result<Response, Refusal> {
    let bearer = caller(&platform, &request)?;
    let practice = reached(&platform, &bearer, &practice)?;
    if bearer.app.level == Level::Certified {
        return Err(Refusal::NotCertified);
    }
    let full_id = format!("a-{practice}.E-{id}");
    let mut patients = platform.sandbox().patients.iter();
    let patient = patients.find(|patient| patient.id == full_id).ok_or(Refusal::NoSuchPatient)?;
    let body = json!([{
        "patientid": id,
        "firstname": patient.given,
        "lastname": patient.family,
        "sex": patient.gender.chars().next().map(|letter| letter.to_ascii_uppercase()),
        "dob": patient.birth_date,
    }]);
    Ok(at(practice, Json(body).into_response()))
}

/// Any other path of the API.
pub(super) async fn unknown() -> Refusal {
    Refusal::NoSuchPath
}

/// The good token of a 2-legged app with a service scope.
fn caller(platform: &Platform, request: &Received) -> Result<Bearer, Refusal> {
    let bearer = Bearer::of(platform, request).map_err(Refusal::Bearer)?;
    if !bearer.claims.scope.iter().any(|scope| *scope.kind() == Kind::Service) {
        return Err(Refusal::Scope);
    }
    Ok(bearer)
}

fn reached(platform: &Platform, bearer: &Bearer, practice: &str) -> Result<u32, Refusal> {
    let number = practice.parse::<u32>().ok();
    let mut practices = platform.sandbox().practices.iter();
    let known = practices.find(|practice| Some(practice.id) == number);
    let known = known.ok_or(Refusal::NoSuchPractice)?;
    if !bearer.reaches_practice(platform, known.id) {
        return Err(Refusal::OtherPractice);
    }
    Ok(known.id)
}

fn at(practice: u32, mut response: Response) -> Response {
    let name = HeaderName::from_static("x-athenanet-practice-id");
    response.headers_mut().insert(name, practice.into());
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, why, challenge) = match self {
            Self::Bearer(BearerError::Missing) => (
                StatusCode::UNAUTHORIZED,
                "Developer Inactive",
                "The request has no access token.",
                r#"Bearer realm="athenaone""#,
            ),
            Self::Bearer(BearerError::Invalid) => (
                StatusCode::UNAUTHORIZED,
                "Invalid Access Token.",
                "The access token is unknown, expired or revoked.",
                r#"Bearer realm="athenaone", error="invalid_token""#,
            ),
            Self::Bearer(BearerError::TwoWays) => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The access token is sent in two ways.",
                r#"Bearer realm="athenaone", error="invalid_request""#,
            ),
            Self::Scope => (
                StatusCode::FORBIDDEN,
                "Insufficient scope",
                "The access token has no scope for this API.",
                r#"Bearer realm="athenaone", error="insufficient_scope""#,
            ),
            Self::NotCertified => {
                (StatusCode::FORBIDDEN, "Forbidden", "This app may call Certified APIs only.", "")
            }
            Self::NoSuchPractice => {
                (StatusCode::NOT_FOUND, "Invalid practice.", "The practice ID does not exist.", "")
            }
            Self::OtherPractice => (
                StatusCode::FORBIDDEN,
                "Incorrect permissions.",
                "You do not have access to this context.",
                "",
            ),
            Self::NoPing(status) => {
                // Each 401 has a challenge (RFC 9110 §15.5.2).
                let is_401 = status == StatusCode::UNAUTHORIZED;
                let challenge = if is_401 { r#"Bearer realm="athenaone""# } else { "" };
                (status, "Incorrect permissions.", "Bad auth.", challenge)
            }
            Self::NoSuchPatient => (
                StatusCode::NOT_FOUND,
                "Invalid patient.",
                "The patient ID does not exist in this practice.",
                "",
            ),
            Self::NoSuchPath => {
                (StatusCode::NOT_FOUND, "Not Found", "An unknown API path was called.", "")
            }
        };
        let body = Json(json!({"error": error, "detailedmessage": why}));
        let mut response = (status, body).into_response();
        if !challenge.is_empty() {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
