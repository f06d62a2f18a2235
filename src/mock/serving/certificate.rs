//! The certificates that a platform can show, good ones and such as a client must refuse.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::authority::{Authority, Issued, for_server, issue_by_itself};
use super::tls::TlsError;
use crate::clock::Clock;

/// A kind of certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A good one, by the authority in use; another key and number each time.
    Renewed,
    /// A good one by the authority in use, with an RSA key; the other ones have keys on P-256.
    RenewedRsa,
    /// A good one by another intermediate authority, which the authority in use has certified.
    NewIntermediate,
    /// A good one by a new authority, which is in use from then on.
    NewCa,
    /// One whose time is over.
    Expired,
    /// One whose time is still to come.
    NotYetValid,
    /// One for a host of another name.
    WrongHost,
    /// One that nobody but itself vouches for.
    SelfSigned,
    /// One by an authority that is not published.
    UnknownCa,
}

/// What there is to know of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Its kind.
    pub certificate: Kind,
    /// Who signed it.
    pub issuer: String,
    /// The hosts that it is for.
    pub hosts: Vec<String>,
    /// From when it is good. Clients go by the time of their machine, so this is the machine's time
    /// and not the platform's.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
    /// The SHA-256 of all of it, in hexadecimal digits.
    pub sha256: String,
}

impl Kind {
    /// Whether a client that trusts the authority in use has to accept it.
    pub(super) fn is_good(self) -> bool {
        matches!(self, Self::Renewed | Self::RenewedRsa | Self::NewIntermediate | Self::NewCa)
    }

    /// From when to when such a certificate is good, if nothing else is asked for.
    fn validity(self, not_after: Option<Timestamp>) -> (Timestamp, Timestamp) {
        let now = Clock::system().now();
        let until = not_after.unwrap_or_else(|| match self {
            Self::Expired => now - DAY,
            _ => now + LIFETIME,
        });
        let from = match self {
            Self::NotYetValid => now + DAY,
            // Clocks differ.
            _ => now - DAY,
        };
        // A certificate that ends before it begins would be broken, not expired.
        (from.min(until - DAY), until)
    }
}

/// Issues a certificate of a kind for a host's names. A new authority takes the place of the old: the
/// successor, if there is one that is not in use yet.
pub(super) fn issue(
    kind: Kind,
    not_after: Option<Timestamp>,
    names: &[String],
    authority: &mut Arc<Authority>,
    successor: Option<&Arc<Authority>>,
) -> Result<(Certificate, Issued), TlsError> {
    let earliest = Timestamp::UNIX_EPOCH + DAY;
    if not_after.is_some_and(|moment| moment < earliest || moment > LATEST) {
        return Err(TlsError::Moment);
    }
    let hosts = match kind {
        Kind::WrongHost => vec![WRONG_HOST.to_owned()],
        _ => names.to_vec(),
    };
    let validity = kind.validity(not_after);
    let params = for_server(&hosts, validity)?;
    let (issuer, issued) = match kind {
        Kind::SelfSigned => (hosts[0].clone(), issue_by_itself(&params)?),
        Kind::UnknownCa => {
            let stranger = Authority::new()?;
            (stranger.name().to_owned(), stranger.issue(&params)?)
        }
        Kind::NewCa => {
            *authority = match successor.filter(|it| !Arc::ptr_eq(it, authority)) {
                Some(successor) => Arc::clone(successor),
                None => Arc::new(Authority::new()?),
            };
            (authority.name().to_owned(), authority.issue(&params)?)
        }
        Kind::NewIntermediate => {
            let (between, certificate) = authority.intermediate()?;
            let issued = Issued { above: vec![certificate], ..between.issue(&params)? };
            (between.name().to_owned(), issued)
        }
        Kind::RenewedRsa => (authority.name().to_owned(), authority.issue_for_rsa(&params)?),
        _ => (authority.name().to_owned(), authority.issue(&params)?),
    };
    let (not_before, not_after) = validity;
    let sha256 = issued.sha256();
    Ok((Certificate { certificate: kind, issuer, hosts, not_before, not_after, sha256 }, issued))
}

/// A name that stands for no host (RFC 6761 §6.4).
const WRONG_HOST: &str = "wrong-host.invalid";
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The longest that browsers accept.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 397);
/// The last year that a certificate can name is 9999; no client needs the last of them.
const LATEST: Timestamp = Timestamp::constant(253_370_764_800, 0);
