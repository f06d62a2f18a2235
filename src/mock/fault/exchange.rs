//! One request and its answer, as faults see them.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::answer;
use super::kind::{Family, Kind};
use crate::dialect::Paths;
use crate::mock::endpoint::Endpoint;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// A request that is being answered.
pub(in crate::mock) struct Exchange {
    pub(super) platform: Platform,
    pub(super) paths: Paths,
    pub(super) request: Arc<Received>,
    pub(super) endpoint: Endpoint,
    pub(super) client_id: Option<String>,
    /// The app of that id, as the portal shows it.
    pub(super) app: Option<Value>,
    struck: Mutex<Vec<Struck>>,
}

/// A fault that struck an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// Its number.
    pub id: u64,
    /// The name of its kind.
    pub kind: String,
}

tokio::task_local! {
    /// The request at hand: what signs a token or writes a redirect is called deep inside of it,
    /// and need not know that there are faults.
    static AT_HAND: Arc<Exchange>;
}

/// The answer to a request with the platform's faults applied, and those that struck.
pub(in crate::mock) async fn answered(
    platform: &Platform,
    request: &Arc<Received>,
    endpoint: Endpoint,
    client_id: Option<&str>,
    own: impl Future<Output = Response>,
) -> (Response, Vec<Struck>) {
    if platform.faults().is_empty() {
        return (own.await, Vec::new());
    }
    let exchange = Arc::new(Exchange {
        platform: platform.clone(),
        paths: platform.dialect().paths.clone(),
        request: Arc::clone(request),
        endpoint,
        client_id: client_id.map(str::to_owned),
        app: client_id.and_then(|id| platform.state().app(id)).map(|app| app.shown()),
        struck: Mutex::default(),
    });
    let mut kinds = exchange.strike(Family::Instead, None);
    let response = if kinds.is_empty() {
        AT_HAND.scope(Arc::clone(&exchange), own).await
    } else {
        StatusCode::OK.into_response()
    };
    let status = Some(response.status().as_u16());
    kinds.extend(exchange.strike(Family::KeySet, status));
    kinds.extend(exchange.strike(Family::Answer, status));
    let response = answer::apply(&exchange, response, kinds).await;
    let struck = std::mem::take(&mut *exchange.noted());
    (response, struck)
}

/// The faults of a family that strike the request at hand.
pub(super) fn strike_at_hand(family: Family) -> Vec<Kind> {
    let strike = |exchange: &Arc<Exchange>| exchange.strike(family, None);
    AT_HAND.try_with(strike).unwrap_or_default()
}

impl Exchange {
    fn strike(&self, family: Family, status: Option<u16>) -> Vec<Kind> {
        let struck = self.platform.faults().strike(self, family, status);
        let mut noted = self.noted();
        noted.extend(struck.iter().map(|(id, kind)| Struck { id: *id, kind: kind.name() }));
        struck.into_iter().map(|(_, kind)| kind).collect()
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Vec<Struck>> {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
