//! The host on which users of an app sign in: is it one on which a password may be typed?

use url::Url;

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::dialect::login::{LoginScript, named};
use crate::http::Call;
use crate::project::RegisteredApp;

/// Follows the redirects to the sign-in page, and compares its host with the allowed ones.
pub(super) async fn examine(
    case: &Case<'_>,
    (name, app): (&str, &RegisteredApp),
    first: &Url,
    sheet: &mut Sheet,
) {
    if case.target.users.is_empty() && app.users.is_empty() {
        return;
    }
    let about = format!("the sign-in of `{name}`");
    let mut page = first.clone();
    let mut has_password = None;
    for _ in 0..MOST_REDIRECTS {
        let Ok(answer) = case.ask(Call::get(page.clone()).header("accept", "text/html")).await
        else {
            break;
        };
        let to = answer.header("location").and_then(|to| page.join(to).ok());
        match to.filter(|_| (300..400).contains(&answer.status)) {
            Some(to) => page = to,
            None => {
                has_password = Some(answer.body.contains("password"));
                break;
            }
        }
    }
    let host = named(&page);
    if trusted(case).trusts(&page) {
        sheet.well(about, format!("on {host}, where passwords may be typed"));
        return;
    }
    let severity = if has_password == Some(true) { Severity::Wrong } else { Severity::Warning };
    sheet.find(
        Finding::new(
            severity,
            about,
            format!("its page is on {host}; passwords are not typed there"),
            "neither the dialect nor `login: hosts` of the target names the host",
            format!("if it is the platform's, write `login: {{ hosts: [\"{host}\"] }}`"),
        )
        .at(case.place(&["login", "hosts"])),
    );
}

/// The hosts of the target and of its dialect.
fn trusted(case: &Case<'_>) -> LoginScript {
    let mut script = case.dialect.login.script();
    script.hosts.extend(case.target.login.hosts.iter().cloned());
    script
}

const MOST_REDIRECTS: usize = 5;
