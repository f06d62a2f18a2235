//! The app's own host: serves its key set to the platform, and counts who comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::response::AppendHeaders;
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::HttpError;

/// A server of the app on a free port of this machine; it ends when it is dropped.
#[derive(Debug)]
pub struct AppHost {
    url: Url,
    page: Arc<Mutex<Page>>,
    fetches: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

/// What the host answers with.
#[derive(Clone, Debug)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`.
    pub content_type: &'static str,
    /// Seconds in `Cache-Control: max-age`, if that is sent.
    pub max_age: Option<u32>,
    /// Value of `Location`, if that is sent.
    pub location: Option<Url>,
    /// The body.
    pub body: String,
}

impl Page {
    /// A key set that may not be cached.
    pub fn key_set(keys: &[Value]) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            max_age: Some(0),
            location: None,
            body: serde_json::json!({ "keys": keys }).to_string(),
        }
    }
}

impl AppHost {
    /// Starts the host.
    ///
    /// # Errors
    /// [`HttpError::Setup`] if no port is free.
    pub async fn start(page: Page) -> Result<Self, HttpError> {
        let setup = |error: std::io::Error| HttpError::Setup(error.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(setup)?;
        let address = listener.local_addr().map_err(setup)?;
        let url = Url::parse(&format!("http://{address}{PATH}"))
            .map_err(|error| HttpError::Setup(error.to_string()))?;
        let page = Arc::new(Mutex::new(page));
        let fetches = Arc::new(AtomicUsize::new(0));
        let (shown, counted) = (Arc::clone(&page), Arc::clone(&fetches));
        let answer = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            let page = shown.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
            async move {
                let status =
                    StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let caching = match page.max_age {
                    Some(seconds) => format!("max-age={seconds}"),
                    None => "public".to_owned(),
                };
                let mut headers = vec![(CONTENT_TYPE, page.content_type.to_owned())];
                headers.push((CACHE_CONTROL, caching));
                headers.extend(page.location.map(|it| (LOCATION, it.to_string())));
                (status, AppendHeaders(headers), page.body)
            }
        };
        let router = Router::new().route(PATH, get(answer));
        let server = tokio::spawn(async move {
            // Ends with the task; a failed accept loop shows as an unreachable key set.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, page, fetches, server })
    }

    /// Address of the key set.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Changes what is served from now on.
    pub fn show(&self, page: Page) {
        *self.page.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = page;
    }

    /// How often the key set was fetched so far.
    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl Drop for AppHost {
    fn drop(&mut self) {
        self.server.abort();
    }
}

const PATH: &str = "/.well-known/jwks.json";
