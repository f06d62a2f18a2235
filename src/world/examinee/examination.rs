//! What all scenarios that examine an app share.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::sync::OnceCell;

use crate::mock;
use crate::project::{AppUnderTest, Category, Method};
use crate::secret::Secret;

/// The app that a run examines.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Its name in the project file.
    pub name: String,
    /// How its owner describes it.
    pub app: Arc<AppUnderTest>,
    /// Its client secret, if its owner gave it one.
    pub client_secret: Option<Secret>,
    /// Its public keys, if its owner imported some.
    pub public_keys: Option<Value>,
    /// The authority of the mock platform's certificates, and the file that it is handed over in, if
    /// the app trusts it.
    pub authority: Option<(mock::Root, Arc<NamedTempFile>)>,
    /// Folder of the project, to which paths are relative.
    pub root: PathBuf,
    /// Folder for files that live as long as a scenario.
    pub temporary: PathBuf,
    /// This program, to start what is built into it.
    pub checkride: PathBuf,
    /// A defect that the app is started with: the flaw of the reference app of that name.
    pub flaw: Option<String>,
    /// Whether the reference app says which of its flaws' places it comes to.
    pub rehearses: bool,
    /// How it fails at a platform that errs in nothing, once that was tried.
    pub(super) control: Arc<OnceCell<Option<String>>>,
    /// Why it did not start, if it did not, in every scenario so far.
    pub(super) trouble: Arc<Mutex<Trouble>>,
    /// Why its owner's command did not end it, if it did not.
    unstopped: Arc<Mutex<Trouble>>,
}

/// How often something went wrong with the app, and what was said of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    pub(super) times: usize,
    pub(super) why: String,
}

impl Examination {
    /// An app as its owner describes it, started without a flaw.
    pub fn new(name: &str, app: AppUnderTest, places: (PathBuf, PathBuf, PathBuf)) -> Self {
        let (root, temporary, checkride) = places;
        Self {
            name: name.to_owned(),
            app: Arc::new(app),
            client_secret: None,
            public_keys: None,
            authority: None,
            root,
            temporary,
            checkride,
            flaw: None,
            rehearses: false,
            control: Arc::default(),
            trouble: Arc::default(),
            unstopped: Arc::default(),
        }
    }

    /// The same app with a flaw, which nobody tried to start yet.
    #[must_use]
    pub fn with_flaw(&self, flaw: &str) -> Self {
        let flaw = Some(flaw.to_owned());
        Self { flaw, control: Arc::default(), trouble: Arc::default(), ..self.clone() }
    }

    /// The words of the tags `@needs:…` that the app fulfils.
    pub fn offers(&self) -> Vec<&'static str> {
        let app = &self.app;
        let asks = |scope: &str| app.scopes.iter().any(|known| known == scope);
        let has_users = app.category != Category::TwoLegged;
        let is_keyed = matches!(app.method, Method::ImportedKeys | Method::HostedKeys);
        let offered = [
            ("user", has_users),
            ("backend", !has_users),
            ("secret", app.method == Method::Secret),
            ("keys", is_keyed),
            ("hosted-keys", app.method == Method::HostedKeys),
            ("confidential", app.method != Method::Pkce),
            ("public", app.method == Method::Pkce),
            ("standalone", app.start_url.is_some()),
            ("launch", app.launch_url.is_some()),
            ("embedded", app.embedded),
            ("openid", asks("openid")),
            ("refresh", asks("offline_access") || asks("online_access")),
            ("restart", app.start.is_some()),
            ("data-sign", !has_users || app.shows_data.is_some()),
            ("error-sign", !has_users || app.shows_error.is_some()),
            ("log-out", app.log_out.is_some()),
            ("endpoints", !app.endpoints.is_empty()),
            ("authority", app.tls),
            ("requests", app.trigger.as_ref().is_none_or(|it| it.is_request()) && !has_users),
        ];
        let offered = offered.into_iter().filter(|(_, holds)| *holds);
        offered.map(|(word, _)| word).collect()
    }

    /// The keys of the mock platform's authorities, as browsers are told to trust them.
    pub fn trusted_keys(&self) -> Vec<String> {
        self.authority.iter().flat_map(|(root, _)| root.key_digests()).collect()
    }

    /// Whether only one scenario at a time can have the app: it has addresses of its own.
    pub fn is_alone(&self) -> bool {
        let app = &self.app;
        let fixed = |address: &String| !address.contains("{port}");
        let start = app.start_url.iter().chain(&app.launch_url).chain(&app.redirect_uris);
        app.start.is_none() || app.platform_address.is_some() || start.into_iter().any(fixed)
    }

    /// In how many scenarios its owner's command did not end it, and why not the last time; nothing if
    /// it always did.
    pub fn unstopped(&self) -> Option<(usize, String)> {
        let unstopped = self.unstopped.lock().unwrap_or_else(PoisonError::into_inner);
        (unstopped.times > 0).then(|| (unstopped.times, unstopped.why.clone()))
    }

    pub(super) fn not_stopped(&self, why: &str) {
        let mut unstopped = self.unstopped.lock().unwrap_or_else(PoisonError::into_inner);
        *unstopped = Trouble { times: unstopped.times + 1, why: why.to_owned() };
    }

    /// Notes how a start went; the sentence that says why it is not tried again, if it is not.
    pub(super) fn given_up(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        (trouble.times >= TRIES).then(|| trouble.why.clone())
    }

    pub(super) fn started(&self, outcome: Result<(), &str>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) => trouble.times = 0,
            Err(why) => *trouble = Trouble { times: trouble.times + 1, why: why.to_owned() },
        }
    }
}

/// How often in a row an app may fail to start before it is not tried again.
const TRIES: usize = 2;
