//! Which endpoint an address is: what the platform's own documents call it, or its path without ids.

pub mod words;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::record::{Exchange, Request, Run};

/// What an endpoint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A discovery document.
    Discovery,
    /// The platform's keys.
    Keys,
    /// The CapabilityStatement.
    Capabilities,
    /// Where users are sent to.
    Authorization,
    /// Where tokens are issued.
    Token,
    /// Where tokens are looked into.
    Introspection,
    /// Where tokens are revoked.
    Revocation,
    /// Where users sign out.
    Logout,
    /// What is known of the user.
    Userinfo,
    /// The data of the FHIR base.
    Fhir,
    /// A host's TLS.
    Tls,
    /// Anything else: pages, other APIs.
    Other,
}

impl Kind {
    /// The endpoint that a request is meant for by its own parameters, wherever it goes: a run may have
    /// seen no document that names the platform's endpoints, and an app may ask elsewhere.
    ///
    /// A request for authorization has RFC 6749 §4.1.1's parameters in its query, one for tokens those of
    /// §4.1.3, §4.4.2 or §6 in its body.
    pub fn asked_by(request: &Request) -> Option<Self> {
        let has = |form: &str, wanted| {
            form_urlencoded::parse(form.as_bytes()).any(|(name, _)| name == wanted)
        };
        let query = request.url.split_once('?').map_or("", |(_, query)| query);
        if has(query, "response_type") && has(query, "client_id") {
            return Some(Self::Authorization);
        }
        let asks_for_tokens = request.method == "POST" && has(&request.body, "grant_type");
        asks_for_tokens.then_some(Self::Token)
    }
}

/// An endpoint with the method that it was asked by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// What it is for.
    pub kind: Kind,
    method: String,
    /// Its path: below the base for FHIR, and empty for what a discovery document names.
    pub path: String,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            Kind::Keys => "keys endpoint",
            Kind::Authorization => "authorization endpoint",
            Kind::Token => "token endpoint",
            Kind::Introspection => "introspection endpoint",
            Kind::Revocation => "revocation endpoint",
            Kind::Logout => "end-session endpoint",
            Kind::Userinfo => "userinfo endpoint",
            Kind::Discovery | Kind::Capabilities | Kind::Fhir | Kind::Tls | Kind::Other => {
                &self.path
            }
        };
        write!(f, "{} {name}", self.method)
    }
}

impl Endpoint {
    /// An endpoint of this kind.
    pub fn at(kind: Kind, method: &str, path: &str) -> Self {
        Self { kind, method: method.to_owned(), path: path.to_owned() }
    }

    /// Whether a declared endpoint such as `GET /fhir/r4/Patient/*` is this one; a `*` stands for any
    /// one segment.
    pub fn is_declared_by(&self, declared: &str) -> bool {
        let Some((method, path)) = declared.trim().split_once(char::is_whitespace) else {
            return false;
        };
        let wanted: Vec<&str> = self.path.split('/').filter(|it| !it.is_empty()).collect();
        let declared: Vec<&str> = path.trim().split('/').filter(|it| !it.is_empty()).collect();
        // What is below the FHIR base is known without it.
        let declared = match self.kind {
            Kind::Fhir if declared.len() > wanted.len() => {
                &declared[declared.len() - wanted.len()..]
            }
            _ => &declared[..],
        };
        let fits = |(one, other): (&&str, &&str)| one == other || *one == "*" || *other == "{id}";
        method.eq_ignore_ascii_case(&self.method)
            && !wanted.is_empty()
            // Of what is declared, a resource type has its own name.
            && (self.kind != Kind::Fhir || declared.first() != Some(&"*"))
            && declared.len() == wanted.len()
            && declared.iter().zip(&wanted).all(fits)
    }
}

/// What the platform's documents call its addresses, by path: hosts differ between environments.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    named: BTreeMap<String, Kind>,
    /// FHIR bases, longest first.
    bases: Vec<String>,
}

impl Addresses {
    /// Those that the discovery documents of a run name.
    pub fn of(run: &Run) -> Self {
        let exchanges = run.scenarios.iter().flat_map(|scenario| &scenario.exchanges);
        let mut addresses = Self::default();
        exchanges.for_each(|exchange| addresses.learn(exchange));
        if let Ok(base) = Url::parse(&run.target.fhir_base) {
            addresses.bases.push(base.path().trim_end_matches('/').to_owned());
        }
        addresses.bases.retain(|base| !base.is_empty());
        addresses.bases.sort_by(|one, other| (other.len(), one).cmp(&(one.len(), other)));
        addresses.bases.dedup();
        addresses
    }

    fn learn(&mut self, exchange: &Exchange) {
        let Some((base, document)) = exchange.request.url.split_once("/.well-known/") else {
            return;
        };
        let Some(response) = exchange.response.as_ref().filter(|it| it.status == 200) else {
            return;
        };
        let known = self.bases.iter().any(|known| base.ends_with(known.as_str()));
        if known && !self.named.is_empty() {
            return;
        }
        let Ok(Value::Object(members)) = serde_json::from_str(&response.body) else { return };
        if document.starts_with("smart-configuration")
            && let Ok(base) = Url::parse(base)
        {
            self.bases.push(base.path().trim_end_matches('/').to_owned());
        }
        for (name, kind) in NAMED {
            let address = members.get(name).and_then(Value::as_str);
            if let Some(address) = address.and_then(|it| Url::parse(it).ok()) {
                self.named.entry(address.path().to_owned()).or_insert(kind);
            }
        }
    }

    /// The endpoint of a request.
    pub fn endpoint(&self, method: &str, url: &str) -> Endpoint {
        let whole = Url::parse(url).map_or_else(
            |_| url.split(['?', '#']).next().unwrap_or_default().to_owned(),
            |url| url.path().to_owned(),
        );
        let method = method.to_owned();
        if let Some(kind) = self.named.get(&whole) {
            return Endpoint { kind: *kind, method, path: String::new() };
        }
        if whole.contains("/.well-known/") {
            let document = whole.rsplit('/').next().unwrap_or_default();
            let path = format!(".well-known/{document}");
            return Endpoint { kind: Kind::Discovery, method, path };
        }
        let below = self.bases.iter().find_map(|base| {
            whole.strip_prefix(base.as_str())?.strip_prefix('/').filter(|rest| !rest.is_empty())
        });
        let (kind, path) = match below {
            Some("metadata") => (Kind::Capabilities, "metadata".to_owned()),
            Some(rest) => (Kind::Fhir, words::path(rest)),
            None if whole.ends_with("/metadata") => (Kind::Capabilities, "metadata".to_owned()),
            None => (Kind::Other, words::path(&whole)),
        };
        Endpoint { kind, method, path }
    }
}

/// What discovery documents call their endpoints (RFC 8414 §2, OpenID Connect RP-Initiated Logout §2.1).
const NAMED: [(&str, Kind); 7] = [
    ("token_endpoint", Kind::Token),
    ("authorization_endpoint", Kind::Authorization),
    ("jwks_uri", Kind::Keys),
    ("introspection_endpoint", Kind::Introspection),
    ("revocation_endpoint", Kind::Revocation),
    ("end_session_endpoint", Kind::Logout),
    ("userinfo_endpoint", Kind::Userinfo),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        let named = BTreeMap::from([("/oauth2/v1/token".to_owned(), Kind::Token)]);
        Addresses { named, bases: vec!["/production/fhir/r4".into(), "/fhir/r4".into()] }
    }

    #[test]
    fn an_endpoint_is_called_as_the_platform_calls_it() {
        for (method, url, expected) in [
            ("POST", "http://127.0.0.1:4010/oauth2/v1/token", "POST token endpoint"),
            ("GET", "https://a/fhir/r4/Patient/a-1.E-2?x=y", "GET Patient/{id}"),
            ("GET", "https://a/production/fhir/r4/Patient", "GET Patient"),
            ("GET", "https://a/fhir/r4/metadata", "GET metadata"),
            (
                "GET",
                "https://a/fhir/r4/.well-known/smart-configuration",
                "GET .well-known/smart-configuration",
            ),
            ("POST", "https://a/login?ticket=1", "POST /login"),
            ("GET", "/login?ticket=[redacted:ticket]", "GET /login"),
        ] {
            assert_eq!(addresses().endpoint(method, url).to_string(), expected);
        }
    }

    #[test]
    fn a_request_tells_by_its_parameters_what_it_asks_for() {
        for (method, url, body, expected) in [
            ("GET", "https://a/x?response_type=code&client_id=1", "", Some(Kind::Authorization)),
            ("GET", "https://a/x?response_type=code", "", None),
            ("POST", "https://a/y", "grant_type=refresh_token", Some(Kind::Token)),
            ("PUT", "https://a/y", "grant_type=refresh_token", None),
            ("GET", "https://a/y?grant_type=refresh_token", "", None),
            ("POST", "https://a/y", "not_grant_type=x", None),
        ] {
            let request = Request {
                method: method.into(),
                url: url.into(),
                headers: Vec::new(),
                body: body.into(),
            };
            assert_eq!(Kind::asked_by(&request), expected, "{method} {url} {body}");
        }
    }

    #[test]
    fn a_declared_endpoint_is_found_with_and_without_its_base() {
        let endpoint = addresses().endpoint("GET", "https://a/fhir/r4/Patient/a-1.E-2");
        for (declared, expected) in [
            ("GET /fhir/r4/Patient/*", true),
            ("get  /fhir/r4/Patient/*", true),
            ("GET /Patient/{id}", true),
            ("POST /fhir/r4/Patient/*", false),
            ("GET /fhir/r4/Patient", false),
            ("GET /fhir/r4/Observation/*", false),
            ("GET /fhir/r4/Practitioner/*/*", false),
            ("Patient", false),
        ] {
            assert_eq!(endpoint.is_declared_by(declared), expected, "{declared}");
        }
        let all = addresses().endpoint("GET", "https://a/fhir/r4/Encounter");
        assert!(!all.is_declared_by("GET /fhir/r4/Patient/*"));
        let other = addresses().endpoint("GET", "https://a/v1/195900/ping");
        assert!(other.is_declared_by("GET /v1/*/ping"));
        assert!(!other.is_declared_by("GET /ping"));
    }
}
