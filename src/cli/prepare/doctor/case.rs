//! What is examined, and the means to do it.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use url::Url;

use crate::cli::Surroundings;
use crate::cli::subject::{authority, transport};
use crate::dialect::{Dialect, Environment};
use crate::http::{Answer, Budget, Call, Client, Connector, Courtesy, HttpError};
use crate::project::{Mistake, Place, Project, RegisteredApp, Target, built_in};
use crate::protocol::discovery::Discovery;
use crate::record::{Recorder, Sender};
use crate::secret::Redactor;

/// A target of a project, and the apps of it that are examined.
pub(super) struct Case<'a> {
    pub(super) surroundings: &'a Surroundings,
    pub(super) project: &'a Project,
    pub(super) name: &'a str,
    pub(super) target: &'a Target,
    pub(super) dialect: Dialect,
    pub(super) apps: Vec<(&'a str, &'a RegisteredApp)>,
    pub(super) connector: Connector,
    /// What must not be seen.
    pub(super) redactor: Redactor,
    client: Client,
    /// Requests that were sent, and how many of them were for a token.
    requests: Cell<(usize, usize)>,
}

/// A platform that answers, and what it says of itself.
pub(super) struct Platform {
    pub(super) fhir_base: Url,
    /// Its discovery document; empty where that is not for everybody.
    pub(super) discovery: Discovery,
}

impl<'a> Case<'a> {
    /// A case of these apps.
    ///
    /// # Errors
    /// A [`Mistake`] if the dialect, or the certificate of the target's authority, cannot be read.
    pub(super) fn new(
        surroundings: &'a Surroundings,
        project: &'a Project,
        (name, target): (&'a str, &'a Target),
        apps: Vec<(&'a str, &'a RegisteredApp)>,
    ) -> Result<Self, Mistake> {
        let dialect = built_in::dialect(&target.dialect)?;
        let budget = target.limits.tokens_per_minute(&dialect, true).map(Budget::per_minute);
        // What is down is a finding: nothing is asked again.
        let transport = transport(project, target, PATIENCE)?.with(Courtesy::embedded(budget));
        let authority = authority(project, target)?;
        let connector = Connector::new(PATIENCE_TO_CONNECT, authority.as_deref())
            .map_err(|error| Mistake::new(format!("cannot {error}")))?;
        let redactor = Redactor::new();
        let client = Client::new(&transport, &Recorder::new(redactor.clone()), Sender::App);
        let requests = Cell::default();
        Ok(Self {
            surroundings,
            project,
            name,
            target,
            dialect,
            apps,
            connector,
            redactor,
            client,
            requests,
        })
    }

    /// The place of a key of the target.
    pub(super) fn place(&self, keys: &[&str]) -> Place {
        self.project.place(&[&["targets", self.name], keys].concat())
    }

    /// The place of a key of an app.
    pub(super) fn place_in(&self, app: &str, key: &str) -> Place {
        self.place(&["apps", app, key])
    }

    /// The place of a key of the apps under test.
    pub(super) fn place_in_apps(&self, keys: &[&str]) -> Place {
        self.project.place(&[&["apps"], keys].concat())
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// [`HttpError`] if no answer came.
    pub(super) async fn ask(&self, call: Call) -> Result<Answer, HttpError> {
        let (all, tokens) = self.requests.get();
        self.requests.set((all + 1, tokens + usize::from(call.charged_to.is_some())));
        self.client.send(call).await
    }

    /// Requests that were sent, and how many of them were for a token.
    pub(super) fn requests(&self) -> (usize, usize) {
        self.requests.get()
    }

    /// The live environment that an address belongs to, if the dialect knows it.
    pub(super) fn environment(&self, address: &Url) -> Option<Environment> {
        let known = built_in::environments(&self.target.dialect).unwrap_or_default();
        known.into_iter().find(|environment| environment.has(address))
    }

    /// Token requests that the platform documents as its limit for a minute.
    pub(super) fn documented_limit(&self, address: &Url) -> Option<NonZeroU32> {
        self.environment(address)?.documented_tokens_per_minute
    }

    /// An endpoint by its name in the discovery document: as the project file has it, else the
    /// document.
    pub(super) fn endpoint(&self, platform: &Platform, member: &str) -> Option<Url> {
        let said = self.target.endpoints.get(member).cloned();
        said.or_else(|| platform.discovery.endpoint(member))
    }
}

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long each step of a connection may take.
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(5);
