//! What all scenarios of a run share: the target, its data, the browser, snapshots and keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use super::app::{Kind, Method, Need};
use super::registered::Remote;
use super::{Embedded, Examination, Keeping, KeyRing, SharedTokens};
use crate::browser::{Browser, Values};
use crate::dialect::Dialect;
use crate::dialect::login::LoginScript;
use crate::http::{Loopback, Transport};
use crate::project::Offer;
use crate::secret::{Redactor, Secret};
use crate::snapshot::Store;

/// The surroundings of every scenario of a run.
#[derive(Clone, Debug)]
pub struct Context {
    /// Name of the target in the project file.
    pub target: String,
    /// The platform under test.
    pub subject: Subject,
    /// What the platform promises.
    pub dialect: Arc<Dialect>,
    /// Endpoints that the project file names, by their names in the discovery document.
    pub endpoints: BTreeMap<String, Url>,
    /// Address of the discovery document, if that is elsewhere than the FHIR base says.
    pub discovery: Option<Url>,
    /// Sign-in pages and their hosts, beside those of the dialect.
    pub login: LoginScript,
    /// Ids on the target that scenarios call by a word in curly brackets: `{chart}`.
    pub examples: BTreeMap<String, String>,
    /// Who can sign in, by the word that scenarios use.
    pub users: BTreeMap<String, Account>,
    /// Connections.
    pub transport: Transport,
    /// The authority (PEM) that the target's hosts are certified by, beside those of the machine.
    pub authority: Option<Vec<u8>>,
    /// The one browser of the run.
    pub browser: Browser,
    /// Accepted answers.
    pub snapshots: Store,
    /// What must not be seen; each scenario has a child of it.
    pub redactor: Redactor,
    /// Private keys.
    pub keys: KeyRing,
    /// Where apps receive users on this machine.
    pub loopback: Loopback,
    /// Tokens that scenarios share which judge what a token reaches, not how it is got.
    pub shared_tokens: SharedTokens,
    /// Where refresh tokens lie for days, on a target whose clock goes by itself.
    pub bank: Keeping,
    /// The app that is examined, if it is not the platform.
    pub examination: Option<Examination>,
}

/// The platform under test.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The mock in this program.
    Embedded(Embedded),
    /// A platform somewhere else.
    Remote(Remote),
}

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// What is typed as user name.
    pub username: String,
    /// What is typed as password.
    pub password: Secret,
}

impl From<&Account> for Values {
    /// What somebody types who takes what is preset, and has a mouse.
    fn from(account: &Account) -> Self {
        Self {
            username: account.username.clone(),
            password: account.password.clone(),
            denied: Vec::new(),
            record: None,
            declines_at: None,
            by_keyboard: false,
        }
    }
}

impl Context {
    /// How an app of this kind authenticates where a scenario leaves it open: the first way that the
    /// platform has, or that of an app which was registered with it; `None` if it has no such app.
    pub fn usual_method(&self, kind: Kind) -> Option<Method> {
        match &self.subject {
            Subject::Embedded(_) => {
                let methods = self.dialect.registration.methods.get(&kind.app_kind())?;
                methods.iter().find_map(|word| Method::of_word(word))
            }
            Subject::Remote(remote) => remote.usual_method(kind),
        }
    }

    /// Whether the mock registers such an app.
    pub fn registers(&self, need: &Need) -> bool {
        let rules = &self.dialect.registration;
        let users = [need.kind.end_users(), "anybody"];
        rules.allow_method(need.kind.app_kind(), need.method.word())
            && users.into_iter().any(|users| rules.scope_levels.contains_key(users))
    }

    /// How users get through the platform's pages.
    pub fn login_script(&self) -> LoginScript {
        let mut script = self.login.clone();
        let of_dialect = self.dialect.login.script();
        script.hosts.extend(of_dialect.hosts);
        script.pages.extend(of_dialect.pages);
        script.error.extend(of_dialect.error);
        script
    }
}

impl Subject {
    /// Words of the capabilities (`@needs:…`) that it offers in this dialect.
    pub fn offers(&self, dialect: &Dialect) -> Vec<&'static str> {
        if let Self::Remote(remote) = self {
            let mut offered: Vec<_> = remote.offers.iter().map(|offer| offer.word()).collect();
            offered.extend((remote.fhir_base.scheme() == "https").then_some("tls"));
            return offered;
        }
        let mut offered = vec!["clock", "portal", "settings", "tls"];
        offered.extend(dialect.ehr.is_some().then_some("ehr"));
        offered.extend(dialect.fhir.batches.then_some(Offer::Batch.word()));
        offered
    }
}
