//! Who calls the portal's API: the one place where a session becomes an account.

use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::answer::Refusal;
use crate::dialect::Rule;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// A developer who is signed in, and what was sent.
pub(super) struct Developer {
    pub(super) platform: Platform,
    /// The developer's account.
    pub(super) account: String,
    pub(super) request: Arc<Received>,
}

impl<S: Send + Sync> FromRequestParts<S> for Developer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let (platform, request) = sent(parts, state).await.ok_or(Refusal::NotSignedIn)?;
        let now = platform.clock().unix();
        let session = request.authorization("bearer");
        let account = session.and_then(|session| platform.console().account_of(session, now));
        platform.demand(Rule::DeveloperSession, account.is_some(), || Refusal::NotSignedIn)?;
        Ok(Self { platform, account: account.unwrap_or_default(), request })
    }
}

/// The platform that a request was sent to, and the request as it was received.
pub(super) async fn sent<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Option<(Platform, Arc<Received>)> {
    let Extension(platform) = Extension::from_request_parts(parts, state).await.ok()?;
    let Extension(request) = Extension::from_request_parts(parts, state).await.ok()?;
    Some((platform, request))
}
