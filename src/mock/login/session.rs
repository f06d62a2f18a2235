//! Who is signed in, and what a visit to the widget is for.

use std::collections::HashMap;

use crate::dialect::{Rule, User};
use crate::mock::oauth::AuthorizeRequest;
use crate::mock::organization::Organization;
use crate::mock::platform::{Environment, Platform, SESSION_LENGTH};
use crate::mock::request::Received;
use crate::protocol::{ScopeSet, random};

/// A user's session in the widget.
pub(in crate::mock) struct Session {
    /// Index of the user in the sandbox.
    pub(super) user: usize,
    pub(super) auth_time: i64,
    pub(in crate::mock) expires: i64,
    /// What the user consented to in this session: it is not asked again.
    pub(super) consents: HashMap<Asked, Consent>,
}

/// What an app asked for: its client id, its scopes and the organization.
pub(super) type Asked = (String, String, Organization);

/// What the user answered.
#[derive(Clone)]
pub(super) struct Consent {
    pub(super) scope: ScopeSet,
    pub(super) record: Option<String>,
    pub(super) encounter: Option<String>,
}

/// One visit to the widget.
#[derive(Clone)]
pub(in crate::mock) struct Ticket {
    pub(super) purpose: Purpose,
    pub(in crate::mock) expires: i64,
    /// What the user typed as user name, where the password has a page of its own.
    pub(super) user_name: Option<String>,
    /// The user signed in during this visit.
    pub(super) signed_in: bool,
    /// The record that the user chose.
    pub(super) record: Option<String>,
    /// The visit that the user chose.
    pub(super) encounter: Option<String>,
    /// The scopes that the user allowed.
    pub(super) allowed: Option<ScopeSet>,
}

/// What a visit is for.
#[derive(Clone)]
pub(super) enum Purpose {
    /// An app's authorize request.
    Authorize(Box<AuthorizeRequest>),
    /// A page of the EHR, by path and query.
    Page(String),
    /// Nothing any more: the user went on.
    Over(Over),
}

/// A visit that ended with an answer.
#[derive(Clone)]
pub(super) struct Over {
    /// The app, or the EHR, that the user went on to.
    pub(super) to: String,
    /// The visit as it was.
    was: Box<Ticket>,
}

impl Ticket {
    /// A visit that begins now.
    pub(super) fn new(platform: &Platform, purpose: Purpose) -> Self {
        let expires = platform.clock().unix() + platform.dialect().login.patience;
        Self {
            purpose,
            expires,
            user_name: None,
            signed_in: false,
            record: None,
            encounter: None,
            allowed: None,
        }
    }

    /// Ends a visit: what it was for, if nobody ended it before.
    ///
    /// That it is over is remembered for a while, for somebody who comes back to its pages.
    pub(super) fn end(platform: &Platform, id: &str) -> Option<Self> {
        let now = platform.clock().unix();
        let dialect = platform.dialect();
        let mut state = platform.state();
        let visit = state.tickets.get_mut(id).filter(|visit| visit.expires > now)?;
        if let Purpose::Over(_) = &visit.purpose {
            return visit.going_on(platform).cloned();
        }
        let to = match &visit.purpose {
            Purpose::Authorize(asked) => asked.app.name.clone(),
            Purpose::Page(_) => {
                dialect.ehr.as_ref().map(|ehr| ehr.name.clone()).unwrap_or_default()
            }
            Purpose::Over(_) => return None,
        };
        let was = visit.clone();
        let over = Purpose::Over(Over { to, was: Box::new(was.clone()) });
        *visit = Self { expires: now + REMEMBERED, ..Self::new(platform, over) };
        Some(was)
    }

    /// The visit, if it is not over or its end is passed over.
    pub(super) fn going_on(&self, platform: &Platform) -> Option<&Self> {
        match &self.purpose {
            Purpose::Over(over) => {
                platform.overlooks(Rule::VisitAnsweredOnce).then_some(&*over.was)
            }
            _ => Some(self),
        }
    }
}

impl Purpose {
    /// What an app asks for, as the key under which consent is remembered.
    pub(super) fn asked(authorization: &AuthorizeRequest) -> Asked {
        (
            authorization.app.client_id.clone(),
            authorization.scope.to_string(),
            authorization.organization.clone(),
        )
    }
}

/// Begins a session of a user: the value of its cookie.
pub(super) fn begin_session(platform: &Platform, user: usize) -> String {
    let id = random::alphanumeric(SESSION_LENGTH);
    let now = platform.clock().unix();
    let expires = now + platform.dialect().lifetimes.session;
    let session = Session { user, auth_time: now, expires, consents: HashMap::new() };
    platform.state().sessions.insert(id.clone(), session);
    id
}

/// The user of a session, and when that user signed in.
pub(in crate::mock) fn signed_in(
    platform: &Platform,
    session: Option<&str>,
) -> Option<(usize, i64)> {
    let now = platform.clock().unix();
    let state = platform.state();
    let session = state.sessions.get(session?)?;
    (session.expires > now).then_some((session.user, session.auth_time))
}

/// The person of the sandbox who is signed in with a session, if one is.
pub(in crate::mock) fn signed_in_user<'a>(
    platform: &'a Platform,
    session: Option<&str>,
) -> Option<&'a User> {
    let (index, _) = signed_in(platform, session)?;
    platform.sandbox().users.get(index)
}

/// The session that a request's cookie names, whether there is one or not.
pub(in crate::mock) fn session<'a>(platform: &Platform, request: &'a Received) -> Option<&'a str> {
    request.cookie(cookie_name(platform)).filter(|session| !session.is_empty())
}

/// A `Set-Cookie` value for the session; an empty `value` removes it.
///
/// An app inside the EHR sends the user to sign in from its own frame, and the request counts as one
/// of another site then: the cookie has to come along all the same.
pub(in crate::mock) fn cookie(platform: &Platform, value: &str) -> String {
    let name = cookie_name(platform);
    // Browsers keep a Secure cookie of a loopback address even over http, of no other http address;
    // and `SameSite=None` of a Secure one only.
    let base = platform.base();
    let secure = base.starts_with("https://")
        || ["http://127.0.0.1", "http://localhost", "http://[::1]"]
            .iter()
            .any(|loopback| base.starts_with(loopback));
    let kept = if secure { "SameSite=None; Secure" } else { "SameSite=Lax" };
    let ends = if value.is_empty() { "; Max-Age=0" } else { "" };
    let hidden = if platform.overlooks(Rule::SessionCookieHttpOnly) { "" } else { "HttpOnly; " };
    format!("{name}={value}; Path=/; {hidden}{kept}{ends}")
}

/// The name of the session's cookie, another one in each environment: over https one that no other
/// host can set, whose path is the whole host (RFC 6265bis, cookie name prefixes).
fn cookie_name(platform: &Platform) -> &'static str {
    let secure = platform.base().starts_with("https://");
    match (platform.environment(), secure) {
        (Environment::Preview, true) => "__Host-sid",
        (Environment::Preview, false) => "sid",
        (Environment::Production, true) => "__Host-sid-production",
        (Environment::Production, false) => "sid-production",
    }
}

/// Seconds for which an ended visit is remembered.
const REMEMBERED: i64 = 300;
