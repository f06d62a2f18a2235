//! Key sets that apps host themselves: fetched, kept as long as their answer allows, fetched again
//! for a key that is not in them.

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{CACHE_CONTROL, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::check::Quota;
use super::key_address::{PublicOnly, may_be_reached};
use crate::dialect::Rule;
use crate::mock::journal::KeyFetch;
use crate::mock::platform::Platform;
use crate::protocol::KeySet;

/// What is kept of an app's hosted set.
#[derive(Default)]
pub(in crate::mock) struct HostedKeys {
    kept: Option<KeySet>,
    /// When it was fetched, and until when it is good, by the platform's time.
    fetched: i64,
    fresh_until: i64,
    /// Fetches because there is no good copy.
    fetches: Quota,
    /// Fetches because of an unknown `kid`.
    refetches: Quota,
}

/// The keys of an app, looked up for an assertion that names `kid`.
///
/// An unknown `kid` makes the platform look again. Anybody can send an assertion, so whatever the
/// reason for a fetch is, there are only so many of them in a minute; then a copy of that minute
/// serves. What cannot be fetched authenticates nobody, so a fault gives `None`.
pub(super) async fn keys_for(
    platform: &Platform,
    client_id: &str,
    url: &Url,
    kid: Option<&str>,
) -> Option<KeySet> {
    let now = platform.clock().unix();
    {
        let allowed = platform.dialect().hosted_keys.fetches_per_minute;
        let mut state = platform.state();
        let hosted = state.hosted_keys.entry(client_id.to_owned()).or_default();
        let is_fresh = hosted.kept.is_some() && is_fresh(platform, now, hosted.fresh_until);
        if is_fresh || hosted.fetches.count(now / MINUTE) > allowed {
            let is_recent = now - hosted.fetched < MINUTE;
            let keys = hosted.kept.as_ref().filter(|_| is_fresh || is_recent)?;
            let known = kid.is_none_or(|kid| keys.find(kid).next().is_some());
            let serves = known || platform.overlooks(Rule::HostedKeysRefetched);
            // Counted apart: an app that lets nothing be kept may rotate its keys as well.
            if serves || hosted.refetches.count(now / MINUTE) > allowed {
                return Some(keys.clone());
            }
        }
    }
    let fetched = fetch(platform, url).await;
    platform.journal().fetched(KeyFetch {
        before: platform.journal().next(),
        time: platform.clock().now(),
        client_id: client_id.to_owned(),
        url: url.to_string(),
        fault: fetched.as_ref().err().cloned(),
    });
    let mut state = platform.state();
    let hosted = state.hosted_keys.entry(client_id.to_owned()).or_default();
    let Ok((keys, max_age)) = fetched else {
        hosted.kept.take_if(|_| now >= hosted.fresh_until);
        return None;
    };
    hosted.fetched = now;
    hosted.fresh_until = now.saturating_add(max_age);
    hosted.kept = Some(keys.clone());
    Some(keys)
}

/// Whether a copy is good for another use.
fn is_fresh(platform: &Platform, now: i64, until: i64) -> bool {
    if now < until {
        !platform.overlooks(Rule::HostedKeysKept)
    } else {
        platform.overlooks(Rule::HostedKeysRunOut)
    }
}

async fn fetch(platform: &Platform, url: &Url) -> Result<(KeySet, i64), String> {
    let rules = &platform.dialect().hosted_keys;
    let limit = Duration::from_millis(rules.timeout_ms);
    let fetching = async {
        if !rules.private_addresses && !may_be_reached(url) {
            return Err("is at an address that is not public".to_owned());
        }
        if platform.overlooks(Rule::HostedKeysFetched) {
            return Err("is not fetched".to_owned());
        }
        let client = client(rules.private_addresses).as_ref().map_err(Clone::clone)?;
        let get = async |url: Url| client.get(url).send().await.map_err(|error| cause(&error));
        let mut response = get(url.clone()).await?;
        if let Some(target) = target(&response)
            && platform.overlooks(Rule::HostedKeysNotRedirected)
        {
            response = get(target).await?;
        }
        if response.status() != StatusCode::OK {
            return Err(format!("answered HTTP {}", response.status().as_u16()));
        }
        let max_age = max_age(&response).unwrap_or(rules.default_max_age);
        let max_age = max_age.min(rules.longest_max_age);
        let mut text = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| cause(&error))? {
            text.extend_from_slice(&part);
            if text.len() > rules.max_bytes {
                return Err(format!("is longer than {} bytes", rules.max_bytes));
            }
        }
        let keys = KeySet::from_foreign_text(&String::from_utf8_lossy(&text));
        keys.map(|keys| (keys, max_age)).map_err(|error| error.to_string())
    };
    let timeout = || format!("did not answer in {} ms", rules.timeout_ms);
    tokio::time::timeout(limit, fetching).await.map_err(|_| timeout())?
}

/// Where an answer leads.
fn target(response: &Response) -> Option<Url> {
    let target = response.headers().get(LOCATION)?.to_str().ok()?;
    response.url().join(target).ok().filter(|_| response.status().is_redirection())
}

/// Seconds that the answer may be kept, if it says so (RFC 9111 §5.2.2).
fn max_age(response: &Response) -> Option<i64> {
    let value = response.headers().get(CACHE_CONTROL)?.to_str().ok()?.to_ascii_lowercase();
    let directives: Vec<&str> = value.split(',').map(str::trim).collect();
    if directives.iter().any(|directive| ["no-store", "no-cache"].contains(directive)) {
        return Some(0);
    }
    directives.iter().find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok())
}

/// What an error comes from in the end.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// One client for all platforms of the process: to make one reads the machine's certificates.
fn client(private_addresses: bool) -> &'static Result<Client, String> {
    static CLIENTS: [OnceLock<Result<Client, String>>; 2] = [OnceLock::new(), OnceLock::new()];
    CLIENTS[usize::from(private_addresses)].get_or_init(|| {
        let builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            // A kept connection would outlive the runtime of the platform that opened it.
            .pool_max_idle_per_host(0);
        let builder =
            if private_addresses { builder } else { builder.dns_resolver(Arc::new(PublicOnly)) };
        builder.build().map_err(|error| error.to_string())
    })
}

const MINUTE: i64 = 60;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::routing::get;
    use serde_json::{Value, json};
    use tokio::net::TcpListener;

    use crate::mock::testing::{TestApp, Tester, two_legged, with};
    use crate::protocol::{Algorithm, SigningKey};

    /// What the app's own server answers: status, Cache-Control and body.
    type Hosted = Arc<Mutex<(u16, &'static str, String)>>;

    async fn host() -> (Hosted, String) {
        let hosted: Hosted = Arc::default();
        let answer = Arc::clone(&hosted);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let target = format!("{base}/elsewhere");
        let router = Router::new().route(
            "/keys",
            get(move || async move {
                let (status, cache, body) = answer.lock().unwrap().clone();
                let status = axum::http::StatusCode::from_u16(status).unwrap();
                (status, [("cache-control", cache.to_owned()), ("location", target)], body)
            }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        (hosted, format!("{base}/keys"))
    }

    fn set(keys: &[&SigningKey]) -> String {
        let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
        json!({"keys": keys}).to_string()
    }

    async fn register(tester: &Tester, url: &str) -> TestApp {
        let method = [("token_auth_method", json!("jwks_uri")), ("jwks_uri", json!(url))];
        tester.register(with(two_legged(), &method)).await
    }

    async fn send(tester: &Tester, app: &TestApp, key: &SigningKey, jku: Option<&str>) -> u16 {
        let now = tester.platform.clock().unix();
        let claims = json!({"iss": app.id, "sub": app.id, "exp": now + 60,
                            "aud": tester.platform.oauth("token")});
        let mut header = key.header();
        if let Some(jku) = jku {
            header["jku"] = jku.into();
        }
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "system/Patient.read"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &key.sign(&header, &claims)),
        ];
        tester.post("/oauth2/v1/token", &[], &form).await.status.as_u16()
    }

    fn fetches(tester: &Tester) -> usize {
        tester.platform.journal().key_fetches().len()
    }

    fn key(kid: &str) -> SigningKey {
        SigningKey::generate(Algorithm::Es256, kid).unwrap()
    }

    #[tokio::test]
    async fn a_set_of_too_many_keys_authenticates_nobody() {
        let tester = Tester::with(|dialect| dialect.portal.keys_per_app = 2);
        let (hosted, url) = host().await;
        let keys = [key("one"), key("two"), key("three")];
        let app = register(&tester, &url).await;
        *hosted.lock().unwrap() = (200, "no-store", set(&[&keys[0], &keys[1], &keys[2]]));
        assert_eq!(send(&tester, &app, &keys[0], None).await, 401);
        *hosted.lock().unwrap() = (200, "no-store", set(&[&keys[0], &keys[1]]));
        assert_eq!(send(&tester, &app, &keys[0], None).await, 200);
    }

    #[tokio::test]
    async fn a_hosted_set_is_kept_as_long_as_its_answer_allows() {
        let tester = Tester::new();
        let (hosted, url) = host().await;
        let (old, new) = (key("old"), key("new"));
        let app = register(&tester, &url).await;
        *hosted.lock().unwrap() = (200, "max-age=60", set(&[&old]));
        assert_eq!(send(&tester, &app, &old, None).await, 200);
        assert_eq!(send(&tester, &app, &old, Some(&url)).await, 200);
        assert_eq!(fetches(&tester), 1);
        *hosted.lock().unwrap() = (200, "max-age=60", set(&[&new]));
        assert_eq!(send(&tester, &app, &old, None).await, 200, "kept");
        tester.wait(60);
        assert_eq!(send(&tester, &app, &old, None).await, 401, "removed, and fetched again");
        assert_eq!(fetches(&tester), 2);
    }

    #[tokio::test]
    async fn a_hosted_set_may_hold_keys_of_other_kinds() {
        let tester = Tester::new();
        let (hosted, url) = host().await;
        let key = key("key-1");
        let app = register(&tester, &url).await;
        let edwards = json!({"kty": "OKP", "kid": "key-2", "crv": "Ed25519", "x": "AQAB"});
        let body = json!({"keys": [edwards, key.public_jwk()]}).to_string();
        *hosted.lock().unwrap() = (200, "max-age=60", body);
        assert_eq!(send(&tester, &app, &key, None).await, 200);
    }

    #[tokio::test]
    async fn an_unknown_kid_is_looked_for_again_but_not_without_end() {
        let tester = Tester::new();
        let (hosted, url) = host().await;
        let (old, new, never) = (key("old"), key("new"), key("never"));
        let app = register(&tester, &url).await;
        *hosted.lock().unwrap() = (200, "max-age=600", set(&[&old]));
        assert_eq!(send(&tester, &app, &old, None).await, 200);
        *hosted.lock().unwrap() = (200, "max-age=600", set(&[&old, &new]));
        assert_eq!(send(&tester, &app, &new, None).await, 200, "published a moment ago");
        assert_eq!(fetches(&tester), 2);
        for _ in 0..20 {
            assert_eq!(send(&tester, &app, &never, None).await, 401);
        }
        assert_eq!(fetches(&tester), 6);
    }

    #[tokio::test]
    async fn a_set_that_may_not_be_kept_is_not_fetched_without_end_either() {
        let tester = Tester::new();
        let (hosted, url) = host().await;
        let (old, new) = (key("old"), key("new"));
        let app = register(&tester, &url).await;
        *hosted.lock().unwrap() = (200, "max-age=0", set(&[&old]));
        for _ in 0..20 {
            assert_eq!(send(&tester, &app, &old, None).await, 200);
        }
        assert_eq!(fetches(&tester), 5, "the copy of this minute serves");
        *hosted.lock().unwrap() = (200, "max-age=0", set(&[&new]));
        assert_eq!(send(&tester, &app, &new, None).await, 200, "a rotation is found all the same");
        assert_eq!(fetches(&tester), 6);
        assert_eq!(send(&tester, &app, &old, None).await, 401);
        tester.wait(60);
        *hosted.lock().unwrap() = (500, "max-age=0", String::new());
        for _ in 0..20 {
            assert_eq!(send(&tester, &app, &new, None).await, 401, "the copy is of another minute");
        }
        assert_eq!(fetches(&tester), 12);
        *hosted.lock().unwrap() = (200, "max-age=0", set(&[&new]));
        tester.wait(60);
        assert_eq!(send(&tester, &app, &new, None).await, 200, "another minute");
    }

    #[tokio::test]
    async fn no_set_is_kept_for_longer_than_the_dialect_says() {
        let tester = Tester::with(|dialect| dialect.hosted_keys.longest_max_age = 600);
        let (hosted, url) = host().await;
        let key = key("key-1");
        let app = register(&tester, &url).await;
        *hosted.lock().unwrap() = (200, "max-age=31536000", set(&[&key]));
        assert_eq!(send(&tester, &app, &key, None).await, 200);
        *hosted.lock().unwrap() = (404, "no-store", String::new());
        tester.wait(599);
        assert_eq!(send(&tester, &app, &key, None).await, 200);
        tester.wait(1);
        assert_eq!(send(&tester, &app, &key, None).await, 401);
    }

    #[tokio::test]
    async fn an_address_inside_a_private_network_is_not_connected_to() {
        let key = key("key-1");
        for (private_addresses, told) in [(false, true), (true, false)] {
            let tester = Tester::with(|dialect| {
                dialect.hosted_keys.private_addresses = private_addresses;
                dialect.hosted_keys.timeout_ms = 50;
            });
            let app = register(&tester, "https://0.0.0.0:1/keys").await;
            assert_eq!(send(&tester, &app, &key, None).await, 401);
            let fault = tester.platform.journal().key_fetches()[0].fault.clone().unwrap();
            assert_eq!(fault == "is at an address that is not public", told, "{fault}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_fetched_authenticates_nobody() {
        let tester = Tester::with(|dialect| dialect.hosted_keys.timeout_ms = 200);
        let (hosted, url) = host().await;
        let key = key("key-1");
        let app = register(&tester, &url).await;
        let long = format!("{}{}", set(&[&key]), " ".repeat(70_000));
        for (status, body) in [
            (404, set(&[&key])),
            (500, set(&[&key])),
            (401, set(&[&key])),
            (302, set(&[&key])),
            (200, "<html>".to_owned()),
            (200, set(&[&key])[..40].to_owned()),
            (200, r#"{"keys":[]}"#.to_owned()),
            (200, long),
        ] {
            *hosted.lock().unwrap() = (status, "no-store", body);
            assert_eq!(send(&tester, &app, &key, None).await, 401, "{status}");
            tester.wait(60);
        }
        assert_eq!(fetches(&tester), 8);
        let stranger = Some("http://127.0.0.1:9/keys");
        let before = fetches(&tester);
        assert_eq!(send(&tester, &app, &key, stranger).await, 401);
        assert_eq!(fetches(&tester), before, "another jku is not fetched");
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", silent.local_addr().unwrap());
        let app = register(&tester, &url).await;
        assert_eq!(send(&tester, &app, &key, None).await, 401, "a host that never answers");
        drop(silent);
        assert_eq!(send(&tester, &app, &key, None).await, 401, "a host that is gone");
        let faults = tester.platform.journal().key_fetches();
        assert!(faults.iter().all(|fetch| fetch.fault.is_some()));
    }
}
