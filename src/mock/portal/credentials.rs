//! How an app proves itself: which way it may choose, its secret and its keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::response::IntoResponse as _;
use serde_json::{Map, Value, json};
use url::Url;

use super::answer::{Answer, Refusal, object, text};
use super::app::{App, ClientType, Method};
use super::apps::change;
use super::developer::Developer;
use super::registration::{is_given, missing};
use crate::dialect::{AppKind, Choice, PortalRules, RegistrationRules, Rule};
use crate::mock::oauth::may_host_keys;
use crate::mock::platform::{Environment, Platform, SESSION_LENGTH};
use crate::protocol::{KeySet, KeySetError, random};
use crate::secret::Secret;

/// `POST apps/{id}/secret`: a new secret; the old one ends at once.
pub(super) async fn rotate_secret(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let secret = rotate(&platform, &account, &id)?;
    Ok(Json(json!({"client_id": id, "client_secret": secret.expose()})).into_response())
}

/// `PUT apps/{id}/jwks`: replaces the imported keys.
pub(super) async fn import_keys(
    Developer { platform, account, request }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = replace_keys(&platform, &account, &id, &object(&request)?)?;
    Ok(Json(app.shown()).into_response())
}

/// `POST apps/{id}/jwks`: adds keys to those that are there.
pub(super) async fn add_keys(
    Developer { platform, account, request }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = join_keys(&platform, &account, &id, &object(&request)?)?;
    Ok(Json(app.shown()).into_response())
}

/// `DELETE apps/{id}/jwks/{kid}`: takes one key out; what it signs is good for nothing any more.
pub(super) async fn remove_key(
    Developer { platform, account, .. }: Developer,
    Path((id, kid)): Path<(String, String)>,
) -> Answer {
    let app = take_key(&platform, &account, &id, &kid)?;
    Ok(Json(app.shown()).into_response())
}

/// `PUT apps/{id}/jwks_uri`: another address of the hosted keys.
pub(super) async fn move_keys(
    Developer { platform, account, request }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = host_keys(&platform, &account, &id, &object(&request)?)?;
    Ok(Json(app.shown()).into_response())
}

/// Gives an app a new secret; the old one ends at once.
pub(super) fn rotate(platform: &Platform, account: &str, id: &str) -> Result<Secret, Refusal> {
    let secret = new_secret(platform);
    change(platform, account, id, |app| match &mut app.method {
        Method::Secret(old) => {
            app.replaced_secret = Some(std::mem::replace(old, secret.clone()));
            Ok(())
        }
        _ => Err(Refusal::field(FIELD, "This app has no secret.")),
    })?;
    if platform.overlooks(Rule::GrantOutlivesSecret) {
        for environment in Environment::ALL {
            platform.in_environment(environment).state().end_grants_of(id);
        }
    }
    Ok(secret)
}

/// Replaces the imported keys of an app.
pub(super) fn replace_keys(
    platform: &Platform,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    let most = platform.dialect().portal.keys_per_app;
    change(platform, account, id, |app| {
        let keys = imported(app)?;
        match read_keys(body)? {
            Ok(new) => *keys = few_enough(Ok(new), most)?,
            // A platform that overlooks what is wrong says yes, and goes on with the old ones.
            Err(error) => platform.demand(rule_of(&error), false, || unusable(&error))?,
        }
        Ok(())
    })
}

/// Adds keys to the imported ones of an app.
pub(super) fn join_keys(
    platform: &Platform,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    let most = platform.dialect().portal.keys_per_app;
    change(platform, account, id, |app| {
        let keys = imported(app)?;
        let mut all = members(keys);
        all.extend(members(&key_set(body, most)?));
        *keys = few_enough(KeySet::parse(&json!({"keys": all})), most)?;
        Ok(())
    })
}

/// Takes a key out of the imported ones of an app, unless it is the only one.
pub(super) fn take_key(
    platform: &Platform,
    account: &str,
    id: &str,
    kid: &str,
) -> Result<Arc<App>, Refusal> {
    change(platform, account, id, |app| {
        let keys = imported(app)?;
        let all = members(keys);
        let rest: Vec<&Value> = all.iter().filter(|key| key["kid"] != kid).collect();
        if rest.len() == all.len() {
            return Err(Refusal::NotFound("key"));
        }
        if rest.is_empty() {
            return Err(Refusal::field("jwks", "An app keeps at least one key."));
        }
        *keys = few_enough(KeySet::parse(&json!({"keys": rest})), all.len())?;
        Ok(())
    })
}

/// Gives the hosted keys of an app another address.
pub(super) fn host_keys(
    platform: &Platform,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    let app = change(platform, account, id, |app| match &mut app.method {
        Method::JwksUri(url) => {
            *url = keys_address(platform, body)?;
            Ok(())
        }
        _ => Err(Refusal::field(FIELD, "This app hosts no keys.")),
    })?;
    // What was fetched from the old address is not the app's any more.
    platform.in_environment(app.environment).state().hosted_keys.remove(&app.client_id);
    Ok(app)
}

/// The way that an app chose, if one of its kind may.
pub(super) fn method(
    platform: &Platform,
    body: &Map<String, Value>,
    client_type: Option<ClientType>,
    rules: &PortalRules,
) -> Result<Method, Refusal> {
    let dialect = platform.dialect();
    let name = text(body, FIELD).ok_or_else(|| missing(FIELD))?;
    let chosen = Choice::of(&rules.methods, name);
    let offered = methods(client_type, &dialect.registration);
    let allowed = chosen.filter(|choice| {
        offered.contains(&choice.key.as_str()) || platform.overlooks(Rule::MethodOfKind)
    });
    let allowed = allowed.ok_or_else(|| {
        let why = format!("An app of this kind authenticates with {}.", offered.join(", "));
        Refusal::field(FIELD, why)
    })?;
    for field in ["jwks", "jwks_uri"] {
        if is_given(body, field) && field != allowed.key {
            let why = format!("It does not belong to the method {}.", allowed.key);
            return Err(Refusal::field(field, why));
        }
    }
    Ok(match allowed.key.as_str() {
        "jwks" => Method::Jwks(key_set(body, rules.keys_per_app)?),
        "jwks_uri" => Method::JwksUri(keys_address(platform, body)?),
        "pkce" => Method::Pkce,
        _ => Method::Secret(new_secret(platform)),
    })
}

/// Keys of the ways that an app of this kind may choose.
pub(super) fn methods(client_type: Option<ClientType>, rules: &RegistrationRules) -> Vec<&str> {
    let kind = match client_type {
        None => AppKind::System,
        Some(ClientType::Web) => AppKind::Web,
        Some(ClientType::Browser) => AppKind::Browser,
        Some(ClientType::Native) => AppKind::Native,
    };
    let methods = rules.methods.get(&kind);
    methods.map(|methods| methods.iter().map(String::as_str).collect()).unwrap_or_default()
}

/// The same way with credentials of its own, for another environment: a new secret, and the keys
/// that the body has, or else the same.
pub(super) fn method_elsewhere(
    platform: &Platform,
    method: &Method,
    body: &Map<String, Value>,
) -> Result<Method, Refusal> {
    let most = platform.dialect().portal.keys_per_app;
    Ok(match method {
        Method::Secret(_) => Method::Secret(new_secret(platform)),
        Method::Jwks(_) if is_given(body, "jwks") => Method::Jwks(key_set(body, most)?),
        Method::JwksUri(_) if is_given(body, "jwks_uri") => {
            Method::JwksUri(keys_address(platform, body)?)
        }
        same => same.clone(),
    })
}

/// The key set in a body's `jwks`, an object or its text.
fn key_set(body: &Map<String, Value>, most: usize) -> Result<KeySet, Refusal> {
    few_enough(read_keys(body)?, most)
}

fn read_keys(body: &Map<String, Value>) -> Result<Result<KeySet, KeySetError>, Refusal> {
    Ok(match body.get("jwks") {
        None | Some(Value::Null) => return Err(missing("jwks")),
        Some(Value::String(text)) => KeySet::from_text(text),
        Some(document) => KeySet::parse(document),
    })
}

/// The rule that a key set breaks.
fn rule_of(error: &KeySetError) -> Rule {
    match error {
        KeySetError::Empty => Rule::ImportedKeySetFilled,
        KeySetError::Repeated { .. } => Rule::ImportedKeyIds,
        KeySetError::Missing { .. } => Rule::ImportedKeyMembers,
        KeySetError::Unusable { .. } => Rule::ImportedKeyStrength,
        _ => Rule::ImportedKeySet,
    }
}

fn unusable(error: &KeySetError) -> Refusal {
    Refusal::field("jwks", error.to_string())
}

fn few_enough(keys: Result<KeySet, KeySetError>, most: usize) -> Result<KeySet, Refusal> {
    let keys = keys.map_err(|error| unusable(&error))?;
    if keys.keys().len() > most {
        return Err(Refusal::field("jwks", format!("An app has {most} keys at most.")));
    }
    Ok(keys)
}

fn keys_address(platform: &Platform, body: &Map<String, Value>) -> Result<Url, Refusal> {
    let address = text(body, "jwks_uri").ok_or_else(|| missing("jwks_uri"))?;
    let may_host = |url: &Url| may_host_keys(url) || platform.overlooks(Rule::HostedKeysProtected);
    let url = Url::parse(address).ok().filter(may_host);
    let why = "It is an https address without user name, password and fragment.";
    url.ok_or_else(|| Refusal::field("jwks_uri", why))
}

fn imported(app: &mut App) -> Result<&mut KeySet, Refusal> {
    match &mut app.method {
        Method::Jwks(keys) => Ok(keys),
        _ => Err(Refusal::field(FIELD, "This app imports no keys.")),
    }
}

/// The keys of a set as they were imported.
fn members(keys: &KeySet) -> Vec<Value> {
    keys.document()["keys"].as_array().cloned().unwrap_or_default()
}

/// A new client secret: letters and digits, which no client library can encode wrongly, and what the
/// dialect adds to them.
fn new_secret(platform: &Platform) -> Secret {
    let symbols = &platform.dialect().registration.secret_symbols;
    Secret::new(format!("{}{symbols}", random::alphanumeric(SESSION_LENGTH)))
}

const FIELD: &str = "token_auth_method";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{Tester, patient_browser, two_legged, with};
    use crate::protocol::{Algorithm, SigningKey};

    fn key(kid: &str) -> Value {
        SigningKey::generate(Algorithm::Es384, kid).unwrap().public_jwk()
    }

    #[tokio::test]
    async fn keys_are_added_and_taken_out_between_one_and_five() {
        let tester = Tester::new();
        let body = [("token_auth_method", json!("jwks")), ("jwks", json!({"keys": [key("a")]}))];
        let app = tester.register(with(two_legged(), &body)).await;
        let path = format!("apps/{}/jwks", app.id);
        let four = json!({"jwks": {"keys": [key("b"), key("c"), key("d"), key("e")]}});
        let added = tester.portal("POST", &path, &four).await;
        assert_eq!(added.json()["jwks"]["keys"].as_array().unwrap().len(), 5, "{}", added.text);
        for (what, keys) in [("a sixth", json!([key("f")])), ("a known name", json!([key("a")]))] {
            let refused = tester.portal("POST", &path, &json!({"jwks": {"keys": keys}})).await;
            assert_eq!(refused.json()["field"], "jwks", "{what}: {}", refused.text);
        }
        for kid in ["b", "c", "d", "e"] {
            let taken = tester.portal("DELETE", &format!("{path}/{kid}"), &json!({})).await;
            assert_eq!(taken.status.as_u16(), 200, "{}", taken.text);
            assert!(!taken.text.contains(&format!("\"kid\":\"{kid}\"")), "{}", taken.text);
        }
        let unknown = tester.portal("DELETE", &format!("{path}/b"), &json!({})).await;
        assert_eq!(unknown.status.as_u16(), 404);
        let last = tester.portal("DELETE", &format!("{path}/a"), &json!({})).await;
        assert_eq!(last.json()["field"], "jwks", "{}", last.text);
        let six: Vec<Value> = "ghijkl".chars().map(|name| key(&name.to_string())).collect();
        let six = tester.portal("PUT", &path, &json!({"jwks": {"keys": six}})).await;
        assert_eq!(six.status.as_u16(), 422, "{}", six.text);
    }

    #[tokio::test]
    async fn a_secret_with_other_characters_is_form_encoded_in_the_header() {
        let symbols = "%2B:+/ =&ü";
        let tester = Tester::with(|dialect| dialect.registration.secret_symbols = symbols.into());
        let app = tester.register(two_legged()).await;
        assert!(app.secret.ends_with(symbols));
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        assert_eq!(tester.token(&app, &form).await.status.as_u16(), 200);
    }

    #[tokio::test]
    async fn hosted_keys_can_move_and_other_apps_have_none() {
        let tester = Tester::new();
        let hosted = [
            ("token_auth_method", json!("jwks_uri")),
            ("jwks_uri", json!("https://app.example/keys")),
        ];
        let app = tester.register(with(two_legged(), &hosted)).await;
        let path = format!("apps/{}/jwks_uri", app.id);
        let body = json!({"jwks_uri": "https://app.example/new"});
        assert_eq!(tester.portal("PUT", &path, &body).await.json()["jwks_uri"], body["jwks_uri"]);
        let plain = json!({"jwks_uri": "http://app.example/new"});
        assert_eq!(tester.portal("PUT", &path, &plain).await.json()["field"], "jwks_uri");
        let public = tester.register(patient_browser()).await;
        for (method, path, body) in [
            ("PUT", format!("apps/{}/jwks_uri", public.id), &body),
            ("POST", format!("apps/{}/jwks", public.id), &json!({"jwks": {"keys": [key("a")]}})),
        ] {
            let refused = tester.portal(method, &path, body).await;
            assert_eq!(refused.json()["field"], "token_auth_method", "{}", refused.text);
        }
    }
}
