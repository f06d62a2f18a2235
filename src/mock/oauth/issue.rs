//! Issues tokens, and the launch context beside them.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::check::Spent;
use super::grant::{AccessToken, Grant, RefreshToken};
use super::userinfo::claims_of;
use crate::dialect::{Rule, User};
use crate::mock::bearer::claims;
use crate::mock::fault::{self, TokenKind};
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::mock::portal::App;
use crate::protocol::{Scope, ScopeSet, random};

/// What the claims of an access token say, once its signature is proven.
pub(in crate::mock) struct TokenClaims {
    pub(in crate::mock) id: String,
    pub(in crate::mock) client_id: String,
    pub(in crate::mock) scope: ScopeSet,
    pub(in crate::mock) issued: i64,
    pub(in crate::mock) expires: i64,
    pub(in crate::mock) subject: String,
}

/// The answer to an app that asked for itself: an access token and nothing else.
pub(super) fn to_client(platform: &Platform, app: &App, scope: &ScopeSet) -> Value {
    let access_token = access_token(platform, app, scope, None);
    let lifetime = platform.dialect().lifetimes.system_access_token;
    Value::Object(answer(platform, access_token, lifetime, scope))
}

/// The answer to the first exchange of a grant.
pub(super) fn after_login(platform: &Platform, app: &App, number: u64, grant: &Grant) -> Value {
    let nonce = grant.nonce.as_deref();
    let mut answer = to_user(platform, app, number, grant, &grant.scope, nonce);
    if grant.can_be_refreshed(platform) || platform.overlooks(Rule::RefreshTokenAskedFor) {
        answer.insert("refresh_token".to_owned(), refresh_token(platform, number).into());
    }
    Value::Object(answer)
}

/// The answer to a refresh, with another refresh token where the used one is replaced.
pub(super) fn after_refresh(
    platform: &Platform,
    app: &App,
    number: u64,
    grant: &Grant,
    scope: &ScopeSet,
    spent: Spent,
) -> Value {
    // No nonce: there is no authorize request that it could belong to (OpenID Connect Core §12.2).
    let mut answer = to_user(platform, app, number, grant, scope, None);
    if spent == Spent::ToBeReplaced {
        answer.insert("refresh_token".to_owned(), refresh_token(platform, number).into());
    }
    Value::Object(answer)
}

/// Access token, ID token and launch context, as far as the scope asks for them.
fn to_user(
    platform: &Platform,
    app: &App,
    number: u64,
    grant: &Grant,
    scope: &ScopeSet,
    nonce: Option<&str>,
) -> Map<String, Value> {
    let access_token = access_token(platform, app, scope, Some((number, grant)));
    let id_token =
        scope.contains("openid").then(|| id_token(platform, grant, scope, &access_token, nonce));
    let lifetime = platform.dialect().lifetimes.access_token;
    let mut answer = answer(platform, access_token, lifetime, scope);
    answer.extend(context(platform, grant, scope));
    if let Some(id_token) = id_token {
        answer.insert("id_token".to_owned(), id_token.into());
    }
    answer
}

/// What the claims of an ID token of ours say of the user and the app; it may have expired.
pub(super) struct IdClaims {
    pub(super) client_id: String,
    pub(super) subject: String,
}

impl IdClaims {
    /// Reads an ID token; `None` for whatever is not one of this platform.
    pub(super) fn read(platform: &Platform, token: &str) -> Option<Self> {
        let claims = claims(platform, token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        text("jti").filter(|id| id.starts_with(ID_TOKEN))?;
        Some(Self { client_id: text("aud")?, subject: text("sub")? })
    }
}

/// A user's stable identifier at the issuer.
pub(super) fn subject(user: &User) -> String {
    let digest = digest(&SHA256, user.username.as_bytes());
    format!("00u{}", &URL_SAFE_NO_PAD.encode(digest)[..17])
}

/// The sandbox's user of a grant.
pub(in crate::mock) fn user_of<'a>(platform: &'a Platform, grant: &Grant) -> Option<&'a User> {
    platform.sandbox().users.get(grant.user)
}

impl TokenClaims {
    /// Reads the claims of one of our own access tokens; `None` for any other JWT of ours.
    pub(in crate::mock) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let names = claims.get("scp")?.as_array()?.iter().filter_map(Value::as_str);
        Some(Self {
            id: text("jti").filter(|id| id.starts_with(ACCESS_TOKEN))?,
            client_id: text("cid")?,
            scope: names.collect(),
            issued: claims.get("iat")?.as_i64()?,
            expires: claims.get("exp")?.as_i64()?,
            subject: text("sub")?,
        })
    }
}

fn answer(
    platform: &Platform,
    access_token: String,
    lifetime: i64,
    scope: &ScopeSet,
) -> Map<String, Value> {
    let expires_in = if platform.dialect().token.expires_in_as_string {
        json!(lifetime.to_string())
    } else {
        json!(lifetime)
    };
    let members = [
        ("token_type", json!("Bearer")),
        ("expires_in", expires_in),
        ("access_token", access_token.into()),
        ("scope", scope.to_string().into()),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn access_token(
    platform: &Platform,
    app: &App,
    scope: &ScopeSet,
    grant: Option<(u64, &Grant)>,
) -> String {
    let now = platform.clock().unix();
    let lifetimes = &platform.dialect().lifetimes;
    let lifetime = match grant {
        Some(_) => lifetimes.access_token,
        None => lifetimes.system_access_token,
    };
    let expires = now + lifetime;
    let id = format!("{ACCESS_TOKEN}{}", random::alphanumeric(SESSION_LENGTH));
    let scopes: Vec<&str> = scope.iter().map(Scope::as_str).collect();
    let mut claims = json!({
        "ver": 1,
        "jti": id,
        "iss": platform.issuer(),
        "aud": platform.base(),
        "iat": now,
        "exp": expires,
        "cid": app.client_id,
        "scp": scopes,
        "sub": app.client_id,
    });
    if let Some((number, grant)) = grant {
        if let Some(user) = user_of(platform, grant) {
            claims["sub"] = user.username.as_str().into();
            claims["uid"] = subject(user).into();
        }
        claims["auth_time"] = grant.auth_time.into();
        if let Some(launch) = &grant.launch {
            let user = user_of(platform, grant);
            if let (Some(ehr), Some(claims)) = (&platform.dialect().ehr, claims.as_object_mut()) {
                claims.extend(launch.filled_in(platform, user, &ehr.claims));
            }
        }
        platform.state().access_tokens.insert(id, AccessToken { grant: number, expires });
    }
    let token = fault::signed(platform, TokenKind::AccessToken, claims);
    if platform.dialect().token.opaque_access_tokens {
        hidden(platform, token, expires)
    } else {
        token
    }
}

/// An opaque token in the place of a JWT, which the platform keeps to itself.
fn hidden(platform: &Platform, token: String, expires: i64) -> String {
    let opaque = random::alphanumeric(SESSION_LENGTH);
    platform.state().opaque_tokens.insert(opaque.clone(), (token, expires));
    opaque
}

/// The JWT behind an access token, whatever an app is given.
pub(in crate::mock) fn jwt_of<'a>(platform: &Platform, token: &'a str) -> Cow<'a, str> {
    match platform.state().opaque_tokens.get(token) {
        Some((jwt, _)) if !platform.overlooks(Rule::OpaqueTokenKnown) => jwt.clone().into(),
        _ => token.into(),
    }
}

fn id_token(
    platform: &Platform,
    grant: &Grant,
    scope: &ScopeSet,
    access_token: &str,
    nonce: Option<&str>,
) -> String {
    let now = platform.clock().unix();
    let hash = digest(&SHA256, access_token.as_bytes());
    let left_half = &hash.as_ref()[..hash.as_ref().len() / 2];
    let mut claims = json!({
        "ver": 1,
        "jti": format!("{ID_TOKEN}{}", random::alphanumeric(SESSION_LENGTH)),
        "iss": platform.issuer(),
        "aud": grant.client_id,
        "iat": now,
        "exp": now + platform.dialect().lifetimes.id_token,
        "amr": ["pwd"],
        "idp": "00o1a2b3c4d5e6f7g8h9",
        "auth_time": grant.auth_time,
        "at_hash": URL_SAFE_NO_PAD.encode(left_half),
    });
    if platform.dialect().token.azp_in_id_token {
        claims["azp"] = grant.client_id.as_str().into();
    }
    if let Some(user) = user_of(platform, grant) {
        claims["sub"] = subject(user).into();
        for (name, value) in claims_of(platform, user, scope) {
            claims[name] = value;
        }
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    fault::signed(platform, TokenKind::IdToken, claims)
}

fn refresh_token(platform: &Platform, grant: u64) -> String {
    let token = random::alphanumeric(SESSION_LENGTH);
    let expires = platform.clock().unix() + platform.dialect().lifetimes.refresh_token;
    let issued = RefreshToken { grant, expires, replaced: None };
    platform.state().refresh_tokens.insert(token.clone(), issued);
    token
}

/// Where or about whom the app was launched: beside the tokens, never in them.
pub(super) fn context(platform: &Platform, grant: &Grant, scope: &ScopeSet) -> Map<String, Value> {
    let mut context = Map::new();
    let add = |context: &mut Map<String, Value>, name: &str, value: &str| {
        context.insert(name.to_owned(), value.into());
    };
    let is_asked = || scope.contains("launch") || platform.overlooks(Rule::LaunchScope);
    if let Some(launch) = grant.launch.as_ref().filter(|_| is_asked()) {
        if let Some(patient) = &launch.patient {
            add(&mut context, "patient", patient);
        }
        if let Some(encounter) = &launch.encounter {
            add(&mut context, "encounter", encounter);
        }
        if let Some(intent) = &launch.intent {
            add(&mut context, "intent", intent);
        }
        if let Some(ehr) = &platform.dialect().ehr {
            let user = user_of(platform, grant);
            context.extend(launch.filled_in(platform, user, &ehr.context));
        }
    } else if let Some(patient) = &grant.patient {
        let with_encounter = scope.contains("launch/encounter");
        if with_encounter || scope.contains("launch/patient") {
            add(&mut context, "patient", patient);
        }
        if let Some(encounter) = grant.encounter.as_ref().filter(|_| with_encounter) {
            add(&mut context, "encounter", encounter);
        }
    }
    context
}

/// What the identifiers of our access tokens begin with.
const ACCESS_TOKEN: &str = "AT.";
/// What the identifiers of our ID tokens begin with.
const ID_TOKEN: &str = "ID.";
