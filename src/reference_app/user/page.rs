//! Writes pages: what comes from elsewhere is always text, never HTML.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Value, context};

use super::session::Browser;
use crate::protocol::random;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::serve::Request;
use crate::reference_app::settings::{Credentials, Role};
use crate::reference_app::trouble::{Trouble, WayOut};

/// A page that is about to be shown.
pub(in crate::reference_app) struct Page {
    title: &'static str,
    template: &'static str,
    status: StatusCode,
    pub(super) values: Value,
    /// The one script that it has.
    pub(super) own_script: Option<&'static str>,
    /// What only a flawed app has: a script, a cookie that scripts can read.
    pub(super) script: Option<String>,
    pub(super) cookie: Option<String>,
}

/// `GET /`: where a patient begins.
pub(in crate::reference_app) async fn start(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    let mut page = Page::new("Health Diary", "start.html");
    let is_open = app.sessions().view(&browser, None).is_some();
    if is_open && app.flawed(Flaw::KeepsTokensAfterLogOut) {
        return super::data::shown(app, &browser, None).await;
    }
    let for_patients = app.settings.role == Role::Patient;
    let for_providers = app.settings.role == Role::Provider;
    let target = if app.flawed(Flaw::OpensNewTab) { "_blank" } else { "_self" };
    if app.flawed(Flaw::OpensDialog) {
        page.script = Some("alert('Welcome!')".to_owned());
    }
    if app.flawed(Flaw::LogsInByFrame) {
        page.script = Some(FRAMED.to_owned());
    }
    let has_button = for_patients && !app.flawed(Flaw::HasNoButton);
    page.own_script = app.settings.window.then_some(OPENS_WINDOW);
    page.values = context! { is_open, for_patients, for_providers, has_button, target };
    page.show(app, &browser)
}

/// A page that says what went wrong, and how to go on; `again` is where the same is tried once more.
pub(in crate::reference_app) fn trouble_page(
    app: &App,
    browser: &Browser,
    trouble: &Trouble,
    again: &str,
) -> Response {
    if app.wire.is_stuck() || app.flawed(Flaw::BlankOnTrouble) {
        return Page::blank(app, browser);
    }
    let mut page = Page::new(trouble.title, "error.html");
    page.status = StatusCode::BAD_REQUEST;
    let signs_in = trouble.way_out == WayOut::SignIn && app.settings.role == Role::Patient;
    let text = if app.flawed(Flaw::ErrorAsHtml) {
        Value::from_safe_string(trouble.text.clone())
    } else {
        Value::from(trouble.text.clone())
    };
    let relaunch = trouble.way_out == WayOut::SignIn && app.settings.role == Role::Provider;
    page.own_script = app.settings.window.then_some(OPENS_WINDOW);
    page.values = context! {
        text,
        signs_in,
        again,
        relaunch,
    };
    page.show(app, browser)
}

/// Sends the browser on; nothing of the address that it leaves goes with it.
pub(super) fn redirect(app: &App, browser: &Browser, to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, to);
    }
    guarded(app, browser, response)
}

/// Sends the browser on by a form, as only a flawed app does.
pub(super) fn posted(app: &App, browser: &Browser, to: &str) -> Response {
    let mut page = Page::new("One moment", "notice.html");
    let to = serde_json::to_string(to).unwrap_or_default();
    page.script = Some(format!(
        "addEventListener('DOMContentLoaded', () => {{ const form = document.createElement('form'); \
         form.method = 'post'; form.action = {to}; document.body.append(form); form.submit(); }})"
    ));
    page.show(app, browser)
}

/// Something that no browser can show.
pub(in crate::reference_app) fn garbage() -> Response {
    let bytes: Vec<u8> = random::base64url(600).bytes().map(|byte| byte.wrapping_mul(37)).collect();
    ([(CONTENT_TYPE, "text/html; charset=utf-16")], bytes).into_response()
}

impl Page {
    pub(super) fn new(title: &'static str, template: &'static str) -> Self {
        Self {
            title,
            template,
            status: StatusCode::OK,
            values: context! {},
            own_script: None,
            script: None,
            cookie: None,
        }
    }

    /// A page with nothing on it, as only a flawed app has it.
    pub(super) fn blank(app: &App, browser: &Browser) -> Response {
        guarded(app, browser, ([(CONTENT_TYPE, "text/html")], Body::empty()).into_response())
    }

    /// Writes it.
    pub(super) fn show(mut self, app: &App, browser: &Browser) -> Response {
        if let Credentials::Secret(secret) = &app.settings.credentials
            && app.flawed(Flaw::SecretInPage)
        {
            self.script = Some(format!("window.secret = {:?}", secret.expose()));
        }
        if app.flawed(Flaw::SendsDownload) {
            let headers =
                [(CONTENT_TYPE, "application/octet-stream"), (CONTENT_DISPOSITION, "attachment")];
            return (headers, "a download").into_response();
        }
        let template = TEMPLATES.get_template(self.template);
        let filled = template.and_then(|template| {
            template.render(context! {
                title => self.title,
                style => Value::from_safe_string(STYLE.to_owned()),
                script => self.script.clone().map(Value::from_safe_string),
                own_script => self.own_script.map(|it| Value::from_safe_string(it.to_owned())),
                ..self.values
            })
        });
        let (status, html) = match filled {
            Ok(html) => (self.status, html),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        let is_flawed = self.script.is_some();
        let html_errors = self.template == "error.html" && app.flaws.is(Flaw::ErrorAsHtml);
        let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
        let scripts = match self.own_script {
            _ if is_flawed || html_errors => {
                "script-src 'unsafe-inline'; connect-src *; img-src *; frame-src *; ".to_owned()
            }
            Some(script) => format!("script-src 'sha256-{}'; ", hash(script)),
            None => String::new(),
        };
        let hash = hash(STYLE);
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; {scripts}base-uri 'none'; \
             frame-ancestors {}",
            ancestors(app)
        );
        let mut response = (status, Html(html)).into_response();
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
        let mut add = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().append(name, value);
            }
        };
        add(X_CONTENT_TYPE_OPTIONS, "nosniff");
        add(CONTENT_SECURITY_POLICY, &policy);
        if app.settings.role == Role::Provider && app.flawed(Flaw::RefusesFrames) {
            add(X_FRAME_OPTIONS, "DENY");
        }
        if let Some(cookie) = &self.cookie {
            add(SET_COOKIE, cookie);
        }
        guarded(app, browser, response)
    }
}

/// Who may show the app in a frame: an EHR that it works with.
fn ancestors(app: &App) -> String {
    if app.settings.role != Role::Provider || app.flaws.is(Flaw::RefusesFrames) {
        return "'none'".to_owned();
    }
    let bases = app.settings.fhir_bases.iter();
    let origins: Vec<String> = bases.map(|base| base.origin().ascii_serialization()).collect();
    origins.join(" ")
}

/// Keeps an answer out of caches, its address to itself, and the browser known.
fn guarded(app: &App, browser: &Browser, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some(cookie) = browser.cookie(app).and_then(|it| HeaderValue::from_str(&it).ok()) {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_loader(|name| {
        let text = PAGES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        Ok(text.map(str::to_owned))
    });
    environment
});

const PAGES: [(&str, &str); 6] = [
    ("frame.html", include_str!("pages/frame.html")),
    ("start.html", include_str!("pages/start.html")),
    ("data.html", include_str!("pages/data.html")),
    ("error.html", include_str!("pages/error.html")),
    ("notice.html", include_str!("pages/notice.html")),
    ("signed_in.html", include_str!("pages/signed_in.html")),
];
/// Opens the sign-in in a window, and shows what that says.
const OPENS_WINDOW: &str = include_str!("pages/opens_window.js");
/// Says where the records are to the page that opened this window.
pub(super) const CLOSES_WINDOW: &str = include_str!("pages/closes_window.js");
const STYLE: &str = include_str!("pages/style.css");
/// What the flawed app shows instead of the platform's own page.
const FRAMED: &str = "addEventListener('DOMContentLoaded', () => { const button = \
    document.querySelector('#log-in'); button.addEventListener('click', (event) => { \
    event.preventDefault(); const frame = document.createElement('iframe'); \
    frame.src = button.href; document.body.append(frame); }); })";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_elsewhere_cannot_become_html() {
        let template = TEMPLATES.get_template("error.html").unwrap();
        let html = template.render(context! { text => "<script>alert(1)</script>" }).unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn every_template_can_be_read() {
        for (name, _) in PAGES {
            TEMPLATES.get_template(name).unwrap();
        }
    }
}
