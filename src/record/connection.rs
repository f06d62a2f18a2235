//! What connections to the hosts of a platform showed, beside all requests: a certificate can change
//! while every answer stays as it was.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A host that a run talked to over TLS, as a connection without a request showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Host and port.
    pub host: String,
    /// When it was looked at, UTC.
    pub at: Timestamp,
    /// What it showed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tls: Option<Tls>,
    /// Why it showed nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unseen: Option<String>,
}

/// What a host showed of its TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The version that it agrees upon with a client of today: `TLS 1.3`.
    pub version: String,
    /// The versions that it speaks, the oldest first.
    pub speaks: Vec<String>,
    /// The versions that it was offered alone, and refused.
    pub refuses: Vec<String>,
    /// The certificates that it showed, its own first.
    pub chain: Vec<Certificate>,
    /// What keeps a client from trusting them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub distrust: Option<String>,
}

/// What a certificate says of itself (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Whose it is: the common name, or the whole name where there is none.
    pub subject: String,
    /// Who issued it, named in the same way.
    pub issuer: String,
    /// Whether its issuer's name is its own.
    pub by_itself: bool,
    /// The moment from which it is good.
    pub not_before: Timestamp,
    /// The moment at which it ends.
    pub not_after: Timestamp,
    /// Hosts and addresses that it is for.
    pub hosts: Vec<String>,
    /// The fingerprint of its public key: SHA-256 in base64 (RFC 7469 §2.4).
    pub key: String,
    /// What kind of key that is, with its size in bits or its curve: `RSA 2048`, `EC prime256v1`.
    pub key_kind: String,
    /// The algorithm by which its issuer signed it: `sha256WithRSAEncryption`.
    pub signature: String,
}

impl Connection {
    /// Takes over what was seen of hosts: whatever differs from what is known of the same host stays
    /// beside it, and what was seen takes the place of a failure to see it.
    pub fn join(known: &mut Vec<Self>, seen: impl IntoIterator<Item = Self>) {
        for new in seen {
            let same_host = |one: &Self| one.host == new.host;
            if known.iter().any(|one| same_host(one) && (one.tls == new.tls || new.tls.is_none())) {
                continue;
            }
            known.retain(|one| !same_host(one) || one.tls.is_some());
            known.push(new);
        }
        known.sort_by(|one, other| (&one.host, one.at).cmp(&(&other.host, other.at)));
    }
}

impl Certificate {
    /// Whole days until it ends; negative for one that has ended.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.not_after.duration_since(now).as_secs().div_euclid(SECONDS_OF_A_DAY)
    }
}

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(host: &str, at: &str, version: Option<&str>) -> Connection {
        let tls = version.map(|version| Tls {
            version: version.to_owned(),
            speaks: vec![version.to_owned()],
            refuses: Vec::new(),
            chain: Vec::new(),
            distrust: None,
        });
        let unseen = tls.is_none().then(|| "failed to connect".to_owned());
        Connection { host: host.to_owned(), at: at.parse().unwrap(), tls, unseen }
    }

    #[test]
    fn what_is_the_same_is_kept_once_and_what_has_changed_beside_it() {
        let (one, two) = ("2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z");
        let mut known = vec![
            connection("b:443", one, Some("TLS 1.2")),
            connection("c:443", one, None),
            connection("a:443", one, Some("TLS 1.3")),
        ];
        Connection::join(
            &mut known,
            [
                connection("a:443", two, Some("TLS 1.3")),
                connection("b:443", two, Some("TLS 1.3")),
                connection("c:443", two, Some("TLS 1.3")),
                connection("a:443", two, None),
                connection("d:443", two, None),
            ],
        );
        let seen = known.iter().map(|it| {
            let version = it.tls.as_ref().map(|tls| tls.version.as_str());
            (it.host.as_str(), it.at.to_string(), version)
        });
        let (one, two) = (one.to_owned(), two.to_owned());
        let expected = [
            ("a:443", one.clone(), Some("TLS 1.3")),
            ("b:443", one, Some("TLS 1.2")),
            ("b:443", two.clone(), Some("TLS 1.3")),
            ("c:443", two.clone(), Some("TLS 1.3")),
            ("d:443", two, None),
        ];
        assert_eq!(seen.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn days_are_counted_to_the_end_and_beyond_it() {
        let certificate = Certificate {
            subject: "api.example".into(),
            issuer: "An authority".into(),
            by_itself: false,
            not_before: "2026-11-01T00:00:00Z".parse().unwrap(),
            not_after: "2026-12-01T00:00:00Z".parse().unwrap(),
            hosts: Vec::new(),
            key: String::new(),
            key_kind: String::new(),
            signature: String::new(),
        };
        let days = |now: &str| certificate.days_left(now.parse().unwrap());
        assert_eq!(days("2026-11-22T00:00:00Z"), 9);
        assert_eq!(days("2026-12-01T00:00:01Z"), -1);
    }
}
