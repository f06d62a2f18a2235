//! An app's scopes: what may be selected, and how a selection is approved.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::response::IntoResponse as _;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, object};
use super::app::{App, Category, EndUsers, Level};
use super::apps::{app_of, change};
use super::developer::Developer;
use crate::dialect::{Dialect, Rule};
use crate::mock::platform::{Environment, Platform};
use crate::protocol::scope::{Kind, ResourceScope};
use crate::protocol::{Scope, ScopeSet, scope};

/// `PUT apps/{id}/scopes`: replaces the selection. A scope that is no longer selected is no longer
/// approved either; a new one is approved when the selection is confirmed.
pub(super) async fn select(
    Developer { platform, account, request }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let body = object(&request)?;
    let app = select_for(&platform, &account, &id, &body)?;
    Ok(answer(&app))
}

/// `POST apps/{id}/scopes/confirm`: approves the selection at once, except what is granted on
/// request only.
pub(super) async fn confirm(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = confirm_for(&platform, &account, &id)?;
    Ok(answer(&app))
}

/// `GET apps/{id}/scopes`: what is selected, approved and pending, and what may be selected.
pub(super) async fn show(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = app_of(&platform, &account, &id)?;
    let mut shown = names(&app);
    let selectable = app.selectable(&platform.dialect());
    shown["selectable"] = selectable.iter().map(Scope::to_string).collect();
    Ok(Json(shown).into_response())
}

/// Replaces the selection of an app.
pub(super) fn select_for(
    platform: &Platform,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    change(platform, account, id, |app| {
        let wanted = wanted(body)?.ok_or_else(|| Refusal::field("scopes", "This is needed."))?;
        app.select(platform, wanted)
    })
}

/// Confirms the selection of an app.
pub(super) fn confirm_for(
    platform: &Platform,
    account: &str,
    id: &str,
) -> Result<Arc<App>, Refusal> {
    change(platform, account, id, |app| {
        app.confirm(platform);
        Ok(())
    })
}

/// The scopes in a body: a list, or a text with spaces.
pub(super) fn wanted(body: &Map<String, Value>) -> Result<Option<ScopeSet>, Refusal> {
    let text = match body.get("scopes") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) => {
            let names: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            names.join(" ")
        }
        Some(_) => return Err(Refusal::field("scopes", "It is a list of scopes.")),
    };
    let set = ScopeSet::parse(&text);
    set.map(Some).map_err(|error| Refusal::field("scopes", error.to_string()))
}

/// The rule that forbids a scope, and why.
type Forbidden = (Rule, &'static str);

impl App {
    /// Selects scopes, if each may be selected by such an app.
    pub(super) fn select(&mut self, platform: &Platform, wanted: ScopeSet) -> Result<(), Refusal> {
        let dialect = platform.dialect();
        let mut wanted =
            ScopeSet::parse(&dialect.scopes.separated(&wanted.to_string())).unwrap_or(wanted);
        for scope in &wanted {
            if let Err((rule, why)) = self.may_select(scope, &dialect) {
                let refusal = || Refusal::field("scopes", format!("`{scope}`: {why}."));
                platform.demand(rule, false, refusal)?;
            }
        }
        let deselects = self.selected.iter().any(|scope| !wanted.contains(scope.as_str()));
        if deselects && platform.overlooks(Rule::ScopeDeselected) {
            wanted = self.selected.iter().chain(&wanted).map(Scope::as_str).collect();
        }
        self.approved =
            self.approved.iter().map(Scope::as_str).filter(|name| wanted.contains(name)).collect();
        self.selected = wanted;
        if !self.pending().is_empty() && platform.overlooks(Rule::ScopeConfirmed) {
            self.approved = self.selected.clone();
        }
        Ok(())
    }

    /// Approves what is selected, except what staff have to allow and have not.
    pub(super) fn confirm(&mut self, platform: &Platform) {
        let dialect = platform.dialect();
        let by_hand = dialect.portal.staff_approve_production_scopes
            && self.environment == Environment::Production
            && self.level == Level::NonCertified
            && self.category != Category::Phr;
        let waits = |name: &str| {
            (by_hand || dialect.scopes.by_request.iter().any(|known| known == name))
                && !self.allowed.contains(name)
                && !platform.overlooks(Rule::ScopeByRequest)
        };
        let approved = self.selected.iter().map(Scope::as_str).filter(|name| !waits(name));
        self.approved = approved.collect();
    }

    /// What is selected and not approved.
    pub(super) fn pending(&self) -> ScopeSet {
        let selected = self.selected.iter().map(Scope::as_str);
        selected.filter(|name| !self.approved.contains(name)).collect()
    }

    /// All that it may select: for resources in both forms, to read or to search and, where it may
    /// do more, to do everything.
    pub(super) fn selectable(&self, dialect: &Dialect) -> ScopeSet {
        let scopes = &dialect.scopes;
        let resources = scopes.certified_resources.iter().chain(&scopes.other_resources);
        let forms = ["patient", "user", "system"]
            .map(|level| ["read", "rs", "write", "cruds"].map(|form| (level, form)));
        let resources = resources.flat_map(|resource| {
            forms
                .into_iter()
                .flatten()
                .map(move |(level, form)| format!("{level}/{resource}.{form}"))
        });
        let named = scopes.service.iter().chain(&scopes.login).chain(&scopes.by_request);
        let all: Vec<String> = named.cloned().chain(resources).collect();
        let all: ScopeSet = all.iter().map(String::as_str).collect();
        all.iter()
            .filter(|scope| self.may_select(scope, dialect).is_ok())
            .map(Scope::as_str)
            .collect()
    }

    /// Whether it may select a scope; if not, the rule that forbids it, and why.
    fn may_select(&self, scope: &Scope, dialect: &Dialect) -> Result<(), Forbidden> {
        let catalogue = &dialect.scopes;
        let name = scope.as_str();
        if catalogue.by_request.iter().any(|known| known == name) {
            return match self.category {
                Category::TwoLegged => Ok(()),
                _ => Err((Rule::ScopeOfUsers, "it is for 2-legged apps")),
            };
        }
        match scope.kind() {
            Kind::Malformed => Err((Rule::ScopeKnown, "it is malformed")),
            Kind::Login if !catalogue.login.iter().any(|known| known == name) => {
                Err((Rule::ScopeKnown, "it is unknown"))
            }
            Kind::Login if self.category == Category::TwoLegged => {
                Err((Rule::ScopeOfUsers, "it is for apps that users sign in to"))
            }
            Kind::Login if dialect.portal.launch_scopes_match_end_users => {
                match (name, self.end_users) {
                    ("launch", Some(EndUsers::Patients)) => {
                        Err((Rule::ScopeOfUsers, "it is for providers' apps"))
                    }
                    ("launch/patient", Some(EndUsers::Providers)) => {
                        Err((Rule::ScopeOfUsers, "it is for patients' apps"))
                    }
                    _ => Ok(()),
                }
            }
            Kind::Login => Ok(()),
            Kind::Service if !catalogue.service.iter().any(|known| known == name) => {
                Err((Rule::ScopeKnown, "it is unknown"))
            }
            Kind::Service if self.category == Category::TwoLegged => Ok(()),
            Kind::Service => Err((Rule::ScopeOfUsers, "it is for 2-legged apps")),
            Kind::Resource(resource) => self.may_select_resource(resource, dialect),
        }
    }

    fn may_select_resource(
        &self,
        scope: &ResourceScope,
        dialect: &Dialect,
    ) -> Result<(), Forbidden> {
        let (catalogue, rules) = (&dialect.scopes, &dialect.registration);
        let all = scope.resource == "*";
        if all && !rules.wildcard_scopes {
            return Err((Rule::ScopeKnown, "resources are listed one by one"));
        }
        let is_in = |list: &[String]| all || list.contains(&scope.resource);
        if !is_in(&catalogue.certified_resources) && !is_in(&catalogue.other_resources) {
            return Err((Rule::ScopeKnown, "its resource is unknown"));
        }
        let certified = is_in(&catalogue.certified_resources) && scope.permissions.only_read();
        if !certified && (self.level == Level::Certified || self.category == Category::Phr) {
            return Err((Rule::ScopeOfLevel, "it is not of the Certified APIs"));
        }
        let level = match scope.level {
            scope::Level::Patient => "patient",
            scope::Level::User => "user",
            scope::Level::System => "system",
        };
        if rules.allow_level(self.end_users.map_or("nobody", EndUsers::name), level) {
            return Ok(());
        }
        match (scope.level, self.end_users) {
            (scope::Level::System, Some(_)) => Err((Rule::ScopeOfUsers, "it is for 2-legged apps")),
            (_, None) => Err((Rule::ScopeOfUsers, "a 2-legged app has system scopes")),
            (_, Some(EndUsers::Patients)) => {
                Err((Rule::ScopeOfUsers, "patients' apps have patient scopes"))
            }
            (_, Some(EndUsers::Providers)) => {
                Err((Rule::ScopeOfUsers, "providers' apps have user scopes"))
            }
            (_, Some(EndUsers::Anybody)) => {
                Err((Rule::ScopeOfUsers, "apps with users have no such scopes"))
            }
        }
    }
}

fn answer(app: &App) -> axum::response::Response {
    Json(names(app)).into_response()
}

fn names(app: &App) -> Value {
    let names = |set: &ScopeSet| -> Vec<String> { set.iter().map(Scope::to_string).collect() };
    json!({
        "selected": names(&app.selected),
        "approved": names(&app.approved),
        "pending": names(&app.pending()),
    })
}
