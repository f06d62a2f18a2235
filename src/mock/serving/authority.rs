//! The authority that signs the platform's certificates.

use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::tls::TlsError;
use crate::clock::Clock;

/// A certificate authority, with its private key.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    name: String,
    pem: String,
}

/// A certificate with the key that belongs to it.
pub(super) struct Issued {
    pub(super) der: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// A new authority, whose private key is kept in memory only.
    pub(super) fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let (params, _) = description(&key);
        let pem = params.self_signed(&key)?.pem();
        Ok(Self::of(key, pem))
    }

    /// The authority of a folder; a new one is written where there is none yet.
    pub(super) fn kept_in(folder: &Path) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
        if !key.exists() && !certificate.exists() {
            let authority = Self::new()?;
            let pem = authority.issuer.key().serialize_pem();
            let written = fs::create_dir_all(folder)
                .and_then(|()| write_for_owner(&key, &pem))
                .and_then(|()| fs::write(&certificate, &authority.pem));
            written.map_err(|error| TlsError::file("write", folder, &error))?;
            return Ok(authority);
        }
        refuse_if_others_read(&key)?;
        let read = |file: &Path| {
            fs::read_to_string(file).map_err(|error| TlsError::file("read", file, &error))
        };
        let pair = KeyPair::from_pem(&read(&key)?).map_err(|_| TlsError::NoKey(key.clone()))?;
        Ok(Self::of(pair, read(&certificate)?))
    }

    fn of(key: KeyPair, pem: String) -> Self {
        let (params, name) = description(&key);
        Self { issuer: Issuer::new(params, key), name, pem }
    }

    /// Its own certificate, which a client has to trust.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// Its name in the certificates that it signs.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A certificate for a server, with a new key.
    pub(super) fn issue(&self, params: &CertificateParams) -> Result<Issued, TlsError> {
        let key = KeyPair::generate()?;
        let der = params.signed_by(&key, &self.issuer)?.der().clone();
        Ok(Issued { der, key: key.into() })
    }
}

impl Issued {
    /// The SHA-256 of the certificate, in hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        hexadecimal(digest(&SHA256, &self.der).as_ref())
    }
}

/// A certificate for a server that nobody but itself vouches for, with a new key.
pub(super) fn issue_by_itself(params: &CertificateParams) -> Result<Issued, TlsError> {
    let key = KeyPair::generate()?;
    let der = params.self_signed(&key)?.der().clone();
    Ok(Issued { der, key: key.into() })
}

/// What a server's certificate says: for these names, from one moment to another.
pub(super) fn for_server(
    names: &[String],
    (from, until): (Timestamp, Timestamp),
) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::default();
    for name in names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into()?),
        });
    }
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, names.first().map_or("", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    hold(&mut params, from, until);
    Ok(params)
}

/// What an authority's certificate says, and its name: both follow from its key, so that a
/// certificate and a key that were kept need nothing else.
fn description(key: &KeyPair) -> (CertificateParams, String) {
    let number = digest(&SHA256, key.public_key_raw());
    let name = format!("Checkride mock CA {}", hexadecimal(&number.as_ref()[..4]));
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name.as_str());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = Clock::system().now();
    hold(&mut params, now - DAY, now + DAY * 3650);
    (params, name)
}

/// Lets a certificate hold from one moment to another.
fn hold(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let since_1970 = |moment: Timestamp| {
        Duration::from_secs(u64::try_from(moment.as_second()).unwrap_or_default())
    };
    params.not_before = date_time_ymd(1970, 1, 1) + since_1970(from);
    params.not_after = date_time_ymd(1970, 1, 1) + since_1970(until);
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a new file that its owner alone can read.
fn write_for_owner(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// A private key that others may have read vouches for nothing.
#[cfg(unix)]
fn refuse_if_others_read(key: &Path) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::metadata(key).map_err(|error| TlsError::file("read", key, &error))?;
    let others = found.permissions().mode() & 0o077;
    (others == 0).then_some(()).ok_or_else(|| TlsError::OpenToOthers(key.to_owned()))
}

#[cfg(not(unix))]
fn refuse_if_others_read(_key: &Path) -> Result<(), TlsError> {
    Ok(())
}

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";
const DAY: SignedDuration = SignedDuration::from_hours(24);
