//! Faults of an answer, applied just before it leaves.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::response::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures::stream;
use serde_json::{Value, json};

use super::document;
use super::envelope;
use super::exchange::Exchange;
use super::kind::{KeySetChoice, Kind};

/// Stands in an answer's extensions if nothing of it may be sent: the connection is to be closed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("answer: a fault closes the connection")]
pub(in crate::mock) struct Dropped;

impl From<Infallible> for Dropped {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The answer, if it may be sent.
pub(in crate::mock) fn unless_dropped(
    answer: Result<Response, Infallible>,
) -> Result<Response, Dropped> {
    let Ok(answer) = answer;
    match answer.extensions().get() {
        Some(dropped) => Err(*dropped),
        None => Ok(answer),
    }
}

/// The answer with these faults applied, in their order.
pub(super) async fn apply(exchange: &Exchange, answer: Response, kinds: Vec<Kind>) -> Response {
    if kinds.is_empty() {
        return answer;
    }
    let mut draft = Draft::of(answer).await;
    for kind in kinds {
        draft.apply(exchange, kind).await;
    }
    if !draft.delay.is_zero() {
        tokio::time::sleep(draft.delay).await;
    }
    draft.finished()
}

/// An answer that is being changed.
struct Draft {
    parts: Parts,
    body: Bytes,
    /// How much of the body is sent, if not all.
    sent: Option<usize>,
    delay: Duration,
}

impl Draft {
    async fn of(answer: Response) -> Self {
        let (mut parts, body) = answer.into_parts();
        // Answers of this platform are made in memory, so that nothing can fail here.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        // They are told anew from the body that is sent in the end.
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRANSFER_ENCODING);
        Self { parts, body, sent: None, delay: Duration::ZERO }
    }

    async fn apply(&mut self, exchange: &Exchange, kind: Kind) {
        match kind {
            Kind::Status { status, error, description, body, content_type, headers, processed } => {
                let status = StatusCode::from_u16(status).unwrap_or_default();
                let own_words = error.is_some() || description.is_some();
                if let Some(body) = body {
                    self.body = body.into();
                    self.header(CONTENT_TYPE, content_type.as_deref().unwrap_or("text/html"));
                } else if !processed || own_words {
                    let (error, why) = (error.as_deref(), description.as_deref());
                    let told = Self::of(envelope::error(exchange, status, error, why)).await;
                    self.body = told.body;
                    self.parts.headers.extend(told.parts.headers);
                }
                self.parts.status = status;
                for (name, value) in headers {
                    self.named_header(&name, &value);
                }
            }
            Kind::Delay { milliseconds } => self.delay += Duration::from_millis(milliseconds),
            Kind::Drop { .. } => drop(self.parts.extensions.insert(Dropped)),
            Kind::Truncate { bytes } => {
                let half = self.body.len() / 2;
                self.sent = Some(bytes.unwrap_or(half).min(self.body.len().saturating_sub(1)));
            }
            Kind::ContentType { value } => self.header(CONTENT_TYPE, &value),
            Kind::Body { body, content_type } => {
                self.body = body.into();
                if let Some(content_type) = content_type {
                    self.header(CONTENT_TYPE, &content_type);
                }
            }
            Kind::MalformedJson {} => {
                let end = self.body.iter().rposition(|byte| b"}]".contains(byte));
                self.body.truncate(end.unwrap_or(self.body.len() / 2));
            }
            Kind::EmptyBody {} => self.body.clear(),
            Kind::MemberSet { pointer, value } => self.json(|document| {
                document::set(document, &pointer, value);
                document.to_string()
            }),
            Kind::MemberMissing { pointer } => self.json(|document| {
                document::remove(document, &pointer);
                document.to_string()
            }),
            Kind::MemberRepeated { pointer, value } => {
                self.json(|document| document::repeating(document, &pointer, value.as_ref()));
            }
            Kind::HeaderSet { name, value } => self.named_header(&name, &value),
            Kind::HeaderMissing { name } => drop(self.parts.headers.remove(name.as_str())),
            Kind::KeySet { serve } => {
                let keys = keys(exchange, serve, &self.body);
                self.body = json!({"keys": keys}).to_string().into();
            }
            // They strike elsewhere.
            Kind::ClaimSet { .. }
            | Kind::ClaimMissing { .. }
            | Kind::ClaimMoved { .. }
            | Kind::TokenExpired { .. }
            | Kind::TokenNotYetValid { .. }
            | Kind::TokenHeaderSet { .. }
            | Kind::TokenHeaderMissing { .. }
            | Kind::SignatureWrong { .. }
            | Kind::KeyUnknown { .. }
            | Kind::AlgNone { .. }
            | Kind::RedirectParameterSet { .. }
            | Kind::RedirectParameterMissing { .. }
            | Kind::RedirectParameterRepeated { .. }
            | Kind::RedirectError { .. } => {}
        }
    }

    /// Rewrites the body, if it is JSON.
    fn json(&mut self, write: impl FnOnce(&mut Value) -> String) {
        if let Ok(mut document) = serde_json::from_slice(&self.body) {
            self.body = write(&mut document).into();
        }
    }

    fn named_header(&mut self, name: &str, value: &str) {
        if let Ok(name) = name.parse() {
            self.header(name, value);
        }
    }

    fn header(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.parts.headers.insert(name, value);
        }
    }

    fn finished(self) -> Response {
        let Self { mut parts, body, sent, .. } = self;
        let Some(sent) = sent else { return Response::from_parts(parts, Body::from(body)) };
        parts.headers.insert(CONTENT_LENGTH, body.len().into());
        Response::from_parts(parts, broken_off(body.slice(..sent)))
    }
}

/// A body that ends with an error, once what there is of it has had the time to leave.
fn broken_off(body: Bytes) -> Body {
    let parts = stream::unfold(Some(body), |rest| async {
        match rest {
            Some(body) if !body.is_empty() => Some((Ok(body), Some(Bytes::new()))),
            _ => {
                // Whoever writes the answer sends what it has as soon as it has to wait.
                tokio::task::yield_now().await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            }
        }
    });
    Body::from_stream(parts)
}

/// The keys of a set that does not fit, as JSON Web Keys.
fn keys(exchange: &Exchange, serve: KeySetChoice, own: &[u8]) -> Vec<Value> {
    let ring = exchange.platform.key_ring();
    match serve {
        KeySetChoice::Empty => Vec::new(),
        KeySetChoice::OnlyCurrent => vec![exchange.platform.signing_key().public_jwk()],
        KeySetChoice::WithoutCurrent => {
            let current = exchange.platform.signing_key().public_jwk();
            let own: Value = serde_json::from_slice(own).unwrap_or_default();
            let own = own["keys"].as_array().cloned().unwrap_or_default();
            own.into_iter().filter(|key| key["kid"] != current["kid"]).collect()
        }
        KeySetChoice::BeforeRotation => ring.before(),
        KeySetChoice::AfterRotation => {
            ring.next().map(|key| vec![key.public_jwk()]).unwrap_or_default()
        }
    }
}
