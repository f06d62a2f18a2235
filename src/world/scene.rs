//! One scenario's stage: the platform, the app, and what passed between them so far.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use url::{Origin, Url};

use super::app::{App, Need};
use super::authorization::Authorization;
use super::context::{Account, Context, Subject};
use super::embedded::Embedded;
use super::examinee::Examinee;
use super::portal::Portal;
use super::tokens::Tokens;
use super::tokens::{Loan, Place, SharedToken};
use super::{Claim, Halt};
use crate::browser::{End, Played, Session};
use crate::clock::Clock;
use crate::dialect::login::LoginScript;
use crate::http::{Answer, Call, Client, Host, Transport};
use crate::mock;
use crate::protocol::callback::{Callback, is_on_host_of};
use crate::protocol::discovery::Discovery;
use crate::record::{Recorder, Sender};
use crate::secret::Secret;

/// The stage of one scenario.
#[derive(Debug)]
pub struct Scene {
    /// What all scenarios share.
    pub context: Arc<Context>,
    /// Connections to the platform.
    pub(super) transport: Transport,
    /// The notebook.
    pub recorder: Recorder,
    /// The platform's time.
    pub clock: Clock,
    /// `path:line` and title of the scenario.
    pub scenario: (String, String),
    /// Folder of its feature file under `features/`.
    pub capability: String,
    /// The platform's FHIR base.
    pub fhir_base: Url,
    /// The scenario's own platform, where the target is the embedded mock.
    pub mock: Option<mock::Server>,
    /// Who can sign in where the scene went on, if it went on elsewhere.
    people: Option<BTreeMap<String, Account>>,
    /// The developer in the portal, where the target has one.
    pub portal: Option<Portal>,
    /// The platform's discovery document, once it was read.
    pub discovery: Option<Discovery>,
    /// The app that the scenario speaks of.
    pub app: Option<App>,
    /// "The other app".
    pub other_app: Option<App>,
    /// The secret that the app had before its last one.
    pub earlier_secret: Option<Secret>,
    /// The address that the EHR opened the app with, and the user who did.
    pub launch: Option<(Url, String)>,
    /// The address of the launch before that one.
    pub earlier_launch: Option<Url>,
    /// The last answer that the app (or the developer) got.
    pub answer: Option<Answer>,
    /// The answer before that one.
    pub earlier_answer: Option<Answer>,
    /// What the next request to the authorize endpoint is going to be, if a scenario said so.
    pub prepared: Option<Authorization>,
    /// The last request that sent the user to the platform: to sign in, or to sign out.
    pub authorization: Option<Authorization>,
    /// How the user came back from it.
    pub callback: Option<Callback>,
    /// The code that the user brought the time before.
    pub earlier_code: Option<Secret>,
    /// The tokens that were issued last.
    pub tokens: Option<Tokens>,
    /// The tokens that were issued before those.
    pub earlier_tokens: Option<Tokens>,
    /// The one of them that was not asked for by this scenario alone.
    pub(super) shared: Option<SharedToken>,
    /// The refresh token that was taken out of the bank.
    pub(super) loan: Option<Loan>,
    /// The place of a token that other scenarios wait for while this one lets the user sign in.
    pub(super) place: Option<Place>,
    /// Status of the last token request, if it got no tokens.
    pub refused: Option<u16>,
    /// Secrets that the last token request sent.
    pub sent: Vec<Secret>,
    /// Whether the last token request had an `Authorization` header.
    pub sent_authorization: bool,
    /// Whether it had a client assertion.
    pub sent_assertion: bool,
    /// Whether it had anything by which a client authenticates.
    pub sent_credentials: bool,
    /// The platform's hosts, once they were connected to.
    pub hosts: Vec<Host>,
    /// The user's browser, once it was opened.
    pub browser: Option<Session>,
    /// How the user got through the platform's pages.
    pub played: Option<Played>,
    /// The app under test, once it was begun with.
    pub examinee: Option<Examinee>,
    /// Another platform, with which the app under test has nothing to do.
    pub bystander: Option<mock::Server>,
}

impl Scene {
    /// Sets the stage: an embedded platform is started, over TLS where that is asked for; a remote
    /// one is only addressed.
    ///
    /// # Errors
    /// [`Halt`] if this machine has no port for the platform.
    pub async fn set(
        context: Arc<Context>,
        recorder: Recorder,
        scenario: (String, String),
        capability: String,
        over_tls: bool,
    ) -> Result<Self, Halt> {
        let mut transport = context.transport.clone();
        let (clock, fhir_base, mock, portal) = match &context.subject {
            Subject::Embedded(embedded) => {
                // An app under test has a clock of its own, which goes.
                let clock = match &context.examination {
                    Some(_) => Clock::system(),
                    None => Clock::frozen_at(Clock::system().now()),
                };
                let platform = embedded.platform(clock.clone())?;
                let session = platform.developer_session();
                recorder.redactor().learn("session", &session);
                let platform = if over_tls {
                    let shared = context.examination.as_ref().and_then(|it| it.authority.as_ref());
                    let tls = match shared {
                        Some((root, _)) => mock::Tls::under(root),
                        None => mock::Tls::in_memory(&[]),
                    };
                    let tls = tls.map_err(|error| Halt::error(format!("failed to {error}")))?;
                    let trusted = shared.map_or_else(|| tls.ca_pem(), |(root, _)| root.pem());
                    transport = transport
                        .trusting(trusted.as_bytes(), PATIENCE)
                        .map_err(|error| Halt::error(format!("failed to {error}")))?;
                    platform.with_tls(tls)
                } else {
                    platform
                };
                let fixed = context.examination.as_ref();
                let fixed = fixed.and_then(|examined| examined.app.platform_address.as_deref());
                let server = match fixed {
                    Some(address) => at(platform, address).await,
                    None => mock::start(platform).await,
                };
                let server = server.map_err(|error| {
                    Halt::Inconclusive(format!("failed to start the mock platform: {error}"))
                })?;
                let address =
                    |text: &str| Url::parse(text).map_err(|error| Halt::error(error.to_string()));
                let fhir_base = address(&server.platform.fhir_base())?;
                let portal_base = address(&server.platform.portal_api())?;
                let client = Client::new(&transport, &recorder, Sender::Developer);
                let portal = Portal::new(client, portal_base, session);
                (clock, fhir_base, Some(server), Some(portal))
            }
            Subject::Remote(remote) => (Clock::system(), remote.fhir_base.clone(), None, None),
        };
        recorder.know_platform(&clock, &context.dialect.client_assertion.audiences);
        Ok(Self {
            context,
            transport,
            recorder,
            clock,
            scenario,
            capability,
            fhir_base,
            mock,
            people: None,
            portal,
            discovery: None,
            app: None,
            other_app: None,
            earlier_secret: None,
            launch: None,
            earlier_launch: None,
            answer: None,
            earlier_answer: None,
            prepared: None,
            authorization: None,
            callback: None,
            earlier_code: None,
            tokens: None,
            earlier_tokens: None,
            shared: None,
            loan: None,
            place: None,
            refused: None,
            sent: Vec::new(),
            sent_authorization: false,
            sent_assertion: false,
            sent_credentials: false,
            hosts: Vec::new(),
            browser: None,
            played: None,
            examinee: None,
            bystander: None,
        })
    }

    /// Clears the stage; of a scenario that did not pass it keeps what the user last saw.
    pub async fn clear(mut self, failed: bool) {
        // Where it cannot be put back it is missed, and another one takes its place.
        let _ = self.put_back_unused();
        if let Some(browser) = self.browser.take() {
            let back = matches!(&self.played, Some(Played { end: End::Redirected(_), .. }));
            // Behind a caught redirect there is nothing to see.
            if failed && !back {
                // The verdict is there already; a picture more or less does not change it.
                let _ = browser.picture("what the user saw last").await;
            }
            browser.release().await;
        }
        let reached = self.dismiss().await;
        if let (Subject::Embedded(Embedded { witness: Some(witness), .. }), Some(server)) =
            (&self.context.subject, &self.mock)
        {
            witness.note(&self.scenario.0, &server.platform, reached);
        }
    }

    /// A claim that must hold; see [`Claim::must`].
    pub fn must(&self, statement: impl Into<String>) -> Claim<'_> {
        Claim::must(&self.recorder, statement)
    }

    /// A claim that should hold; see [`Claim::should`].
    pub fn should(&self, statement: impl Into<String>) -> Claim<'_> {
        Claim::should(&self.recorder, statement)
    }

    /// Goes on in another environment of the platform, which has its own endpoints and people; what
    /// the app got in the one before is left behind.
    ///
    /// # Errors
    /// [`Halt::Error`] if the target has no such place.
    pub fn turn_to(&mut self, environment: mock::Environment) -> Result<(), Halt> {
        let here = self.mock.as_ref().map(|server| &server.platform);
        let there = here.and_then(|platform| match environment {
            mock::Environment::Preview => Some(platform.clone()),
            mock::Environment::Production => platform.production(),
        });
        let there = there.ok_or_else(|| {
            Halt::error(format!("the target has no environment `{}`", environment.name()))
        })?;
        let base = there.fhir_base();
        self.fhir_base = Url::parse(&base).map_err(|error| Halt::error(error.to_string()))?;
        let people = there.sandbox().users.iter().map(|user| {
            let password = Secret::new(user.password.as_str());
            self.recorder.redactor().learn("password", &password);
            (user.name.clone(), Account { username: user.username.clone(), password })
        });
        self.people = Some(people.collect());
        (self.discovery, self.tokens, self.earlier_tokens) = (None, None, None);
        Ok(())
    }

    /// Registers an app of this kind, or takes the one that was registered with the target.
    ///
    /// # Errors
    /// [`Halt`] if the portal refuses it, or the target has no such app.
    pub async fn obtain(&self, need: Need) -> Result<App, Halt> {
        if let Some(portal) = &self.portal {
            let rules = &self.context.dialect.registration;
            let redactor = self.recorder.redactor();
            let app = portal.register(need, rules, &self.context.keys, redactor).await?;
            self.recorder.know_keys(app.public_keys());
            return Ok(app);
        }
        self.known(need, None)
    }

    /// The same for an app that is another one than the scenario's.
    ///
    /// # Errors
    /// [`Halt`] if the portal refuses it, or the target has no second one.
    pub async fn obtain_another(&self, need: Need) -> Result<App, Halt> {
        match &self.app {
            Some(app) if self.portal.is_none() => self.known(need, Some(&app.client_id)),
            _ => self.obtain(need).await,
        }
    }

    fn known(&self, need: Need, other_than: Option<&str>) -> Result<App, Halt> {
        let Subject::Remote(remote) = &self.context.subject else {
            return Err(Halt::error("the target has no portal"));
        };
        let known = remote.find(&need, other_than).map_err(Halt::error)?;
        let app = known.app(need);
        self.recorder.know_keys(app.public_keys());
        Ok(app)
    }

    /// The app that the scenario speaks of.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has named none.
    pub fn app(&self) -> Result<&App, Halt> {
        self.app.as_ref().ok_or_else(|| Halt::error("the scenario has no app yet"))
    }

    /// "The other app".
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has named none.
    pub fn other_app(&self) -> Result<&App, Halt> {
        self.other_app.as_ref().ok_or_else(|| Halt::error("the scenario has no other app yet"))
    }

    /// The last answer.
    ///
    /// # Errors
    /// [`Halt::Error`] if nothing was asked yet.
    pub fn answer(&self) -> Result<&Answer, Halt> {
        self.answer.as_ref().ok_or_else(|| Halt::error("the scenario has asked nothing yet"))
    }

    /// The tokens that the last token request got.
    ///
    /// # Errors
    /// [`Halt::NotMet`] if it got none, [`Halt::Error`] if nobody asked.
    pub fn tokens(&self) -> Result<&Tokens, Halt> {
        if let Some(status) = self.refused.filter(|status| *status >= 500) {
            let why = format!("the platform failed to answer a token request, status {status}");
            return Err(Halt::Inconclusive(why));
        }
        if let Some(status) = self.refused {
            self.must("the token request is granted")
                .hint("the body of the answer says what the platform did not accept")
                .holds(false, "tokens", format!("an answer without tokens, status {status}"))?;
        }
        self.held_tokens()
    }

    /// The tokens that were issued last, even if a later request was refused.
    ///
    /// # Errors
    /// [`Halt::Inconclusive`] if the platform gave none, [`Halt::Error`] if nobody asked.
    pub fn held_tokens(&self) -> Result<&Tokens, Halt> {
        if let (None, Some(status)) = (&self.tokens, self.refused) {
            let why = format!("the platform gave no tokens to go on with, status {status}");
            return Err(Halt::Inconclusive(why));
        }
        self.tokens.as_ref().ok_or_else(|| Halt::error("the scenario has asked for no tokens yet"))
    }

    /// How the user came back from the platform.
    ///
    /// # Errors
    /// [`Halt`] if the user did not: [`Halt::Inconclusive`] on a page that nobody understands.
    pub fn callback(&self) -> Result<&Callback, Halt> {
        let sent = self.authorization.as_ref().and_then(|it| it.value("redirect_uri"));
        if self.callback.is_none()
            && let Some(end) = self.played.as_ref().map(|played| &played.end)
            && let Some(why) = end.puzzle()
            && !matches!(end, End::Stuck { url, .. } if sent.is_some_and(|sent| is_on_host_of(url, sent)))
        {
            return Err(Halt::Inconclusive(why));
        }
        self.must("the user comes back to the app")
            .clause("RFC 6749 §4.1.2")
            .present(self.callback.as_ref())
    }

    /// The code that the user brought.
    ///
    /// # Errors
    /// [`Halt`] if the user brought none.
    pub fn code(&self) -> Result<&Secret, Halt> {
        if self.authorization.is_none() {
            return Err(Halt::error("the scenario has sent no user to sign in yet"));
        }
        let callback = self.callback()?;
        let error = callback.error.as_deref().unwrap_or("no error");
        self.must("the user comes back without an error")
            .clause("RFC 6749 §4.1.2")
            .equal("no error", error)?;
        self.must("the user brings a code")
            .clause("RFC 6749 §4.1.2")
            .present(callback.code.as_ref())
    }

    /// Somebody who can sign in.
    ///
    /// # Errors
    /// [`Halt::Error`] if the target has nobody of that name.
    pub fn account(&self, name: &str) -> Result<&Account, Halt> {
        let own = self.app.as_ref().and_then(|app| app.users.get(name));
        let people = self.people.as_ref().unwrap_or(&self.context.users);
        own.or_else(|| people.get(name)).ok_or_else(|| {
            let target = &self.context.target;
            Halt::error(format!("the target `{target}` has no user `{name}`"))
        })
    }

    /// How a user gets through the platform's pages; the scenario's own platform may be trusted
    /// with passwords.
    pub fn login_script(&self) -> LoginScript {
        let mut script = self.context.login_script();
        if let (Some(_), Some(host), Some(port)) =
            (&self.mock, self.fhir_base.host_str(), self.fhir_base.port())
        {
            script.hosts.push(format!("{host}:{port}"));
        }
        script
    }

    /// From now on the user's browser ends at this address of an app: it is received there where
    /// the app listens, and caught on its way where nobody does.
    ///
    /// # Errors
    /// [`Halt`] if there is no browser, or the address is none.
    pub async fn await_at(&self, redirect_uri: &str) -> Result<(), Halt> {
        let browser = self.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
        match self.context.loopback.receives(redirect_uri) {
            true => browser.await_redirect(redirect_uri)?,
            false => browser.catch_redirect(redirect_uri).await?,
        }
        Ok(())
    }

    /// The origin of the app's pages, whose scripts call the platform (Fetch Standard, CORS
    /// protocol).
    pub fn origin(&self) -> String {
        let address = self.app.as_ref().and_then(|app| Url::parse(&app.redirect_uri).ok());
        let origin = address.map(|address| address.origin()).filter(Origin::is_tuple);
        origin.map_or_else(|| "https://app.example".to_owned(), |it| it.ascii_serialization())
    }

    /// The portal of the target.
    ///
    /// # Errors
    /// [`Halt::Error`] if it has none; the scenario lacks `@needs:portal` then.
    pub fn portal(&self) -> Result<&Portal, Halt> {
        self.portal.as_ref().ok_or_else(|| {
            Halt::error("the target has no portal; the scenario lacks the tag `@needs:portal`")
        })
    }

    /// The platform's discovery document, read once.
    ///
    /// # Errors
    /// [`Halt`] if there is none: nothing can be judged without it.
    pub async fn discover(&mut self) -> Result<&Discovery, Halt> {
        if self.discovery.is_none() {
            let call = Call::get(self.discovery_address()).header("accept", "application/json");
            let answer = self.ask(call).await?;
            let document = answer.json().filter(Value::is_object);
            let document = self
                .must("the platform publishes its smart-configuration")
                .clause("SMART App Launch 2.2 §2")
                .hint("check the FHIR base of the target in `checkride.yaml`")
                .present(document.filter(|_| answer.status == 200))?;
            self.discovery = Some(Discovery { document });
        }
        self.discovery.as_ref().ok_or_else(|| Halt::error("the discovery was lost"))
    }

    /// Where the platform's discovery document is.
    pub fn discovery_address(&self) -> Url {
        let known = self.context.discovery.clone();
        known.unwrap_or_else(|| Discovery::address(&self.fhir_base))
    }
}

/// Serves the mock at an address that an app expects it at.
async fn at(platform: mock::Platform, address: &str) -> std::io::Result<mock::Server> {
    let listener = TcpListener::bind(address).await?;
    mock::serve(platform.with_base(&format!("http://{address}")), listener)
}

/// How long the mock of a scenario over TLS may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
