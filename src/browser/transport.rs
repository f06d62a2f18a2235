//! A small DevTools client: calls with deadlines, and events in the order in which they come.
//!
//! It speaks through the pipe of a browser that we started, or a WebSocket to a remote one. Events
//! go to the listener of their session before any answer that came after them is handed out, so
//! whoever has an answer sees all that happened before it.

use std::collections::HashMap;
use std::io::{PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use headless_chrome::protocol::cdp::types::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

use super::BrowserError;
use super::options::without_credentials;

/// A connection to a browser; clones share it.
#[derive(Clone)]
pub(super) struct Connection(Arc<Wire>);

/// Hears the events of one session, or of the browser itself. It must not block.
pub(super) trait Listener: Send + Sync {
    /// An event came.
    fn hear(&self, method: &str, params: &Value);
    /// Nothing will come any more.
    fn lose(&self);
}

struct Wire {
    outgoing: mpsc::UnboundedSender<Outgoing>,
    next: AtomicU32,
    /// `None` once the connection is lost.
    waiting: Mutex<Option<HashMap<u32, oneshot::Sender<Answer>>>>,
    /// By session; the browser's own under the empty name.
    listeners: Mutex<HashMap<String, Arc<dyn Listener>>>,
}

type Answer = Result<Value, String>;

enum Outgoing {
    Message(String),
    Close,
}

impl Connection {
    /// Speaks through the pipe of a browser: one JSON text after the other, each ended by a NUL.
    pub(super) fn through_pipe(to: PipeWriter, from: PipeReader) -> std::io::Result<Self> {
        let mut writer = pipe::Sender::from_owned_fd(OwnedFd::from(to))?;
        let mut reader = BufReader::new(pipe::Receiver::from_owned_fd(OwnedFd::from(from))?);
        let (connection, mut outgoing) = Self::new();
        tokio::spawn(async move {
            while let Some(Outgoing::Message(text)) = outgoing.recv().await {
                let mut bytes = text.into_bytes();
                bytes.push(0);
                if writer.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        });
        let heard = connection.clone();
        tokio::spawn(async move {
            let mut bytes = Vec::new();
            while matches!(reader.read_until(0, &mut bytes).await, Ok(length) if length > 0) {
                heard.take(&bytes[..bytes.len() - 1]);
                bytes.clear();
            }
            heard.lose();
        });
        Ok(connection)
    }

    /// Speaks with the browser at a `ws://` address.
    pub(super) async fn through_socket(
        address: &str,
        deadline: Duration,
    ) -> Result<Self, BrowserError> {
        let place = || without_credentials(address);
        let failed = |why: String| BrowserError::Connect { address: place(), why };
        let opening = tokio_tungstenite::connect_async(address);
        let (socket, _) = tokio::time::timeout(deadline, opening)
            .await
            .map_err(|_| failed("no answer".into()))?
            .map_err(|error| failed(error.to_string()))?;
        let (mut writer, mut reader) = socket.split();
        let (connection, mut outgoing) = Self::new();
        tokio::spawn(async move {
            while let Some(Outgoing::Message(text)) = outgoing.recv().await {
                if writer.send(Message::text(text)).await.is_err() {
                    break;
                }
            }
            // The reader ends when the other side agrees.
            let _ = writer.close().await;
        });
        let heard = connection.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = reader.next().await {
                if let Message::Text(text) = message {
                    heard.take(text.as_bytes());
                }
            }
            heard.lose();
        });
        Ok(connection)
    }

    fn new() -> (Self, mpsc::UnboundedReceiver<Outgoing>) {
        let (outgoing, written) = mpsc::unbounded_channel();
        let wire = Wire {
            outgoing,
            next: AtomicU32::new(1),
            waiting: Mutex::new(Some(HashMap::new())),
            listeners: Mutex::default(),
        };
        (Self(Arc::new(wire)), written)
    }

    /// Calls a method and reads its answer.
    pub(super) async fn call<M: Method + Serialize>(
        &self,
        session: Option<&str>,
        method: M,
        deadline: Duration,
    ) -> Result<M::ReturnObject, BrowserError> {
        let answer = self.ask(session, method, deadline).await?;
        serde_json::from_value(answer)
            .map_err(|error| BrowserError::Refused { method: M::NAME, why: error.to_string() })
    }

    /// Calls a method; the answer stays JSON, for where the generated types are too strict.
    pub(super) async fn ask<M: Method + Serialize>(
        &self,
        session: Option<&str>,
        method: M,
        deadline: Duration,
    ) -> Result<Value, BrowserError> {
        let (answered, answer) = oneshot::channel();
        let id = self.send(session, &method, Some(answered))?;
        match tokio::time::timeout(deadline, answer).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(why))) => Err(BrowserError::Refused { method: M::NAME, why }),
            Ok(Err(_)) => Err(BrowserError::Gone),
            Err(_) => {
                if let Some(waiting) = lock(&self.0.waiting).as_mut() {
                    waiting.remove(&id);
                }
                let what = format!("an answer to `{}`", M::NAME);
                Err(BrowserError::Deadline { what, after: deadline })
            }
        }
    }

    /// Calls a method whose answer nobody needs.
    pub(super) fn tell<M: Method + Serialize>(&self, session: Option<&str>, method: &M) {
        // A browser that is gone needs to be told nothing.
        let _ = self.send(session, method, None);
    }

    /// Hands the events of a session (`""`: of the browser itself) to `listener`.
    pub(super) fn listen(&self, session: &str, listener: Arc<dyn Listener>) {
        lock(&self.0.listeners).insert(session.to_owned(), listener.clone());
        if !self.is_open() {
            listener.lose();
        }
    }

    /// Drops the events of a session from now on.
    pub(super) fn forget(&self, session: &str) {
        lock(&self.0.listeners).remove(session);
    }

    /// Whether the browser can still be spoken to.
    pub(super) fn is_open(&self) -> bool {
        lock(&self.0.waiting).is_some()
    }

    /// Ends the connection; every waiting call fails at once.
    pub(super) fn close(&self) {
        let _ = self.0.outgoing.send(Outgoing::Close);
        self.lose();
    }

    fn send<M: Method + Serialize>(
        &self,
        session: Option<&str>,
        method: &M,
        answered: Option<oneshot::Sender<Answer>>,
    ) -> Result<u32, BrowserError> {
        let refused = |why: serde_json::Error| BrowserError::Refused {
            method: M::NAME,
            why: why.to_string(),
        };
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let params = serde_json::to_value(method).map_err(refused)?;
        let mut message = json!({ "id": id, "method": M::NAME });
        if params.is_object() {
            message["params"] = params;
        }
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        match (lock(&self.0.waiting).as_mut(), answered) {
            (None, _) => return Err(BrowserError::Gone),
            (Some(waiting), Some(answered)) => drop(waiting.insert(id, answered)),
            (Some(_), None) => {}
        }
        let text = serde_json::to_string(&message).map_err(refused)?;
        self.0.outgoing.send(Outgoing::Message(text)).map_err(|_| BrowserError::Gone)?;
        Ok(id)
    }

    fn take(&self, bytes: &[u8]) {
        let Ok(mut message) = serde_json::from_slice::<Value>(bytes) else {
            // Whoever waits for an answer in it runs into its deadline.
            return;
        };
        if let Some(id) = message["id"].as_u64() {
            let answered = u32::try_from(id)
                .ok()
                .and_then(|id| lock(&self.0.waiting).as_mut().and_then(|all| all.remove(&id)));
            let answer = match message.get_mut("error") {
                Some(error) => Err(error["message"].as_str().unwrap_or("no reason").to_owned()),
                None => Ok(message["result"].take()),
            };
            // Nobody waits for an answer that came too late.
            if let Some(answered) = answered {
                let _ = answered.send(answer);
            }
        } else if let Some(method) = message["method"].as_str() {
            let session = message["sessionId"].as_str().unwrap_or_default();
            let listener = lock(&self.0.listeners).get(session).cloned();
            if let Some(listener) = listener {
                listener.hear(method, &message["params"]);
            }
        }
    }

    fn lose(&self) {
        lock(&self.0.waiting).take();
        let listeners = std::mem::take(&mut *lock(&self.0.listeners));
        for listener in listeners.into_values() {
            listener.lose();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};

    use headless_chrome::protocol::cdp::Browser::GetVersion;

    use super::*;

    /// The browser's ends of the pipe.
    struct Fake {
        calls: BufReader<PipeReader>,
        answers: PipeWriter,
    }

    impl Fake {
        fn start() -> (Connection, Self) {
            let (calls, to) = std::io::pipe().unwrap();
            let (from, answers) = std::io::pipe().unwrap();
            let connection = Connection::through_pipe(to, from).unwrap();
            (connection, Self { calls: BufReader::new(calls), answers })
        }

        /// Reads a call and gives its id.
        fn id(&mut self) -> u64 {
            let mut bytes = Vec::new();
            self.calls.read_until(0, &mut bytes).unwrap();
            let call: Value = serde_json::from_slice(&bytes[..bytes.len() - 1]).unwrap();
            assert_eq!(call["method"], "Browser.getVersion");
            call["id"].as_u64().unwrap()
        }

        fn say(&mut self, message: &Value) {
            write!(self.answers, "{message}\0").unwrap();
        }
    }

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Listener for Heard {
        fn hear(&self, method: &str, params: &Value) {
            lock(&self.0).push(format!("{method} {params}"));
        }
        fn lose(&self) {
            lock(&self.0).push("lost".into());
        }
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_late_answer_is_harmless() {
        let (connection, mut fake) = Fake::start();
        let error = connection.ask(None, GetVersion(None), Duration::from_millis(5)).await;
        let told = error.unwrap_err().to_string();
        assert_eq!(told, "get an answer to `Browser.getVersion` within 0.005 s");
        let late = fake.id();
        fake.say(&json!({ "id": late, "result": {} }));
        let second = tokio::task::spawn_blocking(move || {
            let id = fake.id();
            fake.say(&json!({ "id": id, "error": { "code": 1, "message": "not today" } }));
            fake
        });
        let error = connection.ask(None, GetVersion(None), LONG).await.unwrap_err();
        assert_eq!(error.to_string(), "call `Browser.getVersion`: not today");
        drop(second.await.unwrap());
    }

    #[tokio::test]
    async fn a_lost_connection_fails_every_call_at_once() {
        let (connection, fake) = Fake::start();
        let heard = Arc::<Heard>::default();
        connection.listen("tab", heard.clone());
        let first = connection.ask(None, GetVersion(None), LONG);
        let second = connection.ask(Some("tab"), GetVersion(None), LONG);
        let breaking = async { drop(fake) };
        let (first, second, ()) = tokio::join!(first, second, breaking);
        assert!(matches!(first, Err(BrowserError::Gone)));
        assert!(matches!(second, Err(BrowserError::Gone)));
        let third = connection.ask(None, GetVersion(None), LONG).await;
        assert!(matches!(third, Err(BrowserError::Gone)));
        assert_eq!((connection.is_open(), lock(&heard.0).clone()), (false, vec!["lost".into()]));
    }

    #[tokio::test]
    async fn what_happened_before_an_answer_is_heard_before_it() {
        let (connection, mut fake) = Fake::start();
        let heard = Arc::<Heard>::default();
        connection.listen("tab", heard.clone());
        let browser = tokio::task::spawn_blocking(move || {
            let id = fake.id();
            fake.say(&json!({ "method": "Page.loaded", "params": 1, "sessionId": "tab" }));
            fake.say(&json!({ "method": "Page.loaded", "params": 2, "sessionId": "other" }));
            fake.say(&json!({ "id": id, "result": {} }));
            fake
        });
        connection.ask(Some("tab"), GetVersion(None), LONG).await.unwrap();
        assert_eq!(*lock(&heard.0), ["Page.loaded 1"]);
        drop(browser.await.unwrap());
    }
}
