//! What a platform says of itself: `.well-known/smart-configuration` (SMART App Launch 2.2 §2).

use serde_json::Value;
use url::Url;

/// A platform's discovery document.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The document as it came.
    pub document: Value,
}

impl Discovery {
    /// Address of the document for a FHIR base, whether that ends in `/` or not.
    pub fn address(fhir_base: &Url) -> Url {
        let mut address = fhir_base.clone();
        let path =
            format!("{}/.well-known/smart-configuration", fhir_base.path().trim_end_matches('/'));
        address.set_path(&path);
        address
    }

    /// A member that is an absolute URL, e.g. `token_endpoint`.
    pub fn endpoint(&self, member: &str) -> Option<Url> {
        Url::parse(self.text(member)?).ok()
    }

    /// A member that is a string.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.document.get(member)?.as_str()
    }

    /// A member that is a list of strings; absent members give an empty list.
    pub fn list(&self, member: &str) -> Vec<&str> {
        let values = self.document.get(member).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether the platform announces that it tells apps who signed in (OpenID Connect).
    pub fn signs_in(&self) -> bool {
        self.list("capabilities").contains(&"sso-openid-connect")
            || self.list("scopes_supported").contains(&"openid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_follows_the_base_with_and_without_a_slash() {
        for base in ["https://ehr.example/fhir/r4", "https://ehr.example/fhir/r4/"] {
            assert_eq!(
                Discovery::address(&Url::parse(base).unwrap()).as_str(),
                "https://ehr.example/fhir/r4/.well-known/smart-configuration"
            );
        }
    }
}
