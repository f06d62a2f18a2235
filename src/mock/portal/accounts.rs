//! Developers' accounts and sessions.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Faults, Refusal, object, text};
use super::developer::Developer;
use super::onboarding::Onboarding;
use crate::dialect::Rule;
use crate::mock::bounds::{ISSUED, REGISTERED, make_room};
use crate::mock::platform::{ID_LENGTH, Platform, SESSION_LENGTH};
use crate::mock::request::Received;
use crate::protocol::random;
use crate::secret::Secret;

/// What the portal remembers, for both environments.
#[derive(Default)]
pub(in crate::mock) struct Console {
    /// Accounts by email address in lower case.
    accounts: HashMap<String, Account>,
    /// Developers' sessions by what a client presents.
    pub(super) sessions: HashMap<String, Session>,
    /// Sessions of staff's pages by what a browser presents.
    pub(super) staff: HashMap<String, StaffSession>,
    /// What happened to apps outside the portal, by the id that an app has in both environments.
    pub(super) onboarding: HashMap<String, Onboarding>,
}

/// A developer's account.
struct Account {
    id: String,
    password: Secret,
    /// What the link carries by which the email address is verified, until it is.
    unverified: Option<String>,
}

/// A developer's session.
pub(super) struct Session {
    account: String,
    /// When it ends, if it does.
    expires: Option<i64>,
    /// What forms of its pages bring back, and those of other sites cannot.
    pub(super) form_token: String,
    /// The app that is being made, step by step.
    pub(super) draft: Map<String, Value>,
    /// A new secret that the next page of its client shows.
    pub(super) shown_once: Option<(String, Secret)>,
}

/// A session of the pages of staff.
pub(super) struct StaffSession {
    /// What forms of its pages bring back, and those of other sites cannot.
    pub(super) form_token: String,
    pub(super) expires: i64,
}

impl Console {
    /// Begins a session of an account: what its client presents.
    pub(in crate::mock) fn begin_session(&mut self, account: &str, expires: Option<i64>) -> Secret {
        let session = random::alphanumeric(SESSION_LENGTH);
        let begun = Session {
            account: account.to_owned(),
            expires,
            form_token: random::alphanumeric(SESSION_LENGTH),
            draft: Map::new(),
            shown_once: None,
        };
        make_room(&mut self.sessions, ISSUED, |session| session.expires.unwrap_or(i64::MAX));
        self.sessions.insert(session.clone(), begun);
        Secret::new(session)
    }

    /// The account of a session that has not ended.
    pub(super) fn account_of(&self, session: &str, now: i64) -> Option<String> {
        let session = self.sessions.get(session)?;
        session.expires.is_none_or(|expires| expires > now).then(|| session.account.clone())
    }

    /// The account of an email address.
    pub(super) fn account_with(&self, email: &str) -> Option<String> {
        self.accounts.get(&email.trim().to_lowercase()).map(|account| account.id.clone())
    }
}

/// `POST accounts`: a new account for an email address, and the link that a message would have.
pub(super) async fn create(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let made = sign_up(&platform, &object(&request)?)?;
    let mut account = json!({"account": made.id});
    if let Some(token) = made.unverified {
        account["verification"] = verification(&platform, &token).into();
    }
    Ok((StatusCode::CREATED, Json(account)).into_response())
}

/// `POST sessions`: signs in.
pub(super) async fn sign_in(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let session = begin_session(&platform, &object(&request)?)?;
    Ok((StatusCode::CREATED, Json(json!({"session": session.expose()}))).into_response())
}

/// `DELETE sessions`: signs out.
pub(super) async fn sign_out(Developer { platform, request, .. }: Developer) -> Answer {
    if let Some(session) = request.authorization("bearer") {
        end_session(&platform, session);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A new account.
pub(super) struct SignedUp {
    id: String,
    /// What verifies its email address, where that has to be.
    pub(super) unverified: Option<String>,
}

/// The address that verifies an email address.
pub(super) fn verification(platform: &Platform, token: &str) -> String {
    format!("{}/verify?token={token}", platform.portal())
}

/// Verifies the email address that a link was sent to: whether there is one.
pub(super) fn verify(platform: &Platform, token: &str) -> bool {
    let mut console = platform.console();
    let mut accounts = console.accounts.values_mut();
    let account = accounts.find(|account| account.unverified.as_deref() == Some(token));
    account.map(|account| account.unverified = None).is_some()
}

/// Makes an account for an email address.
pub(super) fn sign_up(platform: &Platform, body: &Map<String, Value>) -> Result<SignedUp, Refusal> {
    let mut faults = Faults::default();
    let email = text(body, "email").map(str::to_lowercase).filter(|email| is_address(email));
    let email = email.ok_or_else(|| Refusal::field("email", "Enter an email address."));
    let password = text(body, "password");
    let password = password.ok_or_else(|| Refusal::field("password", "Enter a password."));
    let (Some(email), Some(password)) = (faults.keep(email), faults.keep(password)) else {
        return Err(faults.refusal());
    };
    let mut console = platform.console();
    if console.accounts.contains_key(&email) {
        return Err(Refusal::field("email", "This address has an account already."));
    }
    if console.accounts.len() >= REGISTERED {
        return Err(Refusal::Conflict("There are too many accounts already."));
    }
    let id = random::alphanumeric(ID_LENGTH);
    let verifies = platform.dialect().portal.email_verification;
    let unverified = verifies.then(|| random::alphanumeric(SESSION_LENGTH));
    let made = SignedUp { id: id.clone(), unverified: unverified.clone() };
    let account = Account { id, password: Secret::new(password), unverified };
    console.accounts.insert(email, account);
    Ok(made)
}

/// Signs in with email address and password.
pub(super) fn begin_session(
    platform: &Platform,
    body: &Map<String, Value>,
) -> Result<Secret, Refusal> {
    let (email, password) = (text(body, "email"), text(body, "password"));
    let expires = platform.clock().unix() + platform.dialect().lifetimes.session;
    let mut console = platform.console();
    let account = email.and_then(|email| console.accounts.get(&email.to_lowercase()));
    let account = account.filter(|account| Some(account.password.expose()) == password);
    let account = account.ok_or(Refusal::NotSignedIn)?;
    platform.demand(Rule::DeveloperVerified, account.unverified.is_none(), || {
        Refusal::field("email", "This email address is not verified yet.")
    })?;
    let id = account.id.clone();
    Ok(console.begin_session(&id, Some(expires)))
}

/// Ends a session.
pub(super) fn end_session(platform: &Platform, session: &str) {
    platform.console().sessions.remove(session);
}

fn is_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !email.contains(char::is_whitespace)
    })
}
