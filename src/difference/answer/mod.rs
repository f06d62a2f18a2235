//! What an answer says without its values: the facts that two answers are compared by.
//!
//! A [`Facts`] has an [`Outcome`], entries by [`Aspect`] and name, and the shape of a JSON body. Ids,
//! moments, addresses of this machine and secrets are no facts, so two answers of one platform to one
//! request have the same, on whatever day and port they were given.

mod differ;
mod documents;
mod form;
mod header;
mod json;
mod outcome;
mod place;
pub mod tls;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use crate::record::endpoint::{Addresses, Endpoint, Kind};
pub use differ::{How, Seen, compare};
pub use outcome::Outcome;

use json::Shape;
use place::Places;

use super::rules::Vocabulary;
use crate::record::endpoint::words;
use crate::record::{Request, Response};

/// What an answer says without its values.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub outcome: Outcome,
    pub status: u16,
    pub entries: BTreeMap<(Aspect, String), Fact>,
    /// The body, if it is JSON: by name of the root, those of resources too.
    pub shapes: BTreeMap<String, Shape>,
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Whether the request was accepted.
    Outcome,
    /// The HTTP status, where that has not changed.
    Status,
    /// The code of an error.
    Error,
    /// What is said about an error.
    ErrorText,
    /// A member of a JSON body.
    Member,
    /// One of few words, such as that of `token_type`.
    Value,
    /// What a list names, such as that of `grant_types_supported`.
    Listed,
    /// The address of an endpoint.
    Address,
    /// How long something lasts.
    Lifetime,
    /// How much may be asked.
    Quota,
    /// The media type.
    MediaType,
    /// The charset.
    Charset,
    /// Whether a header is there.
    Header,
    /// The words of a header that is one of a list.
    Directive,
    /// What a header holds.
    HeaderValue,
    /// Where a redirect leads.
    Redirect,
    /// The parameters that a redirect brings.
    Parameter,
    /// A cookie.
    Cookie,
    /// An attribute of a cookie.
    CookieAttribute,
    /// A form of a page.
    Form,
    /// Where and how a form is sent.
    FormTarget,
    /// A field of a form that a user fills in.
    Field,
    /// A field of a form that no user sees.
    HiddenField,
    /// A button of a form.
    Button,
    /// The words before a field, or on a button.
    Label,
    /// A choice that a field offers.
    Choice,
    /// A key of a key set.
    Key,
    /// A version of TLS.
    Protocol,
    /// Whether a client of today trusts the certificate.
    Trust,
    /// Who issued the certificate, and who vouches for them.
    Authority,
    /// The hosts that the certificate is for.
    CertificateHost,
    /// The kind and size of the certificate's key.
    KeyKind,
    /// The certificate's key.
    PublicKey,
    /// How long the certificate lasts.
    Renewal,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It is there; in words what it is, if there is anything to say.
    Present(String),
    /// It is this. Where one side has none, another fact tells so.
    Text(String),
    /// It names these. Where one side has none, another fact tells so.
    Set(BTreeSet<String>),
    /// It lasts so many seconds, or is so many of something.
    Amount(u64),
    /// A field.
    Field { kind: String, required: bool },
}

/// An answer, with what of its request it is to be read by.
pub struct Answer<'a> {
    pub endpoint: &'a Endpoint,
    pub request: &'a Request,
    pub response: &'a Response,
}

impl Answer<'_> {
    /// Its facts.
    pub fn facts(&self, vocabulary: &Vocabulary) -> Facts {
        let places = Places::of(self.request);
        let body = &self.response.body;
        let is_whole = !body.ends_with(" bytes in all]");
        let body = if is_whole { serde_json::from_str(body).ok() } else { None };
        let outcome = outcome::of(self.response, body.as_ref(), &places);
        let mut facts = Facts { outcome, status: self.response.status, ..Facts::default() };
        facts.outcome_facts();
        header::note(&mut facts, self.response, &places, vocabulary);
        match &body {
            Some(body) => documents::note(&mut facts, self.endpoint, body, &places, vocabulary),
            None if is_whole && self.is_page() => form::note(&mut facts, &self.response.body),
            None => {}
        }
        facts
    }

    fn is_page(&self) -> bool {
        let headers = &self.response.headers;
        headers.iter().any(|(name, value)| name == "content-type" && value.contains("html"))
    }
}

impl Facts {
    fn put(&mut self, aspect: Aspect, name: impl Into<String>, fact: Fact) {
        self.entries.insert((aspect, name.into()), fact);
    }

    fn text(&mut self, aspect: Aspect, name: impl Into<String>, text: impl Into<String>) {
        self.put(aspect, name, Fact::Text(text.into()));
    }

    /// Adds to what a list names; one that names nothing is there too.
    fn list(
        &mut self,
        aspect: Aspect,
        name: impl Into<String>,
        items: impl IntoIterator<Item = String>,
    ) {
        let fact = self.entries.entry((aspect, name.into()));
        if let Fact::Set(set) = fact.or_insert_with(|| Fact::Set(BTreeSet::new())) {
            set.extend(items);
        }
    }

    fn outcome_facts(&mut self) {
        if let Outcome::Refused { error, text } = &self.outcome {
            let (error, text) = (error.clone(), text.clone());
            self.text(Aspect::Error, "error", error.unwrap_or_else(|| "none".to_owned()));
            if let Some(text) = text {
                self.text(Aspect::ErrorText, "description", words::sentence(&text));
            }
        }
    }
}
