//! Whether the platform knows an app's client id and its redirect address, as the authorize endpoint
//! shows it.
//!
//! Its answer is compared with those to an invented id and to an invented address on the same host. A
//! platform that treats all of them alike cannot be read, and that is what is said then.

use url::Url;

use super::super::case::{Case, Platform};
use super::super::finding::{Finding, Severity, Sheet};
use super::probe::{Question, Refusal, Reply, ask};
use super::redirect::variants;
use super::secrets::Ready;
use crate::project::RegisteredApp;
use crate::protocol::random;

/// Looks at an app that users sign in to; whether nothing is wrong with its registration.
pub(super) async fn examine(
    case: &Case<'_>,
    platform: &Platform,
    (name, app): (&str, &RegisteredApp),
    own: &Ready,
    sheet: &mut Sheet,
) -> bool {
    let Some(endpoint) = case.endpoint(platform, "authorization_endpoint") else { return true };
    let Some(redirect_uri) = app.redirect_uris.first() else { return true };
    let desk = Desk { case, platform, app, endpoint };
    let question = Question { client_id: &own.client_id, redirect_uri, scopes: &own.scopes };
    let reply = desk.ask(question).await;
    let found = match &reply {
        Reply::Nothing(why) => {
            sheet.find(untold(name, why.clone(), "the platform is not well", "try again later"));
            return true;
        }
        Reply::Refused(refusal) => {
            let (severity, seen, cause, fix, key) = desk.refused(question, refusal).await;
            let finding = Finding::new(severity, format!("the app `{name}`"), seen, cause, fix);
            Some(finding.at(case.place_in(name, key)))
        }
        Reply::Back { error, description } if !error.is_empty() => {
            desk.back(name, question, error, description).await
        }
        Reply::Back { .. } | Reply::GoesOn(_) => {
            desk.taken(name, question, sheet).await;
            None
        }
    };
    if let Reply::GoesOn(page) = &reply {
        super::sign_in::examine(case, (name, app), page, sheet).await;
    }
    let is_well = found.as_ref().is_none_or(|finding| finding.severity != Severity::Wrong);
    if let Some(finding) = found {
        sheet.find(finding);
    }
    if is_well {
        desk.others(name, question, sheet).await;
    }
    is_well
}

/// Whether the platform knows an id, as far as its authorize endpoint tells it from an invented one.
pub(super) async fn knows(
    case: &Case<'_>,
    platform: &Platform,
    app: &RegisteredApp,
    own: &Ready,
) -> Option<bool> {
    let endpoint = case.endpoint(platform, "authorization_endpoint")?;
    let desk = Desk { case, platform, app, endpoint };
    let question =
        Question { client_id: &own.client_id, redirect_uri: NOWHERE, scopes: &own.scopes };
    let (one, two) = (invented(), invented());
    let of = |client_id| Question { client_id, ..question };
    let nobody = [desk.ask(of(&one)).await, desk.ask(of(&two)).await];
    // What differs from one invented id to the next says nothing.
    if nobody[0] != nobody[1] || !matches!(nobody[0], Reply::Refused(_)) {
        return None;
    }
    match desk.ask(question).await {
        Reply::Nothing(_) => None,
        Reply::Refused(refusal) if Reply::Refused(refusal.clone()) == nobody[0] => {
            // It may be the answer to an address that nobody registered, too.
            refusal.blames_the_client().then_some(false)
        }
        _ => Some(true),
    }
}

/// The authorize endpoint, and the app that asks there.
struct Desk<'a> {
    case: &'a Case<'a>,
    platform: &'a Platform,
    app: &'a RegisteredApp,
    endpoint: Url,
}

type Words = (Severity, String, String, String, &'static str);

impl Desk<'_> {
    async fn ask(&self, question: Question<'_>) -> Reply {
        ask(self.case, self.platform, self.app, &self.endpoint, question).await
    }

    /// A request went on: would one with an invented id or address have done so, too?
    async fn taken(&self, name: &str, question: Question<'_>, sheet: &mut Sheet) {
        let nobody = self.ask(Question { client_id: &invented(), ..question }).await;
        let elsewhere = beside(question.redirect_uri);
        let nowhere = self.ask(Question { redirect_uri: &elsewhere, ..question }).await;
        let about = format!("the registration of `{name}`");
        match (nobody.takes_both(), nowhere.takes_both()) {
            (false, false) => sheet.well(about, "client id and redirect URI are known"),
            (true, false) => sheet.well(about, "the redirect URI is known"),
            (false, true) => sheet.well(about, "the client id is known"),
            (true, true) => {}
        }
        let unread = match (nobody.takes_both(), nowhere.takes_both()) {
            (true, true) => "client id and redirect URI are",
            (true, false) => "the client id is",
            (false, true) => "the redirect URI is",
            (false, false) => return,
        };
        sheet.find(untold(
            name,
            format!(
                "whether {unread} registered: the authorize endpoint goes on with invented ones too"
            ),
            "the platform looks at them later, after the sign-in or at the token endpoint",
            "the first scenario with a sign-in shows it",
        ));
    }

    /// A request was refused: why?
    async fn refused(&self, question: Question<'_>, refusal: &Refusal) -> Words {
        let said = refusal.said();
        let nobody = self.ask(Question { client_id: &invented(), ..question }).await;
        let elsewhere = beside(question.redirect_uri);
        let nowhere = self.ask(Question { redirect_uri: &elsewhere, ..question }).await;
        let own = Reply::Refused(refusal.clone());
        let (like_nobody, like_nowhere) = (own == nobody, own == nowhere);
        if !like_nobody && !like_nowhere {
            return (
                Severity::Wrong,
                format!("the authorize endpoint refuses it: {said}"),
                "it is neither the answer to an unknown client id nor to an unknown redirect URI"
                    .into(),
                "compare `scopes`, `category` and `method` with the registration".into(),
                "client_id",
            );
        }
        // An invented address is refused otherwise although the id is the same: it is the id.
        if like_nobody && !like_nowhere {
            return self.unknown_id(&said);
        }
        if let Some(accepted) = self.accepted(question).await {
            return (
                Severity::Wrong,
                format!(
                    "`{}` is refused as redirect URI, and `{accepted}` is taken",
                    question.redirect_uri
                ),
                "redirect URIs are compared letter by letter, and another spelling is registered"
                    .into(),
                format!("write `redirect_uris: [{accepted}]`, or register the written one"),
                "redirect_uris",
            );
        }
        if !like_nobody || refusal.blames_the_address() {
            return (
                Severity::Wrong,
                format!("`{}` is refused as redirect URI: {said}", question.redirect_uri),
                "it is not registered for this app; its usual other spellings are not either"
                    .into(),
                "copy the redirect URI from the registration in the portal, to the letter".into(),
                "redirect_uris",
            );
        }
        if refusal.blames_the_client() {
            return self.unknown_id(&said);
        }
        (
            Severity::Wrong,
            format!("the authorize endpoint refuses it: {said}"),
            "the client id is unknown, or the redirect URI is not registered; which one cannot be told, because the platform answers both alike".into(),
            "compare both with the portal; a sign-in by hand may say more".into(),
            "client_id",
        )
    }

    fn unknown_id(&self, said: &str) -> Words {
        let (cause, fix) = unknown_id(self.case, self.platform);
        let seen =
            format!("the platform does not know its client id: {said}, as to an invented one");
        (Severity::Wrong, seen, cause, fix, "client_id")
    }

    /// Another spelling of the redirect address that is taken.
    async fn accepted(&self, question: Question<'_>) -> Option<String> {
        for redirect_uri in variants(question.redirect_uri) {
            let reply = self.ask(Question { redirect_uri: &redirect_uri, ..question }).await;
            if reply.takes_both() {
                return Some(redirect_uri);
            }
        }
        None
    }

    /// A request came back to the app with an error.
    async fn back(
        &self,
        name: &str,
        question: Question<'_>,
        error: &str,
        description: &str,
    ) -> Option<Finding> {
        let about = format!("the app `{name}`");
        let said = match description {
            "" => format!("`{error}`"),
            words => format!("`{error}`, “{words}”"),
        };
        let (severity, seen, cause, fix, key) = match error {
            "invalid_scope" => {
                let refused = self.refused_scopes(question).await;
                let (seen, fix) = match refused.is_empty() {
                    true => (
                        format!("the platform refuses its scopes: {said}"),
                        "compare `scopes` with what was approved in the portal".to_owned(),
                    ),
                    false => (
                        format!("the platform refuses `{}`: {said}", refused.join("`, `")),
                        "leave it out of `scopes`, or have it approved in the portal".to_owned(),
                    ),
                };
                (
                    Severity::Wrong,
                    seen,
                    "it was not approved for this app, or is unknown there",
                    fix,
                    "scopes",
                )
            }
            "unauthorized_client" | "invalid_client" => (
                Severity::Wrong,
                format!("the platform lets nobody sign in to it: {said}"),
                "the registration is for another kind of app",
                "compare `category` and `method` with the registration".to_owned(),
                "category",
            ),
            "login_required" | "interaction_required" | "consent_required" => return None,
            _ => (
                Severity::Warning,
                format!("a usual authorization request comes back with {said}"),
                "client id and redirect URI are known; something else in the request is refused",
                "read what the platform says; the registration may demand more".to_owned(),
                "scopes",
            ),
        };
        Some(Finding::new(severity, about, seen, cause, fix).at(self.case.place_in(name, key)))
    }

    /// The scopes that are refused when they are asked for alone.
    async fn refused_scopes(&self, question: Question<'_>) -> Vec<String> {
        let mut refused = Vec::new();
        for scope in question.scopes.iter().filter(|it| *it != "launch") {
            let mut scopes = self.case.dialect.authorize.required_scopes.clone();
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
            let reply = self.ask(Question { scopes: &scopes, ..question }).await;
            if matches!(&reply, Reply::Back { error, .. } if error == "invalid_scope") {
                refused.push(scope.clone());
            }
        }
        // Where none can be asked for alone, no one of them is to blame.
        if refused.len() == question.scopes.len() { Vec::new() } else { refused }
    }

    /// The other redirect addresses of the app.
    async fn others(&self, name: &str, question: Question<'_>, sheet: &mut Sheet) {
        for redirect_uri in self.app.redirect_uris.iter().skip(1) {
            let reply = self.ask(Question { redirect_uri, ..question }).await;
            let Reply::Refused(refusal) = reply else { continue };
            let finding = Finding::new(
                Severity::Warning,
                format!("the app `{name}`"),
                format!("`{redirect_uri}` is refused as redirect URI: {}", refusal.said()),
                "it is not registered for this app; a run uses the first one, which is taken",
                "leave it out of `redirect_uris`, or register it",
            );
            sheet.find(finding.at(self.case.place_in(name, "redirect_uris")));
        }
    }
}

/// Cause and fix of an id that the platform does not know.
pub(super) fn unknown_id(case: &Case<'_>, platform: &Platform) -> (String, String) {
    match case.environment(&platform.fhir_base).filter(|it| it.own_credentials) {
        Some(environment) => (
            format!(
                "it is misspelt, or belongs to another environment: this target is {}, where ids of others are unknown",
                environment.name
            ),
            format!("copy the id that the portal shows for {}", environment.name),
        ),
        None => (
            "it is misspelt, was deleted, or belongs to another server of the platform".to_owned(),
            "copy the id that the platform's portal shows for this server".to_owned(),
        ),
    }
}

fn untold(name: &str, seen: String, cause: &str, fix: &str) -> Finding {
    Finding::new(Severity::Untold, format!("the registration of `{name}`"), seen, cause, fix)
}

/// An id that nobody has.
fn invented() -> String {
    format!("checkride-{}", random::alphanumeric(16))
}

/// An invented address on the host of a redirect address.
fn beside(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri) {
        Ok(mut url) if url.has_host() => {
            url.set_path(&format!("/checkride-{}", random::alphanumeric(8)));
            url.set_query(None);
            url.into()
        }
        _ => format!("{redirect_uri}-checkride-{}", random::alphanumeric(8)),
    }
}

/// An address for an app that has none.
const NOWHERE: &str = "https://app.invalid/callback";
