//! Asks for tokens, and reads what the token endpoint says (RFC 6749 §5).

use reqwest::RequestBuilder;
use reqwest::header::ACCEPT;
use serde_json::{Map, Value};

use super::discovery::Platform;
use super::wire::{Answer, Kind};
use crate::protocol::{ErrorCode, ScopeSet};
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::trouble::{Trouble, WayOut};
use crate::secret::Secret;

/// What the app gives for tokens.
#[derive(Clone, Copy, Debug)]
pub(in crate::reference_app) enum Grant<'a> {
    /// A code that came with the user, and the verifier that belongs to it.
    Code(&'a Secret, &'a Secret),
    /// A refresh token, for no more than was granted.
    Refresh(&'a Secret, &'a ScopeSet),
    /// Nothing but itself.
    System,
}

/// What the app was given.
#[derive(Clone, Debug)]
pub(in crate::reference_app) struct Tokens {
    pub(in crate::reference_app) access: Secret,
    /// From when on it is renewed (seconds since 1970); `None` if nobody said how long it is good.
    pub(in crate::reference_app) renew_at: Option<i64>,
    pub(in crate::reference_app) refresh: Option<Secret>,
    pub(in crate::reference_app) id_token: Option<Secret>,
    pub(in crate::reference_app) scope: ScopeSet,
    /// Everything else: the launch context.
    pub(in crate::reference_app) context: Map<String, Value>,
}

/// Asks the platform for tokens.
pub(in crate::reference_app) async fn ask(
    app: &App,
    platform: &Platform,
    grant: Grant<'_>,
) -> Result<Tokens, Trouble> {
    let answer = app.send(grant.kind(), || request(app, platform, grant)).await?;
    app.say(&format!("asked for a token by {}: {}", grant.name(), answer.status));
    let asked = match grant {
        Grant::Refresh(_, scope) => scope,
        Grant::Code(..) | Grant::System => &app.settings.scope,
    };
    let body = answer.json();
    let error = body.as_ref().and_then(|body| body.get("error")).and_then(Value::as_str);
    let is_taken =
        answer.status == 200 && (error.is_none() || app.flawed(Flaw::TakesErrorsForTokens));
    if is_taken {
        return read(app, body.as_ref(), asked);
    }
    Err(refusal(grant, &answer, error, body.as_ref()))
}

fn request(app: &App, platform: &Platform, grant: Grant<'_>) -> RequestBuilder {
    let proof = app.prove(&platform.token_endpoint);
    let mut form: Vec<(&str, Secret)> = vec![("grant_type", Secret::new(grant.name()))];
    let text = |text: String| Secret::new(text);
    match grant {
        Grant::Code(code, verifier) => {
            let mut code = code.clone();
            if app.flawed(Flaw::CutsCodes) {
                code = text(code.expose().chars().take(SHORT_CODE).collect());
            }
            if app.flawed(Flaw::DecodesCodes) {
                let decoded = url::form_urlencoded::parse(code.expose().as_bytes()).next();
                code = text(decoded.map(|(name, _)| name.into_owned()).unwrap_or_default());
            }
            form.push(("code", code));
            if app.flawed(Flaw::OtherRedirectUriRedeemed) {
                form.push(("redirect_uri", text(format!("{}/other", app.redirect_uri()))));
            } else if !app.flawed(Flaw::RedirectUriForgotten) {
                form.push(("redirect_uri", text(app.redirect_uri())));
            }
            let has_challenge =
                !app.flawed(Flaw::DoesWithoutPkce) && !app.flawed(Flaw::TakesAnyCode);
            if has_challenge && !app.flawed(Flaw::VerifierForgotten) {
                form.push(("code_verifier", verifier.clone()));
            }
        }
        Grant::Refresh(token, scope) => {
            let mut token = token.clone();
            if app.flawed(Flaw::CutsRefreshTokens) {
                token = text(token.expose().chars().skip(1).collect());
            }
            form.push(("refresh_token", token));
            let mut scope = scope.to_string();
            if app.flawed(Flaw::RefreshesForMore) {
                scope.push_str(" patient/*.write");
            }
            if !app.flawed(Flaw::RefreshScopeForgotten) {
                form.push(("scope", text(scope)));
            }
        }
        Grant::System => {
            if !app.flawed(Flaw::SystemScopeForgotten) {
                form.push(("scope", text(app.settings.scope.to_string())));
            }
        }
    }
    form.extend(proof.form.iter().cloned());
    let form: Vec<(&str, &str)> = form.iter().map(|(name, it)| (*name, it.expose())).collect();
    let client = app.wire.client();
    let mut address = platform.token_endpoint.clone();
    if app.flawed(Flaw::OtherTokenEndpoint) {
        address.set_path(&format!("{}/v2", platform.token_endpoint.path()));
    }
    let request = if app.flawed(Flaw::TokenParametersInAddress) {
        client.post(address).query(&form)
    } else if app.flawed(Flaw::TokenRequestAsJson) {
        let members = form.iter().map(|(name, it)| ((*name).to_owned(), Value::from(*it)));
        client.post(address).json(&members.collect::<Map<String, Value>>())
    } else {
        client.post(address).form(&form)
    };
    let request = request.header(ACCEPT, "application/json");
    match proof.header() {
        Some((name, value)) => request.header(name, value),
        None => request,
    }
}

/// Reads an answer of success; `asked` is what was granted if it does not say.
fn read(app: &App, body: Option<&Value>, asked: &ScopeSet) -> Result<Tokens, Trouble> {
    let unreadable = || Trouble::unreadable("The platform's answer to the sign-in");
    let body = body.and_then(Value::as_object).ok_or_else(unreadable)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|it| !it.is_empty());
    let has_strangers = body.keys().any(|name| !KNOWN.contains(&name.as_str()));
    if has_strangers && app.flawed(Flaw::StrictAnswers) {
        return Err(unreadable());
    }
    let access = text("access_token").filter(|token| token.bytes().all(|it| it.is_ascii_graphic()));
    let access = match access {
        Some(access) => access.to_owned(),
        None if app.flawed(Flaw::TakesErrorsForTokens) => "undefined".to_owned(),
        None => return Err(unreadable()),
    };
    let kind = match body.get("token_type") {
        None => !app.flawed(Flaw::NeedsTokenType),
        Some(kind) => {
            let kind = kind.as_str().unwrap_or_default();
            let is_bearer = if kind == "Bearer" {
                true
            } else {
                kind.eq_ignore_ascii_case("bearer") && !app.flawed(Flaw::TokenTypeByLetter)
            };
            app.demand(Flaw::AnyTokenType, is_bearer)
        }
    };
    if !kind {
        let text = "It gave a kind of access that this app cannot use.";
        return Err(Trouble::new("The platform answered unexpectedly", text, WayOut::TryAgain));
    }
    let lifetime = match body.get("expires_in") {
        None | Some(Value::Null) if app.flawed(Flaw::NeedsExpiresIn) => return Err(unreadable()),
        None | Some(Value::Null) => None,
        Some(Value::String(_)) if app.flawed(Flaw::ExpiresInAsNumber) => return Err(unreadable()),
        Some(Value::String(seconds)) => seconds.trim().parse().ok(),
        Some(seconds) => seconds.as_i64().or_else(|| seconds.as_f64().map(|it| it as i64)),
    };
    let scope = text("scope").and_then(|scope| ScopeSet::parse(scope).ok());
    let scope = scope.filter(|_| !app.flawed(Flaw::TakesAllAsGranted));
    let context = body.iter().filter(|(name, _)| !TOKEN_MEMBERS.contains(&name.as_str()));
    Ok(Tokens {
        renew_at: lifetime.map(|lifetime| app.clock.unix() + renewed_after(lifetime)),
        access: Secret::new(access),
        refresh: text("refresh_token").map(Secret::new),
        id_token: text("id_token").map(Secret::new),
        scope: scope.unwrap_or_else(|| asked.clone()),
        context: context.map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}

impl Tokens {
    /// Whose record the app was opened for.
    pub(in crate::reference_app) fn patient(&self) -> Option<&str> {
        self.context.get("patient")?.as_str().filter(|id| !id.is_empty())
    }

    /// These tokens in the place of earlier ones: what is not said again stays as it was.
    pub(in crate::reference_app) fn following(mut self, app: &App, earlier: &Self) -> Self {
        if self.refresh.is_none() && !app.flawed(Flaw::ForgetsRefreshToken) {
            self.refresh = earlier.refresh.clone();
        }
        if self.refresh.is_some() && app.flawed(Flaw::KeepsOldRefreshToken) {
            self.refresh = earlier.refresh.clone();
        }
        self.id_token = self.id_token.or_else(|| earlier.id_token.clone());
        let mut context = earlier.context.clone();
        context.extend(self.context);
        self.context = context;
        self
    }
}

/// Seconds after which a token of this lifetime is renewed: a minute before it ends, or a quarter of
/// a short life.
fn renewed_after(lifetime: i64) -> i64 {
    lifetime - (lifetime / 4).clamp(0, 60)
}

fn refusal(
    grant: Grant<'_>,
    answer: &Answer,
    error: Option<&str>,
    body: Option<&Value>,
) -> Trouble {
    let described = |code: &str| {
        let described = body.and_then(|body| body.get("error_description")).and_then(Value::as_str);
        described.map_or(code.to_owned(), |described| format!("{code}: {described}"))
    };
    match error.map(|code| (code, ErrorCode::from(code))) {
        _ if matches!(answer.status, 429 | 503) => Trouble::busy(None),
        _ if answer.status >= 500 => Trouble::status("The sign-in", answer.status),
        Some((_, ErrorCode::InvalidGrant)) => match grant {
            Grant::Refresh(..) => Trouble::ended("The platform asks you to sign in again."),
            Grant::Code(..) | Grant::System => Trouble::new(
                "The sign-in was not accepted",
                "It is used or too old. Please sign in once more.",
                WayOut::SignIn,
            ),
        },
        Some((code, ErrorCode::InvalidClient)) => Trouble::new(
            "The platform does not know this app",
            format!("Its registration or its secret is not right ({}).", described(code)),
            WayOut::None,
        ),
        Some((code, _)) => Trouble::new(
            "The platform refused access",
            format!("It says: {}.", described(code)),
            WayOut::SignIn,
        ),
        None if answer.status == 200 => Trouble::unreadable("The platform's answer to the sign-in"),
        None => Trouble::status("The sign-in", answer.status),
    }
}

impl Grant<'_> {
    /// Its name on the wire.
    fn name(self) -> &'static str {
        match self {
            Self::Code(..) => "authorization_code",
            Self::Refresh(..) => "refresh_token",
            Self::System => "client_credentials",
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Code(..) => Kind::Code,
            Self::Refresh(..) => Kind::Refresh,
            Self::System => Kind::Token,
        }
    }
}

const TOKEN_MEMBERS: [&str; 6] =
    ["access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope"];
/// The members that the flawed app has heard of.
const KNOWN: [&str; 17] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "id_token",
    "scope",
    "patient",
    "encounter",
    "need_patient_banner",
    "smart_style_url",
    "username",
    "fhir_user_reference",
    "ah_practice",
    "ah_department",
    "ah_brand",
    "ah_csg",
    "tenant",
];
/// Characters of a code that the flawed app has room for.
const SHORT_CODE: usize = 255;
