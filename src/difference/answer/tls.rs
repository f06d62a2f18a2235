//! The facts of what a host showed of its TLS.

use super::{Aspect, Endpoint, Fact, Facts, Kind};
use crate::clock::{day_in_words, day_of};
use crate::record::Tls;

impl Endpoint {
    /// A host, as a connection without a request sees it.
    pub fn host(host: &str) -> Self {
        Self::at(Kind::Tls, "TLS", host)
    }
}

/// What clients hold fast: versions, issuers, names and keys. A certificate that was renewed by the same
/// issuer is another one, and no more.
pub fn facts(tls: &Tls) -> Facts {
    let mut facts = Facts::default();
    facts.list(Aspect::Protocol, "versions", tls.speaks.iter().cloned());
    let trusted = if tls.distrust.is_none() { "trusted" } else { "not trusted" };
    facts.text(Aspect::Trust, "certificate", trusted);
    if let Some(own) = tls.chain.first() {
        facts.list(Aspect::CertificateHost, "certificate", own.hosts.iter().cloned());
        facts.text(Aspect::KeyKind, "certificate", &own.key_kind);
        facts.text(Aspect::PublicKey, "certificate", &own.key);
        let until = day_in_words(day_of(own.not_after));
        facts.text(Aspect::Renewal, "certificate", format!("until {until}"));
    }
    if let Some(last) = tls.chain.last() {
        let root = if last.by_itself { &last.subject } else { &last.issuer };
        facts.text(Aspect::Authority, "root", root);
    }
    let issuers = tls.chain.iter().filter(|one| !one.by_itself).map(|one| one.issuer.clone());
    facts.put(Aspect::Authority, "issuers", Fact::Text(issuers.collect::<Vec<_>>().join(" < ")));
    facts
}
