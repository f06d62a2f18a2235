//! What the platform's hosts showed of their TLS.

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::{day_in_words, day_of};
use crate::record::{Certificate, Connection, Run};

/// A host in the table.
#[derive(Serialize)]
pub(super) struct Line<'run> {
    host: &'run str,
    /// Whether clients trust it; not known of one that could not be seen.
    trusted: Option<bool>,
    /// The versions of TLS, or why there is nothing to tell.
    sentence: String,
    chain: Vec<Link<'run>>,
}

/// A certificate of its chain.
#[derive(Serialize)]
struct Link<'run> {
    subject: &'run str,
    issuer: &'run str,
    key: &'run str,
    about: String,
}

/// The hosts in the order of their names.
pub(super) fn connections(run: &Run) -> Vec<Line<'_>> {
    run.connections.iter().map(line).collect()
}

fn line(connection: &Connection) -> Line<'_> {
    let host = connection.host.as_str();
    let Some(tls) = &connection.tls else {
        let why = connection.unseen.as_deref().unwrap_or("without TLS");
        return Line { host, trusted: None, sentence: why.to_owned(), chain: Vec::new() };
    };
    let list = |versions: &[String]| match versions {
        [] => "nothing".to_owned(),
        versions => versions.join(", "),
    };
    let mut sentence = format!("{}; speaks {}", tls.version, list(&tls.speaks));
    sentence.push_str(&format!("; refuses {}", list(&tls.refuses)));
    if let Some(why) = &tls.distrust {
        sentence.push_str(&format!("; not trusted: {why}"));
    }
    let chain = tls.chain.iter().map(|one| link(one, connection.at)).collect();
    Line { host, trusted: Some(tls.distrust.is_none()), sentence, chain }
}

fn link(certificate: &Certificate, at: Timestamp) -> Link<'_> {
    let day = |moment: Timestamp| day_in_words(day_of(moment));
    let days = match certificate.days_left(at) {
        days if days < 0 => "ended".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    };
    let Certificate { subject, issuer, not_before, not_after, key, key_kind, signature, .. } =
        certificate;
    let about =
        format!("{key_kind} · {signature} · {} to {}, {days}", day(*not_before), day(*not_after));
    Link { subject, issuer, key, about }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_host_is_told_with_its_versions_and_the_days_of_its_certificate() {
        let run = sample::run();
        let lines = connections(&run);
        let told = |index: usize| (lines[index].host, lines[index].sentence.as_str());
        let api = "api.preview.platform.athenahealth.com:443";
        let sentence = "TLS 1.3; speaks TLS 1.2, TLS 1.3; refuses TLS 1.0, TLS 1.1";
        assert_eq!(told(0), (api, sentence));
        assert_eq!(lines[0].trusted, Some(true));
        assert_eq!(
            lines[0].chain[0].about,
            "RSA 2048 · sha256WithRSAEncryption · 4 February 2026 to 7 March 2027, 106 days left"
        );
        assert_eq!((lines[1].trusted, lines[1].chain.len()), (None, 0));
        assert!(lines[1].sentence.starts_with("failed to connect"), "{}", lines[1].sentence);
    }
}
