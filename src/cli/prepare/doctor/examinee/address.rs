//! The addresses of the app: they are some, and belong together.

use url::Url;

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::project::AppUnderTest;

/// Looks at each address that is written of an app.
pub(super) fn examine(case: &Case<'_>, (name, app): (&str, &AppUnderTest), sheet: &mut Sheet) {
    let found = sheet.findings.len();
    let mut note = |severity, key: &str, seen: String, cause: &str, fix: String| {
        let finding = Finding::new(severity, format!("`{key}` of `{name}`"), seen, cause, fix);
        sheet.find(finding.at(case.place_in_apps(&[name, key])));
    };
    let ready = app.start.as_ref().and_then(|start| start.ready.as_ref());
    let single = [("start_url", &app.start_url), ("launch_url", &app.launch_url)];
    let single = single.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?)));
    let pages: Vec<(&str, &String)> = single.collect();
    let others =
        app.jwks_url.iter().map(|it| ("jwks_url", it)).chain(ready.map(|it| ("start", it)));
    let back = app.redirect_uris.iter().map(|it| ("redirect_uris", it));
    let left = app.post_logout_redirect_uris.iter().map(|it| ("post_logout_redirect_uris", it));
    for (key, text) in pages.iter().copied().chain(others).chain(back).chain(left) {
        if let Some(Err(why)) = read(text) {
            let cause = "an address begins with its scheme: `http://` or `https://`";
            let fix = "write it whole: `http://127.0.0.1:{port}/…`".to_owned();
            note(Severity::Wrong, key, format!("`{text}` is no address: {why}"), cause, fix);
        }
    }
    for text in &app.redirect_uris {
        let Some(Ok(url)) = read(text) else { continue };
        if url.fragment().is_some() {
            let cause = "RFC 6749 §3.1.2 forbids it: a browser keeps it to itself";
            let fix = format!("write `{}`", text.split('#').next().unwrap_or_default());
            let seen = format!("`{text}` has a fragment");
            note(Severity::Wrong, "redirect_uris", seen, cause, fix);
        }
        let page = pages.iter().find_map(|(key, page)| Some((key, read(page)?.ok()?)));
        let Some((key, page)) = page else { continue };
        let of_app = ["http", "https"].contains(&url.scheme()) && url.host_str().is_some();
        if of_app && url.host_str() != page.host_str() {
            let [there, here] =
                [&url, &page].map(|it| it.host_str().unwrap_or_default().to_owned());
            let cause = "cookies of one host are not sent to another, whatever both names lead to: the \
                         app does not know its user who comes back";
            let seen = format!("`{text}` is on `{there}`, and `{key}` is on `{here}`");
            let fix = format!("write one of them with the other's host, such as `{here}`");
            note(Severity::Warning, "redirect_uris", seen, cause, fix);
        }
    }
    if sheet.findings.len() == found && !(pages.is_empty() && app.redirect_uris.is_empty()) {
        sheet.well(format!("the addresses of `{name}`"), "whole, and of one host");
    }
}

/// An address with a port in place of `{port}`; nothing, if other words in it are to be filled in.
fn read(text: &str) -> Option<Result<Url, url::ParseError>> {
    let filled = text.replace("{port}", "20000");
    let is_whole =
        !AppUnderTest::PLACEHOLDERS.iter().any(|(word, _)| filled.contains(&format!("{{{word}}}")));
    is_whole.then(|| Url::parse(&filled))
}
