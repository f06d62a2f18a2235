//! The hosts of a platform, and what connections to them show.

use std::time::Duration;

use url::Url;

use crate::http::{Connector, Handshake, TlsVersion, Unconnected};
use crate::protocol::tls::old::{OldReply, OldVersion};
use crate::world::{Halt, Scene};

/// A host of the platform, as connections to it show it.
#[derive(Clone, Debug)]
pub struct Host {
    /// Host and port.
    pub name: String,
    /// What a usual handshake showed.
    pub handshake: Handshake,
    /// The versions of TLS in use that it speaks.
    pub spoken: Vec<TlsVersion>,
    /// What it said to an offer of each version that is out of use.
    pub old: Vec<(OldVersion, OldReply)>,
}

impl Scene {
    /// Connects to the host of the FHIR base and, if that can be trusted, to the hosts of the
    /// endpoints that the discovery names.
    ///
    /// # Errors
    /// [`Halt::Inconclusive`] if one of them cannot be connected to.
    pub async fn connect_to_hosts(&mut self) -> Result<(), Halt> {
        let connector = Connector::new(PATIENCE, self.authority().as_deref())
            .map_err(|error| Halt::error(format!("failed to {error}")))?;
        let base = self.fhir_base.clone();
        let first = Host::connected(&connector, &base).await?;
        let trusted = first.handshake.distrust.is_none();
        self.hosts = vec![first];
        if !trusted {
            return Ok(());
        }
        let mut origins = vec![base.origin()];
        for member in ENDPOINTS {
            let known = self.known_endpoint(member);
            let endpoint = match known {
                Some(known) => Some(known),
                None => self.discover().await?.endpoint(member),
            };
            let Some(endpoint) = endpoint.filter(|it| it.scheme() == "https") else { continue };
            if !origins.contains(&endpoint.origin()) {
                origins.push(endpoint.origin());
                self.hosts.push(Host::connected(&connector, &endpoint).await?);
            }
        }
        Ok(())
    }

    /// The authority (PEM) that the platform's hosts are certified by, if it is one of its own.
    fn authority(&self) -> Option<Vec<u8>> {
        let tls = self.mock.as_ref().and_then(|server| server.platform.tls());
        let own = tls.map(|tls| tls.ca_pem().into_bytes());
        own.or_else(|| self.context.authority.clone())
    }
}

impl Host {
    async fn connected(connector: &Connector, url: &Url) -> Result<Self, Halt> {
        let failed = |error: Unconnected| Halt::Inconclusive(format!("failed to {error}"));
        let connected = connector.connect(url).await.map_err(failed)?;
        let unprotected = || Halt::error(format!("`{url}` is spoken to without TLS"));
        let handshake = connected.handshake.ok_or_else(unprotected)?;
        let mut spoken = Vec::new();
        for version in TlsVersion::ALL {
            match connector.connect_by_version(url, version).await {
                Ok(_) => spoken.push(version),
                Err(Unconnected::Tls { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        let mut old = Vec::new();
        for version in OldVersion::ALL {
            old.push((version, connector.offer(url, version).await.map_err(failed)?));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let name = format!("{}:{port}", url.host_str().unwrap_or_default());
        Ok(Self { name, handshake, spoken, old })
    }
}

const ENDPOINTS: [&str; 6] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
    "management_endpoint",
];
/// How long each step of a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);
