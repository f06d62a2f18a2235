//! The steps of a new app: level of access, category, details.

use axum::extract::Path;
use axum::response::Response;
use minijinja::context;
use serde_json::{Map, Value};

use super::frame::{faults, go, page, read, written};
use super::visit::Visitor;
use crate::dialect::Choice;
use crate::mock::platform::Platform;
use crate::mock::portal::answer::Refusal;
use crate::mock::portal::app::{Category, ClientType, EndUsers, Method};
use crate::mock::portal::apps::create_app;
use crate::mock::portal::credentials::methods;
use crate::mock::portal::registration::{category, level};

/// `GET apps/new`: a new draft.
pub(super) async fn begin(Visitor { platform, session, .. }: Visitor) -> Response {
    if let Some(session) = platform.console().sessions.get_mut(&session) {
        session.draft.clear();
    }
    let asks = platform.dialect().registration.categories;
    go(&platform, if asks { "/apps/new/level" } else { "/apps/new/details" })
}

/// `GET apps/new/{step}`: a step, or the first one that was left out before it.
pub(super) async fn show(visitor: Visitor, Path(step): Path<String>) -> Response {
    shown(&visitor, &step, &draft(&visitor), None)
}

/// `POST apps/new/{step}`.
pub(super) async fn submit(visitor: Visitor, Path(step): Path<String>) -> Response {
    let platform = &visitor.platform;
    let sent = read(&visitor.request);
    let mut whole = draft(&visitor);
    if step == "details" {
        whole.retain(|field, _| ["level", "category"].contains(&field.as_str()));
    }
    whole.extend(sent);
    if let Some(session) = platform.console().sessions.get_mut(&visitor.session) {
        session.draft.clone_from(&whole);
    }
    let rules = &platform.dialect().portal;
    let next = match step.as_str() {
        "level" => level(platform, &whole, rules).map(|_| "/apps/new/category".to_owned()),
        "category" => category(platform, &whole, rules).map(|_| "/apps/new/details".to_owned()),
        _ => create_app(platform, &visitor.account, &whole).map(|app| {
            if let Some(session) = platform.console().sessions.get_mut(&visitor.session) {
                session.draft.clear();
                if let Method::Secret(secret) = &app.method {
                    session.shown_once = Some((app.client_id.clone(), secret.clone()));
                }
            }
            format!("/apps/{}/credentials", app.client_id)
        }),
    };
    match next {
        Ok(next) => go(platform, &next),
        Err(refusal) => shown(&visitor, &step, &whole, Some(&refusal)),
    }
}

fn draft(visitor: &Visitor) -> Map<String, Value> {
    let console = visitor.platform.console();
    console.sessions.get(&visitor.session).map(|it| it.draft.clone()).unwrap_or_default()
}

fn shown(
    visitor: &Visitor,
    step: &str,
    draft: &Map<String, Value>,
    refusal: Option<&Refusal>,
) -> Response {
    let Visitor { platform, token, .. } = visitor;
    let dialect = platform.dialect();
    let (rules, base) = (&dialect.portal, &dialect.paths.portal);
    let common = context! {
        token, values => written(draft), errors => refusal.map(faults),
    };
    let asks = dialect.registration.categories;
    if asks && (step == "level" || level(platform, draft, rules).is_err()) {
        let more = context! {
            field => "level", number => 1, choices => rules.levels, back => format!("{base}/apps"),
            question => "Which APIs will the app call?", ..common
        };
        return page(platform, "choose.html", "Level of API access", more);
    }
    let chosen = category(platform, draft, rules);
    let (false, Ok(category)) = (asks && step == "category", &chosen) else {
        if asks {
            let more = context! {
                field => "category", number => 2, choices => rules.categories,
                back => format!("{base}/apps/new/level"),
                question => "How do users authorize the app?", ..common
            };
            return page(platform, "choose.html", "App category", more);
        }
        return details(platform, None, common);
    };
    details(platform, Some(*category), common)
}

fn details(platform: &Platform, category: Option<Category>, common: minijinja::Value) -> Response {
    let dialect = platform.dialect();
    let (rules, base) = (&dialect.portal, &dialect.paths.portal);
    let with_users = category != Some(Category::TwoLegged);
    let kinds: &[Option<ClientType>] = if with_users {
        &[Some(ClientType::Web), Some(ClientType::Browser), Some(ClientType::Native)]
    } else {
        &[None]
    };
    let offered: Vec<&str> =
        kinds.iter().flat_map(|kind| methods(*kind, &dialect.registration)).collect();
    let ways: Vec<&Choice> =
        rules.methods.iter().filter(|way| offered.contains(&way.key.as_str())).collect();
    let named = |key: &str, label: &str| context! { key, label };
    let users: Vec<_> = [EndUsers::Patients, EndUsers::Providers, EndUsers::Anybody]
        .into_iter()
        .filter(|_| with_users)
        .map(EndUsers::name)
        .filter(|name| dialect.registration.scope_levels.contains_key(*name))
        .map(|name| named(name, name))
        .collect();
    let chooses = category
        .is_some_and(|category| rules.environment_choice.iter().any(|it| it == category.name()));
    let environments =
        chooses.then(|| vec![named("preview", "Preview"), named("production", "Production")]);
    let access_types: Vec<_> = dialect
        .registration
        .access_types
        .iter()
        .map(|(key, access)| {
            let users = if access.users { "Users sign in" } else { "Nobody signs in" };
            let note = format!("{users}; its scopes are {}.", access.scopes.join(" "));
            context! { key, label => key, note }
        })
        .collect();
    let back = if category.is_some() { "/apps/new/category" } else { "/apps" };
    let more = context! {
        alone => category.is_none(), users, environments, access_types, methods => ways, client_types => rules.client_types,
        phr => category == Some(Category::Phr), back => format!("{base}{back}"), ..common
    };
    page(platform, "details.html", "App details", more)
}
