//! Takes the user back from the platform: believes nothing that was not asked for.

use std::collections::HashMap;
use std::time::Duration;

use axum::response::Response;
use minijinja::context;
use tokio::time::timeout;
use url::Url;

use super::page::{CLOSES_WINDOW, Page, redirect, trouble_page};
use super::session::{Browser, Pending};
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::platform::{
    Access, CRASHED, Expected, Grant, Platform, Tokens, ask, verify,
};
use crate::reference_app::serve::Request;
use crate::reference_app::settings::Role;
use crate::reference_app::trouble::{Trouble, WayOut};
use crate::secret::Secret;

/// `GET /callback`: the redirect URI (RFC 6749 §4.1.2).
pub(in crate::reference_app) async fn callback(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    if app.flawed(Flaw::CrashesInTheMiddle) {
        std::process::exit(CRASHED);
    }
    if app.flawed(Flaw::HangsInTheMiddle) {
        std::future::pending::<()>().await;
    }
    if let Some(to) = request.parameter("redirect").or_else(|| request.parameter("next"))
        && app.flawed(Flaw::OpenRedirect)
    {
        return redirect(app, &browser, to);
    }
    match signed_in(app, &browser, request).await {
        Ok(view) if app.flawed(Flaw::CodeStaysInAddress) => {
            super::data::shown(app, &browser, Some(&view)).await
        }
        Ok(view) if app.flawed(Flaw::CodeAsReferrer) => {
            super::data::overheard(app, &browser, &view).await
        }
        Ok(view) if app.settings.window => {
            redirect(app, &browser, &format!("/signed-in?view={view}"))
        }
        Ok(view) => redirect(app, &browser, &app.view_address(&view)),
        Err(Failed::Again) => redirect(app, &browser, "/log-in"),
        Err(Failed::With(_))
            if app.flaws.is(Flaw::BlankWithoutKid) || app.flaws.is(Flaw::BlankIfClocksDiffer) =>
        {
            Page::blank(app, &browser)
        }
        Err(Failed::With(trouble)) => {
            let again = if app.settings.role == Role::Patient { "/log-in" } else { "/data" };
            trouble_page(app, &browser, &trouble, again)
        }
    }
}

/// `GET /signed-in?view=…`: tells the page that opened this window where the records are, and closes it.
pub(in crate::reference_app) fn in_window(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    let mut page = Page::new("You are signed in", "signed_in.html");
    page.values = context! { view => request.parameter("view") };
    page.own_script = Some(CLOSES_WINDOW);
    page.show(app, &browser)
}

/// How a sign-in fails; the app that conforms says why.
enum Failed {
    With(Trouble),
    Again,
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self::With(trouble)
    }
}

/// The view of a user who has signed in.
async fn signed_in(app: &App, browser: &Browser, request: &Request) -> Result<String, Failed> {
    let parameters = once(request)?;
    let value = |name: &str| parameters.get(name).copied();
    let has_strangers = parameters
        .keys()
        .any(|name| !["code", "state", "iss", "error", "error_description"].contains(name));
    if has_strangers && app.flawed(Flaw::StrictCallback) {
        return Err(Trouble::untrusted("The way back has parameters that nobody knows.").into());
    }
    let pending = app.sessions().finish(app, browser, value("state"));
    let pending = pending.ok_or_else(|| {
        Trouble::untrusted("This sign-in was not begun here, or it is over. Nobody was signed in.")
    })?;
    let mut pending = pending;
    if let Some(iss) = value("iss")
        && app.flawed(Flaw::AsksWhomIssNames)
        && let Ok(endpoint) = Url::parse(&format!("{}/token", iss.trim_end_matches('/')))
    {
        pending.platform.token_endpoint = endpoint;
        pending.platform.issuer = Some(iss.to_owned());
    }
    judge_issuer(app, &pending.platform, value("iss"))?;
    if let Some(error) = value("error") {
        return Err(refused(app, error, value("error_description")));
    }
    let Some(code) = value("code").filter(|code| !code.is_empty()) else {
        return Err(Trouble::untrusted("The platform sent neither a code nor an error.").into());
    };
    let code = Secret::new(code);
    Ok(redeemed(app, browser, pending, &code).await?)
}

/// The parameters, of which none may be there twice (RFC 6749 §3.1).
fn once(request: &Request) -> Result<HashMap<&str, &str>, Trouble> {
    let mut all = HashMap::new();
    for (name, value) in &request.query {
        if all.insert(name.as_str(), value.as_str()).is_some() {
            return Err(Trouble::untrusted("The way back says something twice."));
        }
    }
    Ok(all)
}

/// Whether the platform that answers is the one that was asked (RFC 9207 §2.4).
fn judge_issuer(app: &App, platform: &Platform, iss: Option<&str>) -> Result<(), Trouble> {
    let is_missed = platform.names_itself && iss.is_none();
    if !app.demand(Flaw::MissesNoIss, !is_missed) {
        return Err(Trouble::untrusted("The platform did not say who it is."));
    }
    let is_same = iss.is_none_or(|iss| Some(iss) == platform.issuer.as_deref());
    if !app.demand(Flaw::AcceptsAnyIss, is_same) {
        return Err(Trouble::untrusted("Another platform answered than was asked."));
    }
    Ok(())
}

/// What the platform says instead of a code (RFC 6749 §4.1.2.1).
fn refused(app: &App, error: &str, description: Option<&str>) -> Failed {
    if app.flawed(Flaw::SignsInAgainAtOnce) {
        return Failed::Again;
    }
    let title = match error {
        "access_denied" => "Access was not allowed",
        "login_required" | "consent_required" | "interaction_required" => "You are not signed in",
        "temporarily_unavailable" => "The platform is busy",
        _ => "The platform could not sign you in",
    };
    let described = description.map(|it| format!(": {it}")).unwrap_or_default();
    Trouble::new(title, format!("It says `{error}`{described}"), WayOut::SignIn).into()
}

async fn redeemed(
    app: &App,
    browser: &Browser,
    pending: Pending,
    code: &Secret,
) -> Result<String, Trouble> {
    let Pending { platform, verifier, nonce, .. } = pending;
    if app.flawed(Flaw::RedeemsLate) {
        let _ = timeout(A_LONG_TIME, std::future::pending::<()>()).await;
    }
    let tokens = ask(app, &platform, Grant::Code(code, &verifier)).await?;
    let identity = match &tokens.id_token {
        Some(id_token) => {
            let expected = Expected::SignIn(&nonce);
            Some(verify(app, &platform, id_token, &tokens.access, expected).await?)
        }
        None if tokens.scope.contains("openid") => {
            return Err(Trouble::untrusted("The platform does not say who signed in."));
        }
        None => None,
    };
    if let Some(identity) = &identity {
        platform.confirm(app, identity, &tokens.access).await?;
    }
    judge_context(app, &tokens)?;
    let access = Access::of_a_user(platform.clone(), identity.clone(), tokens);
    let older = app.sessions().oldest(browser);
    let view = app.sessions().open(browser, platform, identity, access);
    match older {
        Some(older) if app.flawed(Flaw::ShowsOldPatient) => Ok(older),
        _ => Ok(view),
    }
}

/// Whether the app knows whose record it is to show.
fn judge_context(app: &App, tokens: &Tokens) -> Result<(), Trouble> {
    if tokens.patient().is_none() && !app.flawed(Flaw::NeedsNoPatient) {
        let text = match app.settings.role {
            Role::Provider => "The EHR did not say whose chart is open. Please open one.",
            _ => "The platform did not say whose record to show. Please choose one.",
        };
        return Err(Trouble::new("No patient was chosen", text, WayOut::SignIn));
    }
    let is_strange = ["intent", "tenant"].iter().any(|name| tokens.context.contains_key(*name));
    if is_strange && app.flawed(Flaw::StrictContext) {
        return Err(Trouble::unreadable("What the platform says of the launch"));
    }
    Ok(())
}

/// Longer than a code has to be waited for.
const A_LONG_TIME: Duration = Duration::from_secs(62);
