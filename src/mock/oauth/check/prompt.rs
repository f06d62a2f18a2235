//! Whether the user may, or must, be asked again, and which user (OpenID Connect Core §3.1.2.1).

use crate::dialect::{Rule, User};
use crate::mock::oauth::issue::{IdClaims, subject};
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidRequest;

/// What the app wants the user to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::mock) struct Prompt {
    /// Nothing: answer with an error instead.
    pub(in crate::mock) none: bool,
    /// For the password, session or not; choosing an account is done on the same page.
    pub(in crate::mock) login: bool,
    /// For consent, remembered or not.
    pub(in crate::mock) consent: bool,
    /// For the password, if the session is older than so many seconds.
    max_age: Option<i64>,
    /// The subject of the only user who will do.
    subject: Option<String>,
}

impl Prompt {
    /// Whether a user who signed in at some time has to do it again.
    pub(in crate::mock) fn demands_login(
        &self,
        platform: &Platform,
        auth_time: i64,
        now: i64,
    ) -> bool {
        let is_old = self.max_age.is_some_and(|most| now - auth_time > most);
        self.login && !platform.overlooks(Rule::PromptLogin)
            || is_old && !platform.overlooks(Rule::MaxAge)
    }

    /// Whether a user is the one whom the app means, if it means one.
    pub(in crate::mock) fn admits(&self, user: &User) -> bool {
        self.subject.as_ref().is_none_or(|meant| *meant == subject(user))
    }
}

/// Reads `prompt`, `max_age` and `id_token_hint`; values of `prompt` that mean nothing here are left
/// alone.
pub(in crate::mock::oauth) fn prompt(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<Prompt, Refusal> {
    let refuse = |why: &str| Refusal::new(InvalidRequest, why);
    let values: Vec<&str> =
        parameters.get("prompt").map(|text| text.split(' ').collect()).unwrap_or_default();
    let has = |value: &str| values.contains(&value);
    let is_alone = !has("none") || values.len() == 1;
    platform.demand(Rule::PromptNoneAlone, is_alone, || refuse("prompt=none stands alone."))?;
    let max_age = parameters.get("max_age").map(str::parse::<u32>).transpose();
    let max_age = max_age.map_err(|_| refuse("max_age is no number of seconds."))?;
    let subject = parameters.get("id_token_hint").map(|hint| {
        let claims = IdClaims::read(platform, hint);
        claims
            .map(|claims| claims.subject)
            .ok_or_else(|| refuse("id_token_hint is not an ID token of this platform."))
    });
    Ok(Prompt {
        none: has("none"),
        login: has("login") || has("select_account") || max_age == Some(0),
        consent: has("consent"),
        max_age: max_age.map(i64::from),
        subject: subject.transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use crate::mock::testing::{Tester, patient_web};

    async fn ends(
        tester: &Tester,
        app: &crate::mock::testing::TestApp,
        more: &[(&str, &str)],
    ) -> String {
        let scope = [("scope", "openid")];
        let answer = tester.authorize(app, &[&scope[..], more].concat()).await;
        if answer.location().starts_with("/login?") {
            return "login".to_owned();
        }
        answer.parameter("error").unwrap_or_else(|| "code".to_owned())
    }

    #[tokio::test]
    async fn a_session_serves_unless_the_app_wants_a_fresh_login() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        assert_eq!(
            ends(&tester, &app, &[("max_age", "0"), ("prompt", "none")]).await,
            "login_required"
        );
        tester.patient_tokens(&app, &[("scope", "openid")]).await;
        tester.wait(100);
        for (name, value, expected) in [
            ("foo", "bar", "code"),
            ("prompt", "none", "code"),
            ("prompt", "create", "code"),
            ("prompt", "login", "login"),
            ("prompt", "select_account", "login"),
            ("prompt", "none login", "invalid_request"),
            ("max_age", "100", "code"),
            ("max_age", "99", "login"),
            ("max_age", "0", "login"),
            ("max_age", "-1", "invalid_request"),
            ("max_age", "soon", "invalid_request"),
            ("login_hint", "somebody@example.com", "code"),
            ("display", "popup", "code"),
            ("ui_locales", "de en", "code"),
            ("acr_values", "urn:example:2", "code"),
            ("claims", "{}", "code"),
            ("request", "e30.e30.", "request_not_supported"),
            ("request_uri", "https://app.example/request", "request_uri_not_supported"),
            ("registration", "{}", "registration_not_supported"),
            ("id_token_hint", "a.b.c", "invalid_request"),
        ] {
            assert_eq!(ends(&tester, &app, &[(name, value)]).await, expected, "{name}={value}");
        }
        let silent = [("prompt", "none"), ("max_age", "99")];
        assert_eq!(ends(&tester, &app, &silent).await, "login_required");
    }

    #[tokio::test]
    async fn a_fresh_login_moves_auth_time_on() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let scope = ("scope", "openid");
        let auth_time = |tokens: serde_json::Value| {
            let token = tokens["id_token"].as_str().unwrap().to_owned();
            crate::protocol::Jws::parse(&token).unwrap().claims["auth_time"].as_i64().unwrap()
        };
        let first = auth_time(tester.patient_tokens(&app, &[scope]).await);
        tester.wait(100);
        assert_eq!(auth_time(tester.patient_tokens(&app, &[scope]).await), first);
        let again = tester.patient_tokens(&app, &[scope, ("max_age", "10")]).await;
        assert_eq!(auth_time(again), first + 100);
    }

    #[tokio::test]
    async fn an_id_token_names_the_only_user_who_will_do() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let scope = ("scope", "openid");
        let tokens = tester.patient_tokens(&app, &[scope]).await;
        let (id, access) = (&tokens["id_token"], &tokens["access_token"]);
        let hint = ("id_token_hint", id.as_str().unwrap());
        assert_eq!(ends(&tester, &app, &[hint, ("prompt", "none")]).await, "code");
        let no_id = ("id_token_hint", access.as_str().unwrap());
        assert_eq!(ends(&tester, &app, &[no_id]).await, "invalid_request");
        let start = tester.authorize(&app, &[scope, ("prompt", "login")]).await;
        assert!(tester.log_in(start, "parent").await.parameter("code").is_some());
        assert_eq!(ends(&tester, &app, &[hint, ("prompt", "none")]).await, "login_required");
        let start = tester.authorize(&app, &[scope, hint]).await;
        let ticket = start.location().split_once("?ticket=").unwrap().1.to_owned();
        let form = [
            ("ticket", &*ticket),
            ("username", "maria.medlock@example.com"),
            ("password", "Sandbox-Parent-7390"),
        ];
        let other = tester.post("/login", &[], &form).await;
        assert!(other.text.contains("okta-form-infobox-error"), "another user will not do");
        assert!(tester.log_in(start, "patient").await.parameter("code").is_some());
        tester.wait(100_000);
        let old = tester.authorize(&app, &[scope, hint]).await;
        assert!(old.location().starts_with("/login?"), "an ID token that has expired still names");
    }

    #[tokio::test]
    async fn what_cannot_be_done_silently_ends_on_a_page_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| dialect.authorize.silent_refusal_on_page = true);
        let app = tester.register(patient_web()).await;
        let answer = tester.authorize(&app, &[("prompt", "none")]).await;
        assert_eq!((answer.status.as_u16(), answer.location().as_str()), (400, ""));
        assert!(answer.text.contains("login_required"));
    }

    #[tokio::test]
    async fn pkce_is_asked_of_all_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| dialect.authorize.pkce_for_all = true);
        let app = tester.register(patient_web()).await;
        assert_eq!(ends(&tester, &app, &[]).await, "invalid_request");
        let challenge = "a".repeat(43);
        let pkce = [("code_challenge", &*challenge), ("code_challenge_method", "S256")];
        assert_eq!(ends(&tester, &app, &pkce).await, "login");
    }
}
