//! The platform's own form of an error, for a status that it did not choose itself.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE,
};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::exchange::Exchange;
use crate::mock::endpoint::Endpoint;
use crate::mock::login;

/// An error of this status as the endpoint of the exchange would tell it.
pub(super) fn error(
    exchange: &Exchange,
    status: StatusCode,
    code: Option<&str>,
    description: Option<&str>,
) -> Response {
    let why = description.unwrap_or(status.canonical_reason().unwrap_or("Error"));
    let mut response = match exchange.endpoint {
        Endpoint::Authorize | Endpoint::Login | Endpoint::Logout | Endpoint::Athenaone => {
            let mut page = login::error_page(StatusCode::BAD_REQUEST, why);
            *page.status_mut() = status;
            return page;
        }
        Endpoint::Fhir | Endpoint::Metadata => {
            let code = code.unwrap_or_else(|| issue_type(status));
            let issue = json!({"severity": "error", "code": code, "details": {"text": why}});
            let outcome = json!({"resourceType": "OperationOutcome", "issue": [issue]});
            let kind = HeaderValue::from_static("application/fhir+json; charset=utf-8");
            ([(CONTENT_TYPE, kind)], outcome.to_string()).into_response()
        }
        _ => {
            let code = code.unwrap_or_else(|| error_code(status));
            let member = &exchange.platform.dialect().errors.description_member;
            Json(json!({"error": code, member.as_str(): why})).into_response()
        }
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if exchange.endpoint != Endpoint::Portal {
        // Where scripts may call, they may see what went wrong.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    }
    response
}

/// RFC 6749's word for a status, where it has one.
fn error_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::FORBIDDEN => "access_denied",
        StatusCode::TOO_MANY_REQUESTS => "Quota Exceeded.",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    }
}

/// FHIR's word for a status (value set `issue-type`).
fn issue_type(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "login",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::TOO_MANY_REQUESTS => "throttled",
        StatusCode::SERVICE_UNAVAILABLE => "transient",
        StatusCode::GATEWAY_TIMEOUT => "timeout",
        status if status.is_server_error() => "exception",
        _ => "invalid",
    }
}
