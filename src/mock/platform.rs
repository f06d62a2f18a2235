//! The handle of one platform.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::Faults;
use super::fhir::Store;
use super::journal::Journal;
use super::keys::{KeyRing, PublishedKey};
use super::portal::{App, Console};
use super::serving::Tls;
use super::state::State;
use crate::clock::Clock;
use crate::dialect::{Dialect, Rule, Sandbox};
use crate::protocol::{KeyError, KeySet, SigningKey, random};
use crate::secret::Secret;

/// One isolated platform; clones are handles of the same one.
///
/// A handle looks at one of the platform's two environments: what it says of addresses, people and
/// tokens is said of that one.
#[derive(Clone)]
pub struct Platform(Arc<Parts>, Environment);

/// The two worlds of a platform; credentials and tokens of one are good for nothing in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// The sandbox, at the platform's own address.
    Preview,
    /// The world of real practices, below [`crate::dialect::Paths::production`].
    Production,
}

/// A part of what a platform remembers, which can be reset by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Developers, apps, sessions, launches, codes and tokens, of both environments.
    State,
    /// The journal; its numbers go on.
    Journal,
    /// The settings.
    Settings,
    /// The time.
    Clock,
    /// The faults, which are removed.
    Faults,
    /// The signing keys: the first one again, and no other.
    Keys,
}

struct Parts {
    dialect: RwLock<Arc<Dialect>>,
    /// The dialect that it was started with.
    initial: Arc<Dialect>,
    /// What its tester proves to be allowed by.
    control_token: OnceLock<Secret>,
    /// Other machines can reach it.
    exposed: AtomicBool,
    sandbox: Arc<Sandbox>,
    clock: Clock,
    keys: KeyRing,
    /// Made when Production is first looked at.
    production_keys: OnceLock<KeyRing>,
    faults: Faults,
    broken: Mutex<BTreeSet<Rule>>,
    base: OnceLock<String>,
    production_base: OnceLock<String>,
    tls: OnceLock<Tls>,
    journal: Journal,
    console: Mutex<Console>,
    preview: Mutex<State>,
    production: Mutex<State>,
}

impl Platform {
    /// A platform that behaves as the dialect says, with the people of the sandbox and no apps.
    ///
    /// All platforms of a process begin with one key: making it takes longer than all the rest.
    /// Production has keys of its own, which are made when it is first looked at.
    ///
    /// # Errors
    /// If the machine's cryptography refuses to make that key.
    pub fn new(
        dialect: Arc<Dialect>,
        sandbox: Arc<Sandbox>,
        clock: Clock,
    ) -> Result<Self, KeyError> {
        let parts = Parts {
            dialect: RwLock::new(Arc::clone(&dialect)),
            initial: dialect,
            control_token: OnceLock::new(),
            exposed: AtomicBool::new(false),
            sandbox,
            clock,
            keys: KeyRing::new(Environment::Preview)?,
            production_keys: OnceLock::new(),
            faults: Faults::default(),
            broken: Mutex::default(),
            base: OnceLock::new(),
            production_base: OnceLock::new(),
            tls: OnceLock::new(),
            journal: Journal::default(),
            console: Mutex::default(),
            preview: Mutex::default(),
            production: Mutex::default(),
        };
        Ok(Self(Arc::new(parts), Environment::Preview))
    }

    /// The same platform with an address of its own, where a listener's address is not the one that
    /// clients use. Without trailing slash. The first address that a platform gets stays.
    #[must_use]
    pub fn with_base(self, base: &str) -> Self {
        self.found_at(base);
        self
    }

    /// The same platform, controlled over HTTP by whoever brings this token, and by nobody else. The
    /// first token that it gets stays.
    #[must_use]
    pub fn with_control_token(self, token: Secret) -> Self {
        let _ = self.0.control_token.set(token);
        self
    }

    /// The same platform as seen in its Production; `None` if the dialect knows no such place, or
    /// the machine's cryptography refuses to make its key.
    pub fn production(&self) -> Option<Self> {
        self.dialect().paths.production.as_ref()?;
        if self.0.production_keys.get().is_none() {
            // Whoever was faster made the same key.
            let _ = self.0.production_keys.set(KeyRing::new(Environment::Production).ok()?);
        }
        Some(self.in_environment(Environment::Production))
    }

    /// The environment that this handle looks at.
    pub fn environment(&self) -> Environment {
        self.1
    }

    /// The same platform, to be served over TLS. The first that a platform gets stays.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        let _ = self.0.tls.set(tls);
        self
    }

    /// Its certificates, if it is served over TLS.
    pub fn tls(&self) -> Option<&Tls> {
        self.0.tls.get()
    }

    /// Scheme, host and port of all its addresses, and the prefix of the environment; empty until
    /// it is served.
    pub fn base(&self) -> &str {
        let base = match self.1 {
            Environment::Preview => &self.0.base,
            Environment::Production => &self.0.production_base,
        };
        base.get().map_or("", String::as_str)
    }

    /// A path of this environment as browsers see it: what a page's links and redirects name.
    pub fn path(&self, path: &str) -> String {
        match (self.1, &self.dialect().paths.production) {
            (Environment::Production, Some(prefix)) => format!("{prefix}{path}"),
            _ => path.to_owned(),
        }
    }

    /// Where the login widget is, as browsers see it.
    pub fn login_path(&self) -> String {
        self.path(&self.dialect().paths.login)
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
    ///
    /// Where several logins have an authorize endpoint each, it is the first one's.
    pub fn oauth(&self, endpoint: &str) -> String {
        let dialect = self.dialect();
        let plan = dialect.paths.authorize_plans.first().filter(|_| endpoint == "authorize");
        let endpoint = plan.map_or(endpoint.to_owned(), |plan| format!("{endpoint}/{plan}"));
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

    /// The address of the developer portal, which is one for both environments.
    pub fn portal(&self) -> String {
        let base = self.0.base.get().map_or("", String::as_str);
        format!("{base}{}", self.dialect().paths.portal)
    }

    /// The address of the developer portal's HTTP API.
    pub fn portal_api(&self) -> String {
        format!("{}/api", self.portal())
    }

    /// How it behaves now.
    pub fn dialect(&self) -> Arc<Dialect> {
        Arc::clone(&self.0.dialect.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets it behave otherwise from now on. Its routes stay as they were laid out.
    pub fn set_dialect(&self, dialect: Dialect) {
        *self.0.dialect.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(dialect);
    }

    /// Lets it behave as it did when it was made.
    pub fn reset_dialect(&self) {
        let initial = Arc::clone(&self.0.initial);
        *self.0.dialect.write().unwrap_or_else(PoisonError::into_inner) = initial;
    }

    /// The faults that it plays.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The rules that clients have broken since it was made.
    pub fn broken_rules(&self) -> BTreeSet<Rule> {
        self.0.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys that it publishes, the one that signs first.
    pub fn published_keys(&self) -> Vec<PublishedKey> {
        self.key_ring().list(self.clock().unix())
    }

    /// Signs with another key from now on. The old one stays published for `overlap` seconds or,
    /// without it, until it is withdrawn.
    ///
    /// # Errors
    /// If the machine's cryptography refuses to make a key.
    pub fn rotate_keys(&self, overlap: Option<i64>) -> Result<(), KeyError> {
        let until = overlap.map(|seconds| self.clock().unix().saturating_add(seconds));
        self.key_ring().rotate(until)
    }

    /// Publishes a key no longer that has been replaced; whether there was one of that id. Tokens
    /// that it signed are good no longer.
    ///
    /// # Errors
    /// If the machine's cryptography refuses the keys that are left.
    pub fn withdraw_key(&self, kid: &str) -> Result<bool, KeyError> {
        self.key_ring().withdraw(kid)
    }

    /// Makes one part as it was when the platform was made.
    pub fn reset(&self, part: Part) {
        match part {
            Part::State => {
                *self.console() = Console::default();
                for environment in Environment::ALL {
                    *self.in_environment(environment).state() = State::default();
                }
            }
            Part::Journal => self.journal().clear(),
            Part::Settings => self.reset_dialect(),
            Part::Clock => self.clock().reset(),
            Part::Faults => self.faults().clear(),
            Part::Keys => {
                // The first keys are there already, so they cannot fail to be made.
                for ring in std::iter::once(&self.0.keys).chain(self.0.production_keys.get()) {
                    let _ = ring.reset();
                }
            }
        }
    }

    /// The people and practices of this environment.
    pub fn sandbox(&self) -> &Sandbox {
        match (self.1, &self.0.sandbox.production) {
            (Environment::Production, Some(people)) => people,
            _ => &self.0.sandbox,
        }
    }

    /// What the charts of its people hold.
    pub(super) fn store(&self) -> Arc<Store> {
        Store::of(&self.0.sandbox, self.sandbox())
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
        self.console().begin_session(&account, None)
    }

    pub(super) fn found_at(&self, base: &str) {
        let base = base.trim_end_matches('/');
        let _ = self.0.base.set(base.to_owned());
        if let Some(prefix) = &self.dialect().paths.production {
            let _ = self.0.production_base.set(format!("{base}{prefix}"));
        }
    }

    /// Refuses what breaks a rule, unless the dialect passes that rule over.
    pub(super) fn demand<E>(
        &self,
        rule: Rule,
        holds: bool,
        refusal: impl FnOnce() -> E,
    ) -> Result<(), E> {
        if holds || self.overlooks(rule) { Ok(()) } else { Err(refusal()) }
    }

    /// Notes that a rule is broken: whether the dialect passes it over.
    pub(super) fn overlooks(&self, rule: Rule) -> bool {
        self.0.broken.lock().unwrap_or_else(PoisonError::into_inner).insert(rule);
        self.dialect().overlooks.contains(&rule)
    }

    /// Notes that other machines can reach it.
    pub(super) fn expose(&self) {
        self.0.exposed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_exposed(&self) -> bool {
        self.0.exposed.load(Ordering::Relaxed)
    }

    pub(super) fn control_token(&self) -> Option<&Secret> {
        self.0.control_token.get()
    }

    pub(super) fn in_environment(&self, environment: Environment) -> Self {
        Self(Arc::clone(&self.0), environment)
    }

    /// The app whose credentials these are, if they are of this environment.
    pub(super) fn app(&self, client_id: &str) -> Option<Arc<App>> {
        let found = self.state().app(client_id);
        found.or_else(|| {
            let mut others = Environment::ALL.into_iter().filter(|one| *one != self.1);
            let other = others.find_map(|one| self.in_environment(one).state().app(client_id))?;
            self.overlooks(Rule::CredentialsEnvironment).then_some(other)
        })
    }

    /// What the developer portal remembers, for both environments.
    pub(super) fn console(&self) -> MutexGuard<'_, Console> {
        self.0.console.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this environment remembers.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let state = match self.1 {
            Environment::Preview => &self.0.preview,
            Environment::Production => &self.0.production,
        };
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of this environment.
    pub(super) fn key_ring(&self) -> &KeyRing {
        match (self.1, self.0.production_keys.get()) {
            (Environment::Production, Some(keys)) => keys,
            _ => &self.0.keys,
        }
    }

    pub(super) fn signing_key(&self) -> SigningKey {
        self.key_ring().current()
    }

    /// The key set as it is published now.
    pub(super) fn public_keys(&self) -> Arc<KeySet> {
        self.key_ring().published(self.clock().unix())
    }
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::State, Self::Journal, Self::Settings, Self::Clock, Self::Faults, Self::Keys];
}

impl Environment {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Preview, Self::Production];

    /// Its word: `preview` or `production`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Production => "production",
        }
    }

    /// The environment of a word.
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Platform({} at {:?})", self.dialect().name, self.base())
    }
}

/// Letters and digits of an identifier: 119 bits.
pub(super) const ID_LENGTH: usize = 20;
/// Letters and digits of a secret, session or token: 238 bits.
pub(super) const SESSION_LENGTH: usize = 40;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Part;
    use crate::mock::testing::{BASE, Tester, patient_web, two_legged, with};
    use crate::protocol::{Algorithm, KeySet, jws};

    #[tokio::test]
    async fn production_is_a_world_of_its_own_with_whole_addresses() {
        let tester = Tester::new();
        let production = tester.platform.production().unwrap();
        let found = tester.get("/production/fhir/r4/.well-known/smart-configuration", &[]).await;
        let document = found.json();
        assert_eq!(document["issuer"], production.issuer().as_str());
        assert_ne!(production.issuer(), tester.platform.issuer());
        for (name, value) in document.as_object().unwrap() {
            let Some(address) = value.as_str().filter(|_| name.ends_with("_endpoint")) else {
                continue;
            };
            assert!(address.starts_with(&format!("{BASE}/production/oauth2/v1/")), "{name}");
            assert_ne!(tester.get(address, &[]).await.status.as_u16(), 404, "{name}");
        }
        let statement = tester.get("/production/fhir/r4/metadata", &[]).await.json();
        assert_eq!(statement["implementation"]["url"], format!("{BASE}/production/fhir/r4"));
        assert_eq!(tester.get("/productionfhir/r4/metadata", &[]).await.status.as_u16(), 404);
        assert_eq!(tester.get("/production/portal/api/apps", &[]).await.status.as_u16(), 404);
    }

    #[tokio::test]
    async fn credentials_of_one_environment_are_unknown_in_the_other() {
        let tester = Tester::new();
        let preview = tester.register(two_legged()).await;
        let in_production = [("environment", json!("production"))];
        let production = tester.register(with(patient_web(), &in_production)).await;
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let good = tester.token(&preview, &form).await;
        assert_eq!(good.status.as_u16(), 200);
        let header = crate::protocol::basic::encode(
            &preview.id,
            &crate::secret::Secret::new(preview.secret.as_str()),
        );
        let headers = [("authorization", header.expose())];
        let elsewhere = tester.post("/production/oauth2/v1/token", &headers, &form).await;
        assert_eq!(elsewhere.error(), (401, "invalid_client".into()));
        assert_eq!(tester.authorize(&production, &[]).await.status.as_u16(), 400);
        let token = good.json()["access_token"].as_str().unwrap().to_owned();
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        assert_eq!(tester.read(path, &token).await.status.as_u16(), 200);
        assert_eq!(tester.read(&format!("/production{path}"), &token).await.status.as_u16(), 401);
    }

    #[tokio::test]
    async fn each_environment_signs_with_keys_of_its_own() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = tester.system_token(&app, "system/Patient.read").await;
        let verifies = async |path: &str| {
            let keys = KeySet::from_text(&tester.get(path, &[]).await.text).unwrap();
            jws::verify(&token, &keys, &[Algorithm::Rs256]).is_ok()
        };
        assert!(verifies("/oauth2/v1/keys").await);
        assert!(!verifies("/production/oauth2/v1/keys").await);
        let production = tester.platform.production().unwrap();
        let first = production.published_keys();
        production.rotate_keys(None).unwrap();
        assert_eq!(production.published_keys().len(), 2);
        assert_eq!(tester.platform.published_keys().len(), 1);
        tester.platform.reset(Part::Keys);
        assert_eq!(production.published_keys(), first);
    }

    #[tokio::test]
    async fn a_user_of_production_signs_in_there_and_a_user_of_the_sandbox_does_not() {
        let tester = Tester::in_production();
        let app = tester.register(with(patient_web(), &[("environment", json!("production"))]));
        let app = app.await;
        let tokens: Value = tester.patient_tokens(&app, &[]).await;
        assert_eq!(tokens["patient"], "a-21001.E-301");
        let token = tokens["access_token"].as_str().unwrap();
        let path = "/fhir/r4/Patient/a-21001.E-301";
        assert_eq!(tester.read(&format!("/production{path}"), token).await.status.as_u16(), 200);
        assert_eq!(tester.read(path, token).await.status.as_u16(), 401);
        let start = tester.authorize(&app, &[("prompt", "login")]).await.location();
        assert!(start.starts_with("/production/login?ticket="), "{start}");
        let ticket = start.split_once('=').unwrap().1;
        let form = [
            ("ticket", ticket),
            ("username", "jake.medlock@example.com"),
            ("password", "Sandbox-Patient-4821"),
        ];
        let refused = tester.post("/production/login", &[], &form).await;
        assert!(refused.text.contains("Unable to sign in"), "{}", refused.text);
    }
}
