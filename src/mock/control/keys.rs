//! The platform's signing keys: looked at, rotated, withdrawn; those of Preview or, where the query
//! says `environment=production`, those of Production.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, json_body, read, shown};
use crate::mock::platform::{Environment, Platform};
use crate::mock::request::Received;
use crate::protocol::KeyError;

/// `GET keys`: the published keys, the signing one first.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    list(&meant(&platform, &request)?)
}

/// What `POST keys/rotate` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    overlap: Option<i64>,
}

/// `POST keys/rotate`: new tokens are signed with another key; the old one stays published until it
/// is withdrawn or, where `overlap` says so, for some seconds.
pub(super) async fn rotate(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let wanted: Rotation = read(json_body(&request)?)?;
    if wanted.overlap.is_some_and(i64::is_negative) {
        return Err(Refusal::field("overlap", "Give the seconds as a number from 0 on."));
    }
    let platform = meant(&platform, &request)?;
    platform.rotate_keys(wanted.overlap).map_err(|error| no_key(&error))?;
    list(&platform)
}

/// `DELETE keys/{kid}`: withdraws a key that signs no longer; its tokens are good no longer, too.
pub(super) async fn withdraw(
    Extension(platform): Extension<Platform>,
    Path(kid): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let platform = meant(&platform, &request)?;
    if platform.withdraw_key(&kid).map_err(|error| no_key(&error))? {
        return list(&platform);
    }
    Err(Refusal::not_found("There is no published key of this id that has been replaced."))
}

/// The environment whose keys are meant.
fn meant(platform: &Platform, request: &Received) -> Result<Platform, Refusal> {
    let known = match request.query.get("environment") {
        None => Some(platform.clone()),
        Some(name) => match Environment::read(name) {
            Some(Environment::Preview) => Some(platform.clone()),
            Some(Environment::Production) => platform.production(),
            None => None,
        },
    };
    known.ok_or_else(|| Refusal::field("environment", "Give `preview` or `production`."))
}

fn list(platform: &Platform) -> Answer {
    let keys: Vec<Value> = platform
        .published_keys()
        .iter()
        .map(|key| json!({"kid": key.kid, "signs": key.signs, "until": key.until}))
        .collect();
    shown(json!({"keys": keys}))
}

fn no_key(error: &KeyError) -> Refusal {
    Refusal::unable(&format!("The platform cannot {error}."))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{Tester, two_legged};
    use crate::protocol::{Jws, KeySet};

    async fn token(tester: &Tester, app: &crate::mock::testing::TestApp) -> (String, String) {
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let token =
            tester.token(app, &form).await.json()["access_token"].as_str().unwrap().to_owned();
        let kid = Jws::parse(&token).unwrap().header_text("kid").unwrap().to_owned();
        (token, kid)
    }

    async fn published(tester: &Tester) -> Vec<String> {
        let keys = tester.get("/oauth2/v1/keys?client_id=x", &[]).await;
        let keys = KeySet::from_text(&keys.text).unwrap();
        keys.keys().iter().map(|key| key.kid().to_owned()).collect()
    }

    #[tokio::test]
    async fn tokens_live_as_long_as_their_key_is_published() {
        let tester = Tester::new();
        let other = Tester::new();
        let app = tester.register(two_legged()).await;
        let path = "/fhir/r4/Patient?ah-practice=Organization/a-1.Practice-195900&name=x";
        let (old, first) = token(&tester, &app).await;
        let rotated = tester.control("POST", "keys/rotate", &json!({})).await.json();
        let (new, second) = token(&tester, &app).await;
        assert_eq!(rotated["keys"][0], json!({"kid": second, "signs": true, "until": Value::Null}));
        assert_ne!(first, second);
        assert_eq!(published(&tester).await, [second.as_str(), &first]);
        assert_eq!(published(&other).await, [first.as_str()], "another platform");
        for token in [&old, &new] {
            assert_eq!(tester.read(path, token).await.status.as_u16(), 200);
        }
        let current = tester.control("DELETE", &format!("keys/{second}"), &json!(null)).await;
        assert_eq!(current.status.as_u16(), 404);
        let withdrawn = tester.control("DELETE", &format!("keys/{first}"), &json!(null)).await;
        assert_eq!(withdrawn.status.as_u16(), 200);
        assert_eq!(published(&tester).await, [second.as_str()]);
        assert_eq!(tester.read(path, &old).await.status.as_u16(), 401);
        assert_eq!(tester.read(path, &new).await.status.as_u16(), 200);
        tester.control("POST", "keys/rotate", &json!({"overlap": 60})).await;
        assert_eq!(tester.read(path, &new).await.status.as_u16(), 200);
        tester.wait(60);
        assert_eq!(tester.read(path, &new).await.status.as_u16(), 401);
        tester.control("POST", "reset", &json!({"parts": ["keys"]})).await;
        assert_eq!(published(&tester).await, [first.as_str()]);
        let wrong = tester.control("POST", "keys/rotate", &json!({"overlap": -1})).await;
        assert_eq!(wrong.json()["field"], "overlap");
    }
}
