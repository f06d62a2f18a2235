//! Signed tokens in compact form (RFC 7515 §7.1) and public keys (RFC 7517), found in an exchange before
//! it is redacted.

use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{Request, Response, Sender};
use crate::secret::Secret;

/// A signed token as it was seen. It stays in memory: the record has it taken apart.
#[derive(Clone, Debug)]
pub struct SignedToken {
    /// Place of its exchange among those that were noted.
    pub exchange: usize,
    /// The part of the exchange, e.g. `request body`.
    pub part: &'static str,
    /// The parameter or member that holds it; of one within others the whole path.
    pub name: String,
    /// The token.
    pub compact: Secret,
    /// The platform's time, in seconds since 1970.
    pub at: i64,
    /// The `Authorization` header that the request had.
    pub authorization: Option<Secret>,
}

/// A public key that was seen, as a JWK.
#[derive(Clone, Debug)]
pub struct SeenKey {
    /// Whether it is an app's; else it is the platform's.
    pub of_app: bool,
    /// The key.
    pub jwk: Value,
}

/// The signed tokens of an exchange, each with its part and its name.
pub(super) fn tokens(
    request: &Request,
    response: Option<&Response>,
) -> Vec<(&'static str, String, Secret)> {
    let mut found = Vec::new();
    let mut add = |part, pairs: Vec<(String, String)>| {
        let signed = pairs.into_iter().filter(|(_, value)| is_signed(value));
        found.extend(signed.map(|(name, value)| (part, name, Secret::new(value))));
    };
    add("request address", of_address(&request.url));
    let bearer = header(&request.headers, "authorization").and_then(|it| it.split_once(' '));
    add(
        "request header",
        bearer.map(|(scheme, it)| (scheme.into(), it.into())).into_iter().collect(),
    );
    add("request body", of_body(&request.body));
    if let Some(response) = response {
        let location = header(&response.headers, "location").unwrap_or_default();
        add("answer redirect", of_address(location));
        add("answer body", of_body(&response.body));
    }
    found.truncate(MOST_TOKENS);
    found
}

/// The public keys of an exchange: what an app sends or serves is its own, all else the platform's.
pub(super) fn keys(sender: Sender, request: &Request, response: Option<&Response>) -> Vec<SeenKey> {
    let of = |of_app: bool, body: &str| -> Vec<SeenKey> {
        let mut keys = Vec::new();
        if body.contains("\"kty\"")
            && let Ok(document) = serde_json::from_str(body)
        {
            walk("", &document, 0, &mut |_, value| {
                if value["kty"].is_string() {
                    keys.push(SeenKey { of_app, jwk: value.clone() });
                }
            });
        }
        keys
    };
    let mut keys = of(true, &request.body);
    let of_app = matches!(sender, Sender::Developer | Sender::Platform);
    keys.extend(of(of_app, response.map_or("", |it| &it.body)));
    keys
}

fn of_address(url: &str) -> Vec<(String, String)> {
    // Without this most addresses would be parsed for nothing.
    let Some(url) = url.contains(BEGIN).then(|| Url::parse(url).ok()).flatten() else {
        return Vec::new();
    };
    let fragment = url.fragment().unwrap_or_default().as_bytes();
    let pairs = url.query_pairs().chain(form_urlencoded::parse(fragment));
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn of_body(body: &str) -> Vec<(String, String)> {
    if !body.contains(BEGIN) {
        return Vec::new();
    }
    let mut found = Vec::new();
    match serde_json::from_str(body) {
        Ok(document) => walk("", &document, 0, &mut |path, value| {
            if let Value::String(text) = value {
                found.push((path.to_owned(), text.clone()));
            }
        }),
        Err(_) => found.extend(form_urlencoded::parse(body.as_bytes()).into_owned()),
    }
    found
}

/// Shows each value of a document with its path.
fn walk(path: &str, value: &Value, depth: usize, see: &mut impl FnMut(&str, &Value)) {
    see(path, value);
    if depth == DEEPEST {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(path, item, depth + 1, see)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            walk(&inner, member, depth + 1, see);
        }),
        _ => {}
    }
}

/// Whether it has the form of a compact JWS; one without a signature counts.
fn is_signed(text: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let parts: Vec<&str> = text.split('.').collect();
    text.len() <= LONGEST_TOKEN
        && text.starts_with(BEGIN)
        && matches!(parts[..], [_, claims, _] if claims.starts_with(BEGIN))
        && parts.iter().all(|part| part.bytes().all(base64url))
}

fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.as_str())
}

/// How a JSON object that begins with a member begins in base64.
const BEGIN: &str = "ey";
/// Of one exchange.
const MOST_TOKENS: usize = 8;
/// Bytes.
const LONGEST_TOKEN: usize = 16_000;
/// Of objects and arrays within each other.
const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const JWS: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqIn0.";

    fn request(url: &str, body: &str, authorization: &str) -> Request {
        Request {
            method: "POST".into(),
            url: url.into(),
            headers: vec![("authorization".into(), authorization.into())],
            body: body.into(),
        }
    }

    #[test]
    fn tokens_are_found_in_every_part() {
        let request = request(
            &format!("https://a.example/logout?id_token_hint={JWS}"),
            &format!("client_assertion={JWS}&x=1"),
            &format!("Bearer {JWS}"),
        );
        let response = Response {
            status: 200,
            headers: vec![("location".into(), format!("app://cb#id_token={JWS}&state=1"))],
            body: format!(r#"{{"access_token":"{JWS}","in":[{{"id_token":"{JWS}"}}]}}"#),
        };
        let found = tokens(&request, Some(&response));
        let places: Vec<String> =
            found.iter().map(|(part, name, _)| format!("{part}: {name}")).collect();
        assert_eq!(
            places,
            [
                "request address: id_token_hint",
                "request header: Bearer",
                "request body: client_assertion",
                "answer redirect: id_token",
                "answer body: access_token",
                "answer body: in.id_token",
            ]
        );
        assert!(found.iter().all(|(_, _, token)| token.expose() == JWS));
    }

    #[test]
    fn what_is_not_signed_is_no_token() {
        for text in
            ["eyJhbGciOiJub25lIn0", "eyJh.eyJz", "eyJh.b.c", "eyJh.eyJz.a.b.c", "a.b.c", "ey.ey .x"]
        {
            assert!(!is_signed(text), "{text}");
        }
    }

    #[test]
    fn keys_are_those_of_who_publishes_them() {
        let keys_in = |sender, body: &str, answer: &str| {
            let response = Response { status: 200, headers: Vec::new(), body: answer.into() };
            keys(sender, &request("https://a.example/", body, ""), Some(&response))
        };
        let set = r#"{"jwks":{"keys":[{"kty":"RSA","kid":"1"},{"kty":"EC","kid":"2"}]}}"#;
        for (sender, body, answer, of_app) in [
            (Sender::Developer, set, "", true),
            (Sender::Platform, "", set, true),
            (Sender::App, "", set, false),
        ] {
            let found = keys_in(sender, body, answer);
            assert_eq!(found.len(), 2);
            assert!(found.iter().all(|key| key.of_app == of_app), "{sender:?}");
        }
        assert!(keys_in(Sender::App, "", r#"<p title="kty">"#).is_empty());
    }
}
