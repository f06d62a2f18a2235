//! All that was seen in a scenario's tabs, kept up to date by their events.

use std::collections::BTreeSet;

use serde_json::Value;
use url::Url;

use super::{View, Views};
use crate::browser::ledger::Ledger;
use crate::browser::options::Attention;
use crate::dialect::login::LoginScript;
use crate::protocol::callback::{arrives_at, is_on_host_of};
use crate::record::Recorder;

/// What was seen of the lent tab, and of those that its pages opened.
#[derive(Default)]
pub(in crate::browser) struct Sight {
    /// The tabs, and what each shows.
    pub(in crate::browser) views: Views,
    /// The pages on which the user signs in, while that is done.
    sign_in: Option<LoginScript>,
    /// The address whose visit ends a flow.
    pub(in crate::browser) awaited: Option<Awaited>,
    /// Those of them in this scenario where nobody listens: none is ever really visited.
    pub(in crate::browser) sealed: Vec<Awaited>,
    /// The visit that ended it.
    pub(in crate::browser) redirect: Option<Url>,
    /// The tab's process is dead.
    pub(in crate::browser) crashed: bool,
    /// The browser is gone.
    pub(in crate::browser) lost: bool,
    /// Errors that pages told.
    pub(in crate::browser) console: Vec<String>,
    /// Origins of the shown pages.
    pub(in crate::browser) origins: BTreeSet<String>,
    /// Something was kept in the tab that only a new tab is free of.
    pub(in crate::browser) tab_stained: bool,
    /// Something was kept in the context that only a new context is free of.
    pub(in crate::browser) context_stained: bool,
    /// The scenario's exchanges.
    pub(in crate::browser) ledger: Option<Ledger>,
}

/// The app's redirect URI.
#[derive(Clone, Debug)]
pub(in crate::browser) struct Awaited(String);

impl Sight {
    /// Nothing was seen of this tab yet.
    pub(super) fn new(own: View) -> Self {
        Self { views: Views::new(own), ..Self::default() }
    }

    /// Begins a scenario.
    pub(in crate::browser) fn lend(&mut self, recorder: Recorder, attention: Attention) {
        self.ledger = Some(Ledger::new(recorder, attention));
    }

    /// Whether the page is shown that a redirect ends on, if it does: an empty one where it was caught.
    pub(in crate::browser) fn is_at_rest(&self) -> bool {
        match (&self.awaited, &self.redirect) {
            (Some(awaited), Some(redirect)) if redirect.scheme().starts_with("http") => {
                let front = self.views.front();
                self.lost || self.crashed || (front.loaded && awaited.is(&front.url))
            }
            _ => true,
        }
    }

    /// Forgets all but what the tab is.
    pub(in crate::browser) fn forget(&mut self) {
        let views = self.views.anew();
        *self = Self { views, crashed: self.crashed, lost: self.lost, ..Self::default() };
    }

    /// Forgets the flow that ended; a new page is about to be opened.
    pub(in crate::browser) fn depart(&mut self) {
        self.redirect = None;
        self.views.front_mut().depart();
    }

    /// The user begins to go through these pages, in whatever tab they are shown.
    pub(in crate::browser) fn begin_sign_in(&mut self, script: &LoginScript) {
        let is_at_it = |view: &&View| trusts(script, &view.url);
        let session = self.views.all().find(is_at_it).map(|view| view.session.clone());
        if let Some(session) = session {
            self.views.turn_to(&session);
        }
        self.sign_in = Some(script.clone());
    }

    /// The user is through with them.
    pub(in crate::browser) fn end_sign_in(&mut self) {
        self.sign_in = None;
    }

    /// A tab's process is dead.
    pub(in crate::browser) fn crash(&mut self, target: &str) {
        if self.views.own().target == target {
            self.crashed = true;
        }
        self.views.let_go(target);
    }

    /// A frame shows a new page.
    pub(in crate::browser) fn navigated(&mut self, session: &str, frame: &Value) {
        let origin = frame["securityOrigin"].as_str().unwrap_or_default();
        if origin.starts_with("http") {
            self.origins.insert(origin.to_owned());
        }
        let Some(view) = self.views.of(session) else { return };
        if view.is(&frame["id"]) {
            view.navigated(frame);
            let url = view.url.as_str();
            if self.sign_in.as_ref().is_some_and(|script| trusts(script, url)) {
                self.views.turn_to(session);
            }
        } else if origin.starts_with("http") && !view.url.starts_with(origin) {
            // Storage of a foreign frame is kept apart per page and is not cleared by origin.
            self.context_stained = true;
        }
    }

    /// The address of the shown page changed without a new page.
    pub(in crate::browser) fn moved(&mut self, session: &str, params: &Value) {
        let view = self.views.of(session).filter(|view| view.is(&params["frameId"]));
        if let Some(view) = view {
            view.url = params["url"].as_str().unwrap_or_default().to_owned();
        }
    }

    /// The shown page is complete.
    pub(in crate::browser) fn loads(&mut self, session: &str) {
        if let Some(view) = self.views.of(session) {
            view.loaded = true;
        }
    }

    /// Whether an address must not be visited.
    pub(in crate::browser) fn is_sealed(&self, url: &str) -> bool {
        self.sealed.iter().any(|awaited| awaited.is(url))
    }

    /// A page is about to be fetched; tells whether that ends the flow.
    pub(in crate::browser) fn heads_for(&mut self, url: &str) -> bool {
        if !self.awaited.as_ref().is_some_and(|awaited| awaited.is(url)) {
            return false;
        }
        if let Ok(url) = Url::parse(url) {
            if let Some(ledger) = &self.ledger {
                ledger.learn(&url);
            }
            self.redirect.get_or_insert(url);
        }
        true
    }

    /// A request is about to be sent.
    pub(in crate::browser) fn sends(&mut self, params: &Value) {
        let request = &params["request"];
        let part = |name: &str| request[name].as_str().unwrap_or_default();
        let url = format!("{}{}", part("url"), part("urlFragment"));
        let arrives = params["type"] == "Document" && self.heads_for(&url);
        let caught = arrives && self.is_sealed(&url);
        if let Some(ledger) = &mut self.ledger {
            ledger.request(params, caught);
        }
    }

    /// The head of an answer came.
    pub(in crate::browser) fn receives(&mut self, session: &str, params: &Value) {
        let view = self.views.of(session).filter(|view| view.is(&params["frameId"]));
        if let Some(view) = view.filter(|_| params["type"] == "Document") {
            view.receives(params);
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.answer(params);
        }
    }

    /// A request came to nothing.
    pub(in crate::browser) fn fails(&mut self, session: &str, params: &Value) {
        let view = self.views.of(session).filter(|_| params["type"] == "Document");
        if let Some(view) = view {
            view.fails(params);
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.fail(params);
        }
    }

    /// A script told an error.
    pub(in crate::browser) fn complain(&mut self, text: &str) {
        let Some(ledger) = &self.ledger else { return };
        if self.console.len() < MOST_COMPLAINTS {
            self.console.push(ledger.recorder().redactor().redact(text));
        }
    }
}

impl Awaited {
    /// Reads a redirect URI.
    pub(in crate::browser) fn new(redirect_uri: &str) -> Result<Self, url::ParseError> {
        Ok(Self(Url::parse(redirect_uri)?.into()))
    }

    /// Whether an address is this redirect URI, with or without parameters.
    pub(in crate::browser) fn is(&self, url: &str) -> bool {
        arrives_at(url, &self.0)
    }

    /// Whether an address is on its host, also if it is another one there.
    pub(in crate::browser) fn is_on_host_of(&self, url: &str) -> bool {
        is_on_host_of(url, &self.0)
    }

    /// The pattern by which the browser holds back requests to it; none for an app's own scheme.
    pub(in crate::browser) fn pattern(&self) -> Option<String> {
        let escaped = self.0.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?");
        self.0.starts_with("http").then(|| format!("{escaped}*"))
    }
}

fn trusts(script: &LoginScript, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| script.trusts(&url))
}

/// A page that complains in a loop must not fill the memory.
const MOST_COMPLAINTS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_met_only_whole() {
        let awaited = Awaited::new("https://app.example").unwrap();
        assert!(awaited.is("https://app.example/?code=1"));
        assert!(awaited.is("https://app.example/#code=1"));
        assert!(!awaited.is("https://app.example/login?code=1"));
        assert!(!awaited.is("https://app.example.evil/?code=1"));
        let custom = Awaited::new("myapp://cb").unwrap();
        assert!(custom.is("myapp://cb?code=1"));
        assert_eq!(custom.pattern(), None);
        let with_query = Awaited::new("http://127.0.0.1/cb?x=1").unwrap();
        assert!(with_query.is("http://127.0.0.1/cb?x=1&code=2"));
        assert_eq!(with_query.pattern().unwrap(), r"http://127.0.0.1/cb\?x=1*");
    }
}
