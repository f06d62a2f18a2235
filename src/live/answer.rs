//! What is asked for, and what is answered.

use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{Response, StatusCode, Uri};
use url::form_urlencoded;

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The path, from its slash.
    pub path: String,
    /// The names and values behind the question mark, decoded.
    pub query: Vec<(String, String)>,
}

impl Ask {
    pub(super) fn of(uri: &Uri) -> Self {
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self { path: uri.path().to_owned(), query: query.into_owned().collect() }
    }

    /// The value of this name, if one is given and not empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    kind: &'static str,
    policy: &'static str,
    body: Vec<u8>,
}

impl Answer {
    /// A page without scripts, whose style is another address of the site.
    pub fn page(html: String) -> Self {
        Self { status: StatusCode::OK, kind: HTML, policy: PLAIN, body: html.into_bytes() }
    }

    /// A page that says itself, in its head, what it may run and show.
    pub fn document(html: String) -> Self {
        Self { policy: OWN, ..Self::page(html) }
    }

    /// A style sheet.
    pub fn style(css: String) -> Self {
        Self { kind: "text/css", ..Self::page(css) }
    }

    /// A JSON document.
    pub fn json(document: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, kind: "application/json", policy: PLAIN, body: document }
    }

    /// A sentence that says why there is nothing else.
    pub(super) fn refusal(status: StatusCode, sentence: impl Into<String>) -> Self {
        let body = sentence.into().into_bytes();
        Self { status, kind: "text/plain; charset=utf-8", policy: PLAIN, body }
    }

    /// The same, where nothing is found.
    #[must_use]
    pub fn missing(self) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..self }
    }

    /// The same, where what was found cannot be told.
    #[must_use]
    pub fn broken(self) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..self }
    }
}

impl axum::response::IntoResponse for Answer {
    fn into_response(self) -> Response<Body> {
        let headers = [(CONTENT_TYPE, self.kind), (CONTENT_SECURITY_POLICY, self.policy)];
        (self.status, headers, self.body).into_response()
    }
}

const HTML: &str = "text/html; charset=utf-8";
/// Style and questions within the site, and nothing else.
const PLAIN: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
                     frame-ancestors 'none'";
/// What a page cannot say of itself.
const OWN: &str = "frame-ancestors 'none'; base-uri 'none'";
