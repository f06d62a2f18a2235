//! What the app is told when it is started.

use std::str::FromStr;
use std::time::Duration;

use url::Url;

use super::flaw::Flaw;
use super::platform::Keys;
use crate::protocol::ScopeSet;
use crate::secret::Secret;

/// What the app is told when it is started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For whom it works.
    pub role: Role,
    /// FHIR bases that it trusts; it works with the first, and lets an EHR launch it from any.
    pub fhir_bases: Vec<Url>,
    /// Its id at the platform.
    pub client_id: String,
    /// How it proves who it is.
    pub credentials: Credentials,
    /// The scopes that it asks for.
    pub scope: ScopeSet,
    /// What it searches for: `$patient` and other members of the launch context are filled in, and
    /// `$organization` is who manages the patient's record.
    pub query: String,
    /// Whether its users sign in in a window of its own, not in the page that they begin at.
    pub window: bool,
    /// An authority (PEM) that it trusts beside those of the machine.
    pub authority: Option<Vec<u8>>,
    /// How long it waits for an answer.
    pub timeout: Duration,
    /// What is wrong with it.
    pub flaw: Option<Flaw>,
    /// Whether it says which flaws would have had a part in what it does.
    pub rehearse: bool,
}

/// For whom the app works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A patient, who signs in at the app's own page.
    Patient,
    /// A provider, who opens it out of the EHR.
    Provider,
    /// Nobody who is there: it works by itself.
    Backend,
}

/// How the app proves who it is.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A client secret (RFC 6749 §2.3.1).
    Secret(Secret),
    /// Assertions that are signed by its keys (RFC 7523 §2.2).
    Keys(Keys),
    /// Not at all: a public client, whose requests PKCE protects.
    Public,
}

/// A setting with which the app cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no such role.
    #[error("read the role: known ones are patient, provider and backend")]
    Role,
    /// Connections cannot be prepared with these.
    #[error("prepare connections: {0}")]
    Connections(String),
    /// It cannot listen.
    #[error("listen: {0}")]
    Listen(String),
}

impl Settings {
    /// The platform that it works with of its own accord.
    pub(super) fn fhir_base(&self) -> Option<&Url> {
        self.fhir_bases.first()
    }
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Patient, Self::Provider, Self::Backend];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Provider => "provider",
            Self::Backend => "backend",
        }
    }

    /// The scopes that it asks for if it is told nothing else.
    pub fn usual_scope(self) -> &'static str {
        match self {
            Self::Patient => {
                "openid fhirUser offline_access launch/patient patient/Patient.read patient/Observation.read"
            }
            Self::Provider => "openid fhirUser offline_access launch user/Patient.read",
            Self::Backend => "system/Patient.read",
        }
    }

    /// What it searches for if it is told nothing else.
    pub fn usual_query(self) -> &'static str {
        match self {
            Self::Patient | Self::Provider => {
                "Observation?patient=$patient&ah-practice=$organization"
            }
            // A practice of the sandbox.
            Self::Backend => "Patient?ah-practice=a-1.Practice-195900",
        }
    }
}

impl FromStr for Role {
    type Err = SettingsError;

    fn from_str(name: &str) -> Result<Self, SettingsError> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or(SettingsError::Role)
    }
}
