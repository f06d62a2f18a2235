//! A request as the platform received it, read once for all rules and for the journal.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, DATE, STRICT_TRANSPORT_SECURITY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use jiff::Timestamp;
use tokio::time::timeout;

use super::client::named_client;
use super::endpoint::Endpoint;
use super::fault;
use super::platform::{Environment, ID_LENGTH, Platform};
use crate::protocol::random;

/// One request. `Debug` shows its method and path only, because the rest holds secrets.
#[derive(Clone)]
pub struct Received {
    /// The platform's time at its arrival.
    pub time: Timestamp,
    /// The method.
    pub method: Method,
    /// The environment that it was sent to.
    pub environment: Environment,
    /// The path in that environment, without query.
    pub path: String,
    /// The query's parameters, decoded.
    pub query: Parameters,
    /// The parameters of a form-encoded body, decoded; empty for any other body.
    pub form: Parameters,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Parameters in the order they were sent; a name may appear several times.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

/// Reads the request, notes it in the journal and gives the answer its identifiers.
pub(super) async fn receive(
    Extension(platform): Extension<Platform>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match timeout(LONGEST_WAIT, whole(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return status.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let received = Arc::new(Received::new(&parts, body, &platform));
    let endpoint = Endpoint::of(&platform.dialect(), &received.path);
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(Arc::clone(&received));
    if endpoint == Endpoint::Control {
        return next.run(request).await;
    }
    platform.state().tidy(platform.clock().unix());
    let client_id = named_client(&platform, &received);
    let time = platform.clock().now();
    let entry =
        platform.journal().received(Arc::clone(&received), endpoint, client_id.clone(), time);
    let own = async {
        let mut response = next.run(request).await;
        if let Ok(id) = HeaderValue::from_str(&random::alphanumeric(ID_LENGTH)) {
            for name in &platform.dialect().gateway.request_id_headers {
                if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                    response.headers_mut().insert(name, id.clone());
                }
            }
        }
        // The platform's own time, which a client may compare with its own (RFC 9110 §6.6.1).
        let date = platform.clock().now().strftime(HTTP_DATE).to_string();
        if let Ok(date) = HeaderValue::from_str(&date) {
            response.headers_mut().insert(DATE, date);
        }
        if let Some(value) = secure_only(&platform) {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, value);
        }
        response
    };
    let answered = fault::answered(&platform, &received, endpoint, client_id.as_deref(), own);
    let (response, struck) = answered.await;
    let (response, body) = kept(response).await;
    platform.journal().answered(entry, &response, body, struck);
    response
}

/// An answer, and its body if it is short and there already.
async fn kept(response: Response) -> (Response, Bytes) {
    let is_short = response.body().size_hint().exact().is_some_and(|size| size <= SHORT_BODY);
    if !is_short {
        return (response, Bytes::new());
    }
    let (parts, body) = response.into_parts();
    // A body of a known size that is in memory cannot fail to be read.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (Response::from_parts(parts, Body::from(body.clone())), body)
}

/// What a platform says over TLS of requests without it, and over plain HTTP to nobody (RFC 6797
/// §7.2).
fn secure_only(platform: &Platform) -> Option<HeaderValue> {
    platform.tls()?;
    let dialect = platform.dialect();
    HeaderValue::from_str(dialect.gateway.strict_transport_security.as_deref()?).ok()
}

/// Headers as lines: names in lower case, values as text.
pub(super) fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// All of a body; or the status that says what is wrong with it.
async fn whole(body: Body) -> Result<Bytes, StatusCode> {
    let mut parts = body.into_data_stream();
    let (mut whole, mut read) = (Vec::new(), 0);
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| StatusCode::BAD_REQUEST)?;
        read += part.len();
        if read <= LONGEST_BODY {
            whole.extend_from_slice(&part);
        } else if read > LONGEST_UNWANTED {
            break;
        }
        // A client hears of it only when it has sent what it has to say.
    }
    (read <= LONGEST_BODY).then(|| whole.into()).ok_or(StatusCode::PAYLOAD_TOO_LARGE)
}

impl Received {
    /// The headers as lines: names in lower case, values as text.
    pub fn header_lines(&self) -> Vec<(String, String)> {
        lines(&self.headers)
    }

    fn new(parts: &request::Parts, body: Bytes, platform: &Platform) -> Self {
        let mut received = Self {
            time: platform.clock().now(),
            method: parts.method.clone(),
            environment: platform.environment(),
            path: parts.uri.path().to_owned(),
            query: Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes()),
            form: Parameters::default(),
            headers: parts.headers.clone(),
            body,
        };
        if received.is_form() {
            received.form = Parameters::parse(&received.body);
        }
        received
    }

    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        let pairs = self.query.iter().chain(self.form.iter());
        let parameters: usize = pairs.map(|(name, value)| name.len() + value.len()).sum();
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        size_of::<Self>() + self.path.len() + parameters + headers + self.body.len()
    }

    /// Whether the body is form-encoded, with or without a charset.
    pub fn is_form(&self) -> bool {
        let essence = self.header(CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next());
        essence.is_some_and(|essence| {
            essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
    }

    /// A header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The credentials after a scheme of the `Authorization` header, compared without regard to
    /// case.
    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        let (sent, credentials) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        sent.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.header(COOKIE.as_str())?.split(';');
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Parameters {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        let decoded = url::form_urlencoded::parse(encoded);
        Self(decoded.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The first value of a parameter; one without a value counts as omitted (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The values of a parameter, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is there more than once.
    pub fn repeats(&self, name: &str) -> bool {
        self.all(name).nth(1).is_some()
    }

    /// A name that appears more than once.
    pub fn repeated(&self) -> Option<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| self.repeats(name))
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<Cow<'_, str>> = self.0.iter().map(|(name, _)| name.into()).collect();
        write!(f, "Parameters({})", names.join(", "))
    }
}

/// A moment of UTC as HTTP writes it (RFC 9110 §5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
const LONGEST_BODY: usize = 256 * 1024;
/// Bytes of a body that are read for nothing.
const LONGEST_UNWANTED: usize = 16 * LONGEST_BODY;
/// Bytes of an answer that the journal keeps.
const SHORT_BODY: u64 = 16 * 1024;
/// How long a client may take for a body.
const LONGEST_WAIT: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 30 });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::testing::Tester;

    #[test]
    fn a_parameter_without_a_value_counts_as_omitted() {
        let parameters = Parameters::parse(b"scope=&state=a%26b&state=c");
        assert_eq!(parameters.get("scope"), None);
        assert_eq!(parameters.get("state"), Some("a&b"));
        assert_eq!(parameters.repeated(), Some("state"));
    }

    #[tokio::test]
    async fn an_answer_is_dated_by_the_platforms_own_time() {
        let tester = Tester::new();
        let answer = tester.get("/fhir/r4/.well-known/smart-configuration", &[]).await;
        assert_eq!(answer.headers["date"], "Sat, 21 Nov 2026 12:00:00 GMT");
    }

    #[test]
    fn a_request_is_printed_without_its_contents() {
        let (parts, ()) =
            axum::http::Request::post("/token?code=c0de").body(()).unwrap().into_parts();
        let tester = Tester::new();
        let received = Received::new(&parts, Bytes::new(), &tester.platform);
        assert_eq!(format!("{received:?}"), "POST /token");
        assert_eq!(format!("{:?}", received.query), "Parameters(code)");
    }
}
