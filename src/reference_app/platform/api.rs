//! Reads records: with the token in the header, at the FHIR base only, renewed once if it is refused.

use std::time::Instant;

use reqwest::header::{ACCEPT, AUTHORIZATION};
use serde_json::Value;
use url::Url;

use super::access::Access;
use super::wire::{Answer, Kind};
use crate::protocol::Jws;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::trouble::{Trouble, WayOut};
use crate::secret::Secret;

/// What a search found.
#[derive(Clone, Debug, Default)]
pub(in crate::reference_app) struct Records {
    pub(in crate::reference_app) found: Vec<Value>,
    /// There is more, at an address that the app does not follow.
    pub(in crate::reference_app) cut_off: bool,
}

/// Reads one resource below the FHIR base, such as `Patient/1`.
pub(in crate::reference_app) async fn read(
    app: &App,
    access: &Access,
    base: &Url,
    path: &str,
) -> Result<Value, Trouble> {
    let url = below(base, path).ok_or_else(|| Trouble::unreadable("The address of a record"))?;
    get(app, access, base, &url).await
}

/// Reads a resource wherever it is, as only a flawed app does.
pub(in crate::reference_app) async fn read_anywhere(
    app: &App,
    access: &Access,
    url: &Url,
) -> Result<Value, Trouble> {
    get(app, access, url, url).await
}

/// Reads what a search finds, page by page.
pub(in crate::reference_app) async fn search(
    app: &App,
    access: &Access,
    base: &Url,
    query: &str,
) -> Result<Records, Trouble> {
    let unreadable = || Trouble::unreadable("A page of records");
    let mut url = below(base, query).ok_or_else(unreadable)?;
    let mut records = Records::default();
    for _ in 0..MOST_PAGES {
        let bundle = get(app, access, base, &url).await?;
        if bundle["resourceType"] != "Bundle" {
            return Err(unreadable());
        }
        let entries = bundle["entry"].as_array().into_iter().flatten();
        records.found.extend(entries.map(|entry| entry["resource"].clone()));
        let links = bundle["link"].as_array().into_iter().flatten();
        let next =
            links.filter(|link| link["relation"] == "next").find_map(|link| link["url"].as_str());
        let Some(next) = next else { return Ok(records) };
        let Ok(next) = url.join(next) else { return Err(unreadable()) };
        if !app.demand(Flaw::FollowsForeignPages, is_at(base, &next)) {
            records.cut_off = true;
            return Ok(records);
        }
        url = next;
    }
    records.cut_off = true;
    Ok(records)
}

/// Whether an address is on the host of the FHIR base, so that the token may go there.
pub(in crate::reference_app) fn is_at(base: &Url, url: &Url) -> bool {
    url.origin() == base.origin()
}

async fn get(app: &App, access: &Access, base: &Url, url: &Url) -> Result<Value, Trouble> {
    let begun = Instant::now();
    if app.flawed(Flaw::TriesWithoutToken) {
        // What comes of it is of no interest.
        let _ = app.send(Kind::Api, || app.wire.client().get(url.clone())).await;
    }
    let mut token = access.token(app, None, begun).await?;
    if app.flawed(Flaw::UsesIdToken)
        && let Some(id_token) = access.tokens().await.and_then(|tokens| tokens.id_token)
    {
        token = id_token;
    }
    let mut renewals = 0;
    loop {
        let answer = ask(app, base, url, &token).await?;
        let most = if renewals > 0 && app.flawed(Flaw::RenewsForEver) { STUBBORN } else { 1 };
        let is_refused =
            answer.status == 401 || answer.status == 403 && app.flawed(Flaw::RenewsOn403);
        let gives_up = answer.status == 401 && app.flawed(Flaw::GivesUpOn401);
        if is_refused && renewals < most && !gives_up {
            renewals += 1;
            token = access.token(app, Some(&token), Instant::now()).await?;
            continue;
        }
        return judged(url, &answer);
    }
}

async fn ask(app: &App, base: &Url, url: &Url, token: &Secret) -> Result<Answer, Trouble> {
    if app.flawed(Flaw::ReadsAccessToken) && Jws::parse(token.expose()).is_err() {
        return Err(Trouble::unreadable("The access token"));
    }
    if app.flawed(Flaw::LogsTokens) {
        app.say(&format!("reading {url} with {}", token.expose()));
    }
    let mut token = token.clone();
    if app.flawed(Flaw::CutsTokens) {
        token = Secret::new(token.expose().chars().take(SHORT_TOKEN).collect::<String>());
    }
    let client = app.wire.client();
    let prepare = |url: &Url| {
        let request =
            client.get(url.clone()).header(ACCEPT, "application/fhir+json, application/json;q=0.9");
        if app.flawed(Flaw::TokenInAddress) {
            request.query(&[("access_token", token.expose())])
        } else if app.flawed(Flaw::OtherScheme) {
            request.header(AUTHORIZATION, format!("Token {}", token.expose()))
        } else {
            request.bearer_auth(token.expose())
        }
    };
    let mut answer = app.send(Kind::Api, || prepare(url)).await?;
    app.say(&format!("read {}: {}", what(base, url), answer.status));
    if (300..400).contains(&answer.status)
        && app.flawed(Flaw::FollowsRedirects)
        && let Some(to) = answer.location().and_then(|to| url.join(to).ok())
    {
        answer = app.send(Kind::Api, || prepare(&to)).await?;
    }
    Ok(answer)
}

fn judged(url: &Url, answer: &Answer) -> Result<Value, Trouble> {
    let unreadable = || Trouble::unreadable("A record");
    let status = answer.status;
    match status {
        200 => answer.json().filter(Value::is_object).ok_or_else(unreadable),
        401 => Err(Trouble::ended("The platform does not take this app's access any more.")),
        403 => Err(Trouble::new(
            "You may not see this",
            "The platform does not let this app read these records for you.",
            WayOut::None,
        )),
        404 | 410 => {
            let text = "The platform does not have this record any more.";
            Err(Trouble::new("There is no such record", text, WayOut::TryAgain))
        }
        429 | 503 => Err(Trouble::busy(None)),
        _ => Err(Trouble::status(
            &format!("A request to {}", url.host_str().unwrap_or("it")),
            status,
        )),
    }
}

/// The address of a path below a base; never one elsewhere.
fn below(base: &Url, path: &str) -> Option<Url> {
    let folder = Url::parse(&format!("{}/", base.as_str().trim_end_matches('/'))).ok()?;
    let url = folder.join(path).ok()?;
    let is_below = is_at(base, &url) && url.path().starts_with(folder.path());
    is_below.then_some(url)
}

/// The type of resource that an address is about, for the app's log: no ids, which are a person's.
fn what<'a>(base: &Url, url: &'a Url) -> &'a str {
    let path = url.path().strip_prefix(base.path().trim_end_matches('/')).unwrap_or(url.path());
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// Pages of one search.
const MOST_PAGES: usize = 50;
/// How often the flawed app insists.
const STUBBORN: usize = 8;
/// Characters of a token that the flawed app has room for.
const SHORT_TOKEN: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_base() {
        let base = Url::parse("https://fhir.example/r4").unwrap();
        let at = |path| below(&base, path).map(|url| url.to_string());
        assert_eq!(at("Patient/1").as_deref(), Some("https://fhir.example/r4/Patient/1"));
        assert_eq!(at("Patient?a=b").as_deref(), Some("https://fhir.example/r4/Patient?a=b"));
        for elsewhere in ["https://evil.example/r4/Patient/1", "//evil.example/", "../../etc", "/x"]
        {
            assert_eq!(at(elsewhere), None, "{elsewhere}");
        }
    }
}
