//! Reads what a certificate says of itself (RFC 5280).

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::record::Certificate;

/// Reads a certificate in DER; `None` for what is none.
pub(super) fn read(der: &[u8]) -> Option<Certificate> {
    let (_, read) = X509Certificate::from_der(der).ok()?;
    let moment = |time: i64| Timestamp::from_second(time).ok();
    let hosts = read.subject_alternative_name().ok().flatten();
    let hosts = hosts.iter().flat_map(|names| &names.value.general_names);
    Some(Certificate {
        subject: name(read.subject()),
        issuer: name(read.issuer()),
        by_itself: read.subject().as_raw() == read.issuer().as_raw(),
        not_before: moment(read.validity().not_before.timestamp())?,
        not_after: moment(read.validity().not_after.timestamp())?,
        hosts: hosts.filter_map(host).collect(),
        key: STANDARD.encode(digest(&SHA256, read.public_key().raw)),
        key_kind: key_kind(read.public_key()),
        signature: called(read.signature_algorithm.oid()),
    })
}

/// `RSA 2048`, `EC prime256v1`, or the name of the algorithm.
fn key_kind(key: &SubjectPublicKeyInfo<'_>) -> String {
    let curve = || key.algorithm.parameters.as_ref().and_then(|it| it.as_oid().ok());
    match key.parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(_)) => match curve() {
            Some(curve) => format!("EC {}", called(&curve)),
            None => "EC".to_owned(),
        },
        _ => called(key.algorithm.oid()),
    }
}

/// The name of an algorithm or curve, or its number where it has none.
fn called(number: &Oid<'_>) -> String {
    oid2sn(number, oid_registry()).map_or_else(|_| number.to_id_string(), str::to_owned)
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
        let read = super::read(params.self_signed(&key).unwrap().der()).unwrap();
        assert_eq!((read.subject.as_str(), read.by_itself), ("api.example", true));
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.hosts, names);
        assert_eq!(read.key, STANDARD.encode(digest(&SHA256, &key.subject_public_key_info())));
        assert_eq!(read.not_before.to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(read.key_kind, "EC prime256v1");
        assert_eq!(read.signature, "ecdsa-with-SHA256");
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        assert_eq!(read(b"-----BEGIN"), None);
    }
}
