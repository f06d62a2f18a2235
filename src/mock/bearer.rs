//! Who is calling an API: the bearer token of a request (RFC 6750).

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use serde_json::{Map, Value};

use super::oauth::{Grant, TokenClaims, jwt_of, user_of};
use super::platform::Platform;
use super::portal::App;
use super::request::Received;
use crate::dialect::{Rule, UserKind};
use crate::protocol::{Algorithm, Jws};

/// A good access token, with the app and, if a user stands behind it, what that user granted.
pub(super) struct Bearer {
    pub(super) claims: TokenClaims,
    pub(super) app: Arc<App>,
    pub(super) grant: Option<Grant>,
}

/// Why a request may not be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BearerError {
    /// No token was sent in the header.
    Missing,
    /// The token is unknown, changed, expired or revoked.
    Invalid,
    /// A token was sent in the header and in the address.
    TwoWays,
}

impl Bearer {
    /// The token of a request; it counts in the header only.
    pub(super) fn of(platform: &Platform, request: &Received) -> Result<Self, BearerError> {
        let in_header = request.header(AUTHORIZATION.as_str()).is_some();
        let is_alone = !in_header || request.query.get("access_token").is_none();
        platform.demand(Rule::BearerOneWay, is_alone, || BearerError::TwoWays)?;
        let in_address = request.query.get("access_token").filter(|_| !in_header);
        if let Some(token) = in_address.filter(|_| platform.overlooks(Rule::BearerInHeader)) {
            return Self::of_token(platform, token).ok_or(BearerError::Invalid);
        }
        let token = request.authorization("bearer").ok_or(BearerError::Missing)?;
        let sent = request.header(AUTHORIZATION.as_str()).unwrap_or_default();
        if !sent.starts_with("Bearer") && platform.overlooks(Rule::BearerSchemeCase) {
            return Err(BearerError::Missing);
        }
        Self::of_token(platform, token).ok_or(BearerError::Invalid)
    }

    /// What a token stands for, if it is good now.
    pub(super) fn of_token(platform: &Platform, token: &str) -> Option<Self> {
        let claims = TokenClaims::read(&claims(platform, &jwt_of(platform, token))?)?;
        let holds = |rule: Rule, holds: bool| platform.demand(rule, holds, || ()).ok();
        holds(Rule::BearerNotExpired, claims.expires > platform.clock().unix())?;
        let state = platform.state();
        holds(Rule::BearerNotRevoked, !state.revoked.contains_key(&claims.id))?;
        let app = state.app(&claims.client_id)?;
        let grant = if app.is_three_legged() {
            let issued = state.access_tokens.get(&claims.id)?;
            let grant = state.grants.get(&issued.grant)?;
            holds(Rule::BearerNotRevoked, !grant.ended)?;
            Some(grant.clone())
        } else {
            None
        };
        Some(Self { claims, app, grant })
    }

    /// Whether the token reaches into a practice at all.
    pub(super) fn reaches_practice(&self, platform: &Platform, practice: u32) -> bool {
        let mut practices = platform.sandbox().practices.iter();
        let open = practices
            .find(|known| known.id == practice)
            .is_some_and(|known| self.app.may_read(platform, known));
        let granted = self.grant.as_ref().is_none_or(|grant| {
            let works_there = user_of(platform, grant).is_some_and(|user| {
                user.practices.is_empty() || user.practices.contains(&practice)
            });
            works_there && grant.organization.holds(practice)
        });
        open && granted || platform.overlooks(Rule::BearerPractice)
    }

    /// Whether the token's user may see a patient's record of a practice that it reaches: a patient
    /// shares one record, a provider reaches all of the practice.
    pub(super) fn reaches_record(&self, platform: &Platform, patient: &str) -> bool {
        let is_shared = self.grant.as_ref().is_none_or(|grant| {
            grant.patient.as_deref() == Some(patient)
                || user_of(platform, grant).is_some_and(|user| user.kind == UserKind::Provider)
        });
        is_shared || platform.overlooks(Rule::BearerRecord)
    }
}

/// The claims of a JWT that this platform signed.
pub(super) fn claims(platform: &Platform, token: &str) -> Option<Map<String, Value>> {
    let jws = Jws::parse(token).ok()?;
    let proven = jws.prove(&platform.public_keys(), &[Algorithm::Rs256]);
    platform.demand(Rule::BearerSignature, proven.is_ok(), || ()).ok()?;
    // Platforms of a process share their keys: the issuer tells them apart.
    let ours = jws.claims.get("iss").and_then(Value::as_str) == Some(&platform.issuer());
    platform.demand(Rule::BearerIssuer, ours, || ()).ok()?;
    Some(jws.claims)
}
