//! Client authentication by a signed JWT (RFC 7523 §3), with the app's imported or hosted keys; and,
//! where the dialect knows that, by one which the app's secret authenticates.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::dialect::Rule;
use crate::mock::oauth::hosted_keys::keys_for;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::{App, Method};
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidClient;
use crate::protocol::{Algorithm, Jws, JwsError, KeySet, PublicKey};

/// The app that made the assertion.
pub(super) async fn assertion(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<Arc<App>, Refusal> {
    let is_jwt = parameters.get("client_assertion_type") == Some(JWT_BEARER);
    let other = || refuse("client_assertion_type is not the one for JWTs.");
    platform.demand(Rule::AssertionType, is_jwt, other)?;
    let token = parameters.get("client_assertion").unwrap_or_default();
    let jws = Jws::parse(token).map_err(|_| refuse("The client_assertion is not a signed JWT."))?;
    let app = signer(platform, &jws)?;
    header(platform, &jws, &app)?;
    let claims = proven(platform, &app, jws).await?;
    let are_known = claims.keys().all(|name| CLAIMS.contains(&name.as_str()));
    if !are_known && platform.overlooks(Rule::AssertionClaimsUnknown) {
        return Err(refuse("The client_assertion has claims that are not known."));
    }
    lifetime(platform, &claims)?;
    audience(platform, &claims)?;
    single_use(platform, &app, &claims)?;
    Ok(app)
}

/// The claims, once the app's key or secret is proven to have made them.
async fn proven(
    platform: &Platform,
    app: &App,
    jws: Jws<'_>,
) -> Result<Map<String, Value>, Refusal> {
    let wrong = || refuse("The client_assertion signature is invalid.");
    let hosted;
    let is_hosted = matches!(app.method, Method::JwksUri(_));
    let keys = match &app.method {
        Method::Jwks(keys) => Some(keys),
        Method::JwksUri(url) => {
            hosted = keys_for(platform, &app.client_id, url, jws.header_text("kid")).await;
            hosted.as_ref()
        }
        Method::Secret(secret) if platform.dialect().token.client_secret_jwt => {
            return if jws.is_authenticated_by(secret) { Ok(jws.claims) } else { Err(wrong()) };
        }
        Method::Secret(_) | Method::Pkce => None,
    };
    if is_hosted && keys.is_none() && platform.overlooks(Rule::HostedKeysNeeded) {
        return Ok(jws.claims);
    }
    let keys = keys.ok_or_else(|| refuse("The client has no public keys."))?;
    let most = platform.dialect().portal.keys_per_app;
    if keys.keys().len() > most {
        return Err(refuse(&format!("The client has more than {most} public keys.")));
    }
    let allowed: Vec<Algorithm> = platform
        .dialect()
        .client_assertion
        .algorithms
        .iter()
        .filter_map(|name| name.parse().ok())
        .collect();
    let kid = jws.header_text("kid");
    let by_first = keys.keys().first().is_none_or(|first| kid.is_none_or(|kid| kid == first.kid()));
    match jws.prove(keys, &allowed) {
        Ok(()) if !by_first && platform.overlooks(Rule::AssertionAnyKey) => Err(wrong()),
        Err(error) if !platform.overlooks(broken_by(&error, &jws, keys, &allowed)) => Err(wrong()),
        _ => Ok(jws.claims),
    }
}

/// The rule that a JWS broke which could not be verified.
fn broken_by(error: &JwsError, jws: &Jws<'_>, keys: &KeySet, allowed: &[Algorithm]) -> Rule {
    let fits = |key: &PublicKey| {
        let signed = jws.signing_input.as_bytes();
        let mut fitting = allowed.iter().filter(|algorithm| key.fits(**algorithm));
        fitting.any(|algorithm| key.verify(*algorithm, signed, &jws.signature))
    };
    match error {
        _ if jws.header.contains_key("jwk") => Rule::AssertionKeyRegistered,
        JwsError::Signature if keys.keys().iter().any(fits) => Rule::AssertionKeyNamed,
        JwsError::AlgorithmNotAllowed(name) if name == "none" => Rule::AssertionSigned,
        JwsError::AlgorithmNotAllowed(name) if name.starts_with("HS") => Rule::AssertionNoHmac,
        JwsError::NoAlgorithm | JwsError::AlgorithmNotAllowed(_) | JwsError::UnfitKey(_) => {
            Rule::AssertionAlgorithm
        }
        JwsError::NoKeyId | JwsError::UnknownKey(_) => Rule::AssertionKid,
        JwsError::Critical => Rule::AssertionCrit,
        _ => Rule::AssertionSignature,
    }
}

/// `iss` and `sub` both name the client.
fn signer(platform: &Platform, jws: &Jws<'_>) -> Result<Arc<App>, Refusal> {
    let claim = |name: &str| jws.claims.get(name).and_then(Value::as_str);
    let (issuer, subject) = (claim("iss"), claim("sub"));
    platform.demand(
        Rule::AssertionIssuerIsSubject,
        issuer.is_some() && issuer == subject,
        || refuse("The client_assertion must have the client as iss and as sub."),
    )?;
    let app = platform.state().app(subject.or(issuer).unwrap_or_default());
    app.ok_or_else(|| Refusal::unknown_client(false))
}

fn header(platform: &Platform, jws: &Jws<'_>, app: &App) -> Result<(), Refusal> {
    let rules = &platform.dialect().client_assertion;
    // A shared secret is the only one there is.
    let has_keys = !matches!(app.method, Method::Secret(_));
    let names_key = jws.header_text("kid").is_some();
    platform.demand(
        Rule::AssertionKidSent,
        names_key || !rules.kid_required || !has_keys,
        || refuse("The client_assertion JWT kid is missing."),
    )?;
    let typ = jws.header.get("typ").map(|typ| typ.as_str().unwrap_or_default());
    let is_known = typ.map(|typ| TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ)));
    platform.demand(Rule::AssertionTyp, is_known.unwrap_or(!rules.typ_required), || {
        refuse("The client_assertion typ must be JWT.")
    })?;
    let is_registered = match (jws.header.get("jku"), &app.method) {
        (None, _) => true,
        // Only the registered address is ever fetched.
        (Some(jku), Method::JwksUri(url)) => jku.as_str() == Some(url.as_str()),
        _ => false,
    };
    platform.demand(Rule::AssertionJku, is_registered, || {
        refuse("The client_assertion jku is not the registered address.")
    })
}

fn lifetime(platform: &Platform, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let rules = &platform.dialect().client_assertion;
    let (now, leeway) = (seconds(platform.clock().unix()), seconds(rules.leeway));
    let expires = claims.get("exp").and_then(Value::as_f64);
    platform.demand(Rule::AssertionExp, expires.is_some(), || {
        refuse("The client_assertion has no exp in seconds.")
    })?;
    let expires = expires.unwrap_or(now + 1.0);
    platform.demand(Rule::AssertionNotExpired, expires + leeway > now, || {
        refuse("The client_assertion token is expired.")
    })?;
    let latest = now + seconds(rules.max_lifetime + rules.max_lifetime_tolerance);
    platform.demand(Rule::AssertionLifetime, expires < latest, || {
        refuse("The client_assertion expires too far in the future.")
    })?;
    let is_by = |claim: &str, latest: f64| {
        claims.get(claim).is_none_or(|from| from.as_f64().is_some_and(|from| from <= latest))
    };
    platform.demand(Rule::AssertionNbf, is_by("nbf", now + leeway), || {
        refuse("The client_assertion is not valid yet.")
    })?;
    // Clocks differ, so when it was made is not held against it; only what cannot be is.
    platform.demand(Rule::AssertionIat, is_by("iat", expires + leeway), || {
        refuse("The client_assertion has an iat that cannot be.")
    })
}

fn audience(platform: &Platform, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let accepted = platform.assertion_audiences();
    let is_one = |aud: &str| accepted.iter().any(|accepted| accepted == aud);
    let is_accepted = |value: &Value| {
        let Some(aud) = value.as_str() else { return false };
        let nearly = aud.trim_end_matches('/');
        is_one(aud) || is_one(nearly) && platform.overlooks(Rule::AssertionAudExact)
    };
    let fits = match claims.get("aud") {
        Some(Value::Array(values)) => {
            platform.dialect().client_assertion.audience_in_array
                && values.iter().any(is_accepted)
                && !platform.overlooks(Rule::AssertionAudAmongOthers)
        }
        Some(value) => is_accepted(value),
        None => false,
    };
    platform.demand(Rule::AssertionAud, fits, || {
        refuse("The audience claim for client_assertion must be the token endpoint.")
    })
}

/// A `jti` is good for one use until it expires.
fn single_use(platform: &Platform, app: &App, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let rules = &platform.dialect().client_assertion;
    let Some(jti) = claims.get("jti") else {
        return platform.demand(Rule::AssertionJtiSent, !rules.jti_required, || {
            refuse("The client_assertion has no jti.")
        });
    };
    let unusable = || refuse("The client_assertion has a jti that is no text of use.");
    let jti = jti.as_str().filter(|jti| !jti.is_empty() && jti.len() <= LONGEST_JTI);
    platform.demand(Rule::AssertionJti, jti.is_some(), unusable)?;
    let Some(jti) = jti.filter(|_| rules.jti_single_use) else {
        return Ok(());
    };
    let expires = claims.get("exp").and_then(Value::as_f64).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "checked to be within an hour of now")]
    let expires = expires as i64 + rules.leeway + 1;
    let now = platform.clock().unix();
    let mut state = platform.state();
    let used = state.used_assertions.entry(app.client_id.clone()).or_default();
    let is_new = used.add(jti, expires, now);
    platform.demand(Rule::AssertionReplay, is_new, || {
        refuse("The client_assertion token has already been used.")
    })
}

fn refuse(why: &str) -> Refusal {
    Refusal::new(InvalidClient, why)
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
fn seconds(value: i64) -> f64 {
    value as f64
}

/// What a `typ` says that is no more than a JWT: in RFC 7519 §5.1, and in its successor for clients.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];
const LONGEST_JTI: usize = 512;
const CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti"];
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;
    use crate::mock::testing::{TestApp, Tester, two_legged, with};
    use crate::protocol::SigningKey;

    fn body(keys: &[&SigningKey]) -> Value {
        let jwks: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
        let method = [("token_auth_method", json!("jwks")), ("jwks", json!({"keys": jwks}))];
        with(two_legged(), &method)
    }

    fn claims(tester: &Tester, app: &TestApp, changes: &[(&str, Value)]) -> Value {
        let now = tester.platform.clock().unix();
        let mut claims = json!({
            "iss": app.id, "sub": app.id, "aud": tester.platform.assertion_audiences()[0],
            "iat": now, "exp": now + 300, "jti": crate::protocol::random::alphanumeric(20),
        });
        for (name, value) in changes {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        claims
    }

    async fn send(tester: &Tester, assertion: &str, more: &[(&str, &str)]) -> (u16, String) {
        let form = [
            &[
                ("grant_type", "client_credentials"),
                ("scope", "system/Patient.read"),
                ("client_assertion", assertion),
            ],
            more,
        ]
        .concat();
        tester.post("/oauth2/v1/token", &[], &form).await.error()
    }

    const TYPE: (&str, &str) = ("client_assertion_type", JWT_BEARER);

    #[tokio::test]
    async fn any_registered_key_of_any_algorithm_proves_the_client() {
        let tester = Tester::new();
        let keys: Vec<SigningKey> = Algorithm::ALL
            .into_iter()
            .map(|algorithm| SigningKey::generate(algorithm, algorithm.name()).unwrap())
            .collect();
        let app = tester.register(body(&keys.iter().collect::<Vec<_>>())).await;
        assert!(app.secret.is_empty());
        for key in &keys {
            let assertion = key.sign(&key.header(), &claims(&tester, &app, &[]));
            assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 200, "{key:?}");
        }
    }

    #[tokio::test]
    async fn an_assertion_that_breaks_a_rule_authenticates_nobody() {
        let tester = Tester::new();
        let key = SigningKey::generate(Algorithm::Es384, "key-1").unwrap();
        let second = SigningKey::generate(Algorithm::Es384, "key-2").unwrap();
        let stranger = SigningKey::generate(Algorithm::Es384, "key-1").unwrap();
        let app = tester.register(body(&[&key, &second])).await;
        let other = tester.register(body(&[&key])).await;
        let now = tester.platform.clock().unix();
        let token_url = tester.platform.oauth("token");
        let rows = [
            ("nothing wrong", vec![], 200),
            ("the token endpoint as aud", vec![("aud", json!(token_url))], 200),
            ("aud in an array", vec![("aud", json!([token_url]))], 200),
            ("the issuer as aud", vec![("aud", json!(tester.platform.issuer()))], 200),
            ("nearly an hour", vec![("exp", json!(now + 3500))], 200),
            ("no jti", vec![("jti", Value::Null)], 200),
            ("an unknown claim", vec![("extra", json!(true))], 200),
            ("an old nbf", vec![("nbf", json!(now - 60))], 200),
            ("no aud", vec![("aud", Value::Null)], 401),
            ("another aud", vec![("aud", json!(tester.platform.fhir_base()))], 401),
            ("aud with a slash", vec![("aud", json!(format!("{token_url}/")))], 401),
            ("an array without it", vec![("aud", json!(["https://elsewhere.example"]))], 401),
            ("no exp", vec![("exp", Value::Null)], 401),
            ("exp in the past", vec![("exp", json!(now - 60))], 401),
            ("exp too far", vec![("exp", json!(now + 3700))], 401),
            ("exp in milliseconds", vec![("exp", json!((now + 300) * 1000))], 401),
            ("exp as text", vec![("exp", json!("2026-11-21T12:05:00Z"))], 401),
            ("nbf in the future", vec![("nbf", json!(now + 600))], 401),
            ("an iat a little ahead", vec![("iat", json!(now + 120))], 200),
            ("an iat of years ago", vec![("iat", json!(1))], 200),
            ("an iat after exp", vec![("iat", json!(now + 311))], 401),
            ("iat as text", vec![("iat", json!("today"))], 401),
            ("jti as a number", vec![("jti", json!(1))], 401),
            ("an empty jti", vec![("jti", json!(""))], 401),
            ("an endless jti", vec![("jti", json!("a".repeat(513)))], 401),
            ("no iss", vec![("iss", Value::Null)], 401),
            ("no sub", vec![("sub", Value::Null)], 401),
            ("another client's iss", vec![("iss", json!(other.id))], 401),
            ("an unknown client", vec![("iss", json!("x")), ("sub", json!("x"))], 401),
        ];
        for (what, changes, status) in rows {
            let assertion = key.sign(&key.header(), &claims(&tester, &app, &changes));
            let expected = if status == 200 { "" } else { "invalid_client" };
            let answer = send(&tester, &assertion, &[TYPE]).await;
            assert_eq!(answer, (status, expected.to_owned()), "{what}");
        }
        let good = claims(&tester, &app, &[]);
        let header = |changes: Value| {
            let mut header = key.header();
            header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            key.sign(&header, &good)
        };
        let mut no_kid = key.header();
        no_kid.as_object_mut().unwrap().remove("kid");
        for (what, assertion) in [
            ("an unrelated key", stranger.sign(&stranger.header(), &good)),
            ("the kid of another key", header(json!({"kid": "key-2"}))),
            ("an unknown kid", header(json!({"kid": "key-9"}))),
            ("no kid", key.sign(&no_kid, &good)),
            (
                "no signature",
                header(json!({"alg": "none"})).rsplit_once('.').unwrap().0.to_owned() + ".",
            ),
            ("an HMAC", header(json!({"alg": "HS256"}))),
            ("another alg", header(json!({"alg": "ES256"}))),
            ("another typ", header(json!({"typ": "at+jwt"}))),
            ("a typ that is no text", header(json!({"typ": 1}))),
            ("a crit", header(json!({"crit": ["exp"], "exp": 1}))),
            ("a jku", header(json!({"jku": "https://elsewhere.example/keys"}))),
            ("two parts", "a.b".to_owned()),
            ("nothing", String::new()),
        ] {
            let answer = send(&tester, &assertion, &[TYPE]).await;
            assert_eq!(answer, (401, "invalid_client".to_owned()), "{what}");
        }
        let assertion = || key.sign(&key.header(), &claims(&tester, &app, &[]));
        for kind in [None, Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")] {
            let more: Vec<_> =
                kind.map(|kind| ("client_assertion_type", kind)).into_iter().collect();
            assert_eq!(send(&tester, &assertion(), &more).await.0, 401);
        }
        let own = [TYPE, ("client_id", app.id.as_str())];
        assert_eq!(send(&tester, &assertion(), &own).await.0, 200);
        let others = [TYPE, ("client_id", other.id.as_str())];
        assert_eq!(send(&tester, &assertion(), &others).await.0, 400);
        let secret_app = tester.register(two_legged()).await;
        let wrong_method = key.sign(&key.header(), &claims(&tester, &secret_app, &[]));
        assert_eq!(send(&tester, &wrong_method, &[TYPE]).await.0, 401);
    }

    #[tokio::test]
    async fn an_assertion_lives_an_hour_and_clocks_may_differ() {
        let tester = Tester::new();
        let key = SigningKey::generate(Algorithm::Es256, "key-1").unwrap();
        let app = tester.register(body(&[&key])).await;
        let now = tester.platform.clock().unix();
        for (claim, seconds, status) in [
            ("exp", 3599, 200),
            ("exp", 3600, 200),
            ("exp", 3601, 401),
            ("exp", 3604, 401),
            ("exp", -9, 200),
            ("exp", -10, 401),
            ("nbf", 10, 200),
            ("nbf", 11, 401),
        ] {
            let claims = claims(&tester, &app, &[(claim, json!(now + seconds))]);
            let assertion = key.sign(&key.header(), &claims);
            assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, status, "{claim} {seconds}");
        }
    }

    #[tokio::test]
    async fn an_assertion_is_good_for_one_use() {
        let tester = Tester::new();
        let key = SigningKey::generate(Algorithm::Es256, "key-1").unwrap();
        let app = tester.register(body(&[&key])).await;
        let assertion = key.sign(&key.header(), &claims(&tester, &app, &[]));
        assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 200);
        assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 401);
    }

    #[tokio::test]
    async fn a_strict_dialect_refuses_what_smart_refuses() {
        let tester = Tester::with(|dialect| {
            dialect.client_assertion.max_lifetime = 300;
            dialect.client_assertion.max_lifetime_tolerance = 0;
            dialect.client_assertion.leeway = 0;
            dialect.client_assertion.jti_required = true;
            dialect.client_assertion.typ_required = true;
        });
        let key = SigningKey::generate(Algorithm::Es384, "key-1").unwrap();
        let app = tester.register(body(&[&key])).await;
        let now = tester.platform.clock().unix();
        for (change, status) in [
            (("exp", json!(now + 299)), 200),
            (("exp", json!(now + 300)), 401),
            (("jti", Value::Null), 401),
        ] {
            let assertion = key
                .sign(&key.header(), &claims(&tester, &app, &[("exp", json!(now + 200)), change]));
            assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, status);
        }
        let header = json!({"alg": "ES384", "kid": "key-1"});
        let assertion = key.sign(&header, &claims(&tester, &app, &[("exp", json!(now + 200))]));
        assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 401);
    }

    #[tokio::test]
    async fn a_shared_secret_makes_assertions_where_the_dialect_knows_that() {
        for (known, status) in [(false, 401), (true, 200)] {
            let tester = Tester::with(|dialect| dialect.token.client_secret_jwt = known);
            let app = tester.register(two_legged()).await;
            let other = tester.register(two_legged()).await;
            let key = SigningKey::generate(Algorithm::Rs256, "key-1").unwrap();
            let with_keys = tester.register(body(&[&key])).await;
            let made = |app: &TestApp, secret: &str| {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                let header = json!({"alg": "HS256", "typ": "JWT", "kid": "key-1"});
                let input = format!("{}.{}", part(&header), part(&claims(&tester, app, &[])));
                let code = hmac::sign(
                    &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
                    input.as_bytes(),
                );
                format!("{input}.{}", URL_SAFE_NO_PAD.encode(code))
            };
            let good = made(&app, &app.secret);
            assert_eq!(send(&tester, &good, &[TYPE]).await.0, status);
            assert_eq!(send(&tester, &good, &[TYPE]).await.0, 401, "used twice");
            assert_eq!(send(&tester, &made(&app, &other.secret), &[TYPE]).await.0, 401);
            let public = key.public_jwk().to_string();
            assert_eq!(send(&tester, &made(&with_keys, &public), &[TYPE]).await.0, 401);
        }
    }

    #[tokio::test]
    async fn a_lenient_dialect_lets_one_identifier_serve_twice_and_a_strict_one_no_array() {
        let tester = Tester::with(|dialect| {
            dialect.client_assertion.jti_single_use = false;
            dialect.client_assertion.audience_in_array = false;
        });
        let key = SigningKey::generate(Algorithm::Es256, "key-1").unwrap();
        let app = tester.register(body(&[&key])).await;
        let assertion = key.sign(&key.header(), &claims(&tester, &app, &[]));
        assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 200);
        assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 200);
        let audiences = json!([tester.platform.oauth("token")]);
        let assertion = key.sign(&key.header(), &claims(&tester, &app, &[("aud", audiences)]));
        assert_eq!(send(&tester, &assertion, &[TYPE]).await.0, 401);
    }

    #[tokio::test]
    async fn keys_are_rotated_by_adding_one_and_deleting_one() {
        let tester = Tester::new();
        let old = SigningKey::generate(Algorithm::Es256, "old").unwrap();
        let new = SigningKey::generate(Algorithm::Es256, "new").unwrap();
        let app = tester.register(body(&[&old])).await;
        let signed = |key: &SigningKey| key.sign(&key.header(), &claims(&tester, &app, &[]));
        assert_eq!(send(&tester, &signed(&new), &[TYPE]).await.0, 401);
        for (keys, old_status, new_status) in [(vec![&old, &new], 200, 200), (vec![&new], 401, 200)]
        {
            let path = format!("apps/{}/jwks", app.id);
            let put = tester.portal("PUT", &path, &json!({"jwks": body(&keys)["jwks"]})).await;
            assert_eq!(put.status.as_u16(), 200);
            assert_eq!(send(&tester, &signed(&old), &[TYPE]).await.0, old_status);
            assert_eq!(send(&tester, &signed(&new), &[TYPE]).await.0, new_status);
        }
    }
}
