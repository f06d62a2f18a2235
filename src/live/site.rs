//! What is served: whoever answers, behind a router.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::http::Uri;

use super::{Answer, Ask};

/// What is served.
#[derive(Clone, Debug)]
pub struct Site {
    pub(super) router: Router,
    /// What a page has to bring that changes something; `None` where nothing can be changed.
    pub(super) token: Option<Arc<str>>,
}

impl Site {
    /// A site that is only read.
    pub fn to_read<A>(answer: impl Fn(Ask) -> A + Clone + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Answer> + Send + 'static,
    {
        let answer = move |uri: Uri| answer(Ask::of(&uri));
        Self { router: Router::new().fallback(answer), token: None }
    }
}
