//! The platform that a command is about: where it is, what was registered there, who can sign in.

mod examination;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::run::Announced;
use super::{Surroundings, show_error};
use crate::browser::{Browser, Options};
use crate::clock::Clock;
use crate::dialect::Dialect;
use crate::dialect::login::LoginScript;
use crate::http::{Loopback, Proxy, Transport};
use crate::mock;
use crate::project::{
    Catalogue, CredentialPlace, Login, Mistake, Plan, Platform, Project, RegisteredApp, SecretRef,
    Selection, Target, built_in, plan,
};
use crate::protocol::SigningKey;
use crate::protocol::private_key::{self, UnreadableKey};
use crate::run::preflight;
use crate::secret::{Redactor, Secret};
use crate::snapshot::{Mode, Store};
use crate::world::{
    Account, Context, Embedded, Keeping, KeyRing, KnownApp, Missing, Remote, SharedTokens, Subject,
};

pub(super) use examination::{examination, hand_over_authority, public_keys, unread};

/// Who can sign in, by the word that scenarios use.
pub(super) type Accounts = BTreeMap<String, Account>;

/// The platform under test and who can sign in there, all secrets read.
///
/// # Errors
/// A [`Mistake`] for the first secret or key that cannot be had.
pub(super) fn subject(
    surroundings: &Surroundings,
    project: &Project,
    target: &Target,
) -> Result<(Subject, Accounts), Mistake> {
    let environment = |variable: &str| surroundings.variable(variable);
    let secrets = Secrets { project, environment: &environment };
    let Platform::At(fhir_base) = &target.platform else { return embedded(target) };
    let mut missing = Missing::default();
    let mut apps = Vec::new();
    for (name, app) in &target.apps {
        match app.client_id.read(&environment) {
            Ok(client_id) => apps.push(secrets.app(name, app, client_id)?),
            Err(variable) => {
                let category = app.category.word().to_owned();
                missing.apps.push((category, app.method.into(), variable));
            }
        }
    }
    let mut accounts = Accounts::new();
    for (user, login) in &target.users {
        match login.username.read(&environment) {
            Ok(username) => {
                accounts.insert(user.clone(), secrets.account(user, login, username)?);
            }
            Err(variable) => {
                missing.users.insert(user.clone(), variable);
            }
        }
    }
    let fhir_base = fhir_base.clone();
    let (allows, offers) = (target.allows.clone(), target.offers.clone());
    let remote = Remote { fhir_base, apps, missing, allows, offers };
    Ok((Subject::Remote(remote), accounts))
}

/// The scenarios that would be run on a target, and those that would be left out, if everything were
/// there that the project file refers to; nothing of it is read, and nothing is sent. What was announced
/// of the platform is played as a run would. `of_app` are the words of the tags `@needs:…` that an app
/// fulfils, if one is judged.
///
/// # Errors
/// A [`Mistake`] in the project or its scenarios.
pub(super) fn foreseen(
    surroundings: &Surroundings,
    project: &Project,
    (name, target, announced): (&str, &Target, Option<&Announced>),
    of_app: &[&'static str],
    selection: &Selection,
) -> Result<Plan, Mistake> {
    let dialect = built_in::dialect(&target.dialect)?;
    let catalogue = Catalogue::of(&target.dialect, selection.subject)?;
    let mut subject = subject_unread(target)?;
    let dialect = match announced {
        Some(announced) => announced.play(&mut subject.0, dialect)?,
        None => dialect,
    };
    let mut offers = subject.0.offers(&dialect);
    offers.extend(of_app);
    let mut plan = plan(project, &catalogue, selection, &offers)?;
    let options = Options::within(surroundings.temporary.clone());
    let context = assembled(project, (name, target), (subject, dialect), Mode::Review, options)?;
    preflight(&mut plan, &context)?;
    Ok(plan)
}

/// The same as if everything that the project file refers to were there; nothing of it is read.
///
/// # Errors
/// A [`Mistake`] if the dialect cannot be read.
fn subject_unread(target: &Target) -> Result<(Subject, Accounts), Mistake> {
    let Platform::At(fhir_base) = &target.platform else { return embedded(target) };
    let account = |(user, _): (&String, &Login)| {
        (user.clone(), Account { username: user.clone(), password: Secret::new(user.as_str()) })
    };
    let app = |(name, app): (&String, &RegisteredApp)| KnownApp {
        category: app.category.word().to_owned(),
        method: app.method.into(),
        // Each app has an id of its own, whoever keeps it.
        client_id: name.clone(),
        secret: None,
        credentials_in_body: None,
        key: None,
        jwks_url: app.jwks_url.clone(),
        scopes: app.scopes.clone(),
        redirect_uri: app.redirect_uris.first().cloned().unwrap_or_default(),
        post_logout_redirect_uri: app.post_logout_redirect_uris.first().cloned(),
        users: app.users.iter().map(account).collect(),
    };
    let remote = Remote {
        fhir_base: fhir_base.clone(),
        apps: target.apps.iter().map(app).collect(),
        missing: Missing::default(),
        allows: target.allows.clone(),
        offers: target.offers.clone(),
    };
    Ok((Subject::Remote(remote), target.users.iter().map(account).collect()))
}

/// The mock, with its own people.
fn embedded(target: &Target) -> Result<(Subject, Accounts), Mistake> {
    let sandbox = built_in::sandbox(&target.dialect)?;
    let accounts = sandbox.users.iter().map(|user| {
        let password = Secret::new(user.password.clone());
        (user.name.clone(), Account { username: user.username.clone(), password })
    });
    let accounts = accounts.collect();
    let dialect = Arc::new(built_in::dialect(&target.dialect)?);
    let sandbox = Arc::new(sandbox);
    let embedded = Embedded { sandbox, dialect, faults: Vec::new(), defect: None, witness: None };
    Ok((Subject::Embedded(embedded), accounts))
}

/// Where the secrets of a project come from.
pub(super) struct Secrets<'a> {
    /// The project that names them.
    pub(super) project: &'a Project,
    /// The environment.
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

impl Secrets<'_> {
    fn app(&self, name: &str, app: &RegisteredApp, client_id: String) -> Result<KnownApp, Mistake> {
        let secret = app
            .client_secret
            .as_ref()
            .map(|reference| self.read(&format!("the client secret of `{name}`"), reference));
        let key = app.private_key.as_ref().filter(|_| app.method.signs());
        let users = app.users.iter().filter_map(|(user, login)| {
            let username = login.username.read(self.environment).ok()?;
            Some(self.account(user, login, username).map(|account| (user.clone(), account)))
        });
        Ok(KnownApp {
            category: app.category.word().to_owned(),
            method: app.method.into(),
            client_id,
            secret: secret.transpose()?,
            credentials_in_body: app.credentials_in.map(|place| place == CredentialPlace::Body),
            key: key.map(|reference| self.key(name, app, reference)).transpose()?,
            jwks_url: app.jwks_url.clone(),
            scopes: app.scopes.clone(),
            redirect_uri: app.redirect_uris.first().cloned().unwrap_or_default(),
            post_logout_redirect_uri: app.post_logout_redirect_uris.first().cloned(),
            users: users.collect::<Result<_, Mistake>>()?,
        })
    }

    fn account(&self, user: &str, login: &Login, username: String) -> Result<Account, Mistake> {
        let password = self.read(&format!("the password of `{user}`"), &login.password)?;
        Ok(Account { username, password })
    }

    /// The private key of an app, as it has to sign.
    ///
    /// # Errors
    /// A [`Mistake`] if it cannot be had, or cannot sign so.
    pub(super) fn key(
        &self,
        name: &str,
        app: &RegisteredApp,
        reference: &SecretRef,
    ) -> Result<SigningKey, Mistake> {
        let whose = format!("the private key of `{name}`");
        let text = self.read(&whose, reference)?;
        private_key::read(&text, app.kid.as_deref(), app.alg).map_err(|error| {
            let hint = match error {
                UnreadableKey::NoId | UnreadableKey::WhichOne => {
                    "write the id it is published under: `kid: my-key`"
                }
                UnreadableKey::Misfit(_) => "leave `alg` out, or name one that fits the key",
                UnreadableKey::Locked => "`openssl pkey -in locked.pem -out key.pem` unlocks it",
                _ => "`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` makes one",
            };
            self.project.mistake_at(name, format!("{whose} {error}")).with_hint(hint)
        })
    }

    /// A secret, which holds what `whose` says.
    ///
    /// # Errors
    /// A [`Mistake`] if it cannot be had.
    pub(super) fn read(&self, whose: &str, reference: &SecretRef) -> Result<Secret, Mistake> {
        self.project.secret(whose, reference, self.environment)
    }
}

/// What all scenarios of a run share; from now on a panic tells none of its secrets.
///
/// # Errors
/// A [`Mistake`] if the certificate of the target's authority cannot be read.
pub(super) fn context(
    project: &Project,
    target: (&str, &Target),
    subject: ((Subject, Accounts), Dialect),
    mode: Mode,
    options: Options,
) -> Result<Context, Mistake> {
    let context = assembled(project, target, subject, mode, options)?;
    show_error::hear_panics(&context.redactor);
    Ok(context)
}

fn assembled(
    project: &Project,
    (name, target): (&str, &Target),
    ((subject, users), dialect): ((Subject, Accounts), Dialect),
    mode: Mode,
    options: Options,
) -> Result<Context, Mistake> {
    let redactor = Redactor::new();
    let mut people: Vec<&Account> = users.values().collect();
    if let Subject::Remote(remote) = &subject {
        for app in &remote.apps {
            people.extend(app.users.values());
            if let Some(secret) = &app.secret {
                redactor.learn("client_secret", secret);
            }
        }
    }
    for account in people {
        redactor.learn("password", &account.password);
    }
    let store = Store::new(project.root.join(&project.config.snapshots), mode);
    let store = match &subject {
        Subject::Embedded(_) => store,
        Subject::Remote(_) => store.of_shapes(mock_of(project, &target.dialect)),
    };
    Ok(Context {
        target: name.to_owned(),
        examples: examples(&subject, target),
        transport: transport(project, target, PATIENCE)?,
        authority: authority(project, target)?,
        subject,
        discovery: target.discovery.clone(),
        endpoints: target.endpoints.clone(),
        login: LoginScript {
            hosts: target.login.hosts.clone(),
            pages: target.login.pages.clone(),
            error: target.login.error.clone(),
        },
        dialect: Arc::new(dialect),
        users,
        browser: Browser::new(options),
        snapshots: store.relative_to(&project.root),
        redactor,
        keys: KeyRing::default(),
        shared_tokens: SharedTokens::default(),
        loopback: Loopback::default(),
        bank: bank(project),
        examination: None,
    })
}

/// Where the project's refresh tokens lie, of which nothing is read.
fn bank(project: &Project) -> Keeping {
    match project.config.bank {
        Some(_) => Keeping::Unread,
        None => Keeping::Nowhere(NO_BANK.to_owned()),
    }
}

/// The target that is the mock in this dialect.
fn mock_of(project: &Project, dialect: &str) -> Option<String> {
    let mut targets = project.config.targets.iter();
    let is_mock = |of: &Target| matches!(of.platform, Platform::Embedded) && of.dialect == dialect;
    targets.find(|(_, of)| is_mock(of)).map(|(name, _)| name.clone())
}

/// Connections to a target, each request of which is answered in this time or given up.
///
/// # Errors
/// A [`Mistake`] if the certificate of the target's authority cannot be read.
pub(super) fn transport(
    project: &Project,
    target: &Target,
    patience: Duration,
) -> Result<Transport, Mistake> {
    let proxy = match &target.platform {
        Platform::Embedded => Proxy::Never,
        Platform::At(_) => Proxy::AsConfigured,
    };
    Transport::new(patience, proxy, authority(project, target)?.as_deref())
        .map_err(|error| Mistake::new(format!("cannot {error}")))
}

/// The authority (PEM) that the hosts of a target are certified by, if it names one.
///
/// # Errors
/// A [`Mistake`] if it cannot be read.
pub(super) fn authority(project: &Project, target: &Target) -> Result<Option<Vec<u8>>, Mistake> {
    let authority = target.certificate_authority.as_ref().map(|path| {
        let shown = path.display().to_string();
        std::fs::read(project.root.join(path)).map_err(|error| {
            project
                .mistake_at(&shown, format!("cannot read the certificate `{shown}`: {error}"))
                .with_hint("the path is relative to the folder of the project file")
        })
    });
    authority.transpose()
}

/// The mock as a target has it, on a port of its own.
///
/// # Errors
/// A [`Mistake`] if it cannot be started.
pub(super) async fn fresh_mock(target: &Target) -> Result<mock::Server, Mistake> {
    let dialect = Arc::new(built_in::dialect(&target.dialect)?);
    let sandbox = Arc::new(built_in::sandbox(&target.dialect)?);
    let platform = mock::Platform::new(dialect, sandbox, Clock::system())
        .map_err(|error| Mistake::new(format!("cannot {error}")))?;
    mock::start(platform)
        .await
        .map_err(|error| Mistake::new(format!("cannot start the mock platform: {error}")))
}

/// Ids that scenarios call by a word: those of the mock's sandbox, or those that the project names.
fn examples(subject: &Subject, target: &Target) -> BTreeMap<String, String> {
    let mut known = match subject {
        Subject::Embedded(embedded) => embedded.sandbox.examples.clone(),
        Subject::Remote(_) => BTreeMap::new(),
    };
    known.extend(target.examples.clone());
    known
}

/// Why no refresh token lies for days where nobody said where.
pub(super) const NO_BANK: &str =
    "the project file names no `bank` in which refresh tokens lie for days";
/// How long the platform may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
