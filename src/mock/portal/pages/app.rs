//! The pages of a developer's apps.

use axum::extract::Path;
use axum::response::Response;
use minijinja::context;
use serde_json::{Map, Value};

use super::frame::{faults, go, page, read, written};
use super::visit::Visitor;
use crate::dialect::{CertifiedProduction, Rule};
use crate::mock::platform::{Environment, Platform};
use crate::mock::portal::Level;
use crate::mock::portal::answer::Refusal;
use crate::mock::portal::app::{App, Method};
use crate::mock::portal::apps::{app_of, apps_of, delete_app, edit_app};
use crate::mock::portal::credentials::{host_keys, join_keys, rotate, take_key};
use crate::mock::portal::environments::{client_in, issue_for, request_production};
use crate::mock::portal::scopes::{confirm_for, select_for};
use crate::protocol::Scope;
use crate::secret::Secret;

/// `GET apps`.
pub(super) async fn list(Visitor { platform, account, token, .. }: Visitor) -> Response {
    let apps: Vec<Value> =
        apps_of(&platform, &account).iter().map(|app| labelled(&platform, app)).collect();
    page(&platform, "apps.html", "Applications", context! { apps, token })
}

/// `GET apps/{id}/{tab}`; the one page that shows a new secret forgets it.
pub(super) async fn show(visitor: Visitor, Path((id, tab)): Path<(String, String)>) -> Response {
    let platform = &visitor.platform;
    let Ok(app) = app_of(platform, &visitor.account, &id) else {
        return go(platform, "/apps");
    };
    let mut secret = None;
    if tab == "credentials"
        && let Some(session) = platform.console().sessions.get_mut(&visitor.session)
    {
        let kept = session.shown_once.clone();
        secret = session.shown_once.take_if(|(of, _)| *of == id).map(|(_, secret)| secret);
        if secret.is_some() && platform.overlooks(Rule::SecretShownOnce) {
            session.shown_once = kept;
        }
    }
    shown(&visitor, &app, &tab, secret.as_ref(), None)
}

/// `POST apps/{id}/{action}`: does it, and shows the tab where its result is seen.
pub(super) async fn act(visitor: Visitor, Path((id, action)): Path<(String, String)>) -> Response {
    let platform = &visitor.platform;
    let body = read(&visitor.request);
    let tab = match action.as_str() {
        "rotate" => "credentials",
        "add-keys" | "remove-key" | "host-keys" => "keys",
        "scopes" => "scopes",
        "request" | "issue-preview" | "issue-production" => "environments",
        _ => "overview",
    };
    match done(&visitor, &id, &action, &body) {
        Ok(next) => go(platform, &next.unwrap_or_else(|| format!("/apps/{id}/{tab}"))),
        Err(refusal) => match app_of(platform, &visitor.account, &id) {
            Ok(app) => shown(&visitor, &app, tab, None, Some((&refusal, &body))),
            Err(_) => go(platform, "/apps"),
        },
    }
}

/// Does what a form asks for, by the function of the API; where to go next, if not to its tab.
fn done(
    visitor: &Visitor,
    id: &str,
    action: &str,
    body: &Map<String, Value>,
) -> Result<Option<String>, Refusal> {
    let Visitor { platform, account, request, .. } = visitor;
    let show_once = |id: &str, secret: Secret| {
        if let Some(session) = platform.console().sessions.get_mut(&visitor.session) {
            session.shown_once = Some((id.to_owned(), secret));
        }
    };
    match action {
        "rename" => {
            let name = body.get("name").cloned().unwrap_or_default();
            edit_app(platform, account, id, &Map::from_iter([("name".to_owned(), name)]))?;
        }
        "delete" => {
            delete_app(platform, account, id)?;
            return Ok(Some("/apps".to_owned()));
        }
        "rotate" => show_once(id, rotate(platform, account, id)?),
        "add-keys" => drop(join_keys(platform, account, id, body)?),
        "host-keys" => drop(host_keys(platform, account, id, body)?),
        "remove-key" => {
            let kid = request.form.get("kid").unwrap_or_default();
            take_key(platform, account, id, kid)?;
        }
        "scopes" => {
            let scopes: Value = request.form.all("scope").collect();
            select_for(platform, account, id, &Map::from_iter([("scopes".to_owned(), scopes)]))?;
            confirm_for(platform, account, id)?;
        }
        "request" => request_production(platform, account, id)?,
        _ => {
            let wanted = action.strip_prefix("issue-").and_then(Environment::read);
            let wanted = wanted.ok_or(Refusal::NotFound("action"))?;
            let app = issue_for(platform, account, id, wanted, &Map::new())?;
            if let Method::Secret(secret) = &app.method {
                show_once(&app.client_id, secret.clone());
            }
            return Ok(Some(format!("/apps/{}/credentials", app.client_id)));
        }
    }
    Ok(None)
}

fn shown(
    visitor: &Visitor,
    app: &App,
    tab: &str,
    secret: Option<&Secret>,
    refused: Option<(&Refusal, &Map<String, Value>)>,
) -> Response {
    let Visitor { platform, token, .. } = visitor;
    let dialect = platform.dialect();
    let selectable: Vec<_> = if tab == "scopes" {
        // What was selected in another form than the list has is listed as well.
        let all = app.selectable(&dialect);
        let others = app.selected.iter().filter(|scope| !all.contains(scope.as_str()));
        let named = all.iter().chain(others).map(Scope::as_str);
        let named = named.map(|name| {
            let (selected, approved) = (app.selected.contains(name), app.approved.contains(name));
            context! { name, selected, approved }
        });
        named.collect()
    } else {
        Vec::new()
    };
    let places = Environment::ALL.into_iter().filter(|environment| {
        *environment == Environment::Preview || platform.production().is_some()
    });
    let environments: Vec<_> = places
        .map(|environment| {
            let client = client_in(platform, app, environment);
            let missing = match (&client, environment) {
                (None, Environment::Production) => app.missing_for_production(platform),
                _ => Vec::new(),
            };
            let by_request = dialect.portal.certified_production == CertifiedProduction::ByRequest;
            context! {
                name => environment.name(),
                client_id => client.map(|client| client.client_id.clone()),
                missing => missing.iter().map(|one| one.wording()).collect::<Vec<_>>(),
                can_request => by_request && app.level == Level::Certified,
            }
        })
        .collect();
    let here = format!("{}/apps/{}", dialect.paths.portal, app.client_id);
    let tabs = ["overview", "credentials", "keys", "scopes", "environments"];
    let more = context! {
        app => labelled(platform, app), tab, tabs, here, selectable, environments,
        token,
        secret => secret.map(Secret::expose),
        errors => refused.map(|(refusal, _)| faults(refusal)),
        values => refused.map(|(_, body)| written(body)),
    };
    page(platform, "app.html", &app.name, more)
}

/// An app as the API shows it, its category by the platform's name for it.
pub(super) fn labelled(platform: &Platform, app: &App) -> Value {
    let rules = &platform.dialect().portal;
    let mut shown = app.shown();
    for (field, choices) in [("category", &rules.categories), ("level", &rules.levels)] {
        let choice = choices.iter().find(|choice| shown[field] == choice.key.as_str());
        if let Some(choice) = choice {
            shown[field] = choice.label.as_str().into();
        }
    }
    shown
}
