//! Developers' accounts and sessions.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::{Extension, Json};
use serde_json::json;

use super::answer::{Answer, Refusal, object, text};
use crate::mock::platform::{ID_LENGTH, Platform, SESSION_LENGTH};
use crate::mock::request::Received;
use crate::protocol::random;
use crate::secret::Secret;

/// What the portal remembers of developers.
#[derive(Default)]
pub(in crate::mock) struct Console {
    /// Accounts by email address.
    accounts: HashMap<String, Account>,
    /// Account ids by the developer's session.
    pub(in crate::mock) sessions: HashMap<String, String>,
}

/// A developer's account.
struct Account {
    id: String,
    password: Secret,
}

/// `POST accounts`: a new account for an email address.
pub(super) async fn create(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let body = object(&request)?;
    let email = text(&body, "email").filter(|email| email.contains('@'));
    let email = email.ok_or_else(|| Refusal::field("email", "An email address is needed."))?;
    let password = text(&body, "password");
    let password = password.ok_or_else(|| Refusal::field("password", "A password is needed."))?;
    let mut console = platform.console();
    if console.accounts.contains_key(email) {
        return Err(Refusal::field("email", "This address has an account already."));
    }
    let id = random::alphanumeric(ID_LENGTH);
    let account = Account { id: id.clone(), password: Secret::new(password) };
    console.accounts.insert(email.to_owned(), account);
    Ok((StatusCode::CREATED, Json(json!({"account": id}))).into_response())
}

/// `POST sessions`: signs in.
pub(super) async fn sign_in(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let body = object(&request)?;
    let (email, password) = (text(&body, "email"), text(&body, "password"));
    let mut console = platform.console();
    let account = email.and_then(|email| console.accounts.get(email));
    let account = account.filter(|account| Some(account.password.expose()) == password);
    let id = account.map(|account| account.id.clone()).ok_or(Refusal::NotSignedIn)?;
    let session = random::alphanumeric(SESSION_LENGTH);
    console.sessions.insert(session.clone(), id);
    Ok((StatusCode::CREATED, Json(json!({"session": session}))).into_response())
}
