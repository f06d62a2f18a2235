//! The developer's side: registers apps through the platform's portal.

use serde_json::{Map, Value, json};
use url::Url;

use super::app::{App, Kind, Method, Need};
use super::{Halt, KeyRing};
use crate::dialect::RegistrationRules;
use crate::http::{Answer, AppHost, Body, Call, Client, Page};
use crate::secret::{Redactor, Secret};

/// A developer who is signed in to the portal.
#[derive(Clone, Debug)]
pub struct Portal {
    client: Client,
    base: Url,
    session: Secret,
}

impl Portal {
    /// A developer with this session at the portal whose programming interface is at `base`.
    pub fn new(client: Client, base: Url, session: Secret) -> Self {
        Self { client, base, session }
    }

    /// Sends one request to the portal, signed in.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, Halt> {
        let call = self.call(method, path, body)?.bearer(&self.session);
        Ok(self.client.send(call).await?)
    }

    /// Sends one request to the portal without being signed in.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send_as_stranger(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, Halt> {
        Ok(self.client.send(self.call(method, path, body)?).await?)
    }

    /// Tells the platform what others than the developer did for an app; `path` is from its root.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send_to_staff(
        &self,
        method: &str,
        path: &str,
        body: Value,
    ) -> Result<Answer, Halt> {
        let url = self.base.join(path).map_err(|error| Halt::error(error.to_string()))?;
        Ok(self.client.send(Call::new(method, url, Body::Json(body))).await?)
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Call, Halt> {
        let address = format!("{}/{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|error| Halt::error(error.to_string()))?;
        let body = body.map_or(Body::Empty, Body::Json);
        Ok(Call::new(method, url, body))
    }

    /// Registers the app that a scenario needs, its scopes selected and confirmed.
    ///
    /// # Errors
    /// [`Halt`] if the portal refuses what it documents as lawful, or no answer came.
    pub async fn register(
        &self,
        need: Need,
        rules: &RegistrationRules,
        keys: &KeyRing,
        redactor: &Redactor,
    ) -> Result<App, Halt> {
        let mut lent = Vec::new();
        if matches!(need.method, Method::ImportedKeys | Method::HostedKeys) {
            for number in 1..=need.keys {
                lent.push(keys.lend(need.algorithm, number).await?);
            }
        }
        let public: Vec<Value> = lent.iter().map(|key| key.public_jwk()).collect();
        let host = match need.method {
            Method::HostedKeys => Some(AppHost::start(Page::key_set(&public)).await?),
            _ => None,
        };
        let mut registration = lawful_registration(&need, rules);
        if let Some(host) = &host {
            registration.insert("jwks_uri".into(), json!(host.url()));
        } else if !public.is_empty() {
            registration.insert("jwks".into(), json!({ "keys": public }));
        }
        let answer = self.send("POST", "apps", Some(Value::Object(registration))).await?;
        let status = answer.status;
        let app = App::registered(need.clone(), need.scopes(rules), &answer, redactor).ok_or_else(
            || {
                let (category, method) = (need.kind.category(), need.method);
                Halt::NotMet(format!(
                    "the portal registers a {category} app with {method} (it answered {status})"
                ))
            },
        )?;
        if is_synced(&need, rules) {
            let path = format!("apps/{}/sync", app.client_id);
            self.send("POST", &path, Some(json!({}))).await?;
        }
        Ok(App { keys: lent, host, ..app })
    }
}

/// A registration that the portal documents as lawful for such an app, but for its keys.
pub fn lawful_registration(need: &Need, rules: &RegistrationRules) -> Map<String, Value> {
    let mut members = Map::new();
    let mut say = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    if rules.categories {
        let category = match need.kind {
            Kind::TwoLegged => "two_legged",
            Kind::Patient(_) => "three_legged_phr",
            Kind::Provider(_) => "three_legged_other",
        };
        say("level", json!(if need.certified { "certified" } else { "non_certified" }));
        say("category", json!(category));
        say("environment", json!("preview"));
    }
    if let Some(access_type) = access_type(need, rules) {
        say("access_type", json!(access_type));
    }
    say("name", json!("Checkride"));
    say("token_auth_method", json!(need.method.word()));
    say("terms_accepted", json!(true));
    say("scopes", json!(need.scopes(rules)));
    if let Some(client) = need.kind.client() {
        let end_users = need.kind.end_users();
        if rules.scope_levels.contains_key(end_users) {
            say("end_users", json!(end_users));
        }
        say("client_type", json!(client.word()));
        say("redirect_uris", json!([REDIRECT_URI, OTHER_REDIRECT_URI]));
        say("post_logout_redirect_uris", json!([POST_LOGOUT_URI]));
    }
    if matches!(need.kind, Kind::Provider(_)) {
        say("launch_url", json!(LAUNCH_URL));
        say("embedded", json!(need.embedded));
    }
    members
}

fn access_type<'a>(need: &Need, rules: &'a RegistrationRules) -> Option<&'a str> {
    rules.usual.get(need.kind.end_users())?.access_type.as_deref()
}

/// Whether the platform has to make the app known to the login of its users.
fn is_synced(need: &Need, rules: &RegistrationRules) -> bool {
    let access = access_type(need, rules).and_then(|name| rules.access_types.get(name));
    access.is_some_and(|access| access.synced)
}

/// Where users come back to; nobody serves it, the browser catches it.
pub const REDIRECT_URI: &str = "https://app.example/callback";
/// A second registered address.
pub const OTHER_REDIRECT_URI: &str = "https://app.example/second";
/// Where users come back to from signing out.
pub const POST_LOGOUT_URI: &str = "https://app.example/signed-out";
/// Where the EHR opens the app.
pub const LAUNCH_URL: &str = "https://app.example/launch";
