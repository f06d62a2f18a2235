//! Whether the platform accepts what an app proves itself with.
//!
//! Introspection of an invented token tells it and costs nothing (RFC 7662 §2.1). Only where it does
//! not tell, one token request is sent, within the target's budget.

use serde_json::Value;
use url::Url;

use super::super::case::{Case, Platform};
use super::super::finding::{Finding, Severity, Sheet};
use super::authentication::proven;
use super::authorize::{knows, unknown_id};
use super::secrets::Ready;
use crate::http::Answer;
use crate::project::{Category, RegisteredApp};
use crate::protocol::{ErrorCode, OAuthError, random};
use crate::secret::Secret;

/// Looks at an app that proves itself.
pub(super) async fn examine(
    case: &Case<'_>,
    platform: &Platform,
    (name, app): (&str, &RegisteredApp),
    own: &Ready,
    sheet: &mut Sheet,
) {
    let Some(token_endpoint) = case.endpoint(platform, "token_endpoint") else { return };
    let about = format!("the credentials of `{name}`");
    if accepted_by_introspection(case, platform, app, own).await {
        sheet.well(about, "accepted; introspection of an invented token tells it");
        return;
    }
    let answer = match request_token(case, platform, app, own, token_endpoint).await {
        Ok(answer) => answer,
        Err(why) => {
            let cause = "the host takes connections and does not answer the request";
            sheet.find(Finding::new(Severity::Untold, about, why, cause, "try again later"));
            return;
        }
    };
    let refused = match judged(case, app, &answer) {
        Judged::Accepted(how) => {
            sheet.well(about, format!("accepted; {how}"));
            return;
        }
        Judged::Refused(error) => error,
        Judged::Other(finding) => {
            let (severity, seen, cause, fix, key) = finding;
            let finding = Finding::new(severity, format!("the app `{name}`"), seen, cause, fix);
            sheet.find(finding.at(case.place_in(name, key)));
            return;
        }
    };
    let (seen, cause, fix, key) = refusal(case, platform, app, own, &refused).await;
    let finding = Finding::new(Severity::Wrong, format!("the app `{name}`"), seen, cause, fix);
    sheet.find(finding.at(case.place_in(name, key)));
}

/// Whether introspection accepts the app, and would not accept just anybody.
async fn accepted_by_introspection(
    case: &Case<'_>,
    platform: &Platform,
    app: &RegisteredApp,
    own: &Ready,
) -> bool {
    let Some(endpoint) = case.endpoint(platform, "introspection_endpoint") else { return false };
    let token = random::base64url(32);
    let introspected = async |own: &Ready| {
        let parameters = [("token", token.as_str()), ("token_type_hint", "access_token")];
        let call = proven(case, platform, app, own, (endpoint.clone(), &parameters));
        let answer = case.ask(call).await.ok()?;
        Some(answer.status == 200 && answer.member("active") == Some(Value::Bool(false)))
    };
    if introspected(own).await != Some(true) {
        return false;
    }
    let nobody = Ready {
        client_id: format!("checkride-{}", random::alphanumeric(16)),
        secret: own.secret.as_ref().map(|_| Secret::new(random::base64url(24))),
        key: own.key.clone(),
        scopes: Vec::new(),
    };
    introspected(&nobody).await == Some(false)
}

/// The one token request: for a token where there is no user, else with an invented code, which no
/// platform gives a token for.
async fn request_token(
    case: &Case<'_>,
    platform: &Platform,
    app: &RegisteredApp,
    own: &Ready,
    endpoint: Url,
) -> Result<Answer, String> {
    let scope = own.scopes.join(" ");
    let code = random::base64url(32);
    let redirect_uri = app.redirect_uris.first().map_or("", String::as_str);
    let parameters = match app.category {
        Category::TwoLegged => vec![("grant_type", "client_credentials"), ("scope", &scope)],
        Category::Patient | Category::Provider => vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect_uri),
        ],
    };
    let mut call = proven(case, platform, app, own, (endpoint, &parameters));
    call.charged_to = Some(own.client_id.clone());
    case.ask(call).await.map_err(|error| format!("failed to {error}"))
}

type Words = (Severity, String, String, String, &'static str);

enum Judged {
    /// The credentials are good, as this tells.
    Accepted(&'static str),
    /// They are not.
    Refused(OAuthError),
    /// Something else is wrong, or it cannot be told.
    Other(Words),
}

fn judged(case: &Case<'_>, app: &RegisteredApp, answer: &Answer) -> Judged {
    if answer.status == 200 {
        return match app.category {
            Category::TwoLegged => Judged::Accepted("a token was given for all its scopes"),
            Category::Patient | Category::Provider => Judged::Other((
                Severity::Warning,
                "the token endpoint gave a token for an invented code".to_owned(),
                "the platform does not look at codes".to_owned(),
                "tell whoever runs the platform".to_owned(),
                "client_id",
            )),
        };
    }
    let rules = &case.dialect.errors;
    let error =
        OAuthError::parse(answer.status, &answer.body, &rules.description_member, &rules.phrases);
    let told = |cause: &str, fix: &str, said: String| {
        let seen = format!("whether its credentials are good: the token endpoint says {said}");
        Judged::Other((Severity::Untold, seen, cause.to_owned(), fix.to_owned(), "client_id"))
    };
    let error = match error {
        Ok(error) => error,
        Err(why) => {
            let said = format!("status {}, and its answer {why}", answer.status);
            return told(
                "the answer is none of OAuth's",
                "look at the token endpoint's address",
                said,
            );
        }
    };
    let wrong = |seen: String, cause: &str, fix: &str, key| {
        Judged::Other((Severity::Wrong, seen, cause.to_owned(), fix.to_owned(), key))
    };
    match (&error.code, answer.status) {
        (ErrorCode::InvalidClient, _) => Judged::Refused(error),
        (_, 429 | 500..) => {
            told("the platform is too busy, or broke down", "try again later", error.to_string())
        }
        (ErrorCode::InvalidGrant, _) if app.category != Category::TwoLegged => {
            Judged::Accepted("the token endpoint refused an invented code only")
        }
        (ErrorCode::InvalidScope, _) => wrong(
            format!("the platform refuses its scopes: {error}"),
            "one of them was not approved for this app; a single one fails the whole request",
            "compare `scopes` with what was approved in the portal",
            "scopes",
        ),
        (ErrorCode::UnauthorizedClient | ErrorCode::UnsupportedGrantType, _) => wrong(
            format!("the platform gives it no token in this way: {error}"),
            "the registration is for another kind of app",
            "compare `category` and `method` with the registration",
            "category",
        ),
        _ => told(
            "the platform refuses the request for another reason",
            "read what it says; compare the registration",
            error.to_string(),
        ),
    }
}

/// What was seen of an app whose credentials are refused, its cause and fix, and where it is.
async fn refusal(
    case: &Case<'_>,
    platform: &Platform,
    app: &RegisteredApp,
    own: &Ready,
    error: &OAuthError,
) -> (String, String, String, &'static str) {
    let (what, key) = match own.key {
        Some(_) => ("signed assertion", "private_key"),
        None => ("client secret", "client_secret"),
    };
    // Of an app with users the authorize endpoint has told it by now.
    let known = match app.category {
        Category::TwoLegged => knows(case, platform, app, own).await,
        Category::Patient | Category::Provider => Some(true),
    };
    if known == Some(false) {
        let (cause, fix) = unknown_id(case, platform);
        let seen = format!("the platform does not know its client id: {error}");
        return (seen, cause, fix, "client_id");
    }
    let seen = format!("the platform refuses its {what}: {error}");
    let (mut cause, fix) = match &own.key {
        Some(key) => (
            format!("the public key that the platform has for it under `{}` is another one, or it has none of that `kid`", key.kid()),
            format!("give the platform the public half of the key, under the `kid` `{}`", key.kid()),
        ),
        None => (
            "the secret is not the one of this app: it is misspelt, was renewed, or is another app's".to_owned(),
            "copy the secret that the portal shows, or have a new one made there".to_owned(),
        ),
    };
    if known.is_none() {
        let (unknown, _) = unknown_id(case, platform);
        cause = format!(
            "{cause}; or the client id is unknown ({unknown}), which cannot be told from outside"
        );
    }
    (seen, cause, fix, key)
}
