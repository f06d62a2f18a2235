//! Proof Key for Code Exchange (RFC 7636): needed by public clients or, as the dialect says, by all.

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::{InvalidGrant, InvalidRequest};
use crate::protocol::pkce::{Verifier, challenge_s256, is_challenge};

/// The challenge of an authorize request, by method S256 only.
pub(in crate::mock::oauth) fn challenge(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let refuse = |why: &'static str| move || Refusal::new(InvalidRequest, why);
    let method = parameters.get("code_challenge_method");
    let Some(challenge) = parameters.get("code_challenge") else {
        let alone = refuse("code_challenge_method is sent without code_challenge.");
        platform.demand(Rule::ChallengeBesideMethod, method.is_none(), alone)?;
        let needed =
            refuse("PKCE code challenge is required when the client cannot keep a secret.");
        platform.demand(Rule::ChallengeOfPublicClient, !app.is_public(), needed)?;
        return match platform.dialect().authorize.pkce_for_all {
            true if !app.is_public() => Err(refuse("PKCE code challenge is required.")()),
            _ => Ok(None),
        };
    };
    // No method means `plain` (RFC 7636 §4.3).
    let other = refuse("code_challenge_method must be S256.");
    platform.demand(Rule::ChallengeMethod, method == Some("S256"), other)?;
    let none = refuse("code_challenge is not the S256 challenge of a verifier.");
    platform.demand(Rule::ChallengeSyntax, is_challenge(challenge), none)?;
    Ok(Some(challenge.to_owned()))
}

/// The verifier of a token request fits the challenge that the code was issued with.
pub(super) fn verifier(
    platform: &Platform,
    challenge: Option<&str>,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    let failed = || Refusal::new(InvalidGrant, "PKCE verification failed.");
    let demand = |rule: Rule, holds: bool| platform.demand(rule, holds, failed);
    match (challenge, parameters.get("code_verifier")) {
        (None, None) => Ok(()),
        (Some(challenge), Some(text)) => {
            demand(Rule::VerifierSyntax, Verifier::new(text).is_ok())?;
            demand(Rule::VerifierFits, challenge_s256(text) == challenge)
        }
        // A verifier without a challenge is an attempt to downgrade (RFC 9700 §4.8.2).
        (None, Some(_)) => demand(Rule::VerifierAskedFor, false),
        (Some(_), None) => demand(Rule::VerifierSent, false),
    }
}
