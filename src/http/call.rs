//! A request to be sent, and the answer that came.

use serde_json::Value;
use url::Url;

use crate::secret::Secret;

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Call {
    /// `GET`, `POST`, …
    pub method: String,
    /// Address.
    pub url: Url,
    /// Header lines; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Body,
    /// The client whose token budget it is charged to, if it is a token request.
    pub charged_to: Option<String>,
}

/// The body of a request.
#[derive(Clone)]
pub enum Body {
    /// None.
    Empty,
    /// `application/x-www-form-urlencoded`, in this order; names may be repeated.
    Form(Vec<(String, String)>),
    /// `application/json`, unless a header says what else it is called.
    Json(Value),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Body::Empty => "Empty",
            Body::Form(_) => "Form(..)",
            Body::Json(_) => "Json(..)",
        })
    }
}

impl Call {
    /// A `GET` without body.
    pub fn get(url: Url) -> Self {
        Self::new("GET", url, Body::Empty)
    }

    /// A `POST` with this body.
    pub fn post(url: Url, body: Body) -> Self {
        Self::new("POST", url, body)
    }

    /// A request with this method and body.
    pub fn new(method: &str, url: Url, body: Body) -> Self {
        Self { method: method.to_owned(), url, headers: Vec::new(), body, charged_to: None }
    }

    /// Host and port that it is for.
    pub(super) fn host(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", self.url.host_str().unwrap_or_default())
    }

    /// The same request with one more header line.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// The same request with a bearer token (RFC 6750 §2.1).
    #[must_use]
    pub fn bearer(self, token: &Secret) -> Self {
        self.header("authorization", format!("Bearer {}", token.expose()))
    }
}

/// An answer, as it came; only the recorder's copy of it is redacted.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header lines in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The address that answered.
    pub url: Url,
}

impl Answer {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case; empty if none was sent.
    pub fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// A member of the body, if that is a JSON object which has it.
    pub fn member(&self, name: &str) -> Option<Value> {
        self.json()?.get(name).cloned()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} from {})", self.status, self.url.path())
    }
}
