//! An app's scopes: what may be selected, and how a selection is approved.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::IntoResponse as _;
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, developer, object};
use super::app::{App, Category, EndUsers, Level};
use super::apps::change;
use crate::dialect::{Dialect, ScopeCatalogue};
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::scope::{Kind, ResourceScope};
use crate::protocol::{Scope, ScopeSet, scope};

/// `PUT apps/{id}/scopes`: replaces the selection. A scope that is no longer selected is no longer
/// approved either; a new one is approved when the selection is confirmed.
pub(super) async fn select(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let body = object(&request)?;
    let dialect = &platform.dialect();
    let app = change(&platform, &account, &id, |app| {
        let wanted =
            wanted(&body)?.ok_or_else(|| Refusal::field("scopes", "`scopes` is needed."))?;
        app.select(wanted, dialect)
    })?;
    Ok(answer(&app))
}

/// `POST apps/{id}/scopes/confirm`: approves the selection at once, except what is granted on
/// request only.
pub(super) async fn confirm(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let catalogue = &platform.dialect().scopes;
    let app = change(&platform, &account, &id, |app| {
        app.confirm(catalogue);
        Ok(())
    })?;
    Ok(answer(&app))
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

impl App {
    /// Selects scopes, if each may be selected by such an app.
    pub(super) fn select(&mut self, wanted: ScopeSet, dialect: &Dialect) -> Result<(), Refusal> {
        for scope in &wanted {
            self.may_select(scope, dialect)
                .map_err(|why| Refusal::field("scopes", format!("`{scope}`: {why}.")))?;
        }
        self.approved =
            self.approved.iter().map(Scope::as_str).filter(|name| wanted.contains(name)).collect();
        self.selected = wanted;
        Ok(())
    }

    /// Approves what is selected.
    pub(super) fn confirm(&mut self, catalogue: &ScopeCatalogue) {
        let by_request = |name: &&str| catalogue.by_request.iter().any(|known| known == name);
        let approved = self.selected.iter().map(Scope::as_str).filter(|name| !by_request(name));
        self.approved = approved.collect();
    }

    fn may_select(&self, scope: &Scope, dialect: &Dialect) -> Result<(), &'static str> {
        let catalogue = &dialect.scopes;
        let name = scope.as_str();
        if catalogue.by_request.iter().any(|known| known == name) {
            return match self.category {
                Category::TwoLegged => Ok(()),
                _ => Err("it is for 2-legged apps"),
            };
        }
        match scope.kind() {
            Kind::Malformed => Err("it is malformed"),
            Kind::Login if !catalogue.login.iter().any(|known| known == name) => {
                Err("it is unknown")
            }
            Kind::Login if self.category == Category::TwoLegged => {
                Err("it is for apps that users sign in to")
            }
            Kind::Login => Ok(()),
            Kind::Service if !catalogue.service.iter().any(|known| known == name) => {
                Err("it is unknown")
            }
            Kind::Service if self.category == Category::TwoLegged => Ok(()),
            Kind::Service => Err("it is for 2-legged apps"),
            Kind::Resource(resource) => self.may_select_resource(resource, dialect),
        }
    }

    fn may_select_resource(
        &self,
        scope: &ResourceScope,
        dialect: &Dialect,
    ) -> Result<(), &'static str> {
        let (catalogue, rules) = (&dialect.scopes, &dialect.registration);
        let all = scope.resource == "*";
        if all && !rules.wildcard_scopes {
            return Err("resources are listed one by one");
        }
        let is_in = |list: &[String]| all || list.contains(&scope.resource);
        if !is_in(&catalogue.certified_resources) && !is_in(&catalogue.other_resources) {
            return Err("its resource is unknown");
        }
        let certified = is_in(&catalogue.certified_resources) && scope.permissions.only_read();
        if !certified && (self.level == Level::Certified || self.category == Category::Phr) {
            return Err("it is not of the Certified APIs");
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
            (scope::Level::System, Some(_)) => Err("it is for 2-legged apps"),
            (_, None) => Err("a 2-legged app has system scopes"),
            (_, Some(EndUsers::Patients)) => Err("patients' apps have patient scopes"),
            (_, Some(EndUsers::Providers)) => Err("providers' apps have user scopes"),
            (_, Some(EndUsers::Anybody)) => Err("apps with users have no such scopes"),
        }
    }
}

fn answer(app: &App) -> axum::response::Response {
    let names = |set: &ScopeSet| -> Vec<String> { set.iter().map(Scope::to_string).collect() };
    let pending: Vec<&str> = app
        .selected
        .iter()
        .map(Scope::as_str)
        .filter(|name| !app.approved.contains(name))
        .collect();
    Json(json!({
        "selected": names(&app.selected),
        "approved": names(&app.approved),
        "pending": pending,
    }))
    .into_response()
}
