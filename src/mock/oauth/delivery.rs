//! Sends the user back to the app, with what became of the authorize request.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;
use url::form_urlencoded::Serializer;

use super::authorize::AuthorizeRequest;
use super::grant::{Code, Grant};
use crate::dialect::{ResponseMode, Rule};
use crate::mock::fault;
use crate::mock::login::{self, escaped};
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::protocol::{OAuthError, random};

/// Where the answer goes and how, with what always goes along.
#[derive(Clone)]
pub(in crate::mock) struct ReturnAddress {
    pub(super) redirect_uri: String,
    pub(super) mode: ResponseMode,
    /// The app's state, exactly as it came.
    pub(super) state: Option<String>,
    /// Who answers, where the dialect says so (RFC 9207).
    pub(super) issuer: Option<String>,
}

impl ReturnAddress {
    /// The scheme of the app's address.
    pub(in crate::mock) fn scheme(&self) -> Option<&str> {
        self.redirect_uri.split_once(':').map(|(scheme, _)| scheme)
    }
}

/// Sends the user back with a code for a grant (RFC 6749 §4.1.2).
pub(in crate::mock) fn deliver_code(
    platform: &Platform,
    authorization: &AuthorizeRequest,
    grant: Grant,
) -> Response {
    let value = random::alphanumeric(SESSION_LENGTH);
    let code = Code {
        grant,
        redirect_uri: Some(authorization.return_to.redirect_uri.clone()),
        challenge: authorization.challenge.clone(),
        expires: platform.clock().unix() + platform.dialect().lifetimes.code,
        failed_attempts: 0,
        redeemed: None,
    };
    platform.state().codes.insert(value.clone(), code);
    let registered = &authorization.return_to.redirect_uri;
    if registered.contains('?') && platform.overlooks(Rule::RedirectUriKeepsQuery) {
        let without = registered.split('?').next().unwrap_or_default().to_owned();
        let bare = ReturnAddress { redirect_uri: without, ..authorization.return_to.clone() };
        return deliver(&bare, &[("code", &value)]);
    }
    deliver(&authorization.return_to, &[("code", &value)])
}

/// Sends the user back with an error (RFC 6749 §4.1.2.1).
pub(in crate::mock) fn deliver_error(return_to: &ReturnAddress, error: &OAuthError) -> Response {
    let description = error.description.as_deref().unwrap_or_default();
    deliver(return_to, &[("error", error.code.as_str()), ("error_description", description)])
}

/// Answers a request that nothing may be asked for and that needs something: at the app, or on a
/// page where the dialect says so.
pub(in crate::mock) fn deliver_silent_refusal(
    platform: &Platform,
    return_to: &ReturnAddress,
    error: &OAuthError,
) -> Response {
    if platform.dialect().authorize.silent_refusal_on_page {
        let code = error.code.as_str();
        let why = error.description.as_deref().unwrap_or_default();
        return login::error_page(StatusCode::BAD_REQUEST, &format!("{code}: {why}"));
    }
    deliver_error(return_to, error)
}

fn deliver(return_to: &ReturnAddress, answer: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(&return_to.redirect_uri) else {
        return login::error_page(StatusCode::BAD_REQUEST, "The redirect URL cannot be read.");
    };
    let beside = [("state", &return_to.state), ("iss", &return_to.issuer)];
    let beside = beside.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    let pairs = answer.iter().copied().chain(beside);
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let pairs = fault::delivered(pairs);
    match return_to.mode {
        // The address's own query is kept.
        ResponseMode::Query => drop(url.query_pairs_mut().extend_pairs(pairs)),
        ResponseMode::Fragment => {
            let fragment = Serializer::new(String::new()).extend_pairs(pairs).finish();
            url.set_fragment(Some(&fragment));
        }
        ResponseMode::FormPost => return form(&return_to.redirect_uri, &pairs),
    }
    login::redirect(url.as_str())
}

/// A page whose form is the answer; it posts itself, or waits for the user where scripts are off
/// (OAuth 2.0 Form Post Response Mode §2).
fn form(redirect_uri: &str, pairs: &[(String, String)]) -> Response {
    let fields: String = pairs
        .iter()
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value))
        })
        .collect();
    let body = format!(
        "<h1>Back to the app</h1><form method=\"post\" action=\"{}\">{fields}\
         <div class=\"actions\"><button>Continue</button></div></form><script>{SUBMIT}</script>",
        escaped(redirect_uri)
    );
    let hash = STANDARD.encode(digest(&SHA256, SUBMIT.as_bytes()));
    let page = login::page(StatusCode::OK, "Back to the app", &body);
    leading_elsewhere(page, &format!("script-src 'sha256-{hash}'"))
}

/// A page whose form may be sent to any address, also by way of redirects, and what it may do more.
pub(super) fn leading_elsewhere(mut page: Response, more: &str) -> Response {
    let policy = page.headers().get(CONTENT_SECURITY_POLICY).and_then(|it| it.to_str().ok());
    let policy = policy.unwrap_or_default().split(';').map(str::trim);
    let kept = policy.filter(|directive| !directive.starts_with("form-action"));
    let policy: Vec<&str> = kept.chain([more]).filter(|directive| !directive.is_empty()).collect();
    if let Ok(policy) = HeaderValue::from_str(&policy.join("; ")) {
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    page
}

const SUBMIT: &str = "document.forms[0].submit()";

#[cfg(test)]
mod tests {
    use crate::mock::testing::{CALLBACK, Tester, patient_web};

    const WRONG: (&str, &str) = ("prompt", "none login");

    #[tokio::test]
    async fn the_answer_comes_in_the_way_that_was_asked_for() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        for mode in ["query", ""] {
            let answer = tester.authorize(&app, &[WRONG, ("response_mode", mode)]).await;
            assert!(answer.location().starts_with(CALLBACK), "{mode}");
            assert_eq!(answer.parameter("error").as_deref(), Some("invalid_request"));
        }
        let answer = tester.authorize(&app, &[WRONG, ("response_mode", "fragment")]).await;
        let (address, fragment) =
            answer.location().split_once('#').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(address, CALLBACK);
        assert!(fragment.starts_with("error=invalid_request&"), "{fragment}");
        assert!(fragment.ends_with("state=st%7Eate+%2526%2B%2F%C3%A9"), "{fragment}");
        let answer = tester.authorize(&app, &[WRONG, ("response_mode", "form_post")]).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(answer.text.contains(&format!("action=\"{CALLBACK}\"")), "{}", answer.text);
        assert!(answer.text.contains("name=\"error\" value=\"invalid_request\""));
        assert!(answer.text.contains("name=\"state\" value=\"st~ate %26+/é\""));
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'sha256-"), "{policy}");
        assert!(!policy.contains("form-action"), "the form goes to the app");
        let answer = tester.authorize(&app, &[("response_mode", "okta_post_message")]).await;
        assert_eq!(answer.parameter("error").as_deref(), Some("invalid_request"));
    }

    #[tokio::test]
    async fn what_the_app_sends_cannot_become_html_of_the_platform() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let state = "\"><script>alert(1)</script>";
        let changes = [WRONG, ("response_mode", "form_post"), ("state", state)];
        let answer = tester.authorize(&app, &changes).await;
        assert!(!answer.text.contains("<script>alert"), "{}", answer.text);
        let answer = tester.authorize(&app, &[("redirect_uri", state), ("client_id", state)]).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert!(!answer.text.contains("alert(1)"), "{}", answer.text);
    }

    #[tokio::test]
    async fn answers_name_the_issuer_where_the_dialect_says_so() {
        for announced in [false, true] {
            let tester = Tester::with(|dialect| dialect.authorize.iss_in_answers = announced);
            let app = tester.register(patient_web()).await;
            let issuer = announced.then(|| tester.platform.issuer());
            let back = tester.log_in(tester.authorize(&app, &[]).await, "patient").await;
            assert!(back.parameter("code").is_some());
            assert_eq!(back.parameter("iss"), issuer);
            let refused = tester.authorize(&app, &[WRONG]).await;
            assert_eq!(refused.parameter("iss"), issuer);
        }
    }
}
