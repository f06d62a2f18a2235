//! The authority that signs the platform's certificates.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize, SanType,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::tls::TlsError;
use crate::clock::Clock;

/// A certificate authority, with its private key.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    name: String,
    pem: String,
}

/// A certificate authority that several platforms share, and the one that takes its place when it is
/// replaced; clones are handles of the same.
#[derive(Clone)]
pub struct Root {
    pub(super) now: Arc<Authority>,
    pub(super) next: Arc<Authority>,
}

/// A certificate with the key that belongs to it, and those that lead from it to its authority.
pub(super) struct Issued {
    pub(super) der: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) above: Vec<CertificateDer<'static>>,
}

impl Root {
    /// A new authority with another one to come; their private keys are kept in memory only.
    ///
    /// # Errors
    /// If the machine's cryptography refuses.
    pub fn new() -> Result<Self, TlsError> {
        Ok(Self { now: Arc::new(Authority::new()?), next: Arc::new(Authority::new()?) })
    }

    /// The certificates of both, which a client has to trust that is to go on when the one takes the
    /// place of the other.
    pub fn pem(&self) -> String {
        [self.now.pem(), self.next.pem()].concat()
    }

    /// The SHA-256 of the public key of each, in base64: by it browsers are told to trust what it
    /// vouches for.
    pub fn key_digests(&self) -> Vec<String> {
        let digest_of = |authority: &Arc<Authority>| {
            let key = authority.issuer.key().subject_public_key_info();
            STANDARD.encode(digest(&SHA256, &key))
        };
        vec![digest_of(&self.now), digest_of(&self.next)]
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root").field(&self.now.name()).finish()
    }
}

impl Authority {
    /// A new authority, whose private key is kept in memory only.
    pub(super) fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let (params, _) = description(&key, MOST_BELOW);
        let pem = params.self_signed(&key)?.pem();
        Ok(Self::of(key, pem))
    }

    /// A new authority that this one certifies, and its certificate.
    pub(super) fn intermediate(&self) -> Result<(Self, CertificateDer<'static>), TlsError> {
        let key = KeyPair::generate()?;
        let (params, _) = description(&key, 0);
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((Self::of(key, certificate.pem()), certificate.der().clone()))
    }

    /// Its own certificate, as servers show it.
    pub(super) fn der(&self) -> Result<CertificateDer<'static>, TlsError> {
        CertificateDer::from_pem_slice(self.pem.as_bytes())
            .map_err(|error| TlsError::Cryptography(error.to_string()))
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
        let (params, name) = description(&key, MOST_BELOW);
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

    /// A certificate for a server, with a new key on P-256.
    pub(super) fn issue(&self, params: &CertificateParams) -> Result<Issued, TlsError> {
        self.issue_for(KeyPair::generate()?, params)
    }

    /// A certificate for a server, with a new RSA key.
    pub(super) fn issue_for_rsa(&self, params: &CertificateParams) -> Result<Issued, TlsError> {
        self.issue_for(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?, params)
    }

    fn issue_for(&self, key: KeyPair, params: &CertificateParams) -> Result<Issued, TlsError> {
        let der = params.signed_by(&key, &self.issuer)?.der().clone();
        Ok(Issued { der, key: key.into(), above: Vec::new() })
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
    Ok(Issued { der, key: key.into(), above: Vec::new() })
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
/// certificate and a key that were kept need nothing else. `below` is how many authorities may stand
/// between it and a server (RFC 5280 §4.2.1.9).
fn description(key: &KeyPair, below: u8) -> (CertificateParams, String) {
    let number = digest(&SHA256, key.public_key_raw());
    let name = format!("Checkride mock CA {}", hexadecimal(&number.as_ref()[..4]));
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name.as_str());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
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

const MOST_BELOW: u8 = 1;
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";
const DAY: SignedDuration = SignedDuration::from_hours(24);
