//! The facts of headers that clients rely on; all others are noise.

use super::place::Places;
use super::{Aspect, Fact, Facts, Outcome, words};
use crate::difference::rules::Vocabulary;
use crate::record::Response;

pub fn note(facts: &mut Facts, response: &Response, places: &Places, vocabulary: &Vocabulary) {
    for (name, value) in &response.headers {
        let name = name.as_str();
        match name {
            "content-type" => media_type(facts, value),
            "location" => location(facts, value, places),
            "set-cookie" => cookie(facts, value),
            "www-authenticate" => challenge(facts, value),
            _ if vocabulary.quotas.contains(name) => {
                facts.put(Aspect::Header, name, Fact::Present(String::new()));
                let number = value.split([',', ';']).next().unwrap_or_default().trim();
                if let Ok(number) = number.parse() {
                    facts.put(Aspect::Quota, name, Fact::Amount(number));
                }
            }
            _ if vocabulary.directives.contains(name) => {
                facts.put(Aspect::Header, name, Fact::Present(String::new()));
                directives(facts, name, value, places);
            }
            _ if vocabulary.headers.contains(name) => {
                facts.put(Aspect::Header, name, Fact::Present(String::new()));
                facts.text(Aspect::HeaderValue, name, words::sentence(value));
            }
            _ if vocabulary.present.contains(name) => {
                facts.put(Aspect::Header, name, Fact::Present(String::new()));
            }
            _ => {}
        }
    }
}

fn media_type(facts: &mut Facts, value: &str) {
    let mut parts = value.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    facts.put(Aspect::Header, "content-type", Fact::Present(String::new()));
    facts.text(Aspect::MediaType, "content-type", essence);
    let charset = charset.unwrap_or_else(|| "none".to_owned());
    facts.text(Aspect::Charset, "content-type", charset);
}

fn location(facts: &mut Facts, value: &str, places: &Places) {
    let Some(location) = places.location(value) else { return };
    // The code of an error is told as such.
    let is_refusal = matches!(facts.outcome, Outcome::Refused { .. });
    let told = |name: &str| is_refusal && name.starts_with("error");
    let of = |mark: char, pairs: &[(String, String)]| -> Vec<String> {
        let names = pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !told(name));
        names.map(|name| format!("{mark}{name}")).collect()
    };
    let names: Vec<String> =
        of('?', &location.query).into_iter().chain(of('#', &location.fragment)).collect();
    facts.text(Aspect::Redirect, "location", location.place);
    facts.list(Aspect::Parameter, "location", names);
}

/// `no-store, max-age=0`: the words, and how long something lasts.
fn directives(facts: &mut Facts, name: &str, value: &str, places: &Places) {
    let mut found = Vec::new();
    for part in value.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let (word, argument) = part.split_once('=').unwrap_or((part, ""));
        let word = word.trim().to_ascii_lowercase();
        if let Ok(seconds) = argument.trim().trim_matches('"').parse() {
            facts.put(Aspect::Lifetime, format!("{name}: {word}"), Fact::Amount(seconds));
        }
        let is_own = places.origin.as_deref().is_some_and(|origin| origin == part);
        found.push(if is_own { "[the asking origin]".to_owned() } else { word });
    }
    facts.list(Aspect::Directive, name, found);
}

/// The schemes and the names of their parameters (RFC 9110 §11.6.1).
fn challenge(facts: &mut Facts, value: &str) {
    facts.put(Aspect::Header, "www-authenticate", Fact::Present(String::new()));
    let mut scheme = String::new();
    let mut found = Vec::new();
    for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (head, _) = part.split_once('=').unwrap_or((part, ""));
        let name = match head.trim().split_once(' ') {
            Some((new, name)) => {
                scheme = new.to_owned();
                found.push(scheme.clone());
                name.trim()
            }
            None if !part.contains('=') => {
                scheme = part.to_owned();
                found.push(scheme.clone());
                continue;
            }
            None => head.trim(),
        };
        found.push(format!("{scheme} {name}"));
    }
    facts.list(Aspect::Directive, "www-authenticate", found);
}

/// A cookie's name, and what it says beside its value (RFC 6265 §4.1).
fn cookie(facts: &mut Facts, value: &str) {
    let mut parts = value.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default();
    let name = pair.split_once('=').map_or("", |(name, _)| name);
    let name = if words::is_id(name) { "{id}" } else { name };
    facts.put(Aspect::Cookie, name, Fact::Present(String::new()));
    let mut attributes = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let (attribute, argument) = part.split_once('=').unwrap_or((part, ""));
        let attribute = attribute.to_ascii_lowercase();
        match attribute.as_str() {
            "max-age" => {
                if let Ok(seconds) = argument.parse() {
                    let name = format!("cookie {name}: max-age");
                    facts.put(Aspect::Lifetime, name, Fact::Amount(seconds));
                }
                attributes.push(attribute);
            }
            "expires" => attributes.push(attribute),
            _ => attributes.push(part.to_ascii_lowercase()),
        }
    }
    facts.list(Aspect::CookieAttribute, name, attributes);
}
