//! The hosts of a platform, and what connections to them show.

use std::time::Duration;

use url::Url;

use crate::http::{Connector, Host, Unconnected};
use crate::world::{Halt, Scene};

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
        let first = look_at(&connector, &base).await?;
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
                self.hosts.push(look_at(&connector, &endpoint).await?);
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

async fn look_at(connector: &Connector, url: &Url) -> Result<Host, Halt> {
    let failed = |error: Unconnected| Halt::Inconclusive(format!("failed to {error}"));
    let seen = connector.look_at(url).await.map_err(failed)?;
    seen.ok_or_else(|| Halt::error(format!("`{url}` is spoken to without TLS")))
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
