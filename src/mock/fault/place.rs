//! Where a fault strikes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exchange::Exchange;
use super::kind::Family;
use crate::mock::endpoint::{Endpoint, resource_type};
use crate::mock::platform::Environment;
use crate::mock::request::Received;

/// The answers that a fault strikes: those that fit every member that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// The endpoint; any if it is left out. A fault of tokens strikes at `token`, one of the way
    /// back to the app at `authorize`, one of the key set at `keys`, also without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// `preview` or `production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The method, such as `POST`. Requests with `OPTIONS` are struck only if it is `OPTIONS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What the path begins with; `*` stands for a whole segment of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The FHIR resource type that the path names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The app that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// What is said of that app where it is registered, by the portal's names: `level`, `category`,
    /// `end_users`, `client_type`, `token_auth_method`, …
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub app: BTreeMap<String, Value>,
    /// What the request says: parameters of its form or address, or members of its JSON body, with
    /// these values; `null` stands for one that is not there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<String, Value>,
    /// The `grant_type` of the token request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// Headers of the request with these values; `null` stands for one that is not there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// Names of parameters or headers that the request has, whatever their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// The status of the platform's own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_status: Option<u16>,
}

impl Place {
    /// Whether a fault of a family may be put here; if not, the member that is wrong, and why.
    pub(super) fn suits(&self, family: Family) -> Result<(), (&'static str, String)> {
        let only = match family {
            Family::Instead | Family::Answer => None,
            Family::KeySet => Some((Endpoint::Keys, "keys")),
            Family::Token(_) => Some((Endpoint::Token, "token")),
            Family::Delivery => Some((Endpoint::Authorize, "authorize")),
        };
        if let (Some((only, name)), Some(endpoint)) = (only, self.endpoint)
            && only != endpoint
        {
            return Err(("at.endpoint", format!("A fault of this kind strikes at `{name}` only.")));
        }
        if self.endpoint == Some(Endpoint::Control) {
            return Err(("at.endpoint", "No fault reaches the control.".to_owned()));
        }
        let early = matches!(family, Family::Instead | Family::Token(_) | Family::Delivery);
        if early && self.answer_status.is_some() {
            let why = "The fault strikes before the platform's own answer is known; for `status` \
                       and `drop`, set `processed`.";
            return Err(("at.answer_status", why.to_owned()));
        }
        Ok(())
    }

    /// Whether an exchange is one of these, as far as a family of faults looks at it.
    pub(super) fn holds(&self, exchange: &Exchange, family: Family, status: Option<u16>) -> bool {
        let request = &exchange.request;
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| found == Some(wanted.as_str()))
        };
        let at_all = is(&self.client_id, exchange.client_id.as_deref())
            && self.environment.is_none_or(|environment| environment == request.environment)
            && (self.app.is_empty() || exchange.app.as_ref().is_some_and(|app| is_like(app, self)));
        if family == Family::Delivery {
            // The way back begins where the user decided, mostly on a page of the widget.
            return at_all;
        }
        let endpoint = match family {
            Family::KeySet => Some(Endpoint::Keys),
            Family::Token(_) => Some(Endpoint::Token),
            _ => self.endpoint,
        };
        let method = self.method.as_deref();
        let preflight = request.method == "OPTIONS";
        let by_method = match method {
            None => !preflight,
            Some(method) => request.method.as_str().eq_ignore_ascii_case(method),
        };
        at_all
            && by_method
            && endpoint.is_none_or(|endpoint| endpoint == exchange.endpoint)
            && self.path.as_ref().is_none_or(|path| begins_with(&request.path, path))
            && (self.resource_type.is_none()
                || is(&self.resource_type, resource_type(&exchange.paths, &request.path)))
            && (self.sent.is_empty() || says(request, &self.sent))
            && is(&self.grant_type, request.form.get("grant_type"))
            && self.headers.iter().all(|(name, value)| request.header(name) == value.as_deref())
            && self.has.iter().all(|name| has(request, name))
            && self.answer_status.is_none_or(|wanted| Some(wanted) == status)
    }
}

fn is_like(app: &Value, place: &Place) -> bool {
    place.app.iter().all(|(member, wanted)| app[member] == *wanted)
}

fn begins_with(path: &str, wanted: &str) -> bool {
    if !wanted.contains('*') {
        return path.starts_with(wanted);
    }
    let mut segments = path.split('/');
    wanted.split('/').all(|wanted| segments.next().is_some_and(|it| wanted == "*" || it == wanted))
}

fn says(request: &Received, wanted: &BTreeMap<String, Value>) -> bool {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    wanted.iter().all(|(name, wanted)| {
        let parameter = request.form.get(name).or_else(|| request.query.get(name));
        parameter.map_or_else(|| body[name].clone(), Value::from) == *wanted
    })
}

/// Whether a request has a parameter or header of this name.
fn has(request: &Received, name: &str) -> bool {
    let found = request.form.get(name).or_else(|| request.query.get(name));
    found.or_else(|| request.header(name)).is_some()
}
