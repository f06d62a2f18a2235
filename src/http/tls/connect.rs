//! Connects to a host and says how far it got: name, address, port, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ProtocolVersion, SupportedProtocolVersion};
use rustls_platform_verifier::Verifier;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::certificate;
use super::verdict::{Distrust, Judge};
use crate::http::HttpError;
use crate::protocol::reach::is_public;
use crate::record::Certificate;

/// Makes connections that carry no request.
#[derive(Clone, Debug)]
pub struct Connector {
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
    patience: Duration,
}

/// A connection that was made, and ended at once.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The address that answered.
    pub address: SocketAddr,
    /// What was agreed upon, for an `https` address.
    pub handshake: Option<Handshake>,
}

/// What a TLS handshake showed.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The version that was agreed upon.
    pub version: TlsVersion,
    /// The certificates that the host showed, its own first.
    pub chain: Vec<Certificate>,
    /// What keeps a client from trusting them.
    pub distrust: Option<Distrust>,
}

/// A version of TLS that is still in use (RFC 9325 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    V1_2,
    /// TLS 1.3 (RFC 8446).
    V1_3,
}

/// How far a connection did not get.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconnected {
    /// The name leads to no address.
    #[error("find an address for `{host}`: {reason}")]
    Name {
        /// The name.
        host: String,
        /// The resolver's words.
        reason: String,
    },
    /// The machine is there and nobody listens on the port.
    #[error("connect to {address}: the connection was refused")]
    Refused {
        /// Host and port.
        address: String,
    },
    /// Nothing came back in time.
    #[error("connect to {address} in time")]
    Timeout {
        /// Host and port.
        address: String,
    },
    /// There is no way there.
    #[error("connect to {address}: {reason}")]
    NoWay {
        /// Host and port.
        address: String,
        /// The system's words.
        reason: String,
    },
    /// The two sides found no common TLS, or the other one does not speak it.
    #[error("speak TLS with {address}: {reason}")]
    Tls {
        /// Host and port.
        address: String,
        /// What the other side said.
        reason: String,
    },
}

impl Connector {
    /// A connector that gives each step of a connection so much time, and trusts this authority
    /// (PEM) beside those of the machine.
    ///
    /// # Errors
    /// [`HttpError::Setup`] if the machine's certificates or the authority's cannot be read.
    pub fn new(patience: Duration, authority: Option<&[u8]>) -> Result<Self, HttpError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let setup = |error: String| HttpError::Setup(error);
        let extra = CertificateDer::pem_slice_iter(authority.unwrap_or_default());
        let extra = extra.collect::<Result<Vec<_>, _>>().map_err(|it| setup(it.to_string()))?;
        let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
            .map_err(|it| setup(it.to_string()))?;
        Ok(Self { verifier: Arc::new(verifier), provider, patience })
    }

    /// Connects to the host of an address, and over TLS where the address says so.
    ///
    /// A certificate that nobody would trust is shown like any other.
    ///
    /// # Errors
    /// [`Unconnected`] says how far it got.
    pub async fn connect(&self, url: &Url) -> Result<Connected, Unconnected> {
        self.connect_by(url, &[&TLS13, &TLS12]).await
    }

    /// The same, by this version of TLS alone.
    ///
    /// # Errors
    /// [`Unconnected`] says how far it got.
    pub async fn connect_by_version(
        &self,
        url: &Url,
        version: TlsVersion,
    ) -> Result<Connected, Unconnected> {
        self.connect_by(url, &[version.supported()]).await
    }

    /// An address to which the host's name leads, if none of those that it leads to belongs to the
    /// whole internet.
    pub async fn private_address(&self, url: &Url) -> Option<IpAddr> {
        let port = url.port_or_known_default().unwrap_or_default();
        let found = timeout(self.patience, lookup_host((bare_host(url), port))).await.ok()?.ok()?;
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        let none_is_public = !found.iter().any(|address| is_public(*address));
        found.first().copied().filter(|_| none_is_public)
    }

    async fn connect_by(
        &self,
        url: &Url,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<Connected, Unconnected> {
        let (stream, address) = self.open(url).await?;
        let handshake = match url.scheme() {
            "https" => Some(self.shake(url, stream, versions).await?),
            _ => None,
        };
        Ok(Connected { address, handshake })
    }

    /// An open connection to the host of an address, nothing said yet.
    pub(super) async fn open(&self, url: &Url) -> Result<(TcpStream, SocketAddr), Unconnected> {
        let host = bare_host(url);
        let port = url.port_or_known_default().unwrap_or(443);
        let address = host_and_port(url);
        let unnamed = |reason: String| Unconnected::Name { host: host.clone(), reason };
        let looked_up = timeout(self.patience, lookup_host((host.as_str(), port))).await;
        let found = looked_up.map_err(|_| unnamed("no answer in time".into()))?;
        let found: Vec<SocketAddr> = found.map_err(|error| unnamed(error.to_string()))?.collect();
        let mut last = unnamed("it has none".into());
        for candidate in found {
            last = match timeout(self.patience, TcpStream::connect(candidate)).await {
                Ok(Ok(stream)) => return Ok((stream, candidate)),
                Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    Unconnected::Refused { address: address.clone() }
                }
                Ok(Err(error)) => {
                    Unconnected::NoWay { address: address.clone(), reason: error.to_string() }
                }
                Err(_) => Unconnected::Timeout { address: address.clone() },
            };
        }
        Err(last)
    }

    /// How long each step of a connection may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    async fn shake(
        &self,
        url: &Url,
        stream: TcpStream,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<Handshake, Unconnected> {
        let address = host_and_port(url);
        let failed = |reason: String| Unconnected::Tls { address: address.clone(), reason };
        let judge = Arc::new(Judge::new(Arc::clone(&self.verifier)));
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)
            .map_err(|error| failed(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&judge) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        let name =
            ServerName::try_from(bare_host(url)).map_err(|error| failed(error.to_string()))?;
        let shaking = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let shaken = timeout(self.patience, shaking)
            .await
            .map_err(|_| Unconnected::Timeout { address: address.clone() })?
            .map_err(|error| failed(error.to_string()))?;
        let (_, session) = shaken.get_ref();
        let shown = session.peer_certificates().unwrap_or_default();
        Ok(Handshake {
            version: match session.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => TlsVersion::V1_3,
                _ => TlsVersion::V1_2,
            },
            chain: shown.iter().filter_map(|der| certificate::read(der)).collect(),
            distrust: judge.thought(),
        })
    }
}

impl Unconnected {
    /// Nothing came back in time.
    pub(super) fn timeout(url: &Url) -> Self {
        Self::Timeout { address: host_and_port(url) }
    }

    /// There is no way there.
    pub(super) fn no_way(url: &Url, error: &io::Error) -> Self {
        Self::NoWay { address: host_and_port(url), reason: error.to_string() }
    }
}

impl TlsVersion {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::V1_2, Self::V1_3];

    /// Its name for readers.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1_2 => "TLS 1.2",
            Self::V1_3 => "TLS 1.3",
        }
    }

    fn supported(self) -> &'static SupportedProtocolVersion {
        match self {
            Self::V1_2 => &TLS12,
            Self::V1_3 => &TLS13,
        }
    }
}

/// The host as it is looked up: an IPv6 address without its brackets.
fn bare_host(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

/// Host and port, for readers.
pub(super) fn host_and_port(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests;
