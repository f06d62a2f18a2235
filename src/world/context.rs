//! What all scenarios of a run share: the target, its data, the browser, snapshots and keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use super::KeyRing;
use crate::browser::Browser;
use crate::dialect::{Dialect, Sandbox};
use crate::http::Transport;
use crate::secret::{Redactor, Secret};
use crate::snapshot::Store;

/// The surroundings of every scenario of a run.
#[derive(Debug)]
pub struct Context {
    /// Name of the target in the project file.
    pub target: String,
    /// The platform under test.
    pub subject: Subject,
    /// What the platform promises.
    pub dialect: Arc<Dialect>,
    /// Hosts on which passwords may be typed, beside those of the dialect.
    pub login_hosts: Vec<String>,
    /// Who can sign in, by the word that scenarios use.
    pub users: BTreeMap<String, Account>,
    /// Connections.
    pub transport: Transport,
    /// The one browser of the run.
    pub browser: Browser,
    /// Accepted answers.
    pub snapshots: Store,
    /// What must not be seen; each scenario has a child of it.
    pub redactor: Redactor,
    /// Private keys.
    pub keys: KeyRing,
}

/// The platform under test.
#[derive(Debug)]
pub enum Subject {
    /// The mock in this program: each scenario gets a platform of its own, with these people.
    Embedded(Arc<Sandbox>),
    /// A platform somewhere else, with apps that were registered there beforehand.
    Remote {
        /// Its FHIR base.
        fhir_base: Url,
        /// The apps.
        apps: Vec<KnownApp>,
    },
}

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// What is typed as user name.
    pub username: String,
    /// What is typed as password.
    pub password: Secret,
}

/// An app that was registered beforehand.
#[derive(Clone, Debug)]
pub struct KnownApp {
    /// `2-legged`, `patient` or `provider`.
    pub category: String,
    /// `client secret` or `PKCE`.
    pub method: String,
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    pub secret: Option<Secret>,
    /// Scopes that it was approved for.
    pub scopes: Vec<String>,
    /// Where users come back to.
    pub redirect_uri: String,
}

impl Subject {
    /// Words of the capabilities (`@needs:…`) that it offers.
    pub fn offers(&self) -> &'static [&'static str] {
        match self {
            Self::Embedded(_) => &["clock", "portal", "settings", "ehr"],
            Self::Remote { .. } => &[],
        }
    }
}
