//! The handle of one platform.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use serde_json::json;

use super::journal::Journal;
use super::state::State;
use crate::clock::Clock;
use crate::dialect::{Dialect, Sandbox};
use crate::protocol::{Algorithm, KeyError, KeySet, SigningKey, random};
use crate::secret::Secret;

/// One isolated platform; clones are handles of the same one.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

struct Parts {
    dialect: RwLock<Arc<Dialect>>,
    sandbox: Arc<Sandbox>,
    clock: Clock,
    keys: &'static Keys,
    base: OnceLock<String>,
    journal: Journal,
    state: Mutex<State>,
}

/// The key that tokens are signed with, and the set it is published in.
struct Keys {
    signing: SigningKey,
    public: KeySet,
}

impl Platform {
    /// A platform that behaves as the dialect says, with the people of the sandbox and no apps.
    ///
    /// All platforms of a process sign with one key: making it takes longer than all the rest.
    ///
    /// # Errors
    /// If the machine's cryptography refuses to make that key.
    pub fn new(
        dialect: Arc<Dialect>,
        sandbox: Arc<Sandbox>,
        clock: Clock,
    ) -> Result<Self, KeyError> {
        Ok(Self(Arc::new(Parts {
            dialect: RwLock::new(dialect),
            sandbox,
            clock,
            keys: keys()?,
            base: OnceLock::new(),
            journal: Journal::default(),
            state: Mutex::default(),
        })))
    }

    /// The same platform with an address of its own, where a listener's address is not the one that
    /// clients use. Without trailing slash. The first address that a platform gets stays.
    #[must_use]
    pub fn with_base(self, base: &str) -> Self {
        self.found_at(base);
        self
    }

    /// Scheme, host and port of all its addresses; empty until it is served.
    pub fn base(&self) -> &str {
        self.0.base.get().map_or("", String::as_str)
    }

    /// The global FHIR base.
    pub fn fhir_base(&self) -> String {
        format!("{}{}", self.base(), self.dialect().paths.fhir)
    }

    /// The authorization server's issuer.
    pub fn issuer(&self) -> String {
        format!("{}{}", self.base(), self.dialect().paths.issuer)
    }

    /// The address of an OAuth endpoint: `authorize`, `token`, `keys`, …
    pub fn oauth(&self, endpoint: &str) -> String {
        format!("{}{}/{endpoint}", self.base(), self.dialect().paths.oauth)
    }

    /// What a client assertion may have as `aud`; the documented value first.
    pub fn assertion_audiences(&self) -> Vec<String> {
        let oauth = format!("{}{}", self.base(), self.dialect().paths.oauth);
        let fill = |template: &String| {
            template.replace("{issuer}", &self.issuer()).replace("{oauth}", &oauth)
        };
        self.dialect().client_assertion.audiences.iter().map(fill).collect()
    }

    /// The address of the developer portal's HTTP API.
    pub fn portal_api(&self) -> String {
        format!("{}{}/api", self.base(), self.dialect().paths.portal)
    }

    /// How it behaves now.
    pub fn dialect(&self) -> Arc<Dialect> {
        Arc::clone(&self.0.dialect.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Its people and practices.
    pub fn sandbox(&self) -> &Sandbox {
        &self.0.sandbox
    }

    /// Its time. Moving it makes codes, tokens and sessions expire.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What it received, and which key sets it fetched.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// A session of a new developer account, to be sent to the portal as bearer token.
    pub fn developer_session(&self) -> Secret {
        let account = random::alphanumeric(ID_LENGTH);
        let session = random::alphanumeric(SESSION_LENGTH);
        self.state().developer_sessions.insert(session.clone(), account);
        Secret::new(session)
    }

    pub(super) fn found_at(&self, base: &str) {
        let _ = self.0.base.set(base.trim_end_matches('/').to_owned());
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn signing_key(&self) -> &SigningKey {
        &self.0.keys.signing
    }

    pub(super) fn public_keys(&self) -> &KeySet {
        &self.0.keys.public
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Platform({} at {:?})", self.dialect().name, self.base())
    }
}

fn keys() -> Result<&'static Keys, KeyError> {
    static KEYS: OnceLock<Result<Keys, KeyError>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let algorithm = Algorithm::Rs256;
        let signing = SigningKey::generate(algorithm, &random::alphanumeric(ID_LENGTH))?;
        let document = json!({"keys": [signing.public_jwk()]});
        let public = KeySet::parse(&document).map_err(|_| KeyError::Generate(algorithm))?;
        Ok(Keys { signing, public })
    });
    keys.as_ref().map_err(|error| *error)
}

/// Letters and digits of an identifier: 119 bits.
pub(super) const ID_LENGTH: usize = 20;
/// Letters and digits of a secret, session or token: 238 bits.
pub(super) const SESSION_LENGTH: usize = 40;
