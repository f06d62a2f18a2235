//! What was registered with a remote target beforehand, and which app of it a scenario gets.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::app::{App, Kind, Method, Need};
use super::context::Account;
use crate::project::{Deed, Offer};
use crate::protocol::SigningKey;
use crate::protocol::reach::leads_outside;
use crate::secret::Secret;

/// A platform somewhere else, with what was registered there beforehand.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Its FHIR base.
    pub fhir_base: Url,
    /// Its apps.
    pub apps: Vec<KnownApp>,
    /// What the project names, but nobody has set up.
    pub missing: Missing,
    /// What may be done to it though it spoils something.
    pub allows: BTreeSet<Deed>,
    /// What it offers that not every platform has.
    pub offers: BTreeSet<Offer>,
}

/// Apps and people whose names are kept in variables that are not set.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// Category and method of each app, with the variable.
    pub apps: Vec<(String, Method, String)>,
    /// The variable of each user.
    pub users: BTreeMap<String, String>,
}

/// An app that was registered beforehand.
#[derive(Clone, Debug)]
pub struct KnownApp {
    /// `2-legged`, `patient` or `provider`.
    pub category: String,
    /// How it authenticates.
    pub method: Method,
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    pub secret: Option<Secret>,
    /// Whether id and secret travel in the body, if not as is usual for the dialect.
    pub credentials_in_body: Option<bool>,
    /// The key that it signs with.
    pub key: Option<SigningKey>,
    /// Where its key set is.
    pub jwks_url: Option<Url>,
    /// Scopes that it was approved for.
    pub scopes: Vec<String>,
    /// Where users come back to.
    pub redirect_uri: String,
    /// Where they come back to from signing out.
    pub post_logout_redirect_uri: Option<String>,
    /// People who sign in to it in place of those of the target.
    pub users: BTreeMap<String, Account>,
}

impl Remote {
    /// The first app that fits a need, and is another than that of a client id, if one is given.
    ///
    /// # Errors
    /// The sentence that says what the target does not have.
    pub fn find(&self, need: &Need, other_than: Option<&str>) -> Result<&KnownApp, String> {
        let (category, method) = (need.kind.category(), need.method);
        let what = format!("{category} app with {method}");
        let of_kind = |app: &&KnownApp| app.category == category && app.method == method;
        let such: Vec<&KnownApp> = self.apps.iter().filter(of_kind).collect();
        if such.is_empty() {
            let missing =
                self.missing.apps.iter().find(|(of, by, _)| of == category && *by == method);
            return Err(match missing {
                Some((_, _, variable)) => {
                    format!("the target's {what} is not set up: `{variable}` is not set")
                }
                None => format!("the target has no {what}"),
            });
        }
        let others: Vec<&KnownApp> =
            such.into_iter().filter(|app| other_than != Some(app.client_id.as_str())).collect();
        if others.is_empty() {
            return Err(format!("the target has one {what} only"));
        }
        let reachable: Vec<&KnownApp> =
            others.into_iter().filter(|app| self.can_verify(app)).collect();
        if reachable.is_empty() {
            return Err(format!(
                "no {what} of the target has a `jwks_url` that the platform can reach"
            ));
        }
        let asked = need.scopes.iter().flatten();
        let lacking = |app: &&KnownApp| asked.clone().find(|scope| !app.scopes.contains(scope));
        match reachable.iter().find(|app| lacking(app).is_none()) {
            Some(app) => Ok(app),
            None => {
                let scope = reachable.iter().find_map(lacking).map_or("", String::as_str);
                Err(format!("no {what} of the target was approved for `{scope}`"))
            }
        }
    }

    /// The first method of which it has an app for this kind.
    pub fn usual_method(&self, kind: Kind) -> Option<Method> {
        let known = self.apps.iter().map(|app| (&app.category, app.method));
        let missing = self.missing.apps.iter().map(|(category, method, _)| (category, *method));
        known.chain(missing).find(|(of, _)| *of == kind.category()).map(|(_, method)| method)
    }

    /// Whether the platform can come to the public key of an app, where it has to come for it.
    fn can_verify(&self, app: &KnownApp) -> bool {
        // What runs in a private network reaches its neighbours.
        let is_near = !leads_outside(&self.fhir_base);
        let hosted = app.jwks_url.as_ref();
        app.method != Method::HostedKeys
            || hosted.is_some_and(|url| is_near || (url.scheme() == "https" && leads_outside(url)))
    }
}

impl KnownApp {
    /// The app as a scenario has it: with just the scopes that are needed, if these are named.
    pub(super) fn app(&self, need: Need) -> App {
        App {
            client_id: self.client_id.clone(),
            secret: self.secret.clone(),
            credentials_in_body: self.credentials_in_body,
            keys: self.key.iter().cloned().collect(),
            host: None,
            scopes: need.scopes.clone().unwrap_or_else(|| self.scopes.clone()),
            redirect_uri: self.redirect_uri.clone(),
            post_logout_redirect_uri: self.post_logout_redirect_uri.clone(),
            users: self.users.clone(),
            need,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(client_id: &str, method: Method, jwks_url: Option<&str>) -> KnownApp {
        KnownApp {
            category: "2-legged".into(),
            method,
            client_id: client_id.into(),
            secret: None,
            credentials_in_body: None,
            key: None,
            jwks_url: jwks_url.map(|url| Url::parse(url).unwrap()),
            scopes: vec!["system/Patient.read".into()],
            redirect_uri: String::new(),
            post_logout_redirect_uri: None,
            users: BTreeMap::new(),
        }
    }

    fn remote(fhir_base: &str, apps: Vec<KnownApp>) -> Remote {
        let fhir_base = Url::parse(fhir_base).unwrap();
        Remote {
            fhir_base,
            apps,
            missing: Missing::default(),
            allows: BTreeSet::new(),
            offers: BTreeSet::new(),
        }
    }

    fn need(method: Method) -> Need {
        Need::new(Kind::TwoLegged, method)
    }

    #[test]
    fn a_hosted_key_set_needs_an_address_that_the_platform_can_reach() {
        for (jwks_url, reachable) in [
            (Some("https://app.example.org/jwks.json"), true),
            (Some("http://app.example.org/jwks.json"), false),
            (Some("https://10.0.0.7/jwks.json"), false),
            (Some("http://127.0.0.1:8080/jwks.json"), false),
            (None, false),
        ] {
            let apps = vec![app("a", Method::HostedKeys, jwks_url)];
            let preview = remote("https://api.preview.platform.athenahealth.com/fhir/r4", apps);
            let found = preview.find(&need(Method::HostedKeys), None);
            assert_eq!(found.is_ok(), reachable, "{jwks_url:?}");
            if let Err(sentence) = found {
                assert!(sentence.contains("`jwks_url` that the platform can reach"), "{sentence}");
            }
        }
        let near = vec![app("a", Method::HostedKeys, Some("http://127.0.0.1:8080/jwks.json"))];
        let near = remote("http://127.0.0.1:8600/fhir/r4", near);
        assert!(near.find(&need(Method::HostedKeys), None).is_ok());
        let nowhere = vec![app("a", Method::HostedKeys, None)];
        let nowhere = remote("http://127.0.0.1:8600/fhir/r4", nowhere);
        assert!(nowhere.find(&need(Method::HostedKeys), None).is_err());
    }

    #[test]
    fn another_app_is_never_the_same_one() {
        let secret = |id| app(id, Method::Secret, None);
        let two = remote("https://api.example.org/", vec![secret("a"), secret("b")]);
        assert_eq!(two.find(&need(Method::Secret), Some("a")).unwrap().client_id, "b");
        let one = remote("https://api.example.org/", vec![secret("a")]);
        let said = one.find(&need(Method::Secret), Some("a")).unwrap_err();
        assert_eq!(said, "the target has one 2-legged app with a client secret only");
    }

    #[test]
    fn what_is_not_there_is_said_with_its_reason() {
        let mut target = remote("https://api.example.org/", vec![app("a", Method::Secret, None)]);
        let said = target.find(&need(Method::Pkce), None).unwrap_err();
        assert_eq!(said, "the target has no 2-legged app with PKCE");
        target.missing.apps.push(("2-legged".into(), Method::Pkce, "PREVIEW_ID".into()));
        let said = target.find(&need(Method::Pkce), None).unwrap_err();
        assert!(said.ends_with("is not set up: `PREVIEW_ID` is not set"), "{said}");
        let scoped = Need { scopes: Some(vec!["x".into()]), ..need(Method::Secret) };
        let said = target.find(&scoped, None).unwrap_err();
        assert!(said.ends_with("was approved for `x`"), "{said}");
    }
}
