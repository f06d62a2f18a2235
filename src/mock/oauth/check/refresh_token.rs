//! A refresh token: its own client, in time, not replaced, and no wider than its grant.

use super::code::whole;
use crate::dialect::Rule;
use crate::mock::oauth::grant::Grant;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::mock::state::State;
use crate::protocol::ErrorCode::{InvalidGrant, InvalidRequest, InvalidScope};
use crate::protocol::ScopeSet;

/// What the refresh token stands for, with the number of the grant.
///
/// A token that was replaced is in the wrong hands: it ends its whole family (RFC 9700 §4.14.2).
pub(in crate::mock::oauth) fn refresh_token(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<(u64, Grant), Refusal> {
    let missing = || Refusal::new(InvalidRequest, "refresh_token is missing.");
    let presented = parameters.get("refresh_token").ok_or_else(missing)?;
    let now = platform.clock().unix();
    let mut state = platform.state();
    let whole = whole(platform, &state.refresh_tokens, presented);
    let (number, replaced, expires) = match state.refresh_tokens.get(&whole) {
        Some(token) => (token.grant, token.replaced, token.expires),
        None => (of_code(platform, &state, presented).ok_or_else(invalid)?, None, i64::MAX),
    };
    let grant = state.grants.get(&number).cloned().ok_or_else(invalid)?;
    platform.demand(Rule::RefreshTokenClient, grant.client_id == app.client_id, invalid)?;
    platform.demand(Rule::RefreshTokenLives, !grant.ended, invalid)?;
    platform.demand(Rule::RefreshTokenNotExpired, expires > now, invalid)?;
    let session = grant.session.as_ref().and_then(|id| state.sessions.get(id));
    let is_online = session.is_some_and(|session| session.expires > now);
    let goes_on = grant.outlives_session(platform);
    if !is_online && (!goes_on || platform.overlooks(Rule::RefreshOutlivesSession)) {
        return Err(invalid());
    }
    if is_replay(platform, replaced) && !platform.overlooks(Rule::RefreshTokenReplay) {
        state.end_grant(number);
        return Err(invalid());
    }
    Ok((number, grant))
}

/// The scope of the new access token: what is asked for, or all that was granted (RFC 6749 §6).
pub(in crate::mock::oauth) fn scope_of_refresh(
    platform: &Platform,
    grant: &Grant,
    parameters: &Parameters,
) -> Result<ScopeSet, Refusal> {
    let Some(text) = parameters.get("scope") else {
        let may_lack = !platform.dialect().token.scope_required_on_refresh;
        let missing = || Refusal::new(InvalidRequest, "scope is missing.");
        platform.demand(Rule::RefreshScopeSent, may_lack, missing)?;
        return Ok(grant.scope.clone());
    };
    let scope = ScopeSet::parse(text).ok();
    let is_granted = scope.as_ref().is_some_and(|scope| scope.is_subset(&grant.scope));
    platform.demand(Rule::RefreshScope, is_granted, || {
        Refusal::new(InvalidScope, "The scope is wider than what was granted.")
    })?;
    let narrower = scope.filter(|scope| {
        grant.scope.is_subset(scope) || !platform.overlooks(Rule::RefreshScopeNarrows)
    });
    Ok(narrower.unwrap_or_else(|| grant.scope.clone()))
}

/// Uses the refresh token: its time begins anew, and where it is to be replaced it is spent.
///
/// Of two requests that come at once with the same token, one is in the wrong hands.
pub(in crate::mock::oauth) fn spend(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<Spent, Refusal> {
    let dialect = platform.dialect();
    let rotates = match app.is_public() {
        true => dialect.token.rotate_public_refresh_tokens,
        false => dialect.token.rotate_confidential_refresh_tokens,
    };
    let now = platform.clock().unix();
    let presented = parameters.get("refresh_token").unwrap_or_default();
    let mut state = platform.state();
    let whole = whole(platform, &state.refresh_tokens, presented);
    let is_code = of_code(platform, &state, presented).is_some();
    let Some(token) = state.refresh_tokens.get_mut(&whole) else {
        return if is_code { Ok(Spent::LivesOn) } else { Err(invalid()) };
    };
    if is_replay(platform, token.replaced) && !platform.overlooks(Rule::RefreshTokenReplay) {
        let grant = token.grant;
        state.end_grant(grant);
        return Err(invalid());
    }
    if !rotates {
        if !platform.overlooks(Rule::RefreshTokenSlides) {
            token.expires = now + dialect.lifetimes.refresh_token;
        }
        return Ok(Spent::LivesOn);
    }
    token.replaced = token.replaced.or(Some(now));
    Ok(Spent::ToBeReplaced)
}

/// The grant of a redeemed code that is presented as refresh token, where that is not refused.
fn of_code(platform: &Platform, state: &State, presented: &str) -> Option<u64> {
    let grant = state.codes.get(presented)?.redeemed;
    grant.filter(|_| platform.overlooks(Rule::RefreshTokenKind))
}

/// Whether a token that was replaced at some time comes too late to be an answer's that was lost.
fn is_replay(platform: &Platform, replaced: Option<i64>) -> bool {
    let grace = platform.dialect().token.rotation_grace;
    replaced.is_some_and(|at| platform.clock().unix() >= at + grace)
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock::oauth) enum Spent {
    /// It is good for the next time as well.
    LivesOn,
    /// Another one takes its place.
    ToBeReplaced,
}

fn invalid() -> Refusal {
    Refusal::new(InvalidGrant, "The refresh token is invalid or expired.")
}
