//! What the standards demand of a signed token of its kind, and whether it is so.

use serde_json::{Map, Value};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An app authenticates by it (RFC 7523 §3; SMART App Launch 2.2, asymmetric authentication).
    ClientAssertion,
    /// It tells an app who signed in (OpenID Connect Core §3.1.3.7).
    IdToken,
    /// Anything else, of which nothing is demanded here.
    Other,
}

/// What is known beside the token. What is not known is not demanded.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Seconds since 1970, where the token was used or issued.
    pub now: i64,
    /// The app.
    pub client_id: Option<String>,
    /// The token endpoint's address.
    pub token_endpoint: Option<String>,
    /// Audiences of client assertions that the platform documents beside it.
    pub audiences: Vec<String>,
    /// The issuer of the discovery document.
    pub issuer: Option<String>,
    /// The nonce of the authorize request.
    pub nonce: Option<String>,
}

/// Something that is demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The claim, or the member of the header.
    pub member: &'static str,
    /// What is demanded, in words or as the value.
    pub expected: String,
    /// Whether it is so.
    pub holds: bool,
}

impl Kind {
    /// The kind of a token, by the parameter or member that holds it.
    pub fn of_name(name: &str) -> Self {
        match name.rsplit('.').next() {
            Some("client_assertion") => Self::ClientAssertion,
            Some("id_token") => Self::IdToken,
            _ => Self::Other,
        }
    }
}

/// What is demanded of a token of this kind.
pub fn demands(
    kind: Kind,
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    facts: &Facts,
) -> Vec<Demand> {
    match kind {
        Kind::ClientAssertion => of_client_assertion(header, claims, facts),
        Kind::IdToken => of_id_token(claims, facts),
        Kind::Other => Vec::new(),
    }
}

fn of_client_assertion(
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    facts: &Facts,
) -> Vec<Demand> {
    let (iss, sub) = (text(claims, "iss"), text(claims, "sub"));
    let who = facts.client_id.as_deref();
    let exp = claims.get("exp").and_then(Value::as_i64);
    let ahead = exp.map(|exp| exp.saturating_sub(facts.now));
    let mut demands = vec![
        demand("alg", "RS384 or ES384", matches!(text(header, "alg"), Some("RS384" | "ES384"))),
        demand("kid", PRESENT, text(header, "kid").is_some()),
        demand(
            "iss",
            who.unwrap_or("the client_id, as `sub`"),
            iss.is_some() && iss == who.or(sub),
        ),
        demand(
            "sub",
            who.unwrap_or("the client_id, as `iss`"),
            sub.is_some() && sub == who.or(iss),
        ),
    ];
    if let Some(endpoint) = &facts.token_endpoint {
        let is_for = |audience: &String| names(claims.get("aud"), audience);
        let documented = facts.audiences.iter().find(|it| !is_for(endpoint) && is_for(it));
        demands.push(match documented {
            Some(other) => demand("aud", format!("{other}, as the platform documents"), true),
            None => demand("aud", endpoint, is_for(endpoint)),
        });
    }
    let is_soon = ahead.is_some_and(|ahead| (1..=LONGEST).contains(&ahead));
    demands.push(demand("exp", "at most five minutes ahead", is_soon));
    demands.push(demand("jti", PRESENT, text(claims, "jti").is_some()));
    demands
}

fn of_id_token(claims: &Map<String, Value>, facts: &Facts) -> Vec<Demand> {
    let time = |member: &str| claims.get(member).and_then(Value::as_i64);
    let mut demands = Vec::new();
    if let Some(issuer) = &facts.issuer {
        demands.push(demand("iss", issuer, text(claims, "iss") == Some(issuer)));
    }
    if let Some(client_id) = &facts.client_id {
        demands.push(demand("aud", client_id, names(claims.get("aud"), client_id)));
    }
    demands.extend([
        demand("exp", "in the future", time("exp").is_some_and(|exp| exp > facts.now)),
        demand(
            "iat",
            "not in the future",
            time("iat").is_some_and(|it| it <= facts.now + FORGIVEN),
        ),
        demand("sub", PRESENT, text(claims, "sub").is_some()),
    ]);
    if let Some(nonce) = &facts.nonce {
        demands.push(demand("nonce", nonce, text(claims, "nonce") == Some(nonce)));
    }
    demands
}

fn demand(member: &'static str, expected: impl Into<String>, holds: bool) -> Demand {
    Demand { member, expected: expected.into(), holds }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Whether an audience is this one, or has it among others (RFC 7519 §4.1.3).
fn names(audience: Option<&Value>, wanted: &str) -> bool {
    match audience {
        Some(Value::Array(all)) => all.iter().any(|one| one == wanted),
        Some(one) => one == wanted,
        None => false,
    }
}

const PRESENT: &str = "present";
/// Seconds that an assertion may last (SMART App Launch 2.2).
const LONGEST: i64 = 300;
/// Seconds by which clocks may differ.
const FORGIVEN: i64 = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn facts() -> Facts {
        Facts {
            now: 1000,
            client_id: Some("app".into()),
            token_endpoint: Some("https://a.example/token".into()),
            audiences: vec!["https://a.example/issuer".into()],
            issuer: Some("https://a.example".into()),
            nonce: Some("n1".into()),
        }
    }

    /// The members of which a demand is broken once these claims are changed.
    fn broken(kind: Kind, header: &Value, claims: &Value, changes: Value) -> Vec<&'static str> {
        let mut claims = object(claims.clone());
        claims.extend(object(changes));
        let demands = demands(kind, &object(header.clone()), &claims, &facts());
        demands.into_iter().filter(|it| !it.holds).map(|it| it.member).collect()
    }

    #[test]
    fn a_client_assertion_has_to_be_as_smart_demands() {
        let header = json!({ "alg": "RS384", "kid": "1" });
        let claims = json!({
            "iss": "app", "sub": "app", "aud": "https://a.example/token", "exp": 1300, "jti": "x",
        });
        let broken = |changes| broken(Kind::ClientAssertion, &header, &claims, changes);
        for (changes, expected) in [
            (json!({}), vec![]),
            (json!({ "aud": ["x", "https://a.example/token"] }), vec![]),
            (json!({ "aud": "https://a.example/issuer" }), vec![]),
            (json!({ "iss": "x" }), vec!["iss"]),
            (json!({ "sub": null }), vec!["sub"]),
            (json!({ "aud": "https://a.example" }), vec!["aud"]),
            (json!({ "exp": 1301 }), vec!["exp"]),
            (json!({ "exp": 1000 }), vec!["exp"]),
            (json!({ "exp": "soon" }), vec!["exp"]),
            (json!({ "jti": "" }), vec!["jti"]),
        ] {
            assert_eq!(broken(changes.clone()), expected, "{changes}");
        }
        let of = |header| super::tests::broken(Kind::ClientAssertion, &header, &claims, json!({}));
        assert_eq!(of(json!({ "alg": "RS256" })), ["alg", "kid"]);
        // Who the app is need not be known.
        let unknown = Facts { client_id: None, ..facts() };
        let header = object(header.clone());
        for (sub, holds) in [("app", true), ("other", false)] {
            let mut claims = object(claims.clone());
            claims.insert("sub".into(), sub.into());
            let demands = demands(Kind::ClientAssertion, &header, &claims, &unknown);
            assert!(
                demands
                    .iter()
                    .filter(|it| ["iss", "sub"].contains(&it.member))
                    .all(|it| it.holds == holds)
            );
        }
    }

    #[test]
    fn an_id_token_has_to_be_as_openid_connect_demands() {
        let claims = json!({
            "iss": "https://a.example", "sub": "u", "aud": "app", "exp": 1001, "iat": 1000, "nonce": "n1",
        });
        let broken = |changes| broken(Kind::IdToken, &json!({}), &claims, changes);
        for (changes, expected) in [
            (json!({}), vec![]),
            (json!({ "iss": "https://b.example" }), vec!["iss"]),
            (json!({ "aud": ["other"] }), vec!["aud"]),
            (json!({ "exp": 1000 }), vec!["exp"]),
            (json!({ "iat": 1061 }), vec!["iat"]),
            (json!({ "iat": null, "sub": 5 }), vec!["iat", "sub"]),
            (json!({ "nonce": "n2" }), vec!["nonce"]),
        ] {
            assert_eq!(broken(changes.clone()), expected, "{changes}");
        }
        let nothing = Facts { now: 1000, ..Facts::default() };
        let demands = demands(Kind::IdToken, &Map::new(), &object(claims), &nothing);
        let members: Vec<_> = demands.iter().map(|it| it.member).collect();
        assert_eq!(members, ["exp", "iat", "sub"]);
    }

    #[test]
    fn a_token_is_of_the_kind_that_its_name_says() {
        for (name, kind) in [
            ("client_assertion", Kind::ClientAssertion),
            ("id_token", Kind::IdToken),
            ("a.id_token", Kind::IdToken),
            ("id_token_hint", Kind::Other),
            ("Bearer", Kind::Other),
        ] {
            assert_eq!(Kind::of_name(name), kind, "{name}");
        }
    }
}
