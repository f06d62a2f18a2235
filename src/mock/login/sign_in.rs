//! The sign-in: user name and password, on one page or two.

use std::sync::Arc;

use axum::Extension;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use minijinja::context;

use super::notice::no_visit;
use super::page::redirect;
use super::session::{Purpose, Ticket, begin_session, cookie, session, signed_in};
use super::step::{authorized, deny, look, next, suits, ticket};
use crate::dialect::{Rule, Skin, User, UserKind};
use crate::mock::platform::{Environment, Platform};
use crate::mock::request::{Parameters, Received};

/// What a page of the sign-in asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Both,
    UserName,
    Password,
}

/// What is wrong with what the user typed.
#[derive(Clone, Copy, Default)]
struct Faults {
    no_user_name: bool,
    no_password: bool,
    refused: bool,
}

/// `GET {login}`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    let Some(visit) = ticket(&platform, id) else {
        return no_visit(&platform, id);
    };
    let session = session(&platform, &request);
    let ended = session.is_some() && signed_in(&platform, session).is_none();
    let notice = if ended { "Your session has ended. Please sign in again." } else { "" };
    form(&platform, &visit, id, first_page(&platform), Faults::default(), notice)
}

/// `GET {login}/password`: the second page, where there are two.
pub(super) async fn show_password(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    match ticket(&platform, id) {
        None => no_visit(&platform, id),
        Some(visit) if visit.user_name.is_none() => next(&platform, None, id),
        Some(visit) => form(&platform, &visit, id, Asks::Password, Faults::default(), ""),
    }
}

/// `POST {login}` and `POST {login}/password`.
pub(super) async fn submit(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.form.get("ticket").unwrap_or_default();
    let Some(mut visit) = ticket(&platform, id) else {
        return no_visit(&platform, id);
    };
    if request.form.get("decision") == Some("cancel") {
        return deny(&platform, id);
    }
    let password = either(&request.form, "password", "credentials.passcode");
    let on_second_page = request.path.ends_with("/password");
    let asks = if on_second_page { Asks::Password } else { first_page(&platform) };
    if !on_second_page {
        let typed = either(&request.form, "username", "identifier").unwrap_or_default().trim();
        visit.user_name = Some(typed.to_owned());
        if let Some(kept) = platform.state().tickets.get_mut(id) {
            kept.user_name = visit.user_name.clone();
        }
    }
    let user_name = visit.user_name.clone().unwrap_or_default();
    if asks == Asks::UserName && password.is_none() && !user_name.is_empty() {
        // Whether there is such a user is not told before the password is known.
        return redirect(&format!("{}/password?ticket={id}", platform.login_path()));
    }
    let password = password.unwrap_or_default();
    let faults = Faults {
        no_user_name: user_name.is_empty(),
        no_password: password.is_empty() && asks != Asks::UserName,
        refused: false,
    };
    let is_filled_in = !faults.no_user_name && !faults.no_password;
    if !is_filled_in && !platform.overlooks(Rule::SignInFilledIn) {
        return form(&platform, &visit, id, asks, faults, "");
    }
    let mut users = platform.sandbox().users.iter();
    let known = users.position(|user| {
        user.username.eq_ignore_ascii_case(&user_name)
            && (user.password == password || platform.overlooks(Rule::Password))
            && may_sign_in(&platform, user, &visit)
    });
    let known = known.or_else(|| of_elsewhere(&platform, &user_name, password, &visit));
    let Some(user) = known else {
        return form(&platform, &visit, id, asks, Faults { refused: true, ..faults }, "");
    };
    let session = begin_session(&platform, user);
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        visit.signed_in = true;
        // Whoever sat here before may have answered for somebody else.
        (visit.record, visit.encounter, visit.allowed) = (None, None, None);
    }
    let mut response = next(&platform, Some(&session), id);
    if let Ok(value) = HeaderValue::from_str(&cookie(&platform, &session)) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// A field that has another name in each skin.
fn either<'a>(form: &'a Parameters, classic: &str, engine: &str) -> Option<&'a str> {
    form.get(classic).or_else(|| form.get(engine))
}

fn first_page(platform: &Platform) -> Asks {
    let login = &platform.dialect().login;
    let in_two = login.skin == Skin::IdentityEngine && login.user_name_first;
    if in_two { Asks::UserName } else { Asks::Both }
}

/// Somebody of this environment whom a user of Preview is taken for, if that is passed over.
fn of_elsewhere(
    platform: &Platform,
    user_name: &str,
    password: &str,
    visit: &Ticket,
) -> Option<usize> {
    let preview = platform.in_environment(Environment::Preview);
    let mut theirs = preview.sandbox().users.iter();
    let known = platform.environment() != Environment::Preview
        && theirs.any(|it| it.username == user_name && it.password == password);
    let mut own = platform.sandbox().users.iter();
    let taken_for = own.position(|user| may_sign_in(platform, user, visit));
    taken_for.filter(|_| known && platform.overlooks(Rule::UserEnvironment))
}

fn may_sign_in(platform: &Platform, user: &User, visit: &Ticket) -> bool {
    match &visit.purpose {
        Purpose::Authorize(asked) => suits(platform, user, asked),
        Purpose::Page(_) => user.kind == UserKind::Provider,
        Purpose::Over(_) => false,
    }
}

fn form(
    platform: &Platform,
    visit: &Ticket,
    id: &str,
    asks: Asks,
    faults: Faults,
    notice: &str,
) -> Response {
    let dialect = platform.dialect();
    let asked = authorized(visit);
    let hint = asked.and_then(|asked| asked.login_hint.as_deref());
    let context = context! {
        title => if faults.refused || faults.no_user_name || faults.no_password {
            "Error: Sign in"
        } else {
            "Sign in"
        },
        app => asked.map(|asked| &asked.app.name).or(dialect.ehr.as_ref().map(|ehr| &ehr.name)),
        asks => match asks {
            Asks::Both => "both",
            Asks::UserName => "user name",
            Asks::Password => "password",
        },
        login => platform.login_path(),
        ticket => id,
        user_name => visit.user_name.as_deref().or(hint),
        no_user_name => faults.no_user_name,
        no_password => faults.no_password,
        refused => faults.refused,
        cancel => asked.is_some(),
        notice,
    };
    let template = match dialect.login.skin {
        Skin::Classic => "classic.html",
        Skin::IdentityEngine => "engine.html",
    };
    look(platform, visit).page(StatusCode::OK, template, context)
}

#[cfg(test)]
mod tests {
    use crate::dialect::Skin;
    use crate::mock::testing::{Answer, CALLBACK, Tester, patient_web, provider_web};

    fn ticket(answer: &Answer) -> String {
        answer.location().split_once("ticket=").unwrap().1.to_owned()
    }

    const JAKE: (&str, &str) = ("username", "jake.medlock@example.com");
    const RIGHT: (&str, &str) = ("password", "Sandbox-Patient-4821");

    #[tokio::test]
    async fn what_does_not_sign_in_stays_in_the_widget() {
        let tester = Tester::new();
        let patients = tester.register(patient_web()).await;
        let providers = tester.register(provider_web()).await;
        let scope = [("scope", "openid")];
        let provider = ("username", "p-achen");
        let password = ("password", "Sandbox-Provider-1956");
        let refused = "class=\"okta-form-infobox-error infobox infobox-error\" role=\"alert\"";
        for (app, changes, form, message) in [
            (&patients, &[][..], [JAKE, ("password", "wrong")], refused),
            (&patients, &[], [provider, password], refused),
            (&providers, &scope, [JAKE, RIGHT], refused),
            (&patients, &[], [JAKE, ("password", "")], "id=\"okta-signin-password-error\""),
            (&patients, &[], [("username", ""), RIGHT], "id=\"okta-signin-username-error\""),
        ] {
            let id = ticket(&tester.authorize(app, changes).await);
            let form = [&form[..], &[("ticket", &id)]].concat();
            let answer = tester.post("/login", &[], &form).await;
            assert_eq!(answer.location(), "", "{form:?}");
            assert!(answer.text.contains(message), "{form:?}: {}", answer.text);
            assert!(!answer.headers.contains_key("set-cookie"), "{form:?}");
        }
    }

    #[tokio::test]
    async fn the_pages_guard_themselves() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let start = tester.authorize(&app, &[]).await;
        let page = tester.get(&start.location(), &[]).await;
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.text.contains("Health &lt;Diary&gt;"));
        for id in ["okta-signin-username", "okta-signin-password", "okta-signin-submit"] {
            assert!(page.text.contains(&format!("id=\"{id}\"")), "{id}");
        }
        let form = [JAKE, RIGHT, ("ticket", &ticket(&start))];
        let signed_in = tester.post("/login", &[], &form).await;
        let cookie = signed_in.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("sid="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=None; Secure"), "{cookie}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        for rule in [
            "default-src 'none'; style-src 'sha256-",
            "form-action 'self' http:;",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{rule}: {policy}");
        }
        assert_eq!(page.headers["referrer-policy"], "same-origin");
    }

    #[tokio::test]
    async fn over_https_the_cookie_is_this_hosts_alone() {
        for (base, begins, ends) in [
            ("https://login.example", "__Host-sid=", "; Path=/; HttpOnly; SameSite=None; Secure"),
            ("http://login.example", "sid=", "; Path=/; HttpOnly; SameSite=Lax"),
        ] {
            let tester = Tester::at(base);
            let app = tester.register(patient_web()).await;
            let id = ticket(&tester.authorize(&app, &[]).await);
            let signed_in = tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &id)]).await;
            let cookie = signed_in.headers["set-cookie"].to_str().unwrap();
            assert!(cookie.starts_with(begins) && cookie.ends_with(ends), "{cookie}");
            let silent = tester.authorize(&app, &[("scope", "openid"), ("prompt", "none")]).await;
            assert!(silent.parameter("code").is_some(), "{base}");
        }
    }

    #[tokio::test]
    async fn the_identity_engine_asks_on_two_pages_or_on_one() {
        let names = ["name=\"identifier\"", "name=\"credentials.passcode\"", "type=\"submit\""];
        for in_two in [true, false] {
            let tester = Tester::with(|dialect| {
                dialect.login.skin = Skin::IdentityEngine;
                dialect.login.user_name_first = in_two;
            });
            let app = tester.register(patient_web()).await;
            let start = tester.authorize(&app, &[]).await;
            let id = ticket(&start);
            let first = tester.get(&start.location(), &[]).await.text;
            assert_eq!(names.map(|name| first.contains(name)), [true, !in_two, true]);
            let mut page = "/login".to_owned();
            let user = ("identifier", JAKE.1);
            let mut form = vec![("ticket", &*id), user];
            if in_two {
                let early = tester.get(&format!("/login/password?ticket={id}"), &[]).await;
                assert!(early.location().starts_with("/login?"), "no user name was typed yet");
                for nobody in ["nobody@example.com", user.1] {
                    let sent = [("ticket", &*id), ("identifier", nobody)];
                    let next = tester.post(&page, &[], &sent).await;
                    assert!(next.location().starts_with("/login/password?"), "{nobody}");
                }
                let second = tester.get(&format!("/login/password?ticket={id}"), &[]).await.text;
                assert_eq!(names.map(|name| second.contains(name)), [false, true, true]);
                assert!(second.contains(user.1));
                page = "/login/password".to_owned();
                form.pop();
            }
            let wrong = [&form[..], &[("credentials.passcode", "wrong")]].concat();
            let refused = tester.post(&page, &[], &wrong).await;
            assert!(refused.text.contains("role=\"alert\" id=\"sign-in-error\""));
            assert!(!refused.text.contains("wrong"), "the password field is empty again");
            let right = [&form[..], &[("credentials.passcode", RIGHT.1)]].concat();
            let consent = tester.post(&page, &[], &right).await;
            assert!(consent.location().starts_with("/login/consent?"), "{}", consent.text);
        }
    }

    #[tokio::test]
    async fn a_form_of_another_site_is_refused() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let id = ticket(&tester.authorize(&app, &[]).await);
        let form = [JAKE, RIGHT, ("ticket", &id)];
        for origin in ["https://thief.example", "http://127.0.0.1:2", "null", ""] {
            let answer = tester.post("/login", &[("origin", origin)], &form).await;
            assert_eq!(answer.status.as_u16(), 403, "{origin}");
            assert!(!answer.headers.contains_key("set-cookie"), "{origin}");
        }
        for headers in [
            &[("origin", "http://127.0.0.1:1")][..],
            &[("origin", "https://login.example"), ("host", "login.example")],
        ] {
            let id = ticket(&tester.authorize(&app, &[("prompt", "login")]).await);
            let form = [JAKE, RIGHT, ("ticket", &id)];
            assert_eq!(tester.post("/login", headers, &form).await.status.as_u16(), 303);
        }
    }

    #[tokio::test]
    async fn a_visit_that_is_over_or_too_long_says_so_and_gives_no_second_code() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let start = tester.authorize(&app, &[]).await;
        let id = ticket(&start);
        assert!(tester.log_in(start, "patient").await.parameter("code").is_some());
        for page in ["/login", "/login/consent"] {
            let again = tester.post(page, &[], &[("ticket", &id), ("decision", "allow")]).await;
            assert_eq!(again.status.as_u16(), 400, "{page}");
            assert!(again.text.contains("go on in Health &lt;Diary&gt;"), "{}", again.text);
        }
        let slow = ticket(&tester.authorize(&app, &[("prompt", "login")]).await);
        let back = format!("/login/back?ticket={slow}");
        assert!(tester.get(&back, &[]).await.location().starts_with("/login?"), "not too long yet");
        tester.wait(3600);
        let late = tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &slow)]).await;
        assert!(late.text.contains("This sign-in took too long"), "{}", late.text);
        assert!(late.text.contains(&back));
        let back = tester.get(&back, &[]).await;
        assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
        assert_eq!(back.parameter("state").as_deref(), Some("st~ate %26+/é"));
    }

    #[tokio::test]
    async fn who_has_no_record_is_stopped_and_can_go_back_to_the_app() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let id = ticket(&tester.authorize(&app, &[]).await);
        let newcomer =
            [("username", "lena.hart@example.com"), ("password", "Sandbox-Newcomer-2684")];
        let stop = tester.post("/login", &[], &[&newcomer[..], &[("ticket", &id)]].concat()).await;
        assert_eq!(stop.status.as_u16(), 403);
        let words =
            "Could not confirm access to additional health records. Please check again later.";
        assert!(stop.text.contains(words));
        let again = tester.get(&format!("/login/records?ticket={id}"), &[]).await;
        assert!(again.text.contains(words));
        let form = [("ticket", &*id), ("decision", "cancel")];
        let back = tester.post("/login/records", &[], &form).await;
        assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    }

    #[tokio::test]
    async fn one_record_is_chosen_as_well_where_the_platform_asks() {
        let tester = Tester::with(|dialect| dialect.login.single_record_asked = true);
        let app = tester.register(patient_web()).await;
        let id = ticket(&tester.authorize(&app, &[]).await);
        let choice = tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &id)]).await;
        assert!(choice.location().starts_with("/login/records?"));
        let page = tester.get(&choice.location(), &[]).await;
        assert!(page.text.contains("Jake Medlock (you)"), "{}", page.text);
        assert!(tester.log_in(choice, "patient").await.parameter("code").is_some());
    }

    #[tokio::test]
    async fn whoever_unticks_all_denies_access() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let id = ticket(&tester.authorize(&app, &[]).await);
        tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &id)]).await;
        let page = tester.get(&format!("/login/consent?ticket={id}"), &[]).await.text;
        assert!(page.contains("See your measurements and results"), "{page}");
        assert!(page.contains("Know which health record you chose"), "{page}");
        assert!(!page.contains("value=\"openid\""), "openid cannot be denied alone");
        let form = [("ticket", &*id), ("decision", "allow"), ("scope", "patient/Condition.read")];
        let back = tester.post("/login/consent", &[], &form).await;
        assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    }

    #[tokio::test]
    async fn a_provider_is_asked_for_consent_where_the_app_wants_it() {
        let tester = Tester::new();
        let app = tester.register(provider_web()).await;
        let scope = ("scope", "openid user/Patient.read");
        let start = tester.authorize(&app, &[scope]).await;
        assert!(tester.log_in(start, "provider").await.parameter("code").is_some());
        let asked = tester.authorize(&app, &[scope, ("prompt", "consent")]).await;
        assert!(asked.location().starts_with("/login/consent?"));
        let page = tester.get(&asked.location(), &[]).await.text;
        assert!(page.contains("your patients&#39; name, birth date"), "{page}");
        assert!(tester.log_in(asked, "provider").await.parameter("code").is_some());
    }

    #[tokio::test]
    async fn the_button_leads_to_the_app_or_to_the_platform_only() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let shown = async |start: &str| {
            let mut url = url::Url::parse("http://127.0.0.1:1/login/button").unwrap();
            url.query_pairs_mut().extend_pairs([("client_id", &*app.id), ("start", start)]);
            tester.get(url.as_str(), &[]).await
        };
        for start in ["http://127.0.0.1:2/sign-in", "http://127.0.0.1:1/oauth2/v1/authorize?a=b"] {
            let page = shown(start).await;
            assert_eq!(page.text.matches(&format!("href=\"{start}\"")).count(), 2, "{start}");
            assert!(page.text.contains("Log in with athenahealth"));
        }
        for start in ["https://thief.example/", "javascript:alert(1)", "data:,x", "//thief", ""] {
            assert_eq!(shown(start).await.status.as_u16(), 400, "{start}");
        }
    }

    #[tokio::test]
    async fn leaving_the_widget_gives_no_code() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        for page in ["/login", "/login/records", "/login/consent"] {
            let id = ticket(&tester.authorize(&app, &[]).await);
            let no = if page == "/login/consent" {
                tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &id)]).await;
                "deny"
            } else {
                "cancel"
            };
            let back = tester.post(page, &[], &[("ticket", &id), ("decision", no)]).await;
            assert!(back.location().starts_with(CALLBACK), "{page}");
            assert_eq!(back.parameter("error").as_deref(), Some("access_denied"), "{page}");
            let again = tester.post(page, &[], &[("ticket", &id)]).await;
            assert_eq!(again.status.as_u16(), 400, "the ticket is spent");
        }
    }

    #[tokio::test]
    async fn a_session_passes_without_a_form_until_it_ends() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        tester.log_in(tester.authorize(&app, &[]).await, "patient").await;
        for changes in [&[][..], &[("prompt", "none")]] {
            let silent = tester.authorize(&app, changes).await;
            assert!(silent.parameter("code").is_some(), "{changes:?}");
        }
        for (changes, page) in [
            (&[("prompt", "login")][..], "/login?"),
            (&[("prompt", "consent")], "/login/consent?"),
            (&[("scope", "openid patient/Patient.rs")], "/login/consent?"),
        ] {
            let asked = tester.authorize(&app, changes).await;
            assert!(asked.location().starts_with(page), "{changes:?}: {}", asked.location());
        }
        let new_scope = [("scope", "openid email"), ("prompt", "none")];
        let unasked = tester.authorize(&app, &new_scope).await;
        assert_eq!(unasked.parameter("error").as_deref(), Some("consent_required"));
        tester.wait(8 * 60 * 60);
        let ended = tester.authorize(&app, &[]).await;
        assert!(ended.location().starts_with("/login?"));
    }

    #[tokio::test]
    async fn a_trusted_person_chooses_whose_record_is_shared() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let start = tester.authorize(&app, &[]).await;
        let id = ticket(&start);
        let maria = ("username", "maria.medlock@example.com");
        let password = ("password", "Sandbox-Parent-7390");
        let form = [maria, password, ("ticket", &id)];
        let choice = tester.post("/login", &[], &form).await;
        assert!(choice.location().starts_with("/login/records?"));
        let page = tester.get(&choice.location(), &[]).await;
        assert_eq!(page.text.matches("name=\"record\"").count(), 2);
        let foreign = [("ticket", &*id), ("record", "a-195900.E-60178")];
        let refused = tester.post("/login/records", &[], &foreign).await;
        assert!(refused.location().starts_with("/login/records?"), "not among the choices");
        let jake = [("ticket", &*id), ("record", "a-80000.E-14545")];
        let consent = tester.post("/login/records", &[], &jake).await;
        let back = tester.log_in(consent, "parent").await;
        let code = back.parameter("code").unwrap();
        let form =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        let tokens = tester.token(&app, &form).await.json();
        assert_eq!(tokens["patient"], "a-80000.E-14545");
        let token = tokens["access_token"].as_str().unwrap();
        for (record, status) in [("a-80000.E-14545", 200), ("a-80000.E-14546", 403)] {
            let read = tester.read(&format!("/fhir/r4/Patient/{record}"), token).await;
            assert_eq!(read.status.as_u16(), status, "{record}");
        }
        let elsewhere = [("aud", "http://127.0.0.1:1/195900/fhir/r4")];
        let nothing = tester.authorize(&app, &elsewhere).await;
        assert_eq!(nothing.status.as_u16(), 403, "no record in that practice");
    }

    #[tokio::test]
    async fn what_one_user_chose_is_not_shared_by_the_next_one() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let maria =
            [("username", "maria.medlock@example.com"), ("password", "Sandbox-Parent-7390")];
        for signs_in_elsewhere in [false, true] {
            let id = ticket(&tester.authorize(&app, &[("prompt", "login")]).await);
            tester.post("/login", &[], &[&maria[..], &[("ticket", &id)]].concat()).await;
            let own = [("ticket", &*id), ("record", "a-80000.E-14546")];
            let consent = tester.post("/login/records", &[], &own).await;
            assert!(consent.location().starts_with("/login/consent?"));
            let other = if signs_in_elsewhere {
                ticket(&tester.authorize(&app, &[("prompt", "login")]).await)
            } else {
                id.clone()
            };
            tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &other)]).await;
            let form = [("ticket", &*id), ("decision", "allow"), ("scope", "patient/Patient.rs")];
            let back = tester.post("/login/consent", &[], &form).await;
            let code = back.parameter("code").unwrap();
            let form = [
                ("grant_type", "authorization_code"),
                ("code", &*code),
                ("redirect_uri", CALLBACK),
            ];
            let tokens = tester.token(&app, &form).await.json();
            assert_eq!(tokens["patient"], "a-80000.E-14545", "elsewhere: {signs_in_elsewhere}");
        }
    }

    #[tokio::test]
    async fn what_is_not_ticked_is_not_granted() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let id = ticket(&tester.authorize(&app, &[]).await);
        tester.post("/login", &[], &[JAKE, RIGHT, ("ticket", &id)]).await;
        let form = [
            ("ticket", &*id),
            ("decision", "allow"),
            ("scope", "patient/Patient.rs"),
            ("scope", "patient/Condition.read"),
        ];
        let code = tester.post("/login/consent", &[], &form).await.parameter("code").unwrap();
        let form =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        let tokens = tester.token(&app, &form).await.json();
        assert_eq!(tokens["scope"], "openid launch/patient patient/Patient.rs");
        assert!(tokens.get("refresh_token").is_none());
        let token = tokens["access_token"].as_str().unwrap();
        let path = "/fhir/r4/Observation?ah-practice=a-1.Practice-80000";
        assert_eq!(tester.read(path, token).await.status.as_u16(), 403);
    }
}
