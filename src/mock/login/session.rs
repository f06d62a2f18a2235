//! Who is signed in, and what a visit to the widget is for.

use std::collections::HashMap;

use crate::mock::oauth::AuthorizeRequest;
use crate::mock::organization::Organization;
use crate::mock::platform::{Platform, SESSION_LENGTH};
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
}

/// One visit to the widget.
#[derive(Clone)]
pub(in crate::mock) struct Ticket {
    pub(super) purpose: Purpose,
    pub(in crate::mock) expires: i64,
    /// The user signed in during this visit.
    pub(super) signed_in: bool,
    /// The record that the user chose.
    pub(super) record: Option<String>,
    /// The scopes that the user allowed.
    pub(super) allowed: Option<ScopeSet>,
}

/// What a visit is for.
#[derive(Clone)]
pub(super) enum Purpose {
    /// An app's authorize request.
    Authorize(Box<AuthorizeRequest>),
    /// A page of athenaOne, by path and query.
    Page(String),
}

impl Ticket {
    /// A visit that begins now, and may take as long as a session.
    pub(super) fn new(platform: &Platform, purpose: Purpose) -> Self {
        let expires = platform.clock().unix() + platform.dialect().lifetimes.session;
        Self { purpose, expires, signed_in: false, record: None, allowed: None }
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

/// A `Set-Cookie` value for the session; an empty `value` removes it.
pub(in crate::mock) fn cookie(platform: &Platform, value: &str) -> String {
    // Browsers keep a Secure cookie of a loopback address even over http, of no other http address.
    let base = platform.base();
    let secure = base.starts_with("https://")
        || ["http://127.0.0.1", "http://localhost", "http://[::1]"]
            .iter()
            .any(|loopback| base.starts_with(loopback));
    let secure = if secure { "; Secure" } else { "" };
    let ends = if value.is_empty() { "; Max-Age=0" } else { "" };
    let path = platform.path("/");
    format!("{SESSION_COOKIE}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{ends}")
}

/// The name of the session's cookie.
pub(in crate::mock) const SESSION_COOKIE: &str = "sid";
