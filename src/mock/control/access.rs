//! Who may control the platform.
//!
//! Whoever reaches the loopback address of this machine may, unless a token is set; pages in a
//! browser reach it too, so that a name that leads here (DNS rebinding) and a page of another site
//! (cross-site request forgery) are refused. A platform that others can reach needs the token.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Extension;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::{Host, Url};

use super::answer::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// Lets a request pass, or says why not.
pub(super) async fn guard(
    Extension(platform): Extension<Platform>,
    Extension(received): Extension<Arc<Received>>,
    request: Request,
    next: Next,
) -> Response {
    match check(&platform, &received) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Lets a page be shown, or says why not; who needs a control token says it on a page.
pub(super) async fn guard_page(
    Extension(platform): Extension<Platform>,
    Extension(received): Extension<Arc<Received>>,
    request: Request,
    next: Next,
) -> Response {
    let within_reach = match platform.control_token() {
        Some(_) => Ok(()),
        None => in_reach_without_token(&platform, &received),
    };
    match within_reach.and_then(|()| same_origin(&received)) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check(platform: &Platform, request: &Received) -> Result<(), Refusal> {
    match platform.control_token() {
        Some(token) => {
            let sent = request.authorization("bearer").unwrap_or_default();
            verify_slices_are_equal(sent.as_bytes(), token.expose().as_bytes()).map_err(|_| {
                Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "not_authorized",
                    "Send the control token as `Authorization: Bearer …`.",
                )
            })?;
        }
        None => in_reach_without_token(platform, request)?,
    }
    same_origin(request)?;
    let is_json = request.header(CONTENT_TYPE.as_str()).is_some_and(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || essence == "application/merge-patch+json"
    });
    // A form of another site can be posted without asking; JSON cannot (Fetch Standard, CORS).
    if [Method::POST, Method::PUT, Method::PATCH].contains(&request.method) && !is_json {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Send `Content-Type: application/json`, and `{}` if there is nothing to say.",
        ));
    }
    Ok(())
}

fn in_reach_without_token(platform: &Platform, request: &Received) -> Result<(), Refusal> {
    if platform.is_exposed() {
        return Err(Refusal::forbidden(
            "This platform can be reached from other machines and has no control token.",
        ));
    }
    named_as_loopback(request)
}

fn named_as_loopback(request: &Received) -> Result<(), Refusal> {
    let host = request.header(HOST.as_str()).and_then(|host| host.parse::<Authority>().ok());
    let host = host.and_then(|host| Host::parse(host.host()).ok());
    let is_loopback = match host {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_loopback.then_some(()).ok_or_else(|| {
        Refusal::forbidden(
            "Call the platform by a loopback address or `localhost`, or give it a control token.",
        )
    })
}

/// A page's own calls have its origin; programs other than browsers send none.
fn same_origin(request: &Received) -> Result<(), Refusal> {
    let refused = || Refusal::forbidden("Pages of other origins may not control the platform.");
    if request.header("sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site))
    {
        return Err(refused());
    }
    let Some(origin) = request.header(ORIGIN.as_str()) else { return Ok(()) };
    let authority = Url::parse(origin).ok().map(|url| url.authority().to_owned());
    let host = request.header(HOST.as_str());
    let same = authority.as_deref().is_some_and(|authority| Some(authority) == host);
    same.then_some(()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;

    use crate::mock::testing::{Answer, Tester};
    use crate::secret::Secret;

    async fn call(tester: &Tester, method: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(match method {
            "GET" | "PUT" => "/control/clock",
            _ => "/control/clock/advance",
        });
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        tester.send(request.body(Body::from(r#"{"by": 1}"#)).unwrap()).await
    }

    const HERE: (&str, &str) = ("host", "127.0.0.1:1");
    const JSON: (&str, &str) = ("content-type", "application/json");

    #[tokio::test]
    async fn a_program_on_this_machine_needs_no_token_and_a_page_of_another_site_gets_nothing() {
        let tester = Tester::new();
        for (method, headers, status) in [
            ("GET", &[HERE][..], 200),
            ("GET", &[("host", "localhost:1")], 200),
            ("GET", &[("host", "[::1]:1")], 200),
            ("GET", &[], 403),
            ("GET", &[("host", "rebound.example:1")], 403),
            ("GET", &[("host", "127.0.0.1.rebound.example")], 403),
            ("GET", &[HERE, ("origin", "http://127.0.0.1:1")], 200),
            ("GET", &[HERE, ("origin", "http://127.0.0.1:2")], 403),
            ("GET", &[HERE, ("origin", "https://app.example")], 403),
            ("GET", &[HERE, ("origin", "null")], 403),
            ("GET", &[HERE, ("sec-fetch-site", "cross-site")], 403),
            ("GET", &[HERE, ("sec-fetch-site", "same-site")], 403),
            ("GET", &[HERE, ("sec-fetch-site", "same-origin")], 200),
            ("POST", &[HERE, JSON], 200),
            ("POST", &[HERE], 415),
            ("POST", &[HERE, ("content-type", "text/plain")], 415),
            ("POST", &[HERE, ("content-type", "application/x-www-form-urlencoded")], 415),
            ("POST", &[HERE, JSON, ("origin", "https://app.example")], 403),
            ("OPTIONS", &[HERE, ("origin", "https://app.example")], 403),
        ] {
            let answer = call(&tester, method, headers).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {headers:?} {}", answer.text);
            let cors = answer.headers.get("access-control-allow-origin");
            assert!(cors.is_none(), "{method} {headers:?}");
        }
    }

    #[tokio::test]
    async fn a_platform_that_others_reach_is_controlled_with_its_token_only() {
        let tester = Tester::new();
        tester.platform.expose();
        assert_eq!(call(&tester, "GET", &[HERE]).await.status.as_u16(), 403);
        let platform = tester.platform.clone().with_control_token(Secret::new("t0ken-of-control"));
        assert!(platform.is_exposed());
        for (token, status) in [
            ("Bearer t0ken-of-control", 200),
            ("bearer t0ken-of-control", 200),
            ("Bearer t0ken-of-contro", 401),
            ("Bearer ", 401),
            ("Basic t0ken-of-control", 401),
        ] {
            let headers = [("host", "mock.example"), ("authorization", token)];
            assert_eq!(call(&tester, "GET", &headers).await.status.as_u16(), status, "{token}");
        }
        assert_eq!(call(&tester, "GET", &[HERE]).await.status.as_u16(), 401, "also from here");
    }
}
