//! The frame of the portal's pages, and what browsers are told about them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{AutoEscape, Environment, Value, context};
use serde_json::Map;

use crate::mock::platform::Platform;
use crate::mock::portal::answer::Refusal;
use crate::mock::request::Received;

/// A page of a template, in the portal's frame.
pub(super) fn page(platform: &Platform, template: &str, title: &str, page: Value) -> Response {
    let dialect = platform.dialect();
    let frame = context! { title, portal => dialect.portal.title, base => dialect.paths.portal };
    let html = TEMPLATES.as_ref().ok().and_then(|templates| {
        templates.get_template(template).ok()?.render(context! { ..page, ..frame }).ok()
    });
    let status = if html.is_some() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    let html = html.unwrap_or_default();
    let mut response = (status, html).into_response();
    header(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    guarded(response)
}

/// Another page of the portal, where the browser is sent.
pub(super) struct Away(String);

impl Away {
    /// A page of the portal by its path below it.
    pub(super) fn to(platform: &Platform, page: &str) -> Self {
        Self(format!("{}{page}", platform.dialect().paths.portal))
    }

    /// A page of the platform by its whole path.
    pub(super) fn to_path(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// The platform's own address: where a request belongs that no platform received.
    pub(super) fn anywhere() -> Self {
        Self::to_path("/")
    }
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        let mut response = guarded(StatusCode::SEE_OTHER.into_response());
        header(&mut response, LOCATION, &self.0);
        response
    }
}

/// Sends the browser to another page of the portal.
pub(super) fn go(platform: &Platform, page: &str) -> Response {
    Away::to(platform, page).into_response()
}

/// The same answer with the session's cookie, or without a session if `value` is empty.
pub(super) fn with_session(platform: &Platform, response: Response, value: &str) -> Response {
    let path = &platform.dialect().paths.portal;
    with_cookie(platform, response, &format!("{COOKIE}={value}; Path={path}; SameSite=Lax"))
}

/// The same answer with the cookie that a form below a path has to agree with.
pub(super) fn with_entry(
    platform: &Platform,
    response: Response,
    path: &str,
    value: &str,
) -> Response {
    with_cookie(platform, response, &format!("{ENTRY}={value}; Path={path}; SameSite=Strict"))
}

/// The same answer with a cookie that scripts do not see; one without a value ends.
pub(super) fn with_cookie(platform: &Platform, mut response: Response, cookie: &str) -> Response {
    let secure = if platform.base().starts_with("https://") { "; Secure" } else { "" };
    let ends = if cookie.contains("=;") { "; Max-Age=0" } else { "" };
    header(&mut response, SET_COOKIE, &format!("{cookie}; HttpOnly{secure}{ends}"));
    response
}

/// `GET style.css`.
pub(super) async fn style() -> Response {
    let mut response = include_str!("style.css").into_response();
    header(&mut response, CONTENT_TYPE, "text/css; charset=utf-8");
    response
}

/// What is wrong, by field.
pub(super) fn faults(refusal: &Refusal) -> BTreeMap<String, String> {
    match refusal {
        Refusal::Fields(faults) => {
            faults.iter().map(|(field, why)| ((*field).to_owned(), why.clone())).collect()
        }
        other => BTreeMap::from([(String::new(), other.wording())]),
    }
}

/// What a form says, as the API takes it: boxes that are ticked, lines of addresses, texts.
pub(super) fn read(request: &Received) -> Map<String, serde_json::Value> {
    let mut body = Map::new();
    for (name, value) in request
        .form
        .iter()
        .filter(|(name, value)| *name != FORM_TOKEN && *name != "scope" && !value.trim().is_empty())
    {
        let value: serde_json::Value = match name {
            "embedded" | "phr_confirmed" | "terms_accepted" => true.into(),
            "redirect_uris" | "post_logout_redirect_uris" => {
                let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.collect()
            }
            _ => value.trim().into(),
        };
        body.insert(name.to_owned(), value);
    }
    body
}

/// A body as the fields of its form have it.
pub(super) fn written(body: &Map<String, serde_json::Value>) -> BTreeMap<String, String> {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(lines) => {
            lines.iter().filter_map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    };
    body.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn guarded(mut response: Response) -> Response {
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (X_FRAME_OPTIONS, "DENY"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        header(&mut response, name, value);
    }
    response
}

fn header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The cookie of a developer's session.
pub(super) const COOKIE: &str = "developer";
/// The cookie of a browser in which nobody is signed in yet.
pub(super) const ENTRY: &str = "entry";
/// What a form brings back of its page.
pub(super) const FORM_TOKEN: &str = "form_token";

const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

static TEMPLATES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, text) in [
        ("frame.html", include_str!("frame.html")),
        ("account.html", include_str!("account.html")),
        ("verify.html", include_str!("verify.html")),
        ("apps.html", include_str!("apps.html")),
        ("choose.html", include_str!("choose.html")),
        ("details.html", include_str!("details.html")),
        ("app.html", include_str!("app.html")),
        ("staff/sign_in.html", include_str!("staff/sign_in.html")),
        ("staff/list.html", include_str!("staff/list.html")),
        ("staff/app.html", include_str!("staff/app.html")),
    ] {
        templates.add_template(name, text)?;
    }
    Ok(templates)
});
