//! The sign-in page.

use std::sync::Arc;

use axum::Extension;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::page::{escaped, page};
use super::session::{Purpose, Ticket, begin_session, cookie};
use super::step::{deny, next, no_ticket, suits, ticket};
use crate::dialect::{User, UserKind};
use crate::mock::platform::Platform;
use crate::mock::portal::EndUsers;
use crate::mock::request::Received;

/// What is wrong with what the user typed.
#[derive(Clone, Copy, Default)]
struct Faults {
    no_username: bool,
    no_password: bool,
    refused: bool,
}

/// `GET {login}`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    match ticket(&platform, id) {
        Some(ticket) => form(&platform, &ticket, id, "", Faults::default()),
        None => no_ticket(),
    }
}

/// `POST {login}`.
pub(super) async fn submit(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.form.get("ticket").unwrap_or_default();
    let Some(visit) = ticket(&platform, id) else {
        return no_ticket();
    };
    if request.form.get("decision") == Some("cancel") {
        return deny(&platform, id);
    }
    let username = request.form.get("username").map(str::trim).unwrap_or_default();
    let password = request.form.get("password").unwrap_or_default();
    let faults = Faults {
        no_username: username.is_empty(),
        no_password: password.is_empty(),
        refused: false,
    };
    if faults.no_username || faults.no_password {
        return form(&platform, &visit, id, username, faults);
    }
    let mut users = platform.sandbox().users.iter();
    let known = users.position(|user| {
        user.username.eq_ignore_ascii_case(username)
            && user.password == password
            && may_sign_in(user, &visit)
    });
    let Some(user) = known else {
        return form(&platform, &visit, id, username, Faults { refused: true, ..faults });
    };
    let session = begin_session(&platform, user);
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        visit.signed_in = true;
        // Whoever sat here before may have answered for somebody else.
        (visit.record, visit.allowed) = (None, None);
    }
    let mut response = next(&platform, Some(&session), id);
    if let Ok(value) = HeaderValue::from_str(&cookie(&platform, &session)) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

fn may_sign_in(user: &User, visit: &Ticket) -> bool {
    match &visit.purpose {
        Purpose::Authorize(asked) => suits(user, asked),
        Purpose::Page(_) => user.kind == UserKind::Provider,
    }
}

fn form(platform: &Platform, visit: &Ticket, id: &str, username: &str, faults: Faults) -> Response {
    let dialect = platform.dialect();
    let (app, patients, hint) = match &visit.purpose {
        Purpose::Authorize(asked) => (
            escaped(&asked.app.name),
            asked.app.end_users == Some(EndUsers::Patients),
            asked.login_hint.as_deref().unwrap_or_default(),
        ),
        Purpose::Page(_) => {
            (dialect.ehr.as_ref().map_or_else(String::new, |ehr| escaped(&ehr.name)), false, "")
        }
    };
    let (label, kind) = if patients { ("Email", "email") } else { ("Username", "text") };
    let shown = escaped(if username.is_empty() { hint } else { username });
    let refused = if faults.refused {
        "<div class=\"okta-form-infobox-error\" role=\"alert\"><p>Unable to sign in</p></div>"
    } else {
        ""
    };
    let (username_fault, username_attributes) = field_fault(
        faults.no_username,
        "okta-signin-username",
        &format!("Enter your {}", label.to_lowercase()),
    );
    let (password_fault, password_attributes) =
        field_fault(faults.no_password, "okta-signin-password", "Enter your password");
    let cancel = match visit.purpose {
        Purpose::Authorize(_) => {
            "<button class=\"quiet\" name=\"decision\" value=\"cancel\">Cancel</button>"
        }
        Purpose::Page(_) => "",
    };
    let action = platform.login_path();
    // The first button is the one that Enter presses.
    let body = format!(
        "<h1>Sign in</h1><p>to continue to <strong>{app}</strong></p>{refused}\
         <form id=\"sign-in\" method=\"post\" action=\"{action}\" novalidate>\
         <input type=\"hidden\" name=\"ticket\" value=\"{id}\">\
         <label for=\"okta-signin-username\">{label}</label>\
         <input id=\"okta-signin-username\" name=\"username\" type=\"{kind}\" value=\"{shown}\" \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" autofocus\
         {username_attributes}>{username_fault}\
         <label for=\"okta-signin-password\">Password</label>\
         <input id=\"okta-signin-password\" name=\"password\" type=\"password\" \
         autocomplete=\"current-password\"{password_attributes}>{password_fault}\
         <div class=\"actions\"><input id=\"okta-signin-submit\" type=\"submit\" value=\"Sign in\">\
         {cancel}</div></form>",
        id = escaped(id),
    );
    page(StatusCode::OK, "Sign in", &body)
}

/// A field's message, and the attributes that tie the field to it.
fn field_fault(is_faulty: bool, field: &str, message: &str) -> (String, String) {
    if !is_faulty {
        return (String::new(), String::new());
    }
    (
        format!("<p class=\"field-error\" id=\"{field}-error\" role=\"alert\">{message}</p>"),
        format!(" aria-invalid=\"true\" aria-describedby=\"{field}-error\""),
    )
}

#[cfg(test)]
mod tests {
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
        let refused = "class=\"okta-form-infobox-error\" role=\"alert\"";
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
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
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
