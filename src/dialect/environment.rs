//! The live environments of a platform: where they are, whose data they hold, what they bear.

use std::num::NonZeroU32;

use serde::Deserialize;
use url::Url;

/// One live environment of a platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its name for readers.
    pub name: String,
    /// Hosts of its API.
    pub hosts: Vec<String>,
    /// Whether it is a Production, with the data of real patients.
    #[serde(default)]
    pub production: bool,
    /// Whether the credentials of an app are good here alone.
    #[serde(default)]
    pub own_credentials: bool,
    /// Token requests in a minute that the platform documents as its limit.
    #[serde(default)]
    pub documented_tokens_per_minute: Option<NonZeroU32>,
}

impl Environment {
    /// Whether this address is one of its own.
    pub fn has(&self, address: &Url) -> bool {
        let host = address.host_str().unwrap_or_default();
        // A name may end in the dot of the root, and is the same name (RFC 1034 §3.1).
        let host = host.strip_suffix('.').unwrap_or(host);
        self.hosts.iter().any(|own| own == host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_environment_whatever_its_spelling() {
        let environment = Environment {
            name: "Production".into(),
            hosts: vec!["api.example".into()],
            production: true,
            own_credentials: true,
            documented_tokens_per_minute: None,
        };
        let has = |address: &str| environment.has(&Url::parse(address).unwrap());
        for own in ["https://api.example/fhir", "http://API.example:8443", "https://api.example./"]
        {
            assert!(has(own), "{own}");
        }
        for other in ["https://preview.api.example/", "https://api.example.org/api.example"] {
            assert!(!has(other), "{other}");
        }
    }
}
