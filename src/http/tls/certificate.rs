//! What a certificate says of itself (RFC 5280).

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Certificate {
    /// Reads a certificate in DER; `None` for what is none.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(der).ok()?;
        let moment = |time: i64| Timestamp::from_second(time).ok();
        let hosts = read.subject_alternative_name().ok().flatten();
        let hosts = hosts.iter().flat_map(|names| &names.value.general_names);
        Some(Self {
            subject: name(read.subject()),
            issuer: name(read.issuer()),
            by_itself: read.subject().as_raw() == read.issuer().as_raw(),
            not_before: moment(read.validity().not_before.timestamp())?,
            not_after: moment(read.validity().not_after.timestamp())?,
            hosts: hosts.filter_map(host).collect(),
            key: STANDARD.encode(digest(&SHA256, read.public_key().raw)),
        })
    }

    /// Whole days until it ends; negative for one that has ended.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.not_after.duration_since(now).as_secs().div_euclid(SECONDS_OF_A_DAY)
    }
}

fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|it| it.as_str().ok());
    common.map_or_else(|| name.to_string(), str::to_owned)
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData, date_time_ymd};

    #[test]
    fn a_certificate_is_read_with_its_names_and_times() {
        let names = ["api.example".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let mut params = CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "api.example");
        params.not_before = date_time_ymd(2026, 11, 1);
        params.not_after = date_time_ymd(2026, 12, 1);
        let key = KeyPair::generate().unwrap();
        let read = Certificate::read(params.self_signed(&key).unwrap().der()).unwrap();
        assert_eq!((read.subject.as_str(), read.by_itself), ("api.example", true));
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.hosts, names);
        assert_eq!(read.key, STANDARD.encode(digest(&SHA256, &key.subject_public_key_info())));
        assert_eq!(read.not_before.to_string(), "2026-11-01T00:00:00Z");
        let days = |now: &str| read.days_left(now.parse().unwrap());
        assert_eq!(days("2026-11-22T00:00:00Z"), 9);
        assert_eq!(days("2026-12-01T00:00:01Z"), -1);
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        assert_eq!(Certificate::read(b"-----BEGIN"), None);
    }
}
