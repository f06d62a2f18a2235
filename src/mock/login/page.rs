//! The frame of the widget's pages: one card, no scripts, nothing from elsewhere.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{AutoEscape, Environment, Value, context};

use super::colour::variables;
use crate::dialect::{Brand, UserKind};
use crate::mock::platform::Platform;

/// In whose name a page speaks, and what the browser may do with it.
pub(in crate::mock) struct Look {
    brand: Brand,
    /// Class of the page: `patient`, `provider`, or `plain` for a page in nobody's name.
    class: &'static str,
    leads_to: String,
    in_platform_frames: bool,
    /// The page has frames for apps, and the style of a workplace.
    is_workplace: bool,
}

impl Look {
    /// The look for a kind of user.
    pub(super) fn of(platform: &Platform, user: UserKind) -> Self {
        let class = match user {
            UserKind::Patient => "patient",
            UserKind::Provider => "provider",
        };
        let brand = platform.dialect().login.brand.of(user).clone();
        Self::new(brand, class)
    }

    /// The look of the EHR's pages, which have frames for apps.
    pub(in crate::mock) fn of_workplace(platform: &Platform) -> Self {
        let brand = platform.dialect().login.brand.provider.clone();
        Self { is_workplace: true, ..Self::new(brand, "workplace").leading_to(None) }
    }

    /// The look of a page of which nobody knows who sees it.
    pub(super) fn plain() -> Self {
        let brand = Brand { name: "Sign-in".to_owned(), ..Brand::default() };
        Self::new(brand, "plain")
    }

    fn new(brand: Brand, class: &'static str) -> Self {
        let leads_to = "'none'".to_owned();
        Self { brand, class, leads_to, in_platform_frames: false, is_workplace: false }
    }

    /// The page has forms whose answer is a page of the widget or an address of this scheme.
    ///
    /// Chromium applies `form-action` to every redirect that follows a form: also to those that the
    /// app makes in its turn, from one of its hosts to another.
    pub(super) fn leading_to(mut self, scheme: Option<&str>) -> Self {
        let schemes = scheme.map(|scheme| format!(" {scheme}:")).unwrap_or_default();
        self.leads_to = format!("'self'{schemes}");
        self
    }

    /// The page may be shown in a frame of the platform's own pages, as an embedded app is.
    pub(super) fn within_the_platform(mut self, embedded: bool) -> Self {
        self.in_platform_frames = embedded;
        self
    }

    /// Fills in a template.
    pub(in crate::mock) fn page(
        &self,
        status: StatusCode,
        template: &str,
        more: Value,
    ) -> Response {
        let (more_style, frames) =
            if self.is_workplace { (WORKPLACE, "frame-src http: https:; ") } else { ("", "") };
        let style = format!("{}{STYLE}{more_style}", variables(self.brand.colour));
        let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
        let (ancestors, frame_options) =
            if self.in_platform_frames { ("'self'", "SAMEORIGIN") } else { ("'none'", "DENY") };
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; {frames}form-action {}; \
             base-uri 'none'; frame-ancestors {ancestors}",
            self.leads_to
        );
        let filled = TEMPLATES.get_template(template).and_then(|template| {
            template.render(context! {
                brand => self.brand,
                look => self.class,
                style => Value::from_safe_string(style),
                ..more
            })
        });
        let (status, html) = match filled {
            Ok(html) => (status, html),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        let type_ = if status.is_server_error() { "text/plain" } else { "text/html" };
        let mut response = guarded((status, html).into_response());
        let headers = [
            (CONTENT_TYPE, format!("{type_}; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, policy),
            (X_FRAME_OPTIONS, frame_options.to_owned()),
        ];
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// A page in nobody's name; `title` is plain text, `body` is HTML.
pub(in crate::mock) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let body = Value::from_safe_string(body.to_owned());
    Look::plain().page(status, "frame.html", context! { title, body })
}

/// A page that says what went wrong and leads nowhere.
pub(in crate::mock) fn error_page(status: StatusCode, why: &str) -> Response {
    let title = "This cannot be continued";
    Look::plain().page(status, "notice.html", context! { title, text => why, alert => true })
}

/// Sends the browser elsewhere, with GET.
pub(in crate::mock) fn redirect(to: &str) -> Response {
    let mut response = guarded(StatusCode::SEE_OTHER.into_response());
    match HeaderValue::from_str(to) {
        Ok(to) => {
            response.headers_mut().insert(LOCATION, to);
            response
        }
        Err(_) => error_page(StatusCode::BAD_REQUEST, "The address to go to cannot be written."),
    }
}

/// Text as it may stand in HTML, also between quotes.
pub(in crate::mock) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
        html
    })
}

/// Keeps an answer out of caches, and its address away from other sites.
fn guarded(mut response: Response) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (CACHE_CONTROL, "no-store"),
        // Without any referrer a browser would not say either where a form comes from.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    // The engine's own way also changes slashes, which addresses and scopes are full of, and has a
    // word for nothing.
    environment.set_formatter(|out, state, value| {
        let text = if value.is_none() { String::new() } else { value.to_string() };
        let is_text = state.auto_escape() == AutoEscape::Html && !value.is_safe();
        Ok(out.write_str(&if is_text { escaped(&text) } else { text })?)
    });
    environment.set_loader(|name| {
        let text = PAGES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        Ok(text.map(str::to_owned))
    });
    environment
});

const PAGES: [(&str, &str); 14] = [
    ("frame.html", include_str!("pages/frame.html")),
    ("parts.html", include_str!("pages/parts.html")),
    ("classic.html", include_str!("pages/classic.html")),
    ("engine.html", include_str!("pages/engine.html")),
    ("records.html", include_str!("pages/records.html")),
    ("encounters.html", include_str!("pages/encounters.html")),
    ("consent.html", include_str!("pages/consent.html")),
    ("notice.html", include_str!("pages/notice.html")),
    ("button.html", include_str!("pages/button.html")),
    ("workplace.html", include_str!("../athenaone/pages/workplace.html")),
    ("apps.html", include_str!("../athenaone/pages/apps.html")),
    ("home.html", include_str!("../athenaone/pages/home.html")),
    ("chart.html", include_str!("../athenaone/pages/chart.html")),
    ("encounter.html", include_str!("../athenaone/pages/encounter.html")),
];
const STYLE: &str = include_str!("page.css");
const WORKPLACE: &str = include_str!("../athenaone/pages/workplace.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_html() {
        let text = r#"<a href='x' title="y">&/"#;
        assert_eq!(escaped(text), "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;/");
        let shown = TEMPLATES.get_template("notice.html").unwrap();
        let ways = [context! { to => text }];
        let shown = shown
            .render(context! { title => text, text, ways, brand => Brand::default() })
            .unwrap();
        assert!(!shown.contains("<a href='x'"), "{shown}");
        assert_eq!(shown.matches(&escaped(text)).count(), 4, "{shown}");
    }

    #[test]
    fn what_is_not_there_is_not_shown() {
        let field =
            "{% from 'parts.html' import field %}{{ field('a', 'b', 'c', 'text', '', none) }}";
        let shown = TEMPLATES.template_from_named_str("a.html", field).unwrap();
        let shown = shown.render(()).unwrap();
        assert!(shown.contains("value=\"\""), "{shown}");
    }

    #[test]
    fn every_template_can_be_read() {
        for (name, _) in PAGES {
            TEMPLATES.get_template(name).unwrap();
        }
    }
}
