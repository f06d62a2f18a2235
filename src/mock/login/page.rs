//! The frame of the widget's pages: one quiet card, no scripts, nothing from elsewhere.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// A page; `title` is plain text, `body` is HTML.
pub(in crate::mock) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main>{body}</main>\
         <footer>Mock platform: invented people, no real health records</footer></body></html>"
    );
    guarded((status, html).into_response(), &[(CONTENT_TYPE, "text/html; charset=utf-8")])
}

/// A page that says what went wrong and leads nowhere.
pub(in crate::mock) fn error_page(status: StatusCode, why: &str) -> Response {
    let body = format!(
        "<h1>This cannot be continued</h1><p class=\"error\" role=\"alert\">{}</p>",
        escaped(why)
    );
    page(status, "Error", &body)
}

/// Sends the browser elsewhere, with GET.
pub(in crate::mock) fn redirect(to: &str) -> Response {
    let mut response = guarded(StatusCode::SEE_OTHER.into_response(), &[]);
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

fn guarded(mut response: Response, more: &[(HeaderName, &'static str)]) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (X_FRAME_OPTIONS, "DENY"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers.iter().chain(more) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// No `form-action`: a form's answer may redirect to the app, wherever it is.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src http: https:; \
                      base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("page.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_html() {
        assert_eq!(
            escaped(r#"<a href='x' title="y">&"#),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;"
        );
    }
}
