//! An authorization code: one use, by its client, in time, with its own address and verifier.

use std::collections::HashMap;

use super::pkce::verifier;
use crate::dialect::Rule;
use crate::mock::oauth::grant::Grant;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::mock::state::State;
use crate::protocol::ErrorCode::{InvalidGrant, InvalidRequest};

/// Redeems a code: what the user granted, with the number under which the platform keeps it.
///
/// A code that comes back ends what it was redeemed for (RFC 6749 §4.1.2). A failed attempt of its
/// own client counts against guessing; another client's attempt changes nothing.
pub(in crate::mock::oauth) fn code(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<(u64, Grant), Refusal> {
    let missing = |name: &str| Refusal::new(InvalidRequest, &format!("{name} is missing."));
    let presented = parameters.get("code").ok_or_else(|| missing("code"))?;
    let now = platform.clock().unix();
    let mut state = platform.state();
    let State { codes, grants, granted, .. } = &mut *state;
    let redirect_uri = parameters.get("redirect_uri");
    // Only a code that went by no address is redeemed without one.
    let goes_by_address = || codes.get(presented).is_none_or(|code| code.redirect_uri.is_some());
    let is_complete = redirect_uri.is_some() || !goes_by_address();
    platform.demand(Rule::CodeRedirectUriSent, is_complete, || missing("redirect_uri"))?;
    let whole = whole(platform, codes, presented);
    let code = codes.get_mut(&whole).ok_or_else(invalid)?;
    platform.demand(Rule::CodeClient, code.grant.client_id == app.client_id, invalid)?;
    if let Some(redeemed) = code.redeemed {
        let again = platform.demand(Rule::CodeSingleUse, false, invalid);
        if again.is_err() {
            if !platform.overlooks(Rule::CodeReplayEndsTokens) {
                state.end_grant(redeemed);
            }
            return Err(invalid());
        }
    }
    platform.demand(Rule::CodeNotExpired, code.expires > now, invalid)?;
    let attempts = platform.dialect().token.attempts_per_code;
    platform.demand(Rule::CodeAttempts, code.failed_attempts < attempts, invalid)?;
    let asked_from = code.redirect_uri.as_deref();
    let is_same = asked_from.is_none() || redirect_uri.is_none() || asked_from == redirect_uri;
    let proven = platform
        .demand(Rule::CodeRedirectUriSame, is_same, || {
            Refusal::new(InvalidGrant, "redirect_uri is not the one of the authorize request.")
        })
        .and_then(|()| verifier(platform, code.challenge.as_deref(), parameters));
    if let Err(refusal) = proven {
        code.failed_attempts += 1;
        return Err(refusal);
    }
    let number = *granted;
    *granted += 1;
    grants.insert(number, code.grant.clone());
    code.redeemed = Some(number);
    Ok((number, code.grant.clone()))
}

/// The text under which what was presented is kept: itself.
pub(super) fn whole<T>(platform: &Platform, kept: &HashMap<String, T>, presented: &str) -> String {
    let start = presented.get(..ENOUGH_TO_GUESS).unwrap_or(presented);
    let nearly = || kept.keys().find(|known| known.starts_with(start) && start != presented);
    match kept.contains_key(presented) {
        true => presented.to_owned(),
        false => nearly()
            .filter(|_| platform.overlooks(Rule::CodeOrTokenWhole))
            .map_or_else(|| presented.to_owned(), Clone::clone),
    }
}

fn invalid() -> Refusal {
    Refusal::new(InvalidGrant, "The authorization code is invalid or has expired.")
}

/// Letters of a code or token that are compared where it is not compared as a whole.
const ENOUGH_TO_GUESS: usize = 8;
