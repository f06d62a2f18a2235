//! Believes an ID token only if everything about it is right (OpenID Connect Core §3.1.3.7, §12.2).

use serde_json::{Map, Value};

use super::discovery::Platform;
use crate::protocol::id_token::at_hash;
use crate::protocol::{Algorithm, Jws, JwsError, KeySet};
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::trouble::Trouble;
use crate::secret::Secret;

/// Who signed in.
#[derive(Clone, Debug)]
pub(in crate::reference_app) struct Identity {
    pub(in crate::reference_app) iss: String,
    pub(in crate::reference_app) sub: String,
    /// The user's own FHIR resource, as the token has it.
    pub(in crate::reference_app) fhir_user: Option<String>,
}

/// What an ID token belongs to.
#[derive(Clone, Copy, Debug)]
pub(in crate::reference_app) enum Expected<'a> {
    /// A sign-in, with the `nonce` that was sent.
    SignIn(&'a str),
    /// A refresh, by the same user as before.
    Refresh(&'a Identity),
}

/// Verifies an ID token that came beside this access token.
pub(in crate::reference_app) async fn verify(
    app: &App,
    platform: &Platform,
    id_token: &Secret,
    access_token: &Secret,
    expected: Expected<'_>,
) -> Result<Identity, Trouble> {
    let refuse = |why: String| Trouble::untrusted(format!("The proof of who you are: {why}."));
    let jws = Jws::parse(id_token.expose()).map_err(|error| refuse(error.to_string()))?;
    prove(app, platform, &jws).await?;
    let claims = Claims { app, platform, claims: &jws.claims };
    claims.judge(access_token, expected).map_err(|why| refuse(why.to_owned()))?;
    Ok(Identity {
        iss: claims.text("iss").unwrap_or_default().to_owned(),
        sub: claims.text("sub").unwrap_or_default().to_owned(),
        fhir_user: claims.text("fhirUser").map(str::to_owned),
    })
}

/// Proves its signature; for a key that is not known, the platform is asked for its keys once more.
async fn prove(app: &App, platform: &Platform, jws: &Jws<'_>) -> Result<(), Trouble> {
    let Some(uri) = &platform.jwks_uri else {
        return Err(Trouble::untrusted("The platform does not say where its keys are."));
    };
    let mut outcome = proven(app, jws, &app.keys(uri).await?);
    if matches!(outcome, Err(JwsError::UnknownKey(_)))
        && !app.flawed(Flaw::NeverFetchesKeysAgain)
        && let Some(keys) = app.keys_again(uri).await?
    {
        outcome = proven(app, jws, &keys);
    }
    outcome.map_err(|error| Trouble::untrusted(format!("The proof of who you are: {error}.")))
}

fn proven(app: &App, jws: &Jws<'_>, keys: &KeySet) -> Result<(), JwsError> {
    let has_kid = jws.header_text("kid").is_some();
    if !has_kid && (app.flawed(Flaw::NeedsKid) || app.flawed(Flaw::BlankWithoutKid)) {
        return Err(JwsError::NoKeyId);
    }
    match jws.prove(keys, &[Algorithm::Rs256]) {
        Err(JwsError::AlgorithmNotAllowed(name)) => {
            let flaw =
                if name == "none" { Flaw::AcceptsAlgNone } else { Flaw::AcceptsAnyAlgorithm };
            if app.flawed(flaw) { Ok(()) } else { Err(JwsError::AlgorithmNotAllowed(name)) }
        }
        Err(JwsError::Signature) if app.flawed(Flaw::IgnoresSignature) => Ok(()),
        outcome => outcome,
    }
}

/// The claims of a token whose signature is proven.
struct Claims<'a> {
    app: &'a App,
    platform: &'a Platform,
    claims: &'a Map<String, Value>,
}

impl Claims<'_> {
    /// The first thing that is wrong with them.
    fn judge(&self, access_token: &Secret, expected: Expected<'_>) -> Result<(), &'static str> {
        let (app, client_id) = (self.app, self.app.settings.client_id.as_str());
        let now = app.clock.unix();
        let has_strangers = self.claims.keys().any(|name| name.starts_with("x_"));
        if has_strangers && app.flawed(Flaw::StrictIdToken) {
            return Err("it says what nobody knows");
        }
        self.judge_issuer(expected)?;
        self.judge_audience(client_id)?;
        let sub = self.text("sub").filter(|sub| !sub.is_empty());
        demand(app, Flaw::SubMissing, sub.is_some(), "it names nobody")?;
        if let Expected::Refresh(earlier) = expected {
            let is_same = sub == Some(&earlier.sub);
            demand(app, Flaw::RefreshOfOtherUser, is_same, "it is somebody else's now")?;
        }
        let leeway = if app.flawed(Flaw::NoLeeway) { 0 } else { LEEWAY };
        let exp = self.time("exp");
        demand(app, Flaw::ExpMissing, exp.is_some(), "it does not say when it ends")?;
        let is_over = exp.is_some_and(|exp| exp + leeway <= now);
        demand(app, Flaw::AcceptsExpired, !is_over, "it is too old")?;
        let iat = self.time("iat");
        if iat.is_some_and(|iat| iat > now + APART) && app.flawed(Flaw::BlankIfClocksDiffer) {
            return Err("it was made later than now");
        }
        demand(app, Flaw::IatMissing, iat.is_some(), "it does not say when it was made")?;
        if let (Expected::SignIn(_), Some(iat)) = (expected, iat) {
            let is_near = iat <= now + leeway && now <= iat + FRESH;
            demand(app, Flaw::AnyIat, is_near, "it was not made just now")?;
        }
        let nonce = self.claims.get("nonce").and_then(Value::as_str);
        if let Expected::SignIn(sent) = expected {
            demand(app, Flaw::NonceMissing, nonce.is_some(), "it has no nonce")?;
            let is_same = nonce.is_none_or(|nonce| nonce == sent);
            let is_same = app.demand(Flaw::TakesAnyCode, is_same);
            demand(app, Flaw::IgnoresNonce, is_same, "it belongs to another sign-in")?;
        }
        let hash = self.claims.get("at_hash");
        let fits = hash.is_none_or(|hash| *hash == at_hash(access_token));
        demand(app, Flaw::IgnoresAtHash, fits, "it belongs to another access token")
    }

    fn judge_issuer(&self, expected: Expected<'_>) -> Result<(), &'static str> {
        let (app, iss) = (self.app, self.text("iss"));
        if let Expected::Refresh(earlier) = expected {
            let is_same = iss == Some(&earlier.iss);
            return demand(app, Flaw::RefreshOfOtherIssuer, is_same, "another platform made it");
        }
        let is_platform = iss.is_some() && iss == self.platform.issuer.as_deref();
        demand(app, Flaw::IgnoresIss, is_platform, "another platform made it")
    }

    fn judge_audience(&self, client_id: &str) -> Result<(), &'static str> {
        let app = self.app;
        let aud = self.claims.get("aud");
        demand(app, Flaw::AudMissing, aud.is_some(), "it does not say for whom it is")?;
        let audience: Vec<&str> = match aud {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) if !app.flawed(Flaw::AudAsTextOnly) => {
                several.iter().filter_map(Value::as_str).collect()
            }
            None => return Ok(()),
            Some(_) => Vec::new(),
        };
        let is_own = audience.contains(&client_id);
        demand(app, Flaw::IgnoresAud, is_own, "it is for another app")?;
        let is_alone = audience.iter().all(|aud| *aud == client_id) || !is_own;
        demand(app, Flaw::AcceptsOtherAudiences, is_alone, "it is for other apps, too")?;
        let azp = self.claims.get("azp");
        let is_party = azp.is_none_or(|azp| *azp == client_id);
        demand(app, Flaw::IgnoresAzp, is_party, "it was issued to another app")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A `NumericDate` (RFC 7519 §2).
    fn time(&self, name: &str) -> Option<i64> {
        let value = self.claims.get(name)?;
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }
}

fn demand(app: &App, flaw: Flaw, holds: bool, why: &'static str) -> Result<(), &'static str> {
    if app.demand(flaw, holds) { Ok(()) } else { Err(why) }
}

/// Seconds that clocks may differ by.
const LEEWAY: i64 = 120;
/// Seconds by which clocks have to differ for a flawed app to show nothing.
const APART: i64 = 60;
/// Seconds after which a token of a sign-in was not made for it.
const FRESH: i64 = 300;
