//! Takes signed tokens apart, so that the record tells what they say and whether they are as they
//! should be.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::protocol::assertion::audience;
use crate::protocol::jwt::{Facts, Kind, Proof, demands, prove};
use crate::protocol::{Jws, basic};
use crate::record::{
    Exchange, Expectation, Jwt, Run, Scenario, SeenKey, Signature, SignatureState, SignedToken,
};
use crate::secret::{Redactor, Secret};

/// The platform's keys that were seen in a run, and the tokens whose key was not seen yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    keys: Vec<Value>,
    unproven: Vec<Unproven>,
}

/// A token of the record whose signature nobody could verify when it was taken apart.
#[derive(Debug)]
struct Unproven {
    scenario: String,
    exchange: usize,
    place: String,
    compact: Secret,
}

impl Tokens {
    /// Adds the tokens that were seen in a scenario to its exchanges, which `noted` has in the order in
    /// which they were noted, with their starts.
    pub(super) fn take_apart(
        &self,
        noted: &mut [(SystemTime, Exchange)],
        (mut signed, keys): (Vec<SignedToken>, &[SeenKey]),
        audiences: &[String],
        redactor: &Redactor,
    ) -> Vec<(usize, String, Secret)> {
        let (of_app, of_platform): (Vec<&SeenKey>, Vec<&SeenKey>) =
            keys.iter().partition(|key| key.of_app);
        let jwks = |keys: Vec<&SeenKey>| keys.into_iter().map(|key| key.jwk.clone()).collect();
        let (of_app, of_platform): (Vec<Value>, Vec<Value>) = (jwks(of_app), jwks(of_platform));
        self.open().learn(&of_platform);
        signed.sort_by_key(|token| noted.get(token.exchange).map(|(at, _)| *at));
        let mut told = HashSet::new();
        let mut unproven = Vec::new();
        for token in &signed {
            if !told.insert(token.compact.expose()) {
                continue;
            }
            let Ok(jws) = Jws::parse(token.compact.expose()) else { continue };
            let kind = Kind::of_name(&token.name);
            let proof = match kind {
                Kind::ClientAssertion => prove(&jws, &of_app),
                _ => prove(&jws, &of_platform),
            };
            let place = format!("{}: {}", token.part, token.name);
            if kind != Kind::ClientAssertion && matches!(proof, Proof::Unchecked(_)) {
                unproven.push((token.exchange, place.clone(), token.compact.clone()));
            }
            let facts = facts(token, &signed, noted, audiences);
            let demands = demands(kind, &jws.header, &jws.claims, &facts);
            let expectations = demands.into_iter().map(|demand| Expectation {
                member: demand.member.to_owned(),
                expected: redactor.redact(&demand.expected),
                holds: demand.holds,
            });
            let jwt = Jwt {
                place: redactor.redact(&place),
                signature: signature(proof, redactor),
                expectations: expectations.collect(),
                header: redactor.redact_json(&jws.header.into()),
                claims: redactor.redact_json(&jws.claims.into()),
            };
            if let Some((_, exchange)) = noted.get_mut(token.exchange) {
                exchange.jwts.push(jwt);
            }
        }
        unproven
    }

    /// Remembers a token of the record whose key may still be seen, by the number of its exchange.
    pub(super) fn await_key(
        &self,
        scenario: &str,
        exchange: usize,
        place: String,
        compact: Secret,
    ) {
        let mut seen = self.open();
        if seen.unproven.len() < MOST_UNPROVEN {
            let scenario = scenario.to_owned();
            seen.unproven.push(Unproven { scenario, exchange, place, compact });
        }
    }

    /// Verifies what could not be verified before, with the keys of the whole run.
    pub(super) fn settle(&self, run: &mut Run, redactor: &Redactor) {
        let mut seen = self.open();
        let unproven = std::mem::take(&mut seen.unproven);
        for token in unproven {
            let Ok(jws) = Jws::parse(token.compact.expose()) else { continue };
            let proof = prove(&jws, &seen.keys);
            let scenario = run.scenarios.iter_mut().find(|one| one.id == token.scenario);
            if let (Some(jwt), false) =
                (scenario.and_then(|it| token.find_in(it)), matches!(proof, Proof::Unchecked(_)))
            {
                jwt.signature = signature(proof, redactor);
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn learn(&mut self, keys: &[Value]) {
        for key in keys {
            if !self.keys.contains(key) && self.keys.len() < MOST_KEYS {
                self.keys.push(key.clone());
            }
        }
    }
}

impl Unproven {
    fn find_in<'a>(&self, scenario: &'a mut Scenario) -> Option<&'a mut Jwt> {
        let exchange = scenario.exchanges.iter_mut().find(|it| it.number == self.exchange)?;
        exchange.jwts.iter_mut().find(|jwt| jwt.place == self.place)
    }
}

fn signature(proof: Proof, redactor: &Redactor) -> Signature {
    let (state, about) = match proof {
        Proof::Good { kid, alg } => (SignatureState::Good, format!("{alg} by the key `{kid}`")),
        Proof::Bad(why) => (SignatureState::Bad, why),
        Proof::Unchecked(why) => (SignatureState::Unchecked, why),
    };
    Signature { state, about: redactor.redact(&about) }
}

/// What the exchanges of a scenario tell beside a token.
fn facts(
    token: &SignedToken,
    signed: &[SignedToken],
    noted: &[(SystemTime, Exchange)],
    audiences: &[String],
) -> Facts {
    let mut facts = Facts { now: token.at, ..Facts::default() };
    let Some((at, exchange)) = noted.get(token.exchange) else { return facts };
    let request = &exchange.request;
    facts.client_id = parameter(&request.body, "client_id");
    if request.method == "POST" {
        facts.token_endpoint = request.url.split(['?', '#']).next().map(str::to_owned);
    }
    let before = || noted.iter().filter(|(then, _)| then < at).map(|(_, exchange)| exchange);
    let documents = before().filter(|it| it.request.url.contains(WELL_KNOWN));
    let mut documents =
        documents.filter_map(|it| serde_json::from_str::<Value>(&it.response.as_ref()?.body).ok());
    let own = |it: &Value| it["token_endpoint"].as_str() == facts.token_endpoint.as_deref();
    let issuer = documents.rfind(own);
    facts.issuer = issuer.and_then(|it| it["issuer"].as_str().map(str::to_owned));
    let endpoint = facts.token_endpoint.as_deref().and_then(|it| Url::parse(it).ok());
    if let (Some(issuer), Some(endpoint)) = (&facts.issuer, endpoint) {
        let of = |pattern: &String| audience(pattern, issuer, &endpoint);
        facts.audiences = audiences.iter().map(of).collect();
    }
    if Kind::of_name(&token.name) != Kind::IdToken {
        return facts;
    }
    let basic = || {
        let header = token.authorization.as_ref()?.expose();
        basic::decode(header).pop().map(|(client_id, _)| client_id)
    };
    let assertion = || {
        let beside = |it: &&SignedToken| {
            it.exchange == token.exchange && Kind::of_name(&it.name) == Kind::ClientAssertion
        };
        let assertion = Jws::parse(signed.iter().find(beside)?.compact.expose()).ok()?;
        assertion.claims.get("sub")?.as_str().map(str::to_owned)
    };
    facts.client_id = facts.client_id.or_else(basic).or_else(assertion);
    if parameter(&request.body, "grant_type").as_deref() == Some("authorization_code") {
        let asked = before().filter_map(|it| Url::parse(&it.request.url).ok());
        let value = |url: &Url, name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let own = asked.filter(|url| value(url, "client_id") == facts.client_id);
        let nonces: BTreeSet<String> = own.filter_map(|url| value(&url, "nonce")).collect();
        // Of several it is not known here which one the code belongs to.
        facts.nonce =
            Some(nonces).filter(|all| all.len() == 1).and_then(|all| all.into_iter().next());
    }
    facts
}

fn parameter(body: &str, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(body.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// What addresses of discovery documents have in common (RFC 8615).
const WELL_KNOWN: &str = "/.well-known/";
/// Keys that are kept of a run.
const MOST_KEYS: usize = 200;
/// Tokens that are kept until the run ends.
const MOST_UNPROVEN: usize = 5000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::protocol::{Algorithm, SigningKey};
    use crate::record::{Recorder, Request, Response, Sender};

    const TOKEN: &str = "https://ehr.example/token";

    fn note(recorder: &Recorder, second: u64, request: (&str, &str, &str, &str), answer: &Value) {
        let (method, url, authorization, body) = request;
        let headers = match authorization {
            "" => Vec::new(),
            given => vec![("authorization".to_owned(), given.to_owned())],
        };
        let request =
            Request { method: method.into(), url: url.into(), headers, body: body.into() };
        let response = Response { status: 200, headers: Vec::new(), body: answer.to_string() };
        let started = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        recorder.exchange(Sender::App, started, Duration::ZERO, request, Ok(response));
    }

    fn taken_apart(
        tokens: &Tokens,
        recorder: &Recorder,
    ) -> (Vec<Jwt>, Vec<(usize, String, Secret)>) {
        let mut evidence = recorder.evidence();
        let seen = (evidence.signed, evidence.keys.as_slice());
        let (exchanges, audiences) = (&mut evidence.exchanges, &evidence.audiences);
        let left = tokens.take_apart(exchanges, seen, audiences, recorder.redactor());
        (evidence.exchanges.into_iter().flat_map(|(_, it)| it.jwts).collect(), left)
    }

    fn broken(jwt: &Jwt) -> Vec<&str> {
        jwt.expectations.iter().filter(|it| !it.holds).map(|it| it.member.as_str()).collect()
    }

    fn recorder(clock: &Clock) -> Recorder {
        let recorder = Recorder::new(Redactor::new());
        recorder.know_platform(clock, &["{issuer}/token".to_owned()]);
        recorder
    }

    #[test]
    fn an_id_token_is_compared_with_what_the_scenario_knows_of_it() {
        let clock = Clock::frozen_at("2026-11-23T08:00:00Z".parse().unwrap());
        let recorder = recorder(&clock);
        recorder.redactor().learn("username", &Secret::new("canary-user-1"));
        let key = SigningKey::generate(Algorithm::Es256, "k1").unwrap();
        let claims = json!({
            "iss": "https://ehr.example", "aud": "app one", "sub": "canary-user-1", "sid": "s1",
            "iat": clock.unix(), "exp": clock.unix() + 60, "nonce": "n-1",
        });
        let token = key.sign(&key.header(), &claims);
        let discovery = json!({ "issuer": "https://ehr.example", "token_endpoint": TOKEN });
        let at = "https://ehr.example/.well-known/openid-configuration";
        note(&recorder, 1, ("GET", at, "", ""), &discovery);
        let asked = "https://ehr.example/authorize?client_id=app+one&nonce=n-1";
        note(&recorder, 2, ("GET", asked, "", ""), &json!({}));
        let basic = basic::encode("app one", &Secret::new("canary-secret"));
        let form = "grant_type=authorization_code&code=x";
        let answer = json!({ "id_token": token, "access_token": token });
        note(&recorder, 3, ("POST", TOKEN, basic.expose(), form), &answer);
        let tokens = Tokens::default();
        let (jwts, left) = taken_apart(&tokens, &recorder);
        let [jwt] = &jwts[..] else { panic!("{jwts:?}") };
        assert_eq!(jwt.place, "answer body: id_token");
        assert_eq!(broken(jwt), [""; 0]);
        assert_eq!(jwt.expectations.len(), 6);
        assert_eq!(jwt.claims["sub"], "[redacted:username]");
        assert_eq!(jwt.claims["sid"], "[redacted:sid]");
        assert_eq!(jwt.signature.state, SignatureState::Unchecked);
        let record = serde_json::to_string(&jwts).unwrap();
        let signature = token.rsplit('.').next().unwrap();
        assert!(!record.contains("canary") && !record.contains(signature), "{record}");
        assert_eq!(left.len(), 1);

        // Another scenario reads the platform's keys.
        let other = super::tests::recorder(&clock);
        let set = json!({ "keys": [key.public_jwk()] });
        note(&other, 4, ("GET", "https://ehr.example/keys", "", ""), &set);
        taken_apart(&tokens, &other);
        assert!(tokens.open().keys.contains(&key.public_jwk()));
        let claims = json!({ "aud": "other", "exp": 5, "iat": 5, "sub": "x" });
        let stranger = SigningKey::generate(Algorithm::Es256, "k1").unwrap();
        for (signer, state) in [(&key, SignatureState::Good), (&stranger, SignatureState::Bad)] {
            let token = signer.sign(&signer.header(), &claims);
            let form = "grant_type=refresh_token&client_id=app";
            note(&other, 5, ("POST", TOKEN, "", form), &json!({ "id_token": token }));
            let jwts = taken_apart(&tokens, &other).0;
            let jwt = jwts.last().unwrap();
            assert_eq!((jwt.signature.state, broken(jwt)), (state, vec!["aud", "exp"]));
        }
    }

    #[test]
    fn an_assertion_is_proven_by_the_apps_own_keys() {
        let clock = Clock::frozen_at("2026-11-23T08:00:00Z".parse().unwrap());
        let recorder = recorder(&clock);
        let key = SigningKey::generate(Algorithm::Es384, "mine").unwrap();
        let claims = |exp: i64| json!({ "iss": "app", "sub": "app", "aud": TOKEN, "exp": clock.unix() + exp, "jti": "j" });
        let send = |second, exp| {
            let token = key.sign(&key.header(), &claims(exp));
            let form = format!("client_assertion={token}");
            note(&recorder, second, ("POST", TOKEN, "", &form), &json!({}));
        };
        send(1, 300);
        let tokens = Tokens::default();
        let (jwts, left) = taken_apart(&tokens, &recorder);
        assert_eq!(jwts[0].signature.about, "no key `mine` was seen");
        assert!(left.is_empty(), "the platform's keys are no help");
        recorder.know_keys([key.public_jwk()]);
        send(2, 301);
        let (jwts, _) = taken_apart(&tokens, &recorder);
        let told: Vec<_> =
            jwts.iter().map(|it| (it.signature.about.as_str(), broken(it))).collect();
        let good = "ES384 by the key `mine`";
        assert_eq!(told, [(good, vec![]), (good, vec!["exp"])]);
    }
}
