//! Ends the user's session in the login widget (OpenID Connect RP-Initiated Logout 1.0 §2).

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Extension;
use axum::http::header::{ALLOW, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::delivery::leading_elsewhere;
use super::issue::{IdClaims, subject};
use crate::dialect::Rule;
use crate::mock::login::{self, cookie, escaped, session, signed_in_user};
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::{Parameters, Received};

/// `GET {oauth}/logout`.
pub(super) async fn by_query(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    logout(&platform, &request, &request.query).unwrap_or_else(refused)
}

/// `POST {oauth}/logout`: the user's own confirmation, or an app's request where the dialect has it.
pub(super) async fn by_form(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if !platform.dialect().logout.by_post && !is_confirmed(&platform, &request, &request.form) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    logout(&platform, &request, &request.form).unwrap_or_else(refused)
}

/// To a registered address of the app that asks, or to a page that says that the session is over.
///
/// Nobody is signed out by a link alone: an ID token of the same user has to come along, or the user
/// is asked.
fn logout(
    platform: &Platform,
    request: &Received,
    parameters: &Parameters,
) -> Result<Response, &'static str> {
    if parameters.repeated().is_some() {
        return Err("A parameter is sent more than once.");
    }
    let sent = parameters.get("id_token_hint");
    let hint = sent.and_then(|hint| IdClaims::read(platform, hint));
    let is_known = sent.is_none() || hint.is_some();
    platform.demand(Rule::LogoutHint, is_known, || NO_ID_TOKEN)?;
    let app = app(platform, hint.as_ref(), parameters)?;
    let to = return_address(platform, app.as_deref(), parameters)?;
    let session = session(platform, request);
    let user = signed_in_user(platform, session);
    let is_meant = |hint: &IdClaims| user.is_some_and(|user| subject(user) == hint.subject);
    let is_certain = !platform.dialect().logout.confirm_without_hint
        || hint.as_ref().is_some_and(is_meant)
        || is_confirmed(platform, request, parameters);
    if let (Some(session), Some(_), false) = (session, user, is_certain) {
        return Ok(question(platform, session, parameters));
    }
    let ends = user.is_none() || !platform.overlooks(Rule::LogoutEndsSession);
    if let Some(session) = session.filter(|_| ends) {
        platform.state().sessions.remove(session);
    }
    let mut response = match to {
        None => login::signed_out(),
        Some(to) => login::redirect(to.as_str()),
    };
    if let Ok(value) = HeaderValue::from_str(&cookie(platform, ""))
        && ends
    {
        response.headers_mut().append(SET_COOKIE, value);
    }
    Ok(response)
}

/// The app that the ID token was issued to; without one, the app that `client_id` names.
fn app(
    platform: &Platform,
    hint: Option<&IdClaims>,
    parameters: &Parameters,
) -> Result<Option<Arc<App>>, &'static str> {
    let named = parameters.get("client_id");
    let id = match (hint.map(|hint| hint.client_id.as_str()), named) {
        (Some(meant), Some(named)) if meant != named => {
            return Err("client_id is not the app of id_token_hint.");
        }
        (None, None) => return Ok(None),
        (meant, named) => meant.or(named).unwrap_or_default(),
    };
    platform.state().app(id).map(Some).ok_or("The app is not known.")
}

/// Where the user goes afterwards, with the app's state.
fn return_address(
    platform: &Platform,
    app: Option<&App>,
    parameters: &Parameters,
) -> Result<Option<Url>, &'static str> {
    let Some(to) = parameters.get("post_logout_redirect_uri") else { return Ok(None) };
    let mut registered = app.iter().flat_map(|app| &app.post_logout_redirect_uris);
    platform.demand(
        Rule::LogoutRedirectRegistered,
        registered.any(|uri| uri == to),
        || "post_logout_redirect_uri is not registered by the app that asks.",
    )?;
    let mut url = Url::parse(to).map_err(|_| "post_logout_redirect_uri cannot be read.")?;
    if let Some(state) = parameters.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(Some(url))
}

/// Asks the user, and keeps what the app sent for the answer.
fn question(platform: &Platform, session: &str, parameters: &Parameters) -> Response {
    let kept = parameters.iter().filter(|(name, _)| KEPT.contains(name));
    let fields: String = kept
        .chain([(CONFIRMED, proof(session).as_str())])
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value))
        })
        .collect();
    let action = platform.path(&format!("{}/logout", platform.dialect().paths.oauth));
    let body = format!(
        "<h1>Sign out?</h1><p>You are signed in. Do you want to sign out?</p>\
         <form id=\"sign-out\" method=\"post\" action=\"{action}\">{fields}\
         <div class=\"actions\"><button>Sign out</button></div></form>"
    );
    leading_elsewhere(login::page(StatusCode::OK, "Sign out", &body), "")
}

/// Whether the question's own form was sent, by the browser that it was shown to.
fn is_confirmed(platform: &Platform, request: &Received, parameters: &Parameters) -> bool {
    let shown = parameters.get(CONFIRMED).unwrap_or_default();
    let own = session(platform, request).map(proof);
    own.is_some_and(|own| verify_slices_are_equal(own.as_bytes(), shown.as_bytes()).is_ok())
}

/// What only a page of ours can know of a session, without giving it away.
fn proof(session: &str) -> String {
    let text = format!("sign out {session}");
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

fn refused(why: &'static str) -> Response {
    login::error_page(StatusCode::BAD_REQUEST, why)
}

const NO_ID_TOKEN: &str = "id_token_hint is not an ID token of this platform.";
const CONFIRMED: &str = "confirmed";
const KEPT: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

#[cfg(test)]
mod tests {
    use crate::mock::testing::{Answer, TestApp, Tester, patient_browser, patient_web};

    const LOGOUT: &str = "/oauth2/v1/logout";
    const BYE: &str = "post_logout_redirect_uri=http://127.0.0.1:2/bye";

    async fn is_signed_in(tester: &Tester, app: &TestApp) -> bool {
        let challenge = "a".repeat(43);
        let changes = [
            ("scope", "openid"),
            ("prompt", "none"),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        tester.authorize(app, &changes).await.parameter("code").is_some()
    }

    /// The fields of the form on a page.
    fn fields(page: &Answer) -> Vec<(String, String)> {
        let inputs = page.text.split("<input ").skip(1);
        let attribute = |input: &str, name: &str| {
            let rest = input.split_once(&format!("{name}=\"")).unwrap().1;
            rest.split_once('"').unwrap().0.to_owned()
        };
        inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
    }

    #[tokio::test]
    async fn logging_out_ends_the_session_and_returns_to_registered_addresses_only() {
        let tester = Tester::new();
        let app = tester.register(patient_browser()).await;
        let other = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let openid = [("scope", "openid")];
        tester.patient_tokens(&app, &openid).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        for query in [
            format!("id_token_hint={hint}&post_logout_redirect_uri=https://elsewhere.example/"),
            format!("id_token_hint={hint}&{BYE}/"),
            format!("id_token_hint={hint}&{BYE}&{BYE}"),
            format!("id_token_hint={hint}x&{BYE}"),
            format!("id_token_hint={access}&{BYE}"),
            format!("id_token_hint={hint}&client_id={}&{BYE}", other.id),
            format!("client_id=unknown&{BYE}"),
            BYE.to_owned(),
        ] {
            let answer = tester.get(&format!("{LOGOUT}?{query}"), &[]).await;
            assert_eq!((answer.status.as_u16(), answer.location().as_str()), (400, ""), "{query}");
        }
        assert!(is_signed_in(&tester, &app).await);
        let query = format!("id_token_hint={hint}&client_id={}&{BYE}&state=s", app.id);
        let answer = tester.get(&format!("{LOGOUT}?{query}"), &[]).await;
        assert_eq!(answer.location(), "http://127.0.0.1:2/bye?state=s");
        assert!(!is_signed_in(&tester, &app).await);
        let again = tester.get(&format!("{LOGOUT}?{query}"), &[]).await;
        assert_eq!(again.location(), "http://127.0.0.1:2/bye?state=s", "without a session");
        assert_eq!(tester.get(LOGOUT, &[]).await.status.as_u16(), 200, "without anything");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        assert_eq!(tester.token(&app, &form).await.status.as_u16(), 200, "refreshing goes on");
    }

    #[tokio::test]
    async fn without_an_id_token_the_user_is_asked_first() {
        let tester = Tester::new();
        let app = tester.register(patient_browser()).await;
        tester.patient_tokens(&app, &[("scope", "openid")]).await;
        let query = format!("client_id={}&{BYE}&state=%22%3E%3Cb%3E", app.id);
        let page = tester.get(&format!("{LOGOUT}?{query}"), &[]).await;
        assert_eq!(page.status.as_u16(), 200);
        assert!(!page.text.contains("\"><b>"), "{}", page.text);
        assert!(is_signed_in(&tester, &app).await, "a link alone signs nobody out");
        let guessed = [("confirmed", "yes")];
        assert_eq!(tester.post(LOGOUT, &[], &guessed).await.status.as_u16(), 405);
        assert!(is_signed_in(&tester, &app).await);
        let fields = fields(&page);
        let form: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let form: Vec<_> = form
            .into_iter()
            .map(|(name, value)| if name == "state" { (name, "s") } else { (name, value) })
            .collect();
        let answer = tester.post(LOGOUT, &[], &form).await;
        assert_eq!(answer.location(), "http://127.0.0.1:2/bye?state=s");
        assert!(!is_signed_in(&tester, &app).await);
    }

    #[tokio::test]
    async fn another_users_id_token_signs_nobody_out_unasked() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let openid = ("scope", "openid");
        let tokens = tester.patient_tokens(&app, &[openid]).await;
        let start = tester.authorize(&app, &[openid, ("prompt", "login")]).await;
        tester.log_in(start, "parent").await;
        let hint = tokens["id_token"].as_str().unwrap();
        let page = tester.get(&format!("{LOGOUT}?id_token_hint={hint}&{BYE}"), &[]).await;
        assert!(page.text.contains("Sign out?"));
        assert!(is_signed_in(&tester, &app).await);
    }

    #[tokio::test]
    async fn apps_may_post_and_ask_nothing_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| {
            dialect.logout.by_post = true;
            dialect.logout.confirm_without_hint = false;
        });
        let app = tester.register(patient_browser()).await;
        tester.patient_tokens(&app, &[("scope", "openid")]).await;
        let form = [
            ("client_id", app.id.as_str()),
            ("post_logout_redirect_uri", "http://127.0.0.1:2/bye"),
        ];
        let answer = tester.post(LOGOUT, &[], &form).await;
        assert_eq!(answer.location(), "http://127.0.0.1:2/bye");
        assert!(!is_signed_in(&tester, &app).await);
    }
}
