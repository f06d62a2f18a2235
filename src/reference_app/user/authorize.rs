//! Sends the user to the platform: on the user's own wish, or when an EHR launches the app.

use axum::response::Response;
use url::Url;

use super::page::{posted, redirect, trouble_page};
use super::session::Browser;
use crate::protocol::pkce::Verifier;
use crate::protocol::random;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::platform::Platform;
use crate::reference_app::serve::Request;
use crate::reference_app::settings::{Credentials, Role};
use crate::reference_app::trouble::{Trouble, WayOut};
use crate::secret::Secret;

/// `GET /log-in`: a standalone launch (SMART App Launch 2.2).
pub(in crate::reference_app) async fn log_in(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    if app.flawed(Flaw::RedirectsForEver) {
        return redirect(app, &browser, "/log-in");
    }
    let Some(base) = app.settings.fhir_base() else {
        return trouble_page(app, &browser, &unknown(), "/");
    };
    match authorize(app, &browser, base, None).await {
        Ok(to) if app.flawed(Flaw::PostsAddress) => posted(app, &browser, to.as_str()),
        Ok(to) => redirect(app, &browser, to.as_str()),
        Err(trouble) => trouble_page(app, &browser, &trouble, &request.target),
    }
}

/// `GET /launch?iss=…&launch=…`: an EHR opens the app (SMART App Launch 2.2, EHR launch).
pub(in crate::reference_app) async fn launch(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    let (iss, launch) = (request.parameter("iss"), request.parameter("launch"));
    let (Some(iss), Some(launch)) = (iss, launch) else {
        if app.flawed(Flaw::LaunchesOfItself)
            && let Some(base) = app.settings.fhir_base()
            && let Ok(to) = authorize(app, &browser, base, Some(launch.unwrap_or("made-up"))).await
        {
            return redirect(app, &browser, to.as_str());
        }
        let text = "It was opened without `iss` or `launch`. Please open it out of a chart.";
        let trouble = Trouble::new("This app is opened out of the EHR", text, WayOut::None);
        return trouble_page(app, &browser, &trouble, "/");
    };
    if request.target.contains("iss=http:") && app.flawed(Flaw::NeedsEncodedIss) {
        return trouble_page(app, &browser, &unknown(), "/");
    }
    let bases = &app.settings.fhir_bases;
    let same = |base: &&Url| base.as_str().trim_end_matches('/') == iss.trim_end_matches('/');
    let known = bases.iter().find(same).cloned();
    let base = known.or_else(|| {
        let other = Url::parse(iss).ok()?;
        app.demand(Flaw::AcceptsAnyLaunch, false).then_some(other)
    });
    let Some(base) = base else { return trouble_page(app, &browser, &unknown(), "/") };
    if app.flawed(Flaw::WaitsAfterLaunch) {
        return super::page::start(app, request).await;
    }
    match authorize(app, &browser, &base, Some(launch)).await {
        Ok(to) => redirect(app, &browser, to.as_str()),
        Err(trouble) => trouble_page(app, &browser, &trouble, &request.target),
    }
}

/// The address of an authorize request, which is remembered for the way back.
async fn authorize(
    app: &App,
    browser: &Browser,
    base: &Url,
    launch: Option<&str>,
) -> Result<Url, Trouble> {
    let platform = Platform::discover(app, base).await?;
    let Some(mut url) = platform.authorization_endpoint.clone() else {
        return Err(Trouble::unreadable("The platform's SMART configuration"));
    };
    let (state, nonce, verifier) = (state(app, launch), nonce(app), verifier(app));
    let parameters = parameters(app, base, launch, &state, &nonce, &verifier);
    url.query_pairs_mut().extend_pairs(&parameters);
    app.sessions().begin(browser, state, platform, verifier, nonce);
    Ok(url)
}

fn parameters(
    app: &App,
    base: &Url,
    launch: Option<&str>,
    state: &str,
    nonce: &str,
    verifier: &Secret,
) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&str, String)> = Vec::new();
    let mut add = |name, value: &str| all.push((name, value.to_owned()));
    let flawed = |flaw| app.flawed(flaw);
    add("response_type", if flawed(Flaw::AsksForTokenAtOnce) { "token" } else { "code" });
    let client_id = app.settings.client_id.as_str();
    add("client_id", if flawed(Flaw::OtherClientId) { "another-app" } else { client_id });
    let redirect_uri = app.redirect_uri();
    let other = format!("{redirect_uri}/");
    add("redirect_uri", if flawed(Flaw::OtherRedirectUri) { &other } else { &redirect_uri });
    if !flawed(Flaw::ScopeForgotten) {
        add("scope", &scope(app));
    }
    if !flawed(Flaw::StateForgotten) {
        add("state", state);
    }
    if flawed(Flaw::AudWrong) {
        add("aud", &app.address);
    } else if !flawed(Flaw::AudForgotten) {
        add("aud", base.as_str());
    }
    match launch {
        Some(launch) if !flawed(Flaw::LaunchForgotten) => add("launch", launch),
        None if flawed(Flaw::LaunchInvented) => add("launch", "made-up"),
        _ => {}
    }
    if app.settings.scope.contains("openid") && !flawed(Flaw::NonceForgotten) {
        add("nonce", nonce);
    }
    if !flawed(Flaw::DoesWithoutPkce) && !flawed(Flaw::TakesAnyCode) {
        let challenge = crate::protocol::pkce::challenge_s256(verifier.expose());
        if flawed(Flaw::ChallengePlain) {
            add("code_challenge", verifier.expose());
            add("code_challenge_method", "plain");
        } else {
            add("code_challenge", &challenge);
            add("code_challenge_method", "S256");
        }
    }
    if flawed(Flaw::MaxAge) {
        add("max_age", "3600");
    }
    if flawed(Flaw::AsksForLogin) {
        add("prompt", "login");
    }
    if let Credentials::Secret(secret) = &app.settings.credentials
        && flawed(Flaw::SecretInAuthorize)
    {
        add("client_secret", secret.expose());
    }
    all
}

/// The scopes that it asks for.
fn scope(app: &App) -> String {
    let scope = app.settings.scope.to_string();
    let without = |left_out: &str| {
        let kept: Vec<&str> = scope.split(' ').filter(|it| *it != left_out).collect();
        kept.join(" ")
    };
    let launch = if app.settings.role == Role::Provider { "launch" } else { "launch/patient" };
    if app.flawed(Flaw::ScopeByCommas) {
        scope.replace(' ', ",")
    } else if app.flawed(Flaw::LaunchScopeForgotten) {
        without(launch)
    } else if app.flawed(Flaw::LaunchScopeUpperCase) {
        scope.replace("launch/patient", "launch/Patient")
    } else if app.flawed(Flaw::OpenidForgotten) {
        without("openid")
    } else if app.flawed(Flaw::AsksForBothLaunches) {
        let other = if launch == "launch" { "launch/patient" } else { "launch" };
        format!("{scope} {other}")
    } else if app.flawed(Flaw::WritesScopesWrongly) {
        format!("{scope} patient/patient.READ")
    } else if app.flawed(Flaw::OfflineForgotten) {
        without("offline_access")
    } else if app.flawed(Flaw::AsksForMore) {
        format!("{scope} patient/Immunization.read")
    } else {
        scope
    }
}

fn state(app: &App, launch: Option<&str>) -> String {
    if app.flawed(Flaw::SameState) {
        return "the-same-state-for-everybody-and-always".to_owned();
    }
    if launch.is_some() && app.flawed(Flaw::LaunchAsState) {
        return launch.unwrap_or_default().to_owned();
    }
    if app.flawed(Flaw::ShortState) {
        return random::alphanumeric(6);
    }
    random::base64url(32)
}

fn nonce(app: &App) -> String {
    if app.flawed(Flaw::SameNonce) {
        return "the-same-nonce-for-everybody-and-always".to_owned();
    }
    random::base64url(32)
}

fn verifier(app: &App) -> Secret {
    if app.flawed(Flaw::SameVerifier) {
        return Secret::new("the-same-verifier-for-everybody-and-always-0123");
    }
    if app.flawed(Flaw::ShortVerifier) {
        return Secret::new(random::alphanumeric(20));
    }
    Verifier::generate().secret().clone()
}

fn unknown() -> Trouble {
    let text = "This app works with platforms that it was set up for. This is none of them.";
    Trouble::new("This platform is not known", text, WayOut::None)
}
