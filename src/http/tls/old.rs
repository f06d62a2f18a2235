//! Offers a host a version of TLS that it should refuse.

use std::io;

use aws_lc_rs::rand;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

use super::connect::{Connector, Unconnected};
use crate::protocol::tls::old::{OldReply, OldVersion};

impl Connector {
    /// Offers a host nothing newer than this version of TLS, and gives its answer. The handshake is
    /// not gone on with.
    ///
    /// # Errors
    /// [`Unconnected`] if there is no connection to speak on, or no answer in time.
    pub async fn offer(&self, url: &Url, version: OldVersion) -> Result<OldReply, Unconnected> {
        let (stream, _) = self.open(url).await?;
        let mut random = [0; 32];
        // Nobody's secret hangs on it: the handshake ends here.
        let _ = rand::fill(&mut random);
        let name = match url.host() {
            Some(Host::Domain(name)) => Some(name),
            _ => None,
        };
        let asked = ask(stream, version.client_hello(name, random));
        match timeout(self.patience(), asked).await {
            Ok(Ok(reply)) => Ok(reply),
            // Who closes a connection at once, with what it had not read, has refused.
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => {
                Ok(OldReply::Closed)
            }
            Ok(Err(error)) => Err(Unconnected::no_way(url, &error)),
            Err(_) => Err(Unconnected::timeout(url)),
        }
    }
}

async fn ask(mut stream: TcpStream, hello: Vec<u8>) -> io::Result<OldReply> {
    stream.write_all(&hello).await?;
    let mut came = Vec::new();
    loop {
        if stream.read_buf(&mut came).await? == 0 {
            return Ok(OldReply::Closed);
        }
        if let Some(reply) = OldReply::read(&came) {
            return Ok(reply);
        }
    }
}
