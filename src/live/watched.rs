//! The addresses of a run that is looked at.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response, sse};
use axum::routing::{get, post};
use futures::{Stream, stream};
use serde_json::json;
use tokio::sync::watch;
use url::form_urlencoded;

use super::board::{Event, Refused};
use super::{Answer, Ask, Board, Site};

impl Site {
    /// The site of a run while it goes: its page, what happens in it, each scenario's evidence, and a way to
    /// run one of them again.
    pub fn of_run(board: Arc<Board>) -> Self {
        let token = Some(board.token());
        let router = Router::new()
            .route("/", get(page))
            .route("/report", get(report))
            .route("/events", get(events))
            .route("/scenario", get(scenario))
            .route("/rerun", post(rerun))
            .route("/stop", post(stop))
            .fallback(nowhere)
            .with_state(board);
        Self { router, token }
    }
}

async fn page(State(board): State<Arc<Board>>) -> Answer {
    document(move || board.page()).await
}

async fn report(State(board): State<Arc<Board>>) -> Answer {
    document(move || board.report()).await
}

async fn scenario(State(board): State<Arc<Board>>, uri: Uri) -> Answer {
    let id = Ask::of(&uri).value("id").unwrap_or_default().to_owned();
    match made(move || board.scenario(&id)).await {
        Ok(Some(scenario)) => Answer::json(scenario.to_string().into_bytes()),
        Ok(None) => Answer::refusal(StatusCode::NOT_FOUND, "no scenario of this run has that id"),
        Err(broken) => broken,
    }
}

async fn document(make: impl FnOnce() -> Result<String, String> + Send + 'static) -> Answer {
    made(make).await.map_or_else(|broken| broken, Answer::document)
}

/// What takes a moment to make, beside everything else; or why it cannot be made.
async fn made<T: Send + 'static>(
    make: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, Answer> {
    let made = tokio::task::spawn_blocking(make).await;
    made.map_err(|error| error.to_string())
        .and_then(|made| made)
        .map_err(|why| Answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, format!("cannot {why}")))
}

/// All that is known first, then what happens, as it happens.
async fn events(State(board): State<Arc<Board>>) -> Response {
    let changes = board.changes();
    let looker = Looker { board, changes, seen: None, told: VecDeque::new(), ends: false };
    Sse::new(looker.follow()).keep_alive(KeepAlive::default()).into_response()
}

/// Somebody who looks at the run.
struct Looker {
    board: Arc<Board>,
    changes: watch::Receiver<u64>,
    /// The number of the last change that was told.
    seen: Option<u64>,
    told: VecDeque<Event>,
    ends: bool,
}

impl Looker {
    fn follow(self) -> impl Stream<Item = Result<sse::Event, Infallible>> {
        stream::unfold(self, |mut looker| async {
            loop {
                if let Some((name, value)) = looker.told.pop_front() {
                    let event = sse::Event::default().event(name).data(value.to_string());
                    return Some((Ok(event), looker));
                }
                if looker.ends {
                    return None;
                }
                let (events, seen, goes_on) = looker.board.since(looker.seen);
                (looker.seen, looker.ends) = (Some(seen), !goes_on);
                looker.told.extend(events);
                if looker.told.is_empty() && !looker.ends {
                    looker.changes.changed().await.ok()?;
                }
            }
        })
    }
}

async fn rerun(State(board): State<Arc<Board>>, body: String) -> Response {
    let id = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "id");
    let id = id.map(|(_, id)| id.into_owned()).unwrap_or_default();
    match board.rerun(&id) {
        Ok(waits) => {
            let told = if waits { "it runs when its turn comes" } else { "it runs now" };
            let told = json!({ "id": id, "told": told }).to_string();
            (StatusCode::ACCEPTED, Answer::json(told.into_bytes())).into_response()
        }
        Err(Refused::Unknown) => {
            let why = "no scenario of this run has that id";
            Answer::refusal(StatusCode::NOT_FOUND, why).into_response()
        }
        Err(Refused::Never(why)) => Answer::refusal(StatusCode::CONFLICT, why).into_response(),
    }
}

async fn stop(State(board): State<Arc<Board>>) -> Response {
    board.stop();
    StatusCode::ACCEPTED.into_response()
}

async fn nowhere(uri: Uri) -> Answer {
    Answer::refusal(StatusCode::NOT_FOUND, format!("there is no page {}", uri.path()))
}
