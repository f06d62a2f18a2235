//! Who may come in: a browser of this machine that was sent here by this address.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Answer;

/// What a request has to bring.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    port: u16,
    /// What a page carries that may change something; without it nothing can be changed.
    token: Option<Arc<str>>,
}

impl Guard {
    pub(super) fn new(port: u16, token: Option<Arc<str>>) -> Self {
        Self { port, token }
    }

    /// Why a request is turned away, if it is.
    fn refusal(&self, method: &Method, headers: &HeaderMap) -> Option<Answer> {
        let said = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        // A name of somebody else's that leads here (DNS rebinding) is not ours.
        let ours = NAMES.map(|name| format!("{name}:{}", self.port));
        let Some(host) = said(&HOST).filter(|host| ours.iter().any(|name| name == host)) else {
            let sentence = format!("this is {}, and answers by no other name", ours[0]);
            return Some(Answer::refusal(StatusCode::MISDIRECTED_REQUEST, sentence));
        };
        if [Method::GET, Method::HEAD].contains(method) {
            return None;
        }
        let Some(token) = self.token.as_deref().filter(|_| method == Method::POST) else {
            let sentence = "nothing can be changed here";
            return Some(Answer::refusal(StatusCode::METHOD_NOT_ALLOWED, sentence));
        };
        let is_from_here = said(&ORIGIN).is_some_and(|origin| origin == format!("http://{host}"));
        let brought = headers.get(TOKEN).map(HeaderValue::as_bytes).unwrap_or_default();
        let has_token = verify_slices_are_equal(brought, token.as_bytes()).is_ok();
        (!is_from_here || !has_token).then(|| {
            let sentence = "only the page of this address can ask for this: load it again";
            Answer::refusal(StatusCode::FORBIDDEN, sentence)
        })
    }
}

/// Turns away who may not come in, and tells browsers to keep and share nothing.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.refusal(request.method(), request.headers()) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What the page sends its token in.
pub(super) const TOKEN: &str = "x-checkride-token";
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];
const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: Method, token: Option<&str>, headers: &[(&str, &str)]) -> Option<u16> {
        let guard = Guard::new(7, token.map(Arc::from));
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
        });
        let refusal = guard.refusal(&method, &headers.collect())?;
        Some(refusal.into_response().status().as_u16())
    }

    #[test]
    fn only_the_names_of_this_machine_are_answered_to() {
        for host in ["127.0.0.1:7", "localhost:7"] {
            assert_eq!(refused(Method::GET, None, &[("host", host)]), None, "{host}");
        }
        for host in ["evil.example:7", "127.0.0.1:8", "127.0.0.1", "127.0.0.1:7.evil.example"] {
            assert_eq!(refused(Method::GET, None, &[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(refused(Method::GET, None, &[]), Some(421));
    }

    #[test]
    fn a_change_takes_the_token_and_the_origin_of_the_page() {
        let host = ("host", "127.0.0.1:7");
        let origin = ("origin", "http://127.0.0.1:7");
        let token = (TOKEN, "secret");
        assert_eq!(refused(Method::POST, Some("secret"), &[host, origin, token]), None);
        for brought in [
            &[host, origin][..],
            &[host, token],
            &[host, ("origin", "null"), token],
            &[host, ("origin", "http://localhost:7"), token],
            &[host, ("origin", "https://127.0.0.1:7"), token],
            &[host, origin, (TOKEN, "secres")],
            &[host, origin, (TOKEN, "")],
        ] {
            assert_eq!(refused(Method::POST, Some("secret"), brought), Some(403), "{brought:?}");
        }
        assert_eq!(refused(Method::POST, None, &[host, origin, token]), Some(405));
        assert_eq!(refused(Method::PUT, Some("secret"), &[host, origin, token]), Some(405));
    }
}
