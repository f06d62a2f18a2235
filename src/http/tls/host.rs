//! Looks at a host from outside: the versions of TLS that it speaks and refuses, and its certificates.

use jiff::Timestamp;
use url::Url;

use super::connect::{Connector, Handshake, TlsVersion, Unconnected, host_and_port};
use crate::protocol::tls::old::{OldReply, OldVersion};
use crate::record::{Connection, Tls};

/// A host, as connections to it show it.
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

impl Connector {
    /// Looks at the host of an address by a few handshakes that no request follows; `None` where the
    /// address says nothing of TLS.
    ///
    /// # Errors
    /// [`Unconnected`] if one of the connections is not made, or gets no answer in time.
    pub async fn look_at(&self, url: &Url) -> Result<Option<Host>, Unconnected> {
        let Some(handshake) = self.connect(url).await?.handshake else { return Ok(None) };
        let mut spoken = Vec::new();
        for version in TlsVersion::ALL {
            if version == handshake.version {
                spoken.push(version);
                continue;
            }
            match self.connect_by_version(url, version).await {
                Ok(_) => spoken.push(version),
                Err(Unconnected::Tls { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut old = Vec::new();
        for version in OldVersion::ALL {
            old.push((version, self.offer(url, version).await?));
        }
        Ok(Some(Host { name: host_and_port(url), handshake, spoken, old }))
    }

    /// The same as evidence, which says also why there is none.
    pub async fn evidence(&self, url: &Url, at: Timestamp) -> Connection {
        let host = host_and_port(url);
        match self.look_at(url).await {
            Ok(seen) => Connection { host, at, tls: seen.map(Host::shown), unseen: None },
            Err(error) => {
                Connection { host, at, tls: None, unseen: Some(format!("failed to {error}")) }
            }
        }
    }
}

impl Host {
    fn shown(self) -> Tls {
        let agreed = |reply: &OldReply| matches!(reply, OldReply::Agrees(_));
        let old = |agrees| {
            let old = self.old.iter().filter(move |(_, reply)| agreed(reply) == agrees);
            old.map(|(version, _)| version.name())
        };
        let unspoken = TlsVersion::ALL.into_iter().filter(|version| !self.spoken.contains(version));
        let spoken = self.spoken.iter().map(|version| version.name());
        Tls {
            version: self.handshake.version.name().to_owned(),
            speaks: old(true).chain(spoken).map(str::to_owned).collect(),
            refuses: old(false).chain(unspoken.map(TlsVersion::name)).map(str::to_owned).collect(),
            distrust: self.handshake.distrust.map(|distrust| distrust.to_string()),
            chain: self.handshake.chain,
        }
    }
}
