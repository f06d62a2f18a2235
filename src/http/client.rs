//! Sends requests with reqwest and notes each exchange.

use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime};

use reqwest::Certificate;
use reqwest::redirect::Policy;
use serde_json::to_string;

use super::{Answer, Body, Call, Courtesy};
use crate::record::{Recorder, Request, Response, Sender};

/// The connections of a run; every scenario's client uses them.
#[derive(Clone, Debug)]
pub struct Transport {
    connections: reqwest::Client,
    courtesy: Courtesy,
}

impl Transport {
    /// A transport that answers or gives up within `patience` for each request, and trusts this
    /// authority (PEM) beside those of the machine.
    ///
    /// # Errors
    /// [`HttpError::Setup`] if the machine's certificates or the authority's cannot be read.
    pub fn new(
        patience: Duration,
        proxy: Proxy,
        authority: Option<&[u8]>,
    ) -> Result<Self, HttpError> {
        let mut builder = match proxy {
            Proxy::AsConfigured => reqwest::Client::builder(),
            Proxy::Never => reqwest::Client::builder().no_proxy(),
        };
        if let Some(pem) = authority {
            let setup = |error: reqwest::Error| HttpError::Setup(whole(&error));
            let certificates = Certificate::from_pem_bundle(pem).map_err(setup)?;
            builder = builder.tls_certs_merge(certificates);
        }
        builder
            .redirect(Policy::none())
            .connect_timeout(patience.min(LONGEST_CONNECT))
            .timeout(patience)
            .user_agent(concat!("checkride/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|connections| Self { connections, courtesy: Courtesy::default() })
            .map_err(|error| HttpError::Setup(whole(&error)))
    }

    /// Connections with the same manners to a platform in this program, which has an authority (PEM)
    /// of its own.
    ///
    /// # Errors
    /// [`HttpError::Setup`] if its certificate cannot be read.
    pub fn trusting(self, authority: &[u8], patience: Duration) -> Result<Self, HttpError> {
        Ok(Self::new(patience, Proxy::Never, Some(authority))?.with(self.courtesy))
    }

    /// The same connections, used with these manners.
    #[must_use]
    pub fn with(self, courtesy: Courtesy) -> Self {
        Self { courtesy, ..self }
    }

    /// Whether token requests have to be spared.
    pub fn is_frugal(&self) -> bool {
        self.courtesy.is_frugal()
    }
}

/// Whether requests go through the proxy that the environment names (`HTTPS_PROXY`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// They do, where one is named.
    AsConfigured,
    /// They do not: the platform is in this program.
    Never,
}

/// One sender of requests in one scenario.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    recorder: Recorder,
    sender: Sender,
}

/// Why no answer came. The subject cannot be judged then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// This machine cannot make connections.
    #[error("prepare connections: {0}")]
    Setup(String),
    /// The request could not be built from what the scenario gave.
    #[error("build the request: {0}")]
    Request(String),
    /// No answer came in time.
    #[error("get an answer from {host} in time")]
    Timeout {
        /// Host and port.
        host: String,
    },
    /// The connection failed.
    #[error("reach {host}: {reason}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// The chain of causes.
        reason: String,
        /// Whether the request may have come to the platform.
        sent: bool,
    },
    /// Nothing was sent, because the host failed so often before.
    #[error("ask {host}: it was given up, because it {reason}")]
    GivenUp {
        /// Host and port.
        host: String,
        /// What it did last.
        reason: String,
    },
}

impl Client {
    /// A client that notes what it sends as sent by `sender`.
    pub fn new(transport: &Transport, recorder: &Recorder, sender: Sender) -> Self {
        Self { transport: transport.clone(), recorder: recorder.clone(), sender }
    }

    /// Sends a request with the manners that the target asks for, and gives the last answer, whatever
    /// its status.
    ///
    /// # Errors
    /// [`HttpError`] if no whole answer came.
    pub async fn send(&self, call: Call) -> Result<Answer, HttpError> {
        self.transport.courtesy.deliver(&call, || self.send_once(&call)).await
    }

    /// Sends a request at once and only once, and gives its answer, whatever its status.
    ///
    /// # Errors
    /// [`HttpError`] if no whole answer came.
    pub async fn send_once(&self, call: &Call) -> Result<Answer, HttpError> {
        let request = self.build(call)?;
        let noted = Request {
            method: request.method().to_string(),
            url: request.url().to_string(),
            headers: lines(request.headers()),
            body: request
                .body()
                .and_then(|body| body.as_bytes())
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                .unwrap_or_default(),
        };
        let (wall, start) = (SystemTime::now(), Instant::now());
        let outcome = self.exchange(request, call.host()).await;
        self.recorder.exchange(
            self.sender,
            wall,
            start.elapsed(),
            noted,
            match &outcome {
                Ok(answer) => Ok(Response {
                    status: answer.status,
                    headers: answer.headers.clone(),
                    body: answer.body.clone(),
                }),
                Err(error) => Err(error.to_string()),
            },
        );
        outcome
    }

    fn build(&self, call: &Call) -> Result<reqwest::Request, HttpError> {
        let method = call
            .method
            .parse()
            .map_err(|_| HttpError::Request(format!("`{}` is no method", call.method)))?;
        let mut builder = self.transport.connections.request(method, call.url.clone());
        builder = match &call.body {
            Body::Empty => builder,
            Body::Form(fields) => {
                let encoded = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish();
                builder.header("content-type", "application/x-www-form-urlencoded").body(encoded)
            }
            Body::Json(value) => {
                let text = to_string(value);
                let builder =
                    builder.body(text.map_err(|error| HttpError::Request(error.to_string()))?);
                match call.headers.iter().any(|(name, _)| name == "content-type") {
                    true => builder,
                    false => builder.header("content-type", "application/json"),
                }
            }
        };
        let mut request = builder.build().map_err(|error| HttpError::Request(whole(&error)))?;
        for (name, value) in &call.headers {
            let wrong = |_| HttpError::Request(format!("`{name}` is no header line"));
            let parsed = name.parse::<reqwest::header::HeaderName>().map_err(|_| wrong(()))?;
            request.headers_mut().append(parsed, value.parse().map_err(|_| wrong(()))?);
        }
        Ok(request)
    }

    async fn exchange(&self, request: reqwest::Request, host: String) -> Result<Answer, HttpError> {
        let url = request.url().clone();
        let failed = |error: reqwest::Error| {
            if error.is_timeout() {
                HttpError::Timeout { host: host.clone() }
            } else {
                let sent = !error.is_connect();
                let reason = whole(&error.without_url());
                HttpError::Unreachable { host: host.clone(), reason, sent }
            }
        };
        let response = self.transport.connections.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = lines(response.headers());
        let body = response.bytes().await.map_err(failed)?;
        Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned(), url })
    }
}

fn lines(headers: &reqwest::header::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}

/// An error with all its causes: the first one alone rarely says what happened.
pub(super) fn whole(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

const LONGEST_CONNECT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Redactor, Secret};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn answering(answer: &'static str) -> url::Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        url::Url::parse(&format!("http://{address}/token")).unwrap()
    }

    fn client(recorder: &Recorder) -> Client {
        let transport = Transport::new(Duration::from_secs(5), Proxy::Never, None).unwrap();
        Client::new(&transport, recorder, Sender::App)
    }

    #[tokio::test]
    async fn an_exchange_is_noted_without_its_secrets() {
        let url = answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}").await;
        let recorder = Recorder::new(Redactor::new());
        let call = Call::post(url, Body::Form(vec![("client_secret".into(), "canary".into())]))
            .bearer(&Secret::new("canary-token"));
        let answer = client(&recorder).send(call).await.unwrap();
        assert_eq!(answer.status, 401);
        let noted = format!("{:?}", recorder.evidence().exchanges);
        assert!(noted.contains("client_secret=[redacted:client_secret]"), "{noted}");
        assert!(!noted.contains("canary"), "{noted}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer() {
        let url = answering(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n",
        )
        .await;
        let recorder = Recorder::new(Redactor::new());
        let answer = client(&recorder).send(Call::get(url)).await.unwrap();
        assert_eq!(answer.header("location"), Some("http://127.0.0.1:1/x"));
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable_and_noted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let recorder = Recorder::new(Redactor::new());
        let url = url::Url::parse(&format!("http://{address}/")).unwrap();
        let error = client(&recorder).send(Call::get(url)).await.unwrap_err();
        assert!(matches!(error, HttpError::Unreachable { .. }), "{error}");
        assert!(recorder.evidence().exchanges[0].1.error.is_some());
    }
}
