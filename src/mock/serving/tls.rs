//! The TLS of a platform: its authority, and the certificate that it shows now.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use tokio::sync::watch;

use super::authority::{Authority, Issued, Root};
use super::certificate::{Certificate, Kind, issue};

/// What a platform needs to be served over TLS; clones are handles of the same.
#[derive(Clone)]
pub struct Tls(Arc<Parts>);

struct Parts {
    /// The names of the platform's host.
    hosts: Vec<String>,
    /// Whether good certificates come with that of their authority, by whose key a browser knows them.
    shows_authority: bool,
    /// The authority that takes the place of the first one, if that was decided before.
    successor: Option<Arc<Authority>>,
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    changed: watch::Sender<()>,
}

/// The certificate that new connections get.
struct Shown(Mutex<Current>);

struct Current {
    authority: Arc<Authority>,
    certificate: Certificate,
    key: Arc<CertifiedKey>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The machine's cryptography refused.
    #[error("make a certificate: {0}")]
    Cryptography(String),
    /// A file of the authority cannot be read or written.
    #[error("{deed} `{}`: {reason}", path.display())]
    File {
        /// `read` or `write`.
        deed: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The authority's key is no private key.
    #[error("read a private key in `{}`", .0.display())]
    NoKey(PathBuf),
    /// Other users of the machine can read the authority's key.
    #[error("trust `{}`, which others can read", .0.display())]
    OpenToOthers(PathBuf),
    /// The authority's certificate and key do not belong together, or its time is over.
    #[error("use the authority in `{}`: {reason}", folder.display())]
    Unfit {
        /// The folder.
        folder: PathBuf,
        /// What a client would say.
        reason: String,
    },
    /// The authority's certificate lets no other authority stand between it and a server.
    #[error("have an intermediate authority under this one: {0}")]
    NoIntermediate(String),
    /// No certificate can hold until then.
    #[error("let a certificate end then: it takes a time from 1970-01-02 to 9998")]
    Moment,
}

impl Tls {
    /// TLS with a new authority, for the loopback names and for these hosts. No key leaves memory.
    ///
    /// # Errors
    /// If the machine's cryptography refuses, or if a host is none.
    pub fn in_memory(hosts: &[String]) -> Result<Self, TlsError> {
        Self::of(Arc::new(Authority::new()?), None, hosts)
    }

    /// TLS with an authority that others share, for the loopback names. Good certificates come with
    /// its own: a browser that trusts its key accepts them, and no others.
    ///
    /// # Errors
    /// If the machine's cryptography refuses.
    pub fn under(root: &Root) -> Result<Self, TlsError> {
        Self::of(Arc::clone(&root.now), Some(Arc::clone(&root.next)), &[])
    }

    /// TLS with the authority of a folder, for the loopback names and for these hosts. A folder
    /// without one gets a new one: `ca.pem`, and `ca-key.pem` that its owner alone can read.
    ///
    /// # Errors
    /// If the folder cannot be used, or if what is in it is no authority.
    pub fn kept_in(folder: &Path, hosts: &[String]) -> Result<Self, TlsError> {
        let tls = Self::of(Arc::new(Authority::kept_in(folder)?), None, hosts)?;
        tls.check().map_err(|reason| TlsError::Unfit { folder: folder.to_owned(), reason })?;
        Ok(tls)
    }

    fn of(
        mut authority: Arc<Authority>,
        successor: Option<Arc<Authority>>,
        hosts: &[String],
    ) -> Result<Self, TlsError> {
        let mut names: Vec<String> = LOOPBACK.map(str::to_owned).into();
        for host in hosts {
            if !names.contains(host) {
                names.push(host.clone());
            }
        }
        // Whoever shares an authority has clients that know it by its key.
        let shows_authority = successor.is_some();
        let (certificate, issued) = issue(Kind::Renewed, None, &names, &mut authority, None)?;
        let key = certified(issued, shows_authority.then_some(&authority))?;
        let shown = Arc::new(Shown(Mutex::new(Current { authority, certificate, key })));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        // A resumed session would not look at the certificate again.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let (changed, _) = watch::channel(());
        let config = Arc::new(config);
        let hosts = names;
        Ok(Self(Arc::new(Parts { hosts, shows_authority, successor, config, shown, changed })))
    }

    /// The certificate of the authority, which clients have to trust.
    pub fn ca_pem(&self) -> String {
        self.0.shown.open().authority.pem().to_owned()
    }

    /// The certificate that new connections get.
    pub fn certificate(&self) -> Certificate {
        self.0.shown.open().certificate.clone()
    }

    /// Shows another certificate from now on, which holds until `not_after` if that is given. Open
    /// connections end after the request at hand, so that every next one meets it.
    ///
    /// # Errors
    /// If there can be no such certificate.
    pub fn show(&self, kind: Kind, not_after: Option<Timestamp>) -> Result<Certificate, TlsError> {
        let mut current = self.0.shown.open();
        let mut authority = Arc::clone(&current.authority);
        let successor = self.0.successor.as_ref();
        let (certificate, issued) =
            issue(kind, not_after, &self.0.hosts, &mut authority, successor)?;
        let shows_authority = self.0.shows_authority && kind.is_good() && not_after.is_none();
        let key = certified(issued, shows_authority.then_some(&authority))?;
        if kind == Kind::NewIntermediate && not_after.is_none() {
            accepted(&authority, &key).map_err(TlsError::NoIntermediate)?;
        }
        *current = Current { authority, certificate: certificate.clone(), key };
        drop(current);
        self.0.changed.send_replace(());
        Ok(certificate)
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config)
    }

    /// Hears of the next change.
    pub(super) fn changed(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// Looks at the certificate as a client would that trusts the authority.
    fn check(&self) -> Result<(), String> {
        let current = self.0.shown.open();
        accepted(&current.authority, &current.key)
    }
}

/// Whether a client that trusts the authority accepts a certificate with those that lead to it.
fn accepted(authority: &Authority, key: &CertifiedKey) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    let trusted = authority.der().map_err(|_| "its certificate cannot be read".to_owned())?;
    roots.add(trusted).map_err(|error| error.to_string())?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let name = ServerName::try_from(LOOPBACK[0]).map_err(|error| error.to_string())?;
    let (end, above) = key.cert.split_first().ok_or("there is no certificate")?;
    let verifier = verifier.build().map_err(|error| error.to_string())?;
    let verified = verifier.verify_server_cert(end, above, &name, &[], UnixTime::now());
    verified.map(drop).map_err(|error| error.to_string())
}

impl Shown {
    fn open(&self) -> MutexGuard<'_, Current> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.open().key))
    }
}

impl TlsError {
    pub(super) fn file(deed: &'static str, path: &Path, error: &io::Error) -> Self {
        Self::File { deed, path: path.to_owned(), reason: error.to_string() }
    }
}

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        Self::Cryptography(error.to_string())
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        Self::Cryptography(error.to_string())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.certificate()).finish()
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shown").field(&self.open().certificate).finish()
    }
}

/// What a server shows: its certificate, those above it, and the authority's own if that is given.
fn certified(
    issued: Issued,
    authority: Option<&Arc<Authority>>,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let provider: CryptoProvider = aws_lc_rs::default_provider();
    let mut chain = vec![issued.der];
    chain.extend(issued.above);
    chain.extend(authority.map(|authority| authority.der()).transpose()?);
    Ok(Arc::new(CertifiedKey::from_der(chain, issued.key, &provider)?))
}

/// The names under which a machine finds itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
