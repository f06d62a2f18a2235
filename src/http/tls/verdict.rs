//! Takes whatever certificate a host shows, and keeps what a client would think of it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// Why a client that keeps to the rules does not trust a certificate (RFC 5280 §6, RFC 9525).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It has ended.
    #[error("it has ended")]
    Ended,
    /// It has not begun.
    #[error("it has not begun")]
    NotBegun,
    /// It is for other hosts.
    #[error("it is for another host")]
    OtherHost,
    /// It does not lead to an authority that this machine trusts.
    #[error("it leads to no authority that this machine trusts")]
    UnknownIssuer,
    /// It was taken back.
    #[error("it was revoked")]
    Revoked,
    /// Anything else, in the words of the one who looked.
    #[error("{0}")]
    Other(String),
}

/// Judges as the verifier in it does, and lets everything pass.
#[derive(Debug)]
pub(super) struct Judge {
    verifier: Arc<dyn ServerCertVerifier>,
    thought: Mutex<Option<Distrust>>,
}

impl Judge {
    pub(super) fn new(verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Self { verifier, thought: Mutex::default() }
    }

    /// What it thought of the certificate, if nothing good.
    pub(super) fn thought(&self) -> Option<Distrust> {
        self.thought.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.verifier.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let thought = verified.err().map(distrust);
        *self.thought.lock().unwrap_or_else(PoisonError::into_inner) = thought;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

fn distrust(error: Error) -> Distrust {
    let Error::InvalidCertificate(error) = error else { return Distrust::Other(error.to_string()) };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Distrust::Ended,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Distrust::NotBegun
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Distrust::OtherHost
        }
        // A signature that is not that of the authority it names leads to none, either.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            Distrust::UnknownIssuer
        }
        CertificateError::Revoked => Distrust::Revoked,
        other => Distrust::Other(other.to_string()),
    }
}
